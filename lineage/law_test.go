package lineage

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ascribe.example/es"
)

// garbage draws a process with no regard to what can be.
func garbage(rt *rapid.T) es.Process {
	small := rapid.Int32Range(0, 6)
	token := func() es.AuditToken {
		return es.AuditToken{
			PID: small.Draw(rt, "pid"), PIDVersion: rapid.SampledFrom([]uint32{0, 1, 2, 3, 1 << 31, 1<<31 + 1, 1<<32 - 1}).Draw(rt, "pidversion"),
			AUID: uint32(small.Draw(rt, "auid")), ASID: uint32(small.Draw(rt, "asid")),
		}
	}
	return es.Process{
		AuditToken: token(), ParentAuditToken: token(), ResponsibleAuditToken: token(),
		PPID: small.Draw(rt, "ppid"), OriginalPPID: small.Draw(rt, "oppid"),
		Executable: es.File{Path: rapid.SampledFrom([]string{"", "/a", "/b", xpcproxyPath}).Draw(rt, "path")},
		SigningID:  rapid.SampledFrom([]string{"", "a", xpcproxySigningID}).Draw(rt, "signing"), IsPlatformBinary: rapid.Bool().Draw(rt, "platform"),
		StartTime: es.Time(small.Draw(rt, "start")) * es.Time(time.Second) / 2,
	}
}

// Under any input: no panic, no cycle, no life entered twice, no walk without end, counts that balance, links that agree.
func TestLawsUnderAnyInput(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lim := Limits{Live: 16, Past: 16, Sessions: 16, Connections: 16}
		if rapid.Bool().Draw(rt, "roomy") {
			lim = Limits{}
		}
		tr := New(lim)
		n := rapid.IntRange(1, 80).Draw(rt, "messages")
		for i := range n {
			p, q := garbage(rt), garbage(rt)
			var ev es.Event
			switch rapid.IntRange(0, 9).Draw(rt, "event") {
			case 0, 1:
				ev = &es.Fork{Child: q}
			case 2, 3, 4:
				ev = &es.Exec{Target: q, Args: []string{"x", "l"}, Env: []string{"XPC_SERVICE_NAME=l", "XPC_SERVICE_NAME"}}
			case 5:
				ev = &es.Exit{}
			case 6:
				ev = &es.BootstrapLookUp{ServiceName: "l", InstigatorToken: p.AuditToken, TargetProcess: &q}
			case 7:
				ev = &es.Session{Which: es.KindOpenSSHLogin + es.Kind(rapid.IntRange(0, 9).Draw(rt, "session")), Success: true, UID: 1, Username: "u"}
			case 8:
				ev = &es.XPCConnect{ServiceName: "l"}
			default:
				ev = &es.Close{}
			}
			at := es.Moment{Seq: uint64(i), Clock: time.Duration(rapid.IntRange(0, 20).Draw(rt, "clock")) * time.Second}
			at.Time = es.Time(at.Clock)
			if rapid.IntRange(0, 30).Draw(rt, "boot") == 0 {
				tr.NewBoot(tr.Boot() + 1)
			}
			if rapid.IntRange(0, 20).Draw(rt, "snapshot") == 0 {
				tr.Snapshot(&es.Snapshot{Processes: []es.SnapshotProcess{{Process: q, OriginalPIDV: 2}, {Process: p}}}, at)
			}
			m := es.Message{Process: p, Event: ev, Denied: rapid.IntRange(0, 9).Draw(rt, "denied") == 0}
			ref := tr.Observe(&m, at, rapid.Bool().Draw(rt, "late"))
			named := !p.AuditToken.IsZero() || p.Executable.Path != ""
			if named && tr.At(ref) == nil {
				rt.Fatal("an actor is not known")
			}
			checkLaws(rt, tr, at)
		}
	})
}

