package attribution

import (
	"fmt"
	"net/netip"
	"time"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

const (
	opensWithin = 10 * time.Second // how soon after it was asked for an app is launched
	actsOnOpen  = time.Minute      // how long what an app does may be what it was opened for
	settledIn   = time.Minute      // how long after a login apps open by themselves: login items, windows of last time
)

// attached: what a terminal multiplexer holds can be typed into from any terminal and any login that attaches to it, and
// goes on when its own login has ended [D: tmux(1), screen(1)]. So whoever started it is not certain; who else is attached
// is the other reading.
func (a *Attributor) attached(x *answer, w around, in *finding.Initiator, level finding.Certainty) finding.Certainty {
	if w.multiplexer == 0 {
		return level
	}
	level = level.AtMost(finding.Likely)
	x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Likely)
	held := a.lineage.TokenAt(w.multiplexer, x.c.To)
	if m := a.lineage.At(w.multiplexer); a.lineage.GapBetween(m.Seen, x.c.To) {
		level = level.AtMost(finding.Possible) // who attached may have been lost
	}
	if sess, ok := a.lineage.SessionOf(held.ASID); ok && sess.Ended != (es.Moment{}) && sess.Ended.Clock <= x.c.To.Clock {
		level = level.AtMost(finding.Possible)
	}
	for ref := range a.running(catalog.Multiplexer, x.c.To, 0) {
		tok := a.lineage.TokenAt(ref, x.c.To)
		if tok.RUID != held.RUID || a.isAbove(ref, x.actor) || a.isAbove(w.multiplexer, ref) || a.forkOf(ref, w.multiplexer) {
			continue
		}
		if tok.ASID == held.ASID && in.Agent == nil {
			continue // the same person, at another terminal
		}
		other := a.loginOf(tok, x.c.To)
		if in.Agent == nil && other.Class == in.Class && other.UID == in.UID && sessionID(&other) == sessionID(in) {
			continue
		}
		level = level.AtMost(finding.Possible)
		says := fmt.Sprintf("%s was attached from elsewhere too, and what is typed there looks the same", a.title(ref))
		x.otherwise(finding.Alternative{
			For: finding.RoleInitiator, Initiator: &other, Certainty: finding.Possible, Rule: Attached.Name, Says: says,
		})
		if app := a.answererOf(ref, x.c.To); app != x.responsible {
			x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Possible)
			p := a.Process(app, x.c.To)
			x.otherwise(finding.Alternative{
				For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: Attached.Name, Says: says,
			})
		}
	}
	return level
}

// forkOf reports whether two executions are one image that forked: a multiplexer's client and the server that it left
// behind.
func (a *Attributor) forkOf(ref, of lineage.Ref) bool {
	return a.isAbove(ref, of) || a.beforeForks(ref) == a.beforeForks(of)
}

// loginOf is who types in an execution's login session.
func (a *Attributor) loginOf(tok es.AuditToken, at es.Moment) finding.Initiator {
	in := finding.Initiator{Class: finding.ClassConsole, UID: userOf(tok)}
	in.User = a.lineage.UserName(in.UID)
	if tok.ASID == 0 {
		return in
	}
	in.Session = &finding.Session{ASID: tok.ASID, Type: finding.SessionUnknown}
	if s, ok := a.lineage.SessionOf(tok.ASID); ok {
		in.Session.Type, in.Session.RemoteAddress = s.Type, s.RemoteAddress
	}
	if in.Session.Type == finding.SessionSSH {
		in.Class = finding.ClassRemote
	}
	return in
}

// fromHere reports whether a remote login came from this Mac itself: a person or a program here, or the near end of a
// tunnel from anywhere.
func fromHere(address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && ip.Unmap().IsLoopback()
}

// orFromHere offers, for a login from this Mac itself, whoever sits at it.
func (a *Attributor) orFromHere(x *answer, in *finding.Initiator) {
	person := finding.Initiator{Class: finding.ClassConsole, UID: in.UID, User: in.User}
	x.otherwise(finding.Alternative{
		For: finding.RoleInitiator, Initiator: &person, Certainty: finding.Possible, Rule: RemoteLineage.Name,
		Says: "the login came from this Mac itself: by somebody who sits at it, or through a tunnel",
	})
}

// mayBeOpened: a command can have the system open an app, which is then launchd's child like one that a person opened, and
// acts at once on what it was given [D: open(1); R]. Where an AI agent, a remote login or a schedule ran such a command just
// before the app was launched, what the app does at first may be theirs.
func (a *Attributor) mayBeOpened(x *answer, in *finding.Initiator, level finding.Certainty) finding.Certainty {
	first := a.lineage.At(a.lineage.First(x.responsible))
	if first == nil || !first.LaunchedByLaunchd() || x.c.From.Clock-first.Seen.Clock > actsOnOpen {
		return level
	}
	for ref := range a.running(catalog.Opener, x.c.From, actsOnOpen+opensWithin) {
		e := a.lineage.At(ref)
		if after := first.Seen.Clock - e.Seen.Clock; after < 0 || after > opensWithin || userOf(a.lineage.TokenAt(ref, x.c.To)) != in.UID {
			continue
		}
		if by, says := a.behind(x, ref); by != nil {
			level = level.AtMost(finding.Possible)
			x.otherwise(finding.Alternative{
				For: finding.RoleInitiator, Initiator: by, Certainty: finding.Possible, Rule: MayBeOpened.Name,
				Says: fmt.Sprintf("%s, and had something opened just before %s began", says, a.title(x.responsible)),
			})
		}
	}
	return level
}

// behind is who stands behind a command where that is not the person at the screen: an agent, a remote login, a schedule;
// nil where none of them does.
func (a *Attributor) behind(x *answer, ref lineage.Ref) (*finding.Initiator, string) {
	tok := a.lineage.TokenAt(ref, x.c.To)
	in := a.loginOf(tok, x.c.To)
	says := ""
	for s := range a.lineage.Ancestors(ref) {
		if s.Ref == 0 {
			break
		}
		switch p := a.program(s.Ref); {
		case p.Has(catalog.Agent) && !p.Interactive:
			in.Class, in.Agent = finding.ClassAgent, a.agentOf(a.beforeForks(s.Ref))
			return &in, fmt.Sprintf("%s launched %s", in.Agent.Name, a.title(ref))
		case p.Has(catalog.RemoteDaemon) && !p.Interactive:
			in.Class = finding.ClassRemote
			says = fmt.Sprintf("%s launched %s", a.title(s.Ref), a.title(ref))
		case p.Has(catalog.Scheduler) && in.Class != finding.ClassRemote:
			in.Class = finding.ClassScheduled
			says = fmt.Sprintf("%s launched %s", a.title(s.Ref), a.title(ref))
		}
	}
	if in.Class == finding.ClassConsole {
		return nil, ""
	}
	if says == "" {
		says = fmt.Sprintf("%s ran in a remote login", a.title(ref))
	}
	return &in, says
}

// drivenFrom reports whether something runs, or ran just before, that can make an app act without being seen to: an AI
// agent, a script that speaks to apps, a remote login or a remote control of the same user, a command that has things
// opened. While one does, who sits at the screen is not certain.
func (a *Attributor) drivenFrom(x *answer, uid uint32) bool {
	const drives = catalog.Agent | catalog.Automation | catalog.RemoteDaemon | catalog.Opener
	for ref := range a.running(drives, x.c.To, remembered) {
		if userOf(a.lineage.TokenAt(ref, x.c.To)) == uid {
			return true
		}
	}
	return false
}
