package score_test

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ascribe.example/finding"
	"ascribe.example/score"
)

// story is a truth of a copy, a move of two files, a failed attempt and noise.
func story(name string) *score.Truth {
	dsh, finder, rm := score.Process{PID: 700, PIDVersion: 20, Path: "/dsh"}, score.Process{PID: 600, PIDVersion: 10}, score.Process{PID: 800, PIDVersion: 30}
	alice := score.Initiator{Class: "console", UID: 501}
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	op := func(o score.Operation) score.Operation {
		o.Actor, o.Responsible, o.Initiator, o.Told = dsh, finder, alice, true
		o.Time, o.EndTime = at, at.Add(time.Second)
		return o
	}
	return &score.Truth{Schema: score.TruthSchema, Name: name, Operations: []score.Operation{
		op(score.Operation{Action: "copy", Path: "/b", Source: "/a", Events: []score.Range{{10, 14}}, Parts: []score.Process{rm}}),
		op(score.Operation{
			Action: "move", Path: "/to", Source: "/from", Events: []score.Range{{20, 23}},
			Items: []score.Item{{Path: "/to/1", Source: "/from/1"}, {Path: "/to/2", Source: "/from/2"}},
		}),
		op(score.Operation{Action: "delete", Path: "/c", Failed: true, Events: []score.Range{{30, 30}}}),
		op(score.Operation{Action: "write", Path: "/store", Noise: true, Events: []score.Range{{40, 44}}}),
	}}
}

func right() []score.Answer {
	dsh, finder := score.Process{PID: 700, PIDVersion: 20}, score.Process{PID: 600, PIDVersion: 10}
	alice := score.Initiator{Class: "console", UID: 501}
	levels := finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely}
	return []score.Answer{
		{
			Events: []score.Range{{10, 14}}, Action: "copy", Path: "/b", Source: "/a", Actor: &dsh, Responsible: &finder, Initiator: &alice,
			Levels: levels, Leveled: true,
		},
		{
			Events: []score.Range{{20, 23}}, Action: "move", Path: "/to", Source: "/from", Items: 2, Files: []string{"/to/1", "/to/2"}, Actor: &dsh, Responsible: &finder,
			Initiator: &alice, Levels: levels, Leveled: true,
		},
	}
}

func board(answers ...score.Answer) *score.Board {
	b := &score.Board{Tool: "t"}
	b.Add(story("room/one"), answers)
	return b
}

func TestRightAnswers(t *testing.T) {
	b := board(right()...)
	if b.Operations() != 2 || b.WrongCertain() != 0 {
		t.Errorf("%d operations, %d wrong", b.Operations(), b.WrongCertain())
	}
	for _, r := range finding.Roles {
		for what, s := range map[string]score.Share{"precision": b.Precision(r), "recall": b.Recall(r), "coverage": b.Coverage(r)} {
			if s.Right != 2 || s.Of != 2 {
				t.Errorf("%s of %s: %d of %d", what, r, s.Right, s.Of)
			}
		}
	}
	if s := b.Level(finding.RoleActor, finding.Certain); s.Of != 2 || s.Right != 2 {
		t.Errorf("certain actors: %+v", s)
	}
}

