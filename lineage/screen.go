package lineage

import (
	"slices"

	"ascribe.example/es"
)

// ScreenSharing is an interval in which somebody was connected to a screen.
type ScreenSharing struct {
	GraphicalID   uint32
	ASID          uint32    // 0: not known which session
	From, To      es.Moment // zero: began before the recording; still open
	Address       string
	ViewerAppleID string
	User          string
	Existing      bool // it joined a session that was there; else the session was made for it
}

// screen ties a graphical session id to the audit session of the loginwindow that told of it.
type screen struct {
	ID   uint32
	ASID uint32
	Life LifeID // of the loginwindow
	User string
	At   es.Moment
	Kind es.Kind
}

const (
	maxScreens = 256
	maxSharing = 1024
)

// windowSession: the graphical session id is not the audit session id; loginwindow's own token on the event links them
// [G]. While loginwindow has not yet taken on the user's session, the link waits for its token to change.
func (t *Tracker) windowSession(ev *es.Session, actor *slot, at es.Moment) {
	tok := &actor.e.Token
	i := slices.IndexFunc(t.screens, func(g screen) bool { return g.ID == ev.GraphicalSessionID })
	if i < 0 {
		if len(t.screens) == maxScreens {
			t.screens = slices.Delete(t.screens, 0, 1)
			t.stats.Dropped++
		}
		t.screens = append(t.screens, screen{ID: ev.GraphicalSessionID})
		i = len(t.screens) - 1
	}
	g := &t.screens[i]
	g.Life, g.At, g.Kind = actor.e.Life, at, ev.Which
	if ev.Username != "" {
		g.User = t.strings.name(ev.Username)
	}
	if tok.ASID == 0 || tok.AUID == es.Unset {
		return
	}
	x := t.sessionAt(tok.ASID, actor.e.Ref, at)
	t.linkScreen(g, x, tok.ASID)
	switch ev.Which {
	case es.KindLWSessionLogin:
		x.Began, x.BeganSeen, x.Ended = at, true, es.Moment{}
	case es.KindLWSessionLogout:
		x.Ended = at
		t.screens = slices.Delete(t.screens, i, i+1)
	}
	t.tell(x, t.evidence(ev, actor, at))
}

func (t *Tracker) linkScreen(g *screen, x *session, asid uint32) {
	g.ASID = asid
	if !contains(x.Graphical, g.ID) && len(x.Graphical) < MaxSessionEvidence {
		x.Graphical = append(x.Graphical, g.ID)
	}
	for i := range t.sharing {
		if s := &t.sharing[i]; s.GraphicalID == g.ID && !known(s.To) {
			s.ASID = asid
			t.madeFor(x, s)
		}
	}
	if g.User != "" {
		x.User = g.User
		if x.UID != es.Unset {
			t.named(x.UID, g.User)
		}
	}
}

// moveScreens follows a loginwindow into the session that it has just taken on.
func (t *Tracker) moveScreens(s *slot, at es.Moment) {
	tok := &s.e.Token
	if tok.ASID == 0 || tok.AUID == es.Unset {
		return
	}
	for i := range t.screens {
		g := &t.screens[i]
		if g.Life != s.e.Life || g.ASID == tok.ASID {
			continue
		}
		x := t.sessionAt(tok.ASID, s.e.Ref, at)
		t.linkScreen(g, x, tok.ASID)
		if g.Kind == es.KindLWSessionLogin {
			x.Began, x.BeganSeen, x.Ended = g.At, true, es.Moment{}
		}
		t.tell(x, SessionEvidence{Kind: g.Kind, At: g.At, By: s.e.Ref, User: g.User, UID: tok.AUID, Success: true})
	}
}

// shared opens or closes a screen sharing interval.
func (t *Tracker) shared(ev *es.Session, at es.Moment) {
	id := ev.GraphicalSessionID
	if ev.Which == es.KindScreenSharingDetach {
		for i := len(t.sharing) - 1; i >= 0; i-- {
			x := &t.sharing[i]
			if x.GraphicalID == id && !known(x.To) && (x.Address == ev.SourceAddress || x.Address == "" || ev.SourceAddress == "") {
				x.To, x.ASID = at, t.asidOf(id, x.ASID)
				return
			}
		}
	}
	if len(t.sharing) == maxSharing {
		t.sharing = slices.Delete(t.sharing, 0, maxSharing/8)
		t.stats.Dropped += maxSharing / 8
	}
	x := ScreenSharing{
		GraphicalID: id, ASID: t.asidOf(id, 0), From: at, Address: t.strings.name(ev.SourceAddress),
		ViewerAppleID: t.strings.name(ev.ViewerAppleID), User: t.strings.name(ev.Username), Existing: ev.ExistingSession,
	}
	if ev.Which == es.KindScreenSharingDetach {
		x.From, x.To = es.Moment{}, at
	} else if i, ok := t.sessionIx[sessionKey{t.boot, x.ASID}]; ok {
		t.madeFor(&t.sessions[i], &x)
	}
	t.sharing = append(t.sharing, x)
}

// madeFor marks a session that was made for the one who connected: nobody sits at it.
func (t *Tracker) madeFor(x *session, s *ScreenSharing) {
	if s.Existing || !known(s.From) {
		return
	}
	x.RemoteAddress = s.Address
	t.tell(x, SessionEvidence{
		Kind: es.KindScreenSharingAttach, At: s.From, User: s.User, UID: es.Unset, Address: s.Address, Success: true,
	})
}

// asidOf is the audit session of a graphical one, or old if it is not known.
func (t *Tracker) asidOf(id, old uint32) uint32 {
	for i := range t.screens {
		if t.screens[i].ID == id && t.screens[i].ASID != 0 {
			return t.screens[i].ASID
		}
	}
	return old
}

// ScreenSharingAt is the newest screen sharing interval of the session that covers the moment. An interval whose session is
// not known covers every one (its ASID is then 0). Input over it lands in the local graphical session and looks like the
// local user's, so an interval says that it may have been the other, never that it was.
func (t *Tracker) ScreenSharingAt(asid uint32, at es.Moment) (ScreenSharing, bool) {
	for i := len(t.sharing) - 1; i >= 0; i-- {
		x := t.sharing[i]
		if known(x.From) && before(at, x.From) || known(x.To) && before(x.To, at) {
			continue
		}
		if x.ASID = t.asidOf(x.GraphicalID, x.ASID); x.ASID == 0 || x.ASID == asid {
			return x, true
		}
	}
	return ScreenSharing{}, false
}
