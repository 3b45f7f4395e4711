package finding

// Shelf hands out values as parts of larger allocations: who makes many findings saves most of the allocator's work. The zero
// value is ready.
type Shelf[T any] struct {
	all  []T
	used int
}

// shelfSize is how many values are allocated at a time.
const shelfSize = 64

// New is a place of its own for v.
func (s *Shelf[T]) New(v T) *T {
	l := append(s.List(1), v)
	return &l[0]
}

// List is an empty list with room for n values; a longer one moves elsewhere.
func (s *Shelf[T]) List(n int) []T {
	if n > len(s.all)-s.used {
		s.all, s.used = make([]T, max(shelfSize, n)), 0
	}
	l := s.all[s.used : s.used : s.used+n]
	s.used += n
	return l
}

// Clear takes back all that was handed out: nobody may use it any more.
func (s *Shelf[T]) Clear() { s.used = 0 }
