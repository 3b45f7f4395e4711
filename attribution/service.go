package attribution

import (
	"fmt"
	"time"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// askedWithin is how long before an act a client may have connected and be taken for the one who asked.
const askedWithin = 30 * time.Second

// newerBy is how much later than all others a client must have connected for that to point to it.
const newerBy = 2 * time.Second

// startsWithin is how soon after its start a program of another processor is translated.
const startsWithin = 10 * time.Second

// actsForPeople are daemons whose children work for whoever logged in, for a schedule or for a client elsewhere, and never
// for one who asked over XPC.
const actsForPeople = catalog.RemoteDaemon | catalog.Scheduler | catalog.FileServer | catalog.Terminal | catalog.Multiplexer

// aloneWith is how sure it can be that a service that may work for others worked for the one its token names: certain only
// where every connection to it was recorded, from its launch on, and none is somebody else's.
func (a *Attributor) aloneWith(x *answer, svc, ref lineage.Ref) finding.Certainty {
	level := finding.Certain
	if e := a.lineage.At(svc); e == nil || e.BeginOrigin == lineage.OriginNone || !a.recorded.Has(es.KindXPCConnect) ||
		a.lineage.GapBetween(e.Begin, x.c.To) {
		level = finding.Likely
	}
	a.clients = a.lineage.ClientsOf(a.clients[:0], svc, x.c.To, askedWithin)
	for i := range a.clients {
		c := &a.clients[i]
		if c.Client == 0 {
			level = finding.Likely
			continue
		}
		app := a.answererOf(c.Client, x.c.To)
		if app == ref || c.Client == svc {
			continue
		}
		level = finding.Likely
		a.offerClient(x, &candidate{app: app, client: c.Client, conn: c})
	}
	return level
}

// isServing reports whether a token that names ref names a service that works for whoever asks it: what such a service
// starts works for them too.
func (a *Attributor) isServing(ref lineage.Ref) bool {
	e := a.lineage.At(ref)
	return e != nil && e.LaunchedByLaunchd() && a.program(ref).Has(catalog.Broker)
}

// byBroker: a service that does file work for whoever asks: who asked is the answer, and where nobody was seen to ask,
// that it acted for itself is the one thing that is unlikely.
func (a *Attributor) byBroker(x *answer, svc lineage.Ref) {
	if a.askedTheService(x, svc) {
		return
	}
	if a.translatedFor(x, svc) {
		return
	}
	x.f.Responsible = nil
	x.f.Certainty.Responsible = finding.Unknown
	x.because(ServesUnseenClients, fmt.Sprintf("%s works for programs that ask it, and none was seen to ask", a.title(svc)))
	if !a.recorded.Has(es.KindXPCConnect) && !a.recorded.Has(es.KindBootstrapLookUp) {
		x.caveat(finding.CaveatUnsubscribed)
	}
	a.likelyClients(x)
	x.token = a.lineage.TokenAt(x.actor, x.c.To)
}

// translatedFor: a program of another processor is translated when it starts [R: a recording of a Mac with Rosetta], so the
// translator works for whoever started the latest of them, mostly [G]. The exec tells the processor [D: image_cputype].
func (a *Attributor) translatedFor(x *answer, svc lineage.Ref) bool {
	if !a.program(svc).Has(catalog.Translator) {
		return false
	}
	for ref := range a.running(0, x.c.From, startsWithin) {
		e := a.lineage.At(ref)
		if e.CPUType != cpuX86 || x.c.From.Clock-e.Begin.Clock > startsWithin {
			continue
		}
		x.participant("requester", a.Process(ref, x.c.To))
		a.answerWith(x, a.answererOf(ref, x.c.To), finding.BasisRequested, TranslatedFor, TranslatedFor.Highest,
			fmt.Sprintf("%s, made for another processor, had just been started", a.title(ref)), e.Begin)
		return true
	}
	return false
}

// askedToFetch: a file provider tells for whom it fetches a file that lies elsewhere [D]. A framework tells it, not the
// kernel, and the program that opened the file need not have been the one that wanted it.
func (a *Attributor) askedToFetch(x *answer) bool {
	by := x.c.Asker
	if by == 0 || by == x.actor || a.lineage.At(by) == nil {
		return false
	}
	app := a.answererOf(by, x.c.To)
	if app == 0 || app == x.actor || a.lineage.At(app).Key.PID == es.LaunchdPID {
		return false
	}
	x.participant("requester", a.Process(by, x.c.To))
	a.answerWith(x, app, finding.BasisRequested, AskedToFetch, AskedToFetch.Highest,
		fmt.Sprintf("%s fetched the file for %s, as it told", a.title(x.actor), a.title(by)))
	return true
}

// askedTheService: who was connected to the service when the act began, or had just asked for it [D: the fields of
// xpc_connect and bootstrap_look_up; G: that who is connected is who is worked for]. One client alone is likely; of several
// the one that user, session, owner or time point to is possible; where nothing does, none is named.
func (a *Attributor) askedTheService(x *answer, svc lineage.Ref) bool {
	at := x.c.To
	a.clients = a.lineage.ClientsOf(a.clients[:0], svc, at, askedWithin)
	var cands []candidate
	unseen := false
	for i := range a.clients {
		c := &a.clients[i]
		if c.Client == svc || c.First.Clock > x.c.From.Clock {
			continue // who connects later has not asked for it
		}
		if c.Client == 0 {
			unseen = true
			continue
		}
		app := a.answererOf(c.Client, at)
		if app == 0 || app == svc {
			continue
		}
		cands = addCandidate(cands, candidate{app: app, client: c.Client, conn: c, score: a.scoreOf(x, app, c)})
	}
	if len(cands) == 0 {
		return false
	}
	favourNewest(cands)
	best, rivals := pick(cands)
	broker := a.program(svc).Has(catalog.Broker)
	level := finding.Likely
	rule := AskedTheService
	if rivals {
		rule, level = OneOfSeveralClients, OneOfSeveralClients.Highest
	}
	if rivals && best.margin == 0 {
		x.because(rule, fmt.Sprintf("%d programs were connected to %s, and nothing tells them apart", len(cands), a.title(svc)))
		for i := range cands {
			a.offerClient(x, &cands[i])
		}
		x.token = a.lineage.TokenAt(x.actor, at)
		return true
	}
	if e := a.lineage.At(svc); e.BeginOrigin == lineage.OriginNone || a.lineage.GapBetween(e.Begin, at) {
		level = finding.Possible // another may have connected unseen, and connections last
	}
	if !broker || unseen || best.conn.LookUp || best.conn.Broken || best.conn.Instances > 1 || best.score < 0 || x.c.Gap ||
		a.program(best.app).Has(catalog.Broker) {
		level = finding.Possible
	}
	for i := range cands {
		if cands[i].app != best.app {
			a.offerClient(x, &cands[i])
		}
	}
	verb := "was connected to"
	if best.conn.LookUp {
		verb = "had looked up"
	}
	says := fmt.Sprintf("%s %s %s", a.title(best.client), verb, best.conn.Service)
	if best.app != best.client {
		says += fmt.Sprintf(", for %s", a.title(best.app))
	}
	x.participant("requester", a.Process(best.client, at))
	a.answerWith(x, best.app, finding.BasisRequested, rule, level, says, best.conn.At)
	if !broker {
		own := a.Process(svc, at)
		x.otherwise(finding.Alternative{
			For: finding.RoleResponsible, Process: &own, Certainty: finding.Possible, Rule: AnswersForItself.Name,
			Says: fmt.Sprintf("%s may have acted for itself", a.title(svc)),
		})
	}
	return true
}

// candidate is a program that may have asked a service.
type candidate struct {
	app, client lineage.Ref
	conn        *lineage.Connection
	score       int
	margin      int // by how much the best leads the next
}

func addCandidate(cs []candidate, c candidate) []candidate {
	for i := range cs {
		if cs[i].app == c.app {
			if c.score > cs[i].score {
				cs[i] = c
			}
			return cs
		}
	}
	return append(cs, c)
}

func pick(cs []candidate) (best candidate, rivals bool) {
	best = cs[0]
	for _, c := range cs[1:] {
		if c.score > best.score {
			best = c
		}
	}
	best.margin = 1 << 30
	for _, c := range cs {
		if c.app != best.app {
			rivals = true
			best.margin = min(best.margin, best.score-c.score)
		}
	}
	return best, rivals
}

// favourNewest counts it for a client that it connected well after all others: who asks connects, and who connected long
// ago mostly asked for something else [G].
func favourNewest(cs []candidate) {
	newest := 0
	for i := range cs {
		if cs[i].conn.At.Clock > cs[newest].conn.At.Clock {
			newest = i
		}
	}
	for i := range cs {
		if i != newest && cs[newest].conn.At.Clock-cs[i].conn.At.Clock < newerBy {
			return
		}
	}
	cs[newest].score++
}

// scoreOf counts what independently points to a client: the same audit user, the same session, the owner that the new
// file was given. A contradiction counts against it.
func (a *Attributor) scoreOf(x *answer, app lineage.Ref, c *lineage.Connection) int {
	tok := a.lineage.TokenAt(app, x.c.To)
	own := a.lineage.TokenAt(x.actor, x.c.To)
	score := 0
	if own.AUID != es.Unset {
		score += agree(userOf(tok) == own.AUID)
	}
	if own.ASID != 0 && own.AUID != es.Unset {
		score += agree(tok.ASID == own.ASID)
	}
	if isPerson(x.c.Owner) {
		score += agree(userOf(tok) == x.c.Owner)
	}
	if !c.LookUp {
		score++
	}
	return score
}

func agree(yes bool) int {
	if yes {
		return 2
	}
	return -2
}

func (a *Attributor) offerClient(x *answer, c *candidate) {
	p := a.Process(c.app, x.c.To)
	x.otherwise(finding.Alternative{
		For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: OneOfSeveralClients.Name,
		Says: fmt.Sprintf("%s was connected to %s too", a.title(c.client), c.conn.Service),
	})
}

// likelyClients offers, where nobody was seen to ask, the programs of the same session that are known to ask this service.
func (a *Attributor) likelyClients(x *answer) {
	own := a.lineage.TokenAt(x.actor, x.c.To)
	for ref := range a.running(catalog.FileManager, x.c.To, 0) {
		tok := a.lineage.TokenAt(ref, x.c.To)
		if own.AUID != es.Unset && userOf(tok) != own.AUID {
			continue
		}
		p := a.Process(ref, x.c.To)
		x.otherwise(finding.Alternative{
			For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: ServesUnseenClients.Name,
			Says: fmt.Sprintf("%s was running in that session, and is who asks it most", a.title(ref)),
		})
	}
}
