package lineage

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ascribe.example/es"
	"ascribe.example/finding"
)

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

const (
	dsh    = "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper"
	dshID  = "com.apple.DesktopServicesHelper"
	finder = "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"
)

// A service is launched: one pid, three pidversions, one life; the label stands in xpcproxy's argument.
func TestServiceLaunch(t *testing.T) {
	m := newMac()
	p := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.act(p)
	tr := New(Limits{})
	m.feed(tr)

	e := m.at(tr, p)
	equal(t, "image", e.Image.Path, dsh)
	equal(t, "label", []any{e.Label, e.LabelFrom}, []any{dshID, LabelStarter})
	equal(t, "lineage", paths(tr, e.Ref), []string{dsh, "exec " + xpcproxyPath, "exec /sbin/launchd", "fork /sbin/launchd"})
	equal(t, "origin", []Origin{e.Origin, e.BeginOrigin, e.PrevOrigin, e.ParentFrom}, []Origin{OriginExec, OriginExec, OriginExec, OriginFork})
	equal(t, "parent", tr.At(e.Parent).Key.PID, int32(1))
	x := tr.At(e.Prev)
	equal(t, "life", []LifeID{x.Life, tr.At(x.Prev).Life}, []LifeID{e.Life, e.Life})
	equal(t, "starter ended by exec", []any{x.EndOrigin, x.Exited, x.Next}, []any{OriginExec, false, e.Ref})
	equal(t, "launched", []bool{e.LaunchedByLaunchd(), e.Orphaned(), e.Conflict, e.ExecUnseen}, []bool{true, false, false, false})
	equal(t, "self responsible", tr.ResponsibleAt(e.Ref, m.now()).Self, true)
	equal(t, "first, successor", []Ref{tr.First(e.Ref), tr.Successor(x.Prev)}, []Ref{x.Prev, e.Ref})
	equal(t, "nothing unseen", tr.Stats().Unseen+tr.Stats().Inferred+tr.Stats().Contradictory, uint64(0))
}

// Malware named xpcproxy gives no labels.
func TestFakeStarterGivesNoLabel(t *testing.T) {
	m := newMac()
	c := m.fork(m.init)
	m.exec(c, "/tmp/.xpcproxy", "com.apple.xpc.proxy", []string{"xpcproxy", "com.apple.Finder"})
	n := m.fork(m.init)
	m.exec(n, xpcproxyPath, xpcproxySigningID, nil)
	n.IsPlatformBinary = false
	m.sent[len(m.sent)-1].m.Event = &es.Exec{Target: n.Process, Args: []string{"xpcproxy", "com.apple.Finder"}}
	d := m.fork(m.init)
	m.exec(d, xpcproxyPath, "evil", []string{"xpcproxy", "com.apple.Finder"})
	m.exec(d, "/tmp/b", "b", []string{"b"}, "XPC_SERVICE_NAME=com.apple.Dock")
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	m.exec(sh, "/bin/ls", "com.apple.ls", []string{"ls"}, "XPC_SERVICE_NAME=com.apple.Dock", "__CFBundleIdentifier=com.apple.Terminal")
	tr := New(Limits{})
	m.feed(tr)
	for _, p := range []*proc{c, d, n, sh} {
		equal(t, p.Executable.Path, m.at(tr, p).Label, "")
	}
	equal(t, "bundle", m.at(tr, sh).BundleID, "com.apple.Terminal")
}

// The pre-exec image closes descriptors after the exec, under its old pidversion. It is still found, and is no conflict.
func TestExecShadow(t *testing.T) {
	m := newMac()
	p := m.fork(m.init)
	m.exec(p, xpcproxyPath, xpcproxySigningID, []string{"xpcproxy", dshID})
	old := *p
	m.exec(p, dsh, dshID, nil)
	m.send(&old, &es.Close{Modified: true})
	tr := New(Limits{})
	refs := m.feed(tr)
	e := tr.At(refs[len(refs)-1])
	equal(t, "image", e.Image.Path, xpcproxyPath)
	equal(t, "successor", tr.At(tr.Successor(e.Ref)).Image.Path, dsh)
	equal(t, "conflict", []any{e.Conflict, e.Exited, tr.Stats().AfterExit}, []any{false, false, uint64(0)})
}

