package engine

import (
	"math/bits"
	"time"

	"ascribe.example/es"
)

// The two timebases that Macs have [D: mach_timebase_info].
var (
	intel        = es.Timebase{Numer: 1, Denom: 1}
	appleSilicon = es.Timebase{Numer: 125, Denom: 3}
)

const (
	// voteTicks is the least span that votes on the timebase: 2.4 ms of an Intel Mac, 100 ms of Apple silicon. Far
	// above the microseconds between the two stamps of a message, and above wall clocks that are written in milliseconds.
	voteTicks = 2_400_000
	// A timebase is believed when it leads by voteEnough; the lead is held within voteMost, so that a wrong belief
	// can still be outvoted.
	voteEnough, voteMost = 5, 16

	// longestStep bounds what one message can add to the clock. Nothing waits longer than minutes, and mach_time stops
	// in sleep: a longer step is nonsense, and must not bring the clock near its end.
	longestStep = 24 * time.Hour
	// longestWatermark bounds what one watermark can add: a wall clock that leapt further has slept or was set, and
	// counts as leaptWatermark, which is less than what settles anything by quiet alone.
	longestWatermark = time.Minute
	leaptWatermark   = time.Second
	// overshoot is how far watermarks may run ahead of mach_time before the clock goes on from where they left it. Up
	// to here it waits for mach_time to catch up, so that ordinary watermarks leave no trace in later moments.
	overshoot = time.Second
	// lastClock is where the clock stops for good: 146 years.
	lastClock = time.Duration(1) << 62
)

// clock makes event time: monotone over a whole host, made of mach_time deltas within a boot. It is moved by messages in
// their order only, never by late ones, so that it does not depend on how a stream was cut or shuffled.
//
// Wall time serves three purposes: it tells Intel from Apple silicon, it stands in for mach_time where a source has none,
// and it carries watermarks. A stepped wall clock or a night of sleep moves none of it by more than seconds.
type clock struct{ clockState }

// clockState is the whole state of a clock.
type clockState struct {
	Timebase es.Timebase // zero: not known yet
	Given    bool        // by a header: not voted on

	Now time.Duration // what the last moment said

	// The last message in order: its ticks, its wall time, its place on the clock, and what division left over.
	Mach      uint64 // 0: none in this boot
	MachWall  es.Time
	MachClock time.Duration
	Rest      uint64

	// The last wall time in order, of a message or a watermark, and its place on the clock.
	Wall      es.Time
	WallClock time.Duration

	// Where the current vote's span began, and the lead: below zero for Intel.
	VoteMach uint64
	VoteWall es.Time
	Lead     int
}

// point is when a message was made, by both of its stamps. Either may be 0, unknown.
type point struct {
	mach uint64
	wall es.Time
}

func pointOf(m *es.Message) point { return point{m.MachTime, m.Time} }

// later is the later of two points, by mach_time where both have it.
func (p point) later(q point) point {
	if p.before(q) {
		return q
	}
	return p
}

func (p point) before(q point) bool {
	if p.mach != 0 && q.mach != 0 {
		return p.mach < q.mach
	}
	return p.wall < q.wall
}

// know takes the timebase from a header.
func (c *clock) know(t es.Timebase) {
	if t.Numer == 0 || t.Denom == 0 {
		return
	}
	c.Given = true
	c.turn(t)
}

// turn changes the timebase from the next message on; what is past stays as it was told.
func (c *clock) turn(t es.Timebase) {
	if c.Timebase != t {
		c.Timebase, c.Rest = t, 0
	}
}

// boot forgets the old boot's ticks: the new one's go on from the current moment. The timebase is the machine's and stays.
func (c *clock) boot() {
	c.Mach, c.MachWall, c.MachClock, c.Rest = 0, 0, c.Now, 0
	c.Wall, c.WallClock = 0, c.Now
	c.VoteMach, c.VoteWall = 0, 0
}

// rewind lets mach_time go on from lower numbers without a new boot.
func (c *clock) rewind() { c.boot() }

// pass moves the clock to the next message in order. The same message twice moves it once.
func (c *clock) pass(p point) time.Duration {
	if p.mach == 0 {
		return c.passWall(p.wall)
	}
	switch {
	case c.Mach == 0:
		c.Mach, c.MachWall, c.MachClock = p.mach, p.wall, c.Now
		c.VoteMach, c.VoteWall = p.mach, p.wall
	case p.mach > c.Mach:
		c.MachClock = min(c.MachClock+c.step(p), lastClock)
		c.Mach, c.MachWall = p.mach, p.wall
		if !c.Given && p.mach-c.VoteMach >= voteTicks {
			c.vote(p)
		}
	default:
		return c.Now // the stamp was taken before the number was: a little out of order is usual
	}
	if c.Now <= c.MachClock {
		c.Now = c.MachClock
	} else if c.Now-c.MachClock > overshoot {
		c.MachClock = c.Now
	}
	if p.wall != 0 {
		c.Wall, c.WallClock = p.wall, c.MachClock
	}
	return c.Now
}

// passWall moves the clock by wall time alone. Steps back of the wall clock are waited out if small, else begun from.
func (c *clock) passWall(wall es.Time) time.Duration {
	if wall == 0 {
		return c.Now
	}
	d := until(c.Wall, wall)
	if c.Wall == 0 || d < -overshoot {
		c.Wall, c.WallClock = wall, c.Now
		return c.Now
	}
	if d > 0 {
		c.WallClock = min(c.WallClock+min(d, longestStep), lastClock)
		c.Wall = wall
		c.Now = max(c.Now, c.WallClock)
	}
	return c.Now
}

