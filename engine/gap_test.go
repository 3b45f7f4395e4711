package engine_test

import (
	"testing"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// What a recorder tells of the time between two clients is told once: another client alone would be a gap, too.
func TestToldRestartIsOneGap(t *testing.T) {
	r := build(t, scripts(t)[0], scenario.Options{Bare: true})
	for _, told := range []bool{true, false} {
		var gaps []string
		e := engine.New(engine.Options{}, func(f *finding.Finding) {
			if f.Kind == finding.KindGap {
				gaps = append(gaps, f.Gap.Why)
			}
		})
		half := len(r.Messages) / 2
		e.Begin(&es.Header{Client: "a"})
		for i, m := range r.Messages {
			if i == half {
				e.Begin(&es.Header{Client: "b"})
				if told {
					e.Gap(&es.Gap{From: r.Messages[i-1].Time, To: m.Time, Why: "downtime"})
				}
			}
			c := *m
			if i >= half {
				c.GlobalSeqNum -= uint64(half)
			}
			e.Add(&c)
		}
		e.Drain()
		want := "restart"
		if told {
			want = "downtime"
		}
		if len(gaps) != 1 || gaps[0] != want {
			t.Errorf("told %v: gaps %q", told, gaps)
		}
	}
}