// The third reading of the founding case: the service's own pid and pidversion, with xpcproxy's path.
func TestPredecessorsNameOnOwnKey(t *testing.T) {
	m := newMac()
	p := m.service(dshID, dsh, dshID, es.Unset, 100014)
	m.act(p)
	odd := *p
	odd.Executable.Path, odd.SigningID, odd.CDHash = xpcproxyPath, xpcproxySigningID, hash(xpcproxyPath)
	m.send(&odd, &es.Close{Modified: true})
	m.send(&odd, &es.Close{Modified: true})
	stranger := *p
	stranger.Executable.Path, stranger.CDHash = "/bin/cat", hash("/bin/cat")
	tr := New(Limits{})
	refs := m.feed(tr)
	ref := refs[len(refs)-1]
	equal(t, "same execution", ref, m.ref(tr, p))
	e := tr.At(ref)
	equal(t, "image stays", e.Image.Path, dsh)
	equal(t, "conflict", []any{e.Conflict, len(e.OtherImages), tr.Stats().Conflicts}, []any{true, 1, uint64(1)})
	equal(t, "other image", []any{e.OtherImages[0].Image.Path, e.OtherImages[0].Naming, e.OtherImages[0].Count}, []any{xpcproxyPath, NamedAsPredecessor, uint32(2)})
	equal(t, "naming", []Naming{tr.NamedAs(ref, &odd.Process), tr.NamedAs(ref, &p.Process), tr.NamedAs(ref, &stranger.Process)},
		[]Naming{NamedAsPredecessor, NamedAsKnown, NamedOtherwise})
}

// The wrong name may come first: an exec or a snapshot outranks it, and it is kept beside.
func TestExecOutranksActingName(t *testing.T) {
	m := newMac()
	p := m.fork(m.init)
	m.exec(p, xpcproxyPath, xpcproxySigningID, nil)
	old := *p
	m.exec(p, dsh, dshID, nil)
	odd := *p
	odd.Executable.Path, odd.CDHash, odd.SigningID = xpcproxyPath, old.CDHash, old.SigningID
	m.send(&odd, &es.Close{Modified: true})
	n := len(m.sent)
	m.sent[n-1], m.sent[n-2] = m.sent[n-2], m.sent[n-1]
	m.sent[n-1].late = true
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, p)
	equal(t, "image", []any{e.Image.Path, e.Conflict, e.OtherImages[0].Image.Path}, []any{dsh, true, xpcproxyPath})
}

// An executable that is moved while it runs is no conflict.
func TestRenamedExecutable(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/Applications/A.app/Contents/MacOS/A", "org.a")
	p.Executable.Path = "/Users/a/.Trash/A.app/Contents/MacOS/A"
	m.act(p)
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, p)
	equal(t, "renamed", []any{e.Conflict, e.OtherImages[0].Naming}, []any{false, NamedRenamed})
}

// A recording that begins late: everything that acts is known, and parents that turn up later are found.
func TestLateStart(t *testing.T) {
	m := newMac()
	term := m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")
	sh := m.spawn(term, "/bin/zsh", "com.apple.zsh")
	cp := m.spawn(sh, "/bin/cp", "com.apple.cp")
	m.sent = nil
	m.act(cp)
	m.act(sh)
	m.act(term)
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, cp)
	equal(t, "lineage", paths(tr, e.Ref), []string{"/bin/cp", "fork /bin/zsh", "fork /A/Terminal"})
	equal(t, "edge", tr.Above(e.Ref), Step{m.ref(tr, sh), EdgeFork, OriginInferred})
	equal(t, "nothing counted unseen before the recording", tr.Stats().Unseen, uint64(0))
	equal(t, "begin", []any{e.BeginOrigin, e.Origin}, []any{OriginNone, OriginActing})
}

