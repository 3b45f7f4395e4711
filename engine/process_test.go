package engine_test

import (
	"testing"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
)

// TestEveryExecutionIsToldOnce: each at its end, the others when the stream is over.
func TestEveryExecutionIsToldOnce(t *testing.T) {
	for _, s := range scripts(t) {
		r := build(t, s, scenario.Options{})
		fs, sum := run(r, engine.Options{Processes: true})
		seen := make(map[string]bool)
		told := uint64(0)
		for _, f := range fs {
			if f.Kind != finding.KindProcess {
				continue
			}
			told++
			if seen[f.ID] {
				t.Errorf("%s: %s is told twice", s.Name, f.ID)
			}
			seen[f.ID] = true
			findingtest.Validate(t, finding.Append(nil, f))
		}
		if told == 0 || told != sum.Processes || told > sum.Lineage.Created {
			t.Errorf("%s: %d executions told, %d counted, %d known", s.Name, told, sum.Processes, sum.Lineage.Created)
		}
	}
}
