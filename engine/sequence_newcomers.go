package engine

import (
	"time"

	"ascribe.example/es"
)

// reach is how near a message's number must be to those of the newcomers to be one of them.
const reach = 64

// stranger is why a message cannot belong to the current client.
type stranger uint8

const (
	restart stranger = iota // its number is lower and its time later
	foreign                 // its mach_time, or its launchd, is of another boot
)

// newcomers are messages that cannot belong to the current client. They wait for one window, and the question is then
// whether the current client went on meanwhile:
//
//   - it did: the messages of two clients or two hosts are mixed. That is told once, and the newcomers are handed on as
//     late ones, for nobody can say where they belong;
//   - it did not, and launchd began at another time, or mach_time and pidversions both fell: a new boot;
//   - else a new client, which counts from the beginning [D: global_seq_num is per client].
//
// mach_time that falls is not enough for a boot, since a recording may hold two hosts or be damaged, nor are pidversions,
// since old processes have low ones at all times.
type newcomers struct {
	why        stranger
	numbered   bool
	held       heldMessages
	least      point // the earliest of them
	newest     point // the latest
	low, high  uint64
	opened     point // how far the current client had come
	launchd    es.Time
	pidversion uint32
}

// open adds m to the newcomers, or begins a group of them.
func (s *sequencer) open(m *es.Message, why stranger) {
	g := s.newcomers
	if g != nil && s.apart(g, m, why) {
		s.decide(true)
		s.place(m)
		return
	}
	if g == nil {
		g = &newcomers{why: why, numbered: m.GlobalSeqNum != es.NoSeq, low: es.NoSeq, opened: s.line.latest()}
		s.newcomers = g
	}
	if g.numbered && g.held.has(m) {
		s.counts.Duplicates++
		return
	}
	s.counts.Held++
	g.add(m.Clone())
}

// apart reports that m belongs to no group that g belongs to: g is followed by yet another boot or client.
func (s *sequencer) apart(g *newcomers, m *es.Message, why stranger) bool {
	p := pointOf(m)
	return g.why != why || g.numbered != (m.GlobalSeqNum != es.NoSeq) ||
		m.Process.AuditToken.PID == es.LaunchdPID && otherStart(g.launchd, m.Process.StartTime) ||
		s.clock.span(p, g.newest) > s.limits.window && !s.clock.sameEpoch(p, g.newest)
}

// add takes a message that is the group's to keep.
func (g *newcomers) add(m *es.Message) {
	p := pointOf(m)
	g.held.insert(m)
	g.least = g.least.earlier(p)
	g.newest = g.newest.later(p)
	g.low, g.high = min(g.low, m.GlobalSeqNum), max(g.high, m.GlobalSeqNum)
	g.pidversion = max(g.pidversion, m.Process.AuditToken.PIDVersion)
	if m.Process.AuditToken.PID == es.LaunchdPID && m.Process.StartTime != 0 {
		g.launchd = m.Process.StartTime
	}
}

// near reports that a number and a time continue the group.
func (g *newcomers) near(s *sequencer, m *es.Message) bool {
	seq, p := m.GlobalSeqNum, pointOf(m)
	if g.numbered && (seq > addCapped(g.high, reach) || addCapped(seq, uint64(s.limits.held)) < g.low) {
		return false
	}
	if g.why == restart {
		return !p.before(g.least)
	}
	return s.clock.span(p, g.newest) <= time.Minute && s.clock.span(g.newest, p) <= time.Minute
}

// continues reports that m has the line's next number, at a time that allows for it.
func (s *sequencer) continues(m *es.Message) bool {
	l, p := s.line, pointOf(m)
	return m.GlobalSeqNum == l.next && !s.fell(l, m) && !s.leapt(l, p) && !s.otherLaunchd(m) &&
		(len(l.held.list) == 0 || s.clock.span(pointOf(l.held.list[0]), p) < s.limits.window)
}

