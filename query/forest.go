package query

import (
	"cmp"
	"iter"
	"slices"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Forest is who created whom, from findings about processes. Whatever the findings say, it has no cycle.
type Forest struct {
	executions []*execution
	byKey      map[key]*execution
	meant      map[key]bool // nil: all
}

// key names an execution over hosts and boots.
type key struct {
	host, boot string
	pid        int32
	pidversion uint32
}

// keyOf is the key of the execution that a finding tells of.
func keyOf(f *finding.Finding) key {
	p := &f.Execution.Process
	return key{f.Host, f.Boot, p.PID, p.PIDVersion}
}

type execution struct {
	key
	*finding.Execution
	place int // order of first sight
	prev  *execution
	next  *execution
}

// NewForest is a forest without trees.
func NewForest() *Forest { return &Forest{byKey: map[key]*execution{}} }

// Add takes a finding; those that are not about a process are passed over. One that tells of a known execution again
// replaces what was known.
func (t *Forest) Add(f *finding.Finding) {
	if f.Kind != finding.KindProcess || f.Execution == nil {
		return
	}
	k := keyOf(f)
	if e, ok := t.byKey[k]; ok {
		e.Execution = f.Clone().Execution
		return
	}
	c := f.Clone()
	k.host, k.boot = c.Host, c.Boot
	e := &execution{key: k, Execution: c.Execution, place: len(t.executions)}
	t.byKey[k] = e
	t.executions = append(t.executions, e)
}

// Mean makes the forest show only what is meant, and what is above that. It says so of each finding that was added.
func (t *Forest) Mean(f *finding.Finding, meant bool) {
	if t.meant == nil {
		t.meant = map[key]bool{}
	}
	if meant && f.Execution != nil {
		t.meant[keyOf(f)] = true
	}
}

// life is the executions that exec joined.
type life struct {
	images   []*execution
	order    int // among all, by creation
	parent   *life
	children []*life
}

// At tells the lives that were there at a moment, in the order of a tree's lines, with their depth: 0 is all that ever were.
// Each life is given up to the image that it had then. With a pid other than 0, only the lives of that pid are told, each
// with those above it, in a line, and those below it.
func (t *Forest) At(at es.Time, pid int32) iter.Seq2[int, []*finding.Execution] {
	roots := t.prune(t.grow(at))
	return func(yield func(int, []*finding.Execution) bool) {
		if pid == 0 {
			for _, r := range roots {
				if !tell(r, 0, yield) {
					return
				}
			}
			return
		}
		depth := 0
		var found []*life
		for _, r := range roots {
			found = appendLives(found, r, pid)
		}
		for _, l := range found {
			var above []*life
			for a := l.parent; a != nil; a = a.parent {
				above = append(above, a)
			}
			depth = 0
			for _, a := range slices.Backward(above) {
				if !yield(depth, a.told()) {
					return
				}
				depth++
			}
			if !tell(l, depth, yield) {
				return
			}
		}
	}
}

// Shown reports which findings are about processes that [Forest.At] tells.
func (t *Forest) Shown(at es.Time, pid int32) (has func(*finding.Finding) bool) {
	shown := map[*finding.Execution]bool{}
	for _, life := range t.At(at, pid) {
		for _, e := range life {
			shown[e] = true
		}
	}
	return func(f *finding.Finding) bool {
		if f.Execution == nil {
			return false
		}
		e := t.byKey[keyOf(f)]
		return e != nil && shown[e.Execution]
	}
}

// prune takes the lives away that nobody means, and that are not above one which is.
func (t *Forest) prune(roots []*life) []*life {
	if t.meant == nil {
		return roots
	}
	all := slices.Clone(roots)
	for i := 0; i < len(all); i++ {
		all = append(all, all[i].children...) // parents stand before their children
	}
	shown := map[*life]bool{}
	for _, l := range slices.Backward(all) {
		l.children = slices.DeleteFunc(l.children, func(c *life) bool { return !shown[c] })
		shown[l] = len(l.children) > 0 || slices.ContainsFunc(l.images, func(e *execution) bool { return t.meant[e.key] })
	}
	return slices.DeleteFunc(roots, func(l *life) bool { return !shown[l] })
}

// grow builds the trees of a moment.
func (t *Forest) grow(at es.Time) []*life {
	for _, e := range t.executions {
		e.prev, e.next = nil, nil
	}
	for _, e := range t.executions {
		if n := e.Next; n != (finding.ProcessRef{}) {
			if s := t.byKey[key{e.host, e.boot, n.PID, n.PIDVersion}]; s != nil && s != e && s.prev == nil {
				e.next, s.prev = s, e
			}
		}
	}
	lifeOf := map[*execution]*life{}
	var lives []*life
	// First the lives that have a first image; what is left leads back to itself, and is cut where it was seen first.
	for _, circles := range []bool{false, true} {
		for _, e := range t.executions {
			if lifeOf[e] != nil || e.prev != nil && !circles {
				continue
			}
			l := &life{}
			for x := e; x != nil && lifeOf[x] == nil; x = x.next {
				lifeOf[x] = l
				if at == 0 || x.begunBy(at) {
					l.images = append(l.images, x)
				}
			}
			if n := len(l.images); n > 0 && (at == 0 || l.images[n-1].aliveAt(at)) {
				lives = append(lives, l)
			} else {
				l.images = nil
			}
		}
	}
	slices.SortStableFunc(lives, func(a, b *life) int { return a.images[0].compare(b.images[0]) })
	for i, l := range lives {
		l.order = i
	}
	for _, l := range lives {
		first := l.images[0]
		for _, ref := range first.parents() {
			p := t.byKey[key{first.host, first.boot, ref.PID, ref.PIDVersion}]
			if p == nil {
				continue
			}
			// A parent is older than its child: what says otherwise would lead in a circle.
			if a := lifeOf[p]; len(a.images) > 0 && a.order < l.order {
				l.parent = a
				a.children = append(a.children, l)
			}
			break
		}
	}
	var roots []*life
	for _, l := range lives {
		if l.parent == nil {
			roots = append(roots, l)
		}
	}
	return roots
}

func (e *execution) begunBy(at es.Time) bool {
	begun := e.Started
	if begun == 0 {
		begun = e.Process.StartTime
	}
	return begun <= at
}

func (e *execution) aliveAt(at es.Time) bool { return e.Ended == 0 || e.Ended > at }

// parents are the executions that the finding names as the creator.
func (e *execution) parents() []finding.ProcessRef {
	var l []finding.ProcessRef
	if p := e.Parent; p != nil {
		l = append(l, finding.ProcessRef{PID: p.PID, PIDVersion: p.PIDVersion})
	}
	return append(l, e.Process.Parent)
}

func (e *execution) compare(o *execution) int {
	return cmp.Or(cmp.Compare(e.host, o.host), cmp.Compare(e.boot, o.boot), cmp.Compare(e.pidversion, o.pidversion), cmp.Compare(e.place, o.place))
}

func (l *life) told() []*finding.Execution {
	var told []*finding.Execution
	for _, e := range l.images {
		told = append(told, e.Execution)
	}
	return told
}

// step is a life that is still to be told.
type step struct {
	life  *life
	depth int
}

// tell walks without recursion: trees may be as deep as there are executions.
func tell(root *life, depth int, yield func(int, []*finding.Execution) bool) bool {
	todo := []step{{root, depth}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !yield(s.depth, s.life.told()) {
			return false
		}
		for _, c := range slices.Backward(s.life.children) {
			todo = append(todo, step{c, s.depth + 1})
		}
	}
	return true
}

// appendLives appends the lives of a pid in a tree, but none that another one of them is above.
func appendLives(l []*life, root *life, pid int32) []*life {
	todo := []*life{root}
	for len(todo) > 0 {
		x := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if x.images[0].pid == pid {
			l = append(l, x)
			continue
		}
		for _, c := range slices.Backward(x.children) {
			todo = append(todo, c)
		}
	}
	return l
}

// Below finds the executions of the lives that have one which is as asked, and of all lives below those. did reports whether
// the actor of a finding is one of them.
func (t *Forest) Below(is func(*finding.Execution) bool) (did func(*finding.Finding) bool, executions int) {
	in := map[key]bool{}
	inside := map[*life]bool{}
	todo := t.grow(0)
	for len(todo) > 0 {
		l := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], l.children...)
		inside[l] = l.parent != nil && inside[l.parent] ||
			slices.ContainsFunc(l.images, func(e *execution) bool { return is(e.Execution) })
		if !inside[l] {
			continue
		}
		for _, e := range l.images {
			in[e.key] = true
		}
	}
	return func(f *finding.Finding) bool {
		return f.Actor != nil && in[key{f.Host, f.Boot, f.Actor.PID, f.Actor.PIDVersion}]
	}, len(in)
}
