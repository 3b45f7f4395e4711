package engine_test

import (
	"os"
	"strconv"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// TestNoWrongCertain lets random things happen on random Macs, records them in random ways, and looks for an answer that
// says certain and is not so: what the program must never give. ASCRIBE_RANDOM is how many scenarios, ASCRIBE_RANDOM_FROM
// the first seed; the counts are printed.
func TestNoWrongCertain(t *testing.T) {
	n, from := envInt(t, "ASCRIBE_RANDOM", 400), envInt(t, "ASCRIBE_RANDOM_FROM", 1)
	var messages, findings, certain uint64
	done := 0
	for seed := uint64(from); done < n && !t.Failed(); seed++ {
		// Few things happen in most scenarios, many in some: long ones hold no more kinds of trouble, only more of it.
		s := scenario.Random(seed, 4+int(seed%5)*4)
		r := build(t, s, scenario.RandomOptions(seed))
		fs := sound(t, s.Name, r)
		done++
		messages += uint64(len(r.Messages))
		findings += uint64(len(fs))
		certain += certainIn(fs)
	}
	if certain == 0 {
		t.Error("no answer was certain: nothing was tested")
	}
	t.Logf("%d random scenarios from seed %d: %d messages, %d findings, %d certain answers", done, from, messages, findings, certain)
}

// TestWhatWasOnceWrong: scenarios in which an answer once said certain and was not so.
func TestWhatWasOnceWrong(t *testing.T) {
	for _, seed := range []uint64{
		903133, // a file that a service wrote, unseen, was taken for the empty one that holds the place of a document
	} {
		s := scenario.Random(seed, 4+int(seed%5)*4)
		sound(t, s.Name, build(t, s, scenario.RandomOptions(seed)))
	}
}

func envInt(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number from 1", name, text)
	}
	return n
}

// certainIn counts the answers that say certain.
func certainIn(fs []*finding.Finding) (n uint64) {
	for _, f := range fs {
		for _, c := range []finding.Certainty{
			f.Certainty.Action, f.Certainty.Actor, f.Certainty.Responsible, f.Certainty.Initiator,
		} {
			if c == finding.Certain {
				n++
			}
		}
	}
	return n
}
