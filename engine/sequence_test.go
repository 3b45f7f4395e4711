package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
)

// numbered makes messages of one program, a millisecond apart, in the order of arrival given by "0 1 3 2". "+500" lets
// milliseconds pass, "@7" sends the next message as if at that millisecond, "=" repeats the last message.
func numbered(m *machine, script string) []*es.Message {
	var msgs []*es.Message
	now, at := 0, -1
	for _, w := range strings.Fields(script) {
		var n int
		switch {
		case w == "=":
			msgs = append(msgs, msgs[len(msgs)-1].Clone())
			continue
		case w[0] == '+':
			fmt.Sscan(w[1:], &n)
			now += n
			continue
		case w[0] == '@':
			fmt.Sscan(w[1:], &at)
			continue
		}
		var seq uint64
		fmt.Sscan(w, &seq)
		wall := now
		if at >= 0 {
			wall = at
		} else {
			now++
		}
		msgs = append(msgs, m.at(seq, t0.Add(time.Duration(wall)*ms), 700, 50))
		at = -1
	}
	return msgs
}

func TestOrder(t *testing.T) {
	for _, c := range []struct{ name, in, out string }{
		{"a contiguous stream", "0 1 2 3", "0 1 2 3"},
		{"a late start", "7 8 9", "[client 1 from 7] 7 8 9"},
		{"a late start, shuffled", "9 @0 7 @1 8 10", "[client 1 from 7] 7 8 9 10"},
		{"reordered", "0 1 3 @1 2 4", "0 1 2 3 4"},
		{"a hole fills within the window", "0 1 3 4 5 +190 @2 2 6", "0 1 2 3 4 5 6"},
		{
			"a hole is given up after the window", "0 1 4 +200 5 6",
			"0 1 [gap 1 1ms to 4 2ms: 2 lost] 4 5 6",
		},
		{
			"two holes", "0 2 4 +300 5",
			"0 [gap 0 0s to 2 1ms: 1 lost] 2 [gap 2 1ms to 4 2ms: 1 lost] 4 5",
		},
		{
			"what comes after its gap is late", "0 1 4 +200 5 @2 3 6 @2 2 7",
			"0 1 [gap 1 1ms to 4 2ms: 2 lost] 4 5 3* 6 2* 7",
		},
		{"repetitions, at once and long past", "0 = 1 2 = = +500 3 4 @0 0 @1 1 5", "0 1 2 3 4 5"},
		{"repetitions of what waits", "0 2 = 3 = +300 4", "0 [gap 0 0s to 2 1ms: 1 lost] 2 3 4"},
		{"repetitions of what was late", "0 2 +300 3 @0 1 = 4", "0 [gap 0 0s to 2 1ms: 1 lost] 2 3 1* 4"},
		{"one number, two messages", "0 1 2 @1 2 3", "0 1 2 [conflict number 2] 2* 3"},
		{
			"one number, two messages that wait", "0 2 @2 2 3 +200 4",
			"0 [gap 0 0s to 2 1ms: 1 lost] 2 [conflict number 2] 2* 3 4",
		},
		{"before the beginning", "7 +300 8 @0 6 9", "[client 1 from 7] 7 8 6* 9"},
		{
			"another client", "5000 5001 5002 +1000 0 1 2 3 +300 4",
			"[client 1 from 5000] 5000 5001 5002 [gap 5002 2ms to 0 1.003s: 0 restart] [client 2 from 0] 0 1 2 3 4",
		},
		{
			"another client, with stragglers of the first", "5000 5001 5002 5004 +1000 0 1 2 +300 3 @5 5005 4 @2 5003 5",
			"[client 1 from 5000] 5000 5001 5002 [gap 5002 2ms to 5004 3ms: 1 lost] 5004 " +
				"[gap 5004 3ms to 0 1.004s: 0 restart] [client 2 from 0] 0 1 2 3 5005* 4 5003* 5",
		},
		{
			"another client, that repeats the first's messages", "5000 5001 5002 +1000 0 1 2 +300 3 @0 5000 @1 5001 4",
			"[client 1 from 5000] 5000 5001 5002 [gap 5002 2ms to 0 1.003s: 0 restart] [client 2 from 0] 0 1 2 3 4",
		},
		{
			"two clients mixed", "5000 +300 5001 0 5002 1 5003 2 +100 5004 3 +100 5005 4 5006 5 +300 5007",
			"[client 1 from 5000] 5000 5001 [conflict clients 0] 0* 1* 2* 3* 5002 5003 5004 5005 4* 5* 5006 5007",
		},
		{
			"two clients mixed, the higher numbers later", "0 5000 1 5001 2 5002 3 +150 4 5 5003 +100 6 7 +300 8",
			"0 1 2 3 4 5 [conflict order 5000] 5000* 5001* 5002* 6 7 5003* 8",
		},
		{
			"a giant leap", "0 1 1000000000000 +200 1000000000001",
			"0 1 [gap 1 1ms to 1000000000000 2ms: 999999999998 lost] 1000000000000 1000000000001",
		},
		{
			"a number that is wrong", "0 1 1000000000000 2 3 +150 4 5 +100 6 7 +300 8",
			"0 1 2 3 4 5 [conflict order 1000000000000] 1000000000000* 6 7 8",
		},
		{
			"the end of the numbers", "18446744073709551612 18446744073709551613 +200 18446744073709551614",
			"[client 1 from 18446744073709551612] 18446744073709551612 18446744073709551613 18446744073709551614",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, s := run(numbered(newMachine(t0.Add(-time.Hour), intel), c.in))
			if got := out.seqs(); got != c.out {
				t.Errorf("%s\n got %s\nwant %s\n%s", c.in, got, c.out, strings.Join(out.log, "\n"))
			}
			if n := s.counts; n.In != n.Out+n.Duplicates || s.held() != 0 {
				t.Errorf("%+v", n)
			}
		})
	}
}

