// Package shown has every finding that the scenarios of this tree yield, for tests that must hold for whatever ascribe says.
package shown

import (
	"os"
	"path/filepath"
	"sync"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// All runs every script once as it stands and once with messages lost, with all kinds of findings told. Root is the path to
// the tree's root. The findings are shared: they must not be changed.
func All(root string) ([]*finding.Finding, error) {
	return once(root)
}

var once = func() func(string) ([]*finding.Finding, error) {
	var (
		mu  sync.Mutex
		all []*finding.Finding
	)
	return func(root string) (_ []*finding.Finding, err error) {
		mu.Lock()
		defer mu.Unlock()
		if all == nil {
			all, err = run(root)
		}
		return all, err
	}
}()

func run(root string) ([]*finding.Finding, error) {
	names, err := filepath.Glob(filepath.Join(root, "testdata/*/*.txt"))
	if err != nil {
		return nil, err
	}
	names = append(names, filepath.Join(root, "cmd/ascribe/demo/demo.txt"))
	var all []*finding.Finding
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s, err := scenario.Parse(name, string(text))
		if err != nil {
			return nil, err
		}
		for _, o := range []scenario.Options{{}, {Loss: scenario.Loss{Rate: 0.05, Seed: 1}}} {
			r, err := scenario.Build(s, o)
			if err != nil {
				return nil, err
			}
			e := engine.New(engine.Options{Events: true, Processes: true, Reads: true, Send: true},
				func(f *finding.Finding) { all = append(all, f.Clone()) })
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
	}
	return all, nil
}
