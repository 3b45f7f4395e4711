package rules_test

import (
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const counting = `
rules:
  - {name: lots, severity: low, when: 'action == "delete"', many: 6, within: 10s, per: responsible.app, message: x}
  - {name: few, severity: low, when: 'items_total > 0', many: 2, within: 3s, message: x}
  - {name: each, severity: low, when: 'action == "copy"', message: x}
`

// What is counted goes on over a restart: sets that were saved and restored anywhere say what one set says.
func TestCountsOutliveARestart(t *testing.T) {
	matched := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		whole, cut := load(t, counting), load(t, counting)
		at := es.Time(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano())
		for range rapid.IntRange(1, 60).Draw(rt, "findings") {
			at = at.Add(time.Duration(rapid.IntRange(-1, 3).Draw(rt, "seconds")) * time.Second)
			f := finding.Finding{
				Kind: finding.KindOperation, Action: rapid.SampledFrom([]finding.Action{finding.Delete, finding.Copy}).Draw(rt, "action"),
				Time: at, ItemsTotal: uint64(rapid.IntRange(0, 3).Draw(rt, "files")),
				Responsible: &finding.Responsible{App: rapid.SampledFrom([]string{"A", "B\xff", ""}).Draw(rt, "app")},
			}
			g := f
			whole.Mark(&f)
			cut.Mark(&g)
			if d := cmp.Diff(f.Rules, g.Rules); d != "" {
				rt.Fatal(d)
			}
			for _, m := range f.Rules {
				matched[m.Name]++
			}
			if rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				text, err := cut.Save()
				if err != nil {
					rt.Fatal(err)
				}
				cut = load(t, counting)
				if err := cut.Restore(text); err != nil {
					rt.Fatal(err)
				}
			}
		}
	})
	for _, name := range []string{"lots", "few", "each"} {
		if matched[name] < 20 {
			t.Errorf("%s matched %d times: too few to say anything", name, matched[name])
		}
	}
}

// A rule that counts something else than it did begins anew, and what is no saved state is refused.
func TestCountsOfAnotherRuleAreForgotten(t *testing.T) {
	s := load(t, counting)
	f := finding.Finding{Kind: finding.KindOperation, Action: finding.Delete, Time: 1, ItemsTotal: 5}
	s.Mark(&f)
	text, err := s.Save()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		rules string
		want  int
	}{
		{`{name: lots, severity: low, when: 'action == "delete"', many: 6, within: 10s, per: responsible.app, message: y}`, 1},
		{`{name: lots, severity: low, when: 'action == "delete"', many: 6, within: 11s, per: responsible.app, message: y}`, 0},
		{`{name: lots, severity: low, when: 'action == "delete"', many: 6, within: 10s, message: y}`, 0},
		{`{name: others, severity: low, when: 'action == "delete"', many: 6, within: 10s, per: responsible.app, message: y}`, 0},
	} {
		s := load(t, "rules:\n  - "+x.rules)
		if err := s.Restore(text); err != nil {
			t.Fatal(err)
		}
		f := finding.Finding{Kind: finding.KindOperation, Action: finding.Delete, Time: 2, ItemsTotal: 1}
		if s.Mark(&f); len(f.Rules) != x.want {
			t.Errorf("%s: %d matches, want %d", x.rules, len(f.Rules), x.want)
		}
	}
	if err := s.Restore([]byte("nothing")); err == nil {
		t.Error("what is no saved state was taken")
	}
}
