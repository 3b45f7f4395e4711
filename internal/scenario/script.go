package scenario

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// sentence is one line that was understood.
type sentence struct {
	spec *spec
	args args
	sub  *sentence // what the other is asked to do
}

// sentences are the whole language.
var sentences = [][]spec{
	declarations, knobs, happenings, calls, attributes, processes, copying, moving, saving, fetching, sessions, tools,
}

// byWord are the specs by the word they are found by: the first for declarations, the second where the first is an actor. They
// are learned when the first script is read, which few commands do.
var byWord = sync.OnceValue(learn)

func learn() map[string][]*spec {
	byWord := map[string][]*spec{}
	everywhere := everywhere()
	for _, list := range sentences {
		for i := range list {
			s := &list[i]
			s.main = compile(s.pattern)
			for _, c := range s.clauses {
				key, text, _ := strings.Cut(c, ": ")
				s.ends = append(s.ends, clause{key, compile(text), text})
			}
			at := 0
			if s.main[0].kind == "slot" {
				s.subject, at = true, 1
				s.ends = append(s.ends, everywhere...)
			}
			for _, w := range s.main[at].alts {
				byWord[w] = append(byWord[w], s)
			}
		}
	}
	return byWord
}

// everywhere are the clauses of every sentence with an actor.
func everywhere() []clause {
	return []clause{
		{"for", compile("for <name:for>"), "for <name:for>"},
		{"step", compile("as a step"), "as a step"},
		{"inside", compile("by its agent"), "by its agent"},
		{"viewer", compile("by the viewer from <word:viewer>"), "by the viewer from <word:viewer>"},
	}
}

func parse(name, text string) (*Script, error) {
	s := &Script{Name: name, Text: text}
	sc := &scope{actors: map[string]bool{"launchd": true}, users: map[string]bool{}}
	body, expectations, has := cutBlock(text)
	line := 0
	for l := range strings.Lines(body) {
		line++
		w, err := words(name, line, strings.TrimRight(l, "\n"))
		if err != nil {
			return nil, err
		}
		if len(w) == 0 {
			continue
		}
		st, err := sc.sentence(name, line, w)
		if err != nil {
			return nil, err
		}
		s.sentence = append(s.sentence, st)
	}
	if has {
		var err error
		if s.expected, err = parseExpected(name, line+1, expectations, sc); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// cutBlock finds the line "---" before the expectations.
func cutBlock(text string) (body, rest string, has bool) {
	at := 0
	for l := range strings.Lines(text) {
		if strings.TrimSpace(l) == "---" {
			return text[:at], text[at+len(l):], true
		}
		at += len(l)
	}
	return text, "", false
}

// asked understands "A asks B to copy …": A connects to B, and B copies for A.
func (sc *scope) asked(name string, line int, w []word) (sentence, error) {
	verb := w[4].text
	for _, form := range [...]string{verb + "s", verb + "es", strings.TrimSuffix(verb, "y") + "ies"} {
		if !slices.ContainsFunc(byWord()[form], func(s *spec) bool { return s.subject }) {
			continue
		}
		head, err := sc.sentence(name, line, []word{w[0], w[1], {text: w[2].text}})
		if err != nil {
			return sentence{}, err
		}
		inner := append([]word{{text: w[2].text}, {text: form, comma: w[4].comma}}, w[5:]...)
		sub, err := sc.sentence(name, line, inner)
		head.sub = &sub
		return head, err
	}
	return sentence{}, &wrong{name, verb, "what an actor does, as in \"to copy\"", line}
}

// sentence understands one line.
func (sc *scope) sentence(name string, line int, w []word) (sentence, error) {
	if len(w) > 4 && sc.actors[w[0].text] && w[1].text == "asks" && w[3].text == "to" {
		return sc.asked(name, line, w)
	}
	parts := clauses(w)
	first := parts[0]
	var list []*spec
	switch {
	case sc.actors[first[0].text]:
		if len(first) < 2 {
			return sentence{}, &wrong{name, "", "what " + first[0].text + " does", line}
		}
		for _, s := range byWord()[first[1].text] {
			if s.subject {
				list = append(list, s)
			}
		}
		if len(list) == 0 {
			return sentence{}, &wrong{name, first[1].text, "what an actor does" + likeWord(first[1].text, true), line}
		}
	default:
		for _, s := range byWord()[first[0].text] {
			if !s.subject {
				list = append(list, s)
			}
		}
		if len(list) == 0 {
			return sentence{}, &wrong{name, first[0].text, "a declaration (user, volume, app, service, daemon, …) or a declared name" + sc.like(first[0].text) + likeWord(first[0].text, false), line}
		}
	}
	m := matcher{s: sc, words: first, far: -1}
	for _, s := range list {
		m.vals = m.vals[:0]
		if !m.match(s.main, 0, func(i int) bool {
			if i < len(first) {
				return m.fail(i, "the end of the sentence"+clauseHint(s, first[i].text))
			}
			return true
		}) {
			continue
		}
		vals := slices.Clone(m.vals)
		for _, c := range parts[1:] {
			v, err := sc.clause(name, line, s, c)
			if err != nil {
				return sentence{}, err
			}
			vals = append(vals, v...)
		}
		sc.declare(s.main, vals)
		for _, c := range s.ends {
			sc.declare(c.seq, vals)
		}
		return sentence{spec: s, args: args{vals, line}}, nil
	}
	at := ""
	if m.far >= 0 && m.far < len(first) {
		at = first[m.far].text
	}
	return sentence{}, &wrong{name, at, strings.Join(m.want, " or "), line}
}

func clauseHint(s *spec, w string) string {
	for _, c := range s.ends {
		if strings.HasPrefix(c.text, w) {
			return fmt.Sprintf(" (a comma before %q?)", c.text)
		}
	}
	return ""
}

// clause understands what stands after a comma.
func (sc *scope) clause(name string, line int, s *spec, w []word) ([]value, error) {
	m := matcher{s: sc, words: w, far: -1}
	for _, c := range s.ends {
		m.vals = m.vals[:0]
		if m.match(c.seq, 0, func(i int) bool {
			if i < len(w) {
				return m.fail(i, "the end of the clause")
			}
			return true
		}) {
			return append(slices.Clone(m.vals), value{name: c.key, words: []string{""}}), nil
		}
	}
	at := w[len(w)-1].text
	if m.far >= 0 && m.far < len(w) {
		at = w[m.far].text
	}
	want := strings.Join(m.want, " or ")
	if want == "" {
		want = "the end of the sentence"
	}
	return nil, &wrong{name, at, want, line}
}

// declare puts the new names of a sentence into scope.
func (sc *scope) declare(seq []element, vals []value) {
	for _, e := range seq {
		switch {
		case e.kind == "optional":
			sc.declare(e.seq, vals)
		case e.typ == "new", e.typ == "newuser":
			for _, v := range vals {
				if v.name != e.name {
					continue
				}
				if e.typ == "new" {
					sc.actors[v.words[0]] = true
				} else {
					sc.users[v.words[0]] = true
				}
			}
		}
	}
}

// likeWord finds the word that may have been meant.
func likeWord(w string, subject bool) string {
	best := ""
	for k, l := range byWord() {
		if near(k, w) && slices.ContainsFunc(l, func(s *spec) bool { return s.subject == subject }) && (best == "" || k < best) {
			best = k
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (is %q meant?)", best)
}