// Each way of being wrong counts where it should, and nowhere else.
func TestWrongAnswers(t *testing.T) {
	change := func(f func(*score.Answer)) []score.Answer {
		l := right()
		f(&l[0])
		return l
	}
	for _, c := range []struct {
		what    string
		answers []score.Answer
		role    finding.Role
		wrong   int // certain answers that are not so
	}{
		{"another action", change(func(a *score.Answer) { a.Action = "create" }), finding.RoleAction, 0},
		{"another path", change(func(a *score.Answer) { a.Path = "/x" }), finding.RoleAction, 0},
		{"another source", change(func(a *score.Answer) { a.Source = "/x" }), finding.RoleAction, 0},
		{"another actor", change(func(a *score.Answer) { a.Actor = &score.Process{PID: 700, PIDVersion: 19} }), finding.RoleActor, 1},
		{"another name", change(func(a *score.Answer) { a.Actor = &score.Process{PID: 700, PIDVersion: 20, Path: "/xpcproxy"} }), finding.RoleActor, 1},
		{"another app", change(func(a *score.Answer) { a.Responsible = a.Actor }), finding.RoleResponsible, 1},
		{"another class", change(func(a *score.Answer) { a.Initiator = &score.Initiator{Class: "remote", UID: 501} }), finding.RoleInitiator, 0},
		{"another user", change(func(a *score.Answer) { a.Initiator = &score.Initiator{Class: "console", UID: 502} }), finding.RoleInitiator, 0},
	} {
		b := board(c.answers...)
		for _, r := range finding.Roles {
			want := 2
			if r == c.role {
				want = 1
			}
			if s := b.Precision(r); s.Right != want || s.Of != 2 {
				t.Errorf("%s: precision of %s %d of %d", c.what, r, s.Right, s.Of)
			}
			if s := b.Recall(r); s.Right != want {
				t.Errorf("%s: recall of %s %d", c.what, r, s.Right)
			}
		}
		if b.WrongCertain() != c.wrong {
			t.Errorf("%s: %d wrong certain, want %d", c.what, b.WrongCertain(), c.wrong)
		}
	}
}

func TestUnknownIsNoAnswer(t *testing.T) {
	l := right()
	l[0].Levels.Actor, l[1].Responsible = finding.Unknown, nil
	b := board(l...)
	if s := b.Coverage(finding.RoleActor); s.Right != 1 || b.Precision(finding.RoleActor).Of != 1 {
		t.Errorf("actor: coverage %+v, precision %+v", s, b.Precision(finding.RoleActor))
	}
	if s := b.Recall(finding.RoleResponsible); s.Right != 1 || s.Of != 2 {
		t.Errorf("responsible: recall %+v", s)
	}
}

// What was told of an attempt that failed, or of nothing that happened, is a wrong answer; what is told of noise does not count.
func TestAnswersAboutNothing(t *testing.T) {
	l := append(right(),
		score.Answer{Events: []score.Range{{30, 30}}, Action: "delete", Path: "/c", Levels: finding.Levels{Action: finding.Certain}, Leveled: true},
		score.Answer{Events: []score.Range{{99, 99}}, Action: "create", Path: "/x", Levels: finding.Levels{Action: finding.Certain}, Leveled: true},
		score.Answer{Events: []score.Range{{41, 41}}, Action: "delete", Path: "/store", Levels: finding.Levels{Action: finding.Likely}, Leveled: true},
	)
	b := board(l...)
	if s := b.Precision(finding.RoleAction); s.Right != 2 || s.Of != 4 {
		t.Errorf("precision %d of %d, want 2 of 4", s.Right, s.Of)
	}
	if b.WrongCertain() != 2 {
		t.Errorf("%d wrong certain, want 2", b.WrongCertain())
	}
}

// A batch may come file by file, and a part may be named as the actor.
func TestOtherGrains(t *testing.T) {
	part := &score.Process{PID: 800, PIDVersion: 30}
	b := board(
		score.Answer{Events: []score.Range{{20, 21}}, Action: "move", Path: "/to/1"},
		score.Answer{Events: []score.Range{{22, 23}}, Action: "move", Path: "/to/2"},
		score.Answer{Events: []score.Range{{10, 14}}, Action: "copy", Path: "/b", Actor: part},
	)
	if s := b.Recall(finding.RoleAction); s.Right != 2 {
		t.Errorf("recall %+v", s)
	}
	if s := b.Precision(finding.RoleActor); s.Right != 1 || s.Of != 1 {
		t.Errorf("a part as the actor: %+v", s)
	}
	half := board(score.Answer{Events: []score.Range{{20, 21}}, Action: "move", Path: "/to/1"})
	if s := half.Recall(finding.RoleAction); s.Right != 0 || half.Precision(finding.RoleAction).Right != 1 {
		t.Errorf("one file of two: recall %+v", s)
	}
}

// Without events an answer is matched by path and time.
func TestMatchedByPathAndTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 2, 0, time.UTC)
	if s := board(score.Answer{Time: at, Action: "copy", Path: "/b"}).Precision(finding.RoleAction); s.Right != 1 {
		t.Errorf("near in time: %+v", s)
	}
	if s := board(score.Answer{Time: at.Add(time.Minute), Action: "copy", Path: "/b"}).Precision(finding.RoleAction); s.Right != 0 || s.Of != 1 {
		t.Errorf("a minute later: %+v", s)
	}
}

