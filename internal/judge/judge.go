// Package judge compares findings with what truly happened in a scenario, and with what its script expects. It is what the
// engine's tests and the measured accuracy rest on, and knows nothing of how findings are reached.
package judge

import (
	"fmt"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// Problem is one expectation that was not met, or one answer that is wrong.
type Problem struct {
	Line int    // of the script; 0 none
	Says string // what was asked, what was found
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Says
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Says)
}

// Expected checks every expectation of a script.
func Expected(r *scenario.Result, fs []*finding.Finding) []Problem {
	var out []Problem
	used := make(map[*finding.Finding]bool)
	t := truthOf(r)
	for i := range r.Expected {
		x := &r.Expected[i]
		if x.Nothing {
			for _, f := range fs {
				if f.Kind == finding.KindOperation && !used[f] && !ofNoise(t, f) {
					out = append(out, Problem{x.Line, "nothing else expected, but found " + Line(f)})
				}
			}
			continue
		}
		if p := one(r, x, fs, used); p != "" {
			out = append(out, Problem{x.Line, p})
		}
	}
	return out
}

func one(r *scenario.Result, x *scenario.Expected, fs []*finding.Finding, used map[*finding.Finding]bool) string {
	var near []string
	for _, f := range fs {
		why, fits := headline(r, x, f)
		if !fits {
			continue
		}
		if why == "" {
			why = details(r, x, f)
		}
		if why == "" {
			if x.No {
				return fmt.Sprintf("%q must not be found, but: %s", x.Text, Line(f))
			}
			used[f] = true
			return ""
		}
		near = append(near, Line(f)+": "+why)
	}
	if x.No {
		return ""
	}
	if len(near) == 0 {
		return fmt.Sprintf("%q not found", x.Text)
	}
	return fmt.Sprintf("%q not found; nearest: %s", x.Text, strings.Join(near, "; "))
}

// headline reports whether a finding is what the expectation speaks of; why says what of its first line is otherwise.
func headline(r *scenario.Result, x *scenario.Expected, f *finding.Finding) (why string, fits bool) {
	kind := x.Kind
	if kind == "" {
		kind = string(finding.KindOperation)
	}
	if string(f.Kind) != kind {
		return "", false
	}
	switch f.Kind {
	case finding.KindOperation:
		if x.Action != "" && x.Action != string(f.Action) {
			// Another action on the same path is worth telling, but only where it was asked for.
			return "action " + string(f.Action), x.Path != "" && x.Path == f.Path && !x.No
		}
		if x.Path != "" && x.Path != f.Path {
			return "", false
		}
	case finding.KindEvent:
		if x.Event != f.Event || (x.Path != "" && x.Path != f.Path) {
			return "", false
		}
		if x.Reported != "" {
			if f.Reported == nil || !(r.Is(x.Reported, f.Reported.PID, f.Reported.PIDVersion, f.Reported.Path) || base(f.Reported.Path) == x.Reported) {
				return "", false
			}
		}
	case finding.KindGap:
		return "", x.Why == "" || f.Gap.Why == x.Why
	case finding.KindProcess:
		return "", true
	}
	switch {
	case x.Source != "" && x.Source != f.SourcePath:
		return "from " + f.SourcePath, true
	case x.Method != "" && x.Method != string(f.Method):
		return "by " + string(f.Method), true
	case x.Items >= 0 && x.Items > 0 && uint64(x.Items) != f.ItemsTotal:
		return fmt.Sprintf("%d items", f.ItemsTotal), true
	case x.Replaced == "yes" && f.Replaced == nil, x.Replaced == "no" && f.Replaced != nil:
		return "replaced: " + fmt.Sprint(f.Replaced != nil), true
	}
	if w := level(x.Certainty, f.Certainty.Action); w != "" {
		return "action " + w, true
	}
	return "", true
}

func details(r *scenario.Result, x *scenario.Expected, f *finding.Finding) string {
	if w := x.Actor; w != nil {
		if why := process(r, w, f.Actor, f.Certainty.Actor); why != "" {
			return "actor " + why
		}
	}
	if w := x.Responsible; w != nil {
		var p *finding.Process
		if f.Responsible != nil {
			p = &f.Responsible.Process
			if w.Basis != "" && w.Basis != string(f.Responsible.Basis) {
				return "responsible by " + string(f.Responsible.Basis)
			}
			if w.Status != "" && w.Status != string(f.Responsible.Status) {
				return "responsible " + string(f.Responsible.Status)
			}
		}
		if why := process(r, w, p, f.Certainty.Responsible); why != "" {
			return "responsible " + why
		}
	}
	if w := x.Initiator; w != nil {
		if why := initiator(r, w, f.Initiator, f.Certainty.Initiator); why != "" {
			return "initiator " + why
		}
	}
	for _, w := range x.Participants {
		if !hasParticipant(r, &w, f) {
			return fmt.Sprintf("no participant %s %s", w.Role, w.Name)
		}
	}
	for _, w := range x.Alternatives {
		if !hasAlternative(r, &w, f) {
			return fmt.Sprintf("no alternative for %s: %s%s", w.Role, w.Name, w.Class)
		}
	}
	for _, c := range x.Caveats {
		if !hasCaveat(f, c) {
			return fmt.Sprintf("caveats %v", f.Caveats)
		}
	}
	for _, c := range x.NoCaveats {
		if hasCaveat(f, c) {
			return fmt.Sprintf("caveats %v", f.Caveats)
		}
	}
	for _, name := range x.Rules {
		found := false
		for i := range f.Evidence {
			found = found || f.Evidence[i].Rule == name
		}
		if !found {
			return "no rule " + name
		}
	}
	for _, it := range x.Item {
		if !hasItem(&it, f) {
			return "no item " + it.Path
		}
	}
	return ""
}

