package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// published is the compiled schema.
var published = func() *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("recording.json", doc); err != nil {
		panic(err)
	}
	return c.MustCompile("recording.json")
}()

func validate(line []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return published.Validate(v)
}

// draw makes every kind of control line of random contents.
type draw struct{ *rapid.T }

func (d draw) text(name string) string {
	return rapid.OneOf(rapid.Just(""), rapid.StringN(1, 20, -1)).Draw(d.T, name)
}

func (d draw) time(name string) es.Time {
	return es.Time(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 1<<62)).Draw(d.T, name))
}

func (d draw) token() es.AuditToken {
	if rapid.Bool().Draw(d.T, "no token") {
		return es.AuditToken{}
	}
	u := func() uint32 { return rapid.OneOf(rapid.Just(uint32(es.Unset)), rapid.Uint32()).Draw(d.T, "word") }
	return es.AuditToken{AUID: u(), EUID: u(), EGID: u(), RUID: u(), RGID: u(), PID: rapid.Int32().Draw(d.T, "pid"), ASID: u(), PIDVersion: u()}
}

func (d draw) file() es.File {
	f := es.File{Path: d.text("path")}
	if f.Path == "" {
		return es.File{}
	}
	if rapid.Bool().Draw(d.T, "stat") {
		f.Stat = es.Stat{
			Dev: rapid.Int32().Draw(d.T, "dev"), Mode: rapid.Uint16().Draw(d.T, "mode"), Nlink: 1,
			Ino: rapid.OneOf(rapid.Just(uint64(math.MaxUint64)), rapid.Uint64()).Draw(d.T, "ino"),
			UID: 501, GID: 20, Rdev: -1, ATime: d.time("atime"), MTime: d.time("mtime"), CTime: d.time("ctime"),
			BirthTime: d.time("birthtime"), Size: rapid.Int64().Draw(d.T, "size"), Blocks: 8, BlkSize: 4096, Flags: 1 << 31, Gen: 7,
		}
	}
	return f
}

func (d draw) process() es.Process {
	p := es.Process{
		AuditToken: d.token(), ParentAuditToken: d.token(), ResponsibleAuditToken: d.token(), PPID: 1, OriginalPPID: 400,
		GroupID: 7, SessionID: 8, CodesigningFlags: rapid.Uint32().Draw(d.T, "flags"),
		CSValidationCategory: rapid.Int32Range(-1, 12).Draw(d.T, "category"), IsPlatformBinary: rapid.Bool().Draw(d.T, "platform"),
		IsESClient: rapid.Bool().Draw(d.T, "client"), SigningID: d.text("signing"), TeamID: d.text("team"), Executable: d.file(),
		StartTime: d.time("start"),
	}
	copy(p.CDHash[:], rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(d.T, "cdhash"))
	if tty := d.file(); tty.Path != "" {
		p.TTY = &tty
	}
	return p
}

func (d draw) header() *es.Header {
	h := &es.Header{
		Host: d.text("host"), Boot: d.text("boot"), Client: d.text("client"), OS: d.text("os"), Time: d.time("time"),
		HasKinds: rapid.Bool().Draw(d.T, "has kinds"),
	}
	if rapid.Bool().Draw(d.T, "timebase") {
		h.Timebase = es.Timebase{Numer: 125, Denom: 3}
	}
	if h.HasKinds {
		for _, k := range rapid.SliceOf(rapid.IntRange(0, int(es.KindCount)-1)).Draw(d.T, "kinds") {
			h.Subscribed.Add(es.Kind(k))
		}
	}
	h.Redaction = rapid.SliceOfN(rapid.StringN(1, 5, -1), 0, 2).Draw(d.T, "redaction")
	return h
}

