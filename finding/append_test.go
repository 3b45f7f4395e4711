package finding_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"unsafe"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestLinesAreValidAndReadBackEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := findingtest.Draw(rt)
		line := finding.Append(nil, f)
		if err := findingtest.Check(line); err != nil {
			rt.Fatalf("%v\n%s", err, line)
		}
		got, err := finding.Parse(line)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(f, got); d != "" {
			rt.Fatalf("the line says something else (-want +got):\n%s\n%s", d, line)
		}
		if again := finding.Append(nil, got); string(again) != string(line) {
			rt.Fatalf("written again it differs:\n%s\n%s", line, again)
		}
	})
}

// What encoding/json makes of a string is the truth about strings.
func TestStringsAgainstEncodingJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(rt, "s")
		if s == "" {
			return
		}
		line := finding.Append(nil, &finding.Finding{Kind: finding.KindOperation, Path: s})
		var got struct{ Path string }
		if err := json.Unmarshal(line, &got); err != nil {
			rt.Fatalf("%v\n%s", err, line)
		}
		theirs, err := json.Marshal(s)
		if err != nil {
			rt.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(theirs, &want); err != nil {
			rt.Fatal(err)
		}
		if got.Path != want {
			rt.Fatalf("wrote %q, read %q, encoding/json reads %q", s, got.Path, want)
		}
		if !utf8.Valid(line) {
			rt.Fatalf("not UTF-8: %q", line)
		}
	})
}

func TestLinesAreHarmlessOnATerminal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		line := string(finding.Append(nil, findingtest.Draw(rt)))
		if i := strings.IndexFunc(line, finding.Unprintable); i >= 0 {
			rt.Fatalf("raw %q in %q", line[i:i+1], line)
		}
	})
}

func TestTimes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := es.Time(rapid.Int64().Draw(rt, "time"))
		if at == 0 {
			return
		}
		line := finding.Append(nil, &finding.Finding{Time: at})
		want := at.Std().Format("2006-01-02T15:04:05.000000000Z")
		if !strings.Contains(string(line), `"time":"`+want+`"`) {
			rt.Fatalf("%d is %s, not as in %s", at, want, line)
		}
	})
	for _, at := range []string{"2000-02-29T00:00:00Z", "2100-03-01T00:00:00Z", "1969-12-31T23:59:59.5Z"} {
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		line := finding.Append(nil, &finding.Finding{Time: es.Time(when.UnixNano())})
		if want := when.Format("2006-01-02T15:04:05.000000000Z"); !strings.Contains(string(line), want) {
			t.Errorf("%s is written as %s", want, line)
		}
	}
}

