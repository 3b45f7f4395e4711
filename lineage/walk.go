package lineage

import (
	"iter"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Edge is how one execution came from another.
type Edge uint8

// The edges.
const (
	EdgeNone      Edge = iota
	EdgeExec           // the image before, in the same process
	EdgeFork           // the process that forked it
	EdgeForgotten      // there was one, and it was evicted
)

// String names the edge; "" for none.
func (e Edge) String() string {
	return [...]string{"", "exec", "fork", "forgotten"}[min(e, EdgeForgotten)]
}

// Step is one step up a lineage.
type Step struct {
	Ref    Ref
	Edge   Edge
	Origin Origin
}

// MaxSteps bounds a walk.
const MaxSteps = 256

// Above is what the execution came from: the image before, else its forker, also one that became known only later. The
// zero Step is the end; with [EdgeForgotten] (Ref 0) the end is of our making. Who follows it himself must bound his walk,
// for messages may contradict each other; [Tracker.Ancestors] does.
func (t *Tracker) Above(ref Ref) Step {
	e := t.At(ref)
	if e == nil {
		return Step{}
	}
	if e.Prev != 0 && t.At(e.Prev) != nil {
		return Step{e.Prev, EdgeExec, e.PrevOrigin}
	}
	up := t.parentOf(e)
	if up.Edge == EdgeNone && e.Prev != 0 {
		return Step{Edge: EdgeForgotten}
	}
	return up
}

// ParentOf is the forker of the execution's life, past all its images.
func (t *Tracker) ParentOf(ref Ref) Step {
	e := t.At(ref)
	if e == nil {
		return Step{}
	}
	return t.parentOf(e)
}

func (t *Tracker) parentOf(e *Execution) Step {
	if e.Parent != 0 {
		switch p := t.At(e.Parent); {
		case p == nil:
			return Step{Edge: EdgeForgotten}
		case p.Life == e.Life: // messages contradict each other
			return Step{}
		}
		return Step{e.Parent, EdgeFork, e.ParentFrom}
	}
	if r := t.forkerOf(t.slotOf(e.Ref)); r != 0 {
		return Step{r, EdgeFork, OriginInferred}
	}
	if e.ParentKey.PID == e.OriginalPPID && !e.ParentKey.IsZero() && t.Forgotten(e.ParentKey) {
		return Step{Edge: EdgeForgotten}
	}
	return Step{}
}

// Ancestors walks from the execution upwards, itself not included: no execution comes twice, no life is entered twice, and
// it ends after [MaxSteps]. A last step with [EdgeForgotten] (Ref 0) says that there was more.
func (t *Tracker) Ancestors(ref Ref) iter.Seq[Step] {
	return func(yield func(Step) bool) {
		var lives [16]LifeID
		left := lives[:0] // images of one life cannot lead back: see link
		for range MaxSteps {
			up := t.Above(ref)
			if up.Edge == EdgeNone {
				return
			}
			if up.Ref != 0 {
				from, to := t.At(ref).Life, t.At(up.Ref).Life
				if from != to {
					left = append(left, from)
					if contains(left, to) {
						return
					}
				}
			}
			if !yield(up) || up.Ref == 0 {
				return
			}
			ref = up.Ref
		}
	}
}

func contains[T comparable](l []T, v T) bool {
	for i := range l {
		if l[i] == v {
			return true
		}
	}
	return false
}

// StatusAt says whether the execution's process was alive at the given moment. Exited: an exit was told, or concluded, no
// later. Live: a message told of it then or later, or exits are told, none came, and no message was missing since it was
// last heard of. Otherwise unknown.
func (t *Tracker) StatusAt(ref Ref, at es.Moment) finding.Status {
	e := t.At(ref)
	if e == nil {
		return finding.StatusUnknown
	}
	last := e.Last
	for n := 0; n < MaxSteps && !(e.Exited && !before(at, e.End)); n++ {
		next := t.At(e.Next)
		if next == nil {
			break
		}
		e = next
		if before(last, e.Last) {
			last = e.Last
		}
	}
	switch {
	case e.Exited && !before(at, e.End):
		return finding.StatusExited
	case !before(last, at), e.ExitSeen && before(at, e.End):
		return finding.StatusLive
	case e.Exited: // concluded, at some time between last and End
		return finding.StatusUnknown
	case e.Key.Boot == t.boot && t.kinds.Has(es.KindExit) && !t.GapBetween(last, at) && t.At(e.Next) == nil && e.Next == 0:
		return finding.StatusLive
	}
	return finding.StatusUnknown
}
