package query

import "slices"

// maxWant is how many users and paths a want lists: beyond that, to look them all up costs more than it saves.
const maxWant = 64

// And is what a finding has that is wanted by both.
func (w Want) And(o Want) Want {
	x := Want{
		Kinds: meet(w.Kinds, o.Kinds), Actions: meet(w.Actions, o.Actions), Classes: meet(w.Classes, o.Classes),
		Users: w.Users, Paths: w.Paths, ID: w.ID, From: max(w.From, o.From), To: min(w.To, o.To),
	}
	if len(o.ID) > len(w.ID) {
		x.ID = o.ID // where the two agree, this one says more
	}
	if w.From == 0 || o.From == 0 {
		x.From = w.From + o.From
	}
	if w.To == 0 || o.To == 0 {
		x.To = w.To + o.To
	}
	// One of two lists is enough: the one that leaves less.
	if w.Users == nil || o.Users != nil && len(o.Users) < len(w.Users) {
		x.Users = o.Users
	}
	if w.Paths == nil || o.Paths != nil && (len(o.Paths) < len(w.Paths) || len(o.Paths) == 1 && len(o.Paths[0].Key) > len(w.Paths[0].Key)) {
		x.Paths = o.Paths
	}
	return x
}

// Or is what a finding has that is wanted by one of them.
func (w Want) Or(o Want) Want {
	if nothing(w) {
		return o
	}
	if nothing(o) {
		return w
	}
	x := Want{Kinds: join(w.Kinds, o.Kinds), Actions: join(w.Actions, o.Actions), Classes: join(w.Classes, o.Classes)}
	if w.ID == o.ID {
		x.ID = w.ID
	}
	if w.From != 0 && o.From != 0 {
		x.From = min(w.From, o.From)
	}
	if w.To != 0 && o.To != 0 {
		x.To = max(w.To, o.To)
	}
	if w.Users != nil && o.Users != nil && len(w.Users)+len(o.Users) <= maxWant {
		x.Users = slices.Concat(w.Users, o.Users)
	}
	if w.Paths != nil && o.Paths != nil && len(w.Paths)+len(o.Paths) <= maxWant {
		x.Paths = slices.Concat(w.Paths, o.Paths)
	}
	return x
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
