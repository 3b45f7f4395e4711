package lineage

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"ascribe.example/es"
)

// What the constants count may not be less than what lies in memory.
func TestCosts(t *testing.T) {
	for _, c := range []struct {
		what       string
		size, cost uintptr
	}{
		{"execution with 96 bytes of table entries", unsafe.Sizeof(slot{}) + 96, costExecution},
		{"responsibility", unsafe.Sizeof(Responsibility{}), costResponsible},
		{"token", unsafe.Sizeof(TokenChange{}), costToken},
		{"injection", unsafe.Sizeof(Injection{}), costInjection},
		{"image", unsafe.Sizeof(OtherImage{}), costImage},
		{"become", unsafe.Sizeof(Become{}), costBecome},
	} {
		if c.size > c.cost {
			t.Errorf("%s: %d bytes, counted as %d", c.what, c.size, c.cost)
		}
	}
}

// Ended executions stay while something alive, or an open draft, came from them; else the oldest go first.
func TestEvictionKeepsWhatIsReferredTo(t *testing.T) {
	m := newMac()
	tr := New(Limits{Past: 64})
	app := m.spawn(m.init, "/A/app", "org.app")
	old := m.spawn(app, "/bin/zsh", "com.apple.zsh")
	kid := m.spawn(old, "/bin/sleep", "com.apple.sleep")
	answer(kid, app)
	m.act(kid)
	m.exit(old)
	m.exit(app)
	draft := m.spawn(m.init, "/bin/draft", "draft")
	m.exit(draft)
	gone := m.spawn(m.init, "/bin/gone", "gone")
	m.exit(gone)
	m.feed(tr)
	held := m.ref(tr, draft)
	tr.Retain(held)
	m.sent = nil
	m.pass(time.Minute)
	var last *proc
	for range 200 {
		m.pass(time.Second)
		last = m.spawn(m.init, "/bin/true", "com.apple.true")
		m.exit(last)
	}
	m.feed(tr)
	equal(t, "lineage of what lives", paths(tr, m.ref(tr, kid)), []string{
		"/bin/sleep", "exec /bin/zsh", "fork /bin/zsh", "exec /A/app", "fork /A/app", "exec /sbin/launchd", "fork /sbin/launchd",
	})
	equal(t, "draft", tr.At(held).Image.Path, "/bin/draft")
	equal(t, "gone", []any{m.ref(tr, gone), tr.Forgotten(gone.Key(1)), tr.Forgotten(kid.Key(1)), tr.Forgotten(es.Key{Boot: 1, PID: 5, PIDVersion: 5})}, []any{Ref(0), true, false, false})
	equal(t, "last", tr.At(m.ref(tr, last)).Image.Path, "/bin/true")
	st := tr.Stats()
	if st.Past > 64 || st.Evicted == 0 || st.EvictedLive != 0 || st.Evicted+uint64(st.Live+st.Past) != st.Created {
		t.Errorf("does not balance: %+v", st)
	}
	tr.Release(held)
	m.sent = nil
	for range 64 {
		m.pass(time.Second)
		m.exit(m.spawn(m.init, "/bin/true", "com.apple.true"))
	}
	m.feed(tr)
	if tr.At(held) != nil {
		t.Error("released, and still there")
	}
}

// Where even ancestors of what lives must go, open drafts keep theirs.
func TestDraftsOutlastAncestors(t *testing.T) {
	m := newMac()
	tr := New(Limits{Past: 64})
	draft := m.spawn(m.init, "/bin/draft", "draft")
	m.exit(draft)
	m.feed(tr)
	held := m.ref(tr, draft)
	tr.Retain(held)
	m.sent = nil
	p := m.spawn(m.init, "/bin/p", "p")
	for range 500 {
		m.pass(10 * time.Second)
		m.exec(p, "/bin/p", "p", nil)
	}
	m.feed(tr)
	equal(t, "draft", tr.At(held) != nil, true)
	equal(t, "an ancestor", tr.Above(m.ref(tr, p)).Edge, EdgeExec)
	last := Step{}
	for up := range tr.Ancestors(m.ref(tr, p)) {
		last = up
	}
	equal(t, "where it ends by eviction, it says so", last.Edge != EdgeNone, true)
}