// advance moves the clock to a watermark, by the wall time that has passed since the last message or watermark. It
// reports whether the watermark said anything new: one that goes back does not.
func (c *clock) advance(wall es.Time) bool {
	if wall <= c.Wall {
		return false
	}
	if c.Wall != 0 {
		c.WallClock = min(c.WallClock+watermarkStep(c.Wall, wall), lastClock)
		c.Now = max(c.Now, c.WallClock)
	} else {
		c.WallClock = c.Now
	}
	c.Wall = wall
	return true
}

// watermarkStep is how much event time a watermark at wall adds to what was known at from.
func watermarkStep(from, wall es.Time) time.Duration {
	switch d := until(from, wall); {
	case d <= 0 || from == 0:
		return 0
	case d > longestWatermark:
		return leaptWatermark
	default:
		return d
	}
}

// step is the event time from the last message to p, which is later in ticks; what division leaves over is kept.
func (c *clock) step(p point) time.Duration {
	d := p.mach - c.Mach
	if d > 1<<50 { // 13 days of an Intel Mac awake and silent; and above this, products overflow
		return longestStep
	}
	var ns uint64
	switch c.Timebase {
	case intel:
		ns = d
	case appleSilicon:
		t := d*125 + c.Rest
		ns = t / 3
		c.Rest = t - ns*3
	default:
		return c.span(point{c.Mach, c.MachWall}, p)
	}
	return min(time.Duration(ns), longestStep)
}

// span is the event time between two points of a boot; 0 if b is not later.
//
// While the timebase is unknown the wall clock answers, but within what the two timebases allow: a step of the wall clock
// cannot make more of the ticks than Apple silicon would, nor less than Intel.
func (c *clock) span(a, b point) time.Duration {
	if a.mach == 0 || b.mach == 0 {
		if a.wall == 0 {
			return 0
		}
		return min(max(until(a.wall, b.wall), 0), longestStep)
	}
	if b.mach <= a.mach {
		return 0
	}
	d := b.mach - a.mach
	if d > 1<<50 {
		return longestStep
	}
	least := time.Duration(d)
	if c.Timebase.Denom == 0 {
		if a.wall == 0 || b.wall == 0 {
			return min(least, longestStep)
		}
		return min(max(until(a.wall, b.wall), least), least*125/3, longestStep)
	}
	hi, lo := bits.Mul64(d, uint64(c.Timebase.Numer))
	if hi >= uint64(c.Timebase.Denom) {
		return longestStep
	}
	ns, _ := bits.Div64(hi, lo, uint64(c.Timebase.Denom))
	if ns > uint64(longestStep) {
		return longestStep
	}
	return time.Duration(ns)
}

// ticks is how many ticks d lasts; the most it can be while the timebase is unknown.
func (c *clock) ticks(d time.Duration) uint64 {
	if c.Timebase.Denom == 0 {
		return uint64(d)
	}
	hi, lo := bits.Mul64(uint64(d), uint64(c.Timebase.Denom))
	if hi >= uint64(c.Timebase.Numer) {
		return 1 << 62
	}
	t, _ := bits.Div64(hi, lo, uint64(c.Timebase.Numer))
	return min(t, 1<<62)
}

// vote compares the span since the last vote by both stamps. Nanoseconds a tick are 1 on Intel and 41.7 on Apple silicon:
// far enough apart that what is near neither (the wall clock was set, or the machine slept) votes for nothing.
func (c *clock) vote(p point) {
	ticks, ns := p.mach-c.VoteMach, until(c.VoteWall, p.wall)
	known := p.wall != 0 && c.VoteWall != 0
	c.VoteMach, c.VoteWall = p.mach, p.wall
	if !known || ns <= 0 || ticks > 1<<50 {
		return
	}
	switch per := uint64(ns); {
	case per > ticks/2 && per < 2*ticks:
		c.Lead = max(c.Lead-1, -voteMost)
	case per > 20*ticks && per < 85*ticks:
		c.Lead = min(c.Lead+1, voteMost)
	}
	if c.Lead <= -voteEnough {
		c.turn(intel)
	} else if c.Lead >= voteEnough {
		c.turn(appleSilicon)
	}
}

// until is the duration from a to b, held within what a Duration can say.
func until(a, b es.Time) time.Duration {
	d := b - a
	if (b > a) != (d > 0) && a != b { // overflow
		if b > a {
			return 1<<63 - 1
		}
		return -1 << 63
	}
	return time.Duration(d)
}

// sameEpoch reports whether two points can belong to one boot by the wall time at which their ticks began, whatever the
// timebase. False where a stamp is missing: it is a reason not to see a new boot, never one to see it.
func (c *clock) sameEpoch(a, b point) bool {
	if a.mach == 0 || b.mach == 0 || a.wall == 0 || b.wall == 0 {
		return false
	}
	if b.mach < a.mach {
		a, b = b, a
	}
	const slack = 2 * time.Second
	wall := until(a.wall, b.wall)
	near := func(t es.Timebase) bool {
		k := clock{clockState{Timebase: t}}
		d := k.span(a, b)
		return d < longestStep && wall > d-slack && wall < d+slack
	}
	if c.Timebase.Denom != 0 {
		return near(c.Timebase)
	}
	return near(intel) || near(appleSilicon)
}