// A child whose image is not its parent's has exec-ed, seen or not.
func TestExecUnseen(t *testing.T) {
	m := newMac()
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	cp := m.spawn(sh, "/bin/cp", "com.apple.cp")
	m.sent = m.sent[:2] // neither fork nor exec of cp
	m.act(cp)
	sub := m.fork(sh)
	m.sent = m.sent[:3] // not the subshell's fork
	m.act(sub)
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "cp", []any{m.at(tr, cp).ExecUnseen, m.at(tr, cp).InferredParent()}, []any{true, true})
	equal(t, "subshell", []any{m.at(tr, sub).ExecUnseen, m.at(tr, sub).InferredParent()}, []any{false, true})
}

// Whatever single message is lost, every actor has an execution, the lineage holds, and what was bridged says so.
func TestLossAtEveryMessage(t *testing.T) {
	build := func() (*mac, []*proc) {
		m := newMac()
		m.act(m.init)
		term := m.service("application.com.apple.Terminal.1.2", "/A/Terminal", "com.apple.Terminal", 501, 100019)
		sh := m.spawn(term, "/bin/zsh", "com.apple.zsh", "-zsh")
		m.act(sh)
		mv := m.spawn(sh, "/bin/mv", "com.apple.mv", "mv", "a", "b")
		m.act(mv)
		cp := m.spawn(mv, "/bin/cp", "com.apple.cp", "mv", "-PRp")
		m.act(cp)
		m.exit(cp)
		m.exit(mv)
		m.pass(time.Minute)
		ls := m.spawn(sh, "/bin/ls", "com.apple.ls", "ls")
		m.act(ls)
		return m, []*proc{term, sh, mv, cp, ls}
	}
	whole, ps := build()
	tr := New(Limits{})
	whole.feed(tr)
	want := make(map[string][]string)
	for _, p := range ps {
		want[p.Executable.Path] = lives(tr, whole.ref(tr, p))
	}
	for lost := range whole.sent {
		m, ps := build()
		gone := m.sent[lost].m
		m.sent = append(m.sent[:lost:lost], m.sent[lost+1:]...)
		tr := New(Limits{})
		refs := m.feed(tr)
		for i, s := range m.sent {
			if e := tr.At(refs[i]); e == nil || e.Key != s.m.Process.Key(1) {
				t.Fatalf("without %d (%s): message %d has actor %+v", lost, gone.Kind(), i, e)
			}
		}
		for _, p := range ps {
			r := m.ref(tr, p)
			if got := lives(tr, r); !cmp.Equal(got, want[p.Executable.Path]) {
				t.Errorf("without %d (%s by %s): lineage of %s is %q, want %q", lost, gone.Kind(), gone.Process.Executable.Path, p.Executable.Path, got, want[p.Executable.Path])
			}
		}
		if k := gone.Kind(); k == es.KindFork || k == es.KindExec {
			if tr.Stats().Unseen == 0 && lost > 1 {
				t.Errorf("without %d (%s): no pidversion is missing", lost, k)
			}
		}
		if gone.Kind() == es.KindExit {
			// No message can tell that an exit is missing; the one that the reader found missing does.
			r := tr.Find(gone.Process.Key(1))
			tr.Gap(m.now(), "lost")
			equal(t, "status of who exited unseen", tr.StatusAt(r, m.now()), finding.StatusUnknown)
		}
	}
}

// lives are the pids from an execution upwards, one a life.
func lives(t *Tracker, r Ref) []string {
	l := []string{fmt.Sprint(t.At(r).Key.PID)}
	for up := range t.Ancestors(r) {
		if up.Edge == EdgeFork {
			l = append(l, fmt.Sprint(t.At(up.Ref).Key.PID))
		}
	}
	return l
}

// A process that launchd takes over has lost its parent, whose exit need not have been told; a parent that still acts has
// not exited after all.
func TestOrphanEndsItsParent(t *testing.T) {
	m := newMac()
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	kid := m.spawn(sh, "/bin/sleep", "com.apple.sleep")
	kid.PPID, kid.ParentAuditToken = 1, m.init.AuditToken
	m.act(kid)
	tr := New(Limits{})
	m.feed(tr)
	e := m.at(tr, sh)
	equal(t, "ended", []any{e.Exited, e.EndOrigin, e.ExitSeen}, []any{true, OriginInferred, false})
	s := m.act(sh)
	tr.Observe(s.m, s.at, false)
	equal(t, "alive", []any{e.Exited, e.EndOrigin, tr.Stats().Past}, []any{false, OriginNone, 2})
}

