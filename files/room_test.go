package files

import (
	"testing"
	"unsafe"
)

// What is counted for a thing is not less than it takes.
func TestCosts(t *testing.T) {
	for _, c := range []struct {
		name       string
		cost, size uintptr
	}{
		{"entry", costEntry - 24, unsafe.Sizeof(entry{})},
		{"name", costName, unsafe.Sizeof(name{})},
		{"past name", costPast, unsafe.Sizeof(pastName{})},
		{"status", costFirst, unsafe.Sizeof(Stat{})},
		{"deed", costDeed, unsafe.Sizeof(deed{})},
		{"attribute", costAttribute, unsafe.Sizeof(attribute{})},
		{"folder", costFolder, unsafe.Sizeof(folder{})},
	} {
		if c.size > c.cost {
			t.Errorf("%s: counted as %d bytes, takes %d", c.name, c.cost, c.size)
		}
	}
}