// outwaited reports that m's time is a window after the newcomers' first, so that they are decided upon before it, whatever
// it is; unless it continues the line, which is a reason for the decision.
func (s *sequencer) outwaited(m *es.Message) bool {
	g, p := s.newcomers, pointOf(m)
	switch {
	case g.why == restart && m.GlobalSeqNum == s.line.next && !g.near(s, m), g.why == foreign && s.continues(m):
		return false
	case g.why == foreign && s.clock.span(g.newest, p) > time.Minute:
		return false
	}
	return s.clock.span(g.least, p) >= s.limits.window
}

// contested reports that m, whose number is the line's to come, may as well be the newcomers'.
func (s *sequencer) contested(m *es.Message) bool {
	g := s.newcomers
	return g != nil && g.why == restart && !pointOf(m).before(g.least)
}

// besides reports that the line went on beside the newcomers: what it holds continues it and not them, or the numbers of
// both, put together, do not rise with time.
func (s *sequencer) besides(g *newcomers) bool {
	l := s.line
	var ours []*es.Message
	for _, m := range l.held.list {
		if !pointOf(m).before(g.least) {
			ours = append(ours, m)
		}
	}
	if len(ours) == 0 {
		return false
	}
	if n := ours[0].GlobalSeqNum; n == l.next && n > addCapped(g.high, reach) {
		return true
	}
	var newest point
	for theirs := g.held.list; len(ours) > 0 || len(theirs) > 0; {
		var p point
		if len(theirs) == 0 || len(ours) > 0 && comesBefore(ours[0], theirs[0]) {
			p, ours = pointOf(ours[0]), ours[1:]
		} else {
			p, theirs = pointOf(theirs[0]), theirs[1:]
		}
		if s.clock.span(p, newest) > jitter {
			return true
		}
		newest = newest.later(p)
	}
	return false
}

// newcomersTake adds m to the newcomers if it continues them rather than the line.
func (s *sequencer) newcomersTake(m *es.Message) bool {
	g, l := s.newcomers, s.line
	if !g.near(s, m) || l.find(s, m) == passedBefore {
		return false
	}
	if g.why == foreign && m.GlobalSeqNum != g.high+1 && s.continues(m) {
		return false
	}
	s.open(m, g.why)
	return true
}

// decide settles what the newcomers are, once they have waited for a window.
func (s *sequencer) decide(force bool) {
	g, l := s.newcomers, s.line
	if g == nil {
		return
	}
	if !force && !s.outlasted(g) {
		return
	}
	s.newcomers = nil
	switch {
	case g.why == restart && g.numbered && s.besides(g):
		s.dissolve(g, conflictClients)
	case g.why == foreign && s.clock.span(g.opened, l.front) >= s.limits.window/2, s.resumesEarlier(g):
		s.dissolve(g, conflictHosts)
	default:
		s.adopt(g)
	}
}

// outlasted reports that the newcomers have waited for a window, by their own time or by the line's.
func (s *sequencer) outlasted(g *newcomers) bool {
	l := s.line
	if max(len(g.held.list), len(l.held.list)) >= s.limits.held || g.held.bytes+l.held.bytes >= s.limits.heldBytes {
		return true
	}
	ours := g.opened
	if g.why == restart {
		ours = g.least // the line's time is theirs
	}
	return max(s.clock.span(g.least, g.newest), s.clock.span(ours, l.latest()))+s.waited >= s.limits.window
}

// resumesEarlier reports that the newcomers go on where an earlier boot or client had stopped: hosts that take turns.
func (s *sequencer) resumesEarlier(g *newcomers) bool {
	if otherStart(s.launchd, g.launchd) {
		for _, t := range s.earlier {
			if !otherStart(t, g.launchd) {
				return true
			}
		}
	}
	first := g.held.list[0]
	p := pointOf(first)
	for _, l := range s.past {
		if !g.numbered || first.GlobalSeqNum < l.next || (l.boot == s.boot) != (g.why == restart) {
			continue
		}
		// Short sequences meet by chance.
		ahead := first.GlobalSeqNum - l.next
		if (ahead == 0 || ahead <= reach && l.next-l.first > 16*reach) &&
			!p.before(l.front) && s.clock.span(l.front, p) <= time.Minute {
			return true
		}
	}
	return false
}

