package store

import (
	"testing"

	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
)

// Segments that are asked at once answer in their order, wherever chunks end, and also whoever stops after any of them.
func TestManySegmentsAreAskedAtOnce(t *testing.T) {
	defer func(n int) { chunk = n }(chunk)
	all := samples(2 * (atOnce*ahead + 4)) // in more segments than are asked in one go
	for i, f := range all {
		f.Path = samplePaths[i%2]
	}
	everywhere(t, func(t *testing.T, name string) {
		s := open(t, name, Options{SegmentFindings: 2})
		put(t, s, all)
		path := query.Want{Paths: []query.PathWant{{Key: query.Fold(samplePaths[1]), Path: true}}}
		for _, chunk = range []int{1, 3, 256} {
			for _, seg := range s.segments {
				seg.lex = &lexicon{} // its words are asked for again
			}
			for _, w := range []query.Want{{}, path} {
				want := linesFrom(all, w)
				if d := cmp.Diff(want, linesOf(t, s, w)); d != "" {
					t.Fatalf("chunks of %d: %s", chunk, d)
				}
				for stop := 1; stop < len(want); stop += 5 * slow {
					var got []string
					for f, err := range s.Findings(t.Context(), w) {
						if err != nil {
							t.Fatal(err)
						}
						if got = append(got, string(finding.Append(nil, f))); len(got) == stop {
							break
						}
					}
					if d := cmp.Diff(want[:stop], got); d != "" {
						t.Fatalf("chunks of %d, stopped after %d: %s", chunk, stop, d)
					}
				}
			}
		}
	})
}
