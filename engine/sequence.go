package engine

import (
	"slices"
	"time"

	"ascribe.example/es"
)

// sequencer hands messages on in order: by global_seq_num within a client's life, and without it by mach_time.
//
// A message that continues the sequence passes at once. A hole is waited for; what follows it is held meanwhile. What
// does not belong to the current client at all (lower numbers or other times) is held apart, until it is clear whether it
// is a new client, a new boot, or a contradiction: see newcomers.
type sequencer struct {
	limits limits
	out    sink
	clock  clock

	boot       uint32 // 0: nothing has come
	bootID     string
	launchd    es.Time   // launchd's start time in this boot; 0 unknown
	earlier    []es.Time // launchd's start times in earlier boots, newest last
	pidversion uint32    // the highest seen in this boot

	line      *line
	past      []*line // the lines before, newest first
	newcomers *newcomers

	last    es.Moment     // of the last message in order
	waited  time.Duration // what watermarks added since a message came, while any is held
	pending watermark
	told    uint8     // conflicts of which the sink knows, by bit
	odd     []passage // the last messages that contradicted others
	counts  sequenceCounts
}

// watermark is one that waits behind held messages.
type watermark struct {
	Time  es.Time // 0: none
	After uint64  // it comes after this number
}

// keptLines is how many earlier clients are remembered, for what comes twice or late.
const keptLines = 3

// keptOdd is how many contradicting messages are known one by one.
const keptOdd = 64

// keptLaunchds is how many boots can be told apart by launchd's start time.
const keptLaunchds = 8

func newSequencer(l limits, out sink) *sequencer {
	if l.window <= 0 {
		l.window = defaultLimits.window
	}
	if l.held <= 0 {
		l.held = defaultLimits.held
	}
	if l.heldBytes <= 0 {
		l.heldBytes = defaultLimits.heldBytes
	}
	return &sequencer{limits: l, out: out, line: &line{}}
}

// Add takes the next message as it arrived. m is the caller's again when Add returns.
func (s *sequencer) Add(m *es.Message) {
	s.counts.In++
	l := s.line
	if l.began && m.GlobalSeqNum == l.next && l.numbered && len(l.held.list) == 0 && s.newcomers == nil &&
		!s.fell(l, m) && !s.otherLaunchd(m) {
		s.pass(l, m)
		return
	}
	s.place(m)
}

// Begin takes a header: another boot or client than before begins with it.
func (s *sequencer) Begin(h *es.Header) {
	switch {
	case s.boot == 0:
		s.newBoot(h.Boot)
	case h.Boot != "" && h.Boot != s.bootID:
		if s.bootID == "" && s.line.empty() && len(s.past) == 0 {
			s.bootID = h.Boot
			s.out.boot(s.boot, s.bootID)
			break
		}
		s.flush()
		s.retire()
		s.newBoot(h.Boot)
	case h.Client != "" && h.Client != s.line.client && !s.line.empty():
		s.flush()
		s.retire()
		if !s.resume(h.Client) {
			s.line.restarted = true
		}
	}
	if h.Client != "" {
		s.line.client = h.Client
	}
	s.clock.know(h.Timebase)
}

// toldRestart says that the source itself told what lies between the last client and this one, before its first message.
func (s *sequencer) toldRestart() {
	if s.line.empty() {
		s.line.restarted = false
	}
}

// Advance says that no message before wall will come. Time that goes back is ignored.
func (s *sequencer) Advance(wall es.Time) {
	if s.held() == 0 {
		s.tellWatermark(wall)
		return
	}
	newest := s.line.latest()
	if s.newcomers != nil {
		newest = newest.later(s.newcomers.newest)
	}
	s.waited = max(s.waited, watermarkStep(newest.wall, wall))
	if wall > s.pending.Time {
		s.pending = watermark{wall, es.NoSeq}
		if n := len(s.line.held.list); n > 0 && s.newcomers == nil {
			s.pending.After = s.line.held.list[n-1].GlobalSeqNum
		}
	}
	s.decide(false)
	s.release(false)
}

// Drain hands on whatever is held: the input is at its end.
func (s *sequencer) Drain() { s.flush() }

