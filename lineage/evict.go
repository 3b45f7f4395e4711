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
	costExecution = 1024 // with its entries in the tables
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
	s.cost = int32(n)
	t.changed(e.Ref)
}

// Why an execution may be forgotten; the lower goes first.
const (
	dropPast     = iota // it has ended, and nothing that lives came from it
	dropAncestor        // it has ended; something that lives came from it
	dropYoung           // it ended less than a tombstone's time ago
	dropLive            // it is not known to have ended
	dropRetained        // an open draft refers to it, or it is launchd
	dropNever           // the message being read is about it
)

// evict forgets executions until an eighth of each exceeded limit is free: those that ended and that nothing alive and no
// open draft refers to, by event time, the oldest first; then, only where that is not enough, ancestors of what lives, and
// at last what lives, the least recently heard of first. Working in eighths keeps the cost of one message small on average
// and the choice independent of when it is made.
func (t *Tracker) evict() {
	class, heard := t.classes()
	order := t.candidates[:0]
	for i := int32(1); i <= t.slots.top; i++ {
		if class[i] < dropNever {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &t.slots.at(a).e, &t.slots.at(b).e
		return cmp.Or(cmp.Compare(class[a], class[b]), cmp.Compare(x.Key.Boot, y.Key.Boot),
			cmp.Compare(heard[a], heard[b]), cmp.Compare(x.Ref, y.Ref))
	})
	l := t.limits
	live, past, bytes := t.live > l.Live, t.past > l.Past, t.bytes > l.Bytes
	for _, i := range order {
		live = live && t.live > l.Live-l.Live/8
		past = past && t.past > l.Past-l.Past/8
		bytes = bytes && t.bytes > l.Bytes-l.Bytes/8
		if alive := t.slots.at(i).e.Alive(); bytes || alive && live || !alive && past {
			t.forget(i)
		}
	}
	t.candidates = order[:0]
}

// classes says of each slot why it may be forgotten, and when it, or anything that came from it and lives, was last heard
// of.
func (t *Tracker) classes() (class []uint8, heard []time.Duration) {
	class = make([]uint8, t.slots.top+1)
	heard = make([]time.Duration, t.slots.top+1)
	marked := make([]bool, t.slots.top+1)
	roots := t.candidates[:0]
	for i := int32(1); i <= t.slots.top; i++ {
		s := t.slots.at(i)
		heard[i] = s.e.Last.Clock
		if s.e.Ref != 0 && (s.e.Alive() || s.retained > 0) {
			roots = append(roots, i)
		}
	}
	// The latest first, so that the first to reach an ancestor is the latest of all that came from it.
	slices.SortFunc(roots, func(a, b int32) int {
		x, y := &t.slots.at(a).e, &t.slots.at(b).e
		return cmp.Or(cmp.Compare(y.Key.Boot, x.Key.Boot), cmp.Compare(y.Last.Clock, x.Last.Clock), cmp.Compare(x.Ref, y.Ref))
	})
	var todo []int32
	for _, root := range roots {
		last := t.slots.at(root).e.Last.Clock
		mark := func(r Ref) {
			if i := t.refs.get(r); i != 0 && !marked[i] {
				marked[i] = true
				heard[i] = max(heard[i], last)
				todo = append(todo, i)
			}
		}
		todo = append(todo, root)
		for len(todo) > 0 {
			e := &t.slots.at(todo[len(todo)-1]).e
			todo = todo[:len(todo)-1]
			mark(e.Prev)
			mark(e.Parent)
			mark(t.Find(e.Responsible.Key))
			for j := range e.Earlier {
				mark(t.Find(e.Earlier[j].Key))
			}
		}
	}
	t.candidates = roots[:0]
	for i := int32(1); i <= t.slots.top; i++ {
		s := t.slots.at(i)
		e := &s.e
		young := e.Key.Boot == t.boot && t.now.Clock-e.Last.Clock < t.limits.Tombstone
		switch {
		case e.Ref == 0 || s.turn == t.turn:
			class[i] = dropNever
		case s.retained > 0 || e.Key.PID == es.LaunchdPID && e.Alive() && e.Key.Boot == t.boot:
			class[i] = dropRetained
		case e.Alive():
			class[i] = dropLive
		case young:
			class[i] = dropYoung
		case marked[i]:
			class[i] = dropAncestor
		default:
			class[i] = dropPast
		}
	}
	return class, heard
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
