package engine_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/judge"
	"ascribe.example/internal/scenario"
)

// build lets a script happen under the given options.
func build(t testing.TB, s *scenario.Script, o scenario.Options) *scenario.Result {
	t.Helper()
	r, err := scenario.Build(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sound runs a recording and checks what must hold however it was recorded: no certain answer is wrong, no level is above
// its rules, and every message is accounted for.
func sound(t testing.TB, what string, r *scenario.Result) []*finding.Finding {
	t.Helper()
	fs, sum := run(r, engine.Options{Events: true})
	for _, p := range judge.WrongCertain(r, fs) {
		t.Errorf("%s: %v", what, p)
	}
	if !sum.Balanced() {
		t.Errorf("%s: the summary does not balance: %+v", what, sum.Ledger)
	}
	for _, f := range fs {
		checkLevels(t, f)
	}
	return fs
}

func lines(fs []*finding.Finding) []byte {
	var b []byte
	for _, f := range fs {
		b = append(finding.Append(b, f), '\n')
	}
	return b
}

// TestAnyVersion records every script in every message version, with both forms of token: what a version cannot tell may
// make answers weaker, never wrong.
func TestAnyVersion(t *testing.T) {
	for _, s := range recordedInManyWays(t) {
		for version := 6; version <= 11; version++ {
			for _, form := range []scenario.TokenForm{scenario.TokensObject, scenario.TokensArray} {
				what := fmt.Sprintf("%s, version %d, token form %d", s.Name, version, form)
				sound(t, what, build(t, s, scenario.Options{Version: version, Tokens: form}))
			}
		}
	}
}

// TestShuffledInsideTheWindow: order inside the reorder window changes nothing, not one byte.
func TestShuffledInsideTheWindow(t *testing.T) {
	compared := 0
	for _, s := range recordedInManyWays(t) {
		want := lines(sound(t, s.Name, build(t, s, scenario.Options{})))
		for seed := uint64(1); seed <= 4; seed++ {
			r := build(t, s, scenario.Options{Shuffle: scenario.Shuffle{Window: 8, Seed: seed}})
			if !insideTheWindow(r) {
				sound(t, s.Name+", shuffled too far", r)
				continue
			}
			compared++
			if got := lines(sound(t, s.Name+", shuffled", r)); !bytes.Equal(got, want) {
				t.Errorf("%s, shuffled by %d: other findings than in order", s.Name, seed)
			}
		}
	}
	if compared == 0 {
		t.Error("no script was shuffled inside the window: nothing was compared")
	}
}

// insideTheWindow reports whether no message comes later than 200 ms of wall time after one that it should precede.
func insideTheWindow(r *scenario.Result) bool {
	var newest es.Time
	for _, m := range r.Messages {
		if newest.Sub(m.Time) >= 200*time.Millisecond {
			return false
		}
		newest = max(newest, m.Time)
	}
	return true
}

// recordedInManyWays are the scripts that are recorded in many ways: all, but for a part of them under the race detector.
func recordedInManyWays(t testing.TB) []*scenario.Script {
	t.Helper()
	var some []*scenario.Script
	for i, s := range scripts(t) {
		if i%everyScript == 0 {
			some = append(some, s)
		}
	}
	return some
}

// strideOver is by how many messages to go on: one by one through short scripts, by a few through long ones, whose cost grows with
// the square.
func strideOver(n int) int { return stride * (1 + n/250) }

// TestLossOfEachMessage loses every message in turn: an answer that depended on it may become weaker, never certain and
// wrong.
func TestLossOfEachMessage(t *testing.T) {
	t.Parallel()
	for _, s := range recordedInManyWays(t) {
		n := len(build(t, s, scenario.Options{}).Messages)
		for i := 0; i < n; i += strideOver(n) {
			o := scenario.Options{Loss: scenario.Loss{Seqs: []uint64{uint64(i)}}}
			sound(t, fmt.Sprintf("%s without message %d", s.Name, i), build(t, s, o))
		}
	}
}

// TestLateStartAtEachMessage begins the recording at every message in turn, with and without a snapshot.
func TestLateStartAtEachMessage(t *testing.T) {
	t.Parallel()
	for _, s := range recordedInManyWays(t) {
		n := len(build(t, s, scenario.Options{}).Messages)
		for i := 0; i < n; i += strideOver(n) {
			for _, bare := range []bool{false, true} {
				o := scenario.Options{Start: scenario.Start{Message: uint64(i), NoSnapshot: bare}}
				sound(t, fmt.Sprintf("%s from message %d, no snapshot %v", s.Name, i, bare), build(t, s, o))
			}
		}
	}
}

// TestAnySubscription records every script with less and less subscribed.
func TestAnySubscription(t *testing.T) {
	for _, s := range recordedInManyWays(t) {
		for _, kinds := range []string{"close only", "close exec", "edr", "everything"} {
			for _, bare := range []bool{false, true} {
				o := scenario.Options{Subscribed: kinds, Bare: bare}
				sound(t, fmt.Sprintf("%s, %s, bare %v", s.Name, kinds, bare), build(t, s, o))
			}
		}
	}
}

// TestNoiseChangesNothing puts fifty messages of other processes between any two: what is told of the script's own acts
// stays.
func TestNoiseChangesNothing(t *testing.T) {
	for _, s := range recordedInManyWays(t) {
		r := build(t, s, scenario.Options{Noise: scenario.Noise{Ratio: 50, Seed: 7}})
		fs := sound(t, s.Name+", with noise", r)
		for _, p := range judge.Expected(r, fs) {
			t.Errorf("%s, with noise: %v", s.Name, p)
		}
	}
}