// A hole is waited for 4,096 messages where they are quicker than the window.
func TestHoleIsWaitedForInMessages(t *testing.T) {
	for _, c := range []struct {
		follow int
		late   bool
	}{{4095, false}, {4096, true}} {
		m := newMachine(t0.Add(-time.Hour), intel)
		out := &told{}
		s := newSequencer(limits{}, out)
		s.Add(m.at(0, t0, 700, 50))
		for i := range c.follow {
			s.Add(m.at(uint64(i+2), t0.Add(time.Duration(i)*time.Microsecond), 700, 50))
		}
		s.Add(m.at(1, t0, 700, 50))
		s.Drain()
		if late := s.counts.Late == 1; late != c.late {
			t.Errorf("after %d messages: late %v", c.follow, late)
		}
	}
}

// Large messages that wait are given up for early, so that memory stays bounded.
func TestHeldMemoryIsBounded(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), intel)
	s := newSequencer(limits{heldBytes: 1 << 20}, &told{})
	s.Add(m.at(0, t0, 700, 50))
	for i := range 100 {
		e := m.at(uint64(i+2), t0, 700, 50)
		e.Event = &es.Exec{Args: []string{strings.Repeat("x", 300_000)}}
		s.Add(e)
		if s.line.held.bytes > 1<<20 {
			t.Fatalf("%d bytes held", s.line.held.bytes)
		}
	}
	if s.counts.Early == 0 || s.counts.Gaps != 1 {
		t.Errorf("%+v", s.counts)
	}
}

// reboot is 300 messages before and 300 after something that may be a boot.
func reboot(before, after *machine, wall es.Time, seq, pidversion uint32) []*es.Message {
	var msgs []*es.Message
	for i := range 300 {
		msgs = append(msgs, before.at(uint64(i), t0.Add(time.Duration(i)*ms), 700, 5000))
	}
	for i := range 300 {
		msgs = append(msgs, after.at(uint64(seq)+uint64(i), wall.Add(time.Duration(i)*ms), 700, pidversion))
	}
	return msgs
}

