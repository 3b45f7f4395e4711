package lineage

import (
	"slices"
	"sort"

	"ascribe.example/es"
)

// holes are the pidversions that no fork or exec message told of.
//
// The kernel steps one machine-wide counter at every fork and every successful exec [S: kern_fork.c, exec_handle_sugid;
// measured, reference 7.1]. A value that was passed over therefore is a fork or exec that nobody told: one that was lost,
// or that is still on its way. Counting begins with the first fork or exec of the boot that was told: what ran before the
// recording is no hole.
type holes struct {
	Began   bool
	Max     uint32
	MaxAt   es.Moment
	List    []hole // ascending
	Dropped uint64 // pidversions of holes that were forgotten
}

// hole is a run of untold pidversions, and between which moments they were given.
type hole struct {
	Lo, Hi   uint32
	From, To es.Moment
}

const maxHoles = 4096

// note takes a pidversion that a message showed; told says that it was a fork or exec which showed it.
func (h *holes) note(v uint32, at es.Moment, told bool) {
	switch {
	case v == 0:
	case !h.Began:
		if told {
			h.Began, h.Max, h.MaxAt = true, v, at
		}
	case newerPIDV(v, h.Max):
		hi := v
		if told {
			hi--
		}
		if hi != h.Max {
			h.List = append(h.List, hole{h.Max + 1, hi, h.MaxAt, at})
			h.bound()
		}
		h.Max, h.MaxAt = v, at
	case told:
		h.fill(v)
	}
}

func (h *holes) fill(v uint32) {
	i := h.find(v)
	if i == len(h.List) || newerPIDV(h.List[i].Lo, v) {
		return
	}
	switch o := &h.List[i]; {
	case o.Lo == o.Hi:
		h.List = slices.Delete(h.List, i, i+1)
	case v == o.Lo:
		o.Lo++
	case v == o.Hi:
		o.Hi--
	default:
		rest := hole{v + 1, o.Hi, o.From, o.To}
		o.Hi = v - 1
		h.List = slices.Insert(h.List, i+1, rest)
		h.bound()
	}
}

// find is the first hole that does not end before v.
func (h *holes) find(v uint32) int {
	return sort.Search(len(h.List), func(i int) bool { return !newerPIDV(v, h.List[i].Hi) })
}

func (h *holes) bound() {
	if len(h.List) > maxHoles {
		n := maxHoles / 8
		for _, o := range h.List[:n] {
			h.Dropped += uint64(o.Hi-o.Lo) + 1
		}
		h.List = slices.Delete(h.List, 0, n)
	}
}

func (h *holes) total() uint64 {
	n := h.Dropped
	for _, o := range h.List {
		n += uint64(o.Hi-o.Lo) + 1
	}
	return n
}

// UnseenBetween estimates how many forks and execs between two pidversions (exclusive) no message told of. It counts only
// above the first pidversion that a fork or exec of this boot showed; without such events it is 0, and says nothing.
// Messages on their way count until they come.
func (t *Tracker) UnseenBetween(a, b uint32) uint32 {
	if !newerPIDV(b, a) {
		return 0
	}
	var n uint32
	h := &t.holes
	for i := h.find(a + 1); i < len(h.List); i++ {
		lo, hi := h.List[i].Lo, h.List[i].Hi
		if !newerPIDV(b, lo) {
			break
		}
		if newerPIDV(a+1, lo) {
			lo = a + 1
		}
		if newerPIDV(hi, b-1) {
			hi = b - 1
		}
		n += hi - lo + 1
	}
	return n
}

// UnseenDuring estimates, likewise, how many forks and execs no message told of that may have happened after from and up
// to to.
func (t *Tracker) UnseenDuring(from, to es.Moment) uint64 {
	var n uint64
	for _, o := range t.holes.List {
		if before(o.From, to) && before(from, o.To) {
			n += uint64(o.Hi-o.Lo) + 1
		}
	}
	return n
}

// gap is a moment before which messages are missing.
type gap struct {
	At  es.Moment
	Why string
}

const maxGaps = 1024

// Gap says that messages are missing before this moment: exits may have been among them.
func (t *Tracker) Gap(at es.Moment, why string) {
	t.told++
	if len(t.gaps) >= maxGaps {
		// Of two neighbours one is enough to say that there was a gap; the older half is thinned.
		kept := t.gaps[:0]
		for i, g := range t.gaps {
			if i%2 == 0 || i >= maxGaps/2 {
				kept = append(kept, g)
			}
		}
		t.gaps = kept
		t.stats.Dropped += maxGaps / 4
	}
	g := gap{at, t.strings.name(why)}
	i := sort.Search(len(t.gaps), func(i int) bool { return before(at, t.gaps[i].At) })
	t.gaps = slices.Insert(t.gaps, i, g)
}

// GapBetween reports whether messages were missing after from and up to to.
func (t *Tracker) GapBetween(from, to es.Moment) bool {
	i := sort.Search(len(t.gaps), func(i int) bool { return before(from, t.gaps[i].At) })
	return i < len(t.gaps) && !before(to, t.gaps[i].At)
}

// forgotten remembers which keys were evicted: the latest exactly, all earlier ones by the highest of them.
type forgotten struct {
	keys  map[es.Key]int32 // how often each stands in ring
	ring  []es.Key
	place int
	below es.Key // highest key that fell out of the ring
}

const forgottenKeys = 4096

func (f *forgotten) add(k es.Key) {
	if f.keys == nil {
		f.keys = make(map[es.Key]int32)
	}
	f.keys[k]++
	if len(f.ring) < forgottenKeys {
		f.ring = append(f.ring, k)
		return
	}
	old := f.ring[f.place]
	f.ring[f.place] = k
	f.place = (f.place + 1) % forgottenKeys
	if f.keys[old]--; f.keys[old] == 0 {
		delete(f.keys, old)
	}
	if old.Compare(f.below) > 0 {
		f.below = old
	}
}

// Forgotten reports whether an execution with this key may have been known and evicted: exact for the latest evictions,
// and true for every unknown key that is no newer than an eviction before those.
func (t *Tracker) Forgotten(key es.Key) bool {
	switch f := &t.forgotten; {
	case len(f.ring) == 0 || t.keys[key] != 0:
		return false
	case f.keys[key] > 0:
		return true
	default:
		return key.Boot < f.below.Boot || key.Boot == f.below.Boot && key.PIDVersion <= f.below.PIDVersion
	}
}
