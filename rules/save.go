package rules

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"slices"
	"time"

	"ascribe.example/es"
)

// saved is what one rule has counted, as plain data. What is counted under other words is another count.
type saved struct {
	Name, When, Per string
	Within          time.Duration
	Tallies         []savedTally
}

type savedTally struct {
	Key   string
	Last  es.Time
	Steps []savedStep
}

type savedStep struct {
	At es.Time
	N  uint64
}

// Save is what rules with Many have counted, for [Set.Restore].
func (s *Set) Save() ([]byte, error) {
	l := []saved{}
	for _, r := range s.rules {
		if len(r.counts.byKey) == 0 {
			continue
		}
		one := saved{Name: r.Name, When: r.When, Per: r.Per, Within: r.Within}
		for _, k := range slices.Sorted(maps.Keys(r.counts.byKey)) {
			t := r.counts.byKey[k]
			kept := savedTally{Key: k, Last: t.last}
			for _, step := range t.lately {
				kept.Steps = append(kept.Steps, savedStep{step.at, step.n})
			}
			one.Tallies = append(one.Tallies, kept)
		}
		l = append(l, one)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(l); err != nil {
		return nil, fmt.Errorf("save what rules have counted: %w", err)
	}
	return b.Bytes(), nil
}

// Restore goes on counting where Save left off. Rules that are new since, or count other things, begin anew.
func (s *Set) Restore(text []byte) error {
	var l []saved
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&l); err != nil {
		return fmt.Errorf("read what rules have counted: %w", err)
	}
	for _, one := range l {
		r := s.byName[one.Name]
		if r == nil || r.Many == 0 || r.When != one.When || r.Per != one.Per || r.Within != one.Within {
			continue
		}
		r.counts.byKey = map[string]*tally{}
		for _, kept := range one.Tallies[:min(len(one.Tallies), maxKeys)] {
			t := &tally{last: kept.Last}
			for _, x := range kept.Steps[:min(len(kept.Steps), maxSteps)] {
				t.lately = append(t.lately, step{x.At, x.N})
				t.sum += x.N
			}
			r.counts.byKey[kept.Key] = t
		}
	}
	return nil
}