func TestBoots(t *testing.T) {
	old := func() *machine { return newMachine(t0.Add(-time.Hour), intel) }
	young := func(booted time.Duration) *machine { return newMachine(t0.Add(booted), intel) }
	minute := t0.Add(time.Minute)
	launchdOf := func(m *machine, msgs []*es.Message, at ...int) []*es.Message {
		for _, i := range at {
			msgs[i].Process.AuditToken = es.AuditToken{PID: 1, PIDVersion: 2}
			msgs[i].Process.StartTime = m.launchd
		}
		return msgs
	}
	for _, c := range []struct {
		name  string
		in    []*es.Message
		boots uint64
		told  string
	}{
		{"mach_time and pidversion fall", reboot(old(), young(30*time.Second), minute, 0, 400), 2, ""},
		{"and the numbers go on, by chance", reboot(old(), young(30*time.Second), minute, 300, 400), 2, ""},
		{"only mach_time falls", reboot(old(), young(30*time.Second), minute, 0, 6000), 1, "time"},
		{"only the pidversion falls", reboot(old(), old(), minute, 300, 400), 1, ""},
		{"launchd began at another time", func() []*es.Message {
			o, y := old(), young(-2*time.Hour)
			msgs := reboot(o, y, minute, 0, 6000)
			return launchdOf(y, launchdOf(o, msgs, 3), 305)
		}(), 2, ""},
		{"launchd's time in another format", func() []*es.Message {
			o := old()
			msgs := launchdOf(o, reboot(o, o, minute, 300, 5001), 3, 305)
			msgs[305].Process.StartTime -= es.Time(400 * ms)
			return msgs
		}(), 1, ""},
		{"two hosts take turns", func() []*es.Message {
			a, b := old(), young(-3*24*time.Hour)
			var msgs []*es.Message
			for i := range 400 {
				at := t0.Add(time.Duration(i) * ms)
				msgs = append(msgs, a.at(uint64(i), at, 1, 2), b.at(uint64(7000+i), at, 1, 2))
			}
			return msgs
		}(), 1, "hosts"},
		{"two hosts take long turns", func() []*es.Message {
			a, b := old(), young(-3*24*time.Hour)
			var msgs []*es.Message
			for turn := range 6 {
				for i := range 300 {
					m := a
					if turn%2 == 1 {
						m = b
					}
					pid := int32(700)
					if i == 0 {
						pid = 1
					}
					msgs = append(msgs, m.at(uint64(turn/2*300+i), t0.Add(time.Duration(turn*300+i)*ms), pid, uint32(600+turn%2)))
				}
			}
			return msgs
		}(), 2, "hosts"},
		{"two hosts take turns, without launchd", func() []*es.Message {
			a, b := old(), young(-3*24*time.Hour)
			var msgs []*es.Message
			for i := range 400 {
				at := t0.Add(time.Duration(i) * ms)
				msgs = append(msgs, a.at(uint64(i), at, 700, 50), b.at(uint64(7000+i), at, 800, 20))
			}
			return msgs
		}(), 1, "hosts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, s := run(c.in)
			var conflicts []string
			for _, l := range out.log {
				if k, ok := strings.CutPrefix(l, "conflict "); ok {
					conflicts = append(conflicts, strings.Fields(k)[0])
				}
			}
			if s.counts.Boots != c.boots || strings.Join(conflicts, " ") != c.told {
				t.Errorf("%d boots, conflicts %v; want %d, %q\n%s", s.counts.Boots, conflicts, c.boots, c.told, brief(out.log))
			}
			if n := s.counts; n.Out != uint64(len(c.in)) || out.back {
				t.Errorf("%d in, %+v, clock back %v", len(c.in), n, out.back)
			}
		})
	}
}