// A tombstone outlives its process by at least five seconds of event time: even ancestors of what lives go before it.
func TestTombstone(t *testing.T) {
	m := newMac()
	tr := New(Limits{Past: 100})
	busy := m.spawn(m.init, "/bin/busy", "busy")
	for range 90 {
		m.exec(busy, "/bin/busy", "busy", nil)
	}
	m.pass(time.Minute)
	p := m.fork(m.init)
	m.exec(p, xpcproxyPath, xpcproxySigningID, nil)
	starter := *p
	m.exec(p, dsh, dshID, nil)
	m.exit(p)
	for range 20 {
		m.exit(m.spawn(m.init, "/bin/true", "com.apple.true"))
	}
	m.feed(tr)
	if tr.Stats().Evicted == 0 {
		t.Fatal("nothing was evicted")
	}
	if e := m.at(tr, &starter); e == nil || e.Image.Path != xpcproxyPath {
		t.Fatal("the starter is forgotten")
	}
	m.sent = nil
	m.pass(10 * time.Second)
	for range 40 {
		m.exit(m.spawn(m.init, "/bin/true", "com.apple.true"))
	}
	m.feed(tr)
	equal(t, "starter, later", m.ref(tr, &starter), Ref(0))
}

// A hostile recording: everything forks, execs with long arguments and never exits; ancestors of one process without end.
func TestEvictionBoundsHostileInput(t *testing.T) {
	long := strings.Repeat("x", 16<<10)
	for name, step := range map[string]func(m *mac, p *proc, i int) *proc{
		"a chain of forks": func(m *mac, p *proc, _ int) *proc {
			c := m.fork(p)
			m.exit(p)
			return c
		},
		"a process that execs for ever": func(m *mac, p *proc, i int) *proc {
			m.exec(p, fmt.Sprint("/bin/", i), "x", nil)
			return p
		},
		"processes that never exit": func(m *mac, p *proc, _ int) *proc {
			m.fork(p)
			return p
		},
		"long paths and arguments": func(m *mac, p *proc, i int) *proc {
			m.spawn(p, long+fmt.Sprint(i), long, strings.Repeat("y", 1000), long)
			return p
		},
		"one pid, one life after the other": func(m *mac, p *proc, i int) *proc {
			m.forkAs(p, 55)
			return p
		},
	} {
		t.Run(name, func(t *testing.T) {
			lim := Limits{Live: 200, Past: 100, Bytes: 1 << 20}
			tr := New(lim)
			m := newMac()
			p := m.spawn(m.init, "/bin/p", "p")
			for i := range 3000 {
				p = step(m, p, i)
				m.feed(tr)
				m.sent = m.sent[:0]
				if st := tr.Stats(); st.Live > lim.Live || st.Past > lim.Past || st.Bytes > lim.Bytes {
					t.Fatalf("after %d: %+v", i, st)
				}
				if m.at(tr, p) == nil {
					t.Fatalf("after %d: the actor is not known", i)
				}
			}
			st := tr.Stats()
			if st.Evicted == 0 || st.Evicted+uint64(st.Live+st.Past) != st.Created {
				t.Errorf("does not balance: %+v", st)
			}
			n := 0
			for up := range tr.Ancestors(m.ref(tr, p)) {
				if n++; n > MaxSteps {
					t.Fatal("a walk without end")
				}
				if up.Ref == 0 && up.Edge != EdgeForgotten {
					t.Errorf("step %+v", up)
				}
			}
		})
	}
}

// Strings have no bound where they come from; what is kept of them has.
func TestLongStringsAreClipped(t *testing.T) {
	huge := strings.Repeat("h", 4<<20)
	m := newMac()
	p := m.fork(m.init)
	p.TTY = &es.File{Path: huge}
	m.exec(p, huge, huge, []string{huge, huge}, "XPC_SERVICE_NAME="+huge, "__CFBundleIdentifier="+huge)
	m.act(p)
	m.connect(p, huge)
	login(p, 501, 100019)
	m.send(p, &es.Session{Which: es.KindLoginLogin, Success: true, Username: huge, UID: 501, SourceAddress: huge})
	m.send(p, &es.Become{Which: es.KindSudo, Success: true, FromUID: 1, FromUsername: huge, ToUID: 2, ToUsername: huge, Command: huge})
	m.send(m.init, &es.BootstrapCheckIn{ServiceName: huge, Instigator: &p.Process})
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, p)
	equal(t, "it is no conflict", []any{e.Conflict, len(e.Image.Path), len(e.TTY)}, []any{false, MaxPath, MaxName})
	if b := len(save(t, tr)); b > 128<<10 {
		t.Errorf("%d bytes are kept", b)
	}
	equal(t, "it is found by what is kept of the name", len(tr.ServersOf(nil, huge[:MaxName])), 1)
}