// dissolve hands the newcomers on as late messages: the current client is alive, and they contradict it.
func (s *sequencer) dissolve(g *newcomers, c conflict) {
	l := s.line
	for _, m := range g.held.list {
		where := taken
		if g.numbered {
			where = l.find(s, m)
		}
		switch {
		case where == passedBefore || where == alreadyHeld:
			s.counts.Duplicates++
		case where == inHole:
			s.handLate(l, m, where)
		case !g.numbered && !otherStart(s.launchd, g.launchd):
			s.late(m)
		default:
			s.contradict(c, m)
		}
	}
}

// adopt makes the newcomers the current client: of a new boot, or of this one.
func (s *sequencer) adopt(g *newcomers) {
	old := s.line
	if g.why == restart && g.numbered {
		s.claim(g)
	}
	// A watermark that came meanwhile comes after the newcomers, as it did.
	pending := s.pending
	s.pending = watermark{}
	s.release(true)

	front := old.latest()
	fell := s.clock.span(g.newest, front) > s.limits.window
	leapt := s.leapt(old, g.newest)
	pidversions := s.pidversion
	s.retire()
	switch {
	case otherStart(s.launchd, g.launchd), fell && g.pidversion < pidversions:
		s.newBoot("")
	default:
		s.line.restarted = true
		if fell || leapt {
			s.counts.Conflicts++
			s.tellConflict(conflictTime, g.held.list[0])
			s.clock.rewind()
		}
	}
	l := s.line
	l.numbered, l.held, l.origin, l.newest = g.numbered, g.held, g.least, g.newest
	if l.numbered {
		s.beginLine(l, l.held.list[0])
		pending.After = g.high
	} else {
		l.ring, l.prints, l.came = old.ring, old.prints, old.came
	}
	s.pending = pending
	s.release(false)
}

// claim takes over what was contested.
func (s *sequencer) claim(g *newcomers) {
	h := &s.line.held
	kept := h.list[:0:0]
	bytes := 0
	for _, m := range h.list {
		if !pointOf(m).before(g.least) {
			if g.held.has(m) {
				s.counts.Duplicates++
			} else {
				g.add(m)
			}
			continue
		}
		kept = append(kept, m)
		bytes += sizeOf(m)
	}
	h.list, h.bytes = kept, bytes
}

// ofPastLine takes a message that belongs to an earlier client: a repetition, or one that comes late. Between boots
// mach_time alone says little, so that the wall time must fit as well.
func (s *sequencer) ofPastLine(m *es.Message) bool {
	p := pointOf(m)
	for _, l := range s.past {
		same := l.boot == s.boot
		switch where := l.find(s, m); {
		case where == passedBefore && (same || l.recent(m) || l.wallFits(m)):
			s.counts.Duplicates++
			return true
		case where == inHole && (same || l.wallFits(m) && p.wall < s.line.origin.wall):
			s.handLate(l, m, where)
			return true
		case where == ahead && same && p.before(s.line.origin) && !p.before(l.front):
			// What the client sent last, after its successor was seen.
			s.counts.Forgotten += l.lose(hole{l.next, addCapped(m.GlobalSeqNum, 1), stamp(l.front), stamp(p)})
			l.next = addCapped(m.GlobalSeqNum, 1)
			s.handLate(l, m, inHole)
			return true
		}
	}
	return false
}

// recent reports that m itself is in the ring.
func (l *line) recent(m *es.Message) bool {
	r := &l.ring[m.GlobalSeqNum%ringSize]
	return r.Seq == m.GlobalSeqNum && r.Mach == m.MachTime && r.Who == whoOf(m)
}

// wallFits reports that m's wall time, too, lies between those of its neighbours.
func (l *line) wallFits(m *es.Message) bool {
	low, high := l.around(m.GlobalSeqNum)
	var c clock
	return m.Time != 0 && c.between(point{wall: low.wall}, point{wall: high.wall}, point{wall: m.Time})
}