// brief leaves out the ordinary messages of a log.
func brief(log []string) string {
	var l []string
	for _, s := range log {
		if !strings.HasPrefix(s, "message") && len(l) < 60 {
			l = append(l, s)
		}
	}
	return strings.Join(l, "\n")
}

func TestHeaders(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), intel)
	next := 0
	send := func(s *sequencer, from uint64, n int) {
		for i := range n {
			s.Add(m.at(from+uint64(i), t0.Add(time.Duration(next)*ms), 700, 50))
			next++
		}
	}
	out := &told{}
	s := newSequencer(limits{}, out)
	s.Begin(&es.Header{Boot: "B1", Client: "C1", Timebase: intel})
	send(s, 0, 3)
	send(s, 4, 1)                                 // 3 is lost
	s.Begin(&es.Header{Boot: "B1", Client: "C1"}) // the next file of the same recording
	send(s, 5, 1)                                 //
	s.Begin(&es.Header{Boot: "B1", Client: "C2"}) // flushes
	send(s, 40, 2)                                // a late start
	s.Begin(&es.Header{Boot: "B1", Client: "C1"}) // overlapping files: back to the first client
	s.Add(m.at(5, t0.Add(4*ms), 700, 50))         // again
	send(s, 6, 1)                                 //
	s.Begin(&es.Header{Boot: "B2", Client: "C3"}) // another boot, though mach_time goes on
	send(s, 0, 1)                                 //
	s.Drain()
	want := `[boot 1 "B1"] 0 1 2 [gap 2 2ms to 4 3ms: 1 lost] 4 5 [gap 5 4ms to 40 5ms: 0 restart] [client 2 from 40] 40 41 6 ` +
		`[boot 2 "B2"] [client 3 from 0] 0`
	if got := out.seqs(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if s.counts.Duplicates != 1 {
		t.Errorf("%+v", s.counts)
	}
}

// Watermarks give up on holes, move the clock when nothing comes, and stay in their place behind what waits.
func TestWatermarks(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), intel)
	msgs := numbered(m, "0 1 3 4 5 6")
	out := &told{}
	s := newSequencer(limits{}, out)
	s.Advance(t0.Add(-time.Second)) // before anything: the clock has nowhere to move from
	s.Add(msgs[0])
	s.Advance(t0.Add(50 * ms))
	s.Advance(t0.Add(40 * ms)) // goes back
	s.Add(msgs[1])
	s.Add(msgs[2])              // 3 waits for 2
	s.Advance(t0.Add(100 * ms)) // too early, and waits behind it
	if got := s.held(); got != 1 {
		t.Fatalf("%d held", got)
	}
	s.Add(msgs[3]) // comes after the watermark
	s.Advance(t0.Add(203 * ms))
	if got := s.held(); got != 0 {
		t.Fatalf("%d held", got)
	}
	s.Add(msgs[4])
	want := strings.Join([]string{
		"watermark 0s", `boot 1 ""`, "client 1 from 0",
		"message 0 3600000000000/50 at 0s", "watermark 50ms", "message 1 3600001000000/50 at 50ms",
		"gap 1 50ms to 3 50ms: 1 lost", "message 3 3600002000000/50 at 50ms", "message 4 3600003000000/50 at 50ms",
		"watermark 203ms", "message 5 3600004000000/50 at 203ms",
	}, "\n")
	got := strings.Join(out.log, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Repetitions are known after a million messages, losses and late ones included, in bounded memory.
func TestRepetitionsLongPast(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), appleSilicon)
	out := &told{}
	s := newSequencer(limits{}, out)
	stream := func(add func(*es.Message)) {
		e := m.at(0, t0, 700, 50)
		for i := range uint64(300_000) {
			if i%1000 == 500 && i > 200_000 {
				continue
			}
			e.GlobalSeqNum, e.Time, e.MachTime = i, t0.Add(time.Duration(i)*ms), 1_000_000+i*24_000
			add(e)
		}
	}
	stream(s.Add)
	s.Drain()
	first := s.counts
	out.log = nil
	stream(s.Add)
	s.Drain()
	if n := s.counts; n.Out != first.Out || n.Duplicates != first.In || len(out.log) != 0 {
		t.Errorf("%+v, then %+v\n%s", first, n, strings.Join(out.log, "\n"))
	}
	if len(s.line.marks) > mostMarks || len(s.line.holes) > mostHoles {
		t.Errorf("%d marks, %d holes", len(s.line.marks), len(s.line.holes))
	}
	// What fills an old hole is no repetition, the first time.
	e := m.at(200_500, t0.Add(200_500*ms), 700, 50)
	e.MachTime = 1_000_000 + 200_500*24_000
	s.Add(e)
	s.Add(e)
	if n := s.counts; n.Late != 1 || n.Duplicates != first.In+1 {
		t.Errorf("%+v", n)
	}
}

