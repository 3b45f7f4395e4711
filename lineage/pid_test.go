package lineage

import (
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// A pid is reused. What is told of it by bare pid is resolved in the time of the one that is meant.
func TestPIDReuse(t *testing.T) {
	m := newMac()
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	kid := m.spawn(sh, "/bin/sleep", "com.apple.sleep")
	m.exit(sh)
	m.pass(time.Hour)
	other := m.forkAs(m.init, sh.AuditToken.PID)
	m.exec(other, "/bin/other", "org.other", nil)
	n := len(m.sent)
	m.act(other)
	kid.PPID, kid.ParentAuditToken = 1, m.init.AuditToken
	m.act(kid)

	for _, c := range []struct {
		what string
		keep func(i int) bool
		want []string
	}{
		{"all", func(int) bool { return true }, []string{"/bin/sleep", "exec /bin/zsh", "fork /bin/zsh", "exec /sbin/launchd", "fork /sbin/launchd"}},
		{"only the other was seen", func(i int) bool { return i >= 5 }, []string{"/bin/sleep"}},
		{"the exit was lost", func(i int) bool { return i != 4 }, []string{"/bin/sleep", "exec /bin/zsh", "fork /bin/zsh", "exec /sbin/launchd", "fork /sbin/launchd"}},
		{"the kid's birth was lost", func(i int) bool { return i != 2 && i != 3 }, []string{"/bin/sleep", "fork /bin/zsh", "exec /sbin/launchd", "fork /sbin/launchd"}},
	} {
		tr := New(Limits{})
		for i, s := range m.sent {
			if c.keep(i) {
				tr.Observe(s.m, s.at, false)
			}
		}
		r := m.ref(tr, kid)
		equal(t, c.what, paths(tr, r), c.want)
		equal(t, c.what+": orphaned", tr.At(r).Orphaned(), true)
		first := tr.Find(sh.Key(1))
		if first != 0 {
			equal(t, c.what+": the first is gone", []any{tr.At(first).Exited, tr.StatusAt(first, m.sent[n].at)}, []any{true, finding.StatusExited})
			equal(t, c.what+": by pid then", tr.ByPID(sh.AuditToken.PID, m.sent[3].at.Time), first)
		}
		equal(t, c.what+": by pid now", tr.ByPID(sh.AuditToken.PID, m.now().Time), m.ref(tr, other))
	}
}

// act1 is a process that is only ever seen acting.
func act1(m *mac, pid int32, pidv uint32, start es.Time, path string) *proc {
	p := &proc{m.init.Process}
	p.AuditToken.PID, p.AuditToken.PIDVersion = pid, pidv
	p.ResponsibleAuditToken = p.AuditToken
	p.StartTime, p.PPID, p.OriginalPPID = start, 1, 1
	p.ParentAuditToken = m.init.AuditToken
	p.Executable.Path, p.CDHash, p.SigningID = path, hash(path), path
	m.act(p)
	return p
}

// Reuse that no fork shows: another start time is another process, and whoever comes later ends who was before, in
// whatever order they are told.
func TestPIDReuseUnseen(t *testing.T) {
	for _, swap := range []bool{false, true} {
		m := newMac()
		a := act1(m, 600, 1000, wallStart, "/bin/a")
		m.pass(time.Hour)
		b := act1(m, 600, 2000, wallStart.Add(30*time.Minute), "/bin/b")
		if swap {
			m.sent[0], m.sent[1] = m.sent[1], m.sent[0]
			m.sent[1].late = true
		}
		tr := New(Limits{})
		m.feed(tr)
		x, y := m.at(tr, a), m.at(tr, b)
		equal(t, "lives", []bool{x.Life == y.Life, x.Exited, y.Exited}, []bool{false, true, false})
		equal(t, "links", []Ref{x.Next, y.Prev}, []Ref{0, 0})
	}
}

// Where start times are not known, an exit or a fork still tells one process from the next under its pid.
func TestPIDReuseWithoutStartTimes(t *testing.T) {
	m := newMac()
	a := act1(m, 600, 1000, 0, "/bin/a")
	a2 := act1(m, 600, 1001, 0, "/bin/a2")
	m.exit(a2)
	b := act1(m, 600, 2000, 0, "/bin/b")
	c := *b
	c.AuditToken.PIDVersion = 3000
	m.send(m.init, &es.Fork{Child: c.Process})
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "exec", m.at(tr, a2).Prev, m.ref(tr, a))
	equal(t, "after the exit", []any{m.at(tr, b).Prev, m.at(tr, b).Life == m.at(tr, a).Life}, []any{Ref(0), false})
	equal(t, "after the fork", []any{m.at(tr, &c).Prev, m.at(tr, &c).Life == m.at(tr, b).Life, m.at(tr, b).Exited}, []any{Ref(0), false, true})
}

// A bare parent pid is no name of a process that had exited before the child began, nor of one that began after it.
func TestBareParentPID(t *testing.T) {
	m := newMac()
	kid := func(start es.Time, pidv uint32) *proc {
		k := act1(m, 700, pidv, start, "/bin/kid")
		k.PPID, k.OriginalPPID, k.ParentAuditToken = 600, 600, es.AuditToken{}
		m.sent[len(m.sent)-1].m.Process = k.Process
		return k
	}
	p := act1(m, 600, 1000, wallStart, "/bin/p")
	m.exit(p)
	gone := m.now().Time
	k := kid(gone.Add(time.Hour), 1500)
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "it had exited", m.at(tr, k).Parent, Ref(0))

	m = newMac()
	act1(m, 600, 0, wallStart.Add(time.Hour), "/bin/p") // a snapshot without pidversions
	k = kid(wallStart.Add(time.Minute), 1500)
	tr = New(Limits{})
	m.feed(tr)
	equal(t, "it began later", m.at(tr, k).Parent, Ref(0))

	m = newMac()
	p = act1(m, 600, 1000, wallStart, "/bin/p")
	k = kid(wallStart.Add(time.Minute), 1500)
	tr = New(Limits{})
	m.feed(tr)
	equal(t, "it lived then", m.at(tr, k).Parent, m.ref(tr, p))
}
