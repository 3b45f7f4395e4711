package ocsf_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/finding/ocsf"
	"ascribe.example/internal/shown"
	"pgregory.net/rapid"
)

// Whatever ascribe says of any scenario, and whatever else a finding could hold, keeps the official schema of its class.
func TestEventsKeepTheOfficialSchema(t *testing.T) {
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	o := official(t)
	seen := map[string]int{}
	for i, f := range all {
		if i%stride != 0 {
			continue
		}
		b := ocsf.Append(nil, f)
		name, err := o.check(b)
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		seen[name]++
	}
	for _, name := range []string{"file_activity", "process_activity", "base_event"} {
		if seen[name] == 0 {
			t.Errorf("no event of class %s: %v", name, seen)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := findingtest.Draw(rt)
		b := ocsf.Append(nil, f)
		if _, err := o.check(b); err != nil {
			rt.Fatalf("%v\n%s", err, b)
		}
		if i := strings.IndexFunc(string(b), finding.Unprintable); i >= 0 {
			rt.Fatalf("raw %q in %q", b[i:i+1], b)
		}
		var e struct {
			Unmapped struct{ Ascribe json.RawMessage }
		}
		if err := json.Unmarshal(b, &e); err != nil {
			rt.Fatal(err)
		}
		if string(e.Unmapped.Ascribe) != string(finding.Append(nil, f)) {
			rt.Fatalf("the event does not hold the finding:\n%s", b)
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 1<<20)
	for _, f := range all {
		if n := testing.AllocsPerRun(2, func() { buf = ocsf.Append(buf[:0], f) }); n != 0 {
			t.Fatalf("%g allocations for %s", n, buf)
		}
	}
}

func decode(t *testing.T, f *finding.Finding) map[string]any {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(ocsf.Append(nil, f), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func at(e map[string]any, name string) any {
	var v any = e
	for _, k := range strings.Split(name, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

// enriched is the data of the enrichment of a type.
func enriched(e map[string]any, typ string) map[string]any {
	list, _ := e["enrichments"].([]any)
	for _, x := range list {
		if m, _ := x.(map[string]any); m["type"] == typ {
			return m["data"].(map[string]any)
		}
	}
	return nil
}

func founding() *finding.Finding {
	return &finding.Finding{
		Kind: finding.KindOperation, ID: "op_1", Host: "mac", Boot: "b", Time: 1e18 + 1, EndTime: 1e18 + 5e8, Action: finding.Copy,
		Path: "/Volumes/USB/plan.pdf", SourcePath: "/Users/alice/plan.pdf", Method: finding.ByReadWrite, ItemsTotal: 1,
		Object: &finding.Object{Type: finding.ObjectFile, Ino: 1152921500312606511, Size: 90210},
		Actor: &finding.Process{
			PID: 700, PIDVersion: 102, Path: "/System/Library/X/DesktopServicesHelper",
			SigningID: "com.apple.DesktopServicesHelper", Platform: true, HasToken: true,
		},
		Responsible: &finding.Responsible{
			Process: finding.Process{PID: 400, PIDVersion: 90, Path: "/Finder", SigningID: "com.apple.finder", HasToken: true},
			App:     "Finder", Basis: finding.BasisToken, Status: finding.StatusLive,
		},
		Initiator: &finding.Initiator{
			Class: finding.ClassRemote, UID: 501, User: "alice",
			Session: &finding.Session{ASID: 7, Type: finding.SessionSSH, RemoteAddress: "192.0.2.7"},
		},
		Certainty: finding.Levels{
			Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely,
		},
	}
}

func TestFoundingCase(t *testing.T) {
	e := decode(t, founding())
	for name, want := range map[string]any{
		"class_uid": 1001.0, "category_uid": 1.0, "activity_id": 1.0, "type_uid": 100101.0, "activity_name": "Create",
		"time": 1e12, "end_time": 1e12 + 500, "status_id": 1.0, "severity_id": 1.0,
		"file.path": "/Volumes/USB/plan.pdf", "file.parent_folder": "/Volumes/USB", "file.uid": "1152921500312606511",
		"file.type_id": 1.0, "file.size": 90210.0, "file_result": nil,
		"actor.process.name": "DesktopServicesHelper", "actor.process.uid": "mac/b/700.102",
		"actor.app_name": "Finder", "actor.app_uid": "com.apple.finder", "actor.user.name": "alice", "actor.user.uid": "501",
		"actor.user.type_id": 1.0, "actor.session.uid": "7", "actor.session.is_remote": true,
		"device.os.type_id": 300.0, "device.uid": "mac", "metadata.version": "1.2.0", "metadata.uid": "op_1",
		"metadata.original_time": "2001-09-09T01:46:40.000000001Z",
	} {
		if got := at(e, name); got != want {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	for typ, want := range map[string]map[string]any{
		"action":      {"action": "copy", "method": "read-write", "certainty": "likely"},
		"source":      {"path": "/Users/alice/plan.pdf"},
		"actor":       {"certainty": "certain", "signing_id": "com.apple.DesktopServicesHelper", "platform_binary": true},
		"responsible": {"certainty": "certain", "basis": "token", "status": "live", "uid": "mac/b/400.90"},
		"initiator":   {"certainty": "likely", "class": "remote", "session_type": "ssh", "remote_address": "192.0.2.7"},
	} {
		data := enriched(e, typ)
		for k, v := range want {
			if data[k] != v {
				t.Errorf("enrichment %s: %s is %v, not %v", typ, k, data[k], v)
			}
		}
	}
}

// A rename has the file under its old name, and the result under its new one.
func TestRename(t *testing.T) {
	f := founding()
	f.Action, f.Method = finding.Trash, finding.ByRename
	e := decode(t, f)
	if at(e, "activity_id") != 5.0 || at(e, "file.path") != f.SourcePath || at(e, "file_result.path") != f.Path {
		t.Errorf("%v", e)
	}
}

// A mere hint is no answer, and an actor that nobody can name is said to be unknown.
func TestHintsAreNoAnswers(t *testing.T) {
	f := founding()
	f.Certainty = finding.Levels{}
	e := decode(t, f)
	if at(e, "actor.process") != nil || at(e, "actor.app_name") != nil || at(e, "actor.user.name") != "Unknown" {
		t.Errorf("%v", e["actor"])
	}
	for _, typ := range []string{"actor", "responsible", "initiator"} {
		if enriched(e, typ) != nil {
			t.Errorf("enrichment %s is said although nothing is promised", typ)
		}
	}
}

// A rule of the user's gives the severity that it says.
func TestRules(t *testing.T) {
	f := founding()
	f.Rules = []finding.Match{{Name: "secrets", Severity: finding.High, Message: "holds secrets", Tags: []string{"theft"}}, {Name: "x", Severity: finding.Info}}
	e := decode(t, f)
	if e["severity_id"] != 4.0 || e["severity"] != "High" || enriched(e, "rule")["message"] != "holds secrets" {
		t.Errorf("%v %v %v", e["severity_id"], e["severity"], enriched(e, "rule"))
	}
	if _, err := official(t).check(ocsf.Append(nil, f)); err != nil {
		t.Error(err)
	}
}

func TestUnconfirmedIsNoSuccess(t *testing.T) {
	f := founding()
	f.Caveats = []finding.Caveat{finding.CaveatUnconfirmed}
	if e := decode(t, f); e["status_id"] != 0.0 {
		t.Errorf("status %v", e["status_id"])
	}
}

func appended(f *finding.Finding) string { return string(ocsf.Append(nil, f)) }

// docs/formats.md says what each action becomes: every action has its row, and the row is right.
func TestTheTableOfActions(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range finding.Actions {
		f := founding()
		f.Action, f.Method = a, finding.ByMode
		e := decode(t, f)
		says := fmt.Sprintf("%v (%v)", e["activity_name"], e["activity_id"])
		if e["activity_id"] == 99.0 {
			says = fmt.Sprintf("Other (99) `%s`", a)
		}
		row := regexp.MustCompile("(?m)^\\| `" + string(a) + "` \\| [a-z]+ \\| " + regexp.QuoteMeta(says) + "[ ;]")
		if !row.Match(page) {
			t.Errorf("docs/formats.md has no row that says that %s is %s", a, says)
		}
	}
	f := founding()
	f.Replaced = f.Object
	if e := decode(t, f); e["activity_id"] != 3.0 {
		t.Errorf("a copy onto an existing file is activity %v", e["activity_id"])
	}
	f.Action, f.Method = finding.Protect, finding.ByFlags
	if e := decode(t, f); e["activity_id"] != 6.0 {
		t.Errorf("flags are activity %v", e["activity_id"])
	}
}
