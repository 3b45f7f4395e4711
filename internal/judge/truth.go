package judge

import (
	"fmt"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	"ascribe.example/score"
)

// Truth is what happened in a scenario, in the form that accuracy is measured against.
func Truth(r *scenario.Result) *score.Truth {
	t := truthOf(r)
	t.Schema, t.Name = score.TruthSchema, r.Name
	at := make(map[uint64]es.Time, len(r.Messages))
	for _, m := range r.Messages {
		at[m.GlobalSeqNum] = m.Time
	}
	paths := make(map[score.Process]string, len(r.People))
	for i := range r.People {
		paths[processOf(r.People[i].Key)] = r.People[i].Path
	}
	for i := range t.Operations {
		o := &t.Operations[i]
		for _, seq := range r.Truth[i].Events {
			when, ok := at[seq]
			if !ok {
				continue
			}
			if !o.Told || when.Std().Before(o.Time) {
				o.Time = when.Std()
			}
			if !o.Told || when.Std().After(o.EndTime) {
				o.EndTime = when.Std()
			}
			o.Told = true
		}
		o.Actor.Path, o.Responsible.Path = paths[o.Actor], paths[o.Responsible]
		for k := range o.Parts {
			o.Parts[k].Path = paths[o.Parts[k]]
		}
	}
	return t
}

// truthOf is Truth without what only readers and recall need.
func truthOf(r *scenario.Result) *score.Truth {
	t := &score.Truth{Operations: make([]score.Operation, len(r.Truth))}
	for i := range r.Truth {
		s := &r.Truth[i]
		o := &t.Operations[i]
		*o = score.Operation{
			Action: s.Action, Also: s.Also, Method: s.Method, Path: s.Path, Source: s.SourcePath, Links: s.Links,
			Failed: s.Failed, Noise: s.Noise, Actor: processOf(s.Actor), Responsible: processOf(s.Responsible),
			Initiator: score.Initiator{Class: s.Initiator.Class, UID: s.Initiator.UID}, Events: score.Ranges(s.Events),
		}
		for _, k := range s.Parts {
			o.Parts = append(o.Parts, processOf(k))
		}
		for _, it := range s.Items {
			o.Items = append(o.Items, score.Item{Path: it.Path, Source: it.SourcePath, Action: it.Action})
		}
	}
	return t
}

func processOf(k es.Key) score.Process { return score.Process{PID: k.PID, PIDVersion: k.PIDVersion} }

// WrongCertain lists every answer that says certain and is not so.
func WrongCertain(r *scenario.Result, fs []*finding.Finding) []Problem {
	var out []Problem
	t := truthOf(r)
	for _, f := range fs {
		switch f.Kind {
		case finding.KindOperation:
			a, _ := score.FromFinding(f)
			at := t.Of(&a)
			if at < 0 {
				continue
			}
			o := &t.Operations[at]
			for _, role := range o.Mistakes(&a, finding.Certain) {
				out = append(out, Problem{r.Truth[at].Line, fmt.Sprintf("certain %s, truly %s, in %s", role, o.Holder(role), Line(f))})
			}
		case finding.KindEvent:
			out = append(out, wrongEvent(r, f)...)
		}
	}
	return out
}

func ofNoise(t *score.Truth, f *finding.Finding) bool {
	a, _ := score.FromFinding(f)
	at := t.Of(&a)
	return at >= 0 && t.Operations[at].Noise
}

func wrongEvent(r *scenario.Result, f *finding.Finding) []Problem {
	a, ok := r.ActOf(f.Seq)
	if !ok || f.Certainty.Actor != finding.Certain || f.Actor == nil {
		return nil
	}
	if len(a.Writers) > 0 {
		if !among(a.Writers, f.Actor) {
			return []Problem{{0, fmt.Sprintf("certain actor %d.%d of a close, written by %v, in %s", f.Actor.PID, f.Actor.PIDVersion, a.Writers, Line(f))}}
		}
		return nil
	}
	if !is(a.Doer, f.Actor) {
		return []Problem{{0, fmt.Sprintf("certain actor %d.%d, truly %d.%d, in %s", f.Actor.PID, f.Actor.PIDVersion, a.Doer.PID, a.Doer.PIDVersion, Line(f))}}
	}
	return nil
}

func is(k es.Key, p *finding.Process) bool { return k.PID == p.PID && k.PIDVersion == p.PIDVersion }

func among(ks []es.Key, p *finding.Process) bool {
	for _, k := range ks {
		if is(k, p) {
			return true
		}
	}
	return false
}

// Missed lists every true operation, noise aside, that no finding tells of rightly: same action, path and, where answered,
// same actor, responsible execution and initiator.
func Missed(r *scenario.Result, fs []*finding.Finding) []Problem {
	t := truthOf(r)
	of := make([][]*finding.Finding, len(t.Operations))
	for _, f := range fs {
		if f.Kind != finding.KindOperation {
			continue
		}
		a, _ := score.FromFinding(f)
		if at := t.Of(&a); at >= 0 {
			of[at] = append(of[at], f)
		}
	}
	var out []Problem
	for i := range t.Operations {
		o := &t.Operations[i]
		if o.Noise || o.Failed || len(o.Events) == 0 {
			continue
		}
		near, why := "", "no finding has any of its messages"
		for _, f := range of[i] {
			a, _ := score.FromFinding(f)
			if why = o.Differs(&a); why == "" {
				break
			}
			near += "\n\t\t" + why + ": " + Line(f)
		}
		if why != "" {
			out = append(out, Problem{r.Truth[i].Line, fmt.Sprintf("truly %s %s from %q by %s (%d items): %s%s", o.Action, o.Path, o.Source, o.Method, len(o.Items), why, near)})
		}
	}
	return out
}