func TestExitAndStatus(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/bin/p", "p")
	m.act(p)
	during := m.now()
	m.pass(time.Second)
	m.exit(p)
	gone := m.now()
	q := m.spawn(m.init, "/bin/q", "q")
	tr := New(Limits{})
	m.feed(tr)
	rp, rq := m.ref(tr, p), m.ref(tr, q)
	equal(t, "p", []finding.Status{tr.StatusAt(rp, during), tr.StatusAt(rp, gone)}, []finding.Status{finding.StatusLive, finding.StatusExited})
	m.pass(time.Hour)
	equal(t, "q, exits being told", tr.StatusAt(rq, m.now()), finding.StatusLive)
	tr.Gap(m.now(), "lost")
	equal(t, "q, after a gap", tr.StatusAt(rq, m.now()), finding.StatusUnknown)
	late := m.act(q)
	tr.Observe(late.m, late.at, false)
	equal(t, "q, heard of again", tr.StatusAt(rq, m.now()), finding.StatusLive)

	blind := New(Limits{})
	for _, s := range m.sent[:2] {
		blind.Observe(s.m, s.at, false)
	}
	equal(t, "no exits told", blind.StatusAt(rp, m.now()), finding.StatusUnknown)
	blind.Watch(es.NewKinds(es.KindExit))
	equal(t, "exits subscribed", blind.StatusAt(rp, m.now()), finding.StatusLive)
}

// Two hosts mixed, or an exec that changes the pid: told, and no link is made.
func TestContradictions(t *testing.T) {
	m := newMac()
	a := m.spawn(m.init, "/bin/a", "a")
	b := m.spawn(m.init, "/bin/b", "b")
	m.send(a, &es.Exec{Target: b.Process})
	m.send(a, &es.Fork{Child: a.Process})
	m.send(b, &es.Fork{Child: a.Process}) // a has another forker; the first told stays
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "counted", tr.Stats().Contradictory, uint64(3))
	equal(t, "a", paths(tr, m.ref(tr, a)), []string{"/bin/a", "exec /sbin/launchd", "fork /sbin/launchd"})
	equal(t, "b", paths(tr, m.ref(tr, b)), []string{"/bin/b", "exec /sbin/launchd", "fork /sbin/launchd"})
	var none es.Message
	none.Event = &es.Write{}
	equal(t, "nameless", []any{tr.Observe(&none, m.now(), false), tr.Stats().Nameless}, []any{Ref(0), uint64(1)})
	if tr.At(0) != nil || tr.At(-3) != nil || tr.At(999) != nil {
		t.Error("At of nothing is something")
	}
}

// A boot ends all that ran; its executions stay addressable under their boot.
func TestNewBoot(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/bin/p", "p")
	tr := New(Limits{})
	m.feed(tr)
	before := m.ref(tr, p)
	tr.NewBoot(2)
	equal(t, "ended", []any{tr.At(before).Exited, tr.Stats().Live}, []any{true, 0})
	m2 := newMac()
	q := m2.spawn(m2.init, "/bin/q", "q")
	m2.feed(tr)
	equal(t, "same numbers, other boot", []any{q.AuditToken.Same(p.AuditToken), m2.ref(tr, q) != before, tr.Find(p.Key(1))}, []any{true, true, before})
	equal(t, "lineage stays in its boot", paths(tr, m2.ref(tr, q)), []string{"/bin/q", "exec /sbin/launchd", "fork /sbin/launchd"})
}

