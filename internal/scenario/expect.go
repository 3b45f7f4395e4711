package scenario

import (
	"strings"
)

// The words of the contract that expectations use.
var (
	actionWords = []string{
		"copy", "move", "rename", "save", "write", "create", "trash", "restore", "empty_trash", "delete", "download", "extract", "archive",
		"receive", "sync", "install", "mount", "unmount", "link", "protect", "unquarantine", "read", "send",
	}
	classWords = []string{"agent", "remote", "scheduled", "console", "device", "system", "unknown"}
)

const level = "[[at least|most] certain|likely|possible|unknown]"

// headlines begin an expectation, details follow it, indented, several in a line with "·" between them.
var (
	headlines = patterns(
		"nothing else",
		"[no] event <word:event> [<path:path>] [reported <word:reported>]",
		"[no] gap [<word:why>]",
		"[no] process <word:name>",
		"[no] <action:action> [<path:path>] [from <path:from>] [by <word:method>] [with <num:items> items] [replacing another|nothing]",
	)
	headlineEnds = patterns(level)
	details      = patterns(
		"actor <word:name> "+level,
		"responsible <word:name> [by token|recorded|requested|lineage|disclaimed|own|none] [live|exited] "+level,
		"initiator <class:class> [in <word:session> session] [from <word:address>] [through <word:agent>] "+level,
		"initiator <word:user> [<class:class>] [in <word:session> session] [from <word:address>] [through <word:agent>] "+level,
		"participant <word:role> <word:name>",
		"or actor|responsible <word:name>",
		"or initiator <class:class>",
		"or initiator <word:user> [<class:class>]",
		"[no] caveat <word:caveat>",
		"rule <word:rule>",
		"item <path:path> [from <path:from>] [<action:action>]",
		"<num:items> items",
	)
)

func patterns(l ...string) [][]element {
	var p [][]element
	for _, s := range l {
		p = append(p, compile(s))
	}
	return p
}

// oneOf matches the whole of w against the patterns; it says which, with its values.
func oneOf(sc *scope, name string, line int, pats [][]element, w []word) (int, *args, error) {
	m := matcher{s: sc, words: w, far: -1}
	for i, p := range pats {
		m.vals = m.vals[:0]
		if m.match(p, 0, func(j int) bool {
			if j < len(w) {
				return m.fail(j, "the end")
			}
			return true
		}) {
			return i, &args{vals: m.vals, line: line}, nil
		}
	}
	at := ""
	if m.far >= 0 && m.far < len(w) {
		at = w[m.far].text
	}
	return 0, nil, &wrong{name, at, strings.Join(m.want, " or "), line}
}

func levelOf(a *args) Level {
	l := Level{Word: a.get("certain|likely|possible|unknown")}
	if b := a.get("least|most"); b != "" {
		l.Bound = "at " + b
	}
	return l
}

// parseExpected reads the block after "---", which begins at the given line.
func parseExpected(name string, line int, text string, sc *scope) ([]Expected, error) {
	var l []Expected
	for s := range strings.Lines(text) {
		line++
		s = strings.TrimRight(s, "\n")
		w, err := words(name, line, s)
		if err != nil {
			return nil, err
		}
		if len(w) == 0 {
			continue
		}
		if s[0] != ' ' && s[0] != '\t' {
			e, err := headline(sc, name, line, w)
			if err != nil {
				return nil, err
			}
			e.Text = strings.TrimSpace(s)
			l = append(l, e)
			continue
		}
		if len(l) == 0 {
			return nil, &wrong{name, w[0].text, "an expectation that begins at the line's beginning", line}
		}
		for len(w) > 0 {
			end := 0
			for end < len(w) && (w[end].text != "·" || w[end].quoted) {
				end++
			}
			if err := detail(sc, name, line, w[:end], &l[len(l)-1]); err != nil {
				return nil, err
			}
			w = w[min(end+1, len(w)):]
		}
	}
	return l, nil
}

func headline(sc *scope, name string, line int, w []word) (Expected, error) {
	e := Expected{Line: line, Items: -1}
	parts := clauses(w)
	which, a, err := oneOf(sc, name, line, headlines, parts[0])
	if err != nil {
		return e, err
	}
	for _, c := range parts[1:] {
		_, v, err := oneOf(sc, name, line, headlineEnds, c)
		if err != nil {
			return e, err
		}
		e.Certainty = levelOf(v)
	}
	e.No = a.has("no")
	e.Path = canonicalOr(a.get("path"))
	switch which {
	case 0:
		e.Kind, e.Nothing = "operation", true
	case 1:
		e.Kind, e.Event, e.Reported = "event", a.get("event"), a.get("reported")
	case 2:
		e.Kind, e.Why = "gap", a.get("why")
	case 3:
		e.Kind, e.Reported = "process", a.get("name")
	default:
		e.Kind, e.Action, e.Method = "operation", a.get("action"), a.get("method")
		e.Source = canonicalOr(a.get("from"))
		e.Items = int(a.num("items", -1))
		switch a.get("another|nothing") {
		case "another":
			e.Replaced = "yes"
		case "nothing":
			e.Replaced = "no"
		}
	}
	return e, nil
}

func detail(sc *scope, name string, line int, w []word, e *Expected) error {
	which, a, err := oneOf(sc, name, line, details, w)
	if err != nil {
		return err
	}
	who := &Who{
		Role: w[0].text, Name: a.get("name"), Level: levelOf(a), Basis: a.get("token|recorded|requested|lineage|disclaimed|own|none"),
		Status: a.get("live|exited"), Class: a.get("class"), Session: a.get("session"), Address: a.get("address"), Agent: a.get("agent"),
	}
	if u := a.get("user"); u != "" {
		who.Name = u
	}
	if who.Name == "(unknown)" {
		who.Name, who.Unknown = "", true
	}
	switch which {
	case 0:
		e.Actor = who
	case 1:
		e.Responsible = who
	case 2, 3:
		e.Initiator = who
	case 4:
		who.Role = a.get("role")
		e.Participants = append(e.Participants, *who)
	case 5:
		who.Role = a.get("actor|responsible")
		e.Alternatives = append(e.Alternatives, *who)
	case 6, 7:
		who.Role = "initiator"
		e.Alternatives = append(e.Alternatives, *who)
	case 8:
		if a.has("no") {
			e.NoCaveats = append(e.NoCaveats, a.get("caveat"))
		} else {
			e.Caveats = append(e.Caveats, a.get("caveat"))
		}
	case 9:
		e.Rules = append(e.Rules, a.get("rule"))
	case 10:
		e.Item = append(e.Item, TruthItem{Path: canonical(a.get("path")), SourcePath: canonicalOr(a.get("from")), Action: a.get("action")})
	case 11:
		e.Items = int(a.num("items", -1))
	}
	return nil
}