func (d draw) snapshot() *es.Snapshot {
	s := &es.Snapshot{Time: d.time("time")}
	for range rapid.IntRange(0, 2).Draw(d.T, "processes") {
		p := es.SnapshotProcess{Process: d.process(), Label: d.text("label"), BundleID: d.text("bundle"), OriginalPIDV: rapid.Uint32().Draw(d.T, "pidv")}
		if rapid.Bool().Draw(d.T, "args") {
			p.Args = rapid.SliceOfN(rapid.String(), 0, 3).Draw(d.T, "args")
		}
		s.Processes = append(s.Processes, p)
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "users") {
		s.Users = append(s.Users, es.User{UID: rapid.Uint32().Draw(d.T, "uid"), Name: d.text("name"), Home: d.text("home")})
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "mounts") {
		s.Mounts = append(s.Mounts, es.SnapshotMount{
			Statfs:      es.Statfs{FSID: [2]int32{rapid.Int32().Draw(d.T, "fsid"), 7}, Type: d.text("type"), MntOn: d.text("on"), MntFrom: d.text("from"), Flags: 5, Owner: 501, Blocks: 1 << 40, BlockSize: 4096},
			Disposition: es.MountDisposition(rapid.Int32Range(-1, 5).Draw(d.T, "disposition")),
		})
	}
	for range rapid.IntRange(0, 2).Draw(d.T, "jobs") {
		s.Jobs = append(s.Jobs, es.Job{
			Label: d.text("label"), Program: d.text("program"), MachServices: rapid.SliceOfN(rapid.String(), 0, 2).Draw(d.T, "services"),
			PID: rapid.Int32Range(0, 99999).Draw(d.T, "pid"), UID: rapid.Uint32().Draw(d.T, "uid"), Domain: d.text("domain"),
		})
	}
	return s
}

// line draws a control line and what it must be read as.
func (d draw) line() ([]byte, Control) {
	c := Control{Schema: Schema}
	switch rapid.IntRange(0, 5).Draw(d.T, "kind") {
	case 0:
		c.Kind, c.Header = KindBegin, d.header()
		return AppendBegin(nil, c.Header), c
	case 1:
		c.Kind, c.Snapshot = KindSnapshot, d.snapshot()
		return AppendSnapshot(nil, c.Snapshot), c
	case 2:
		c.Kind, c.Watermark = KindWatermark, d.time("time")+1
		return AppendWatermark(nil, c.Watermark), c
	case 3:
		c.Kind = KindGap
		c.Gap = &es.Gap{From: d.time("from"), To: d.time("to"), Missing: rapid.Uint64().Draw(d.T, "missing"), Why: d.text("why")}
		return AppendGap(nil, c.Gap), c
	case 4:
		c.Kind = KindFact
		c.Fact = &es.Fact{
			Time: d.time("time"), Path: d.text("path"), Ino: rapid.Uint64().Draw(d.T, "ino"), Dev: rapid.Int32().Draw(d.T, "dev"),
			Name: d.text("name"), Value: d.text("value"),
		}
		return AppendFact(nil, c.Fact), c
	default:
		c.Kind = KindEnd
		c.End = &End{Time: d.time("time"), Messages: rapid.Uint64().Draw(d.T, "messages"), Continued: rapid.Bool().Draw(d.T, "continued")}
		return AppendEnd(nil, c.End), c
	}
}

func TestControlRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, want := draw{t}.line()
		if err := validate(line); err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		if bytes.IndexByte(line, '\n') >= 0 || !IsControl(line) {
			t.Fatalf("%q is not seen to be a control line", line)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, line, "", "  "); err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{line, indented.Bytes()} {
			got, err := ParseControl(text)
			if err != nil || !got.Known() || !IsControl(text) {
				t.Fatalf("%s\n%v", text, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s\n(-want +got)\n%s", text, diff)
			}
		}
	})
}

