package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
)

// Whatever happens on a Mac: every line is of the contract, no text could steer a terminal, and the numbers balance.
func TestEveryScenario(t *testing.T) {
	names, err := filepath.Glob("../../testdata/scenarios/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scenario: %v", err)
	}
	names = append(names, "demo/demo.txt", "../../internal/scenario/testdata/day.txt")
	for i, name := range names {
		if i%everyScenario != 0 {
			continue
		}
		t.Run(filepath.Base(name), func(t *testing.T) {
			script, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			s, err := scenario.Parse(name, string(script))
			if err != nil {
				t.Fatal(err)
			}
			r, err := scenario.Build(s, scenario.Options{})
			if err != nil {
				t.Fatal(err)
			}
			ascribe := func(args ...string) []byte {
				t.Helper()
				var out, diagnostics bytes.Buffer
				c := console{in: bytes.NewReader(r.Recording()), out: &out, err: &diagnostics}
				if status := run(t.Context(), append([]string{"run", "-"}, args...), c); status != exitDone {
					t.Fatalf("exit status %d\n%s", status, diagnostics.String())
				}
				if strings.Contains(diagnostics.String(), "balance") {
					t.Errorf("%s", diagnostics.String())
				}
				return out.Bytes()
			}
			findingtest.ValidateAll(t, ascribe("--format", "json"))
			findingtest.ValidateAll(t, ascribe("--format", "json", "--events", "--processes", "--reads", "--send"))
			text := string(ascribe("--format", "text", "--all", "--events", "--processes", "--reads", "--width", "80"))
			for line := range strings.Lines(text) {
				if i := strings.IndexFunc(strings.TrimSuffix(line, "\n"), finding.Unprintable); i >= 0 {
					t.Errorf("raw %q in %q", line[i:], line)
				}
			}
		})
	}
}

// The recording that ships is what its script says: go generate writes it.
func TestDemoTellsItsStoryOnOneScreen(t *testing.T) {
	var out, diagnostics bytes.Buffer
	if status := run(t.Context(), []string{"demo", "--width", "100"}, console{in: strings.NewReader(""), out: &out, err: &diagnostics}); status != exitDone {
		t.Fatalf("exit status %d\n%s", status, diagnostics.String())
	}
	const screen = 50
	if n := bytes.Count(out.Bytes(), []byte("\n")); n > screen {
		t.Errorf("%d lines, a screen has %d:\n%s", n, screen, out.String())
	}
}