// When holes had to be forgotten, what comes from there is handed on and counted as unsure: never lost in silence.
func TestForgottenHoles(t *testing.T) {
	m := newMachine(t0.Add(-time.Hour), intel)
	s := newSequencer(limits{held: 2}, &told{})
	for i := range uint64(3 * mostHoles) {
		s.Add(m.at(2*i, t0.Add(time.Duration(i)*ms), 700, 50))
	}
	if s.counts.Forgotten == 0 || len(s.line.holes) > mostHoles {
		t.Fatalf("%+v, %d holes", s.counts, len(s.line.holes))
	}
	s.Add(m.at(1, t0, 700, 50))
	if s.counts.Unsure != 1 || s.counts.Late != 1 {
		t.Errorf("%+v", s.counts)
	}
}

// nowhere is a sink that does nothing.
type nowhere struct{ n int }

func (n *nowhere) message(*es.Message, es.Moment, bool)   { n.n++ }
func (*nowhere) gap(es.Moment, es.Moment, uint64, string) {}
func (*nowhere) boot(uint32, string)                      {}
func (*nowhere) client(int, uint64)                       {}
func (*nowhere) watermark(es.Moment)                      {}
func (*nowhere) conflict(string, *es.Message)             {}

func TestContiguousMessagesAllocateNothing(t *testing.T) {
	for _, tb := range []es.Timebase{{}, intel, appleSilicon, {Numer: 7, Denom: 5}} {
		s := newSequencer(limits{}, &nowhere{})
		s.Begin(&es.Header{Timebase: tb})
		m := newMachine(t0.Add(-time.Hour), appleSilicon).at(0, t0, 700, 50)
		add := func() {
			s.Add(m)
			m.GlobalSeqNum++
			m.MachTime += 2400
			m.Time += 100_000
		}
		for range 20_000 {
			add()
		}
		if n := testing.AllocsPerRun(100_000, add); n != 0 {
			t.Errorf("timebase %v: %v allocations a message", tb, n)
		}
	}
}

func BenchmarkSequencerContiguous(b *testing.B) {
	s := newSequencer(limits{}, &nowhere{})
	m := newMachine(t0.Add(-time.Hour), appleSilicon).at(0, t0, 700, 50)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(m)
		m.GlobalSeqNum++
		m.MachTime += 2400
		m.Time += 100_000
	}
}

// Every pair swapped: the slow path with a copy for every second message.
func BenchmarkSequencerSwapped(b *testing.B) {
	s := newSequencer(limits{}, &nowhere{})
	m := newMachine(t0.Add(-time.Hour), appleSilicon).at(0, t0, 700, 50)
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		m.GlobalSeqNum = i ^ 1
		m.MachTime = 1_000_000 + m.GlobalSeqNum*2400
		m.Time = t0 + es.Time(m.GlobalSeqNum*100_000)
		s.Add(m)
		i++
	}
}
