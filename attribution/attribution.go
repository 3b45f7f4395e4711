// Package attribution answers who: for one file operation or event, the execution that acted, the one it acted for, and
// the person, agent, schedule or device behind it. Each answer carries its certainty, the rules that gave it, and what
// else it could have been.
//
// All sources for a role are read. Independent agreement is evidence; disagreement is an alternative and a lower level.
package attribution

import (
	"fmt"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// Attributor holds what the answers are read from. It keeps no state of its own but a memory of which program each
// execution is.
type Attributor struct {
	lineage  *lineage.Tracker
	catalog  *catalog.Catalog
	recorded es.Kinds // kinds the stream is known to carry

	redact func([]string) []string

	programs [programCount]*program
	nearby   [nearbyCount]nearby
	clients  []lineage.Connection // scratch
	census   census
	made     made
	answer   answer // scratch
	asUser   asUser

	neverSeen neverSeen
}

// made is where the parts of one finding come from.
type made struct {
	processes   finding.Shelf[finding.Process]
	responsible finding.Shelf[finding.Responsible]
	initiators  finding.Shelf[finding.Initiator]
	sessions    finding.Shelf[finding.Session]
	evidence    finding.Shelf[finding.Evidence]
	numbers     finding.Shelf[uint64]
	caveats     finding.Shelf[finding.Caveat]
}

func (m *made) clear() {
	m.processes.Clear()
	m.responsible.Clear()
	m.initiators.Clear()
	m.sessions.Clear()
	m.evidence.Clear()
	m.numbers.Clear()
	m.caveats.Clear()
}

// New makes an attributor over a tracker that somebody else feeds.
func New(t *lineage.Tracker, c *catalog.Catalog) *Attributor {
	return &Attributor{lineage: t, catalog: c}
}

// Recorded says which kinds of event the stream is known to carry: what was never recorded cannot be missed in silence.
func (a *Attributor) Recorded(ks es.Kinds) { a.recorded = ks }

// Redact sets what hides secrets in arguments before findings carry them; nil shows them.
func (a *Attributor) Redact(f func(args []string) []string) { a.redact = f }

// answer collects one case's conclusions.
type answer struct {
	c    *Case
	f    *finding.Finding
	made *made

	actor       lineage.Ref
	responsible lineage.Ref
	token       es.AuditToken     // user words of the responsible execution, also where it was never seen itself
	broken      bool              // the ancestry between actor and responsible is not wholly known
	named       []finding.Process // closers under another name than their own
	disputed    bool              // the actor's own user and the responsible one's differ

	shown [4]struct { // what the finding shows of executions
		ref     lineage.Ref
		process *finding.Process
	}
	shownCount int
}

// longestPath is where ES cuts paths [D: 16 KiB], less what a firmlink's form takes away.
const longestPath = 16<<10 - len("/System/Volumes/Data")

// Attribute fills the roles, certainties, evidence, alternatives and caveats of f from the case. What it puts there is good
// until the next call.
func (a *Attributor) Attribute(c *Case, f *finding.Finding) {
	a.made.clear()
	a.answer = answer{c: c, f: f, made: &a.made, named: a.answer.named[:0]}
	x := &a.answer
	if c.Gap {
		x.caveat(finding.CaveatGapBefore)
	}
	if c.Late {
		x.caveat(finding.CaveatLate)
	}
	if len(f.Path) >= longestPath || len(f.SourcePath) >= longestPath {
		x.caveat(finding.CaveatTruncatedPath)
	}
	a.nameReported(x)
	a.decideActor(x)
	if x.actor == 0 {
		a.fromReportedAlone(x)
		return
	}
	f.Actor = a.shown(x, x.actor)
	a.decideResponsible(x)
	// On whose behalf somebody worked is known no better than who worked.
	f.Certainty.Responsible = f.Certainty.Responsible.AtMost(f.Certainty.Actor)
	a.decideInitiator(x)
	f.Certainty.Initiator = f.Certainty.Initiator.AtMost(f.Certainty.Actor)
	a.addParticipants(x)
	a.addCaveats(x)
}

// fromReportedAlone answers what is left where no actor can be named: what the kernel's tokens say of the reported one.
func (a *Attributor) fromReportedAlone(x *answer) {
	if len(x.c.Named) == 0 {
		return
	}
	x.actor = x.c.Named[0].By
	a.decideResponsible(x)
	a.decideInitiator(x)
	// The reported execution stood in for an unknown actor: nothing that follows from it is better than possible.
	x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Possible)
	x.f.Certainty.Initiator = x.f.Certainty.Initiator.AtMost(finding.Possible)
	a.addCaveats(x)
}