func TestCSVThereAndBack(t *testing.T) {
	l := right()
	l[0].Time = time.Date(2026, 3, 1, 10, 0, 0, 500, time.UTC)
	l[0].Path = "/with \"quotes\",\ncommas and lines"
	l = append(l, score.Answer{Path: "/only", Action: "delete"})
	var b bytes.Buffer
	if err := score.WriteCSV(&b, []string{"room/one"}, func(string) []score.Answer { return l }); err != nil {
		t.Fatal(err)
	}
	back, err := score.ReadCSV(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back["room/one"], l) {
		t.Errorf("back:\n%+v\nwas:\n%+v", back["room/one"], l)
	}
}

func TestCSVMistakesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"path\n/a\n":                            `no column "scenario"`,
		"":                                      "names its columns",
		"scenario,actor_pid\nx,seven\n":         `line 2, column actor_pid: "seven": expected a number`,
		"scenario,events\nx,5-3\n":              "line 2, column events",
		"scenario,time\nx,noon\n":               "line 2, column time",
		"scenario,actor_certainty\nx,perhaps\n": "unknown, possible, likely or certain",
		"scenario,path\nx\n":                    "wrong number of fields",
	} {
		if _, err := score.ReadCSV(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTruthThereAndBack(t *testing.T) {
	text, err := story("room/one").Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := score.ParseTruth(text)
	if err != nil || !reflect.DeepEqual(back, story("room/one")) {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := score.ParseTruth([]byte(`{"schema":"other/1"}`)); err == nil {
		t.Error("another schema was taken for a truth")
	}
}

// The interval is Wilson's where every recording gives one answer, and as wide as that of the recordings alone where all of a
// recording's answers are right or wrong together.
func TestIntervals(t *testing.T) {
	ones := make([]score.Count, 100)
	tens := make([]score.Count, 100)
	for i := range ones {
		ones[i] = score.Count{Right: 1, Of: 1}
		tens[i] = score.Count{Right: 10, Of: 10}
		if i < 20 {
			ones[i].Right, tens[i].Right = 0, 0
		}
	}
	a, b := score.ShareOf(ones), score.ShareOf(tens)
	// Wilson for 80 of 100, by hand: 0.7112 to 0.8666.
	if math.Abs(a.Low-0.7112) > 0.002 || math.Abs(a.High-0.8666) > 0.002 {
		t.Errorf("80 of 100: %.4f to %.4f", a.Low, a.High)
	}
	if math.Abs(a.Low-b.Low) > 1e-9 || b.Of != 1000 || b.Units != 100 {
		t.Errorf("in clusters of ten: %+v, not as %+v", b, a)
	}
	if all := score.ShareOf(slices.Repeat([]score.Count{{Right: 5, Of: 5}}, 3838)); all.Low < 0.999 || score.Verdict(all, finding.Certain) != "shown" {
		t.Errorf("3,838 scenarios without a mistake: %.5f", all.Low)
	}
	if few := score.ShareOf(slices.Repeat([]score.Count{{Right: 5, Of: 5}}, 300)); score.Verdict(few, finding.Certain) != "not shown" {
		t.Errorf("300 scenarios: %s", score.Verdict(few, finding.Certain))
	}
	if bad := score.ShareOf(tens); score.Verdict(bad, finding.Likely) != "**broken**" {
		t.Errorf("80 %%: %s", score.Verdict(bad, finding.Likely))
	}
	if none := score.ShareOf(nil); none.Low != 0 || none.High != 1 || none.Percent() != "–" {
		t.Errorf("nothing: %+v", none)
	}
}

func TestHeldIsAThird(t *testing.T) {
	n := 0
	for i := range 3000 {
		if score.Held(strings.Repeat("x", i%50) + string(rune('a'+i%26)) + time.Duration(i).String()) {
			n++
		}
	}
	if n < 900 || n > 1100 {
		t.Errorf("%d of 3,000 are set aside", n)
	}
}
