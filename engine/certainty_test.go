package engine_test

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"ascribe.example/attribution"
	"ascribe.example/finding"
	"ascribe.example/operation"
)

// Tens of thousands of small engines are made here, one after the other: with Go's default nearly half of the time goes into
// collecting them.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}

var update = flag.Bool("update", false, "write generated tables anew")

// TestCertaintyTable holds docs/certainty.md to the rules that the code has.
func TestCertaintyTable(t *testing.T) {
	const file, begin, end = "../docs/certainty.md", "-update -->\n", "<!-- end of rules -->"
	var b strings.Builder
	b.WriteString("| for | rule | highest | tag | why |\n|---|---|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %c | %s |\n", r.For, r.Name, r.Highest, r.Tag, r.Why)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	i, j := strings.Index(text, begin), strings.Index(text, end)
	if i < 0 || j < i {
		t.Fatalf("%s has no place for the rules", file)
	}
	want := text[:i+len(begin)] + b.String() + text[j:]
	if want == text {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the rules say; write it anew with: go test ./engine -run TestCertaintyTable -update", file)
	}
	if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

var rules = slices.Concat(operation.Rules, attribution.Rules)

// ruleNamed finds a rule: it is asked for at each piece of evidence.
var ruleNamed = func() map[string]*attribution.Rule {
	named := make(map[string]*attribution.Rule, len(rules))
	for i := range rules {
		named[rules[i].Name] = &rules[i]
	}
	return named
}()

// TestReportedAndInferredFactsAreAtMostLikely: a rule may not promise more than its weakest fact bears.
func TestReportedAndInferredFactsAreAtMostLikely(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range rules {
		if (r.Tag == attribution.Reported || r.Tag == attribution.Inferred) && r.Highest > finding.Likely {
			t.Errorf("%s rests on [%c] and may give %s", r.Name, r.Tag, r.Highest)
		}
		if seen[r.Name] {
			t.Errorf("two rules are named %s", r.Name)
		}
		seen[r.Name] = true
	}
}

// checkLevels reports answers that are higher than every rule in their evidence allows, and rules that no table has.
func checkLevels(t testing.TB, f *finding.Finding) {
	t.Helper()
	highest := make(map[finding.Role]finding.Certainty)
	for _, e := range f.Evidence {
		r := ruleNamed[e.Rule]
		if r == nil || r.For != e.For {
			t.Errorf("%s: evidence for %s by a rule that no table has: %s", f.ID, e.For, e.Rule)
			continue
		}
		highest[e.For] = max(highest[e.For], r.Highest)
	}
	for role, level := range map[finding.Role]finding.Certainty{
		finding.RoleAction: f.Certainty.Action, finding.RoleActor: f.Certainty.Actor,
		finding.RoleResponsible: f.Certainty.Responsible, finding.RoleInitiator: f.Certainty.Initiator,
	} {
		if level > highest[role] {
			t.Errorf("%s: %s is %s, but its rules give at most %s", f.ID, role, level, highest[role])
		}
	}
}
