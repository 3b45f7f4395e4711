package scenario

import (
	"testing"

	"ascribe.example/es"
)

// The example of the manual: the copy is DesktopServicesHelper's, for Finder; the close at its end names xpcproxy under the
// service's own pid and pidversion.
func TestFoundingCase(t *testing.T) {
	r := built(t, scriptFile(t, "../../testdata/scenarios/founding-c.txt"), Options{})
	if len(r.Truth) != 1 {
		t.Fatalf("%d operations", len(r.Truth))
	}
	x := r.Truth[0]
	if x.Action != "copy" || x.Method != "read-write" || x.Path != "/Volumes/USB/plan.pdf" || x.SourcePath != "/Users/alice/plan.pdf" {
		t.Errorf("truth: %+v", x)
	}
	if !r.Is("DSH", x.Actor.PID, x.Actor.PIDVersion, "") || !r.Is("Finder", x.Responsible.PID, x.Responsible.PIDVersion, "") {
		t.Errorf("by %v for %v", x.Actor, x.Responsible)
	}
	if x.Initiator.Class != "console" || x.Initiator.User != "alice" || x.Initiator.UID != 501 {
		t.Errorf("initiator %+v", x.Initiator)
	}
	closes := 0
	for _, m := range r.Messages {
		e, ok := m.Event.(*es.Close)
		if !ok || e.Target.Path != x.Path {
			continue
		}
		closes++
		who := m.Process.Key(1)
		if m.Process.Executable.Path != "/usr/libexec/xpcproxy" || who != x.Actor || !e.Modified {
			t.Errorf("the close is by %v %s, modified %v", who, m.Process.Executable.Path, e.Modified)
		}
		if a, ok := r.ActOf(m.GlobalSeqNum); !ok || len(a.Writers) != 1 || a.Writers[0] != x.Actor {
			t.Errorf("the truth about the close: %+v", a)
		}
	}
	if closes != 1 {
		t.Errorf("%d closes of the copy", closes)
	}
	if len(r.Expected) != 2 || r.Expected[1].Reported != "xpcproxy" || r.Expected[0].Actor.Level.Word != "certain" {
		t.Errorf("expectations: %+v", r.Expected)
	}
}

// A service is one pid and start time, and three pidversions; session, users and group change at the last step.
func TestServiceLaunch(t *testing.T) {
	r := built(t, scriptFile(t, "testdata/golden/launch.txt"), Options{})
	var fork *es.Process
	var first, second *es.Exec
	for _, m := range r.Messages {
		switch e := m.Event.(type) {
		case *es.Fork:
			if first == nil {
				fork = &e.Child
			}
		case *es.Exec:
			switch {
			case first == nil:
				first = e
			case second == nil:
				second = e
			}
		}
	}
	a, b := &first.Target, &second.Target
	if fork.AuditToken.PID != a.AuditToken.PID || a.AuditToken.PID != b.AuditToken.PID || fork.StartTime != b.StartTime {
		t.Error("not one process")
	}
	if a.AuditToken.PIDVersion != fork.AuditToken.PIDVersion+1 || b.AuditToken.PIDVersion != a.AuditToken.PIDVersion+1 {
		t.Error("not three pidversions in a row")
	}
	if a.AuditToken.AUID != es.Unset || b.AuditToken.AUID != 501 || a.AuditToken.ASID == b.AuditToken.ASID || a.GroupID != 1 || b.GroupID != b.AuditToken.PID {
		t.Errorf("before %+v, after %+v", a, b)
	}
	if first.Args[0] != "xpcproxy" || len(first.Args) != 2 {
		t.Errorf("xpcproxy's arguments: %q", first.Args)
	}
}

// The responsible process of a service is its app while that runs, and itself afterwards.
func TestResponsibleExits(t *testing.T) {
	s, err := Parse("t", `user alice 501 console
app A com.example.a of alice
service S com.example.a.s for A
S makes file /Users/alice/one
A exits
S makes file /Users/alice/two
`)
	if err != nil {
		t.Fatal(err)
	}
	r := built(t, s, Options{})
	for _, m := range r.Messages {
		if e, ok := m.Event.(*es.Create); ok {
			if self := m.Process.SelfResponsible(); self != (base(e.ExistingFile.Path) == "two") {
				t.Errorf("%s: responsible for itself %v", e.ExistingFile.Path, self)
			}
		}
	}
	for _, x := range r.Truth {
		if !r.Is("A", x.Responsible.PID, x.Responsible.PIDVersion, "") {
			t.Errorf("%s: the truth is %v", x.Path, x.Responsible)
		}
	}
}

func TestExpectations(t *testing.T) {
	const text = `user alice 501 console
---
save /Users/alice/a by replace with 3 items replacing another, at most likely
  actor (unknown) · responsible TextEdit by recorded exited at least possible
  initiator alice remote in ssh session from 203.0.113.7 through Claude likely
  participant closer xpcproxy · or initiator scheduled · caveat gap-before · no caveat late
  rule wrote-the-file · item /Users/alice/b from /Users/alice/c copy
no event close /tmp/x reported cp
gap lost
nothing else
`
	s, err := Parse("t", text)
	if err != nil {
		t.Fatal(err)
	}
	e := s.expected
	if len(e) != 4 {
		t.Fatalf("%d expectations", len(e))
	}
	x := e[0]
	if x.Kind != "operation" || x.Method != "replace" || x.Items != 3 || x.Replaced != "yes" || x.Certainty != (Level{"likely", "at most"}) {
		t.Errorf("%+v", x)
	}
	if !x.Actor.Unknown || x.Responsible.Basis != "recorded" || x.Responsible.Status != "exited" || x.Responsible.Level != (Level{"possible", "at least"}) {
		t.Errorf("%+v %+v", x.Actor, x.Responsible)
	}
	if i := x.Initiator; i.Name != "alice" || i.Class != "remote" || i.Session != "ssh" || i.Address != "203.0.113.7" || i.Agent != "Claude" || i.Level.Word != "likely" {
		t.Errorf("%+v", i)
	}
	if len(x.Participants) != 1 || x.Alternatives[0].Class != "scheduled" || x.Caveats[0] != "gap-before" || x.NoCaveats[0] != "late" || x.Rules[0] != "wrote-the-file" || x.Item[0].Action != "copy" {
		t.Errorf("%+v", x)
	}
	if !e[1].No || e[1].Path != "/private/tmp/x" || e[1].Reported != "cp" || e[2].Why != "lost" || !e[3].Nothing {
		t.Errorf("%+v", e[1:])
	}
}
