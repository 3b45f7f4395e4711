package csv_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	ours "ascribe.example/finding/csv"
	"ascribe.example/finding/findingtest"
	"pgregory.net/rapid"
)

func TestCells(t *testing.T) {
	var b bytes.Buffer
	w, err := ours.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(&finding.Finding{
		Kind: finding.KindOperation, ID: "op_1", Time: 1_772_359_200_000_000_001, Action: finding.Copy, Path: "/a,\"b\"\x1b[2J",
		Object:    &finding.Object{Size: -1, Volume: &finding.Volume{Mount: "/", Kind: finding.VolumeInternal}},
		Actor:     &finding.Process{Path: "/bin/cp", PID: 7},
		Initiator: &finding.Initiator{Class: finding.ClassAgent, User: "=HYPERLINK(1)", UID: es.Unset, Agent: &finding.Agent{Name: "@sum"}},
		Caveats:   []finding.Caveat{finding.CaveatGapBefore, finding.CaveatLate}, Certainty: finding.Levels{Actor: finding.Certain},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(l) != 2 {
		t.Fatal(err, len(l))
	}
	for i, name := range l[0] {
		want, ok := map[string]string{
			"time": "2026-03-01T10:00:00.000000001Z", "path": `/a,"b"\x1b[2J`, "size": "", "volume_kind": "internal",
			"actor_path": "/bin/cp", "actor_pid": "7", "initiator_user": "'=HYPERLINK(1)", "initiator_uid": "", "agent": "'@sum",
			"certainty_actor": "certain", "certainty_action": "unknown", "caveats": "gap-before late", "end_time": "",
		}[name]
		if ok && l[1][i] != want {
			t.Errorf("%s is %q, want %q", name, l[1][i], want)
		}
	}
}

// Whatever names hold, a table is lines of so many cells without a control character, none of which is a formula.
func TestNamesAreData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b bytes.Buffer
		w, err := ours.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(findingtest.Draw(t)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		l, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(l) != 2 || len(l[0]) != len(l[1]) {
			t.Fatal(err, l)
		}
		for _, cell := range l[1] {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@") || strings.ContainsFunc(cell, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q", cell)
			}
		}
	})
}
