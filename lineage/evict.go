package lineage

import (
	"cmp"
	"slices"
	"time"

	"ascribe.example/es"
)

// What things count for, in bytes, as they lie in memory on 64-bit machines: constants, so that the choice of what to
// forget is the same on every machine.
const (
	costExecution = 840 // with its entries in the tables
	costString    = 16

	costResponsible = 104
	costToken       = 80
	costInjection   = 72
	costImage       = 176
	costBecome      = 144
)

// weigh counts the bytes of an execution anew. Strings count as if they were not shared: an upper bound that depends on
// the messages alone, never on the heap.
func (t *Tracker) weigh(s *slot) {
	e := &s.e
	n := costExecution + len(e.Image.Path) + len(e.Image.SigningID) + len(e.Image.TeamID) + len(e.TTY) + len(e.Script) +
		len(e.CWD) + len(e.Label) + len(e.BundleID)
	for _, a := range e.Args {
		n += len(a) + costString
	}
	n += len(e.Earlier)*costResponsible + len(e.Tokens)*costToken + len(e.Injections)*costInjection
	for i := range e.OtherImages {
		n += costImage + len(e.OtherImages[i].Image.Path)
	}
	for i := range s.serves {
		n += len(s.serves[i].Name) + 3*costString
	}
	for i := range s.becomes {
		n += costBecome + len(s.becomes[i].Command)
	}
	t.bytes += n - int(s.cost)
	t.stats.Most = max(t.stats.Most, t.bytes)
	s.cost = int32(n)
	t.changed(e.Ref)
}

// leastBytes is what a tracker may come to though others took all the room: 9,000 executions.
const leastBytes = 8 << 20

// Taken is how many bytes executions take, counted as they were at most, or are kept for them.
func (t *Tracker) Taken() int { return max(t.stats.Most, leastBytes) }

// Hold says that there is no room for more than [Tracker.Taken].
func (t *Tracker) Hold() {
	t.stats.Held = t.Taken()
	t.hold()
}

func (t *Tracker) hold() {
	if t.stats.Held > 0 {
		t.limits.Bytes = min(t.limits.Bytes, t.stats.Held)
	}
}

// Why an execution may be forgotten; the lower goes first.
const (
	dropPast     = iota // it has ended, and nothing that lives came from it
	dropAncestor        // it has ended; something that lives came from it
	dropYoung           // it ended less than a tombstone's time ago
	dropLive            // it is not known to have ended
	dropRetained        // an open draft refers to it, or it is launchd
)

// evict forgets executions until an eighth of each exceeded limit is free: those that ended and that nothing alive and no
// open draft refers to, by event time, the oldest first; then, only where that is not enough, ancestors of what lives, and
// at last what lives, the least recently heard of first. Working in eighths keeps the cost of one message small on average
// and the choice independent of when it is made.
func (t *Tracker) evict() {
	t.told++
	l := t.limits
	live, past, bytes := t.live > l.Live, t.past > l.Past, t.bytes > l.Bytes
	for order := t.candidates(); len(order) > 0 && (live || past || bytes); {
		i := order.pop()
		if alive := t.slots.at(i).e.Alive(); bytes || alive && live || !alive && past {
			t.forget(i)
		}
		live = live && t.live > l.Live-l.Live/8
		past = past && t.past > l.Past-l.Past/8
		bytes = bytes && t.bytes > l.Bytes-l.Bytes/8
	}
}

// scratch is what evict works in. It looks at every execution, so what it compares stands close together.
type scratch struct {
	heard  []time.Duration // by slot
	marked []bool          // by slot
	roots  []candidate
	order  candidates
	todo   []int32
}