// Where nothing has ended, what was heard of least lately goes first, but not the ancestors of what is active, nor launchd.
func TestLiveEvictionKeepsTheActive(t *testing.T) {
	m := newMac()
	term := m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")
	sh := m.spawn(term, "/bin/zsh", "com.apple.zsh")
	tr := New(Limits{Live: 100})
	for range 2000 {
		m.fork(m.init)
		m.pass(time.Second)
		m.act(sh)
	}
	m.feed(tr)
	equal(t, "lineage", paths(tr, m.ref(tr, sh)), []string{"/bin/zsh", "exec /A/Terminal", "fork /A/Terminal", "exec /sbin/launchd", "fork /sbin/launchd"})
	if tr.Stats().EvictedLive == 0 {
		t.Error("evictions of what lives are not counted")
	}
}

// Handles lead to nothing once forgotten, and never to another; those far behind are told as perhaps forgotten.
func TestForgotten(t *testing.T) {
	m := newMac()
	tr := New(Limits{Past: 16})
	first := m.spawn(m.init, "/bin/first", "first")
	m.exit(first)
	m.feed(tr)
	ref := m.ref(tr, first)
	m.sent = nil
	for range 3 * forgottenKeys {
		m.pass(time.Second)
		m.exit(m.spawn(m.init, "/bin/true", "com.apple.true"))
	}
	m.feed(tr)
	if tr.At(ref) != nil {
		t.Fatal("a handle leads to another execution")
	}
	equal(t, "forgotten long ago", tr.Forgotten(first.Key(1)), true)
	equal(t, "older than what was forgotten: perhaps", tr.Forgotten(es.Key{Boot: 1, PID: 9, PIDVersion: 9}), true)
	equal(t, "in the future", tr.Forgotten(es.Key{Boot: 1, PID: 9, PIDVersion: 1 << 30}), false)
	tr.Retain(ref)
	tr.Release(ref)

	again := New(Limits{Past: 16})
	if err := again.Restore(gob.NewDecoder(bytes.NewReader(save(t, tr)))); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		m.pass(time.Second)
		m.exit(m.spawn(m.init, "/bin/true", "com.apple.true"))
	}
	m.feed(tr)
	m.feed(again)
	equal(t, "after a restore", []any{again.forgotten.ring, again.forgotten.place, again.forgotten.below, again.forgotten.keys}, []any{tr.forgotten.ring, tr.forgotten.place, tr.forgotten.below, tr.forgotten.keys})
}

func TestRefTable(t *testing.T) {
	var tab refTable
	for r := Ref(1); r <= 5000; r++ {
		tab.put(r, int32(r)+1)
		if r%3 == 0 {
			tab.drop(r / 2)
		}
	}
	for r := Ref(1); r <= 5000; r++ {
		gone := r <= 2500 && 2*r <= 5000 && dropped(r)
		want := int32(r) + 1
		if gone {
			want = 0
		}
		if got := tab.get(r); got != want {
			t.Fatalf("ref %d: %d, want %d", r, got, want)
		}
	}
}

// dropped reports whether some r0 up to 5000, a multiple of three, has r as its half.
func dropped(r Ref) bool { return (2*r)%3 == 0 || (2*r+1)%3 == 0 && 2*r+1 <= 5000 }

// Where others took all the room there is a least that executions may come to; what goes beyond is forgotten, and counted.
func TestHeldTrackersForget(t *testing.T) {
	m := newMac()
	for range 14_000 {
		m.spawn(m.init, "/bin/worker", "com.example.worker")
	}
	free, held := New(Limits{}), New(Limits{})
	held.Hold()
	m.feed(free)
	m.feed(held)
	if s := free.Stats(); s.Evicted != 0 || s.Bytes <= leastBytes || free.Taken() != s.Most {
		t.Errorf("with room enough: %+v", s)
	}
	s := held.Stats()
	if s.EvictedLive == 0 || s.Bytes > leastBytes || held.Taken() > leastBytes+leastBytes/100 {
		t.Errorf("held: %+v", s)
	}
}