func (a *Attributor) nameReported(x *answer) {
	if n := len(x.c.Named); n > 0 {
		x.f.ReportedAs = a.made.processes.List(n)
	}
	for _, n := range x.c.Named {
		p := a.shown(x, n.By)
		if n.Path != "" {
			other := *p
			p = &other
			p.Path = n.Path
			p.SigningID, p.TeamID, p.CDHash = "", "", es.CDHash{}
			if e := a.lineage.At(n.By); e != nil {
				for i := range e.OtherImages {
					if im := &e.OtherImages[i].Image; im.Path == n.Path {
						p.SigningID, p.TeamID, p.CDHash, p.Platform = im.SigningID, im.TeamID, im.CDHash, im.Platform
					}
				}
			}
		}
		x.f.ReportedAs = append(x.f.ReportedAs, *p)
		if n.Path != "" && n.Did&^(DidClose|DidModified) == 0 {
			x.named = append(x.named, *p) // a close under a name that is not the execution's own
		}
	}
}

// addParticipants lists the others that took part, also the actor itself where ES named it otherwise.
func (a *Attributor) addParticipants(x *answer) {
	for i := range x.named {
		x.participant("closer", x.named[i])
	}
	for _, p := range x.c.Parts {
		if p.By == x.actor {
			continue
		}
		role := "helper"
		switch {
		case p.Did&^(DidClose|DidModified) == 0:
			role = "closer"
		case a.program(p.By).Has(catalog.Starter):
			role = "starter"
		case p.Did&(DidAct|DidWrite|DidMap|DidTruncate|DidClone) != 0:
			role = "writer"
		case p.Did&DidCreate != 0:
			role = "creator"
		case p.Did&DidOpen != 0:
			role = "opener"
		case p.Did&DidRead != 0:
			role = "reader"
		case p.Did&DidClose != 0:
			role = "closer"
		}
		x.participant(role, *a.shown(x, p.By))
	}
}

// addCaveats tells what weakens the answer and is not a matter of one role.
func (a *Attributor) addCaveats(x *answer) {
	e := a.lineage.At(x.actor)
	if e == nil {
		return
	}
	if len(e.Image.Path) >= longestPath {
		x.caveat(finding.CaveatTruncatedPath)
	}
	if in := a.injectionOf(e, x.c.To); in != nil {
		x.caveat(finding.CaveatInjected)
		level := finding.Possible
		if in.Kind == es.KindGetTask || in.Kind == es.KindCSInvalidated {
			level = finding.Likely // it could; a thread or a trace says that it did
		}
		x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(level)
		x.f.Certainty.Initiator = x.f.Certainty.Initiator.AtMost(finding.Possible)
		a.orInjector(x, in)
	}
	if a.contradicted(e) {
		x.caveat(finding.CaveatConflict)
		x.f.Certainty.Actor = x.f.Certainty.Actor.AtMost(finding.Likely)
		x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Likely)
	}
	if a.program(x.actor).Has(catalog.Guest) {
		x.caveat(finding.CaveatGuest)
	}
	if a.program(x.actor).Has(catalog.Broker) && e.LaunchedByLaunchd() && x.f.Certainty.Responsible < finding.Certain {
		x.caveat(finding.CaveatSharedService)
	}
}