// held is how many messages wait.
func (s *sequencer) held() int {
	n := len(s.line.held.list)
	if s.newcomers != nil {
		n += len(s.newcomers.held.list)
	}
	return n
}

func (s *sequencer) flush() {
	s.decide(true)
	s.release(true)
}

// newBoot begins a boot with an empty line.
func (s *sequencer) newBoot(id string) {
	s.boot++
	s.counts.Boots++
	s.bootID = id
	if s.launchd != 0 {
		if len(s.earlier) == keptLaunchds {
			s.earlier = s.earlier[:copy(s.earlier, s.earlier[1:])]
		}
		s.earlier = append(s.earlier, s.launchd)
	}
	s.launchd, s.pidversion = 0, 0
	s.clock.boot()
	s.line = &line{boot: s.boot}
	s.out.boot(s.boot, id)
}

// retire puts the line among the past ones and begins an empty one.
func (s *sequencer) retire() {
	if s.line.began && s.line.numbered {
		if len(s.past) == keptLines {
			s.past = s.past[:keptLines-1]
		}
		s.past = append([]*line{s.line}, s.past...)
	}
	s.line = &line{boot: s.boot}
	s.told &= 1 << conflictHosts
}

// resume goes back to a line of this boot by its client's id, as where overlapping recordings alternate.
func (s *sequencer) resume(client string) bool {
	for i, l := range s.past {
		if l.client == client && l.boot == s.boot {
			s.past = append(s.past[:i:i], s.past[i+1:]...)
			s.line = l
			s.out.client(l.n, l.first)
			return true
		}
	}
	return false
}

// place finds where a message belongs that does not simply continue the sequence.
func (s *sequencer) place(m *es.Message) {
	if s.boot == 0 {
		s.newBoot("")
	}
	s.waited = 0
	switch {
	case m.GlobalSeqNum == es.NoSeq && s.line.numbered:
		s.placeAside(m)
	case m.GlobalSeqNum == es.NoSeq:
		s.placeUnnumbered(m)
	default:
		if !s.line.numbered && !s.line.empty() {
			s.flush()
			s.retire()
		}
		s.line.numbered = true
		s.placeNumbered(m)
	}
	s.decide(false)
	s.release(false)
}

func (s *sequencer) placeNumbered(m *es.Message) {
	l, p := s.line, pointOf(m)
	if s.newcomers != nil {
		if s.outwaited(m) {
			s.decide(true)
			s.placeNumbered(m)
			return
		}
		if s.newcomersTake(m) {
			return
		}
	}
	where := l.find(s, m)
	if where == passedBefore || where == alreadyHeld {
		s.counts.Duplicates++
		return
	}
	if (where != inHole || p.before(l.origin)) && s.ofPastLine(m) {
		return
	}
	switch {
	case s.otherLaunchd(m):
		s.open(m, foreign)
		return
	case s.fell(l, m) && where != inHole:
		switch {
		case !s.clock.sameEpoch(l.latest(), p):
			s.open(m, foreign)
		case where != ahead:
			s.handLate(l, m, where)
		case l.began:
			s.contradict(conflictOrder, m)
		default:
			s.keep(l, m)
		}
		return
	case where == ahead && s.leapt(l, p):
		s.open(m, foreign)
		return
	}
	switch where {
	case ahead:
		if s.contested(m) {
			l.newest = l.newest.later(p)
			s.keep(l, m)
			return
		}
		l.newest = l.newest.later(p)
		s.release(false) // the time of m is over for holes that m itself cannot fill
		if l.began && m.GlobalSeqNum < l.next {
			s.placeNumbered(m)
			return
		}
		if l.began && m.GlobalSeqNum == l.next {
			s.pass(l, m)
			return
		}
		s.keep(l, m)
	case inHole:
		s.handLate(l, m, where)
	default:
		// Numbers of one client rise with time: a lower number at a later time is another client's.
		if l.front.before(p) {
			s.open(m, restart)
			return
		}
		s.handLate(l, m, where)
	}
}

