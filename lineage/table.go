package lineage

import (
	"math"

	"ascribe.example/es"
)

// slot is an execution with what only the tracker needs of it.
type slot struct {
	turn         uint64 // last feeding that touched it
	e            Execution
	older, newer int32 // neighbours under the same pid, by pidversion; slot indices
	retained     int32 // open drafts that refer to it
	cost         int32 // counted bytes
	placed       bool  // it stands in its pid's chain

	becomes []Become
	serves  []tie
	links   []int32 // connections it is the client of
}

// slots are the executions, in chunks, so that growing moves nothing. Index 0 is none.
type slots struct {
	chunks []*[chunkSize]slot
	top    int32 // highest index in use
	free   []int32
}

const chunkSize = 256

func (l *slots) at(i int32) *slot { return &l.chunks[i>>8][i&(chunkSize-1)] }

// take is an empty slot.
func (l *slots) take() (int32, *slot) {
	if n := len(l.free); n > 0 {
		i := l.free[n-1]
		l.free = l.free[:n-1]
		return i, l.at(i)
	}
	l.top++
	if int(l.top>>8) == len(l.chunks) {
		l.chunks = append(l.chunks, new([chunkSize]slot))
	}
	return l.top, l.at(l.top)
}

func (l *slots) give(i int32) {
	*l.at(i) = slot{}
	l.free = append(l.free, i)
}

// refTable finds the slot of a Ref: open addressing with linear probing. Refs are our own running numbers, so nobody can
// choose them to collide; a built-in map takes three times as long, and every look at an execution passes here.
type refTable struct {
	cells []refCell // a power of two
	n     int
}

type refCell struct {
	ref Ref
	i   int32
}

func (t *refTable) home(r Ref) int {
	return int(uint64(uint32(r)) * 0x9E3779B97F4A7C15 >> 32 & uint64(len(t.cells)-1))
}

func (t *refTable) get(r Ref) int32 {
	if r <= 0 || len(t.cells) == 0 {
		return 0
	}
	for h := t.home(r); ; h = (h + 1) & (len(t.cells) - 1) {
		switch c := &t.cells[h]; c.ref {
		case r:
			return c.i
		case 0:
			return 0
		}
	}
}

func (t *refTable) put(r Ref, i int32) {
	if 2*(t.n+1) > len(t.cells) {
		old := t.cells
		t.cells, t.n = make([]refCell, max(64, 2*len(old))), 0
		for _, c := range old {
			if c.ref != 0 {
				t.put(c.ref, c.i)
			}
		}
	}
	h := t.home(r)
	for t.cells[h].ref != 0 {
		h = (h + 1) & (len(t.cells) - 1)
	}
	t.cells[h] = refCell{r, i}
	t.n++
}

func (t *refTable) drop(r Ref) {
	if t.get(r) == 0 {
		return
	}
	mask := len(t.cells) - 1
	h := t.home(r)
	for t.cells[h].ref != r {
		h = (h + 1) & mask
	}
	t.n--
	for next := (h + 1) & mask; ; next = (next + 1) & mask {
		c := t.cells[next]
		if c.ref == 0 {
			t.cells[h] = refCell{}
			return
		}
		// c may move into the hole only if its home does not lie between the hole and itself.
		if (next-t.home(c.ref))&mask >= (next-h)&mask {
			t.cells[h] = c
			h = next
		}
	}
}

// pidKey names a pid in a boot: the lives that had it, one after the other.
type pidKey struct {
	boot uint32
	pid  int32
}

func (t *Tracker) slotOf(r Ref) *slot {
	if i := t.refs.get(r); i != 0 {
		return t.slots.at(i)
	}
	return nil
}

// recent is a small cache before the map of keys: most messages are of few processes, and the map costs half of what a
// message that says nothing new costs.
type recent [256]struct {
	key es.Key
	i   int32
}

// lookup is the slot index of a key; 0 unknown.
func (t *Tracker) lookup(key es.Key) int32 {
	c := &t.recent[key.PIDVersion%uint32(len(t.recent))]
	if c.key == key && c.i != 0 {
		return c.i
	}
	i := t.keys[key]
	if i != 0 {
		c.key, c.i = key, i
	}
	return i
}

// unlist removes a key.
func (t *Tracker) unlist(key es.Key) {
	delete(t.keys, key)
	if c := &t.recent[key.PIDVersion%uint32(len(t.recent))]; c.key == key {
		c.i = 0
	}
}

// newRef is the next handle. After 2^31 executions it starts again, past those in use.
func (t *Tracker) newRef() Ref {
	for {
		if t.next == math.MaxInt32 {
			t.next = 0
		}
		t.next++
		if t.refs.get(t.next) == 0 {
			return t.next
		}
	}
}

// before orders moments of one boot.
func before(a, b es.Moment) bool {
	if a.Clock != b.Clock {
		return a.Clock < b.Clock
	}
	return a.Seq < b.Seq
}

// known reports whether a moment is one.
func known(m es.Moment) bool { return m != es.Moment{} }

// newerPIDV compares pidversions on their circle: the counter wraps at 2^32.
func newerPIDV(a, b uint32) bool { return int32(a-b) > 0 }
