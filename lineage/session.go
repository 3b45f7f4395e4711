package lineage

import (
	"slices"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Session is a login session, that is an audit session: what asid names. It is not the POSIX session, and the graphical
// session id of login window events is not its id [D].
type Session struct {
	ASID          uint32
	Boot          uint32
	Type          finding.SessionType // as the evidence has it; background where nobody is logged in to it
	UID           uint32              // audit user id; [es.Unset] none
	User          string
	RemoteAddress string
	Began         es.Moment // its login event, else first seen
	BeganSeen     bool      // there was a login event
	Seen          es.Moment // the latest time that an execution was seen to enter it
	Ended         es.Moment // zero: not seen to end
	First         Ref       // the first execution seen in it
	Graphical     []uint32  // graphical session ids linked to it
	Evidence      []SessionEvidence
}

// SessionEvidence is one event that told of a session.
type SessionEvidence struct {
	Kind    es.Kind // KindOther: a process that only graphical sessions have
	At      es.Moment
	By      Ref
	User    string
	UID     uint32 // [es.Unset] unknown
	Address string
	Success bool
}

// session is a Session with what ties it to its logins.
type session struct {
	Session
	SSH   LifeID   // the sshd that logged it in; 0 none
	Tries int32    // walks that looked for one
	Told  es.Kinds // kinds of all successful evidence, also of what is no longer listed
}

type sessionKey struct{ boot, asid uint32 }

// remoteLogin is a successful ssh login; its sessions are those of the sshd's descendants.
type remoteLogin struct {
	Life    LifeID
	By      Ref
	At      es.Moment
	ASID    uint32 // of the sshd itself when it said so
	Own     bool   // ASID is the new session's, not the daemon's
	User    string
	UID     uint32
	Address string
}

const (
	maxUsers    = 4096
	sshTries    = 16 // executions of a session that are asked for an sshd above them
	sshLookback = 16 // latest sessions that a login event may explain afterwards
)

// enter takes an execution into its login session.
func (t *Tracker) enter(s *slot, at es.Moment) {
	tok := &s.e.Token
	if tok.ASID == 0 {
		return // the default session, of nobody [D: AU_DEFAUDITSID]
	}
	x := t.sessionAt(tok.ASID, s.e.Ref, at)
	switch {
	case x.UID == es.Unset:
		x.UID = tok.AUID
	case tok.AUID != es.Unset && tok.AUID != x.UID && !before(at, x.Seen):
		// The audit user of a session cannot change once it is set [S: audit_session_update_check]: the number was given again.
		*x = session{Session: Session{ASID: tok.ASID, Boot: t.boot, UID: tok.AUID, Began: at, Seen: at, First: s.e.Ref}}
	}
	if before(x.Seen, at) {
		x.Seen = at
	}
	if x.SSH == 0 && x.Tries < sshTries && len(t.logins) > 0 && tok.AUID != es.Unset {
		x.Tries++
		if l := t.loginAbove(s.e.Ref); l != nil {
			t.logIn(x, l)
		}
	}
	t.seeDesktop(x, s, at)
}

// seeDesktop notes that a session is a graphical one: a program is in it that only those have, or an app that was opened,
// whose label begins so [R: LaunchServices opens apps in the graphical domain].
func (t *Tracker) seeDesktop(x *session, s *slot, at es.Moment) {
	e := &s.e
	if e.Token.AUID == es.Unset || x.has(es.KindOther) {
		return
	}
	if e.Image.Platform && ofDesktop(e.Image.SigningID) || e.LabelFrom >= LabelSnapshot && strings.HasPrefix(e.Label, "application.") {
		t.tell(x, SessionEvidence{Kind: es.KindOther, At: at, By: e.Ref, UID: e.Token.AUID, Success: true})
	}
}

// seeOpened does the same once the label of an execution is known.
func (t *Tracker) seeOpened(s *slot, at es.Moment) {
	if i, ok := t.sessionIx[sessionKey{t.boot, s.e.Token.ASID}]; ok {
		t.seeDesktop(&t.sessions[i], s, at)
	}
}

// ofDesktop reports whether a platform program runs in graphical login sessions only.
func ofDesktop(signingID string) bool {
	switch signingID {
	case "com.apple.loginwindow", "com.apple.finder", "com.apple.dock", "com.apple.systemuiserver":
		return true
	}
	return false
}

// sessionAt is the session of an asid in this boot, made if it was not known. Good until the next call.
func (t *Tracker) sessionAt(asid uint32, first Ref, at es.Moment) *session {
	k := sessionKey{t.boot, asid}
	if i, ok := t.sessionIx[k]; ok {
		return &t.sessions[i]
	}
	if len(t.sessions) >= t.limits.Sessions {
		t.dropSessions()
	}
	t.sessionIx[k] = int32(len(t.sessions))
	t.sessions = append(t.sessions, session{Session: Session{ASID: asid, Boot: t.boot, UID: es.Unset, Began: at, First: first}})
	return &t.sessions[len(t.sessions)-1]
}

// dropSessions forgets an eighth of the sessions: ended ones first, then the oldest.
func (t *Tracker) dropSessions() {
	order := make([]int32, len(t.sessions))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		x, y := known(t.sessions[a].Ended), known(t.sessions[b].Ended)
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	gone := make(map[int32]bool)
	for _, i := range order[:len(order)/8+1] {
		gone[i] = true
	}
	kept := t.sessions[:0]
	clear(t.sessionIx)
	for i := range t.sessions {
		if x := t.sessions[i]; !gone[int32(i)] {
			t.sessionIx[sessionKey{x.Boot, x.ASID}] = int32(len(kept))
			kept = append(kept, x)
		}
	}
	t.stats.Dropped += uint64(len(gone))
	clear(t.sessions[len(kept):])
	t.sessions = kept
}

func (t *Tracker) endSessions() {
	for i := range t.sessions {
		if x := &t.sessions[i]; !known(x.Ended) {
			x.Ended = t.now
		}
	}
	t.sharing, t.screens = nil, nil
}

func (x *session) has(k es.Kind) bool { return x.Told.Has(k) }

// tell adds evidence to a session. Of each kind the first and the latest stay.
func (t *Tracker) tell(x *session, ev SessionEvidence) {
	if ev.Success {
		x.Told.Add(ev.Kind)
	}
	n, last := 0, 0
	for i := range x.Evidence {
		if x.Evidence[i].Kind == ev.Kind {
			n++
			last = i
		}
	}
	switch {
	case n >= 2:
		x.Evidence[last] = ev
	case len(x.Evidence) < MaxSessionEvidence:
		x.Evidence = append(x.Evidence, ev)
	default:
		t.stats.Dropped++
	}
}

// logIn ties a session to the ssh login that it came from.
func (t *Tracker) logIn(x *session, l *remoteLogin) {
	if l.ASID == x.ASID && !l.Own {
		return // the daemon's own session, which others share
	}
	x.SSH, x.RemoteAddress = l.Life, l.Address
	x.Began, x.BeganSeen, x.Ended = l.At, true, es.Moment{}
	if l.User != "" {
		x.User = l.User
	}
	if x.UID == es.Unset {
		x.UID = l.UID
	}
	t.tell(x, SessionEvidence{es.KindOpenSSHLogin, l.At, l.By, l.User, l.UID, l.Address, true})
}

// loginAbove is the ssh login from which an execution descends.
func (t *Tracker) loginAbove(ref Ref) *remoteLogin {
	if e := t.At(ref); e != nil {
		if i, ok := t.loginIx[e.Life]; ok {
			return &t.logins[i]
		}
	}
	for up := range t.Ancestors(ref) {
		if e := t.At(up.Ref); e != nil {
			if i, ok := t.loginIx[e.Life]; ok {
				return &t.logins[i]
			}
		}
	}
	return nil
}

// sessionEvent reads the logins and logouts.
func (t *Tracker) sessionEvent(ev *es.Session, actor *slot, at es.Moment) {
	if ev.Success && ev.UID != es.Unset {
		t.named(ev.UID, ev.Username)
	}
	if actor == nil || !ev.Success {
		return
	}
	switch ev.Which {
	case es.KindOpenSSHLogin:
		t.sshLogin(ev, actor, at)
	case es.KindOpenSSHLogout:
		for i := range t.sessions {
			if x := &t.sessions[i]; x.SSH == actor.e.Life && x.Boot == t.boot {
				x.Ended = at
				t.tell(x, t.evidence(ev, actor, at))
			}
		}
	case es.KindLoginLogin, es.KindLoginLogout:
		t.ttyLogin(ev, actor, at)
	case es.KindLWSessionLogin, es.KindLWSessionLogout, es.KindLWSessionLock, es.KindLWSessionUnlock:
		t.windowSession(ev, actor, at)
	case es.KindScreenSharingAttach, es.KindScreenSharingDetach:
		t.shared(ev, at)
	}
}

func (t *Tracker) evidence(ev *es.Session, by *slot, at es.Moment) SessionEvidence {
	return SessionEvidence{ev.Which, at, by.e.Ref, t.strings.name(ev.Username), ev.UID, t.strings.name(ev.SourceAddress), ev.Success}
}

// sshLogin: sshd tells of the login, and gives what it starts a new audit session [S: audit-bsm.c]. Whether its own token
// already names that session depends on the release: it does if its audit user is set, or if its parent, not launchd, has
// another session; else the session is that of its descendants.
func (t *Tracker) sshLogin(ev *es.Session, actor *slot, at es.Moment) {
	tok := &actor.e.Token
	own := tok.ASID != 0 && tok.AUID != es.Unset
	if p := t.At(t.ParentOf(actor.e.Ref).Ref); p != nil && tok.ASID != 0 && p.Key.PID != es.LaunchdPID && p.Token.ASID != tok.ASID {
		own = true
	}
	l := remoteLogin{
		Life: actor.e.Life, By: actor.e.Ref, At: at, ASID: tok.ASID, Own: own,
		User: t.strings.name(ev.Username), UID: ev.UID, Address: t.strings.name(ev.SourceAddress),
	}
	if i, ok := t.loginIx[l.Life]; ok {
		t.logins[i] = l
	} else {
		if len(t.logins) >= t.limits.Sessions {
			n := len(t.logins)/8 + 1
			t.stats.Dropped += uint64(n)
			t.logins = slices.Delete(t.logins, 0, n)
			clear(t.loginIx)
			for i := range t.logins {
				t.loginIx[t.logins[i].Life] = int32(i)
			}
		}
		t.loginIx[l.Life] = int32(len(t.logins))
		t.logins = append(t.logins, l)
	}
	if own {
		t.logIn(t.sessionAt(tok.ASID, actor.e.Ref, at), &l)
	}
	// A session that was seen before its login event is explained now.
	for i := max(0, len(t.sessions)-sshLookback); i < len(t.sessions); i++ {
		x := &t.sessions[i]
		if x.SSH != 0 || x.UID == es.Unset || x.Boot != t.boot {
			continue
		}
		if above := t.loginAbove(x.First); above != nil && above.Life == l.Life {
			t.logIn(x, &l)
		}
	}
}

// ttyLogin: login(1) tells of it after it has set its audit session, so its own token names the session [S: login_audit.c].
// A terminal's tab runs login -f, which stays in the graphical session: its end is not that session's.
func (t *Tracker) ttyLogin(ev *es.Session, actor *slot, at es.Moment) {
	asid := actor.e.Token.ASID
	if asid == 0 {
		return
	}
	x := t.sessionAt(asid, actor.e.Ref, at)
	alone := x.SSH == 0 && !x.has(es.KindLWSessionLogin) && !x.has(es.KindOther)
	if ev.Which == es.KindLoginLogin {
		if alone && !x.has(es.KindLoginLogin) && x.First == actor.e.Ref {
			x.Began, x.BeganSeen = at, true
		}
		if x.UID == es.Unset {
			x.UID = ev.UID
		}
		if x.User == "" && (ev.UID == es.Unset || ev.UID == x.UID) {
			x.User = t.strings.name(ev.Username)
		}
		x.Ended = es.Moment{}
	} else if alone {
		x.Ended = at
	}
	t.tell(x, t.evidence(ev, actor, at))
}

// SessionOf is the login session with the audit session id, in the current boot. Its slices are the tracker's: read only,
// good until it is fed again.
func (t *Tracker) SessionOf(asid uint32) (Session, bool) { return t.SessionIn(t.boot, asid) }

// SessionIn is the same for any remembered boot.
func (t *Tracker) SessionIn(boot, asid uint32) (Session, bool) {
	i, ok := t.sessionIx[sessionKey{boot, asid}]
	if !ok {
		return Session{}, false
	}
	x := t.sessions[i]
	if x.SSH == 0 && x.UID != es.Unset && len(t.logins) > 0 && !x.has(es.KindOther) && !x.has(es.KindLWSessionLogin) {
		if l := t.loginAbove(x.First); l != nil && (l.ASID != x.ASID || l.Own) {
			x.SSH, x.RemoteAddress, x.User = l.Life, l.Address, l.User
		}
	}
	if x.User == "" && x.UID != es.Unset {
		x.User = t.users[x.UID]
	}
	x.Type = x.kind()
	return x.Session, true
}

func (x *session) kind() finding.SessionType {
	switch {
	case x.SSH != 0:
		return finding.SessionSSH
	case x.has(es.KindScreenSharingAttach):
		return finding.SessionScreenSharing
	case x.has(es.KindLWSessionLogin), x.has(es.KindLWSessionUnlock), x.has(es.KindLWSessionLock), x.has(es.KindOther):
		return finding.SessionConsole
	case x.has(es.KindLoginLogin) && x.BeganSeen: // else a terminal's tab, in a session that was there before
		return finding.SessionLogin
	case x.UID == es.Unset:
		return finding.SessionBackground
	}
	return finding.SessionUnknown
}

// named learns an account's name. The latest telling wins.
func (t *Tracker) named(uid uint32, name string) {
	if uid == es.Unset || name == "" {
		return
	}
	if _, ok := t.users[uid]; !ok && len(t.users) >= maxUsers {
		t.stats.Dropped++
		return
	}
	t.users[uid] = t.strings.name(name)
}

// UserName is the account name of a user id, as snapshots and login events told it; "" unknown.
func (t *Tracker) UserName(uid uint32) string { return t.users[uid] }
