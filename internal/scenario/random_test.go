package scenario

import (
	"testing"
	"time"
)

func TestRandom(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 200
	}
	start := time.Now()
	messages := 0
	for seed := range n {
		s := Random(uint64(seed), 12)
		r, err := Build(s, RandomOptions(uint64(seed)))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, s.Text)
		}
		messages += len(r.Messages)
		if seed%10 == 0 {
			plain, err := Build(s, Options{})
			if err != nil {
				t.Fatal(err)
			}
			laws(t, plain)
		}
	}
	t.Logf("%d scenarios, %d messages, %v each", n, messages, time.Since(start)/time.Duration(n))
}

func BenchmarkRandom(b *testing.B) {
	for i := range b.N {
		if _, err := Build(Random(uint64(i), 12), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
