package score_test

import (
	"fmt"

	"ascribe.example/finding"
	"ascribe.example/score"
)

// Judge a tool that says only who, by path and time or by messages.
func Example() {
	truth := &score.Truth{Name: "room/story", Operations: []score.Operation{{
		Action: "copy", Path: "/Volumes/USB/plan.pdf", Told: true, Events: []score.Range{{20, 29}},
		Actor: score.Process{PID: 603, PIDVersion: 533},
	}}}
	b := &score.Board{Tool: "mine"}
	b.Add(truth, []score.Answer{{Events: []score.Range{{29, 29}}, Actor: &score.Process{PID: 603, PIDVersion: 532}}})
	s := b.Precision(finding.RoleActor)
	fmt.Println(s.Right, "of", s.Of)
	// Output: 0 of 1
}
