package attribution

import (
	"fmt"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// onlyServes are programs that answer only for whoever launched them.
const onlyServes = catalog.Shell | catalog.Interpreter | catalog.Multiplexer | catalog.Starter

// servedBy follows a shell or an interpreter that answers only for itself upward, to the app, remote daemon, scheduler or
// service that it serves [R: terminals disclaim their shells]. 0 where ref is no such program, or nothing is above it.
func (a *Attributor) servedBy(ref lineage.Ref) (up lineage.Ref, says string) {
	if !a.program(ref).Any(onlyServes) {
		return 0, ""
	}
	w := a.climb(ref)
	if w.ref == 0 {
		return 0, ""
	}
	return w.ref, fmt.Sprintf("%s answers only for %s, which launched it", a.title(ref), a.title(w.ref))
}

// above is where a walk up a lineage ended.
type above struct {
	ref      lineage.Ref // the app, daemon or service at the top; 0 none
	inferred bool        // a step was concluded, not seen
	broken   bool        // the walk ended before launchd: something above is not known
}

// climb walks up to whoever stands behind an execution: the nearest app, remote login daemon or scheduler, else the
// topmost program that launchd started. launchd and starters are never the answer.
func (a *Attributor) climb(ref lineage.Ref) above {
	var w above
	top := lineage.Ref(0)
	last := ref
	for s := range a.lineage.Ancestors(ref) {
		e := a.lineage.At(s.Ref)
		if e != nil && e.Key.PID == es.LaunchdPID {
			w.ref = top
			return w
		}
		w.inferred = w.inferred || a.concluded(last, s)
		if e == nil {
			w.broken = true
			break
		}
		last = s.Ref
		p := a.program(s.Ref)
		if a.startsOthers(e) || s.Edge == lineage.EdgeExec && a.sameLife(ref, s.Ref) {
			continue
		}
		if a.isApp(e) || p.Any(catalog.RemoteDaemon|catalog.Scheduler|catalog.Terminal) {
			w.ref = s.Ref
			return w
		}
		if e.LaunchedByLaunchd() {
			// The last image of that life, at the fork that led here, is the service itself.
			if top == 0 || !a.sameLife(top, s.Ref) {
				top = s.Ref
			}
		}
	}
	if e := a.lineage.At(last); e == nil || !e.LaunchedByLaunchd() {
		w.broken = true
	}
	w.ref = top
	return w
}

// concluded reports whether a step up was inferred, and not at least told: the token of the parent, while that is still the
// process that forked it, names the parent's life exactly [D: parent_audit_token, original_ppid].
func (a *Attributor) concluded(from lineage.Ref, s lineage.Step) bool {
	if s.Origin != lineage.OriginInferred {
		return false
	}
	e, up := a.lineage.At(from), a.lineage.At(s.Ref)
	if e == nil || up == nil || s.Edge != lineage.EdgeFork || e.ParentKey.IsZero() || e.ParentKey.PID != e.OriginalPPID {
		return true
	}
	p := a.lineage.At(a.lineage.Find(e.ParentKey))
	return p == nil || p.Life != up.Life
}

func (a *Attributor) sameLife(p, q lineage.Ref) bool {
	e, f := a.lineage.At(p), a.lineage.At(q)
	return e != nil && f != nil && e.Life == f.Life
}

// byLineage: responsible for itself, and not launchd's child. e is the actor, or whom the actor's token names.
func (a *Attributor) byLineage(x *answer, e *lineage.Execution) {
	w := a.climb(e.Ref)
	if w.inferred {
		x.caveat(finding.CaveatInferredParent)
	}
	if w.ref == 0 {
		a.nobodyAbove(x, e)
		return
	}
	up := a.lineage.At(w.ref)
	level := ServedByLineage.Highest
	rule, basis := ServedByLineage, finding.BasisLineage
	says := fmt.Sprintf("%s was launched under %s", a.title(e.Ref), a.title(w.ref))
	above := a.program(w.ref)
	switch {
	case a.kin(e, up):
		rule, basis, level = DisclaimedChild, finding.BasisDisclaim, DisclaimedChild.Highest
		says = fmt.Sprintf("%s was made responsible for itself by %s, and belongs to it", a.title(e.Ref), a.title(w.ref))
	case a.program(e.Ref).Any(onlyServes) || above.Any(catalog.Terminal|catalog.RemoteDaemon|catalog.Scheduler):
	case a.isApp(up):
		rule, basis, level = DisclaimedStranger, finding.BasisDisclaim, DisclaimedStranger.Highest
		says = fmt.Sprintf("%s was made responsible for itself by %s", a.title(e.Ref), a.title(w.ref))
		own := a.Process(e.Ref, x.c.To)
		x.otherwise(finding.Alternative{
			For: finding.RoleResponsible, Process: &own, Certainty: finding.Possible, Rule: AnswersForItself.Name,
			Says: fmt.Sprintf("%s may answer for itself", a.title(e.Ref)),
		})
	}
	if w.inferred || w.broken {
		level = level.AtMost(finding.Possible)
	}
	a.answerWith(x, w.ref, basis, rule, level, says)
}

// madeToAnswer reports whether an execution that a token names answers for itself only because whoever started it made it
// so: what such a helper starts is the app's work like its own. Apps and services of launchd's answer by their launch.
func (a *Attributor) madeToAnswer(x *answer, e *lineage.Execution) bool {
	if e.LaunchedByLaunchd() || e.Key.PID == es.LaunchdPID || a.program(e.Ref).Has(catalog.RemoteDaemon) {
		return false
	}
	r := a.lineage.ResponsibleAt(e.Ref, x.c.To)
	return r.Self || r.Now.Key.IsZero()
}

// kin reports whether a program belongs to the app above it: same team, or inside its bundle. Paths alone would do only
// for what is signed by nobody else.
func (a *Attributor) kin(e, up *lineage.Execution) bool {
	if e.Image.TeamID != "" || up.Image.TeamID != "" {
		return e.Image.TeamID == up.Image.TeamID
	}
	root := bundleRoot(up.Image.Path)
	return root != "" && root == bundleRoot(e.Image.Path)
}

// nobodyAbove: the lineage leads nowhere that is known.
func (a *Attributor) nobodyAbove(x *answer, e *lineage.Execution) {
	x.token = a.lineage.TokenAt(x.actor, x.c.To)
	x.broken = true
	if a.program(x.actor).Any(onlyServes) || !a.isApp(e) {
		x.f.Certainty.Responsible = finding.Unknown
		x.because(ServedByLineage, fmt.Sprintf("%s works for whoever launched it, and that was not seen", a.title(x.actor)))
		x.caveat(finding.CaveatLateStart)
		return
	}
	a.answerWith(x, x.actor, finding.BasisOwn, AnswersForItself, finding.Possible,
		fmt.Sprintf("%s is responsible for itself; who launched it was not seen", a.title(x.actor)))
}
