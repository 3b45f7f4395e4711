package lineage

import (
	"testing"
	"time"

	"ascribe.example/es"
)

// busy is a Mac with many processes, and messages of theirs that tell nothing new, in bursts as real ones come.
func busy(procs, messages, burst int) (*Tracker, []sent) {
	m := newMac()
	tr := New(Limits{})
	var all []*proc
	for range procs {
		p := m.spawn(m.init, "/Applications/Some.app/Contents/MacOS/Some", "org.some.app", "Some", "--flag")
		answer(p, m.init)
		m.act(p)
		all = append(all, p)
	}
	m.feed(tr)
	m.sent = nil
	for i := range messages {
		m.act(all[i/burst*7919%procs])
	}
	return tr, m.sent
}

// A message of a known process that says nothing new costs no memory.
func TestSteadyStateAllocates(t *testing.T) {
	tr, msgs := busy(500, 2000, 3)
	i := 0
	n := testing.AllocsPerRun(len(msgs)-1, func() {
		s := msgs[i]
		tr.Observe(s.m, s.at, false)
		i++
	})
	if n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

// Nor does a connection that is made again, an execution looked at, or who answered for it.
func TestRepeatedQuestionsAllocate(t *testing.T) {
	m := newMac()
	f := m.spawn(m.init, finder, "com.apple.finder")
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	answer(d, f)
	m.connect(f, dshID)
	m.act(d)
	tr := New(Limits{})
	m.feed(tr)
	ref := m.ref(tr, d)
	var out []Connection
	again := m.sent[len(m.sent)-2]
	tr.ClientsOf(nil, ref, m.now(), time.Hour)
	out = make([]Connection, 0, 4)
	for what, f := range map[string]func(){
		"connection": func() { tr.Observe(again.m, again.at, false) },
		"clients":    func() { out = tr.ClientsOf(out[:0], ref, m.now(), time.Hour) },
		"answers":    func() { tr.ResponsibleAt(ref, m.now()) },
		"above":      func() { tr.Above(ref); tr.ParentOf(ref); tr.StatusAt(ref, m.now()); tr.SessionOf(100014) },
		"walk": func() {
			for range tr.Ancestors(ref) {
			}
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", what, n)
		}
	}
}

func BenchmarkObserveKnown(b *testing.B) {
	tr, msgs := busy(600, 1<<11, 4)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &msgs[i&(1<<11-1)]
		s.at.Clock = time.Duration(i) * time.Second
		tr.Observe(s.m, s.at, false)
	}
}

// Worst case of the same: no two messages in a row are of one process.
func BenchmarkObserveKnownScattered(b *testing.B) {
	tr, msgs := busy(600, 1<<11, 1)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := &msgs[i&(1<<11-1)]
		s.at.Clock = time.Duration(i) * time.Second
		tr.Observe(s.m, s.at, false)
	}
}

// Fork, exec, one message, exit; with the evictions that follow from it.
func BenchmarkProcess(b *testing.B) {
	m := newMac()
	tr := New(Limits{})
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	m.feed(tr)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		m.sent = m.sent[:0]
		m.pid = 300 + (m.pid+1)%90000
		m.pass(10 * time.Millisecond)
		p := m.spawn(sh, "/bin/cp", "com.apple.cp", "cp", "a", "b")
		m.act(p)
		m.exit(p)
		b.StartTimer()
		m.feed(tr)
	}
	b.ReportMetric(float64(tr.Stats().Past), "past")
}

func BenchmarkAncestors(b *testing.B) {
	m := newMac()
	p := m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")
	for range 4 {
		p = m.spawn(p, "/bin/zsh", "com.apple.zsh")
	}
	tr := New(Limits{})
	m.feed(tr)
	ref := m.ref(tr, p)
	b.ReportAllocs()
	for b.Loop() {
		for range tr.Ancestors(ref) {
		}
	}
}

func BenchmarkEvict(b *testing.B) {
	m := newMac()
	tr := New(Limits{})
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	m.feed(tr)
	m.sent = nil
	for range 16000 {
		m.pass(10 * time.Millisecond)
		m.exit(m.spawn(sh, "/bin/cp", "com.apple.cp", "cp", "a", "b"))
		m.feed(tr)
		m.sent = m.sent[:0]
	}
	tr.limits.Past = tr.past // one eviction forgets nothing, but looks at all
	b.ReportAllocs()
	for b.Loop() {
		tr.evict()
	}
}
