package files

import (
	"testing"
	"unsafe"
)

// What is counted for a thing is what it takes.
func TestCosts(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("costs are those of 64-bit machines")
	}
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
		if c.cost != c.size {
			t.Errorf("%s: counted as %d bytes, takes %d", c.name, c.cost, c.size)
		}
	}
}
