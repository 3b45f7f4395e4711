package lineage

import (
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

const (
	sshd        = "/usr/sbin/sshd"
	loginwindow = "/System/Library/CoreServices/loginwindow.app/Contents/MacOS/loginwindow"
)

func login(p *proc, uid, asid uint32) {
	p.AuditToken.AUID, p.AuditToken.EUID, p.AuditToken.RUID, p.AuditToken.ASID = uid, uid, uid, asid
}

func session1(t *testing.T, tr *Tracker, asid uint32) Session {
	t.Helper()
	s, ok := tr.SessionOf(asid)
	if !ok {
		t.Fatalf("session %d is not known", asid)
	}
	return s
}

// sshd tells of the login while still in the daemons' session; the session that its children get is the remote one, the
// daemons' stays what it is.
func TestSSHLogin(t *testing.T) {
	m := newMac()
	other := m.spawn(m.init, "/usr/sbin/other", "com.apple.other")
	d := m.spawn(m.init, sshd, "com.apple.sshd")
	m.send(d, &es.Session{Which: es.KindOpenSSHLogin, Success: true, Username: "alice", UID: 501, SourceAddress: "192.0.2.7"})
	began := m.now()
	kid := m.fork(d)
	login(kid, 501, 100077)
	m.act(kid)
	sh := m.spawn(kid, "/bin/zsh", "com.apple.zsh")
	m.act(sh)
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100077)
	equal(t, "ssh", []any{s.Type, s.RemoteAddress, s.User, s.UID, s.Began, s.BeganSeen}, []any{finding.SessionSSH, "192.0.2.7", "alice", uint32(501), began, true})
	equal(t, "evidence", s.Evidence[0].Kind, es.KindOpenSSHLogin)
	equal(t, "daemons", session1(t, tr, other.AuditToken.ASID).Type, finding.SessionBackground)
	equal(t, "user", tr.UserName(501), "alice")
	equal(t, "default session", func() bool { _, ok := tr.SessionOf(0); return ok }(), false)

	x := m.send(d, &es.Session{Which: es.KindOpenSSHLogout, Success: true, Username: "alice", UID: 501, SourceAddress: "192.0.2.7"})
	tr.Observe(x.m, x.at, false)
	equal(t, "ended", session1(t, tr, 100077).Ended, m.now())
}

// sshd tells of the login from the new session itself, or the shell was met before the login was told.
func TestSSHLoginOfOwnSessionAndLate(t *testing.T) {
	m := newMac()
	d := m.spawn(m.init, sshd, "com.apple.sshd")
	login(d, 501, 100077)
	m.send(d, &es.Session{Which: es.KindOpenSSHLogin, Success: true, Username: "alice", UID: 501, SourceAddress: "192.0.2.7"})
	e := m.spawn(m.init, sshd, "com.apple.sshd")
	kid := m.fork(e)
	login(kid, 502, 100078)
	m.act(kid)
	m.send(e, &es.Session{Which: es.KindOpenSSHLogin, Success: true, Username: "bob", UID: 502, SourceAddress: "192.0.2.8"})
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "own", session1(t, tr, 100077).RemoteAddress, "192.0.2.7")
	s := session1(t, tr, 100078)
	equal(t, "late", []any{s.Type, s.RemoteAddress, s.User}, []any{finding.SessionSSH, "192.0.2.8", "bob"})
}

// What sshd's children do in the daemons' session does not make that session remote, nor does sshd's being launchd's child
// in another session than launchd's; a logout ends its own sessions only.
func TestSSHTouchesOnlyItsSessions(t *testing.T) {
	m := newMac()
	daemon := m.spawn(m.init, "/usr/sbin/other", "com.apple.other")
	daemon.AuditToken.ASID = 100014
	m.act(daemon)
	d := m.fork(m.init)
	d.AuditToken.ASID = 100014
	m.exec(d, sshd, "com.apple.sshd", nil)
	m.send(d, &es.Session{Which: es.KindOpenSSHLogin, Success: true, Username: "alice", UID: 501, SourceAddress: "192.0.2.7"})
	pre := m.fork(d)
	login(pre, 501, 100014)
	m.act(pre)
	kid := m.fork(d)
	login(kid, 501, 100077)
	m.act(kid)
	here := m.spawn(m.init, finder, "com.apple.finder")
	login(here, 501, 100019)
	m.act(here)
	m.send(d, &es.Session{Which: es.KindOpenSSHLogout, Success: true, Username: "alice", UID: 501, SourceAddress: "192.0.2.7"})
	tr := New(Limits{})
	m.feed(tr)
	equal(t, "remote", []string{session1(t, tr, 100014).RemoteAddress, session1(t, tr, 100077).RemoteAddress, session1(t, tr, 100019).RemoteAddress}, []string{"", "192.0.2.7", ""})
	equal(t, "ended", []bool{known(session1(t, tr, 100014).Ended), known(session1(t, tr, 100077).Ended), known(session1(t, tr, 100019).Ended)}, []bool{false, true, false})
}

