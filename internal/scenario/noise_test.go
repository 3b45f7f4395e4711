package scenario

import "testing"

func TestNoise(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	quiet := built(t, s, Options{})
	loud := built(t, s, Options{Noise: Noise{Ratio: 10, Seed: 1}})
	laws(t, loud)
	if got, want := len(loud.Messages), 10*len(quiet.Messages); got < want || got > want*12/10 {
		t.Errorf("%d messages with noise 10 to 1, %d without", got, len(quiet.Messages))
	}
	// What happened is the same: only noise was added.
	var script []Truth
	for _, x := range loud.Truth {
		if !x.Noise {
			script = append(script, x)
		}
	}
	if len(script) != len(quiet.Truth) {
		t.Fatalf("%d operations with noise, %d without", len(script), len(quiet.Truth))
	}
	for i, x := range script {
		q := quiet.Truth[i]
		if x.Line != q.Line || x.Action != q.Action || x.Path != q.Path && x.Action != "trash" || len(x.Events) != len(q.Events) {
			t.Errorf("with noise %+v\nwithout %+v", x, q)
		}
	}
	shares := map[string]int{}
	for _, m := range loud.Messages {
		shares[base(m.Process.Executable.Path)]++
	}
	t.Log(shares)
}
