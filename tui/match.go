package tui

import (
	"strings"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query/filter"
)

// matcher says which operations are shown.
type matcher struct {
	words []word
	cel   *filter.Filter
}

// word is one word of a filter: any of its alternatives must be there, or none if it is turned round.
type word struct {
	field string // "" any
	not   bool
	has   string // lower case
}

// fields are the names that a word may begin with, before a colon.
var fields = []string{"path", "action", "actor", "app", "user", "agent", "class", "certainty"}

// newMatcher reads what was typed: words, all of which must be there, or a condition in CEL if it looks like one.
func newMatcher(typed string) (matcher, error) {
	if strings.ContainsAny(typed, "=<>(") || strings.Contains(typed, "&&") || strings.Contains(typed, "||") {
		f, err := filter.Compile(typed, filter.Options{})
		if err != nil {
			return matcher{}, err
		}
		return matcher{cel: f}, nil
	}
	var m matcher
	for _, s := range strings.Fields(strings.ToLower(typed)) {
		w := word{has: s}
		if rest, ok := strings.CutPrefix(w.has, "-"); ok && rest != "" {
			w.not, w.has = true, rest
		}
		for _, f := range fields {
			if rest, ok := strings.CutPrefix(w.has, f+":"); ok {
				w.field, w.has = f, rest
			}
		}
		if w.has != "" {
			m.words = append(m.words, w)
		}
	}
	return m, nil
}

func (m *matcher) match(r *row) bool {
	if m.cel != nil {
		ok, err := m.cel.Match(r.finding)
		return ok && err == nil
	}
	for _, w := range m.words {
		if r.has(w.field, w.has) == w.not {
			return false
		}
	}
	return true
}

// row is an operation as it is kept.
type row struct {
	n         uint64 // its number since the beginning
	finding   *finding.Finding
	ancestors []finding.Process
	who       []string // for the list: hands first
	values    [8]string
}

// newRow prepares what is searched: lower case, in the order of [fields].
func newRow(n uint64, e Entry) *row {
	f := e.Finding
	r := &row{n: n, finding: f, ancestors: e.Ancestors, who: who(f)}
	path := f.Path + "\n" + f.SourcePath
	for i := range f.Items {
		path += "\n" + f.Items[i].Path
	}
	var actor, app, user, agent, class string
	if f.Actor != nil {
		actor = text.ProcessName(f.Actor) + "\n" + f.Actor.SigningID
	}
	if f.Responsible != nil {
		app = text.ResponsibleName(f.Responsible) + "\n" + f.Responsible.SigningID
	}
	if in := f.Initiator; in != nil {
		user, class = in.User, string(in.Class)
		if in.Agent != nil {
			agent = in.Agent.Name
		}
	}
	for i, v := range []string{path, string(f.Action), actor, app, user, agent, class, f.Certainty.Action.String()} {
		r.values[i] = strings.ToLower(v)
	}
	return r
}

func (r *row) has(field, s string) bool {
	for i, f := range fields {
		if (field == "" || field == f) && strings.Contains(r.values[i], s) {
			return true
		}
	}
	return false
}

// who are those behind an operation, hands first, each with a mark of how sure it is.
func who(f *finding.Finding) []string {
	parts := make([]string, 0, 3)
	add := func(name string, c finding.Certainty) {
		if name == "" || c == finding.Unknown {
			return
		}
		parts = append(parts, text.Visible(name)+mark(c))
	}
	if f.Actor != nil {
		add(text.ProcessName(f.Actor), f.Certainty.Actor)
	}
	if r := f.Responsible; r != nil && (f.Actor == nil || r.PID != f.Actor.PID || r.PIDVersion != f.Actor.PIDVersion) {
		add(text.ResponsibleName(r), f.Certainty.Responsible)
	}
	if f.Initiator != nil {
		add(behind(f.Initiator), f.Certainty.Initiator)
	}
	if len(parts) == 0 {
		return []string{"nobody can say"}
	}
	return parts
}

// behind names who is behind an operation, in few letters.
func behind(in *finding.Initiator) string {
	user := in.User
	if user == "" {
		user = "somebody"
	}
	switch in.Class {
	case finding.ClassAgent:
		if in.Agent != nil && in.Agent.Name != "" {
			return in.Agent.Name + " for " + user
		}
		return "an agent for " + user
	case finding.ClassRemote:
		if in.Session != nil && in.Session.RemoteAddress != "" {
			return user + " from " + in.Session.RemoteAddress
		}
		return user + " from elsewhere"
	case finding.ClassConsole:
		return user
	case finding.ClassScheduled:
		return "a schedule"
	case finding.ClassDevice:
		return "another device"
	case finding.ClassSystem:
		return "macOS"
	case finding.ClassUnknown:
	}
	return "?"
}

// mark says how sure an answer is: nothing for certain.
func mark(c finding.Certainty) string {
	switch c {
	case finding.Certain:
		return ""
	case finding.Likely:
		return "~"
	case finding.Possible:
		return "?"
	case finding.Unknown:
	}
	return "??"
}
