package ecs_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/ecs"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/shown"
	"pgregory.net/rapid"
)

// Whatever a finding holds, its document is one line of valid JSON that does no harm on a terminal, and holds the finding.
func TestDocumentsOfAnyFinding(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := findingtest.Draw(rt)
		b := ecs.Append(nil, f)
		if i := strings.IndexFunc(string(b), finding.Unprintable); i >= 0 {
			rt.Fatalf("raw %q in %q", b[i:i+1], b)
		}
		var doc struct{ Ascribe json.RawMessage }
		if err := json.Unmarshal(b, &doc); err != nil {
			rt.Fatalf("%v\n%s", err, b)
		}
		if string(doc.Ascribe) != string(finding.Append(nil, f)) {
			rt.Fatalf("the document does not hold the finding:\n%s\n%s", doc.Ascribe, finding.Append(nil, f))
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
		if n := testing.AllocsPerRun(2, func() { buf = ecs.Append(buf[:0], f) }); n != 0 {
			t.Fatalf("%g allocations for %s", n, buf)
		}
	}
}

// founding is the case that this program is for.
func founding() *finding.Finding {
	actor := finding.Process{
		PID: 700, PIDVersion: 102, Path: "/System/Library/X/DesktopServicesHelper", SigningID: "com.apple.DesktopServicesHelper",
		Platform: true, StartTime: 1e18, AUID: 501, UID: 0, EUID: 0, ASID: 100019, HasToken: true,
		Parent: finding.ProcessRef{PID: 1, PIDVersion: 7},
	}
	app := finding.Responsible{
		Process: finding.Process{
			PID: 400, PIDVersion: 90, Path: "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder",
			SigningID: "com.apple.finder", AUID: 501, UID: 501, EUID: 501, ASID: 100019, HasToken: true,
		},
		App: "Finder", Basis: finding.BasisToken, Status: finding.StatusLive,
	}
	return &finding.Finding{
		Kind: finding.KindOperation, ID: "op_1", Host: "mac", Boot: "b", Time: 1e18, EndTime: 1e18 + 5e8, Action: finding.Copy,
		Path: "/Volumes/USB/plan.pdf", SourcePath: "/Users/alice/plan.pdf", Method: finding.ByReadWrite, ItemsTotal: 1,
		Object: &finding.Object{
			Type: finding.ObjectFile, Ino: 1152921500312606511, Size: 90210,
			Volume: &finding.Volume{Mount: "/Volumes/USB", Kind: finding.VolumeExternal, FS: "exfat"},
		},
		Actor: &actor, Responsible: &app,
		Initiator: &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: "alice"},
		Certainty: finding.Levels{
			Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely,
		},
	}
}

