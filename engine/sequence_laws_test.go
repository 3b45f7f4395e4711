package engine

import (
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawStream draws what a Mac sends in its order: clients that come and go, boots, losses. Within a client the numbers
// and the stamps rise.
func drawStream(t *rapid.T) []*es.Message {
	timebase := rapid.SampledFrom([]es.Timebase{intel, appleSilicon}).Draw(t, "timebase")
	wall := t0
	var msgs []*es.Message
	for boot := range rapid.IntRange(1, 3).Draw(t, "boots") {
		m := newMachine(wall.Add(-time.Duration(60-25*boot)*time.Second), timebase)
		pidversion := uint32(400 - 100*boot)
		for client := rapid.IntRange(0, 2).Draw(t, "clients"); client >= 0; client-- {
			// A new client's first numbers are below the old one's: where they met, nobody could tell the two apart.
			seq := uint64(client*2000 + rapid.SampledFrom([]int{0, 0, 1, 700}).Draw(t, "first"))
			n := rapid.IntRange(10, 60).Draw(t, "messages")
			for range n {
				wall = wall.Add(time.Duration(rapid.IntRange(50, 9_000).Draw(t, "µs")) * time.Microsecond)
				lost := rapid.IntRange(0, 19).Draw(t, "lost")
				if lost < 18 {
					pid := int32(rapid.SampledFrom([]int{1, 300, 301, 302}).Draw(t, "pid"))
					v := pidversion
					if pid == 1 {
						v = 2
					}
					msgs = append(msgs, m.at(seq, wall, pid, v))
				}
				if lost == 19 {
					seq += uint64(rapid.IntRange(1, 30).Draw(t, "more"))
				}
				seq++
			}
			wall = wall.Add(time.Duration(rapid.IntRange(220, 3000).Draw(t, "pause")) * ms)
		}
		wall = wall.Add(40 * time.Second)
	}
	return msgs
}

// arrivals shuffles a stream inside the window: every message is delayed by less than that, and some come twice.
func arrivals(t *rapid.T, msgs []*es.Message) []*es.Message {
	type arrival struct {
		m  *es.Message
		at es.Time
	}
	var l []arrival
	most := rapid.SampledFrom([]int{0, 1, 10, 199}).Draw(t, "delay")
	for _, m := range msgs {
		l = append(l, arrival{m, m.Time.Add(time.Duration(rapid.IntRange(0, most).Draw(t, "ms")) * ms)})
		if rapid.IntRange(0, 9).Draw(t, "twice") == 0 {
			again := m.Clone()
			l = append(l, arrival{again, l[len(l)-1].at.Add(time.Duration(rapid.IntRange(0, 30_000).Draw(t, "again")) * ms)})
		}
	}
	sort.SliceStable(l, func(i, j int) bool { return l[i].at < l[j].at })
	var out []*es.Message
	for _, a := range l {
		out = append(out, a.m)
	}
	return out
}

// Order, losses, clients, boots and every moment are the same however the messages of a window are shuffled and doubled.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msgs := drawStream(t)
		want, _ := run(msgs)
		if want.back {
			t.Fatal("the clock went back")
		}
		if slices.ContainsFunc(want.log, func(l string) bool {
			return strings.HasPrefix(l, "late") || strings.HasPrefix(l, "conflict")
		}) {
			t.Fatalf("late or in conflict:\n%s", strings.Join(want.log, "\n"))
		}
		got, s := run(arrivals(t, msgs))
		if diff := cmp.Diff(want.log, got.log); diff != "" {
			t.Fatalf("in order (-) and shuffled (+):\n%s", diff)
		}
		balance(t, s)
	})
}

func balance(t *rapid.T, s *sequencer) {
	t.Helper()
	c := s.counts
	if c.In != c.Out+c.Duplicates+uint64(s.held()) {
		t.Fatalf("%d in, %d out, %d twice, %d held", c.In, c.Out, c.Duplicates, s.held())
	}
}

// A run that is cut anywhere says the same as one that is not.
func TestCutAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msgs := arrivals(t, drawStream(t))
		cut := func(s *sequencer) *sequencer { return s }
		feed := func() (*told, sequenceCounts) {
			out := &told{}
			s := newSequencer(limits{}, out)
			for i, m := range msgs {
				s.Add(m)
				if i%97 == 50 {
					s.Advance(m.Time)
				}
				s = cut(s)
			}
			s.Drain()
			return out, s.counts
		}
		want, counts := feed()
		cuts := rapid.SliceOfNDistinct(rapid.IntRange(0, len(msgs)-1), 1, 6, rapid.ID[int]).Draw(t, "cuts")
		i := 0
		cut = func(s *sequencer) *sequencer {
			i++
			if slices.Contains(cuts, i-1) {
				return reborn(t, s)
			}
			return s
		}
		got, countsAfter := feed()
		if diff := cmp.Diff(want.log, got.log); diff != "" {
			t.Fatalf("whole (-) and cut (+):\n%s", diff)
		}
		if diff := cmp.Diff(counts, countsAfter); diff != "" {
			t.Fatalf("counts, whole (-) and cut (+):\n%s", diff)
		}
	})
}

