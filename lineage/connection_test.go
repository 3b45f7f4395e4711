package lineage

import (
	"fmt"
	"testing"
	"time"

	"ascribe.example/es"
)

func (m *mac) connect(p *proc, service string) {
	m.send(p, &es.XPCConnect{ServiceName: service, DomainType: 1})
}

// clients are the images of ClientsOf's answer, with what marks them.
func clients(tr *Tracker, ref Ref, at es.Moment, within time.Duration) []string {
	var l []string
	for _, c := range tr.ClientsOf(nil, ref, at, within) {
		s := "?"
		if e := tr.At(c.Client); e != nil {
			s = e.Image.Path
		}
		if c.LookUp {
			s += " looked up"
		}
		if known(c.Ended) && !before(at, c.Ended) {
			s += " ended"
		}
		if c.Broken {
			s += " broken"
		}
		l = append(l, s)
	}
	return l
}

// The founding case's question: who asked DesktopServicesHelper? Finder did, before launchd even started it.
func TestClientsOfADemandLaunchedService(t *testing.T) {
	m := newMac()
	f := m.spawn(m.init, "/Finder", "com.apple.finder")
	g := m.spawn(m.init, "/Other", "org.other")
	m.connect(f, dshID)
	m.connect(g, "org.unrelated")
	m.connect(f, dshID)
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.act(d)
	busy := m.now()
	tr := New(Limits{})
	m.feed(tr)
	ref := m.ref(tr, d)
	equal(t, "clients", clients(tr, ref, busy, 0), []string{"/Finder"})
	c := tr.ClientsOf(nil, ref, busy, 0)[0]
	equal(t, "how", []any{c.Served, c.Instances, c.Count, c.Domain, c.Service, c.ClientKey}, []any{ServedByLabel, int32(1), uint32(2), int32(1), dshID, f.Key(1)})
	equal(t, "before anybody asked", clients(tr, ref, es.Moment{}, time.Hour), []string(nil))
	equal(t, "its starter is the same life", clients(tr, tr.At(ref).Prev, busy, 0), []string{"/Finder"})
	equal(t, "servers", tr.ServersOf(nil, dshID), []Ref{ref})

	m.sent = nil
	m.pass(time.Minute)
	h := m.spawn(m.init, "/Third", "org.third")
	m.connect(h, dshID)
	asked := m.now()
	m.pass(time.Second)
	m.exit(f)
	m.feed(tr)
	equal(t, "newest first", clients(tr, ref, asked, 0), []string{"/Third", "/Finder"})
	equal(t, "Finder has exited", clients(tr, ref, m.now(), 0), []string{"/Third"})
	equal(t, "but asked lately", clients(tr, ref, m.now(), 2*time.Minute), []string{"/Third", "/Finder ended"})
}

// A client that execs is another program with other ports. A service that exits breaks its connections; whether libxpc has
// made them again cannot be seen.
func TestConnectionsEnd(t *testing.T) {
	m := newMac()
	a := m.spawn(m.init, "/a", "a")
	b := m.spawn(m.init, "/b", "b")
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.connect(a, dshID)
	m.connect(b, dshID)
	both := m.now()
	m.exec(a, "/a2", "a2", nil)
	m.exit(d)
	tr := New(Limits{})
	m.feed(tr)
	old := m.ref(tr, d)
	equal(t, "both", clients(tr, old, both, 0), []string{"/b", "/a"})
	equal(t, "servers", len(tr.ServersOf(nil, dshID)), 0)
	m.sent = nil
	d2 := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.act(d2)
	m.feed(tr)
	equal(t, "of the next one", clients(tr, m.ref(tr, d2), m.now(), 0), []string{"/b ended broken"})
	m.sent = nil
	m.connect(b, dshID)
	m.feed(tr)
	equal(t, "connected again", clients(tr, m.ref(tr, d2), m.now(), 0), []string{"/b"})
}

// macOS 27 says whom a look-up found: the others who serve the name had no part.
func TestLookUpNamesTheTarget(t *testing.T) {
	m := newMac()
	c := m.spawn(m.init, "/client", "client")
	const name = "com.apple.multi"
	one := m.service(name+".11111111-2222-3333-4444-555555555555", "/one", "com.apple.multi", 501, 100019)
	two := m.service(name+".11111111-2222-3333-4444-666666666666", "/two", "com.apple.multi", 501, 100019)
	m.send(m.init, &es.BootstrapCheckIn{ServiceName: name + ".extra", Instigator: &one.Process})
	m.send(m.init, &es.BootstrapLookUp{ServiceName: name, Instigator: &c.Process, TargetProcess: &one.Process})
	m.send(m.init, &es.BootstrapLookUp{ServiceName: name + ".extra", InstigatorToken: c.AuditToken})
	m.send(m.init, &es.BootstrapLookUp{ServiceName: name + ".extra", InstigatorToken: es.AuditToken{PID: 7777, PIDVersion: 66666, AUID: 501}})
	m.send(m.init, &es.BootstrapLookUp{ServiceName: name})
	at := m.now()
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "one", clients(tr, m.ref(tr, one), at, time.Second), []string{"? looked up", "/client looked up", "/client looked up"})
	var how []Served
	for _, c := range tr.ClientsOf(nil, m.ref(tr, one), at, time.Second) {
		how = append(how, c.Served)
	}
	equal(t, "how", how, []Served{ServedCheckIn, ServedCheckIn, ServedTarget})
	equal(t, "two", clients(tr, m.ref(tr, two), at, time.Second), []string(nil))
	equal(t, "instances", len(tr.ServersOf(nil, name)), 2)
	m.pass(time.Minute)
	equal(t, "a look-up does not last", clients(tr, m.ref(tr, one), m.now(), time.Second), []string(nil))
}

