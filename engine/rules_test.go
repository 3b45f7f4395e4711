package engine_test

import (
	"testing"

	"ascribe.example/attribution"
	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// TestEveryRuleHasItsScenario: no rule for a role stands in the table that no script ever brings about.
func TestEveryRuleHasItsScenario(t *testing.T) {
	type use struct {
		role finding.Role
		rule string
	}
	used := make(map[use]bool)
	for _, s := range scripts(t) {
		fs, _ := run(build(t, s, scenario.Options{}), engine.Options{Events: true})
		for _, f := range fs {
			for i := range f.Evidence {
				used[use{f.Evidence[i].For, f.Evidence[i].Rule}] = true
			}
			for i := range f.Alternatives {
				used[use{f.Alternatives[i].For, f.Alternatives[i].Rule}] = true
			}
		}
	}
	for _, r := range attribution.Rules {
		if !used[use{r.For, r.Name}] {
			t.Errorf("no scenario uses the rule %s for the %s: %s", r.Name, r.For, r.Why)
		}
	}
}
