package engine

import (
	"bytes"
	"encoding/gob"
	"testing"
	"time"

	"ascribe.example/es"
	"pgregory.net/rapid"
)

// ticker makes points of one machine; sleep and set move only the wall clock.
type ticker struct {
	timebase es.Timebase
	awake    time.Duration
	wall     es.Time
}

func (k *ticker) run(d time.Duration) point {
	k.awake += d
	k.wall = k.wall.Add(d)
	return point{1 + uint64(k.awake)*uint64(k.timebase.Denom)/uint64(k.timebase.Numer), k.wall}
}

func (k *ticker) sleep(d time.Duration) { k.wall = k.wall.Add(d) }

// near allows for ticks that are 41.7 ns long.
func near(a, b time.Duration) bool { return a-b < 100 && b-a < 100 }

func TestTimebaseIsInferred(t *testing.T) {
	for _, tb := range []es.Timebase{intel, appleSilicon} {
		k := ticker{timebase: tb, wall: t0}
		var c clock
		c.pass(k.run(0))
		for i := range 5000 {
			if i%450 == 40 {
				k.sleep(time.Duration(i%7-3) * time.Hour) // sleep, and a clock that is set back
			}
			c.pass(k.run(time.Millisecond))
		}
		if c.Timebase != tb {
			t.Errorf("%v taken for %v", tb, c.Timebase)
		}
	}
}

// Written in milliseconds, as some formats do, the wall clock still tells the timebase.
func TestTimebaseFromMilliseconds(t *testing.T) {
	for _, tb := range []es.Timebase{intel, appleSilicon} {
		k := ticker{timebase: tb, wall: t0}
		var c clock
		for range 2000 {
			p := k.run(700 * time.Microsecond)
			p.wall -= p.wall % 1e6
			c.pass(p)
		}
		if c.Timebase != tb {
			t.Errorf("%v taken for %v", tb, c.Timebase)
		}
	}
}

func TestClockIsExact(t *testing.T) {
	k := ticker{timebase: appleSilicon, wall: t0}
	var c clock
	c.know(appleSilicon)
	c.pass(k.run(0))
	var last time.Duration
	for range 100_000 {
		last = c.pass(k.run(333 * time.Nanosecond))
	}
	if want := k.awake; !near(last, want) {
		t.Errorf("after %v the clock says %v", want, last)
	}
}

// Sleep, a clock that was set, and a wall clock that says nothing at all leave event time alone.
func TestWallTimeDoesNotMoveTheClock(t *testing.T) {
	for _, tb := range []es.Timebase{intel, appleSilicon} {
		for _, step := range []time.Duration{8 * time.Hour, -8 * time.Hour, 40 * time.Second, -30 * 365 * 24 * time.Hour} {
			k := ticker{timebase: tb, wall: t0}
			var c clock
			for range 2000 {
				c.pass(k.run(time.Millisecond))
			}
			before := c.Now
			k.sleep(step)
			if got := c.pass(k.run(time.Millisecond)) - before; !near(got, time.Millisecond) {
				t.Errorf("%v, wall clock stepped by %v: a millisecond took %v", tb, step, got)
			}
			p := k.run(time.Millisecond)
			p.wall = 0
			if got := c.pass(p) - before; !near(got, 2*time.Millisecond) {
				t.Errorf("%v, no wall clock: two milliseconds took %v", tb, got)
			}
		}
	}
}

// Before the timebase is known, no wall clock makes more of ticks than Apple silicon would, nor less than Intel.
func TestUnknownTimebaseBoundsTheClock(t *testing.T) {
	for _, c := range []struct {
		wall es.Time
		want time.Duration
	}{{t0.Add(8 * time.Hour), 24_000 * 125 / 3}, {t0.Add(-time.Hour), 24_000}, {0, 24_000}, {t0.Add(500_000), 500_000}} {
		var k clock
		k.pass(point{1000, t0})
		if got := k.pass(point{25_000, c.wall}); got != c.want {
			t.Errorf("wall %v: %v, want %v", c.wall, got, c.want)
		}
	}
}

