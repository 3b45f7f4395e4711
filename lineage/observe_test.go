package lineage

import (
	"testing"

	"ascribe.example/es"
)

// A process that an event describes beside its actor is known from then on.
func TestParties(t *testing.T) {
	for what, ev := range map[string]func(p *es.Process) es.Event{
		"signal":        func(p *es.Process) es.Event { return &es.Signal{Target: *p} },
		"instigator":    func(p *es.Process) es.Event { return &es.Signal{Instigator: p} },
		"materialize":   func(p *es.Process) es.Event { return &es.FileProviderMaterialize{Instigator: p} },
		"launch item":   func(p *es.Process) es.Event { return &es.BTMLaunchItemAdd{App: p} },
		"tcc":           func(p *es.Process) es.Event { return &es.TCCModify{Responsible: p} },
		"trace":         func(p *es.Process) es.Event { return &es.Trace{Target: *p} },
		"remote thread": func(p *es.Process) es.Event { return &es.RemoteThreadCreate{Target: *p} },
	} {
		m := newMac()
		p := m.spawn(m.init, "/bin/p", "p")
		m.sent = nil
		m.send(m.init, ev(&p.Process))
		tr := New(Limits{})
		m.feed(tr)
		e := m.at(tr, p)
		if e == nil || e.Image.Path != "/bin/p" || e.Origin != OriginActing {
			t.Errorf("%s: %+v", what, e)
		}
	}
}

// What was denied did not happen.
func TestDenied(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/bin/p", "p")
	m.sent[1].m.Denied = true
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "target", m.ref(tr, p), Ref(0))
	equal(t, "actor", tr.At(tr.Find(m.sent[1].m.Process.Key(1))).Alive(), true)
}

// The handles' numbers start again after 2^31, past those in use; pidversions wrap at 2^32.
func TestNumbersWrap(t *testing.T) {
	m := newMac()
	m.pidv = 1<<32 - 3
	tr := New(Limits{})
	a := m.spawn(m.init, "/bin/a", "a")
	m.feed(tr)
	m.sent = nil
	tr.next = 1<<31 - 3
	b := m.spawn(a, "/bin/b", "b")
	c := m.spawn(b, "/bin/c", "c")
	m.act(c)
	m.feed(tr)
	r := m.ref(tr, c)
	equal(t, "lineage", paths(tr, r), []string{"/bin/c", "exec /bin/b", "fork /bin/b", "exec /bin/a", "fork /bin/a", "exec /sbin/launchd", "fork /sbin/launchd"})
	if r <= 0 || r > 100 {
		t.Errorf("handle %d", r)
	}
	equal(t, "unseen: pidversion 0 stands for unknown", tr.Stats().Unseen, uint64(1))
}

func TestNames(t *testing.T) {
	var got []string
	for o := OriginNone; o <= OriginExec+1; o++ {
		got = append(got, o.String())
	}
	for e := EdgeNone; e <= EdgeForgotten+1; e++ {
		got = append(got, e.String())
	}
	equal(t, "names", got, []string{"", "inferred", "acting", "snapshot", "fork", "exec", "exec", "", "exec", "fork", "forgotten", "forgotten"})
}
