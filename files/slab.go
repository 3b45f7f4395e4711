package files

import "reflect"

const (
	slabBits = 9
	slabMask = 1<<slabBits - 1
)

// slab is a growing array whose elements never move, so that a pointer to one stays good while others are added, and
// growth copies nothing. Element 0 is never given out.
type slab[T any] struct {
	chunks []*[1 << slabBits]T
	n      int32 // elements ever in use, with element 0
	free   []int32
}

func (s *slab[T]) at(i int32) *T { return &s.chunks[i>>slabBits][i&slabMask] }

// add gives out an element, all zero.
func (s *slab[T]) add() int32 {
	if l := len(s.free); l > 0 {
		i := s.free[l-1]
		s.free = s.free[:l-1]
		return i
	}
	if s.n == 0 {
		s.n = 1
	}
	if int(s.n>>slabBits) >= len(s.chunks) {
		s.chunks = append(s.chunks, new([1 << slabBits]T))
	}
	s.n++
	return s.n - 1
}

// drop takes an element back.
func (s *slab[T]) drop(i int32) {
	var zero T
	*s.at(i) = zero
	s.free = append(s.free, i)
}

// used is how many elements are given out.
func (s *slab[T]) used() int { return max(int(s.n)-1, 0) - len(s.free) }

// memory is how many bytes the elements take, used or not.
func (s *slab[T]) memory() int { return len(s.chunks) << slabBits * int(reflect.TypeFor[T]().Size()) }

// saved is a slab as state is written.
type saved[T any] struct {
	Items []T
	Free  []int32
}

func (s *slab[T]) save() saved[T] {
	v := saved[T]{Items: make([]T, 0, s.n), Free: s.free}
	for i := int32(0); i < s.n; i++ {
		v.Items = append(v.Items, *s.at(i))
	}
	return v
}

func (s *slab[T]) restore(v saved[T]) {
	*s = slab[T]{free: append([]int32(nil), v.Free...)}
	for i := range v.Items {
		if i&slabMask == 0 {
			s.chunks = append(s.chunks, new([1 << slabBits]T))
		}
		s.n++
		*s.at(int32(i)) = v.Items[i]
	}
}