// The contract's example, key for key: what is written first must stay first.
func TestExample(t *testing.T) {
	helper := finding.Process{
		PID: 700, PIDVersion: 102, Path: "/System/DesktopServicesHelper", SigningID: "com.apple.DesktopServicesHelper",
		Platform: true, Service: "com.apple.DesktopServicesHelper", StartTime: 1772359190e9, AUID: 501, ASID: 100019,
		CDHash: es.CDHash{0xab, 1}, Parent: finding.ProcessRef{PID: 1, PIDVersion: 7}, HasToken: true,
	}
	finder := finding.Responsible{
		Process: finding.Process{PID: 400, PIDVersion: 80, AUID: es.Unset, UID: es.Unset, EUID: es.Unset, ASID: es.Unset},
		App:     "Finder", Basis: finding.BasisToken, Status: finding.StatusLive,
	}
	f := &finding.Finding{
		Kind: finding.KindOperation, ID: finding.ID("", "1", "", 410, finding.KindOperation, finding.Copy, 0), Boot: "1",
		Time: 1772359200123456789, EndTime: 1772359201500000000, Action: finding.Copy, Method: finding.ByReadWrite,
		Path: "/Volumes/USB/report.pdf",
		Object: &finding.Object{
			Type: finding.ObjectFile, Ino: 20481, Dev: 16777240, Size: 90210,
			Volume: &finding.Volume{Mount: "/Volumes/USB", Kind: finding.VolumeExternal, FS: "exfat"},
		},
		SourcePath: "/Users/alice/report.pdf",
		Source:     &finding.Object{Type: finding.ObjectFile, Ino: 1152921500312606511, Dev: 16777234, Size: -1},
		ItemsTotal: 1, Seq: 7, ReportedAs: []finding.Process{helper}, Actor: &helper, Responsible: &finder,
		Initiator:    &finding.Initiator{Class: finding.ClassConsole, UID: 501, Session: &finding.Session{ASID: 100019, Type: finding.SessionConsole}},
		Participants: []finding.Participant{{Role: "closer", Process: finder.Process}},
		Certainty:    finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence:     []finding.Evidence{{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{412, 413}, Says: "it wrote"}},
		Alternatives: []finding.Alternative{{For: finding.RoleInitiator, Initiator: &finding.Initiator{UID: es.Unset}, Certainty: finding.Possible, Rule: "r"}},
		Caveats:      []finding.Caveat{finding.CaveatGapBefore}, Events: []finding.Range{{410, 413}, {420, 420}}, EventsTotal: 5,
	}
	const (
		dsh = `{"pid":700,"pidversion":102,"path":"/System/DesktopServicesHelper","signing_id":"com.apple.DesktopServicesHelper",` +
			`"team_id":null,"platform":true,"service":"com.apple.DesktopServicesHelper","start_time":"2026-03-01T09:59:50.000000000Z",` +
			`"auid":501,"uid":0,"euid":0,"asid":100019,"tty":null,"cdhash":"ab01000000000000000000000000000000000000","args":null,` +
			`"script":null,"parent":{"pid":1,"pidversion":7}}`
		find = `{"pid":400,"pidversion":80,"path":null,"signing_id":null,"team_id":null,"platform":null,"service":null,` +
			`"start_time":null,"auid":null,"uid":null,"euid":null,"asid":null,"tty":null,"cdhash":null,"args":null,"script":null,` +
			`"parent":null`
		want = `{"schema":"ascribe.finding/1","kind":"operation","id":"op_715d37b0c21f64297f8b0fa0","host":null,"boot":"1",` +
			`"time":"2026-03-01T10:00:00.123456789Z","end_time":"2026-03-01T10:00:01.500000000Z",` +
			`"action":"copy","method":"read-write",` +
			`"path":"/Volumes/USB/report.pdf","object":{"type":"file","ino":"20481","dev":16777240,"size":90210,"volume":{"mount":"/Volumes/USB","kind":"external","fs":"exfat"}},` +
			`"source_path":"/Users/alice/report.pdf","source":{"type":"file","ino":"1152921500312606511","dev":16777234,"size":null,"volume":null},` +
			`"replaced":null,"items":null,"items_total":1,` +
			`"reported":null,"reported_as":[` + dsh + `],"actor":` + dsh + `,` +
			`"responsible":` + find + `,"app":"Finder","basis":"token","status":"live"},` +
			`"initiator":{"class":"console","uid":501,"user":null,"session":{"asid":100019,"type":"console","remote_address":null},"agent":null},` +
			`"participants":[{"role":"closer","process":` + find + `}}],` +
			`"certainty":{"action":"likely","actor":"certain","responsible":"certain","initiator":"likely"},` +
			`"evidence":[{"for":"actor","rule":"wrote-the-file","events":[412,413],"says":"it wrote"}],` +
			`"alternatives":[{"for":"initiator","process":null,"initiator":{"class":"unknown","uid":null,"user":null,"session":null,"agent":null},"certainty":"possible","rule":"r","action":null,"says":null}],` +
			`"caveats":["gap-before"],"events":[[410,413],[420,420]],"events_total":5,` +
			`"continues":null,"continued_by":null,"event":null,"seq":null,"execution":null,"from":null,"to":null,"missing":null,"why":null,"rules":null}`
	)
	line := finding.Append(nil, f)
	if d := cmp.Diff(want, string(line)); d != "" {
		t.Error(d)
	}
	findingtest.Validate(t, line)
}

func TestAppendDoesNotAllocate(t *testing.T) {
	var f *finding.Finding
	rapid.Check(t, func(rt *rapid.T) {
		f = findingtest.Draw(rt)
		buf := finding.Append(nil, f)
		if n := testing.AllocsPerRun(3, func() { buf = finding.Append(buf[:0], f) }); n != 0 {
			rt.Fatalf("%v allocations", n)
		}
	})
}

func TestAppendExtends(t *testing.T) {
	got := finding.Append([]byte("before"), &finding.Finding{Kind: finding.KindGap})
	if !strings.HasPrefix(string(got), `before{"schema":"ascribe.finding/1","kind":"gap"`) || got[len(got)-1] != '}' {
		t.Errorf("%s", got)
	}
}

func TestUnpublishedCertaintyIsUnknown(t *testing.T) {
	line := finding.Append(nil, &finding.Finding{Certainty: finding.Levels{Action: 200}})
	if !strings.Contains(string(line), `"certainty":{"action":"unknown"`) {
		t.Errorf("%s", line)
	}
}

