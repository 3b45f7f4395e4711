package attribution

import (
	"fmt"
	"slices"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// appleEvents is the service that a program connects to before it sends or takes Apple events [G].
const appleEvents = "com.apple.coreservices.appleevents"

// mayBeScripted: scripts tell Finder what to do by Apple events, which have no message [D]. While a program that runs such
// scripts is connected to the service for them, whoever answers for a file manager's work is likely at most, and the script
// is the other reading; where an AI agent, a remote login or a schedule launched the script, so is that.
func (a *Attributor) mayBeScripted(x *answer) {
	if x.f.Responsible == nil || !a.program(x.responsible).Has(catalog.FileManager) {
		return
	}
	// Where such connections were not recorded, or may have been lost, nobody can tell that no script was there.
	since := es.Moment{Seq: es.NoSeq, Clock: x.c.From.Clock - remembered}
	if !a.recorded.Has(es.KindXPCConnect) || a.lineage.GapBetween(since, x.c.To) {
		x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Likely)
	}
	a.scripts(x)
	for i := range a.clients {
		c := &a.clients[i]
		x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Likely)
		if e := a.lineage.At(c.Client); !a.isApp(e) && a.lineage.StatusAt(c.Client, x.c.From) == finding.StatusLive {
			// A command that speaks to apps is there for nothing else, and ends when it has spoken.
			x.f.Certainty.Responsible = x.f.Certainty.Responsible.AtMost(finding.Possible)
			x.f.Certainty.Initiator = x.f.Certainty.Initiator.AtMost(finding.Likely)
		}
		p := a.Process(c.Client, x.c.To)
		x.otherwise(finding.Alternative{
			For: finding.RoleResponsible, Process: &p, Certainty: MayBeScripted.Highest, Rule: MayBeScripted.Name,
			Says: fmt.Sprintf("%s was running, and may have told %s to", a.title(c.Client), a.title(x.responsible)),
		})
		a.orBehind(x, c.Client)
	}
}

// scripts puts into the scratch the connections of scripts of the same user that could have sent an Apple event by then.
func (a *Attributor) scripts(x *answer) {
	a.clients = a.lineage.AskersOf(a.clients[:0], appleEvents, x.c.To, askedWithin)
	a.clients = slices.DeleteFunc(a.clients, func(c lineage.Connection) bool {
		return c.Client == 0 || c.First.Clock > x.c.From.Clock || !a.program(c.Client).Has(catalog.Automation) ||
			userOf(a.lineage.TokenAt(c.Client, x.c.To)) != userOf(x.token)
	})
}

// orBehind offers whoever launched a script, where that is not the person at the screen: an AI agent, a remote login, a
// schedule.
func (a *Attributor) orBehind(x *answer, script lineage.Ref) {
	by, says := a.behind(x, script)
	if by == nil {
		return
	}
	x.f.Certainty.Initiator = x.f.Certainty.Initiator.AtMost(finding.Possible)
	x.otherwise(finding.Alternative{
		For: finding.RoleInitiator, Initiator: by, Certainty: finding.Possible, Rule: MayBeScripted.Name, Says: says,
	})
}

// agentOf is an AI agent as findings show it.
func (a *Attributor) agentOf(ref lineage.Ref) *finding.Agent {
	e := a.lineage.At(ref)
	return &finding.Agent{
		Name: a.program(ref).Name, PID: e.Key.PID, PIDVersion: e.Key.PIDVersion, SigningID: e.Image.SigningID,
	}
}
