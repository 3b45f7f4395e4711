package judge

import (
	"fmt"
	"slices"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// WrongCertain lists every answer that says certain and is not so.
func WrongCertain(r *scenario.Result, fs []*finding.Finding) []Problem {
	var out []Problem
	for _, f := range fs {
		switch f.Kind {
		case finding.KindOperation:
			if t := truthOf(r, f); t != nil {
				out = append(out, wrongOperation(r, t, f)...)
			}
		case finding.KindEvent:
			out = append(out, wrongEvent(r, f)...)
		}
	}
	return out
}

// truthOf is the true operation that most of a finding's members belong to; nil where they belong to none.
func truthOf(r *scenario.Result, f *finding.Finding) *scenario.Truth {
	votes := make(map[int]int)
	best, most := -1, 0
	for _, g := range f.Events {
		for s := g[0]; s <= g[1]; s++ {
			a, ok := r.ActOf(s)
			if !ok || a.Truth < 0 {
				continue
			}
			votes[a.Truth]++
			if n := votes[a.Truth]; n > most || (n == most && a.Truth < best) {
				best, most = a.Truth, n
			}
		}
	}
	if best < 0 {
		return nil
	}
	return &r.Truth[best]
}

func ofNoise(r *scenario.Result, f *finding.Finding) bool {
	t := truthOf(r, f)
	return t != nil && t.Noise
}

func wrongOperation(r *scenario.Result, t *scenario.Truth, f *finding.Finding) []Problem {
	var out []Problem
	wrong := func(format string, args ...any) {
		out = append(out, Problem{t.Line, fmt.Sprintf(format, args...) + ", in " + Line(f)})
	}
	if f.Certainty.Action == finding.Certain {
		switch {
		case t.Failed:
			wrong("certain %s, but the attempt failed", f.Action)
		case t.Action != "" && t.Action != string(f.Action) && !slices.Contains(t.Also, string(f.Action)):
			wrong("certain %s, truly %s", f.Action, t.Action)
		}
	}
	if f.Certainty.Actor == finding.Certain && f.Actor != nil && !t.Actor.IsZero() {
		if !is(t.Actor, f.Actor) && !among(t.Parts, f.Actor) {
			wrong("certain actor %d.%d, truly %d.%d", f.Actor.PID, f.Actor.PIDVersion, t.Actor.PID, t.Actor.PIDVersion)
		}
	}
	if f.Certainty.Responsible == finding.Certain && f.Responsible != nil {
		if !is(t.Responsible, &f.Responsible.Process) {
			wrong("certain responsible %d.%d, truly %d.%d", f.Responsible.PID, f.Responsible.PIDVersion, t.Responsible.PID, t.Responsible.PIDVersion)
		}
	}
	if f.Certainty.Initiator == finding.Certain && f.Initiator != nil {
		if string(f.Initiator.Class) != t.Initiator.Class || f.Initiator.UID != t.Initiator.UID {
			wrong("certain initiator %s %d, truly %s %d", f.Initiator.Class, f.Initiator.UID, t.Initiator.Class, t.Initiator.UID)
		}
	}
	return out
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
	var out []Problem
	for i := range r.Truth {
		t := &r.Truth[i]
		if t.Noise || t.Failed || len(t.Events) == 0 {
			continue
		}
		near, why := "", "no finding has any of its messages"
		for _, f := range fs {
			if f.Kind != finding.KindOperation || truthOf(r, f) != t {
				continue
			}
			why = differs(r, t, f)
			if why == "" {
				break
			}
			near += "\n\t\t" + why + ": " + Line(f)
		}
		if why != "" {
			out = append(out, Problem{t.Line, fmt.Sprintf("truly %s %s from %q by %s (%d items): %s%s", t.Action, t.Path, t.SourcePath, t.Method, len(t.Items), why, near)})
		}
	}
	return out
}

func differs(r *scenario.Result, t *scenario.Truth, f *finding.Finding) string {
	switch {
	case t.Action != string(f.Action) && !slices.Contains(t.Also, string(f.Action)):
		return "action"
	case t.Path != f.Path && !slices.Contains(t.Links, f.Path):
		return "path"
	case t.SourcePath != "" && t.SourcePath != f.SourcePath && !slices.Contains(t.Links, f.SourcePath):
		return "source"
	case t.Method != "" && t.Method != string(f.Method) && t.Action == string(f.Action):
		return "method"
	case len(t.Items) > 0 && uint64(len(t.Items)) != f.ItemsTotal:
		return "items"
	case f.Actor == nil || f.Certainty.Actor == finding.Unknown:
		return "actor unknown"
	case !is(t.Actor, f.Actor) && !among(t.Parts, f.Actor):
		return fmt.Sprintf("actor, truly %d.%d", t.Actor.PID, t.Actor.PIDVersion)
	case f.Responsible == nil && !t.Responsible.IsZero():
		return "responsible unknown"
	case f.Responsible != nil && !is(t.Responsible, &f.Responsible.Process):
		return fmt.Sprintf("responsible, truly %d.%d", t.Responsible.PID, t.Responsible.PIDVersion)
	case f.Initiator == nil || f.Certainty.Initiator == finding.Unknown:
		return "initiator unknown, truly " + t.Initiator.Class
	case t.Initiator.Class != string(f.Initiator.Class) || t.Initiator.UID != f.Initiator.UID:
		return fmt.Sprintf("initiator, truly %s %d", t.Initiator.Class, t.Initiator.UID)
	}
	return ""
}