func process(r *scenario.Result, w *scenario.Who, p *finding.Process, c finding.Certainty) string {
	if w.Unknown {
		if p != nil && c != finding.Unknown {
			return fmt.Sprintf("is %s %s", p.Path, c)
		}
		return ""
	}
	if w.Name != "" {
		if p == nil {
			return "is unknown"
		}
		if !r.Is(w.Name, p.PID, p.PIDVersion, p.Path) {
			return fmt.Sprintf("is %s (pid %d, version %d)", p.Path, p.PID, p.PIDVersion)
		}
	}
	return level(w.Level, c)
}

func initiator(r *scenario.Result, w *scenario.Who, in *finding.Initiator, c finding.Certainty) string {
	if w.Unknown {
		if in != nil && c != finding.Unknown {
			return fmt.Sprintf("is %s %s", in.Class, c)
		}
		return ""
	}
	if in == nil {
		return "is unknown"
	}
	uid, named := uidOf(r, w.Name)
	switch {
	case w.Name != "" && named && in.UID != uid:
		return fmt.Sprintf("is uid %d", in.UID)
	case w.Name != "" && !named && w.Name != in.User:
		return "is " + in.User
	case w.Class != "" && w.Class != string(in.Class):
		return "is " + string(in.Class)
	case w.Session != "" && (in.Session == nil || string(in.Session.Type) != w.Session):
		return "has another session"
	case w.Address != "" && (in.Session == nil || in.Session.RemoteAddress != w.Address):
		return "has another address"
	case w.Agent != "" && (in.Agent == nil || !r.Is(w.Agent, in.Agent.PID, in.Agent.PIDVersion, "")):
		return "has another agent"
	}
	return level(w.Level, c)
}

func uidOf(r *scenario.Result, name string) (uint32, bool) {
	for _, u := range r.Users {
		if u.Name == name {
			return u.UID, true
		}
	}
	return es.Unset, false
}

var levels = map[string]finding.Certainty{
	"certain": finding.Certain, "likely": finding.Likely, "possible": finding.Possible, "unknown": finding.Unknown,
}

func level(l scenario.Level, c finding.Certainty) string {
	if l.Word == "" {
		return ""
	}
	want := levels[l.Word]
	ok := c == want
	switch l.Bound {
	case "at least":
		ok = c >= want
	case "at most":
		ok = c <= want
	}
	if ok {
		return ""
	}
	return c.String()
}

func hasParticipant(r *scenario.Result, w *scenario.Who, f *finding.Finding) bool {
	for i := range f.Participants {
		p := &f.Participants[i]
		if (w.Role == "" || w.Role == p.Role) && r.Is(w.Name, p.Process.PID, p.Process.PIDVersion, p.Process.Path) {
			return true
		}
	}
	return false
}

func hasAlternative(r *scenario.Result, w *scenario.Who, f *finding.Finding) bool {
	for i := range f.Alternatives {
		a := &f.Alternatives[i]
		if w.Role != "" && string(a.For) != w.Role {
			continue
		}
		switch {
		case a.Process != nil && w.Name != "":
			if r.Is(w.Name, a.Process.PID, a.Process.PIDVersion, a.Process.Path) {
				return true
			}
		case a.Initiator != nil:
			if initiator(r, &scenario.Who{Name: w.Name, Class: w.Class}, a.Initiator, a.Certainty) == "" {
				return true
			}
		}
	}
	return false
}

func hasCaveat(f *finding.Finding, name string) bool {
	for _, c := range f.Caveats {
		if string(c) == name {
			return true
		}
	}
	return false
}

func hasItem(w *scenario.TruthItem, f *finding.Finding) bool {
	for i := range f.Items {
		it := &f.Items[i]
		action := it.Action
		if action == "" {
			action = f.Action
		}
		if it.Path == w.Path && (w.SourcePath == "" || w.SourcePath == it.SourcePath) && (w.Action == "" || w.Action == string(action)) {
			return true
		}
	}
	return false
}

func base(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// Line is a finding in a few words.
func Line(f *finding.Finding) string {
	var b strings.Builder
	switch f.Kind {
	case finding.KindOperation:
		fmt.Fprintf(&b, "%s %s", f.Action, f.Path)
		if f.SourcePath != "" {
			fmt.Fprintf(&b, " from %s", f.SourcePath)
		}
		fmt.Fprintf(&b, " by %s, %s (%d items)", f.Method, f.Certainty.Action, f.ItemsTotal)
	case finding.KindEvent:
		fmt.Fprintf(&b, "event %s %s", f.Event, f.Path)
		if f.Reported != nil {
			fmt.Fprintf(&b, " reported %s", base(f.Reported.Path))
		}
	default:
		fmt.Fprintf(&b, "%s", f.Kind)
	}
	if f.Actor != nil {
		fmt.Fprintf(&b, " actor %s/%d.%d %s", base(f.Actor.Path), f.Actor.PID, f.Actor.PIDVersion, f.Certainty.Actor)
	}
	if f.Responsible != nil {
		fmt.Fprintf(&b, " responsible %s/%d.%d %s by %s", base(f.Responsible.Path), f.Responsible.PID, f.Responsible.PIDVersion, f.Certainty.Responsible, f.Responsible.Basis)
	}
	if f.Initiator != nil {
		fmt.Fprintf(&b, " initiator %s uid %d %s", f.Initiator.Class, f.Initiator.UID, f.Certainty.Initiator)
	}
	if len(f.Caveats) > 0 {
		fmt.Fprintf(&b, " %v", f.Caveats)
	}
	return b.String()
}
