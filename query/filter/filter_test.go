package filter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query/filter"
)

// copied is a copy to a USB stick, asked for by alice.
func copied() *finding.Finding {
	return &finding.Finding{
		Kind: finding.KindOperation, ID: "op_1", Time: es.Time(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano()),
		Action: finding.Copy, Method: finding.ByReadWrite, Path: "/Volumes/USB/Plan.PDF", SourcePath: "/Users/alice/Plan.PDF",
		Object:     &finding.Object{Type: finding.ObjectFile, Ino: 1152921500312606511, Size: 90210, Volume: &finding.Volume{Mount: "/Volumes/USB", Kind: finding.VolumeExternal}},
		ItemsTotal: 1,
		Actor:      &finding.Process{PID: 700, PIDVersion: 102, HasToken: true, Platform: true, Path: "/usr/libexec/helper", UID: 0, AUID: 501, EUID: 0, ASID: 7, Args: []string{"helper", "-x"}},
		Responsible: &finding.Responsible{
			Process: finding.Process{PID: 500, Path: "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder", SigningID: "com.apple.finder"},
			App:     "Finder", Basis: finding.BasisToken,
		},
		Initiator: &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: "alice", Session: &finding.Session{ASID: 7, Type: finding.SessionConsole}},
		Certainty: finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence:  []finding.Evidence{{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{412}}},
		Caveats:   []finding.Caveat{finding.CaveatGapBefore},
		Events:    []finding.Range{{410, 413}}, EventsTotal: 4,
	}
}

var noon = filter.Options{When: func(words string) (time.Time, error) {
	if words != "noon" {
		return time.Time{}, errors.New("it is always noon")
	}
	return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), nil
}}

func TestConditions(t *testing.T) {
	for _, x := range []struct {
		expr string
		want bool
	}{
		{`action == "copy" && certainty.actor >= likely`, true},
		{`certainty.action > likely`, false},
		{`certainty.initiator <= likely && certainty.initiator < certain`, true},
		{`string(certainty.actor) == "certain"`, true},
		{`path.under("/volumes/usb")`, true},
		{`path.under("/Volumes/US")`, false},
		{`path.under(source_path)`, false},
		{`path.glob("/Volumes/*/*.pdf")`, true},
		{`path.glob("/Volumes/**")`, true},
		{`path.glob("**/{plan,report}.pdf")`, true},
		{`path.glob("/Volumes/*")`, false},
		{`path.glob("/" + "Volumes/**")`, true},
		{`path.base() == source_path.base() && path.ext() == "pdf" && path.folder() == "/Volumes/USB"`, true},
		{`object.volume.kind in ["external", "network"] && source.volume.kind == ""`, true},
		{`object.ino == "1152921500312606511" && object.size > 90000`, true},
		{`initiator.is("alice") && initiator.is(501) && initiator.is("501")`, true},
		{`initiator.is("bob") || initiator.is(0)`, false},
		{`actor.uid == 0 && actor.auid == 501 && actor.platform`, true},
		{`responsible.app == "Finder" && responsible.basis == "token" && responsible.status == "unknown"`, true},
		{`responsible.uid == 0`, false}, // not known
		{`responsible.uid < 500 || responsible.uid >= 500`, false},
		{`!(responsible.uid < 500)`, false},
		{`responsible.uid == null && responsible.uid != 0`, true},
		{`responsible.platform || action == "copy"`, true},
		{`!responsible.platform`, false},
		{`replaced == null && object != null`, true},
		{`replaced.size == null && replaced.volume.mount == ""`, true},
		{`has(actor.path) && !has(actor.script)`, true},
		{`"gap-before" in caveats && !("late" in caveats)`, true},
		{`evidence.exists(e, e.rule == "wrote-the-file" && e.for == "actor" && 412 in e.events)`, true},
		{`items.exists(i, i.path == path)`, false},
		{`actor.args.exists(a, a.startsWith("-"))`, true},
		{`events[0][1] - events[0][0] == 3 && events_total == 4`, true},
		{`time < when("noon") && time >= timestamp("2026-03-01T10:00:00Z")`, true},
		{`when("noon") <= time`, false},
		{`time.getHours() == 10 && when("noon") - time == duration("2h")`, true},
		{`end_time == null`, true},
		{`end_time > time`, false}, // not known
		{`path.matches("(?i)plan\\.pdf$")`, true},
		{`kind == "operation" ? action == "copy" : false`, true},
		{`host == "" && seq == null && execution == null`, true},
	} {
		f, err := filter.Compile(x.expr, noon)
		if err != nil {
			t.Errorf("%s: %v", x.expr, err)
			continue
		}
		if got, err := f.Evaluate(copied()); err != nil || got != x.want {
			t.Errorf("%s: %v, %v", x.expr, got, err)
		}
		if got, err := f.Match(copied()); err != nil || got != x.want {
			t.Errorf("%s: %v, %v with its want %+v", x.expr, got, err, f.Want())
		}
	}
}

