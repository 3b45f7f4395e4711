package lineage

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ascribe.example/es"
)

// anyMac draws the messages of a random Mac that behaves as XNU does: few programs, few users, services, logins.
func anyMac(rt *rapid.T, steps int) *mac {
	m := newMac()
	live := []*proc{m.init, m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")}
	pick := func() *proc { return live[rapid.IntRange(0, len(live)-1).Draw(rt, "who")] }
	for range steps {
		p := pick()
		switch rapid.IntRange(0, 15).Draw(rt, "what") {
		case 0, 1:
			live = append(live, m.fork(p))
		case 2, 3:
			if p != m.init {
				n := rapid.IntRange(0, 5).Draw(rt, "program")
				m.exec(p, fmt.Sprint("/bin/", n), "com.apple.x", []string{"a", "b"}, "XPC_SERVICE_NAME=org.svc", "__CFBundleIdentifier=x")
			}
		case 4:
			n := rapid.IntRange(0, 2).Draw(rt, "service")
			live = append(live, m.service(fmt.Sprint("svc.", n), fmt.Sprint("/S/", n), "com.apple.s", 501, 100019))
		case 5:
			if p != m.init && len(live) > 3 {
				m.exit(p)
				for i := range live {
					if live[i] == p {
						live = append(live[:i], live[i+1:]...)
						break
					}
				}
				for _, c := range live {
					if c.PPID == p.AuditToken.PID {
						c.PPID, c.ParentAuditToken = 1, m.init.AuditToken
					}
				}
			}
		case 6:
			answer(p, pick())
		case 7:
			login(p, uint32(rapid.IntRange(501, 503).Draw(rt, "uid")), uint32(rapid.IntRange(100019, 100023).Draw(rt, "asid")))
		case 8:
			m.connect(p, fmt.Sprint("svc.", rapid.IntRange(0, 3).Draw(rt, "service")))
		case 9:
			k := rapid.SampledFrom([]es.Kind{
				es.KindOpenSSHLogin, es.KindOpenSSHLogout, es.KindLoginLogin, es.KindLoginLogout, es.KindLWSessionLogin,
				es.KindLWSessionLogout, es.KindLWSessionUnlock, es.KindScreenSharingAttach, es.KindScreenSharingDetach,
			}).Draw(rt, "session")
			m.send(p, &es.Session{Which: k, Success: rapid.Bool().Draw(rt, "ok"), Username: "alice", UID: 501, SourceAddress: "192.0.2.1", GraphicalSessionID: uint32(rapid.IntRange(1, 2).Draw(rt, "screen"))})
		case 10:
			m.send(p, &es.Become{Which: es.KindSudo, Success: true, FromUID: 501, FromUsername: "alice", ToUID: 0, ToUsername: "root"})
		case 11:
			q := pick()
			m.send(p, &es.GetTask{Which: es.KindGetTask, Target: q.Process})
		case 12:
			client, server := *p, *pick()
			m.send(m.init, &es.BootstrapLookUp{ServiceName: fmt.Sprint("svc.", rapid.IntRange(0, 3).Draw(rt, "service")), Instigator: &client.Process, TargetProcess: &server.Process})
		case 13:
			m.pass(time.Duration(rapid.IntRange(0, 20).Draw(rt, "seconds")) * time.Second)
		case 14:
			odd := *p
			odd.Executable.Path = "/bin/odd"
			m.send(&odd, &es.Close{})
		default:
			m.act(p)
		}
	}
	return m
}

// spoil loses, doubles and displaces messages.
func (m *mac) spoil(rt *rapid.T) {
	var out []sent
	for _, s := range m.sent {
		switch rapid.IntRange(0, 12).Draw(rt, "fate") {
		case 0: // lost
		case 1:
			out = append(out, s, s)
		case 2:
			if n := len(out); n > 0 {
				s.late = true
				out = append(out, out[n-1])
				out[n-1] = s
				continue
			}
			out = append(out, s)
		default:
			out = append(out, s)
		}
	}
	m.sent = out
}

func save(t interface{ Fatal(...any) }, tr *Tracker) []byte {
	var b bytes.Buffer
	if err := tr.Save(gob.NewEncoder(&b)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A run that is cut anywhere, saved, restored and continued ends in the same state, byte for byte, as one that was not.
func TestCutAnywhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMac(rt, rapid.IntRange(1, 120).Draw(rt, "steps"))
		m.spoil(rt)
		lim := Limits{Live: 16, Past: 16, Connections: 16, Sessions: 16, Bytes: 64 << 10}
		if rapid.Bool().Draw(rt, "roomy") {
			lim = Limits{}
		}
		if len(m.sent) == 0 {
			return
		}
		cut := rapid.IntRange(0, len(m.sent)-1).Draw(rt, "cut")
		a, b := New(lim), New(lim)
		var kept []Ref
		for i, s := range m.sent {
			if i == cut {
				c := New(lim)
				if err := c.Restore(gob.NewDecoder(bytes.NewReader(save(rt, b)))); err != nil {
					rt.Fatal(err)
				}
				b = c
			}
			ra, rb := a.Observe(s.m, s.at, s.late), b.Observe(s.m, s.at, s.late)
			if ra != rb {
				rt.Fatalf("message %d: actor %d, after the cut %d", i, ra, rb)
			}
			if i%7 == 0 {
				a.Retain(ra)
				b.Retain(rb)
				kept = append(kept, ra)
			}
			if i%31 == 0 {
				for _, r := range kept {
					a.Release(r)
					b.Release(r)
				}
				kept = kept[:0]
				a.Gap(s.at, "lost")
				b.Gap(s.at, "lost")
			}
		}
		if !bytes.Equal(save(rt, a), save(rt, b)) {
			rt.Fatalf("states differ (-whole +cut):\n%s", cmp.Diff(a.state(), b.state()))
		}
		if a.Stats() != b.Stats() {
			rt.Fatalf("stats differ (-whole +cut):\n%s", cmp.Diff(a.Stats(), b.Stats()))
		}
		for r := range a.Executions() {
			at := m.sent[len(m.sent)-1].at
			if x, y := paths(a, r), paths(b, r); !cmp.Equal(x, y) {
				rt.Fatalf("lineage of %d: %v, after the cut %v", r, x, y)
			}
			if x, y := a.ClientsOf(nil, r, at, time.Minute), b.ClientsOf(nil, r, at, time.Minute); !cmp.Equal(x, y) {
				rt.Fatalf("clients of %d: %v, after the cut %v", r, x, y)
			}
		}
	})
}

func TestRestoreRefuses(t *testing.T) {
	m := newMac()
	m.act(m.init)
	tr := New(Limits{})
	m.feed(tr)
	b := save(t, tr)
	if err := tr.Restore(gob.NewDecoder(bytes.NewReader(b))); err == nil {
		t.Error("restored into a tracker that was fed")
	}
	if err := New(Limits{}).Restore(gob.NewDecoder(bytes.NewReader(b[:len(b)/2]))); err == nil {
		t.Error("restored half a state")
	}
	st := tr.state()
	st.Executions = append(st.Executions, st.Executions[0])
	var d bytes.Buffer
	if err := gob.NewEncoder(&d).Encode(st); err != nil {
		t.Fatal(err)
	}
	if err := New(Limits{}).Restore(gob.NewDecoder(&d)); err == nil {
		t.Error("restored a state that holds an execution twice")
	}
}
