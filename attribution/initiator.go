package attribution

import (
	"fmt"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// isPerson reports whether a user id can be a person's: macOS gives people ids from 501; below are its own accounts, and
// nobody is 2^32-2 [D].
func isPerson(uid uint32) bool { return uid > 500 && uid < es.Unset-1 }

// userOf is the person that a token names: who logged in, else the real user, else the effective one.
func userOf(t es.AuditToken) uint32 {
	switch {
	case t.IsZero():
		return es.Unset
	case t.AUID != es.Unset:
		return t.AUID
	case t.RUID != 0:
		return t.RUID
	}
	return t.EUID
}

// around is what stands around an act: programs between the actor and whoever answers, and above.
type around struct {
	agent       lineage.Ref // nearest AI agent, at or below the responsible execution
	remote      lineage.Ref // remote login daemon
	share       lineage.Ref // file sharing server
	scheduler   lineage.Ref
	multiplexer lineage.Ref // nearest terminal multiplexer, at or below the responsible execution
	complete    bool        // the walk reached the responsible execution, or launchd
	hidden      bool        // an interpreter stands there of which nobody saw what it runs
	inferred    bool        // a step up to the responsible execution was concluded, and nothing told it
	unseen      bool        // a step up to it was not seen, be it that a token told it
	forgotten   bool        // a lineage ended where something was evicted
}

// decideInitiator finds the person, agent, schedule or device behind the act. The audit user id corroborates only: sudo and
// su inherit it, daemons may adopt it, cron and root's jobs have none [S].
func (a *Attributor) decideInitiator(x *answer) {
	ctx := a.aroundNow(x)
	if ctx.forgotten {
		x.caveat(finding.CaveatEvicted)
	}
	own := a.lineage.TokenAt(x.actor, x.c.To)
	uid, agreed := a.userBehind(x, own)
	in := a.made.initiators.New(finding.Initiator{UID: uid})
	asid := x.token.ASID
	if asid == 0 || x.token.AUID == es.Unset {
		if own.AUID != es.Unset {
			asid = own.ASID
		}
	}
	sess, known := a.lineage.SessionOf(asid)
	if known {
		in.Session = a.made.sessions.New(finding.Session{ASID: asid, Type: sess.Type, RemoteAddress: sess.RemoteAddress})
	} else if asid != 0 {
		in.Session = a.made.sessions.New(finding.Session{ASID: asid, Type: finding.SessionUnknown})
	}
	in.User = a.lineage.UserName(uid)

	rule, level, says := a.classify(x, ctx, in, own, sess, known, agreed)
	if level > finding.Unknown && in.Class != finding.ClassSystem {
		if in.Agent == nil && (!ctx.complete || ctx.inferred || ctx.hidden) {
			// Something between the responsible execution and the actor is not known; an agent could stand there.
			level = level.AtMost(finding.Possible)
			x.caveat(finding.CaveatInferredParent)
		}
		level = a.attached(x, ctx, in, level)
		if !agreed {
			level = level.AtMost(finding.Possible)
		}
		// Nobody is known better than the app that stands for him, unless the actor's own audit user says the same.
		if x.f.Certainty.Responsible < finding.Likely && !(agreed && own.AUID == uid) {
			level = level.AtMost(max(x.f.Certainty.Responsible, finding.Possible))
		}
	}
	if in.Class == finding.ClassUnknown {
		level = finding.Unknown
	}
	x.f.Initiator = in
	x.f.Certainty.Initiator = level
	if rule.Name != "" {
		x.because(rule, says)
	}
	a.mayBeScripted(x)
}

// userBehind reads the user from the responsible execution, then the actor's audit user, then the owner of the new file.
// agreed is false where two of them name different people.
func (a *Attributor) userBehind(x *answer, own es.AuditToken) (uid uint32, agreed bool) {
	resp := userOf(x.token)
	switch {
	case x.token.IsZero():
		uid = userOf(own)
	case !isPerson(resp) && isPerson(userOf(own)):
		// A daemon of root's started it as somebody else: cron's jobs, whose audit user is not set [S: do_command.c].
		uid = userOf(own)
	default:
		uid = resp
	}
	if !isPerson(uid) && isPerson(x.c.Owner) && a.program(x.actor).Any(catalog.FileServer|catalog.Broker) {
		uid = x.c.Owner
	}
	agreed = true
	if isPerson(uid) && isPerson(own.AUID) && own.AUID != uid {
		agreed = false
		x.otherwise(finding.Alternative{
			For: finding.RoleInitiator, Certainty: finding.Possible, Rule: AuditUser.Name,
			Initiator: &finding.Initiator{Class: finding.ClassConsole, UID: own.AUID, User: a.lineage.UserName(own.AUID)},
			Says:      "the actor's audit user is another one, which daemons may adopt",
		})
	}
	x.disputed = !agreed
	return uid, agreed
}

// aroundNow is lookAround from memory, where that can be: nobody asked the actor, and nothing new was told since.
func (a *Attributor) aroundNow(x *answer) around {
	asked := len(x.f.Participants) > 0
	if near := a.near(x.actor); !asked && near != nil && near.aroundAt == near.told && near.aroundFor == x.responsible {
		return near.around
	}
	w := a.lookAround(x)
	if near := a.near(x.actor); !asked && near != nil { // asked for anew: another may have taken its place meanwhile
		near.around, near.aroundFor, near.aroundAt = w, x.responsible, near.told
	}
	return w
}

// lookAround walks from the actor upward, past the responsible execution.
func (a *Attributor) lookAround(x *answer) around {
	var w around
	below := true
	see := func(ref lineage.Ref) {
		p := a.program(ref)
		if e := a.lineage.At(ref); below && e != nil && !e.ArgsKnown && p.Has(catalog.Interpreter) && !p.Has(catalog.Shell) {
			w.hidden = true
		}
		switch {
		case p.Has(catalog.Agent) && w.agent == 0 && below:
			w.agent = a.beforeForks(ref)
		case p.Has(catalog.RemoteDaemon) && !p.Interactive && w.remote == 0:
			w.remote = ref
		case p.Has(catalog.FileServer) && w.share == 0:
			w.share = ref
		case p.Has(catalog.Scheduler) && w.scheduler == 0:
			w.scheduler = ref
		case p.Has(catalog.Multiplexer) && w.multiplexer == 0 && below && ref != x.actor:
			w.multiplexer = ref
		}
		if ref == x.responsible {
			below = false
		}
	}
	walk := func(from lineage.Ref) {
		see(from)
		last := from
		for s := range a.lineage.Ancestors(from) {
			e := a.lineage.At(s.Ref)
			if e != nil && e.Key.PID == es.LaunchdPID {
				w.complete = true
				return
			}
			// Above whoever answers, an agent would be none of ours.
			w.inferred = w.inferred || below && a.concluded(last, s)
			w.unseen = w.unseen || below && s.Origin < lineage.OriginFork
			if e == nil {
				w.forgotten = w.forgotten || s.Edge == lineage.EdgeForgotten
				return
			}
			last = s.Ref
			see(s.Ref)
			if s.Ref == x.responsible || e.LaunchedByLaunchd() {
				w.complete = true
			}
		}
	}
	if e := a.lineage.At(x.actor); e != nil && e.LaunchedByLaunchd() {
		w.complete = true
	}
	walk(x.actor)
	// A service works for its requester: what stands around that one counts.
	if x.responsible != 0 && x.responsible != x.actor && !a.isAbove(x.responsible, x.actor) {
		below = true
		whole := w.complete
		if from := a.requesterIn(x); from != 0 {
			walk(from)
		} else {
			walk(x.responsible)
		}
		w.complete = w.complete && whole // what is not known below the responsible execution stays so
	}
	return w
}

// beforeForks is the execution that a fork without exec came from: a forked child runs its parent's image until it becomes
// something else, and is no program of its own [S].
func (a *Attributor) beforeForks(ref lineage.Ref) lineage.Ref {
	for range lineage.MaxSteps {
		e := a.lineage.At(ref)
		if e == nil || e.Prev != 0 || e.BeginOrigin != lineage.OriginFork {
			return ref
		}
		up := a.lineage.At(a.lineage.ParentOf(ref).Ref)
		if up == nil || up.Image != e.Image {
			return ref
		}
		ref = up.Ref
	}
	return ref
}

// requesterIn is the client that asked the acting service, where one was named.
func (a *Attributor) requesterIn(x *answer) lineage.Ref {
	for i := range x.f.Participants {
		p := &x.f.Participants[i]
		if p.Role == "requester" {
			return a.lineage.Find(es.Key{Boot: a.lineage.Boot(), PID: p.Process.PID, PIDVersion: p.Process.PIDVersion})
		}
	}
	return 0
}

// classify picks the class, by precedence: agent, remote, scheduled, console, device, system, unknown.
func (a *Attributor) classify(x *answer, w around, in *finding.Initiator, own es.AuditToken, sess lineage.Session, known, agreed bool) (Rule, finding.Certainty, string) {
	if rule, level, says, ok := a.anAgent(x, w, in); ok {
		return rule, level, says
	}
	if rule, level, says, ok := a.somebodyRemote(x, w, in, own, sess, known); ok {
		return rule, level, says
	}
	if w.scheduler != 0 {
		in.Class = finding.ClassScheduled
		return Scheduler, Scheduler.Highest, a.title(w.scheduler) + " launched it"
	}
	if rule, level, says, ok := a.jobOfLaunchd(x, in); ok {
		return rule, level, says
	}
	brings := a.program(x.actor).Any(catalog.Sync|catalog.Receiver) && (x.responsible == x.actor || x.responsible == 0)
	if brings && !a.personReceives(x) {
		in.Class = finding.ClassDevice
		return OtherDevice, OtherDevice.Highest, a.saysItBrings(x)
	}
	if rule, level, says, ok := a.aPerson(x, w, in, own, sess, known, agreed); ok {
		if brings {
			device := *in
			device.Class = finding.ClassDevice
			x.otherwise(finding.Alternative{
				For: finding.RoleInitiator, Initiator: &device, Certainty: finding.Possible, Rule: OtherDevice.Name,
				Says: a.saysItBrings(x),
			})
			level = level.AtMost(finding.Possible)
		}
		return rule, level, says
	}
	e := a.lineage.At(x.actor)
	if e != nil && e.Image.Platform && x.responsible == x.actor && e.LaunchedByLaunchd() {
		in.Class = finding.ClassSystem
		if isPerson(in.UID) {
			return UserService, UserService.Highest, a.say("", x.actor, " is a background part of macOS in that user's session")
		}
		return SystemPart, SystemPart.Highest, a.say("", x.actor, " is a part of macOS, and no person's session is near")
	}
	in.Class = finding.ClassUnknown
	if x.responsible == 0 && isPerson(x.c.Owner) && !isPerson(in.UID) {
		in.UID = x.c.Owner
		in.User = a.lineage.UserName(in.UID)
		return OwnerOfTheFile, finding.Unknown, "the new file was given to that user"
	}
	return Rule{}, finding.Unknown, ""
}

func (a *Attributor) saysItBrings(x *answer) string {
	return a.say("", x.actor, " brings what another device or person sent")
}

// personReceives reports whether the actor is an app in which a person reads and saves what others send, as in Mail: it
// writes by itself what arrives, and at the person's word what is saved or exported, and nothing tells the two apart.
func (a *Attributor) personReceives(x *answer) bool {
	e := a.lineage.At(x.actor)
	return e != nil && a.isApp(e) && !a.isBackgroundJob(e) && !a.program(x.actor).Has(catalog.Sync) && !catalog.IsMailStore(x.f.Path)
}

// isCommand reports whether an execution is one of macOS' commands; its daemons lie elsewhere.
func isCommand(e *lineage.Execution) bool {
	return e.Image.Platform && (strings.HasPrefix(e.Image.Path, "/bin/") || strings.HasPrefix(e.Image.Path, "/usr/bin/"))
}

// jobOfLaunchd: a shell, an interpreter or a command of macOS that launchd itself started under a label that is not Apple's
// runs by a job's description: at times, at login, or on demand [D: launchd.plist(5)]. Which of these, no event tells [G].
func (a *Attributor) jobOfLaunchd(x *answer, in *finding.Initiator) (Rule, finding.Certainty, string, bool) {
	e := a.lineage.At(x.responsible)
	if e == nil || !e.LaunchedByLaunchd() || e.LabelFrom < lineage.LabelSnapshot || a.isApp(e) || a.program(e.Ref).Has(catalog.Broker) ||
		!a.program(e.Ref).Any(onlyServes) && !isCommand(e) ||
		strings.HasPrefix(e.Label, "com.apple.") || strings.HasPrefix(e.Label, "application.") {
		return Rule{}, 0, "", false
	}
	in.Class = finding.ClassScheduled
	level := a.mayBeOpened(x, in, LaunchdJob.Highest)
	return LaunchdJob, level, "launchd started " + a.title(e.Ref) + " as its job " + e.Label, true
}

// anAgent: an AI agent in the lineage, at or below whoever answers. What a person types in the same terminal has no agent
// in its lineage.
func (a *Attributor) anAgent(x *answer, w around, in *finding.Initiator) (Rule, finding.Certainty, string, bool) {
	if w.agent == 0 {
		return Rule{}, 0, "", false
	}
	p := a.program(w.agent)
	in.Class = finding.ClassAgent
	in.Agent = a.agentOf(w.agent)
	rule := AgentInLineage
	says := p.Name + " launched " + a.title(x.actor)
	switch {
	case p.Interactive:
		rule = AgentIsTheApp
		says = p.Name + " holds an agent, and a person types in it too"
	case p.Weak():
		rule = AgentByScript
		says = p.Name + ", known by its script alone, launched " + a.title(x.actor)
	}
	if w.agent == x.actor {
		says = p.Name + " did it itself"
	}
	level := rule.Highest
	if w.inferred {
		level = level.AtMost(finding.Possible)
	}
	if level < finding.Likely {
		person := *in
		person.Class, person.Agent = finding.ClassConsole, nil
		if w.remote != 0 {
			person.Class = finding.ClassRemote
		}
		x.otherwise(finding.Alternative{
			For: finding.RoleInitiator, Initiator: &person, Certainty: finding.Possible, Rule: AppUser.Name,
			Says: "the person may have done it by hand",
		})
	}
	return rule, level, says, true
}

// somebodyRemote: a remote login, or a share's server.
func (a *Attributor) somebodyRemote(x *answer, w around, in *finding.Initiator, own es.AuditToken, sess lineage.Session, known bool) (Rule, finding.Certainty, string, bool) {
	switch {
	case w.share != 0:
		in.Class = finding.ClassRemote
		in.Session = &finding.Session{Type: finding.SessionFileSharing}
		if in.UID == 0 || !isPerson(in.UID) {
			in.UID = es.Unset
			if isPerson(x.c.Owner) {
				in.UID = x.c.Owner
			}
			in.User = a.lineage.UserName(in.UID)
		}
		return RemoteShare, RemoteShare.Highest, a.title(w.share) + " serves files to other machines", true
	case known && sess.Type == finding.SessionSSH && fromHere(sess.RemoteAddress):
		in.Class = finding.ClassRemote
		a.orFromHere(x, in)
		return RemoteLineage, finding.Possible, fmt.Sprintf("audit session %d is a login over ssh from this Mac itself", sess.ASID), true
	case known && sess.Type == finding.SessionSSH:
		in.Class = finding.ClassRemote
		if sess.BeganSeen && sess.UID == in.UID && x.token.AUID == in.UID && x.token.ASID == sess.ASID && !x.c.Gap &&
			(own.ASID == sess.ASID || x.f.Certainty.Responsible == finding.Certain) && w.complete && !w.unseen {
			return RemoteLogin, RemoteLogin.Highest, fmt.Sprintf("the login over ssh, the audit session %d and the token agree", sess.ASID), true
		}
		return RemoteLineage, RemoteLineage.Highest, fmt.Sprintf("audit session %d is a remote login", sess.ASID), true
	case w.remote != 0:
		in.Class = finding.ClassRemote
		if in.Session != nil && in.Session.Type == finding.SessionUnknown {
			in.Session.Type = finding.SessionSSH
		}
		return RemoteLineage, RemoteLineage.Highest, a.title(w.remote) + " launched it", true
	}
	return Rule{}, 0, "", false
}

// aPerson: the user of the responsible app is the user who did it [D]. An app, or what a person launched from a terminal;
// not a background service, which nobody may have asked.
func (a *Attributor) aPerson(x *answer, w around, in *finding.Initiator, own es.AuditToken, sess lineage.Session, known, agreed bool) (Rule, finding.Certainty, string, bool) {
	if !isPerson(in.UID) {
		return Rule{}, 0, "", false
	}
	e := a.lineage.At(x.responsible)
	seen := e != nil && e.Image.Path != ""
	switch {
	case seen && (a.isApp(e) && !a.isBackgroundJob(e) || a.program(x.responsible).Has(catalog.Terminal)):
	case seen && e.LaunchedByLaunchd() && e.Image.Platform && a.program(x.responsible).Has(catalog.Automation):
		in.Class = finding.ClassConsole
		return RequesterUser, RequesterUser.Highest, a.title(x.responsible) + " runs workflows in that user's session; who had this one run is not told", true
	case seen:
		return Rule{}, 0, "", false
	case x.f.Responsible != nil:
		// Only the token is known: some execution of that user answers, which may be an app or not.
		in.Class = finding.ClassConsole
		return RequesterUser, RequesterUser.Highest, "the responsible token names that user; what it is was not seen", true
	case x.broken && in.UID == own.AUID:
		in.Class = finding.ClassConsole
		return AuditUser, AuditUser.Highest, "the actor runs in that user's login session; who launched it was not seen", true
	case own.AUID == in.UID && a.program(x.actor).Has(catalog.Broker):
		in.Class = finding.ClassConsole
		return AuditUser, AuditUser.Highest, "the service worked in that user's audit session", true
	case x.responsible == 0 && in.UID == x.c.Owner && a.program(x.actor).Has(catalog.Broker):
		in.Class = finding.ClassConsole
		return OwnerOfTheFile, OwnerOfTheFile.Highest, "nobody was seen to ask the service, and the new file was given to that user", true
	default:
		return Rule{}, 0, "", false
	}
	in.Class = finding.ClassConsole
	if ss, on := a.lineage.ScreenSharingAt(sessionID(in), x.c.To); on {
		x.caveat(finding.CaveatScreenSharing)
		x.otherwise(finding.Alternative{
			For: finding.RoleInitiator, Certainty: finding.Possible, Rule: ScreenShared.Name,
			Initiator: &finding.Initiator{
				Class: finding.ClassRemote, UID: in.UID, User: in.User,
				Session: &finding.Session{ASID: sessionID(in), Type: finding.SessionScreenSharing, RemoteAddress: ss.Address},
			},
			Says: "somebody was connected to this screen; remote input looks like local input",
		})
		return ScreenShared, ScreenShared.Highest, "the app's user, with somebody connected to the screen", true
	}
	rule, says := AppUser, a.runsAs(x.responsible, in)
	level := rule.Highest
	if agreed && known && sess.BeganSeen && sess.Type == finding.SessionConsole && sess.UID == in.UID &&
		x.token.AUID == in.UID && x.f.Certainty.Responsible == finding.Certain && !a.canHideAnAgent(x, w) && !a.lineage.GapBetween(sess.Began, x.c.To) &&
		a.openedLater(x, sess) && !a.drivenFrom(x, in.UID) {
		rule, level = ConsoleLogin, ConsoleLogin.Highest
		says = fmt.Sprintf("the login at the console, the audit session %d and the token agree", sess.ASID)
	}
	if x.f.Responsible.Basis == finding.BasisOwn {
		level = a.mayBeOpened(x, in, level)
	}
	return rule, level, says, true
}

// isBackgroundJob reports whether launchd started a third party's program as a job of its own and not as an app that was
// opened: the labels of those begin with "application." [R]. Apple's own apps of the session, Finder and the Dock, are jobs;
// what lies in its frameworks shows nobody a window.
func (a *Attributor) isBackgroundJob(e *lineage.Execution) bool {
	if e.Image.Platform {
		return e.LaunchedByLaunchd() && (strings.HasPrefix(e.Image.Path, "/System/Library/PrivateFrameworks/") ||
			strings.HasPrefix(e.Image.Path, "/System/Library/Frameworks/"))
	}
	return e.LaunchedByLaunchd() && e.LabelFrom >= lineage.LabelSnapshot && e.Label != "" && !strings.HasPrefix(e.Label, "application.")
}

// canHideAnAgent reports whether a program could have been driven by something that ES does not show: scripts that tell
// Finder, or any app while one is running, what to do send Apple events, which have no message [D].
func (a *Attributor) canHideAnAgent(x *answer, w around) bool {
	if !a.recorded.Has(es.KindXPCConnect) {
		return true // who speaks to other apps could not be seen
	}
	a.scripts(x)
	return len(a.clients) > 0 || a.program(x.responsible).Any(catalog.FileManager|catalog.Terminal) || w.unseen
}

// openedLater reports whether the app was launched well after the login: what opens at a login opens by itself.
func (a *Attributor) openedLater(x *answer, sess lineage.Session) bool {
	first := a.lineage.At(a.lineage.First(x.responsible))
	return first != nil && first.Seen.Clock-sess.Began.Clock > settledIn
}

func sessionID(in *finding.Initiator) uint32 {
	if in.Session == nil {
		return 0
	}
	return in.Session.ASID
}

func (a *Attributor) runsAs(ref lineage.Ref, in *finding.Initiator) string {
	return a.say("", ref, a.asUser.text(in))
}

// asUser makes the end of a sentence for the user who was named last.
type asUser struct {
	uid  uint32
	user string
	says string
}

func (u *asUser) text(in *finding.Initiator) string {
	if u.says == "" || u.uid != in.UID || u.user != in.User {
		*u = asUser{in.UID, in.User, " runs as " + userTitle(in)}
	}
	return u.says
}

func userTitle(in *finding.Initiator) string {
	if in.User != "" {
		return in.User
	}
	return fmt.Sprintf("user %d", in.UID)
}
