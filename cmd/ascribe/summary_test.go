package main

import (
	"strings"
	"testing"

	"ascribe.example/engine"
	"ascribe.example/lineage"
)

// What was forgotten because all the room was taken is told.
func TestStatsTellThatThereIsNoRoom(t *testing.T) {
	for _, held := range []int{0, 8 << 20} {
		var b strings.Builder
		(&job{}).memory(&b, engine.Summary{Lineage: lineage.Stats{Held: held}})
		if told := strings.Contains(b.String(), "took all the room"); told != (held > 0) {
			t.Errorf("held at %d: %s", held, b.String())
		}
	}
}
