package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// unnumbered makes a message without global_seq_num.
func (m *machine) unnumbered(k es.Kind, seq uint64, after time.Duration) *es.Message {
	e := m.at(es.NoSeq, t0.Add(after), 700, 50)
	e.SeqNum = seq
	if k == es.KindOpen {
		e.Event = &es.Open{}
	}
	return e
}

func TestUnnumberedOrder(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), intel)
	w := func(seq uint64, after time.Duration) *es.Message { return m.unnumbered(es.KindWrite, seq, after) }
	o := func(seq uint64, after time.Duration) *es.Message { return m.unnumbered(es.KindOpen, seq, after) }
	again := w(2, 2*ms)
	for _, c := range []struct {
		name string
		in   []*es.Message
		out  string
	}{
		{"by mach_time", []*es.Message{w(2, 30*ms), o(7, 20*ms), w(1, 10*ms)}, "10 20 30"},
		{
			"too late",
			[]*es.Message{w(1, 0), w(3, 150*ms), w(4, 400*ms), w(2, 10*ms), w(5, 600*ms)},
			"0 gap(1) 150 10* 400 600",
		},
		{"a kind's numbers tell losses", []*es.Message{w(1, 0), o(5, ms), w(2, 2*ms), o(9, 3*ms), w(3, 4*ms)}, "0 1 2 gap(3) 3 4"},
		{"repetitions", []*es.Message{w(1, 0), again, again.Clone(), w(3, 300*ms), again.Clone()}, "0 2 300"},
		{"a new client", []*es.Message{w(500, 0), w(501, ms), w(0, 900*ms), w(1, 901*ms)}, "0 1 gap(0) 900 901"},
		{"a new boot", func() []*es.Message {
			n := newMachine(t0.Add(time.Minute), intel)
			l := []*es.Message{w(1, 0), w(2, ms)}
			for i := range 300 {
				e := n.unnumbered(es.KindWrite, uint64(i), 2*time.Minute+time.Duration(i)*ms)
				e.Process.AuditToken.PIDVersion = 9
				l = append(l, e)
			}
			return l[:4]
		}(), "0 1 boot(2) 120000 120001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := &spare{}
			s := newSequencer(limits{}, out)
			for _, e := range c.in {
				s.Add(e)
			}
			s.Drain()
			if got := strings.Join(out.log, " "); got != c.out {
				t.Errorf("got %s, want %s", got, c.out)
			}
		})
	}
}

// spare tells messages by their milliseconds.
type spare struct{ told }

func (s *spare) message(m *es.Message, at es.Moment, late bool) {
	star := ""
	if late {
		star = "*"
	}
	s.say("%d%s", m.Time.Sub(t0).Milliseconds(), star)
}

func (s *spare) gap(_, _ es.Moment, missing uint64, _ string) { s.say("gap(%d)", missing) }
func (*spare) client(int, uint64)                             {}

func (s *spare) boot(n uint32, _ string) {
	if n > 1 {
		s.say("boot(%d)", n)
	}
}

// Without numbers, too, a shuffle inside the window changes nothing, nor do repetitions and cuts.
func TestUnnumberedOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t0.Add(-time.Hour), rapid.SampledFrom([]es.Timebase{intel, appleSilicon}).Draw(t, "timebase"))
		var msgs []*es.Message
		var after time.Duration
		var numbers [2]uint64
		for range rapid.IntRange(1, 150).Draw(t, "messages") {
			after += time.Duration(rapid.IntRange(50, 9_000).Draw(t, "µs")) * time.Microsecond
			k := rapid.IntRange(0, 1).Draw(t, "kind")
			if rapid.IntRange(0, 9).Draw(t, "lost") > 0 {
				msgs = append(msgs, m.unnumbered([]es.Kind{es.KindWrite, es.KindOpen}[k], numbers[k], after))
			}
			numbers[k]++
		}
		want, _ := run(msgs)
		out := &told{}
		s := newSequencer(limits{}, out)
		for _, e := range arrivals(t, msgs) {
			s.Add(e)
			if rapid.IntRange(0, 30).Draw(t, "cut") == 0 {
				s = reborn(t, s)
			}
		}
		s.Drain()
		if diff := cmp.Diff(want.log, out.log); diff != "" {
			t.Fatalf("in order (-) and shuffled (+):\n%s", diff)
		}
		if slices.ContainsFunc(want.log, func(l string) bool { return strings.HasPrefix(l, "late") }) {
			t.Fatalf("late:\n%s", strings.Join(want.log, "\n"))
		}
		balance(t, s)
	})
}
