package lineage

import (
	"fmt"
	"testing"
	"time"

	"ascribe.example/es"
)

// The counter is machine-wide: what it passed over, somebody forked or exec-ed.
func TestHoles(t *testing.T) {
	m := newMac()
	a := m.spawn(m.init, "/bin/a", "a") // 101, 102
	from := m.now()
	m.pidv += 5                         // 103..107 untold
	b := m.spawn(m.init, "/bin/b", "b") // 108, 109
	m.pidv += 2                         // 110, 111 untold, 111 seen acting
	c := *b
	c.AuditToken.PID, c.AuditToken.PIDVersion, c.StartTime = 900, 111, m.now().Time
	m.act(&c)
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "between", []uint32{
		tr.UnseenBetween(a.AuditToken.PIDVersion, 108), tr.UnseenBetween(104, 106), tr.UnseenBetween(101, 102),
		tr.UnseenBetween(108, 112), tr.UnseenBetween(0, 200), tr.UnseenBetween(108, 100),
	}, []uint32{5, 1, 0, 2, 7, 0})
	equal(t, "during", []uint64{tr.UnseenDuring(es.Moment{}, from), tr.UnseenDuring(from, m.now())}, []uint64{0, 7})
	late := *m.init
	kid := c
	kid.AuditToken.PIDVersion, kid.AuditToken.PID = 105, 800
	s := m.send(&late, &es.Fork{Child: kid.Process})
	tr.Observe(s.m, s.at, true)
	equal(t, "filled", []any{tr.UnseenBetween(102, 108), tr.Stats().Unseen}, []any{uint32(4), uint64(6)})
}

// Holes and gaps are bounded; what is forgotten of them stays counted.
func TestHolesAndGapsAreBounded(t *testing.T) {
	m := newMac()
	tr := New(Limits{})
	p := m.spawn(m.init, "/bin/p", "p")
	for range 3 * maxHoles {
		m.pidv += 2
		m.exec(p, "/bin/p", "p", nil)
	}
	for i := range 3 * maxGaps {
		tr.Gap(es.Moment{Clock: time.Duration(i) * time.Second}, "lost")
	}
	m.feed(tr)
	equal(t, "unseen", tr.Stats().Unseen, uint64(6*maxHoles))
	if len(tr.holes.List) > maxHoles || len(tr.gaps) > maxGaps {
		t.Errorf("%d holes, %d gaps", len(tr.holes.List), len(tr.gaps))
	}
	for _, c := range []struct {
		from, to time.Duration
		want     bool
	}{{0, 3 * time.Hour, true}, {3000 * time.Second, 3001 * time.Second, true}, {3000*time.Second + 1, 3000*time.Second + 2, false}, {4000 * time.Second, 5000 * time.Second, false}} {
		equal(t, fmt.Sprint(c), tr.GapBetween(es.Moment{Clock: c.from}, es.Moment{Clock: c.to}), c.want)
	}
}
