package lineage

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ascribe.example/es"
)

// answer makes p answer to q from now on.
func answer(p, q *proc) { p.ResponsibleAuditToken = q.AuditToken }

func keys(l []Responsibility) (k []es.Key) {
	for _, r := range l {
		k = append(k, r.Key)
	}
	return k
}

// A shell answers to its terminal from the fork on; once the terminal has exited, its token names itself. The history of
// the process, over its execs, still has the terminal.
func TestResponsibleHasExited(t *testing.T) {
	m := newMac()
	term := m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")
	sh := m.fork(term)
	early := m.now()
	m.exec(sh, "/bin/zsh", "com.apple.zsh", nil)
	m.act(sh)
	held := m.now()
	m.exit(term)
	sh.ResponsibleAuditToken = sh.AuditToken
	m.act(sh)
	m.exec(sh, "/bin/cp", "com.apple.cp", nil)
	tr := New(Limits{})
	m.feed(tr)
	termKey := term.Key(1)

	r := tr.ResponsibleAt(m.ref(tr, sh), m.now())
	equal(t, "now", []any{r.Now.Key, r.Self}, []any{sh.Key(1), true})
	equal(t, "first", []any{r.First.Key, r.First.Origin, r.First.Token}, []any{termKey, OriginFork, term.AuditToken})
	equal(t, "foreign", keys(r.Foreign), []es.Key{termKey})
	zsh := tr.At(m.ref(tr, sh)).Prev
	r = tr.ResponsibleAt(zsh, held)
	equal(t, "then", []any{r.Now.Key, r.Self, r.Now.Until}, []any{termKey, false, held})
	r = tr.ResponsibleAt(zsh, early)
	equal(t, "before it was seen", r.Now.Key, termKey)
	equal(t, "of nothing", tr.ResponsibleAt(0, held).Now.Key, es.Key{})
}

// A service got its responsible process only after it was made: each change is kept with its time.
func TestResponsibilityChanges(t *testing.T) {
	m := newMac()
	store := m.spawn(m.init, "/A/appstored", "com.apple.appstored")
	svc := m.service("com.apple.x", "/A/x", "com.apple.x", 501, 100019)
	m.act(svc)
	own := m.now()
	m.pass(time.Second)
	answer(svc, store)
	m.act(svc)
	tr := New(Limits{})
	m.feed(tr)
	r := tr.ResponsibleAt(m.ref(tr, svc), own)
	equal(t, "at first", []any{r.Self, len(r.Foreign)}, []any{true, 0})
	r = tr.ResponsibleAt(m.ref(tr, svc), m.now())
	equal(t, "then", []any{r.Self, r.Now.Key, r.First.At}, []any{false, store.Key(1), m.now()})
}

// A disclaimed child answers for itself from its exec on; what it was forked under stays known.
func TestDisclaimedChild(t *testing.T) {
	m := newMac()
	app := m.spawn(m.init, "/A/Browser", "org.browser")
	helper := m.fork(app)
	answer(helper, app)
	m.act(helper)
	helper.ResponsibleAuditToken = helper.AuditToken
	m.exec(helper, "/A/Helper", "org.browser.helper", nil)
	tr := New(Limits{})
	m.feed(tr)
	r := tr.ResponsibleAt(m.ref(tr, helper), m.now())
	equal(t, "disclaimed", []any{r.Self, r.First.Key}, []any{true, app.Key(1)})
}

// A late message fills the history in its place and changes nothing that came after it.
func TestLateResponsibility(t *testing.T) {
	m := newMac()
	a := m.spawn(m.init, "/A/a", "a")
	b := m.spawn(m.init, "/A/b", "b")
	p := m.spawn(m.init, "/A/p", "p")
	tr := New(Limits{})
	answer(p, a)
	m.act(p)
	answer(p, b)
	m.act(p)
	lost := m.now()
	answer(p, a)
	m.act(p)
	m.pass(time.Second)
	m.act(p)
	n := len(m.sent)
	late := m.sent[n-3]
	late.late = true
	m.sent = append(append(m.sent[:n-3:n-3], m.sent[n-2:]...), late)
	m.feed(tr)
	ref := m.ref(tr, p)
	r := tr.ResponsibleAt(ref, lost)
	equal(t, "at the lost moment", r.Now.Key, b.Key(1))
	equal(t, "now", tr.ResponsibleAt(ref, m.now()).Now.Key, a.Key(1))
	equal(t, "foreign", keys(tr.ResponsibleAt(ref, m.now()).Foreign), []es.Key{a.Key(1), b.Key(1)})
}

// In whatever order the messages of one process come, the same foreign values are known, with the same first one, as long
// as the history is not full.
func TestForeignValuesAreOrderInsensitive(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMac()
		who := []*proc{m.spawn(m.init, "/A/a", "a"), m.spawn(m.init, "/A/b", "b"), m.spawn(m.init, "/A/c", "c")}
		p := m.spawn(m.init, "/A/p", "p")
		start := len(m.sent)
		for _, w := range rapid.SliceOfN(rapid.IntRange(0, 3), 1, 5).Draw(rt, "answers") {
			p.ResponsibleAuditToken = p.AuditToken
			if w < len(who) {
				answer(p, who[w])
			}
			m.act(p)
		}
		want := New(Limits{})
		m.feed(want)
		shuffled := rapid.Permutation(m.sent[start:]).Draw(rt, "order")
		m.sent = append(m.sent[:start:start], shuffled...)
		for i := range m.sent {
			m.sent[i].late = i > start
		}
		got := New(Limits{})
		m.feed(got)
		end := es.Moment{Seq: m.seq, Clock: m.clock}
		a, b := want.ResponsibleAt(m.ref(want, p), end), got.ResponsibleAt(m.ref(got, p), end)
		if !sameKeys(keys(a.Foreign), keys(b.Foreign)) || a.First.Key != b.First.Key || a.First.At != b.First.At {
			rt.Fatalf("in order %v first %v, shuffled %v first %v", keys(a.Foreign), a.First, keys(b.Foreign), b.First)
		}
	})
}

func sameKeys(a, b []es.Key) bool {
	if len(a) != len(b) {
		return false
	}
	for _, k := range a {
		if !contains(b, k) {
			return false
		}
	}
	return true
}

// However often it changes, the history is bounded, and its first foreign value stays.
func TestResponsibilityIsBounded(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/A/p", "p")
	first := m.spawn(m.init, "/A/first", "first")
	answer(p, first)
	m.act(p)
	for i := range 100 {
		p.ResponsibleAuditToken.PID, p.ResponsibleAuditToken.PIDVersion = int32(2000+i), uint32(50000+i)
		m.act(p)
	}
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, p)
	equal(t, "length", len(e.Earlier)+1, MaxResponsibility)
	r := tr.ResponsibleAt(e.Ref, m.now())
	equal(t, "first and last", []any{r.First.Key, r.Now.Key.PID}, []any{first.Key(1), int32(2099)})
	if tr.Stats().Dropped == 0 {
		t.Error("what was dropped is not counted")
	}
}

// Before message version 4 there are no such tokens: nothing is known, nothing is made up.
func TestNoResponsibleToken(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/A/p", "p")
	p.ResponsibleAuditToken, p.ParentAuditToken = es.AuditToken{}, es.AuditToken{}
	m.sent = nil
	m.act(p)
	tr := New(Limits{})
	m.feed(tr)
	r := tr.ResponsibleAt(m.ref(tr, p), m.now())
	equal(t, "nothing", []any{r.Now.Key, r.Self, m.at(tr, p).ParentKey}, []any{es.Key{}, false, es.Key{}})
}
