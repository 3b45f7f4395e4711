package query_test

import (
	"fmt"

	"ascribe.example/finding"
	"ascribe.example/query"
)

// A file is followed through its renames: once over the findings for the names, once more for what was done.
func Example() {
	findings := []*finding.Finding{
		{Kind: finding.KindOperation, Time: 1, Action: finding.Create, Path: "/Users/alice/draft.txt"},
		{Kind: finding.KindOperation, Time: 2, Action: finding.Rename, SourcePath: "/Users/alice/draft.txt", Path: "/Users/alice/final.txt"},
		{Kind: finding.KindOperation, Time: 3, Action: finding.Save, Path: "/Users/alice/other.txt"},
	}
	trail, err := query.NewTrail("/Users/alice/final.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range findings {
		trail.Note(f)
	}
	trail.Follow()
	for _, f := range findings {
		if trail.Has(f) {
			fmt.Println(f.Action, f.Path)
		}
	}
	// Output:
	// create /Users/alice/draft.txt
	// rename /Users/alice/final.txt
}