func TestSnapshot(t *testing.T) {
	m := newMac()
	term := m.spawn(m.init, "/A/Terminal", "com.apple.Terminal")
	sh := m.spawn(term, "/bin/zsh", "com.apple.zsh")
	d := m.spawn(m.init, dsh, dshID)
	m.sent = nil
	bare := sh.Process // the host could not tell pidversions of this one, and starts only in whole seconds
	bare.AuditToken.PIDVersion = 0
	bare.StartTime -= bare.StartTime % es.Time(time.Second)
	tr := New(Limits{})
	tr.Snapshot(&es.Snapshot{
		Processes: []es.SnapshotProcess{
			{Process: bare, Args: []string{"-zsh"}},
			{Process: term.Process, Label: "application.com.apple.Terminal.1", BundleID: "com.apple.Terminal"},
			{Process: d.Process, Label: "0"},
			{Process: m.init.Process},
			{},
		},
		Users: []es.User{{UID: 501, Name: "alice"}},
		Jobs:  []es.Job{{Label: dshID, MachServices: []string{dshID, dshID + ".FileService"}, PID: d.AuditToken.PID}},
	}, m.now())
	m.act(sh)
	m.feed(tr)
	e := m.at(tr, sh)
	equal(t, "completed", []any{e.Origin, e.Args, e.Prev}, []any{OriginSnapshot, []string{"-zsh"}, Ref(0)})
	equal(t, "lineage", paths(tr, e.Ref), []string{"/bin/zsh", "fork /A/Terminal", "fork /sbin/launchd"})
	equal(t, "terminal", []any{m.at(tr, term).Label, m.at(tr, term).BundleID}, []any{"application.com.apple.Terminal.1", "com.apple.Terminal"})
	equal(t, "job", []any{m.at(tr, d).Label, m.at(tr, d).LabelFrom}, []any{dshID, LabelSnapshot})
	equal(t, "server", tr.ServersOf(nil, dshID+".FileService"), []Ref{m.ref(tr, d)})
	equal(t, "user", tr.UserName(501), "alice")
	equal(t, "nameless", tr.Stats().Nameless, uint64(1))
}

// setuid and setaudit leave pidversion alone: one execution, with its earlier tokens.
func TestTokenChanges(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/usr/bin/login", "com.apple.login")
	p.AuditToken.AUID = es.Unset
	m.act(p)
	root := m.now()
	p.AuditToken.AUID, p.AuditToken.ASID = 501, 100020
	m.act(p)
	p.AuditToken.EUID, p.AuditToken.RUID = 501, 501
	m.act(p)
	tr := New(Limits{})
	refs := m.feed(tr)
	e := m.at(tr, p)
	equal(t, "one execution", refs[len(refs)-1], refs[len(refs)-3])
	equal(t, "latest", []any{e.Token.AUID, e.Token.EUID, e.Token.ASID}, []any{uint32(501), uint32(501), uint32(100020)})
	equal(t, "then", []any{tr.TokenAt(e.Ref, root).AUID, tr.TokenAt(e.Ref, m.now()).EUID}, []any{uint32(es.Unset), uint32(501)})
	for i := range 40 {
		p.AuditToken.EUID = uint32(i)
		s := m.act(p)
		tr.Observe(s.m, s.at, false)
	}
	equal(t, "bounded, the first kept", []any{len(e.Tokens), e.Tokens[0].Token.AUID}, []any{MaxTokenChanges, uint32(es.Unset)})
}

func TestInjection(t *testing.T) {
	m := newMac()
	dbg := m.spawn(m.init, "/usr/bin/lldb", "com.apple.lldb")
	app := m.spawn(m.init, "/A/app", "org.app")
	m.send(dbg, &es.GetTask{Which: es.KindGetTaskName, Target: app.Process})
	m.send(app, &es.GetTask{Which: es.KindGetTask, Target: app.Process})
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "a name port is none, nor is its own", m.at(tr, app).Injected(), false)
	m.sent = nil
	m.send(dbg, &es.GetTask{Which: es.KindGetTask, Target: app.Process})
	m.send(dbg, &es.GetTask{Which: es.KindGetTask, Target: app.Process})
	m.send(dbg, &es.RemoteThreadCreate{Target: app.Process})
	m.send(app, &es.CSInvalidated{})
	m.feed(tr)
	var got []any
	for _, j := range m.at(tr, app).Injections {
		got = append(got, j.Kind, j.By, j.Count)
	}
	by := m.ref(tr, dbg)
	equal(t, "injections", got, []any{es.KindGetTask, by, uint32(2), es.KindRemoteThreadCreate, by, uint32(1), es.KindCSInvalidated, Ref(0), uint32(1)})
}
