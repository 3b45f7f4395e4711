package attribution

import (
	"fmt"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// decideResponsible finds on whose behalf the actor worked. The kernel keeps one pid for it, inherited at fork and exec and
// set by launchd and by disclaiming [S, R]; the token that ES gives is read first, at the time of the act.
func (a *Attributor) decideResponsible(x *answer) {
	at := x.c.To
	e := a.lineage.At(x.actor)
	if e == nil {
		return
	}
	r := a.lineage.ResponsibleAt(x.actor, at)
	foreign := !r.Now.Key.IsZero() && !r.Self && r.Now.Key.PID != es.LaunchdPID
	switch {
	case a.askedToFetch(x):
	case foreign:
		a.byToken(x, r)
	case r.Self && a.disclaimed(x, e, r):
	case r.Self && !r.First.Key.IsZero() && r.First.Key.PID != es.LaunchdPID:
		a.byRecordedToken(x, r)
	case e.LaunchedByLaunchd() && a.startsOthers(e):
		a.onTheWay(x, e)
	case e.LaunchedByLaunchd():
		a.byLaunch(x, e)
	default:
		a.byLineage(x, e)
	}
}

// launchd's identity [D].
const launchdID = "com.apple.xpc.launchd"

// startsOthers reports whether an execution is launchd, a child of it that has not exec-ed yet, or xpcproxy: none of them is
// ever the answer, but what the life becomes may be.
func (a *Attributor) startsOthers(e *lineage.Execution) bool {
	return e.Image.Platform && e.Image.SigningID == launchdID || a.program(e.Ref).Has(catalog.Starter)
}

// onTheWay: the launch of a service acts for whoever the service acts for, once that is known.
func (a *Attributor) onTheWay(x *answer, e *lineage.Execution) {
	next := a.lineage.At(a.lineage.Successor(e.Ref))
	if next == nil || next.Ref == e.Ref || a.startsOthers(next) {
		x.token = a.lineage.TokenAt(x.actor, x.c.To)
		x.f.Certainty.Responsible = finding.Unknown
		x.because(ServedByLineage, a.title(e.Ref)+" only starts other programs, and which one was not seen")
		return
	}
	ref, basis := a.answererOf(next.Ref, next.Begin), finding.BasisLineage
	a.answerWith(x, ref, basis, ServedByLineage, finding.Likely,
		a.title(e.Ref)+" was becoming "+a.title(next.Ref), next.Begin)
}

// byToken: the token named another execution at the time of the act [D].
func (a *Attributor) byToken(x *answer, r lineage.Responsible) {
	at := x.c.To
	ref := a.lineage.Find(r.Now.Key)
	x.token = r.Now.Token
	if a.byReusedPID(x, r) {
		return
	}
	for i := range r.Foreign {
		if r.Foreign[i].Key != r.Now.Key {
			a.earlierToken(x, &r.Foreign[i])
		}
	}
	lower := func(c finding.Certainty) finding.Certainty {
		if len(x.f.Alternatives) > 0 && len(r.Foreign) > 1 {
			return c.Lower()
		}
		return c
	}
	e := a.lineage.At(ref)
	if e == nil || e.Image.Path == "" {
		x.responsible = ref
		p := fromToken(r.Now.Token)
		x.f.Responsible = a.made.responsible.New(finding.Responsible{Process: p, Basis: finding.BasisToken, Status: finding.StatusUnknown})
		x.f.Certainty.Responsible = lower(UnseenToken.Highest)
		if a.lineage.Forgotten(r.Now.Key) {
			x.because(UnseenToken, fmt.Sprintf("the responsible token named pid %d, which is remembered no longer", r.Now.Key.PID), r.Now.At)
			x.caveat(finding.CaveatEvicted)
			return
		}
		x.because(UnseenToken, a.neverSeen.text(r.Now.Key.PID), r.Now.At)
		x.caveat(finding.CaveatLateStart)
		return
	}
	// A shell or interpreter that answers only for itself serves whoever launched it.
	if up, says := a.servedBy(ref); up != 0 && up != ref {
		a.answerWith(x, up, finding.BasisLineage, ServedByLineage, lower(ServedByLineage.Highest), says, r.Now.At)
		return
	}
	if a.isServing(ref) {
		a.byBroker(x, ref)
		return
	}
	if a.madeToAnswer(x, e) {
		if a.climb(ref).ref != 0 {
			a.byLineage(x, e)
			return
		}
		x.caveat(finding.CaveatLateStart)
		a.answerWith(x, ref, finding.BasisToken, LiveToken, finding.Possible, fmt.Sprintf(
			"the responsible token named %s, which something that was not seen made responsible for itself", a.title(ref)), r.Now.At)
		return
	}
	status := a.lineage.StatusAt(ref, at)
	if status == finding.StatusExited {
		a.answerWith(x, ref, finding.BasisToken, ExitedToken, lower(ExitedToken.Highest),
			a.say("the responsible token named ", ref, ", which had exited"), r.Now.At)
		return
	}
	level := lower(LiveToken.Highest)
	if own := a.lineage.At(x.actor); !own.LaunchedByLaunchd() && own.Start != 0 && e.Start > own.Start {
		// A forked child inherits who answers for it, by bare pid [S]: one who began later was set since, or got the pid since.
		level = level.AtMost(finding.Possible)
	}
	switch {
	case a.program(x.actor).Has(catalog.Broker):
		level = level.AtMost(a.aloneWith(x, x.actor, ref))
	case e.LaunchedByLaunchd() && !a.isApp(e) && !a.program(ref).Any(actsForPeople):
		level = level.AtMost(a.aloneWith(x, ref, ref))
	}
	a.answerWith(x, ref, finding.BasisToken, LiveToken, level,
		a.say("the responsible token named ", ref, ", seen and running"), r.Now.At)
}

// neverSeen makes the sentence about the process that a token named last.
type neverSeen struct {
	pid  int32
	says string
}

func (n *neverSeen) text(pid int32) string {
	if n.says == "" || n.pid != pid {
		*n = neverSeen{pid, fmt.Sprintf("the responsible token named pid %d, which was never seen itself", pid)}
	}
	return n.says
}

// byReusedPID: the kernel keeps the responsible process by its bare pid [S: p_responsible_pid], so once that has exited and
// its pid was given again, the token may name a stranger [G]. The process that had the pid before is who answered.
func (a *Attributor) byReusedPID(x *answer, r lineage.Responsible) bool {
	for i := range r.Foreign {
		v := &r.Foreign[i]
		if v.Key.PID != r.Now.Key.PID || v.Key == r.Now.Key {
			continue
		}
		was, now := a.lineage.At(a.lineage.Find(v.Key)), a.lineage.At(a.lineage.Find(r.Now.Key))
		if was == nil || now == nil || was.Life == now.Life {
			continue
		}
		x.token = v.Token
		a.answerWith(x, was.Ref, finding.BasisRecorded, RecordedToken, finding.Possible, fmt.Sprintf(
			"the token names pid %d, which was %s when it was first told, and has been given to %s since",
			v.Key.PID, a.title(was.Ref), a.title(now.Ref)), v.At)
		p := a.Process(now.Ref, x.c.To)
		x.otherwise(finding.Alternative{
			For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: LiveToken.Name,
			Says: fmt.Sprintf("the token names %s now", a.title(now.Ref)),
		})
		return true
	}
	return false
}

// earlierToken gives an earlier foreign value as an alternative.
func (a *Attributor) earlierToken(x *answer, v *lineage.Responsibility) {
	p := fromToken(v.Token)
	says := fmt.Sprintf("earlier, the responsible token named pid %d", v.Key.PID)
	if ref := a.lineage.Find(v.Key); ref != 0 {
		p = a.Process(ref, x.c.To)
		says = "earlier, the responsible token named " + a.title(ref)
	}
	x.otherwise(finding.Alternative{
		For: finding.RoleResponsible, Process: &p, Certainty: finding.Possible, Rule: RecordedToken.Name, Says: says,
	})
}

// byRecordedToken: the token "may be the process itself" once the responsible process has exited [D], so the value
// recorded at creation stands.
func (a *Attributor) byRecordedToken(x *answer, r lineage.Responsible) {
	v := r.Foreign[len(r.Foreign)-1]
	level := RecordedToken.Highest
	for i := range r.Foreign[:len(r.Foreign)-1] {
		if r.Foreign[i].Key != v.Key {
			a.earlierToken(x, &r.Foreign[i])
			level = finding.Possible
		}
	}
	x.token = v.Token
	ref := a.lineage.Find(v.Key)
	if ref == 0 {
		x.f.Responsible = &finding.Responsible{
			Process: fromToken(v.Token), Basis: finding.BasisRecorded, Status: finding.StatusUnknown,
		}
		x.f.Certainty.Responsible = level
		x.because(RecordedToken, fmt.Sprintf("the token reads self now; earlier it named pid %d", v.Key.PID), v.At)
		return
	}
	if up, says := a.servedBy(ref); up != 0 && up != ref {
		a.answerWith(x, up, finding.BasisLineage, ServedByLineage, level, says, v.At)
		return
	}
	if a.isServing(ref) {
		a.byBroker(x, ref)
		return
	}
	a.answerWith(x, ref, finding.BasisRecorded, RecordedToken, level,
		a.say("the token reads self now; earlier it named ", ref, ""), v.At)
}

// disclaimed: the program that starts a child may make it responsible for itself [R: responsibility_spawnattrs_setdisclaim].
// The child's fork then still inherits a foreign value, or the parent's own, and its exec shows self while the inherited
// one lives on. Shells under terminals are the daily case, helpers of apps the other.
func (a *Attributor) disclaimed(x *answer, e *lineage.Execution, r lineage.Responsible) bool {
	if e.LaunchedByLaunchd() {
		return false
	}
	if !r.First.Key.IsZero() {
		// An inherited value that is gone by the act is the recorded case, unless it lived on past the change.
		former := a.lineage.Find(r.First.Key)
		if former == 0 || a.lineage.StatusAt(former, x.c.To) != finding.StatusLive && !a.disclaimedAtExec(e, former) {
			return false
		}
	}
	a.byLineage(x, e)
	return true
}

// disclaimedAtExec reports whether the very exec that ended the inherited value told self: the spawn asked for it, and the
// former had not been seen to exit by then.
func (a *Attributor) disclaimedAtExec(e *lineage.Execution, former lineage.Ref) bool {
	for range lineage.MaxSteps {
		before := a.lineage.At(e.Prev)
		if before == nil || e.BeginOrigin != lineage.OriginExec {
			return false
		}
		first := &e.Responsible
		if len(e.Earlier) > 0 {
			first = &e.Earlier[0]
		}
		if first.Key.PID != e.Key.PID {
			return false
		}
		if before.Responsible.Key.PID != e.Key.PID {
			return first.Origin == lineage.OriginExec && a.lineage.StatusAt(former, e.Begin) != finding.StatusExited
		}
		e = before
	}
	return false
}

// byLaunch: launchd's children answer for themselves, or for who asks them. Per-app services carry the app's token and do
// not come here [S: launchd core.c].
func (a *Attributor) byLaunch(x *answer, e *lineage.Execution) {
	if a.isApp(e) && !a.program(x.actor).Has(catalog.Broker) {
		a.answersForItself(x, e)
		return
	}
	if a.program(x.actor).Has(catalog.Broker) {
		a.byBroker(x, x.actor)
		return
	}
	if a.askedTheService(x, x.actor) {
		return
	}
	a.answersForItself(x, e)
}

// answersForItself: launchd's child, self-responsible. Certain where its fork by launchd was in view: then no foreign value
// can have been before.
func (a *Attributor) answersForItself(x *answer, e *lineage.Execution) {
	rule := AnswersForItself
	level := rule.Highest
	says := a.say("", x.actor, " is responsible for itself")
	if first := a.lineage.At(a.lineage.First(x.actor)); first != nil && first.BeginOrigin == lineage.OriginFork && a.isApp(e) {
		rule, level = AnswersByLaunch, AnswersByLaunch.Highest
		says = a.say("launchd started ", x.actor, ", which answers for itself")
		a.answerWith(x, x.actor, finding.BasisOwn, rule, level, says, first.Begin)
		return
	}
	if a.known(e.Ref).service {
		level = level.AtMost(finding.Possible) // an app's own service answers for itself only once the app has exited
	}
	a.answerWith(x, x.actor, finding.BasisOwn, rule, level, says)
}

// answererOf is who answers for an execution, by the plain rules: its token, an earlier one, itself, or its lineage.
func (a *Attributor) answererOf(ref lineage.Ref, at es.Moment) lineage.Ref {
	r := a.lineage.ResponsibleAt(ref, at)
	switch {
	case !r.Now.Key.IsZero() && !r.Self && r.Now.Key.PID != es.LaunchdPID:
		if found := a.lineage.Find(r.Now.Key); found != 0 {
			ref = found
		}
	case r.Self && !r.First.Key.IsZero():
		if found := a.lineage.Find(r.First.Key); found != 0 {
			ref = found
		}
	}
	if up, _ := a.servedBy(ref); up != 0 {
		return up
	}
	return ref
}

// answerWith settles the responsible execution.
func (a *Attributor) answerWith(x *answer, ref lineage.Ref, b finding.Basis, r Rule, c finding.Certainty, says string, at ...es.Moment) {
	x.responsible = ref
	x.token = a.lineage.TokenAt(ref, x.c.To)
	out := a.made.responsible.New(finding.Responsible{Process: *a.shown(x, ref), Basis: b, Status: a.lineage.StatusAt(ref, x.c.To)})
	out.App = a.known(ref).app
	x.f.Responsible = out
	x.f.Certainty.Responsible = c
	x.because(r, says, at...)
}
