package engine

import (
	"slices"
	"time"

	"ascribe.example/es"
)

const (
	// ringSize is how many of the last messages of a line are known one by one: twice the window, so that a repetition
	// inside the window is always recognised by itself.
	ringSize = 8192
	// mostMarks is how many points of a line's course are kept, evenly spread over its whole length.
	mostMarks = 1024
	// mostHoles is how many ranges of missing numbers are remembered.
	mostHoles = 4096
	// jitter is how far a message's stamp and its number can disagree: ES takes them one after the other, and the
	// thread may lose the processor in between.
	jitter = 20 * time.Millisecond
)

// line is one client's life: a sequence of numbers, and what is known of each of them.
type line struct {
	boot      uint32
	n         int    // the client's number, once it began
	client    string // id from a header; "" unknown
	numbered  bool
	began     bool // the first message has been handed on
	restarted bool // another client of the boot was before it

	first, next uint64
	origin      point // the earliest of what came
	front       point // the latest that was handed on in order
	newest      point // the latest of what was held
	held        heldMessages

	holes []hole // what was given up and has not come, ascending
	floor uint64 // below it, holes have been forgotten
	ring  []passage
	marks []mark
	every uint64 // marks are this far apart
	due   uint64 // the number of the next mark

	// Of an unnumbered line: the fingerprints in the ring, how many there were, and one more than the last seq_num of
	// each kind (0 none).
	prints map[uint64]struct{}
	came   uint64
	kinds  [es.KindCount]uint64
}

// stampState is a point in plain fields.
type stampState struct {
	Mach uint64
	Wall es.Time
}

func stamp(p point) stampState        { return stampState{p.mach, p.wall} }
func (s stampState) point() point     { return point{s.Mach, s.Wall} }
func (p point) earlier(q point) point { return earlierOf(p, q) }

func earlierOf(p, q point) point {
	if p == (point{}) || q.before(p) {
		return q
	}
	return p
}

// hole is a range of numbers that have not come, with the stamps of its neighbours.
type hole struct {
	From, To uint64 // To is not in it
	Low      stampState
	High     stampState
}

// passage is one message that passed: enough to know it again.
type passage struct {
	Seq  uint64
	Mach uint64
	Who  uint64
}

func newRing() []passage {
	r := make([]passage, ringSize)
	for i := range r {
		r[i].Seq = es.NoSeq
	}
	return r
}

// mark is a point of a line's course.
type mark struct {
	Seq uint64
	At  stampState
}

// whoOf is kind, pid and pidversion in one word. Pids end at 99,999 [S: PID_MAX].
func whoOf(m *es.Message) uint64 {
	t := &m.Process.AuditToken
	return uint64(m.Event.Kind())<<56 | uint64(uint32(t.PID)&0xFFFFFF)<<32 | uint64(t.PIDVersion)
}

func (l *line) empty() bool { return !l.began && len(l.held.list) == 0 }

// latest is the latest stamp that came.
func (l *line) latest() point { return l.front.later(l.newest) }

// begin makes m the first of the line. What is before it has not been seen: it may still come, late, if it was sent in
// the given ticks before m.
func (l *line) begin(m *es.Message, ticks uint64) {
	l.began = true
	l.first, l.next = m.GlobalSeqNum, m.GlobalSeqNum
	l.origin = l.origin.earlier(pointOf(m))
	l.every, l.due = 1, l.first
	if l.ring == nil {
		l.ring = newRing()
	}
	if l.numbered && l.first > 0 {
		low := stampState{Wall: m.Time}
		if m.MachTime != 0 {
			low.Mach = max(m.MachTime, ticks+1) - ticks
		}
		l.holes = append(l.holes, hole{0, l.first, low, stamp(pointOf(m))})
	}
}

// pass notes that m, which has the next number, was handed on.
func (l *line) pass(m *es.Message) {
	l.ring[m.GlobalSeqNum%ringSize] = passage{m.GlobalSeqNum, m.MachTime, whoOf(m)}
	if m.GlobalSeqNum >= l.due {
		l.mark(m)
	}
	l.front = l.front.later(pointOf(m))
	l.next++
}

// mark notes a point of the course; when there are too many, every second is given up.
func (l *line) mark(m *es.Message) {
	if len(l.marks) == mostMarks {
		for i := range mostMarks / 2 {
			l.marks[i] = l.marks[2*i]
		}
		l.marks = l.marks[:mostMarks/2]
		l.every *= 2
	}
	l.marks = append(l.marks, mark{m.GlobalSeqNum, stamp(pointOf(m))})
	l.due = addCapped(m.GlobalSeqNum, l.every)
}

// whereabouts is where a message stands to a line.
type whereabouts uint8

const (
	ahead        whereabouts = iota // its number has not been reached
	passedBefore                    // the same message was handed on
	alreadyHeld                     // the same message is waiting
	inHole                          // its number was given up, and its time fits
	taken                           // its number belongs to another message, or to another time
	forgotten                       // nothing is known any more of the numbers around it
)

// find says where m, which has a number, stands. Beyond the ring a message is taken for one that passed if its time fits
// between its neighbours': numbers that did not pass are in holes.
func (l *line) find(s *sequencer, m *es.Message) whereabouts {
	seq := m.GlobalSeqNum
	if !l.began || seq >= l.next {
		if l.held.has(m) {
			return alreadyHeld
		}
		return ahead
	}
	if r := &l.ring[seq%ringSize]; r.Seq == seq {
		if r.Mach == m.MachTime && r.Who == whoOf(m) {
			return passedBefore
		}
		return taken
	}
	if i, ok := l.holeOf(seq); ok {
		low, high, p := l.holes[i].Low.point(), l.holes[i].High.point(), pointOf(m)
		switch {
		case !s.clock.between(low, high, p):
			return taken
		case seq < l.first && s.clock.span(p, high) > s.limits.window && !s.clock.sameEpoch(p, high):
			return taken // before the beginning there is no neighbour to go by
		}
		return inHole
	}
	if seq < l.floor {
		return forgotten
	}
	low, high := l.around(seq)
	if s.clock.between(low, high, pointOf(m)) {
		return passedBefore
	}
	return taken
}

