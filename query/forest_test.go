package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func ref(pid, version int) finding.ProcessRef {
	return finding.ProcessRef{PID: int32(pid), PIDVersion: uint32(version)}
}

type image struct {
	name           string
	self, by, next finding.ProcessRef
	from, to       es.Time
}

func (m image) finding() *finding.Finding {
	return &finding.Finding{Kind: finding.KindProcess, Boot: "1", Execution: &finding.Execution{
		Process: finding.Process{PID: m.self.PID, PIDVersion: m.self.PIDVersion, Path: "/bin/" + m.name, Parent: m.by},
		Next:    m.next, Started: m.from, Ended: m.to,
	}}
}

// drawn is a forest as lines: two spaces a level, the images of a life joined by an arrow.
func drawn(q *query.Forest, at es.Time, pid int32) string {
	var b strings.Builder
	for depth, life := range q.At(at, pid) {
		b.WriteString(strings.Repeat("  ", depth))
		for i, e := range life {
			if i > 0 {
				b.WriteString(" > ")
			}
			b.WriteString(strings.TrimPrefix(e.Process.Path, "/bin/"))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestForest(t *testing.T) {
	q := query.NewForest()
	for _, m := range []image{
		{name: "git", self: ref(60, 12), by: ref(50, 10), from: 60, to: 70}, // told before its parent
		{name: "launchd", self: ref(1, 1)},
		{name: "xpcproxy", self: ref(40, 3), by: ref(1, 1), next: ref(40, 4), from: 10, to: 11},
		{name: "helper", self: ref(40, 4), by: ref(1, 1), from: 11},
		{name: "zsh-child", self: ref(50, 9), by: ref(30, 2), next: ref(50, 10), from: 20, to: 21},
		{name: "make", self: ref(50, 10), by: ref(30, 2), from: 21, to: 80},
		{name: "zsh", self: ref(30, 2), by: ref(1, 1), from: 5},
		{name: "lost", self: ref(99, 20), by: ref(98, 19), from: 30},
		{name: "cc", self: ref(50, 30), by: ref(30, 2), from: 90}, // pid 50 again
	} {
		q.Add(m.finding())
	}
	q.Add(&finding.Finding{Kind: finding.KindOperation})
	for _, c := range []struct {
		at   es.Time
		pid  int32
		want string
	}{
		{0, 0, `
launchd
  zsh
    zsh-child > make
      git
    cc
  xpcproxy > helper
lost
`},
		{10, 0, `
launchd
  zsh
  xpcproxy
`},
		{65, 0, `
launchd
  zsh
    zsh-child > make
      git
  xpcproxy > helper
lost
`},
		{100, 0, `
launchd
  zsh
    cc
  xpcproxy > helper
lost
`},
		{0, 50, `
launchd
  zsh
    zsh-child > make
      git
launchd
  zsh
    cc
`},
		{65, 40, `
launchd
  xpcproxy > helper
`},
		{65, 12345, "\n"},
	} {
		if d := cmp.Diff(c.want, "\n"+drawn(q, c.at, c.pid)); d != "" {
			t.Errorf("at %d, pid %d (-want +got):\n%s", c.at, c.pid, d)
		}
	}
	q.Add(image{name: "launchd-renamed", self: ref(1, 1)}.finding())
	if got := drawn(q, 10, 0); !strings.HasPrefix(got, "launchd-renamed\n") {
		t.Errorf("what was told again is not what is shown:\n%s", got)
	}
}

// Whatever findings say of each other, every execution is told exactly once.
func TestForestOfAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := query.NewForest()
		small := rapid.IntRange(0, 6)
		seen := map[finding.ProcessRef]bool{}
		for i := range rapid.IntRange(0, 20).Draw(rt, "executions") {
			r := func(what string) finding.ProcessRef {
				return ref(small.Draw(rt, what+" pid"), small.Draw(rt, what+" version"))
			}
			m := image{name: fmt.Sprint(i), self: r("self"), by: r("by"), next: r("next")}
			seen[m.self] = true
			q.Add(m.finding())
		}
		told := map[finding.ProcessRef]int{}
		before := -1
		for depth, life := range q.At(0, 0) {
			if depth > before+1 {
				rt.Fatalf("depth %d after %d", depth, before)
			}
			before = depth
			for _, e := range life {
				told[finding.ProcessRef{PID: e.Process.PID, PIDVersion: e.Process.PIDVersion}]++
			}
		}
		for r := range seen {
			if told[r] != 1 {
				rt.Fatalf("%v is told %d times", r, told[r])
			}
		}
		for range q.At(es.Time(small.Draw(rt, "at")), int32(small.Draw(rt, "pid"))) {
			break
		}
	})
}

// What is meant is told, with what is above it, and nothing else; wherever a tree is cut by what is meant, it stays a tree.
func TestForestOfWhatIsMeant(t *testing.T) {
	pruned := 0
	rapid.Check(t, func(rt *rapid.T) {
		q, all := query.NewForest(), query.NewForest()
		small := rapid.IntRange(1, 8)
		meant := map[finding.ProcessRef]bool{}
		var l []*finding.Finding
		for i := range rapid.IntRange(0, 20).Draw(rt, "executions") {
			m := image{name: fmt.Sprint(i), self: ref(small.Draw(rt, "pid"), i+1), by: ref(small.Draw(rt, "by"), rapid.IntRange(0, i).Draw(rt, "by version"))}
			f := m.finding()
			all.Add(f)
			q.Add(f)
			meant[m.self] = rapid.IntRange(0, 3).Draw(rt, "meant") == 0
			q.Mean(f, meant[m.self])
			l = append(l, f)
		}
		var want []string
		var above []int // lines that the present one is below
		var lines []string
		keep := map[int]bool{}
		for depth, life := range all.At(0, 0) {
			above = append(above[:depth], len(lines))
			lines = append(lines, fmt.Sprint(depth, " ", life[0].Process.PID, "/", life[0].Process.PIDVersion))
			if meant[finding.ProcessRef{PID: life[0].Process.PID, PIDVersion: life[0].Process.PIDVersion}] {
				for _, i := range above {
					keep[i] = true
				}
			}
		}
		for i, line := range lines {
			if keep[i] {
				want = append(want, line)
			}
		}
		var got []string
		for depth, life := range q.At(0, 0) {
			got = append(got, fmt.Sprint(depth, " ", life[0].Process.PID, "/", life[0].Process.PIDVersion))
		}
		if !slices.Equal(got, want) {
			rt.Fatalf("told %q, want %q of %q", got, want, lines)
		}
		pruned += len(lines) - len(got)
		shown, n := q.Shown(0, 0), 0
		for _, f := range l {
			if shown(f) {
				n++
			}
		}
		if n != len(got) {
			rt.Fatalf("%d are shown, %d told", n, len(got))
		}
	})
	if pruned < 10 {
		t.Errorf("only %d were left out", pruned)
	}
}

// A line of a hundred thousand ancestors is walked without trouble.
func TestForestOfOneLine(t *testing.T) {
	q := query.NewForest()
	const n = 100_000
	for i := n; i > 0; i-- {
		q.Add(image{name: "x", self: ref(i, i), by: ref(i-1, i-1)}.finding())
	}
	deepest := 0
	for depth := range q.At(0, 0) {
		deepest = max(deepest, depth)
	}
	if deepest != n-1 {
		t.Errorf("depth %d", deepest)
	}
	lines := 0
	for range q.At(0, n) {
		lines++
	}
	if lines != n {
		t.Errorf("%d lines", lines)
	}
}