// A login that failed logs nobody in.
func TestFailedLogin(t *testing.T) {
	m := newMac()
	d := m.spawn(m.init, sshd, "com.apple.sshd")
	m.send(d, &es.Session{Which: es.KindOpenSSHLogin, Username: "alice", UID: es.Unset, SourceAddress: "192.0.2.7"})
	kid := m.fork(d)
	login(kid, 501, 100077)
	m.act(kid)
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100077)
	equal(t, "no ssh", []any{s.Type, s.RemoteAddress}, []any{finding.SessionUnknown, ""})
}

// loginwindow tells of a login before it has taken on the user's session; Terminal's login -f stays in it, and its end is
// not the session's.
func TestConsoleLogin(t *testing.T) {
	m := newMac()
	lw := m.spawn(m.init, loginwindow, "com.apple.loginwindow")
	m.send(lw, &es.Session{Which: es.KindLWSessionLogin, Success: true, Username: "alice", UID: es.Unset, GraphicalSessionID: 258})
	began := m.now()
	login(lw, 501, 100019)
	m.act(lw)
	f := m.spawn(m.init, finder, "com.apple.finder")
	login(f, 501, 100019)
	m.act(f)
	tab := m.spawn(f, "/usr/bin/login", "com.apple.login")
	m.send(tab, &es.Session{Which: es.KindLoginLogin, Success: true, Username: "alice", UID: 501})
	m.send(tab, &es.Session{Which: es.KindLoginLogout, Success: true, Username: "alice", UID: 501})
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100019)
	equal(t, "console", []any{s.Type, s.User, s.UID, s.Began, s.Graphical, s.Ended}, []any{finding.SessionConsole, "alice", uint32(501), began, []uint32{258}, es.Moment{}})
	equal(t, "name", tr.UserName(501), "alice")
	equal(t, "not the daemons' session", session1(t, tr, 100000).Type, finding.SessionBackground)

	x := m.send(lw, &es.Session{Which: es.KindLWSessionLogout, Success: true, Username: "alice", UID: es.Unset, GraphicalSessionID: 258})
	tr.Observe(x.m, x.at, false)
	equal(t, "ended", session1(t, tr, 100019).Ended, m.now())
}

// A recording that begins after the login knows a graphical session by its desktop, and a login session not at all.
func TestSessionsOfALateStart(t *testing.T) {
	m := newMac()
	f := m.spawn(m.init, finder, "com.apple.finder")
	login(f, 501, 100019)
	fake := m.spawn(m.init, "/tmp/Finder", "com.apple.finder")
	login(fake, 502, 100020)
	fake.IsPlatformBinary = false
	m.sent = nil
	m.act(f)
	m.act(fake)
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100019)
	equal(t, "console", []any{s.Type, s.BeganSeen, s.Evidence[0].Kind}, []any{finding.SessionConsole, false, es.KindOther})
	equal(t, "look-alike", session1(t, tr, 100020).Type, finding.SessionUnknown)
}

// A terminal on the machine's own lines: login(1) makes the session, and ends it.
func TestTTYLogin(t *testing.T) {
	m := newMac()
	l := m.spawn(m.init, "/usr/bin/login", "com.apple.login")
	login(l, 501, 100030)
	m.send(l, &es.Session{Which: es.KindLoginLogin, Success: true, Username: "alice", UID: 501})
	began := m.now()
	m.send(l, &es.Session{Which: es.KindLoginLogout, Success: true, Username: "alice", UID: 501})
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100030)
	equal(t, "login", []any{s.Type, s.Began, s.Ended, s.User}, []any{finding.SessionLogin, began, m.now(), "alice"})
}

func TestScreenSharing(t *testing.T) {
	m := newMac()
	lw := m.spawn(m.init, loginwindow, "com.apple.loginwindow")
	login(lw, 501, 100019)
	ss := m.spawn(m.init, "/S/screensharingd", "com.apple.screensharing")
	m.send(lw, &es.Session{Which: es.KindLWSessionUnlock, Success: true, UID: es.Unset, GraphicalSessionID: 258})
	m.send(ss, &es.Session{Which: es.KindScreenSharingAttach, Success: true, UID: es.Unset, SourceAddress: "192.0.2.9", ViewerAppleID: "v@example.org", GraphicalSessionID: 258, ExistingSession: true})
	m.pass(time.Minute)
	during := m.now()
	m.send(ss, &es.Session{Which: es.KindScreenSharingDetach, Success: true, UID: es.Unset, SourceAddress: "192.0.2.9", GraphicalSessionID: 258})
	tr := New(Limits{})
	m.feed(tr)
	x, ok := tr.ScreenSharingAt(100019, during)
	equal(t, "during", []any{ok, x.Address, x.ViewerAppleID, x.ASID}, []any{true, "192.0.2.9", "v@example.org", uint32(100019)})
	_, other := tr.ScreenSharingAt(100020, during)
	m.pass(time.Second)
	_, after := tr.ScreenSharingAt(100019, m.now())
	_, before := tr.ScreenSharingAt(100019, es.Moment{Clock: time.Second})
	equal(t, "another session, after, before", []bool{other, after, before}, []bool{false, false, false})
	equal(t, "it is still the console", session1(t, tr, 100019).Type, finding.SessionConsole)

	// Of a graphical session that nobody linked to an audit session, and attached before the recording: it may be any.
	y := m.send(ss, &es.Session{Which: es.KindScreenSharingDetach, Success: true, UID: es.Unset, SourceAddress: "192.0.2.10", GraphicalSessionID: 999})
	tr.Observe(y.m, y.at, false)
	x, ok = tr.ScreenSharingAt(100020, during)
	equal(t, "unknown", []any{ok, x.ASID, x.From, x.Address}, []any{true, uint32(0), es.Moment{}, "192.0.2.10"})
}