// placeAside takes a message without a number among numbered ones: nothing says where it belongs but its arrival.
func (s *sequencer) placeAside(m *es.Message) {
	if s.otherLaunchd(m) {
		s.contradict(conflictHosts, m)
		return
	}
	if s.fell(s.line, m) || s.leapt(s.line, pointOf(m)) {
		s.late(m)
		return
	}
	s.see(m)
	s.hand(m)
}

// keep holds a copy of m until its turn.
func (s *sequencer) keep(l *line, m *es.Message) {
	s.counts.Held++
	l.origin = l.origin.earlier(pointOf(m))
	l.held.insert(m.Clone())
}

// release hands on what is held and due; with force, everything.
func (s *sequencer) release(force bool) {
	l := s.line
	for len(l.held.list) > 0 {
		m := l.held.list[0]
		if !force && s.contested(m) {
			return
		}
		due := force || s.due(l, m)
		switch {
		case !l.numbered:
			if !due {
				return
			}
			l.held.pop()
			s.passUnnumbered(l, m)
		case !l.began:
			if !due && m.GlobalSeqNum != 0 {
				return
			}
			s.beginLine(l, m)
		case m.GlobalSeqNum == l.next:
			l.held.pop()
			s.pass(l, m)
		case m.GlobalSeqNum < l.next:
			l.held.pop()
			s.contradict(conflictNumber, m)
		case !due:
			return
		case s.ranAhead(l, m):
			l.held.pop()
			s.contradict(conflictOrder, m)
		default:
			s.giveUp(l, m)
		}
	}
	if s.pending.Time != 0 && s.held() == 0 {
		s.tellPending()
	}
}

// due reports whether the hole before m, the first that is held, has been waited for long enough.
func (s *sequencer) due(l *line, m *es.Message) bool {
	if len(l.held.list) >= s.limits.held {
		return true
	}
	if l.held.bytes >= s.limits.heldBytes {
		return true
	}
	return s.clock.span(pointOf(m), l.latest())+s.waited >= s.limits.window
}

// ranAhead reports that lower numbers than m's have passed whose time is later by half a window: m's numbers are not the
// continuation of those, but run beside them.
func (s *sequencer) ranAhead(l *line, m *es.Message) bool {
	return s.clock.span(pointOf(m), l.front) > s.limits.window/2
}

// giveUp makes the hole before m a gap.
func (s *sequencer) giveUp(l *line, m *es.Message) {
	s.catchUp(m)
	if l.held.bytes >= s.limits.heldBytes {
		s.counts.Early++
	}
	missing := m.GlobalSeqNum - l.next
	s.counts.Gaps++
	s.counts.Missing = addCapped(s.counts.Missing, missing)
	at := es.Moment{Seq: m.GlobalSeqNum, Time: m.Time, Clock: s.clock.pass(pointOf(m))}
	s.out.gap(s.last, at, missing, gapLost)
	s.counts.Forgotten += l.lose(hole{l.next, m.GlobalSeqNum, stamp(l.front), stamp(pointOf(m))})
	l.next = m.GlobalSeqNum
}

// beginLine begins a client's life with its first message in order.
func (s *sequencer) beginLine(l *line, m *es.Message) {
	s.catchUp(m)
	at := es.Moment{Seq: m.GlobalSeqNum, Time: m.Time, Clock: s.clock.pass(pointOf(m))}
	if l.restarted {
		s.counts.Gaps++
		s.out.gap(s.last, at, 0, gapRestart)
	}
	s.counts.Clients++
	l.n = int(s.counts.Clients)
	s.out.client(l.n, m.GlobalSeqNum)
	l.begin(m, s.clock.ticks(time.Minute))
}

// pass hands on the next message of a numbered line.
func (s *sequencer) pass(l *line, m *es.Message) {
	if s.pending.Time != 0 {
		s.catchUp(m)
	}
	if m.Process.AuditToken.PID == es.LaunchdPID || m.Process.AuditToken.PIDVersion > s.pidversion {
		s.see(m)
	}
	l.pass(m)
	s.hand(m)
}

// hand gives the sink a message in its order.
func (s *sequencer) hand(m *es.Message) {
	s.last = es.Moment{Seq: m.GlobalSeqNum, Time: m.Time, Clock: s.clock.pass(pointOf(m))}
	s.counts.Out++
	s.out.message(m, s.last, false)
}

