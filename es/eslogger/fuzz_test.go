package eslogger

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// junk follows values in a block; none of it may count.
var junk = []byte(`"}]},{"pid":0,"x":[1234567890123456789012345678901234567890]}}}}}}}}}}}}` + strings.Repeat(`}0"\`, 30))

// agree decodes value by both paths and fails if they differ.
func agree(t interface{ Fatalf(string, ...any) }, fast, slow *Decoder, value []byte) (taken bool) {
	var want, got es.Message
	err := slow.slow(value, &want)
	block := append(append(make([]byte, 0, len(value)+len(junk)), value...), junk...)[:len(value)]
	taken = fast.fast(block, &got)
	plainly(func() {
		var plain es.Message
		if fast.fast(block, &plain) != taken || taken && !reflect.DeepEqual(&plain, &got) {
			t.Fatalf("the wide path differs (-plain +wide):\n%s\n%s", cmp.Diff(&plain, &got), value)
		}
	})
	if taken && err != nil {
		t.Fatalf("the fast path takes what the slow path refuses: %v\n%s", err, value)
	}
	if taken && !reflect.DeepEqual(&want, &got) {
		t.Fatalf("the paths differ (-slow +fast):\n%s\n%s", cmp.Diff(&want, &got), value)
	}
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len(value) || e.Reason == "") {
		t.Fatalf("odd error %#v for %s", err, value)
	}
	if json.Valid(value) == strings.Contains(errorText(err), "invalid JSON") {
		t.Fatalf("error %v for %s", err, value)
	}
	return taken
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// corpus is a line of each kind, compact, in turn with each option, and some of what only people write.
func corpus() [][]byte {
	var lines [][]byte
	r := rand.New(rand.NewPCG(3, 4))
	for k := es.KindOther; k < es.KindCount; k++ {
		m := &es.Message{Version: 6 + int(k)%6, SeqNum: 1, GlobalSeqNum: uint64(k), ThreadID: 7, Process: program(r, int(k)), Event: newEvent(k)}
		fillEvent(reflect.ValueOf(m.Event).Elem(), r)
		gate(m)
		lines = append(lines, Options{TokenArrays: k%3 == 0, Shuffle: uint64(k)}.Append(nil, m))
	}
	small := `{"process":{"audit_token":{"pid":5}},"event":{"exit":{"stat":0}}`
	for _, more := range []string{
		`}`, `,"version":7}`, `,"thread":null,"action":null,"time":null}`, `,"seq_num":18446744073709551615}`,
		`,"seq_num":18446744073709551616}`, `,"seq_num":-1,"glob_seq_num":12345678901234567890}`, `,"seq_num":1e3}`,
		`,"seq_num":007}`, `,"time":"2024-02-29T23:59:59.123Z"}`, `,"time":"2023-02-29T23:59:59.123456789Z"}`,
		`,"time":"2024-02-29T23:59:59Z","time":"2025-01-01T00:00:00.5+02:00"}`, `,"x":[[{"y":[]}],-0.5e+7,true,false,null,"\u00e9\ud83d\ude00"]}`,
		`,"action":{"result":{"result_type":0,"result":{"auth":1}}}}`, `,"action":{"result":{"result_type":1,"result":{"flags":0}}}}`,
		`,"\u0076ersion":9}`, `,"version":"7"}`, `,"process":{"audit_token":[501,501,20,501,20,-5,7,8]}}`, ` } `, `}}`, `,}`,
		`,"process":{"audit_token":{"pid":1,"pidversion":2,"auid":-1,"euid":0,"ruid":0,"egid":0,"rgid":0,"asid":9},"signing_id":"\ud800","team_id":"\ud800\udc00\/\b"}}`,
	} {
		lines = append(lines, []byte(small+more))
	}
	return lines
}

// fillEvent sets fields to plausible values.
func fillEvent(v reflect.Value, r *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Which" {
				fillEvent(v.Field(i), r)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillEvent(v.Elem(), r)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fillEvent(v.Index(0), r)
		fillEvent(v.Index(1), r)
	case reflect.Array:
		for i := range v.Len() {
			fillEvent(v.Index(i), r)
		}
	case reflect.String:
		v.SetString([]string{"", "/Users/alice/a b.txt", "com.apple.finder", "grün \"x\"\n", "🍎"}[r.IntN(5)])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int64:
		v.SetInt(r.Int64N(2e18))
	case reflect.Int32, reflect.Int:
		v.SetInt(r.Int64N(1<<32) - 1<<31)
	default:
		v.SetUint(r.Uint64() >> r.IntN(60) & (1<<v.Type().Bits() - 1))
	}
}

func FuzzDecode(f *testing.F) {
	for _, line := range corpus() {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		fast, slow := NewDecoder(), NewDecoder()
		agree(t, fast, slow, value)
		agree(t, fast, slow, value) // with everything remembered
	})
}

// Lines with a few edits, at places where they matter, decode alike by both paths.
func TestPathsAgree(t *testing.T) {
	lines := corpus()
	scraps := []string{
		"null", "true", "false", "0", "-1", "-0", "00", "1.5", "1e9", "4294967295", "4294967296", "-2147483649", "65536",
		"9223372036854775808", "18446744073709551615", "99999999999999999999", `""`, `"x"`, `"\/"`, `"\u0041\ud800\n"`, `"2020-01-01T00:00:00.000000001Z"`,
		`"2020-01-01T24:00:00.000000001Z"`, `"0000000000000000000000000000000000000abc"`, "{}", "[]", "[1,2]", `{"pid":1}`, `{"path":"/x"}`, `{"x":1}`, `["a","b"]`,
		`[1,2,3,4,5,6,7,8]`, "tru", "-", `"`, "{", "}", "]", "\xff", "\"\xff\"", "\"\u00e9\"", " ", "\n\t  \r        ", ",", ":", `"version":7,`, `"target":{},`,
		`\`, "\x00", `"pid":3,`, `"uid":3,`, `"audit_token":null,`,
	}
	taken := 0
	fast, slow := NewDecoder(), NewDecoder()
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			line := bytes.Clone(lines[rapid.IntRange(0, len(lines)-1).Draw(t, "line")])
			for range rapid.IntRange(0, 3).Draw(t, "edits") {
				line = edit(t, line, scraps)
			}
			if agree(t, fast, slow, line) {
				taken++
			}
		}
	})
	if taken == 0 {
		t.Error("the fast path took nothing")
	}
}

var members = []string{
	`"stat":{"st_dev":1}`, `"target":{"path":"\/z"}`, `"executable":{"path":"/dup"}`, `"pid":3`, `"audit_token":{"pid":3}`,
	`"destination":{}`, `"destination":{"existing_file":null}`, `"tty":{"path":"x"}`, `"new":[{"a":1.0}]`, `"version":null`, `"args":[]`,
	`"child":{"ppid":1}`, `"team_id":null`, `"uid":-2`, `"has_uid":false`, `"process":{"ppid":2}`, `"event":{"exit":{"stat":1}}`, `"fds":[{}]`,
	`"path":"again"`, `"st_size":-1`, `"st_mode":65536`, `"exit":{}`, `"thread":{}`, `"action":{"result":null}`, `"session_username":""`, `"touchid":{"uid":7}`,
}

// edit replaces, inserts, or removes something at a random place, or at the beginning of a random token; or it exchanges
// two bytes, so that keys are misspelt.
func edit(t *rapid.T, line []byte, scraps []string) []byte {
	if len(line) == 0 {
		return line
	}
	at := rapid.IntRange(0, len(line)-1).Draw(t, "at")
	if rapid.IntRange(0, 3).Draw(t, "token") > 0 {
		if n := bytes.IndexAny(line[at:], `:,{[`); n >= 0 {
			at += n + 1
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
		// A key that is there already, or a new one, at the end of some object.
		if n := bytes.IndexByte(line[at:], '}'); n >= 0 {
			member := rapid.SampledFrom(members).Draw(t, "member")
			return append(append(bytes.Clone(line[:at+n]), ","+member...), line[at+n:]...)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "misspell") == 0 {
		line = bytes.Clone(line)
		with := min(at+rapid.IntRange(1, 9).Draw(t, "with"), len(line)-1)
		at = min(at, with)
		line[at], line[with] = line[with], line[at]
		return line
	}
	end := at
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0: // insert
	case 1: // one byte
		end = min(at+1, len(line))
	default: // a scalar
		for end < len(line) && !bytes.ContainsRune([]byte(",]}:"), rune(line[end])) {
			end++
		}
	}
	scrap := rapid.SampledFrom(scraps).Draw(t, "scrap")
	return append(append(bytes.Clone(line[:at]), scrap...), line[end:]...)
}