// A job of the snapshot ties its Mach services to its label.
func TestJobServices(t *testing.T) {
	m := newMac()
	tr := New(Limits{})
	tr.Snapshot(&es.Snapshot{Jobs: []es.Job{{Label: "com.apple.oahd", MachServices: []string{"com.apple.oah.translate"}}}}, m.now())
	p := m.spawn(m.init, "/usr/bin/prog", "prog")
	m.connect(p, "com.apple.oah.translate")
	d := m.service("com.apple.oahd", "/usr/libexec/oahd", "com.apple.oahd", es.Unset, 100014)
	m.feed(tr)
	equal(t, "clients", clients(tr, m.ref(tr, d), m.now(), 0), []string{"/usr/bin/prog"})
	equal(t, "how", tr.ClientsOf(nil, m.ref(tr, d), m.now(), 0)[0].Served, ServedByJob)
}

func TestBaseLabel(t *testing.T) {
	for _, c := range [][2]string{
		{"com.apple.x.11111111-2222-3333-4444-55555555aBcF", "com.apple.x"},
		{"com.apple.x", ""},
		{"", ""},
		{".11111111-2222-3333-4444-555555555555", ""},
		{"com.apple.x.11111111-2222-3333-4444-55555555555g", ""},
		{"com.apple.x-11111111-2222-3333-4444-555555555555", ""},
	} {
		equal(t, c[0], baseLabel(c[0]), c[1])
	}
}

// A connection that is told after its client has exited is not open.
func TestLateConnection(t *testing.T) {
	m := newMac()
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	f := m.spawn(m.init, "/Finder", "com.apple.finder")
	m.connect(f, dshID)
	m.pass(time.Second)
	m.exit(f)
	n := len(m.sent)
	m.sent[n-1], m.sent[n-2] = m.sent[n-2], m.sent[n-1]
	m.pass(time.Second)
	m.connect(f, dshID) // and once more, though it has exited
	m.pass(time.Second)
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "then", clients(tr, m.ref(tr, d), m.sent[n-1].at, 0), []string{"/Finder"})
	equal(t, "now", clients(tr, m.ref(tr, d), m.now(), 0), []string(nil))
}

// A service is no client of itself.
func TestOwnConnection(t *testing.T) {
	m := newMac()
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.connect(d, dshID)
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "clients", len(clients(tr, m.ref(tr, d), m.now(), 0)), 0)
}

// Many clients, many services, many look-ups: bounded, counted, and the latest are known.
func TestConnectionsAreBounded(t *testing.T) {
	m := newMac()
	d := m.service(dshID, dsh, dshID, es.Unset, 100014)
	for i := range 3000 {
		p := m.spawn(m.init, "/c", "c")
		m.connect(p, fmt.Sprintf("svc.%d", i%7))
		m.connect(p, dshID)
		m.exit(p)
	}
	last := m.spawn(m.init, "/last", "last")
	m.connect(last, dshID)
	tr := New(Limits{Connections: 1000})
	m.feed(tr)
	st := tr.Stats()
	if st.Connections > 1000 || len(tr.links) > 1000 || st.Dropped == 0 {
		t.Errorf("%d connections of 1000 (%d places), %d dropped", st.Connections, len(tr.links), st.Dropped)
	}
	got := tr.ClientsOf(nil, m.ref(tr, d), m.now(), time.Hour)
	equal(t, "newest", tr.At(got[0].Client).Image.Path, "/last")
	equal(t, "answer is bounded", len(got), MaxClients)
}

// A name that nothing ties to a process can be asked for itself.
func TestAskersOf(t *testing.T) {
	m := newMac()
	f := m.spawn(m.init, "/Finder", "com.apple.finder")
	g := m.spawn(m.init, "/Other", "org.other")
	m.connect(g, "com.apple.DesktopServicesHelper.FileService")
	m.connect(f, "com.apple.DesktopServicesHelper.FileService")
	tr := New(Limits{})
	m.feed(tr)
	var got []Ref
	for _, c := range tr.AskersOf(nil, "com.apple.DesktopServicesHelper.FileService", m.now(), 0) {
		got = append(got, c.Client)
	}
	equal(t, "askers", got, []Ref{m.ref(tr, f), m.ref(tr, g)})
	equal(t, "of nothing", len(tr.AskersOf(nil, "x", m.now(), 0)), 0)
}