// candidates are the executions that may be forgotten, with why, and when each, or anything that came from it and lives, was
// last heard of.
func (t *Tracker) candidates() candidates {
	x := &t.scratch
	n := int(t.slots.top) + 1
	x.heard, x.marked = slices.Grow(x.heard[:0], n)[:n], slices.Grow(x.marked[:0], n)[:n]
	clear(x.marked)
	x.roots, x.order = x.roots[:0], x.order[:0]
	for i := int32(1); i < int32(n); i++ {
		s := t.slots.at(i)
		x.heard[i] = s.e.Last.Clock
		if s.e.Ref != 0 && (s.e.Alive() || s.retained > 0) {
			x.roots = append(x.roots, candidate{heard: s.e.Last.Clock, slot: i, ref: s.e.Ref, boot: s.e.Key.Boot})
		}
	}
	// The latest first, so that the first to reach an ancestor is the latest of all that came from it.
	slices.SortFunc(x.roots, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.boot, a.boot), cmp.Compare(b.heard, a.heard), cmp.Compare(a.ref, b.ref))
	})
	for i := range x.roots {
		t.markAbove(x.roots[i].slot, x.roots[i].heard)
	}
	for i := int32(1); i < int32(n); i++ {
		s := t.slots.at(i)
		if s.e.Ref == 0 || s.turn == t.turn {
			continue // the message being read is about it
		}
		x.order = append(x.order, candidate{x.heard[i], i, s.e.Ref, s.e.Key.Boot, t.whyForget(s, x.marked[i])})
	}
	x.order.order()
	return x.order
}

// markAbove marks everything that something which lives, or is retained, came from or answers to.
func (t *Tracker) markAbove(root int32, last time.Duration) {
	x := &t.scratch
	mark := func(i int32) {
		if i != 0 && !x.marked[i] {
			x.marked[i] = true
			x.heard[i] = max(x.heard[i], last)
			x.todo = append(x.todo, i)
		}
	}
	x.todo = append(x.todo[:0], root)
	for len(x.todo) > 0 {
		e := &t.slots.at(x.todo[len(x.todo)-1]).e
		x.todo = x.todo[:len(x.todo)-1]
		mark(t.refs.get(e.Prev))
		mark(t.refs.get(e.Parent))
		mark(t.lookup(e.Responsible.Key))
		for j := range e.Earlier {
			mark(t.lookup(e.Earlier[j].Key))
		}
	}
}

// whyForget says why an execution may be forgotten; marked says that something that lives came from it.
func (t *Tracker) whyForget(s *slot, marked bool) uint8 {
	e := &s.e
	switch here := e.Key.Boot == t.boot; {
	case s.retained > 0 || e.Key.PID == es.LaunchdPID && e.Alive() && here:
		return dropRetained
	case e.Alive():
		return dropLive
	case here && t.now.Clock-e.Last.Clock < t.limits.Tombstone:
		return dropYoung
	case marked:
		return dropAncestor
	}
	return dropPast
}

// candidate is an execution that may be forgotten.
type candidate struct {
	heard time.Duration
	slot  int32
	ref   Ref
	boot  uint32
	why   uint8
}

func (c *candidate) before(o *candidate) bool {
	switch {
	case c.why != o.why:
		return c.why < o.why
	case c.boot != o.boot:
		return c.boot < o.boot
	case c.heard != o.heard:
		return c.heard < o.heard
	}
	return c.ref < o.ref
}

// candidates are a heap, who goes first on top: one in eight goes, and to sort them all took most of the time of evicting.
type candidates []candidate

func (h candidates) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// pop is the slot of who goes first.
func (h *candidates) pop() int32 {
	l := *h
	first, n := l[0].slot, len(l)-1
	l[0] = l[n]
	*h = l[:n]
	l[:n].down(0)
	return first
}

func (h candidates) down(i int) {
	if i >= len(h) {
		return
	}
	x := h[i]
	for {
		next := 2*i + 1
		if next >= len(h) {
			break
		}
		if other := next + 1; other < len(h) && h[other].before(&h[next]) {
			next = other
		}
		if !h[next].before(&x) {
			break
		}
		h[i], i = h[next], next
	}
	h[i] = x
}

// forget removes an execution. Its Ref leads to nothing from now on.
func (t *Tracker) forget(i int32) {
	s := t.slots.at(i)
	e := &s.e
	t.stats.Evicted++
	if e.Alive() {
		t.stats.EvictedLive++
		t.live--
	} else {
		t.past--
	}
	t.bytes -= int(s.cost)
	t.forgotten.add(e.Key)
	t.unindexLabel(s)
	for _, tie := range s.serves {
		if v := t.services[tie.Name]; v != nil {
			v.lives = slices.DeleteFunc(v.lives, func(r Ref) bool { return r == e.Ref })
			if len(v.lives) == 0 && len(v.links) == 0 {
				delete(t.services, tie.Name)
			}
		}
	}
	t.takeOut(i, s)
	t.unlist(e.Key)
	t.refs.drop(e.Ref)
	t.slots.give(i)
}
