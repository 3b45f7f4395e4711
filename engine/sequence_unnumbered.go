package engine

import (
	"time"

	"ascribe.example/es"
)

const (
	// nearby is how much lower a kind's seq_num can be without being a new client's: two stamps may be a little out of order.
	nearby = 64
	// few is how many events of a kind must have come before a seq_num of 0 is a new client's.
	few = 8
	// wallStep is how far back wall time goes before it is a clock that was set, and not a message that is late. It only
	// counts where a source has no mach_time.
	wallStep = 10 * time.Second
)

// placeUnnumbered takes a message of a source without global_seq_num. Nothing says that the next message has come, so
// every one is held for a window, and what comes later than that is late.
func (s *sequencer) placeUnnumbered(m *es.Message) {
	l, p := s.line, pointOf(m)
	if m.MachTime != 0 && l.repeats(m) {
		s.counts.Duplicates++
		return
	}
	byWall := p.mach == 0 || l.front.mach == 0
	switch {
	case s.otherLaunchd(m), s.leapt(l, p), s.fell(l, m) && !s.clock.sameEpoch(l.latest(), p), s.amongNewcomers(m):
		s.open(m, foreign)
	case !p.before(l.front):
		l.newest = l.newest.later(p)
		s.keep(l, m)
	case byWall && until(p.wall, l.latest().wall) > wallStep:
		s.release(true)
		l.front, l.newest = p, p
		s.keep(l, m)
	default:
		s.late(m)
	}
}

// amongNewcomers reports that m is near the newcomers' time and not near the line's.
func (s *sequencer) amongNewcomers(m *es.Message) bool {
	g := s.newcomers
	if g == nil || !g.near(s, m) {
		return false
	}
	p, at := pointOf(m), s.line.latest()
	return s.clock.span(p, at) > time.Minute || s.clock.span(at, p) > time.Minute
}

// repeats reports whether the same message is among the last ringSize that came, and remembers it. Two messages of one
// thread never have one mach_time; of one process, kind and file they hardly do.
func (l *line) repeats(m *es.Message) bool {
	h := mix(mix(mix(uint64(m.Time), m.MachTime), whoOf(m)), m.ThreadID)
	h = mix(mix(h, m.SeqNum), namesOf(m.Event))
	if _, ok := l.prints[h]; ok {
		return true
	}
	if l.prints == nil {
		l.ring, l.prints = newRing(), make(map[uint64]struct{}, ringSize)
	}
	slot := &l.ring[l.came%ringSize]
	delete(l.prints, slot.Seq)
	*slot = passage{Seq: h}
	l.prints[h] = struct{}{}
	l.came++
	return false
}

// passUnnumbered hands on the next message of an unnumbered line. Its seq_num, which counts the client's events of one
// kind [D], tells what was lost and where a new client began. Kinds that the engine does not read share one es.Kind, and
// are not looked at.
func (s *sequencer) passUnnumbered(l *line, m *es.Message) {
	s.catchUp(m)
	if !l.began {
		s.beginLine(l, m)
	}
	s.see(m)
	if k := m.Kind(); m.SeqNum != es.NoSeq && k != es.KindOther {
		at := es.Moment{Seq: es.NoSeq, Time: m.Time, Clock: s.clock.pass(pointOf(m))}
		switch next := l.kinds[k]; {
		case next == 0 || m.SeqNum == next:
		case m.SeqNum > next:
			s.counts.Gaps++
			s.counts.Missing = addCapped(s.counts.Missing, m.SeqNum-next)
			s.out.gap(s.last, at, m.SeqNum-next, gapLost)
		case next-m.SeqNum > nearby, m.SeqNum == 0 && next > few:
			s.counts.Gaps++
			s.out.gap(s.last, at, 0, gapRestart)
			s.counts.Clients++
			l.n = int(s.counts.Clients)
			s.out.client(l.n, es.NoSeq)
			l.kinds = [es.KindCount]uint64{}
		}
		l.kinds[k] = max(l.kinds[k], m.SeqNum+1)
	}
	l.front = l.front.later(pointOf(m))
	s.hand(m)
}
