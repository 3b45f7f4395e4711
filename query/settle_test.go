package query_test

import (
	"testing"

	"ascribe.example/attribution"
	"ascribe.example/finding"
	"ascribe.example/operation"
	"ascribe.example/query"
)

// For every rule that cannot be certain something is said about what would settle it, if only that nothing would.
func TestEveryWeakRuleIsSettledOrSaidNotToBe(t *testing.T) {
	seen := 0
	for _, r := range append(append([]attribution.Rule{}, attribution.Rules...), operation.Rules...) {
		if r.Highest == finding.Certain {
			continue
		}
		seen++
		f := &finding.Finding{
			Certainty: finding.Levels{Action: r.Highest, Actor: r.Highest, Responsible: r.Highest, Initiator: r.Highest},
			Evidence:  []finding.Evidence{{For: r.For, Rule: r.Name}},
		}
		if f.Certainty.Actor == finding.Unknown {
			f.Certainty = finding.Levels{Action: finding.Possible, Actor: finding.Possible, Responsible: finding.Possible, Initiator: finding.Possible}
		}
		if len(query.Settle(f, r.For)) != 1 {
			t.Errorf("rule %s for the %s: nothing is said about what would settle it (at most %s: %s)", r.Name, r.For, r.Highest, r.Why)
		}
	}
	if seen < 30 {
		t.Errorf("only %d rules were seen", seen)
	}
}