// drawSoup draws messages that no Mac sends: numbers, stamps and processes that have nothing to do with each other.
func drawSoup(t *rapid.T) []*es.Message {
	seqs := rapid.OneOf(
		rapid.Uint64(),
		rapid.Uint64Range(0, 40),
		rapid.SampledFrom([]uint64{0, 1, 7, 1 << 40, 1<<63 - 1, 1 << 63, es.NoSeq - 2, es.NoSeq - 1, es.NoSeq}),
	)
	machs := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 1<<33), rapid.SampledFrom([]uint64{0, 1, 1 << 62, 1 << 63, 1<<64 - 1}))
	walls := rapid.OneOf(rapid.Int64(), rapid.Int64Range(int64(t0), int64(t0)+1<<36), rapid.SampledFrom([]int64{0, -1 << 63, 1<<63 - 1}))
	rising := rapid.Bool().Draw(t, "rising")
	var mach uint64
	var msgs []*es.Message
	for i := range rapid.IntRange(1, 200).Draw(t, "messages") {
		mach += rapid.Uint64Range(0, 1<<25).Draw(t, "step")
		m := &es.Message{
			GlobalSeqNum: seqs.Draw(t, "seq"), SeqNum: seqs.Draw(t, "seq_num"), MachTime: mach,
			Time: t0 + es.Time(mach), Place: uint64(i + 1), Event: &es.Close{},
		}
		if !rising {
			m.MachTime, m.Time = machs.Draw(t, "mach"), es.Time(walls.Draw(t, "wall"))
		}
		m.Process.AuditToken.PID = int32(rapid.IntRange(0, 3).Draw(t, "pid"))
		m.Process.AuditToken.PIDVersion = rapid.Uint32Range(0, 9).Draw(t, "pidversion")
		m.Process.StartTime = es.Time(rapid.IntRange(0, 2).Draw(t, "start")) * es.Time(time.Hour)
		msgs = append(msgs, m)
	}
	return msgs
}

// Whatever comes, every message goes out once or is counted as a repetition, memory stays bounded, the clock never goes
// back, and a cut changes nothing.
func TestHostileSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		msgs := drawSoup(t)
		small := limits{window: 200 * ms, held: rapid.SampledFrom([]int{1, 5, 4096}).Draw(t, "held")}
		out, cutOut := &told{}, &told{}
		s, c := newSequencer(small, out), newSequencer(small, cutOut)
		for _, m := range msgs {
			both := func(do func(*sequencer)) { do(s); do(c) }
			switch rapid.IntRange(0, 19).Draw(t, "what") {
			case 0:
				h := &es.Header{
					Boot:   rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "boot"),
					Client: rapid.SampledFrom([]string{"", "1", "2", "3", "4", "5"}).Draw(t, "client"),
				}
				h.Timebase.Numer = rapid.Uint32().Draw(t, "numer")
				h.Timebase.Denom = rapid.Uint32Range(0, 3).Draw(t, "denom")
				both(func(s *sequencer) { s.Begin(h) })
			case 1:
				wall := es.Time(rapid.OneOf(rapid.Int64(), rapid.Int64Range(int64(t0), int64(t0)+1<<36)).Draw(t, "watermark"))
				both(func(s *sequencer) { s.Advance(wall) })
			case 2:
				both((*sequencer).Drain)
			case 3:
				c = reborn(t, c)
			}
			both(func(s *sequencer) { s.Add(m.Clone()) })
			if len(s.line.held.list) > s.limits.held || s.newcomers != nil && len(s.newcomers.held.list) > s.limits.held {
				t.Fatalf("%d messages held", s.held())
			}
			if len(s.past) > keptLines || len(s.earlier) > keptLaunchds {
				t.Fatalf("%d lines and %d boots remembered", len(s.past), len(s.earlier))
			}
			balance(t, s)
		}
		s.Drain()
		c.Drain()
		if s.held() != 0 {
			t.Fatalf("%d messages held after the end", s.held())
		}
		balance(t, s)
		if diff := cmp.Diff(out.log, cutOut.log); diff != "" {
			t.Fatalf("whole (-) and cut (+):\n%s", diff)
		}
		if out.back {
			t.Fatal("the clock went back")
		}
		seen := map[uint64]bool{}
		for _, p := range out.places {
			if seen[p] {
				t.Fatalf("message %d came out twice", p)
			}
			seen[p] = true
		}
	})
}
