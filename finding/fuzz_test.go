package finding_test

import (
	"testing"

	"ascribe.example/finding"
	"github.com/google/go-cmp/cmp"
)

// Whatever a line holds, reading it does not panic, and what was read is written so that it is read alike.
func FuzzParse(f *testing.F) {
	f.Add(finding.Append(nil, full()))
	f.Add(finding.Append(nil, &finding.Finding{Kind: finding.KindGap, Gap: &finding.Gap{From: 1, Missing: 3, Why: "lost"}}))
	f.Add([]byte(`{"schema":"ascribe.finding/1","kind":"event","seq":null,"items":[{}],"actor":{"args":[null]},"time":""}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := finding.Parse(line)
		if err != nil {
			return
		}
		again := finding.Append(nil, a)
		b, err := finding.Parse(again)
		if err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		// Words for unknown are written out, and what is null need not be kept apart; from then on nothing changes.
		if d := cmp.Diff(string(again), string(finding.Append(nil, b))); d != "" {
			t.Fatal(d)
		}
	})
}