// contradicted reports whether messages gave the execution's key to another program, and not merely the name of what it was
// before: that is how a starter's name comes back on its service's closes.
func (a *Attributor) contradicted(e *lineage.Execution) bool {
	for i := range e.OtherImages {
		o := &e.OtherImages[i]
		if o.Naming != lineage.NamedOtherwise || a.matchImage(&o.Image).Has(catalog.Starter) {
			continue
		}
		if before := a.lineage.At(e.Prev); before != nil && before.Image.Path == o.Image.Path {
			continue
		}
		return true
	}
	return false
}

// injectionOf is the strongest act by which another process could have acted inside e before the moment; nil none. A parent
// that debugs its own child counts too: the child then does what the debugger says.
func (a *Attributor) injectionOf(e *lineage.Execution, at es.Moment) (found *lineage.Injection) {
	for i := range e.Injections {
		in := &e.Injections[i]
		if in.First.Clock > at.Clock {
			continue
		}
		if in.Kind == es.KindGetTask && in.By != 0 {
			// The kernel's own parts take task ports all day; a task port by a part of macOS is no sign by itself
			// [S: get_task is told for every task_for_pid, also by sysmond and ReportCrash].
			if by := a.lineage.At(in.By); by != nil && by.Image.Platform && !a.program(in.By).Has(catalog.Debugger) {
				continue
			}
		}
		if in.Kind == es.KindRemoteThreadCreate || in.Kind == es.KindTrace {
			return in
		}
		if found == nil {
			found = in
		}
	}
	return found
}

// orInjector offers whoever had taken hold of the program that acted.
func (a *Attributor) orInjector(x *answer, in *lineage.Injection) {
	if in.By == 0 || x.f.Responsible == nil {
		return
	}
	app := a.answererOf(in.By, x.c.To)
	if app == x.responsible {
		return
	}
	p := a.Process(app, x.c.To)
	x.otherwise(finding.Alternative{
		For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: MayBeInjected.Name,
		Says: fmt.Sprintf("%s had taken hold of %s", a.title(in.By), a.title(x.actor)),
	})
}

func (x *answer) caveat(c finding.Caveat) {
	for _, have := range x.f.Caveats {
		if have == c {
			return
		}
	}
	if x.f.Caveats == nil {
		x.f.Caveats = x.made.caveats.List(usualCaveats)
	}
	x.f.Caveats = append(x.f.Caveats, c)
}

func (x *answer) participant(role string, p finding.Process) {
	for i := range x.f.Participants {
		q := &x.f.Participants[i]
		if q.Role == role && q.Process.PID == p.PID && q.Process.PIDVersion == p.PIDVersion {
			return
		}
	}
	if len(x.f.Participants) < MaxParts {
		x.f.Participants = append(x.f.Participants, finding.Participant{Role: role, Process: p})
	}
}

// How many rules most answers rest on, and how many caveats most have at most.
const (
	usualEvidence = 4
	usualCaveats  = 4
)

// because adds a rule to the evidence.
func (x *answer) because(r Rule, says string, at ...es.Moment) {
	ev := finding.Evidence{For: r.For, Rule: r.Name, Says: says}
	for _, m := range at {
		if m.Seq == es.NoSeq || m == (es.Moment{}) || len(ev.Events) == finding.MaxEvidenceEvents {
			continue
		}
		if n := len(ev.Events); n > 0 && ev.Events[n-1] == m.Seq {
			continue
		}
		if ev.Events == nil {
			ev.Events = x.made.numbers.List(len(at))
		}
		ev.Events = append(ev.Events, m.Seq)
	}
	if x.f.Evidence == nil {
		x.f.Evidence = x.made.evidence.List(usualEvidence)
	}
	x.f.Evidence = append(x.f.Evidence, ev)
}

// otherwise adds what else it could have been.
func (x *answer) otherwise(alt finding.Alternative) {
	if len(x.f.Alternatives) < MaxParts {
		x.f.Alternatives = append(x.f.Alternatives, alt)
	}
}
