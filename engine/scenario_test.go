package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/judge"
	"ascribe.example/internal/scenario"
)

// scripts are all scenario scripts that the project has.
func scripts(t testing.TB) []*scenario.Script {
	t.Helper()
	return append(scriptsIn(t, "scenarios"), scriptsIn(t, "truth")...)
}

func scriptsIn(t testing.TB, folder string) []*scenario.Script {
	t.Helper()
	names, err := filepath.Glob("../testdata/" + folder + "/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scenario scripts in %s: %v", folder, err)
	}
	var out []*scenario.Script
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		s, err := scenario.Parse(filepath.Base(n), string(text))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// run feeds a scenario's recording to an engine and gives back copies of its findings.
func run(r *scenario.Result, o engine.Options) ([]*finding.Finding, engine.Summary) {
	var fs []*finding.Finding
	e := engine.New(o, func(f *finding.Finding) { fs = append(fs, f.Clone()) })
	feed(e, r)
	return fs, e.Summary()
}

func feed(e *engine.Engine, r *scenario.Result) {
	if r.Header != nil {
		e.Begin(r.Header)
	}
	if r.Snapshot != nil {
		e.Snapshot(r.Snapshot)
	}
	for _, m := range r.Messages {
		e.Add(m)
	}
	e.Drain()
}

// TestScenarios runs every script and checks what it expects, that every line keeps the contract, that no certain answer is
// wrong, and that the summary balances.
func TestScenarios(t *testing.T) {
	for _, s := range scripts(t) {
		t.Run(s.Name, func(t *testing.T) {
			r, err := scenario.Build(s, scenario.Options{})
			if err != nil {
				t.Fatal(err)
			}
			fs, sum := run(r, engine.Options{Events: true})
			for _, p := range judge.Expected(r, fs) {
				t.Error(p)
			}
			for _, p := range judge.WrongCertain(r, fs) {
				t.Error(p)
			}
			if !sum.Balanced() {
				t.Errorf("the summary does not balance: %+v", sum)
			}
			for _, f := range fs {
				findingtest.Validate(t, finding.Append(nil, f))
				checkLevels(t, f)
			}
			if t.Failed() {
				for _, f := range fs {
					t.Log(judge.Line(f))
				}
			}
		})
	}
}

// TestTruth runs the scripts under testdata/truth, which state no expectations: everything that truly happened in them must
// be told, under its action, path, actor, responsible execution and initiator.
func TestTruth(t *testing.T) {
	for _, s := range scriptsIn(t, "truth") {
		for _, o := range []scenario.Options{{}, {Noise: scenario.Noise{Ratio: 50, Seed: 3}}, {Bare: true}} {
			r := build(t, s, o)
			fs, _ := run(r, engine.Options{})
			for _, p := range judge.Missed(r, fs) {
				t.Errorf("%s, %+v: %v", s.Name, o.Noise, p)
			}
		}
	}
}