func decode(t *testing.T, f *finding.Finding) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(ecs.Append(nil, f), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at is the value at a dotted name; nil: there is none.
func at(doc map[string]any, name string) any {
	var v any = doc
	for _, k := range strings.Split(name, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[k]
	}
	return v
}

func TestFoundingCase(t *testing.T) {
	doc := decode(t, founding())
	for name, want := range map[string]any{
		"@timestamp":     "2001-09-09T01:46:40.000000000Z",
		"ecs.version":    "9.4.0",
		"event.action":   "copy",
		"event.outcome":  "success",
		"event.duration": 5e8,
		"message":        "copy /Volumes/USB/plan.pdf from /Users/alice/plan.pdf (likely), by DesktopServicesHelper (certain), for Finder (certain), initiated by console alice (likely)",

		"file.path": "/Volumes/USB/plan.pdf", "file.directory": "/Volumes/USB", "file.name": "plan.pdf", "file.extension": "pdf",
		"file.inode": "1152921500312606511", "file.size": 90210.0, "file.type": "file",
		"volume.mount_name": "/Volumes/USB", "volume.file_system_type": "exfat",

		"process.name": "DesktopServicesHelper", "process.pid": 700.0, "process.entity_id": "mac/b/700.102",
		"process.user.id": "0", "process.parent.pid": 1.0, "process.parent.entity_id": "mac/b/1.7",
		"process.code_signature.signing_id": "com.apple.DesktopServicesHelper", "process.code_signature.team_id": nil,
		"process.responsible.name": "Finder", "process.responsible.pid": 400.0,
		"Effective_process.name": "Finder", "Effective_process.pid": 400.0, "Effective_process.entity_id": "mac/b/400.90",
		"Effective_process.executable": "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder",
		"user.id":                      "501", "user.name": "alice", "host.id": "mac", "host.boot.id": "b",
	} {
		if got := at(doc, name); got != want {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
}

// A name beside "unknown" is a hint for those who read certainties. In a field of ECS it would be taken for an answer.
func TestHintsAreNoAnswers(t *testing.T) {
	f := founding()
	f.Certainty = finding.Levels{Action: finding.Likely}
	doc := decode(t, f)
	for _, name := range []string{"process", "Effective_process", "user"} {
		if got := at(doc, name); got != nil {
			t.Errorf("%s is said although nothing is promised: %v", name, got)
		}
	}
	if at(doc, "ascribe.actor.pid") == nil {
		t.Error("the hint is lost")
	}
}

// Who works for himself has no other effective process.
func TestOwnResponsibleIsNotEffective(t *testing.T) {
	f := founding()
	f.Responsible.Process = *f.Actor
	doc := decode(t, f)
	if at(doc, "Effective_process") != nil || at(doc, "process.responsible.pid") != 700.0 {
		t.Errorf("%v", doc)
	}
}

// What a rule of the user's matched is an alert, as severe as the worst of them.
func TestRules(t *testing.T) {
	f := founding()
	f.Rules = []finding.Match{
		{Name: "copied-out", Severity: finding.Low, Message: "left the Mac", Tags: []string{"usb"}},
		{Name: "secrets", Severity: finding.High, Message: "holds secrets", Tags: []string{"theft", "keys"}},
		{Name: "also", Severity: finding.High},
	}
	doc := decode(t, f)
	tags, _ := json.Marshal(doc["tags"])
	if at(doc, "event.kind") != "alert" || at(doc, "event.severity") != 4.0 || at(doc, "rule.name") != "secrets" ||
		at(doc, "event.reason") != "holds secrets" || string(tags) != `["usb","theft","keys"]` {
		t.Errorf("%v %v %s", doc["event"], doc["rule"], tags)
	}
	f.Rules = []finding.Match{}
	if doc := decode(t, f); at(doc, "event.kind") != "event" || doc["rule"] != nil || doc["tags"] != nil {
		t.Errorf("%v", doc)
	}
}

func TestRemoteAddress(t *testing.T) {
	for address, ip := range map[string]any{"192.0.2.7": "192.0.2.7", "2001:db8::1": "2001:db8::1", "fe80::1%en0": nil, "office.example": nil} {
		f := founding()
		f.Initiator.Session = &finding.Session{ASID: 7, Type: finding.SessionSSH, RemoteAddress: address}
		doc := decode(t, f)
		if at(doc, "source.address") != address || at(doc, "source.ip") != ip {
			t.Errorf("%s: %v", address, at(doc, "source"))
		}
	}
}

func TestLifeOfAProcess(t *testing.T) {
	for _, c := range []struct {
		e    finding.Execution
		typ  string
		code any
	}{
		{finding.Execution{Origin: "exec", Started: 1e18, Ended: 2e18, Exited: true, ExitStatus: 3 << 8}, "[start end]", 3.0},
		{finding.Execution{Origin: "exec", Started: 1e18, Ended: 2e18, Exited: true, ExitStatus: 9}, "[start end]", nil}, // killed
		{finding.Execution{Origin: "fork", Started: 1e18}, "[start]", nil},
		{finding.Execution{Origin: "acting", Ended: 1e18}, "[end]", nil},
		{finding.Execution{Origin: "snapshot"}, "[info]", nil},
	} {
		c.e.Process = finding.Process{PID: 9, PIDVersion: 1, AUID: es.Unset, HasToken: true, Parent: finding.ProcessRef{PID: 8}}
		doc := decode(t, &finding.Finding{Kind: finding.KindProcess, Execution: &c.e})
		typ, _ := json.Marshal(at(doc, "event.type"))
		if got := strings.NewReplacer(`"`, "", ",", " ").Replace(string(typ)); got != c.typ || at(doc, "process.exit_code") != c.code {
			t.Errorf("%+v: %s, exit code %v", c.e, got, at(doc, "process.exit_code"))
		}
		if at(doc, "process.parent.entity_id") != nil {
			t.Error("a bare pid was given an identity")
		}
	}
}

// docs/formats.md says what each action becomes: every action has its row, and the row is right.
func TestTheTableOfActions(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range finding.Actions {
		f := founding()
		f.Action = a
		typ, _ := json.Marshal(at(decode(t, f), "event.type"))
		row := "\n| `" + string(a) + "` | " + strings.Trim(string(typ), `[]"`) + " | "
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/formats.md has no row that says that %s is %s", a, typ)
		}
	}
	f := founding()
	f.Replaced = f.Object
	if got := at(decode(t, f), "event.type").([]any)[0]; got != "change" {
		t.Errorf("a copy onto an existing file is %v", got)
	}
}