// What a person may type wrongly, and what is said.
func TestErrorsPointAtTheWord(t *testing.T) {
	for expr, says := range map[string]string{
		`acton == "copy"`: `
there is no field or function "acton"; did you mean action?
  acton == "copy"
  ^`,
		`action == "copy" && actor.pth == "/x"`: `
a process has no field "pth"; did you mean path?
  action == "copy" && actor.pth == "/x"
                            ^`,
		`action == "coppy"`: `
action is never "coppy"; did you mean copy?
  action == "coppy"
            ^`,
		`object.volume.kind in ["external", "usb stick"]`: `
kind is never "usb stick": it is one of internal, external, network, image, virtual, unknown
  object.volume.kind in ["external", "usb stick"]
                                     ^`,
		`"gap-befor" in caveats`: `
caveats is never "gap-befor"; did you mean gap-before?
  "gap-befor" in caveats
  ^`,
		`certainty.actor >= "likely"`: `
>= cannot stand between a level of certainty (unknown, possible, likely, certain, without quotes) and text
  certainty.actor >= "likely"
                  ^`,
		`path == 3`: `
== cannot stand between text and a number
  path == 3
       ^`,
		`path.undr("/x")`: `
there is no field or function "undr"; did you mean under?
  path.undr("/x")
           ^`,
		`object.under("/x")`: `
under cannot be asked of a file with text
  object.under("/x")
              ^`,
		`path = "/x"`: `
"=" is no comparison: write ==
  path = "/x"
       ^`,
		`path == "/x" &`: `
"&" joins no conditions: write &&
  path == "/x" &
               ^`,
		`path ==`: `
the condition ends too early
  path ==
         ^`,
		"action == \"copy\" &&\n\tpaths == \"/x\"": `
there is no field or function "paths"; did you mean path?
   paths == "/x"
   ^`,
		`path.glob("/x/[a")`: `
"/x/[a" is no pattern: a bracket or a brace is not closed
  path.glob("/x/[a")
            ^`,
		`path.matches("(")`: `
this is no regular expression: missing closing ): ` + "`(`" + `
  path.matches("(")
               ^`,
		`time > when("moon")`: `
it is always noon
  time > when("moon")
              ^`,
		`time > timestamp("10:00")`: `
"10:00" is no time in full, such as "2026-03-01T10:00:00Z"; when("10:00") reads what people type
  time > timestamp("10:00")
                   ^`,
		`end_time - time > duration("2 hours")`: `
"2 hours" is no duration: write "90s", "2h30m"
  end_time - time > duration("2 hours")
                             ^`,
		`user == "alice"`: `
there is no field or function "user"; there is initiator.user
  user == "alice"
  ^`,
		`path`: `
this is text, not a condition; write one, such as path == "…"`,
		`certainty.actor`: `
this is a level of certainty (unknown, possible, likely, certain, without quotes), not a condition; write one, such as certainty.actor >= likely`,
		` `: `
a condition is missing; write one, such as action == "copy"`,
	} {
		_, err := filter.Compile(expr, noon)
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if got, want := e.Error(), strings.TrimPrefix(says, "\n"); got != want {
			t.Errorf("%s\n%s\nwant\n%s", expr, got, want)
		}
	}
	if _, err := filter.Compile(`time > when("noon")`, filter.Options{}); err == nil || !strings.Contains(err.Error(), "there is no now") {
		t.Errorf("%v", err)
	}
}

// A fault of the condition is told, not taken for no.
func TestFaults(t *testing.T) {
	for _, expr := range []string{`10 / (items_total - 1) > 3`, `events[7][0] == 1`} {
		f, err := filter.Compile(expr, filter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := f.Match(copied()); err == nil || got {
			t.Errorf("%s: %v, %v", expr, got, err)
		}
	}
}

func TestText(t *testing.T) {
	for expr, want := range map[string]string{
		`path.base()`: "Plan.PDF", `actor.uid`: "0", `responsible.uid`: "", `certainty.actor`: "certain", `time`: "2026-03-01T10:00:00Z",
		`initiator.user + " at " + object.volume.mount`: "alice at /Volumes/USB", `replaced.volume.kind`: "",
	} {
		x, err := filter.CompileText(expr, filter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(x.Append(nil, copied())); got != want {
			t.Errorf("%s: %q", expr, got)
		}
	}
	if _, err := filter.CompileText(`actor`, filter.Options{}); err == nil || !strings.Contains(err.Error(), "name one of its fields") {
		t.Errorf("%v", err)
	}
}