// TestControlOrder: a line whose keys another program has put in another order is still a control line.
func TestControlOrder(t *testing.T) {
	c, err := ParseControl([]byte(`{"host":"mac-1","kind":"begin","schema":"ascribe.recording/1"}`))
	if err != nil || c.Header == nil || c.Header.Host != "mac-1" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestControlUnknown(t *testing.T) {
	for _, line := range []string{
		`{"schema":"ascribe.recording/2","kind":"begin","host":7}`,
		`{"schema":"ascribe.recording/1","kind":"shrug"}`,
		`{"schema":"ascribe.recording/1"}`,
		`{"schema":"ascribe.recording/2","kind":"watermark"}`,
	} {
		c, err := ParseControl([]byte(line))
		if err != nil || c.Known() || c.Header != nil {
			t.Errorf("%s: %+v, %v", line, c, err)
		}
	}
	for _, line := range []string{
		`{"schema":"ascribe.finding/1","kind":"operation"}`, `{"schema":7}`, `{}`, `[]`, ``, `{"schema":`, `{"schema_version":1}`,
	} {
		if _, err := ParseControl([]byte(line)); !errors.Is(err, ErrNotControl) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestControlWrong(t *testing.T) {
	for line, want := range map[string]string{
		`"kind":"begin","host":7`:                                       `a begin line: "host" is a number`,
		`"kind":"begin","time":"yesterday"`:                             `a begin line: "time" is not a time`,
		`"kind":"begin","time":"9999-01-01T00:00:00Z"`:                  `a begin line: "time" is not a time`,
		`"kind":"begin","timebase":{"numer":1}`:                         `a begin line: "timebase" is zero`,
		`"kind":"watermark"`:                                            `a watermark line: "time" is missing`,
		`"kind":"gap","from":"x"`:                                       `a gap line: "from" is not a time`,
		`"kind":"gap","to":"x"`:                                         `a gap line: "to" is not a time`,
		`"kind":"gap","missing":-1`:                                     `a gap line: "missing" is a number -1`,
		`"kind":"fact","ino":"12x"`:                                     `a fact line: "ino" is not an inode number`,
		`"kind":"fact","time":"x"`:                                      `a fact line: "time" is not a time`,
		`"kind":"end","time":"x"`:                                       `a end line: "time" is not a time`,
		`"kind":"snapshot","time":"x"`:                                  `a snapshot line: "time" is not a time`,
		`"kind":"snapshot","processes":[{"process":{"cdhash":"00"}}]`:   `a snapshot line: process 0: "cdhash" is not 40`,
		`"kind":"snapshot","processes":[{"process":{"start_time":""}}]`: `a snapshot line: process 0: "start_time" is not a time`,
		`"kind":"snapshot","processes":[{"process":{"tty":{"stat":{"st_mtimespec":"x"}}}}]`:        `a snapshot line: process 0: "st_mtimespec" is not`,
		`"kind":"snapshot","processes":[{"process":{"executable":{"stat":{"st_atimespec":"x"}}}}]`: `a snapshot line: process 0: "st_atimespec" is not`,
	} {
		_, err := ParseControl([]byte(`{"schema":"ascribe.recording/1",` + line + `}`))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", line, err, want)
		}
	}
}

// TestSchemaRefuses: the schema is not so wide that everything passes.
func TestSchemaRefuses(t *testing.T) {
	good := string(AppendBegin(nil, &es.Header{Host: "h", Time: 1}))
	for _, change := range [][2]string{
		{`"host":"h",`, ``},
		{`"host":"h"`, `"host":""`},
		{`"begin"`, `"began"`},
		{`recording/1`, `recording/2`},
		{`.000000001Z`, `Z`},
		{`"boot":null`, `"boot":null,"more":1`},
		{`"redaction":[]`, `"redaction":null`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || validate([]byte(bad)) == nil {
			t.Errorf("%s validates", bad)
		}
	}
}

func FuzzParseControl(f *testing.F) {
	f.Add([]byte(`{"schema":"ascribe.recording/1","kind":"snapshot","processes":[{"process":{"executable":{"path":"/x"}}}]}`))
	f.Add([]byte(`{"schema":"ascribe.recording/1","kind":"begin","subscribed":["close","lookup"]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := ParseControl(in)
		if err != nil || !c.Known() {
			return
		}
		// What was read can be written, is valid, and reads the same.
		var line []byte
		switch c.Kind {
		case KindBegin:
			line = AppendBegin(nil, c.Header)
		case KindSnapshot:
			line = AppendSnapshot(nil, c.Snapshot)
		case KindGap:
			line = AppendGap(nil, c.Gap)
		case KindFact:
			line = AppendFact(nil, c.Fact)
		case KindEnd:
			line = AppendEnd(nil, c.End)
		default:
			return
		}
		again, err := ParseControl(line)
		if err != nil {
			t.Fatalf("%s\n%v", line, err)
		}
		if diff := cmp.Diff(c, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s\n%s", line, diff)
		}
	})
}
