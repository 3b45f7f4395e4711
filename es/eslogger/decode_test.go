package eslogger

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

const processPart = `"process":{"audit_token":{"pid":5,"pidversion":6,"auid":501,"euid":0,"egid":0,"ruid":0,"rgid":0,"asid":7}}`

func decodeOne(t *testing.T, value string) *es.Message {
	t.Helper()
	var m es.Message
	if err := NewDecoder().Decode([]byte(value), &m); err != nil {
		t.Fatalf("%v in %.200s", err, value)
	}
	return &m
}

// What a message leaves out is unknown, which is not zero everywhere.
func TestMissingIsUnknown(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  es.Event
	}{
		"open":        {`"open":{}`, &es.Open{}},
		"exec":        {`"exec":{}`, &es.Exec{Target: es.Process{CSValidationCategory: -1}}},
		"fork":        {`"fork":{"child":{}}`, &es.Fork{Child: es.Process{CSValidationCategory: -1}}},
		"mount":       {`"mount":{"disposition":null}`, &es.Mount{Which: es.KindMount, Disposition: es.MountDispositionMissing}},
		"setreuid":    {`"setreuid":{"euid":-1}`, &es.SetID{Which: es.KindSetREUID, ID: es.Unset, Real: es.Unset}},
		"ssh":         {`"openssh_logout":{}`, &es.Session{Which: es.KindOpenSSHLogout, Success: true, UID: es.Unset}},
		"has_uid":     {`"openssh_login":{"has_uid":false,"uid":0}`, &es.Session{Which: es.KindOpenSSHLogin, Success: true, UID: es.Unset}},
		"sudo":        {`"sudo":{"has_to_uid":false,"to_uid":0}`, &es.Become{Which: es.KindSudo, FromUID: es.Unset, ToUID: es.Unset}},
		"touch id":    {`"authentication":{"data":{"touchid":{}}}`, &es.Authentication{UID: es.Unset}},
		"btm":         {`"btm_launch_item_add":{"item":null}`, &es.BTMLaunchItemAdd{UID: es.Unset}},
		"null object": {`"close":{"target":null,"modified":null}`, &es.Close{}},
		"targetdir":   {`"copyfile":{"targetdir":{"path":"\/x"}}`, &es.Copyfile{TargetDir: es.File{Path: "/x"}}},
		"investigator": {
			`"file_provider_materialize":{"investigator":{"ppid":3}}`,
			&es.FileProviderMaterialize{Instigator: &es.Process{PPID: 3, CSValidationCategory: -1}},
		},
		"target is a process": {
			`"bootstrap_look_up":{"target":{"ppid":3,"audit_token":null}}`,
			&es.BootstrapLookUp{TargetProcess: &es.Process{PPID: 3, CSValidationCategory: -1}},
		},
		"override of a file": {`"gatekeeper_user_override":{"file":{"path":"\/x"}}`, &es.GatekeeperUserOverride{Path: "/x"}},
		"screen sharing, no session": {
			`"screensharing_attach":{"authentication_username":"al","session_username":null}`,
			&es.Session{Which: es.KindScreenSharingAttach, Success: true, UID: es.Unset, Username: "al"},
		},
		"body of no object": {`"readdir":[1, 2]`, &es.Other{Name: "readdir", Type: 67, Raw: []byte("[1, 2]")}},
	} {
		t.Run(name, func(t *testing.T) {
			m := decodeOne(t, `{`+processPart+`,"event_type":67,"event":{`+c.value+`}}`)
			if d := cmp.Diff(c.want, m.Event); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if m.SeqNum != es.NoSeq || m.GlobalSeqNum != es.NoSeq || m.Process.CSValidationCategory != -1 || m.Denied {
				t.Errorf("%+v", m)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	want := es.AuditToken{AUID: es.Unset, EUID: 1, EGID: 2, RUID: 3, RGID: 4, PID: 5, ASID: 6, PIDVersion: 7}
	for _, token := range []string{
		`{"auid":4294967295,"euid":1,"egid":2,"ruid":3,"rgid":4,"pid":5,"asid":6,"pidversion":7}`,
		`{"pidversion":7,"asid":6,"pid":5,"rgid":4,"ruid":3,"egid":2,"euid":1,"auid":-1}`,
		`{ "auid" : -1 , "euid" : 1 , "egid" : 2 , "ruid" : 3 , "rgid" : 4 , "pid" : 5 , "asid" : 6 , "pidversion" : 7 , "uuid" : "x" }`,
		`[4294967295,1,2,3,4,5,6,7]`, "[ -1,\n1 , 2,3,4,5,6,7\n]",
	} {
		m := decodeOne(t, `{"event":{"exit":{}},"process":{"audit_token":`+token+`}}`)
		if m.Process.AuditToken != want {
			t.Errorf("%s: %+v", token, m.Process.AuditToken)
		}
	}
	m := decodeOne(t, `{"event":{"exit":{}},"process":{"audit_token":{"pid":9}}}`)
	want = es.AuditToken{AUID: es.Unset, EUID: es.Unset, EGID: es.Unset, RUID: es.Unset, RGID: es.Unset, PID: 9}
	if m.Process.AuditToken != want {
		t.Errorf("a bare pid: %+v", m.Process.AuditToken)
	}
}

func TestDenied(t *testing.T) {
	for action, want := range map[string]bool{
		`null`: false, `{}`: false, `{"result":null}`: false, `{"result":{"result_type":0}}`: false,
		`{"result":{"result_type":0,"result":{"auth":0}}}`:            false,
		`{"result":{"result_type":0,"result":{"auth":1}}}`:            true,
		`{"result":{"result":{"auth":1},"result_type":0}}`:            true,
		`{"result":{"result_type":1,"result":{"flags":4294967295}}}`:  false,
		`{"result":{"result_type":1,"result":{"flags":-1}}}`:          false,
		`{"result":{"result_type":1,"result":{"flags":0}}}`:           true,
		`{"result":{"result_type":1,"result":{}}}`:                    false,
		`{"result":{"result_type":2,"result":{"auth":1,"flags":0}}}`:  false,
		`{"result":{"result":{"auth":1}}}`:                            false,
		`{"result":{"result_type":0,"result":{"auth":1}},"auth":"x"}`: true,
	} {
		m := decodeOne(t, `{`+processPart+`,"event":{"open":{}},"action":`+action+`}`)
		if m.Denied != want {
			t.Errorf("%s: denied %v", action, m.Denied)
		}
	}
}

func TestErrors(t *testing.T) {
	exit := `"event":{"exit":{}}`
	deep := strings.Repeat("[", 10001) + strings.Repeat("]", 10001)
	for value, want := range map[string]Error{
		``:                                 {0, "invalid JSON: unexpected end of JSON input"},
		`{"a":1`:                           {6, "invalid JSON: unexpected end of JSON input"},
		`{"a":01}`:                         {6, "invalid JSON: invalid character '1' after object key:value pair"},
		`{"a":"` + "\x01\"}":               {6, "invalid JSON: invalid character '\\x01' in string literal"},
		`[]`:                               {0, "not an Endpoint Security message: want an object"},
		`null`:                             {0, "not an Endpoint Security message: want an object"},
		`{}`:                               {0, `not an Endpoint Security message: missing "process"`},
		`{` + exit + `}`:                   {0, `not an Endpoint Security message: missing "process"`},
		`{` + processPart + `}`:            {0, `not an Endpoint Security message: missing "event"`},
		`{` + processPart + `,"event":[]}`: {0, `not an Endpoint Security message: "event" is not an object`},
		`{` + processPart + `,"event":{}}`: {0, `not an Endpoint Security message: "event" has 0 members, want one`},
		`{` + processPart + `,"event":{"exit":{},"x":1}}`:                 {0, `not an Endpoint Security message: "event" has 2 members, want one`},
		`{` + processPart + `,"event":{"exit":7}}`:                        {0, `not an Endpoint Security message: "event.exit" is not an object`},
		`{` + exit + `,"process":7}`:                                      {0, `not an Endpoint Security message: missing "pid" in "process.audit_token"`},
		`{` + exit + `,"process":{"audit_token":{"pid":"7"}}}`:            {0, `not an Endpoint Security message: missing "pid" in "process.audit_token"`},
		`{` + exit + `,"process":{"audit_token":[1,2]}}`:                  {0, `not an Endpoint Security message: missing "pid" in "process.audit_token"`},
		`{` + exit + `,` + processPart + `} {}`:                           {129, "invalid JSON: invalid character '{' after top-level value"},
		`{"x":` + deep + `}`:                                              {10004, "invalid JSON: invalid character '[' exceeded max depth"},
		`{"schema":"ascribe.recording/1","kind":"end","time":"whatever"}`: {0, `not an Endpoint Security message: missing "process"`},
	} {
		var m es.Message
		d := NewDecoder()
		err := d.Decode([]byte(value), &m)
		var e *Error
		if !errors.As(err, &e) || *e != want {
			t.Errorf("%.80s: %v (%+v)", value, err, e)
		}
		if s := d.Stats(); s.Errors != 1 || s.Messages != 0 {
			t.Errorf("%.80s: %+v", value, s)
		}
	}
}

func TestStats(t *testing.T) {
	d := NewDecoder()
	var m es.Message
	for _, more := range []string{
		`,"version":7`, `,"version":5,"color":"red"`, `,"version":12,"color":"blue","thread":{"thread_id":1,"color":2}`,
		`,"color":"green","seq_num":"many","global_seq_num":1.5`, `,"time":"yesterday"`,
	} {
		if err := d.Decode([]byte(`{`+processPart+`,"event":{"readdir":{}}`+more+`}`), &m); err != nil {
			t.Fatal(err)
		}
	}
	want := Stats{
		Messages: 5, Fallbacks: 2,
		UnknownKeys:     map[string]uint64{"message.color": 3, "thread.color": 1},
		UnknownEvents:   map[string]uint64{"readdir": 5},
		UnknownVersions: map[int]uint64{0: 2, 5: 1, 12: 1},
		Mismatched:      map[string]uint64{"message.seq_num": 1, "message.global_seq_num": 1, "message.time": 1},
	}
	if diff := cmp.Diff(want, d.Stats()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i := range 3 * maxNames {
		_ = d.Decode(fmt.Appendf(nil, `{%s,"event":{"e%d":{}},"k%d":1,"version":%d}`, processPart, i, i, 100+i), &m)
	}
	s := d.Stats()
	if len(s.UnknownKeys) != maxNames || len(s.UnknownEvents) != maxNames || len(s.UnknownVersions) != maxNames || s.Unnamed == 0 {
		t.Errorf("%d keys, %d events, %d versions, %d unnamed", len(s.UnknownKeys), len(s.UnknownEvents), len(s.UnknownVersions), s.Unnamed)
	}
}

func TestStrictShape(t *testing.T) {
	d := NewDecoder()
	d.StrictShape = true
	var m es.Message
	for _, value := range []string{
		`"event":{"lookup":{"relative_target":7,"color":1,"source_dir":{"path":"x","shade":1}}},"action":{"result":{"hue":1}}`,
		`"event":{"exec":{"entitlements":{"any":1},"fds":[{"fd":1,"tone":2}],"args":["a",1]}}`,
		`"event":{"readdir":{"target":7}},"time":1`,
	} {
		if err := d.Decode([]byte(`{`+processPart+`,"version":11,`+value+`}`), &m); err != nil {
			t.Fatal(err)
		}
	}
	s := d.Stats()
	if diff := cmp.Diff(map[string]uint64{"lookup.color": 1, "file.shade": 1, "action_result.hue": 1, "fd.tone": 1}, s.UnknownKeys); diff != "" {
		t.Errorf("unknown keys (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"lookup.relative_target": 1, "exec.args": 1, "message.time": 1}, s.Mismatched); diff != "" {
		t.Errorf("mismatched (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]uint64{"lookup": 1, "readdir": 1}, s.UnknownEvents); diff != "" {
		t.Errorf("unknown events (-want +got):\n%s", diff)
	}
}

// A batch stays valid until Reset, however much memory it takes; and Reset serves the same memory again.
func TestBatch(t *testing.T) {
	lines := mix(1000)
	want := make([]es.Message, len(lines))
	d := NewDecoder()
	d.Batch = true
	for i, line := range lines {
		if err := d.slow(line, &want[i]); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		got := make([]es.Message, len(lines))
		for i, line := range lines {
			if err := d.Decode(line, &got[i]); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("messages of the batch changed: %s", diff)
		}
		d.Reset()
	}
}

// Strings that come again and again are remembered, but not without end, and never wrongly.
func TestRecallForgets(t *testing.T) {
	d := NewDecoder()
	var m es.Message
	for i := range 40000 {
		id := fmt.Sprintf("com.example.%d/%s", i%20000, strings.Repeat("x", i%40))
		value := strings.Replace(`{`+processPart+`,"event":{"xpc_connect":{"service_name":"`+strings.ReplaceAll(id, "/", `\/`)+`"}}}`, `"asid":7}`, `"asid":7},"team_id":"T"`, 1)
		if err := d.Decode([]byte(value), &m); err != nil {
			t.Fatal(err)
		}
		if got := m.Event.(*es.XPCConnect).ServiceName; got != id || m.Process.TeamID != "T" {
			t.Fatalf("%q became %q, team %q", id, got, m.Process.TeamID)
		}
	}
	if cap(d.recalled.chunk) != recallChunk || d.recalled.taken > recallBytes {
		t.Errorf("remembers %d bytes, in pieces of %d", d.recalled.taken, cap(d.recalled.chunk))
	}
}

func TestHugeValues(t *testing.T) {
	d := NewDecoder()
	var m es.Message
	long := strings.Repeat("x/ü", 3<<20)
	value := `{` + processPart + `,"event":{"exec":{"args":["` + long + `","b"],"env":[` + strings.Repeat(`"A=1",`, 1<<18) + `"B=2"]}},"more":` +
		strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`
	if err := d.Decode([]byte(value), &m); err != nil {
		t.Fatal(err)
	}
	e := m.Event.(*es.Exec)
	if len(e.Args) != 2 || e.Args[0] != long || e.Args[1] != "b" || len(e.Env) != 1<<18+1 || e.Env[1<<18] != "B=2" {
		t.Errorf("%d arguments, %d variables", len(e.Args), len(e.Env))
	}
	if s := d.Stats(); s.Fallbacks != 0 {
		t.Errorf("%+v", s)
	}
	for range 200 {
		if err := d.Decode([]byte(`{`+processPart+`,"event":{"exit":{}}}`), &m); err != nil {
			t.Fatal(err)
		}
	}
	if d.outCap > 1<<20 || cap(d.padded) > 1<<20 || len(d.lists.buf) > 1<<16 {
		t.Errorf("kept %d bytes of text, %d of padding, %d strings", d.outCap, cap(d.padded), len(d.lists.buf))
	}
}

// A value decodes the same with and without capacity behind it, and is never read past its end.
func TestPadding(t *testing.T) {
	line := mix(1)[0]
	want := decodeOne(t, string(line))
	for extra := range 2 * Padding {
		block := append(bytes.Clone(line), bytes.Repeat([]byte{'}'}, extra)...)
		var m es.Message
		if err := NewDecoder().Decode(block[:len(line):len(line)+extra], &m); err != nil || !cmp.Equal(want, &m) {
			t.Fatalf("with %d bytes behind: %v", extra, err)
		}
		if cut := len(line) - 1 - extra; cut > 0 && NewDecoder().fast(block[:cut], &m) {
			t.Fatalf("takes the first %d of %d bytes", cut, len(line))
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	lines := mix(2000)
	var m es.Message
	one, batch := NewDecoder(), NewDecoder()
	batch.Batch = true
	for name, decode := range map[string]func(){
		"one at a time": func() {
			for _, l := range lines {
				if err := one.Decode(l, &m); err != nil {
					t.Fatal(err)
				}
			}
		},
		"batches": func() {
			for i, l := range lines {
				if i%500 == 0 {
					batch.Reset()
				}
				if err := batch.Decode(l, &m); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		for range 4 {
			decode()
		}
		// Now and then strings fall on one another's place: at most a chunk for thousands of lines.
		if n := testing.AllocsPerRun(5, decode); n > 2 {
			t.Errorf("%s: %v allocations for %d lines", name, n, len(lines))
		}
	}
}
