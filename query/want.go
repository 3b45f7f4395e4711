package query

import "slices"

// maxWant is how many users and paths a want lists: beyond that, to look them all up costs more than it saves.
const maxWant = 64

// And is what a finding must have where it must have a and b.
func (a Want) And(b Want) Want {
	w := Want{
		Kinds: meet(a.Kinds, b.Kinds), Actions: meet(a.Actions, b.Actions), Classes: meet(a.Classes, b.Classes),
		Users: a.Users, Paths: a.Paths, From: max(a.From, b.From), To: min(a.To, b.To),
	}
	if a.From == 0 || b.From == 0 {
		w.From = a.From + b.From
	}
	if a.To == 0 || b.To == 0 {
		w.To = a.To + b.To
	}
	// One of two lists is enough: the one that leaves less.
	if a.Users == nil || b.Users != nil && len(b.Users) < len(a.Users) {
		w.Users = b.Users
	}
	if a.Paths == nil || b.Paths != nil && (len(b.Paths) < len(a.Paths) || len(b.Paths) == 1 && len(b.Paths[0].Key) > len(a.Paths[0].Key)) {
		w.Paths = b.Paths
	}
	return w
}

// Or is what a finding must have where it must have a or b.
func (a Want) Or(b Want) Want {
	if nothing(a) {
		return b
	}
	if nothing(b) {
		return a
	}
	w := Want{Kinds: join(a.Kinds, b.Kinds), Actions: join(a.Actions, b.Actions), Classes: join(a.Classes, b.Classes)}
	if a.From != 0 && b.From != 0 {
		w.From = min(a.From, b.From)
	}
	if a.To != 0 && b.To != 0 {
		w.To = max(a.To, b.To)
	}
	if a.Users != nil && b.Users != nil && len(a.Users)+len(b.Users) <= maxWant {
		w.Users = slices.Concat(a.Users, b.Users)
	}
	if a.Paths != nil && b.Paths != nil && len(a.Paths)+len(b.Paths) <= maxWant {
		w.Paths = slices.Concat(a.Paths, b.Paths)
	}
	return w
}

// nothing reports whether nothing is wanted.
func nothing(w Want) bool { return w.Kinds != nil && len(w.Kinds) == 0 }

func meet[T ~string](a, b Set[T]) Set[T] {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	s := SetOf[T]()
	for w := range a {
		if b[w] {
			s[w] = true
		}
	}
	return s
}

func join[T ~string](a, b Set[T]) Set[T] {
	if a == nil || b == nil {
		return nil
	}
	s := SetOf[T]()
	for w := range a {
		s[w] = true
	}
	for w := range b {
		s[w] = true
	}
	return s
}
