package scenario

import (
	"os"
	"strings"
	"testing"
)

// The manual holds every sentence and every clause, as the grammar has them.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.Join(strings.Fields(string(text)), " ")
	byWord() // which completes them
	for _, list := range sentences {
		for i := range list {
			s := &list[i]
			at := strings.Index(doc, "`"+s.pattern+"`")
			if at < 0 {
				t.Errorf("docs/scenarios.md: no %s", s.pattern)
				continue
			}
			end := strings.Index(doc[at:], " - `")
			if end < 0 {
				end = len(doc) - at
			}
			for _, c := range s.ends {
				if s.subject && (c.key == "for" && c.text == everywhere()[0].text || c.key == "step" || c.key == "inside" || c.key == "viewer") {
					continue
				}
				if !strings.Contains(doc[at:at+end], "`"+c.text+"`") {
					t.Errorf("docs/scenarios.md: %s: no clause %s", s.pattern, c.text)
				}
			}
		}
	}
}

// The manual's own example parses and builds.
func TestManualExample(t *testing.T) {
	text, err := os.ReadFile("../../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```\n")
	example, _, _ := strings.Cut(rest, "```")
	s, err := Parse("docs/scenarios.md", example)
	if err != nil {
		t.Fatal(err)
	}
	if r := built(t, s, Options{}); len(r.Truth) != 1 || len(r.Expected) != 2 {
		t.Errorf("%d operations, %d expectations", len(r.Truth), len(r.Expected))
	}
}
