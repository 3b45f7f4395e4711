package text_test

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/finding/text"
	"pgregory.net/rapid"
)

func explain(t testing.TB, o text.Options, e text.Explanation) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := text.NewWriter(&b, o).Explain(e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExplain(t *testing.T) {
	f := founding()
	f.Host = "mac-7"
	f.Caveats = []finding.Caveat{finding.CaveatSharedService}
	var messages []*finding.Finding
	for i, m := range []struct {
		event, path string
		by          *finding.Process
	}{
		{"create", "/Volumes/USB/plan.pdf", &helper},
		{"open", "/Users/alice/plan.pdf", &helper},
		{"write", "/Volumes/USB/plan.pdf", &helper},
		{"close", "/Volumes/USB/plan.pdf", &xpcproxy},
	} {
		messages = append(messages, &finding.Finding{
			Kind: finding.KindEvent, Event: m.event, Path: m.path, Reported: m.by, Seq: uint64(410 + i), Time: at(0) + es.Time(i)*1e6,
		})
	}
	e := text.Explanation{Finding: f, Messages: messages, Settle: func(r finding.Role) []string {
		if r == finding.RoleInitiator {
			return []string{"a recording that holds the login events of the session (lw_session_login)"}
		}
		return nil
	}}
	golden(t, "explain", explain(t, text.Options{}, e))
	golden(t, "explain-narrow", explain(t, text.Options{Width: 40}, e))

	d := day()
	golden(t, "explain-doubt", explain(t, text.Options{}, text.Explanation{Finding: d[10]}))
	golden(t, "explain-others", explain(t, text.Options{}, text.Explanation{Finding: closeOnly()[0]}),
		explain(t, text.Options{}, text.Explanation{Finding: d[11]}), explain(t, text.Options{}, text.Explanation{Finding: d[12]}))
}

func TestEveryExplanationIsHarmlessAndFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := text.Options{Width: rapid.IntRange(40, 140).Draw(rt, "width")}
		f := findingtest.Draw(rt)
		harmless(rt, o.Width, explain(t, o, text.Explanation{Finding: f, Messages: []*finding.Finding{f}}))
	})
}

// harmless fails if a line is wider than asked or holds what could steer a terminal.
func harmless(t *rapid.T, width int, got []byte) {
	for line := range strings.Lines(string(got)) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, finding.Unprintable); i >= 0 {
			t.Fatalf("raw %q in %q", line[i:], line)
		}
		if n := wide(line); n > width {
			t.Fatalf("%d columns, %d asked: %q", n, width, line)
		}
		if line != "" && strings.Trim(line, " ") == "" {
			t.Fatalf("only spaces: %q", line)
		}
	}
}

type node struct {
	depth int
	life  []*finding.Execution
}

func lives(nodes ...node) iter.Seq2[int, []*finding.Execution] {
	return func(yield func(int, []*finding.Execution) bool) {
		for _, n := range nodes {
			if !yield(n.depth, n.life) {
				return
			}
		}
	}
}

func execution(p finding.Process, r *finding.Responsible) *finding.Execution {
	return &finding.Execution{Process: p, Origin: "exec", Responsible: r}
}

func tree(t testing.TB, o text.Options, at es.Time, nodes ...node) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := text.NewWriter(&b, o).Tree(at, lives(nodes...)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTree(t *testing.T) {
	launchd := execution(program(1, 7, "/sbin/launchd"), &finding.Responsible{Process: program(1, 7, "/sbin/launchd")})
	guess := execution(program(511, 96, "/bin/bash"), &terminal)
	guess.Origin = "inferred"
	nodes := []node{
		{0, []*finding.Execution{launchd}},
		{1, []*finding.Execution{execution(finder.Process, &finder)}},
		{1, []*finding.Execution{execution(xpcproxy, nil), execution(helper, &finder)}},
		{1, []*finding.Execution{execution(terminal.Process, &terminal)}},
		{2, []*finding.Execution{execution(zsh, &terminal)}},
		{3, []*finding.Execution{execution(program(900, 3000, "/opt/claude/claude"), &terminal)}},
		{4, []*finding.Execution{execution(program(950, 3100, "/usr/bin/git"), &terminal)}},
		{3, []*finding.Execution{execution(program(960, 3200, "/bin/ls"), &terminal)}},
		{2, []*finding.Execution{guess}},
		{0, []*finding.Execution{execution(program(77, 40, "/usr/bin/lost"), nil)}},
	}
	golden(t, "tree", tree(t, text.Options{}, at(0), nodes...))
	golden(t, "tree-narrow", tree(t, text.Options{Width: 50}, 0, nodes...))
	golden(t, "tree-empty", tree(t, text.Options{}, 0))
}

func TestEveryTreeIsHarmlessAndFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var nodes []node
		for i := range rapid.IntRange(0, 20).Draw(rt, "nodes") {
			depth := rapid.IntRange(-1, 200).Draw(rt, fmt.Sprint("depth", i))
			f := findingtest.DrawKind(rt, finding.KindProcess)
			nodes = append(nodes, node{depth, []*finding.Execution{f.Execution}})
		}
		width := rapid.IntRange(40, 140).Draw(rt, "width")
		harmless(rt, width, tree(t, text.Options{Width: width}, 1, nodes...))
	})
}