func TestParseRefuses(t *testing.T) {
	whole := string(finding.Append(nil, &finding.Finding{Kind: finding.KindOperation, Time: 1e18, Object: &finding.Object{Ino: 7}}))
	for name, line := range map[string]string{
		"nothing":            ``,
		"no JSON":            `{"schema":`,
		"another schema":     strings.Replace(whole, "finding/1", "finding/2", 1),
		"an unknown kind":    strings.Replace(whole, `"kind":"operation"`, `"kind":"hunch"`, 1),
		"a local time":       strings.Replace(whole, `000Z"`, `000+02:00"`, 1),
		"an inode no number": strings.Replace(whole, `"ino":"7"`, `"ino":"seven"`, 1),
		"a new certainty":    strings.Replace(whole, `"actor":"unknown"`, `"actor":"sure"`, 1),
	} {
		if line == whole {
			t.Fatalf("%s: the line was not changed", name)
		}
		if f, err := finding.Parse([]byte(line)); err == nil {
			t.Errorf("%s: read as %+v", name, f)
		}
	}
	if _, err := finding.Parse([]byte(strings.Replace(whole, `"why":null`, `"why":null,"later":{"a":[1]}`, 1))); err != nil {
		t.Errorf("a key of a later version: %v", err)
	}
}

func TestClone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := findingtest.Draw(rt)
		c := f.Clone()
		if d := cmp.Diff(f, c); d != "" {
			rt.Fatal(d)
		}
		seen := map[uintptr]bool{}
		memory(reflect.ValueOf(f).Elem(), func(p uintptr) { seen[p] = true })
		memory(reflect.ValueOf(c).Elem(), func(p uintptr) {
			if seen[p] {
				rt.Fatalf("the clone shares memory with %+v", f)
			}
		})
	})
}

// memory tells every address that v reaches.
func memory(v reflect.Value, tell func(uintptr)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			memory(v.Field(i), tell)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			tell(v.Pointer())
			memory(v.Elem(), tell)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			tell(v.Pointer())
		}
		for i := range v.Len() {
			memory(v.Index(i), tell)
		}
	case reflect.String:
		if v.Len() > 0 {
			tell(uintptr(unsafe.Pointer(unsafe.StringData(v.String()))))
		}
	}
}

// An event, as most lines of a run with --events are: one execution in three roles.
func BenchmarkAppend(b *testing.B) {
	p := finding.Process{
		PID: 700, PIDVersion: 10200, Path: "/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper",
		SigningID: "com.apple.DesktopServicesHelper", Platform: true, Service: "com.apple.DesktopServicesHelper", StartTime: 1772359190e9,
		AUID: 501, ASID: 100019, CDHash: es.CDHash{0xab, 1}, Parent: finding.ProcessRef{PID: 1, PIDVersion: 7}, HasToken: true,
		Args: []string{"/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper"},
	}
	app := p
	app.PID, app.Path = 400, "/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder"
	f := &finding.Finding{
		Kind: finding.KindEvent, ID: finding.ID("", "1", "", 410, finding.KindEvent, "", 0), Boot: "1", Time: 1772359200123456789,
		EndTime: 1772359200123456789, Path: "/Volumes/USB/report.pdf", Event: "write", Seq: 412,
		Object: &finding.Object{
			Type: finding.ObjectFile, Ino: 20481, Dev: 16777240, Size: 90210,
			Volume: &finding.Volume{Mount: "/Volumes/USB", Kind: finding.VolumeExternal, FS: "exfat"},
		},
		Reported: &p, ReportedAs: []finding.Process{p}, Actor: &p,
		Responsible: &finding.Responsible{Process: app, App: "Finder", Basis: finding.BasisToken, Status: finding.StatusLive},
		Initiator:   &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: "alice", Session: &finding.Session{ASID: 100019, Type: finding.SessionConsole}},
		Certainty:   finding.Levels{Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence: []finding.Evidence{
			{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{412}, Says: "DesktopServicesHelper wrote the file"},
			{For: finding.RoleResponsible, Rule: "live-token", Events: []uint64{16}, Says: "the responsible token named Finder, seen and running"},
			{For: finding.RoleInitiator, Rule: "user-of-the-app", Says: "Finder runs as that user"},
		},
		Events: []finding.Range{{412, 412}}, EventsTotal: 1,
	}
	buf := finding.Append(nil, f)
	var e finding.Encoder
	for name, appendTo := range map[string]func([]byte, *finding.Finding) []byte{"alone": finding.Append, "in a row": e.Append} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				buf = appendTo(buf[:0], f)
			}
		})
	}
}
