package main

import "testing"

func TestASmallHeapGrowsToOneSizeAndALargeOneByAShare(t *testing.T) {
	for _, c := range []struct {
		live uint64
		want int
	}{
		{1 << 20, 6300},
		{16 << 20, 300},
		{32 << 20, 100},
		{44 << 20, 45},
		{46 << 20, collectAt},
		{64 << 20, collectAt},
		{90 << 20, collectAt},
		{0, 1600}, // nothing was collected yet
	} {
		if got := mayAdd(c.live); got != c.want {
			t.Errorf("%d MiB may grow by %d %%, want %d", c.live>>20, got, c.want)
		}
	}
}
