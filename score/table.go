package score

import (
	"fmt"
	"strings"

	"ascribe.example/finding"
)

// promises are what the levels promise.
var promises = [4]float64{finding.Possible: 0.60, finding.Likely: 0.95, finding.Certain: 0.999}

// Promise is the least share of a level's answers that are right, as docs/certainty.md promises it.
func Promise(c finding.Certainty) float64 { return promises[c] }

// Verdict says whether a level keeps its promise: only what the lower bound reaches is shown.
func Verdict(s Share, c finding.Certainty) string {
	switch {
	case s.Of == 0:
		return "no answers"
	case s.Low >= Promise(c):
		return "shown"
	case s.High < Promise(c):
		return "**broken**"
	}
	return "not shown"
}

// Percent is a share in per cent with its interval, or a dash where there was nothing to share.
func (s Share) Percent() string {
	if s.Of == 0 {
		return "–"
	}
	return fmt.Sprintf("%s (%s–%s)", percent(s.Point()), percent(s.Low), percent(s.High))
}

// percent shows what is not quite all as not quite all.
func percent(p float64) string {
	t := fmt.Sprintf("%.1f", 100*p)
	if t == "100.0" && p < 1 {
		return "99.9"
	}
	return strings.TrimSuffix(t, ".0")
}

// heads begins a Markdown table.
func heads(b *strings.Builder, cells ...string) {
	line(b, cells...)
	for range cells {
		b.WriteString("|---")
	}
	b.WriteString("|\n")
}

func line(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		fmt.Fprintf(b, "| %s ", c)
	}
	b.WriteString("|\n")
}

// RolesTable is precision, recall and coverage for the action and each role, of several tools beside each other.
func RolesTable(boards ...*Board) string {
	var b strings.Builder
	heads(&b, "", "tool", "precision, %", "recall, %", "coverage, %")
	for _, r := range finding.Roles {
		for i, t := range boards {
			name := ""
			if i == 0 {
				name = string(r)
			}
			line(&b, name, t.Tool, t.Precision(r).Percent(), t.Recall(r).Percent(), t.Coverage(r).Percent())
		}
	}
	return b.String()
}

// LevelsTable is how often each level of each role was right, against its promise.
func LevelsTable(b *Board) string {
	var t strings.Builder
	heads(&t, "", "level", "right", "answers", "scenarios", "%", "promise", "")
	for _, r := range finding.Roles {
		name := string(r)
		for _, c := range []finding.Certainty{finding.Certain, finding.Likely, finding.Possible} {
			s := b.Level(r, c)
			line(&t, name, c.String(), fmt.Sprint(s.Right), fmt.Sprint(s.Of), fmt.Sprint(s.Units), s.Percent(), percent(Promise(c)), Verdict(s, c))
			name = ""
		}
	}
	return t.String()
}

// SplitTable is recall and precision of one tool over several boards, one a row.
func SplitTable(what string, names []string, boards []*Board) string {
	var t strings.Builder
	heads(&t, what, "scenarios", "operations", "action and path: right, %", "actor: right / answered, %", "responsible: right / answered, %", "initiator: right / answered, %", "wrong certain")
	for i, b := range boards {
		cells := []string{names[i], fmt.Sprint(b.Recordings()), fmt.Sprint(b.Operations()), b.Recall(finding.RoleAction).Percent()}
		for _, r := range finding.Roles[1:] {
			cells = append(cells, b.Precision(r).Percent()+" / "+percent(b.Coverage(r).Point()))
		}
		line(&t, append(cells, fmt.Sprint(b.WrongCertain()))...)
	}
	return t.String()
}

// ActionsTable is how each action fares.
func ActionsTable(b *Board) string {
	var t strings.Builder
	heads(&t, "action", "operations", "told rightly, %", "answers", "right, %")
	for _, a := range finding.Actions {
		recall, precision := b.Action(a)
		if recall.Of+precision.Of > 0 {
			line(&t, string(a), fmt.Sprint(recall.Of), recall.Percent(), fmt.Sprint(precision.Of), precision.Percent())
		}
	}
	return t.String()
}
