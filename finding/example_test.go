package finding_test

import (
	"fmt"

	"ascribe.example/finding"
)

// A finding becomes one line, and a line a finding again.
func Example() {
	f := &finding.Finding{
		Kind:      finding.KindOperation,
		ID:        finding.ID("mac-7", "1", "", 410, finding.KindOperation, finding.Rename, 0),
		Action:    finding.Rename,
		Path:      "/Users/alice/final.txt",
		Certainty: finding.Levels{Action: finding.Certain},
	}
	line := finding.Append(nil, f)

	back, err := finding.Parse(line)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.Action, back.Path, back.Certainty.Action)
	// Output: rename /Users/alice/final.txt certain
}
