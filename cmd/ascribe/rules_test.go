package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
	"ascribe.example/rules"
)

// Each rule that ships holds where its scenario says, and keeps quiet where another says so.
func TestShippedRules(t *testing.T) {
	set, err := loadRules([]string{rules.Shipped})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules()) < 10 {
		t.Errorf("only %d rules", len(set.Rules()))
	}
	c := console{in: bytes.NewReader(nil), out: &bytes.Buffer{}, err: &bytes.Buffer{}}
	scripts := map[string]bool{}
	for _, r := range set.Rules() {
		if r.About == "" || len(r.Tags) == 0 {
			t.Errorf("%s does not say what it is about, or has no tags", r.Name)
		}
		for _, kind := range []string{"fires", "quiet"} {
			name := filepath.Join("../../rules/shipped", r.Name+"-"+kind+".txt")
			scripts[name] = true
			wrong, fired, err := testRules(t.Context(), c, []string{rules.Shipped}, name)
			if err != nil {
				t.Error(err)
				continue
			}
			for _, w := range wrong {
				t.Error(w)
			}
			held := false
			for _, f := range fired {
				held = held || f.Rule == r.Name
			}
			if held != (kind == "fires") {
				t.Errorf("%s: %s held: %v", name, r.Name, held)
			}
		}
	}
	all, err := filepath.Glob("../../rules/shipped/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if !scripts[name] {
			t.Errorf("%s tests no rule that ships", name)
		}
	}
}

// What rules add to a line is of the contract, whatever happens on the Mac.
func TestMarkedLinesAreOfTheContract(t *testing.T) {
	script, err := os.ReadFile("demo/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("demo.txt", string(script))
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out, diagnostics bytes.Buffer
	c := console{in: bytes.NewReader(r.Recording()), out: &out, err: &diagnostics}
	if status := run(t.Context(), []string{"run", "-", "--rules", "shipped", "--format", "json"}, c); status != exitDone {
		t.Fatalf("exit status %d\n%s", status, diagnostics.String())
	}
	findingtest.ValidateAll(t, out.Bytes())
	if n := bytes.Count(out.Bytes(), []byte(`"name":"copied-off-the-mac"`)); n < 2 {
		t.Errorf("copied-off-the-mac holds of %d findings, want 2 or more", n)
	}
}