// A session that was made for who connected is no console: nobody sits at it.
func TestScreenSharingMadeTheSession(t *testing.T) {
	m := newMac()
	ss := m.spawn(m.init, "/S/screensharingd", "com.apple.screensharing")
	m.send(ss, &es.Session{Which: es.KindScreenSharingAttach, Success: true, UID: es.Unset, SourceAddress: "192.0.2.9", GraphicalSessionID: 300})
	lw := m.spawn(m.init, loginwindow, "com.apple.loginwindow")
	login(lw, 502, 100040)
	m.send(lw, &es.Session{Which: es.KindLWSessionLogin, Success: true, Username: "bob", UID: es.Unset, GraphicalSessionID: 300})
	tr := New(Limits{})
	m.feed(tr)
	s := session1(t, tr, 100040)
	equal(t, "session", []any{s.Type, s.RemoteAddress, s.User}, []any{finding.SessionScreenSharing, "192.0.2.9", "bob"})
}

// sudo and su: who became whom, from the command upwards; the audit user stays.
func TestBecomes(t *testing.T) {
	m := newMac()
	sh := m.spawn(m.init, "/bin/zsh", "com.apple.zsh")
	login(sh, 501, 100019)
	su := m.spawn(sh, "/usr/bin/su", "com.apple.su")
	m.send(su, &es.Become{Which: es.KindSu, Success: true, FromUID: 501, FromUsername: "alice", ToUID: 502, ToUsername: "bob"})
	sh2 := m.spawn(su, "/bin/zsh", "com.apple.zsh")
	sudo := m.spawn(sh2, "/usr/bin/sudo", "com.apple.sudo")
	m.send(sudo, &es.Become{Which: es.KindSudo, FromUID: 502, ToUID: 0, ToUsername: "root"})
	m.send(sudo, &es.Become{Which: es.KindSudo, Success: true, FromUID: 502, FromUsername: "bob", ToUID: 0, ToUsername: "root", Command: "/bin/rm x"})
	m.exec(sudo, "/bin/rm", "com.apple.rm", []string{"rm", "x"})
	sudo.AuditToken.EUID = 0
	m.act(sudo)
	tr := New(Limits{})
	m.feed(tr)
	var got []any
	for _, b := range tr.Becomes(nil, m.ref(tr, sudo)) {
		got = append(got, b.Kind, b.FromUser, b.ToUser, b.Command, tr.At(b.By).Image.Path)
	}
	equal(t, "chain", got, []any{es.KindSudo, "bob", "root", "/bin/rm x", "/usr/bin/sudo", es.KindSu, "alice", "bob", "", "/usr/bin/su"})
	equal(t, "names", []string{tr.UserName(0), tr.UserName(501), tr.UserName(502), tr.UserName(77)}, []string{"root", "alice", "bob", ""})
	equal(t, "the shell became nobody", len(tr.Becomes(nil, m.ref(tr, sh))), 0)
	equal(t, "told of the session", session1(t, tr, 100019).Evidence[0].Kind, es.KindSu)
}

func TestAuthenticationIsEvidence(t *testing.T) {
	m := newMac()
	d := m.spawn(m.init, "/usr/libexec/opendirectoryd", "com.apple.opendirectoryd")
	ui := m.spawn(m.init, "/S/SecurityAgent", "com.apple.SecurityAgent")
	login(ui, 501, 100019)
	m.send(d, &es.Authentication{Success: true, RecordName: "alice", UID: es.Unset, Instigator: &ui.Process})
	tr := New(Limits{})
	m.feed(tr)
	ev := session1(t, tr, 100019).Evidence[0]
	equal(t, "evidence", []any{ev.Kind, ev.User, ev.By}, []any{es.KindAuthentication, "alice", m.ref(tr, ui)})
}

// Sessions are bounded: ended ones go first.
func TestSessionsAreBounded(t *testing.T) {
	m := newMac()
	p := m.spawn(m.init, "/bin/p", "p")
	tr := New(Limits{Sessions: 32})
	for i := range uint32(1000) {
		login(p, 501, 200000+i)
		m.act(p)
	}
	m.feed(tr)
	if n := tr.Stats().Sessions; n > 32 {
		t.Errorf("%d sessions are remembered, 32 may be", n)
	}
	session1(t, tr, 200999)
	if tr.Stats().Dropped == 0 {
		t.Error("what was dropped is not counted")
	}
}
