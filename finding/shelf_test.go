package finding

import "testing"

func TestShelfHandsOutEachPlaceOnce(t *testing.T) {
	var s Shelf[int]
	var all []*int
	for i := range 1000 {
		all = append(all, s.New(i))
		l := append(s.List(3), i, i, i)
		l = append(l, -1) // over its room: it must not reach into the next one's
		all = append(all, s.New(i), &l[0])
	}
	for i, p := range all {
		if *p != i/3 {
			t.Fatalf("place %d holds %d", i, *p)
		}
	}
	if n := testing.AllocsPerRun(1000, func() { s.New(1) }); n > 0.1 {
		t.Errorf("%v allocations a value", n)
	}
	if n := testing.AllocsPerRun(1000, func() { s.Clear(); s.New(1) }); n > 0 {
		t.Errorf("%v allocations a value of a shelf that is cleared", n)
	}
}