// around is the course's points at or before seq and after it.
func (l *line) around(seq uint64) (low, high point) {
	i, ok := slices.BinarySearchFunc(l.marks, seq, func(k mark, seq uint64) int { return compareUint(k.Seq, seq) })
	if !ok {
		i--
	}
	if i >= 0 {
		low = l.marks[i].At.point()
	}
	if i+1 < len(l.marks) {
		return low, l.marks[i+1].At.point()
	}
	return low, l.front
}

func (l *line) holeOf(seq uint64) (int, bool) {
	return slices.BinarySearchFunc(l.holes, seq, func(h hole, seq uint64) int {
		switch {
		case h.To <= seq:
			return -1
		case h.From > seq:
			return 1
		}
		return 0
	})
}

// between reports whether p can lie between two other points. A stamp that is missing fits anywhere. Wall clocks may have
// been set, so mach_time decides where it is there.
func (c *clock) between(low, high, p point) bool {
	if p.mach != 0 {
		return (low.mach == 0 || c.span(p, low) <= jitter) && (high.mach == 0 || c.span(high, p) <= jitter)
	}
	if p.wall != 0 {
		return (low.wall == 0 || until(low.wall, p.wall) >= -time.Second) &&
			(high.wall == 0 || until(p.wall, high.wall) >= -time.Second)
	}
	return true
}

// lose remembers a hole that was given up; it returns how many had to be forgotten for it.
func (l *line) lose(h hole) uint64 {
	l.holes = append(l.holes, h)
	return l.trim()
}

// fill takes m's number out of the hole it is in. It returns how many holes had to be forgotten.
func (l *line) fill(m *es.Message) uint64 {
	seq := m.GlobalSeqNum
	i, ok := l.holeOf(seq)
	if !ok {
		return 0
	}
	if r := &l.ring[seq%ringSize]; r.Seq == es.NoSeq || r.Seq < seq {
		*r = passage{seq, m.MachTime, whoOf(m)}
	}
	h := l.holes[i]
	low, high := h, h
	low.To, high.From = seq, seq+1
	switch {
	case low.From < low.To && high.From < high.To:
		l.holes[i] = low
		l.holes = slices.Insert(l.holes, i+1, high)
		return l.trim()
	case low.From < low.To:
		l.holes[i] = low
	case high.From < high.To:
		l.holes[i] = high
	default:
		l.holes = slices.Delete(l.holes, i, i+1)
	}
	return 0
}

// trim forgets the oldest holes beyond the bound, an eighth at a time.
func (l *line) trim() uint64 {
	if len(l.holes) <= mostHoles {
		return 0
	}
	n := mostHoles / 8
	l.floor = l.holes[n-1].To
	l.holes = slices.Delete(l.holes, 0, n)
	return uint64(n)
}

// heldMessages are copies that wait, in their order.
type heldMessages struct {
	list  []*es.Message
	bytes int
}

// insert puts m in its place; behind its equals.
func (h *heldMessages) insert(m *es.Message) {
	i := len(h.list)
	if i > 0 && comesBefore(m, h.list[i-1]) {
		i, _ = slices.BinarySearchFunc(h.list, m, func(a, m *es.Message) int {
			if comesBefore(m, a) {
				return 1
			}
			return -1
		})
	}
	h.list = slices.Insert(h.list, i, m)
	h.bytes += sizeOf(m)
}

func (h *heldMessages) pop() {
	h.bytes -= sizeOf(h.list[0])
	h.list[0] = nil
	h.list = h.list[1:]
}

// has reports whether the same numbered message is held.
func (h *heldMessages) has(m *es.Message) bool {
	i, _ := slices.BinarySearchFunc(h.list, m.GlobalSeqNum, func(a *es.Message, seq uint64) int {
		return compareUint(a.GlobalSeqNum, seq)
	})
	for ; i < len(h.list) && h.list[i].GlobalSeqNum == m.GlobalSeqNum; i++ {
		if a := h.list[i]; a.MachTime == m.MachTime && whoOf(a) == whoOf(m) {
			return true
		}
	}
	return false
}

// comesBefore is the order of messages: by number, mach_time, time, place.
func comesBefore(a, b *es.Message) bool {
	switch {
	case a.GlobalSeqNum != b.GlobalSeqNum:
		return a.GlobalSeqNum < b.GlobalSeqNum
	case a.MachTime != b.MachTime:
		return a.MachTime < b.MachTime
	case a.Time != b.Time:
		return a.Time < b.Time
	}
	return a.Place < b.Place
}

func compareUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// sizeOf is about how much memory a copy of m takes: its variable parts, and 2 KiB for the rest.
func sizeOf(m *es.Message) int {
	n := 2048
	switch e := m.Event.(type) {
	case *es.Exec:
		for _, a := range e.Args {
			n += 16 + len(a)
		}
		for _, a := range e.Env {
			n += 16 + len(a)
		}
		n += 16 * len(e.FDs)
	case *es.Other:
		n += len(e.Raw)
	}
	return n
}