func TestWatermarksMoveTheClock(t *testing.T) {
	k := ticker{timebase: intel, wall: t0}
	var c clock
	c.know(intel)
	c.pass(k.run(0))
	for _, step := range []struct {
		at    time.Duration
		moved bool
		want  time.Duration
	}{
		{300 * ms, true, 300 * ms},
		{200 * ms, false, 300 * ms},                         // goes back
		{30 * time.Second, true, 30 * time.Second},          //
		{9 * time.Hour, true, 31 * time.Second},             // slept, or was set
		{9*time.Hour + time.Second, true, 32 * time.Second}, //
	} {
		if moved := c.advance(t0.Add(step.at)); moved != step.moved || c.Now != step.want {
			t.Errorf("watermark at %v: moved %v to %v, want %v to %v", step.at, moved, c.Now, step.moved, step.want)
		}
	}
	// mach_time says that 2 s have passed: the watermarks were wrong, and the clock goes on from where they left it.
	if got := c.pass(k.run(2 * time.Second)); got != 32*time.Second {
		t.Errorf("the next message is at %v", got)
	}
	if got := c.pass(k.run(time.Second)); got != 33*time.Second {
		t.Errorf("a second later it is %v", got)
	}
}

// A watermark that is ahead of the next message by little leaves no trace in the moments after it.
func TestSmallOvershootIsForgotten(t *testing.T) {
	var c clock
	c.know(intel)
	k := ticker{timebase: intel, wall: t0}
	c.pass(k.run(0))
	c.advance(t0.Add(400 * ms))
	if got := c.pass(k.run(100 * ms)); got != 400*ms {
		t.Errorf("inside the overshoot: %v", got)
	}
	if got := c.pass(k.run(500 * ms)); got != 600*ms {
		t.Errorf("after it: %v", got)
	}
}

func TestClockOverBoots(t *testing.T) {
	var c clock
	k := ticker{timebase: intel, wall: t0}
	for range 100 {
		c.pass(k.run(time.Second))
	}
	c.boot()
	k = ticker{timebase: intel, wall: t0.Add(time.Hour)}
	if got := c.pass(k.run(0)); got != 99*time.Second {
		t.Errorf("the new boot begins at %v", got)
	}
	if got := c.pass(k.run(time.Second)); got != 100*time.Second {
		t.Errorf("and goes on to %v", got)
	}
}

// Without mach_time the wall clock is all there is; it never runs back, and small steps are waited out.
func TestClockByWallTime(t *testing.T) {
	var c clock
	for _, s := range []struct{ at, want time.Duration }{
		{0, 0},
		{time.Second, time.Second},
		{500 * ms, time.Second},
		{1500 * ms, 1500 * ms},
		{-time.Hour, 1500 * ms},
		{-time.Hour + time.Second, 2500 * ms},
	} {
		if got := c.pass(point{0, t0.Add(s.at)}); got != s.want {
			t.Errorf("at %v: %v, want %v", s.at, got, s.want)
		}
	}
}

// Whatever it is fed, the clock never goes back and never leaves its range; a copy of its state goes on the same.
func TestClockIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		if rapid.Bool().Draw(t, "given") {
			c.know(es.Timebase{Numer: rapid.Uint32().Draw(t, "numer"), Denom: rapid.Uint32().Draw(t, "denom")})
		}
		for range rapid.IntRange(1, 100).Draw(t, "steps") {
			before := c.Now
			p := point{rapid.Uint64().Draw(t, "mach"), es.Time(rapid.Int64().Draw(t, "wall"))}
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				c.advance(p.wall)
			case 1:
				c.boot()
			case 2:
				var b bytes.Buffer
				if err := gob.NewEncoder(&b).Encode(&c.clockState); err != nil {
					t.Fatal(err)
				}
				var d clock
				if err := gob.NewDecoder(&b).Decode(&d.clockState); err != nil {
					t.Fatal(err)
				}
				if c != d {
					t.Fatalf("saved %+v, restored %+v", c, d)
				}
				c = d
			default:
				if got := c.pass(p); got != c.Now || c.pass(p) != got {
					t.Fatalf("passed at %v, then at %v", got, c.Now)
				}
			}
			if c.Now < before || c.Now > lastClock {
				t.Fatalf("from %v to %v", before, c.Now)
			}
		}
	})
}

func BenchmarkClockPass(b *testing.B) {
	var c clock
	c.know(appleSilicon)
	p := point{1, t0}
	for b.Loop() {
		c.pass(p)
		p.mach += 2400
		p.wall += 100_000
	}
}