// late gives the sink a message out of its order. It does not move the clock.
func (s *sequencer) late(m *es.Message) {
	s.counts.Out++
	s.counts.Late++
	s.out.message(m, es.Moment{Seq: m.GlobalSeqNum, Time: m.Time, Clock: s.clock.Now}, true)
}

// handLate hands on what l.find did not find ahead of the line.
func (s *sequencer) handLate(l *line, m *es.Message, where whereabouts) {
	switch where {
	case inHole:
		s.counts.Forgotten += l.fill(m)
		s.late(m)
	case forgotten:
		s.counts.Unsure++
		s.late(m)
	default:
		s.contradict(conflictNumber, m)
	}
}

// contradict hands on a message that cannot be true beside the others; a second copy of it counts as a repetition.
func (s *sequencer) contradict(c conflict, m *es.Message) {
	p := passage{m.GlobalSeqNum, m.MachTime, whoOf(m)}
	if slices.Contains(s.odd, p) {
		s.counts.Duplicates++
		return
	}
	if len(s.odd) < keptOdd {
		s.odd = append(s.odd, p)
	} else {
		s.odd[s.counts.Conflicts%keptOdd] = p
	}
	s.counts.Conflicts++
	s.tellConflict(c, m)
	s.late(m)
}

func (s *sequencer) tellConflict(c conflict, m *es.Message) {
	if s.told&(1<<c) == 0 {
		s.told |= 1 << c
		s.out.conflict(c.String(), m)
	}
}

func (s *sequencer) tellWatermark(wall es.Time) {
	if s.clock.advance(wall) {
		s.out.watermark(es.Moment{Seq: es.NoSeq, Time: wall, Clock: s.clock.Now})
	}
}

// catchUp tells a watermark that waits if its place is before m's.
func (s *sequencer) catchUp(m *es.Message) {
	if s.pending.Time == 0 {
		return
	}
	if s.line.numbered && m.GlobalSeqNum > s.pending.After || !s.line.numbered && m.Time >= s.pending.Time {
		s.tellPending()
	}
}

func (s *sequencer) tellPending() {
	wall := s.pending.Time
	s.pending = watermark{}
	s.tellWatermark(wall)
}

// see notes what tells this boot from others.
func (s *sequencer) see(m *es.Message) {
	if m.Process.AuditToken.PID == es.LaunchdPID && m.Process.StartTime != 0 {
		s.launchd = m.Process.StartTime
	}
	s.pidversion = max(s.pidversion, m.Process.AuditToken.PIDVersion)
}

// otherLaunchd reports that m is by a launchd that began at another time: by another boot, or another host. Formats round
// start times differently, and no two boots begin within a second.
func (s *sequencer) otherLaunchd(m *es.Message) bool {
	if m.Process.AuditToken.PID != es.LaunchdPID || s.launchd == 0 {
		return false
	}
	return otherStart(s.launchd, m.Process.StartTime)
}

func otherStart(a, b es.Time) bool {
	return a != 0 && b != 0 && (a-b >= es.Time(time.Second) || b-a >= es.Time(time.Second))
}

// fell reports that m's mach_time is a window below what has passed, which no reordering explains.
func (s *sequencer) fell(l *line, m *es.Message) bool {
	front := l.front
	if !l.began {
		front = l.newest
	}
	if m.MachTime >= front.mach || m.MachTime == 0 {
		return false
	}
	return s.clock.span(pointOf(m), front) > s.limits.window
}

// leapt reports that mach_time went on by more than a minute while the wall clock saw less than half of it. Sleep makes
// the wall clock see more, so this is another machine's or another boot's mach_time.
func (s *sequencer) leapt(l *line, p point) bool {
	from := l.latest()
	if from.mach == 0 || from.wall == 0 || p.wall == 0 || p.mach <= from.mach {
		return false
	}
	k := clock{clockState{Timebase: s.clock.Timebase}}
	if k.Timebase.Denom == 0 {
		k.Timebase = intel // the least that the ticks can mean
	}
	d := k.span(from, p)
	return d > time.Minute && until(from.wall, p.wall) < d/2
}

// addCapped adds without wrapping.
func addCapped(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}
