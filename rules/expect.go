package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ascribe.example/finding"
)

// Script is a test of rules: what happens, and which rules must hold of it, and which must not.
//
//	… a scenario, as docs/scenarios.md has it …
//	---
//	fires copied-off-the-mac on /Volumes/USB/plan.pdf
//	fires many-documents-renamed 2 times
//	quiet quarantine-removed
//	nothing else
type Script struct {
	Scenario string // what stands above the line ---
	expected []expected
}

type expected struct {
	line    int
	text    string
	rule    string
	path    string
	times   int // -1: any number but none
	quiet   bool
	nothing bool
}

// Firing is that a rule held of a finding.
type Firing struct {
	Rule string
	Path string
	Says string
}

// ParseScript reads a test. The rules that it names must be in the set.
func (s *Set) ParseScript(file, text string) (*Script, error) {
	scenario, below, ok := strings.Cut("\n"+text, "\n---\n")
	if !ok {
		return nil, &Error{File: file, Says: []string{"there is no line --- with the rules below it that must hold (fires NAME) or must not (quiet NAME)"}}
	}
	t := &Script{Scenario: strings.TrimPrefix(scenario, "\n") + "\n"}
	line := strings.Count(scenario, "\n") + 1
	for l := range strings.Lines(below) {
		line++
		l = strings.TrimSpace(l)
		if l == "" || l[0] == '#' {
			continue
		}
		x, err := s.expectedOf(l)
		if err != nil {
			return nil, &Error{File: file, Line: line, Says: []string{err.Error()}}
		}
		x.line = line
		t.expected = append(t.expected, x)
	}
	if t.expected == nil {
		return nil, &Error{File: file, Line: line, Says: []string{"nothing is expected: write fires NAME or quiet NAME below ---"}}
	}
	return t, nil
}

func (s *Set) expectedOf(l string) (expected, error) {
	x := expected{text: l, times: -1}
	w := strings.Fields(l)
	if l == "nothing else" {
		x.nothing = true
		return x, nil
	}
	if len(w) < 2 || w[0] != "fires" && w[0] != "quiet" {
		return x, fmt.Errorf("%q is no expectation: write fires NAME [on PATH] [N times], quiet NAME [on PATH], or nothing else", l)
	}
	x.quiet, x.rule = w[0] == "quiet", w[1]
	if s.byName[x.rule] == nil {
		return x, fmt.Errorf("there is no rule %q", x.rule)
	}
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(l, w[0])), x.rule))
	if n := len(w); n >= 4 && (w[n-1] == "times" || w[n-1] == "time") && !x.quiet {
		times, err := strconv.Atoi(w[n-2])
		if err != nil || times < 1 {
			return x, fmt.Errorf("%q is no number of times", w[n-2])
		}
		x.times = times
		rest = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimSuffix(rest, w[n-1])), w[n-2]))
	}
	if rest != "" {
		path, ok := strings.CutPrefix(rest, "on ")
		if !ok {
			return x, fmt.Errorf("%q cannot stand here: write on PATH, or N times", rest)
		}
		x.path = strings.TrimSpace(path)
		if p, err := strconv.Unquote(x.path); err == nil {
			x.path = p
		}
	}
	return x, nil
}

// Fired lists what the last Mark found.
func Fired(l []Firing, f *finding.Finding) []Firing {
	for i := range f.Rules {
		l = append(l, Firing{Rule: f.Rules[i].Name, Path: strings.Clone(f.Path), Says: f.Rules[i].Message})
	}
	return l
}

// Check compares what fired with what must, and says what is otherwise; nil is as expected.
func (t *Script) Check(file string, fired []Firing) []string {
	var wrong []string
	used := make([]bool, len(fired))
	fault := func(x *expected, format string, args ...any) {
		wrong = append(wrong, fmt.Sprintf("%s, line %d: %s: %s", file, x.line, x.text, fmt.Sprintf(format, args...)))
	}
	for i := range t.expected {
		x := &t.expected[i]
		if x.nothing {
			continue
		}
		n := 0
		var others []string
		for k, f := range fired {
			switch {
			case f.Rule != x.rule:
			case x.path != "" && f.Path != x.path:
				others = append(others, f.Path)
			default:
				n++
				used[k] = true
			}
		}
		slices.Sort(others)
		switch {
		case x.quiet && n > 0:
			fault(x, "it fired %d times", n)
		case x.quiet:
		case n == 0 && others != nil:
			fault(x, "it fired on %s only", strings.Join(slices.Compact(others), ", "))
		case n == 0:
			fault(x, "it did not fire")
		case x.times > 0 && n != x.times:
			fault(x, "it fired %d times", n)
		}
	}
	for i := range t.expected {
		if x := &t.expected[i]; x.nothing {
			for k, f := range fired {
				if !used[k] {
					fault(x, "%s fired on %s: %s", f.Rule, f.Path, f.Says)
				}
			}
		}
	}
	return wrong
}