func checkLaws(rt *rapid.T, tr *Tracker, at es.Moment) {
	live, past, bytes := 0, 0, 0
	for r := range tr.Executions() {
		e := tr.At(r)
		s := tr.slotOf(r)
		bytes += int(s.cost)
		if e.Ref != r || tr.Find(e.Key) != r {
			rt.Fatalf("execution %d is found as %d by handle, %d by key", r, e.Ref, tr.Find(e.Key))
		}
		if e.Alive() {
			live++
			if e.Exited || e.ExitSeen {
				rt.Fatalf("%v is alive and has exited", e.Key)
			}
		} else {
			past++
		}
		if p := tr.At(e.Prev); p != nil && (p.Life != e.Life || p.Key.PID != e.Key.PID || p == e) {
			rt.Fatalf("%v of life %d (start %d) follows %v of life %d (start %d)", e.Key, e.Life, e.Start, p.Key, p.Life, p.Start)
		}
		if p := tr.At(e.Prev); p != nil && p.Next != r {
			rt.Fatalf("%v follows %v, which is followed by %d", e.Key, p.Key, p.Next)
		}
		if n := tr.At(e.Next); n != nil && n.Prev != r {
			rt.Fatalf("%v is followed by %v, which follows %d", e.Key, n.Key, n.Prev)
		}
		if p := tr.At(tr.ParentOf(r).Ref); p != nil && (p.Life == e.Life || p.Key.Boot != e.Key.Boot) {
			rt.Fatalf("%v is its own parent", e.Key)
		}
		if len(e.Earlier) >= MaxResponsibility || len(e.Tokens) > MaxTokenChanges || len(e.OtherImages) > MaxOtherImages {
			rt.Fatalf("%v keeps too much", e.Key)
		}
		for n, x := 0, e; x != nil; n++ {
			if n > len(tr.keys) {
				rt.Fatalf("%v follows itself", e.Key)
			}
			x = tr.At(x.Next)
		}
		seen, lives, steps := map[Ref]bool{r: true}, map[LifeID]bool{}, 0
		from := e
		for up := range tr.Ancestors(r) {
			if steps++; steps > MaxSteps {
				rt.Fatal("a walk without end")
			}
			if up.Ref == 0 {
				continue
			}
			x := tr.At(up.Ref)
			if seen[up.Ref] {
				rt.Fatalf("%d comes twice above %d", up.Ref, r)
			}
			seen[up.Ref] = true
			if up.Edge == EdgeFork {
				lives[from.Life] = true
				if lives[x.Life] {
					rt.Fatalf("life %d is entered twice above %d", x.Life, r)
				}
			}
			from = x
		}
		tr.ResponsibleAt(r, at)
		tr.StatusAt(r, at)
		tr.TokenAt(r, at)
		tr.Becomes(nil, r)
		if c := tr.ClientsOf(nil, r, at, time.Second); len(c) > MaxClients {
			rt.Fatal("too many clients")
		}
		tr.SessionOf(e.Token.ASID)
		tr.ScreenSharingAt(e.Token.ASID, at)
		tr.Successor(r)
		tr.ByPID(e.Key.PID, at.Time)
	}
	st := tr.Stats()
	if st.Live != live || st.Past != past || st.Bytes != bytes || st.Created != st.Evicted+uint64(live+past) {
		rt.Fatalf("live %d, past %d, bytes %d do not balance with %+v", live, past, bytes, st)
	}
	if l := tr.limits; live > l.Live || past > l.Past || st.Sessions > l.Sessions || st.Connections > l.Connections {
		rt.Fatalf("over the limits %+v: %+v", l, st)
	}
}

// On a Mac where nothing is lost and nothing comes late, nothing is inferred, contradictory or unseen, and every answer of
// lineage is the truth.
func TestNothingIsInferredWhenNothingIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMac(rt, rapid.IntRange(1, 150).Draw(rt, "steps"))
		tr := New(Limits{})
		for _, s := range m.sent {
			tr.Observe(s.m, s.at, false)
			switch ev := s.m.Event.(type) {
			case *es.Fork:
				if got, want := tr.ParentOf(tr.ByToken(ev.Child.AuditToken)), tr.ByToken(s.m.Process.AuditToken); got.Ref != want || got.Origin != OriginFork {
					rt.Fatalf("forker %+v, want %d", got, want)
				}
			case *es.Exec:
				if got, want := tr.Above(tr.ByToken(ev.Target.AuditToken)), tr.ByToken(s.m.Process.AuditToken); got.Ref != want || got.Edge != EdgeExec || got.Origin != OriginExec {
					rt.Fatalf("image before %+v, want %d", got, want)
				}
			}
			checkLaws(rt, tr, s.at)
		}
		if st := tr.Stats(); st.Inferred+st.Contradictory+st.Unseen+st.Reused+st.Evicted != 0 {
			rt.Fatalf("%+v", st)
		}
	})
}

// When messages are lost, doubled or displaced, lineage may end sooner, never lead elsewhere: every fork edge between two
// processes is one that was.
func TestLossNeverMakesAWrongParent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMac(rt, rapid.IntRange(1, 150).Draw(rt, "steps"))
		forker := make(map[int32]int32) // pids are not reused by anyMac
		for _, s := range m.sent {
			if ev, ok := s.m.Event.(*es.Fork); ok {
				forker[ev.Child.AuditToken.PID] = s.m.Process.AuditToken.PID
			}
		}
		m.spoil(rt)
		tr := New(Limits{})
		for _, s := range m.sent {
			tr.Observe(s.m, s.at, s.late)
			checkLaws(rt, tr, s.at)
		}
		for r := range tr.Executions() {
			if up := tr.ParentOf(r); up.Ref != 0 {
				if kid, p := tr.At(r), tr.At(up.Ref); forker[kid.Key.PID] != p.Key.PID {
					rt.Fatalf("%d was forked by %d, not by %d", kid.Key.PID, forker[kid.Key.PID], p.Key.PID)
				}
			}
		}
	})
}
