package files

import (
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// pending is a clone or copyfile that was asked for. Both are told before the kernel tries; a clone that succeeds is followed
// by a create of its target on the same thread [S].
type pending struct {
	Thread uint64
	At     mark
	Time   es.Time
	By     lineage.Ref
	Source Ref
	Folder int32
	Base   string
	Made   Making // 0: none, or confirmed
	Over   Ref    // the file that is written over; 0: a new one is made
	Was    Stat   // that file's status before
}

// What may confirm one: a create as long as the clone of a large folder takes; a mere sighting only soon after, before
// something else may have come under that name.
const (
	confirmWithin = time.Minute
	sightedWithin = 5 * time.Second
)

func (t *Table) await(made Making, source, over Ref, to destination, o *observed) {
	p := &t.pending[t.pendingNext]
	t.pendingNext = (t.pendingNext + 1) % MaxPending
	t.expire(p)
	*p = pending{
		Thread: o.m.ThreadID, At: o.at, Time: o.m.Time, By: o.by, Source: source, Over: over,
		Folder: to.folder, Base: strings.Clone(to.base), Made: made,
	}
	if e := t.entry(over); e != nil {
		p.Was, e.Awaited = e.Last, true
	}
	t.folders.at(to.folder).Refs++
	t.bytes += len(to.base)
	t.pendingLive++
}

// expire gives up on one.
func (t *Table) expire(p *pending) {
	if p.Made != MadeUnknown {
		t.stats.Unconfirmed++
		t.settle(p)
	}
}

func (t *Table) settle(p *pending) {
	p.Made = MadeUnknown
	t.pendingLive--
	t.bytes -= len(p.Base)
	t.unref(p.Folder)
}

func (t *Table) dropPending() {
	for i := range t.pending {
		t.expire(&t.pending[i])
	}
}

// confirm looks for what made a file that was just seen for the first time, or created, or may have been written over.
func (t *Table) confirm(s *sighting, how manner, o *observed) {
	if s.e.Names == 0 {
		return
	}
	n := t.names.at(s.e.Names)
	over := Ref(0)
	if s.known && how != asBorn {
		over = t.ref(s.i)
	}
	s.e.Awaited = false
	for k, live := 1, t.pendingLive; k <= MaxPending && live > 0; k++ {
		i := (t.pendingNext - k + MaxPending) % MaxPending
		p := &t.pending[i]
		if p.Made == MadeUnknown {
			continue
		}
		live--
		age := time.Duration(o.at.Clock - p.At.Clock)
		if age > confirmWithin {
			t.expire(p)
			continue
		}
		if p.Over != over {
			continue
		}
		if over != 0 {
			if s.e.Last != p.Was {
				s.awaited = int32(i) + 1
			} else {
				s.e.Awaited = true
			}
			return
		}
		if p.Folder != n.Folder || p.Base != n.Base && (t.exact(s.e.Vol) || !t.folding.same(p.Base, n.Base)) {
			continue
		}
		if how == asBorn && p.By == o.by && (p.Thread == o.m.ThreadID || p.Thread == 0 || o.m.ThreadID == 0) {
			s.awaited = int32(i) + 1
			return
		}
		if how != asBorn && age <= sightedWithin && s.e.Last.Type() == t.typeOf(p.Source) && p.couldHaveMade(s.e) {
			s.awaited = int32(i) + 1
			return
		}
	}
}

// couldHaveMade reports whether a file that was merely seen can be what a clone made: it was not there before the recording.
// A copyfile says by itself that nothing was there before.
func (p *pending) couldHaveMade(e *entry) bool {
	return p.Made != MadeByClone || e.Exist != ExistedBefore
}

// typeOf is a file's type; 0 unknown.
func (t *Table) typeOf(ref Ref) uint16 {
	if e := t.entry(ref); e != nil {
		return e.Last.Type()
	}
	return 0
}

// made takes a confirmed clone or copyfile into the file it made and into the change.
func (t *Table) made(s *sighting, how manner, c *Change) {
	if s.awaited == 0 {
		return
	}
	p := &t.pending[s.awaited-1]
	if p.Made == MadeUnknown {
		return
	}
	made := p.Made
	if made == MadeByClone && how != asBorn {
		made = CloneSighted
	}
	s.e.Source = p.Source
	if p.Over == 0 {
		s.e.Made = made
		if how != asBorn {
			s.e.Exist = BornUnseen
		}
	}
	c.Made, c.MadeAt, c.Source = made, p.At.moment(), p.Source
	c.MadeAt.Time, c.Maker = p.Time, p.By
	t.settle(p)
}

// recent is a change of names that was just told.
type recent struct {
	Thread   uint64
	At       mark
	Before   []byte
	After    []byte
	Ino      uint64
	By       lineage.Ref
	Target   Ref
	Replaced Ref
	Kind     es.Kind
	Swapped  bool // it was the second half of a swap: the next rename is not
}

const (
	recentCount = 64
	retryWithin = 10 * time.Millisecond // [D: "can fire multiple times for a single syscall"; the span is ours]
	swapWithin  = time.Second
)

// lastOn is the latest change of names on the message's thread; nil if that is too long ago to matter.
func (t *Table) lastOn(o *observed) *recent {
	for k := 1; k <= recentCount && o.m.ThreadID != 0; k++ {
		r := &t.recent[(t.recentNext-k+recentCount)%recentCount]
		if r.Kind == es.KindOther || o.at.Clock-r.At.Clock > int64(swapWithin) {
			return nil
		}
		if r.Thread == o.m.ThreadID && r.By == o.by {
			return r
		}
	}
	return nil
}

// retried reports whether a message repeats the change of names before it on its thread.
func (t *Table) retried(o *observed, f *es.File, before, after string) *recent {
	r := t.lastOn(o)
	if r == nil || r.Kind != o.m.Kind() || r.Ino != f.Stat.Ino || time.Duration(o.at.Clock-r.At.Clock) > retryWithin ||
		string(r.Before) != before || string(r.After) != after {
		return nil
	}
	return r
}

func (t *Table) remind(o *observed, f *es.File, before, after string, target, replaced Ref, swapped bool) {
	r := &t.recent[t.recentNext]
	t.recentNext = (t.recentNext + 1) % recentCount
	r.Thread, r.At, r.Ino, r.By, r.Kind = o.m.ThreadID, o.at, f.Stat.Ino, o.by, o.m.Kind()
	r.Before, r.After = append(r.Before[:0], before...), append(r.After[:0], after...)
	r.Target, r.Replaced, r.Swapped = target, replaced, swapped
}
