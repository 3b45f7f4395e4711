package finding

// Shelf hands out values as parts of larger allocations: who makes many findings saves most of the allocator's work. What
// was handed out is never handed out again; the zero value is ready.
type Shelf[T any] struct{ rest []T }

// shelfSize is how many values are allocated at a time.
const shelfSize = 64

// New is a place of its own for v.
func (s *Shelf[T]) New(v T) *T {
	l := append(s.List(1), v)
	return &l[0]
}

// List is an empty list with room for n values; a longer one moves elsewhere.
func (s *Shelf[T]) List(n int) []T {
	if n > len(s.rest) {
		s.rest = make([]T, max(shelfSize, n))
	}
	l := s.rest[:0:n]
	s.rest = s.rest[n:]
	return l
}
