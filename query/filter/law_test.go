package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/query"
	"ascribe.example/query/filter/filtertest"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/bmatcuk/doublestar/v4"
	"pgregory.net/rapid"
)

// A condition sees what the line says, under the names that the line has: no key is missing, none is invented.
func TestFieldsAreWhatTheLineSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := findingtest.Draw(t)
		d := json.NewDecoder(bytes.NewReader(finding.Append(nil, f)))
		d.UseNumber()
		var line map[string]any
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		delete(line, "schema")
		if why := differsFrom(&root, f, line); why != "" {
			t.Fatal(why)
		}
	})
}

func differsFrom(o *object, p any, line map[string]any) string {
	for _, f := range o.fields {
		said, ok := line[f.name]
		if !ok {
			return fmt.Sprintf("the line of a %s has no key %q", o.name, f.name)
		}
		if why := differs(adapter.NativeToValue(f.get(p)), said); why != "" {
			return f.name + ": " + why
		}
	}
	for key := range line {
		if o.field(key) == nil {
			return fmt.Sprintf("a %s has no field for the key %q", o.name, key)
		}
	}
	return ""
}

func differs(v ref.Val, said any) string {
	want := ""
	switch v := v.(type) {
	case types.Null:
		want = "null"
	case types.String:
		if want = string(v); want == "" && said == nil {
			want = "null" // an argument may be "" in the line
		}
	case types.Int:
		want = fmt.Sprint(int64(v))
		if v == math.MaxInt64 {
			return "" // the line goes on to 2^64
		}
	case types.Bool:
		want = fmt.Sprint(bool(v))
	case types.Timestamp:
		want = v.Time.UTC().Format("2006-01-02T15:04:05.000000000Z")
	case certainty:
		want = finding.Certainty(v).String()
	case traits.Lister:
		l, _ := said.([]any)
		if int(v.Size().(types.Int)) != len(l) {
			return fmt.Sprintf("%v in the line", said)
		}
		for i := range l {
			if why := differs(v.Get(types.Int(i)), l[i]); why != "" {
				return why
			}
		}
		return ""
	case value:
		m, ok := said.(map[string]any)
		if !ok {
			return fmt.Sprintf("%v in the line", said)
		}
		return differsFrom(byType[v.typ.TypeName()], v.p, m)
	}
	got := fmt.Sprint(said)
	if said == nil {
		got = "null"
	}
	if got != want {
		return fmt.Sprintf("%q in the line, %q in a condition", got, want)
	}
	return ""
}

var drawnPaths = []string{"/Users/alice/x", "/Users/alice", "/System/Volumes/Data/Users/alice/x", "/tmp/a", "/private/tmp/A", "/Users/alice/", "/System/Volumes/Data"}

var drawn = filtertest.Words{
	Actions: finding.Actions[:4], Users: []string{"alice"}, Paths: drawnPaths,
	Times: []string{`timestamp("2023-01-01T00:00:00Z")`, `timestamp("2025-01-01T00:00:00Z")`, `timestamp("1970-01-01T00:00:00Z")`, `timestamp("9999-01-01T00:00:00Z")`, `when("x")`},
}

// What Want leaves out is what the condition does not hold of.
func TestWantLeavesOutNothing(t *testing.T) {
	o := Options{When: func(string) (time.Time, error) { return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), nil }}
	left, read, held := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		expr := drawn.Draw(t, 3)
		c, err := Compile(expr, o)
		if err != nil {
			t.Fatalf("%s: %v", expr, err)
		}
		for range 8 {
			f := findingtest.Draw(t)
			f.Path = rapid.SampledFrom(append(drawnPaths, f.Path)).Draw(t, "path")
			f.SourcePath = rapid.SampledFrom(append(drawnPaths, "")).Draw(t, "source path")
			if f.Kind == finding.KindOperation {
				f.Action = rapid.SampledFrom(finding.Actions[:4]).Draw(t, "action")
			}
			if f.Initiator != nil {
				f.Initiator.UID = rapid.SampledFrom([]uint32{0, 501, es.Unset}).Draw(t, "uid")
				f.Initiator.User = rapid.SampledFrom([]string{"", "alice", "bob"}).Draw(t, "user")
			}
			matches, err := c.evaluate(f)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			if m, err := c.Evaluate(f); err != nil || m != matches {
				t.Fatalf("%s: %v, %v; without the texts that it needs %v", expr, m, err, matches)
			}
			if !c.mayHold(f) {
				read++
			}
			want := c.Want()
			switch has := want.Has(f); {
			case matches && !has:
				t.Fatalf("%s holds, but is not wanted: %+v\n%s", expr, want, finding.Append(nil, f))
			case matches:
				held++
			case !has:
				left++
			}
			if m, err := c.Match(f); err != nil || m != matches {
				t.Fatalf("%s: %v, %v; without its want %v", expr, m, err, matches)
			}
		}
	})
	if left < 30 || read < 5 || held < 30 {
		t.Errorf("%d left out, %d by texts, %d held: too few to say anything", left, read, held)
	}
}

// A pattern that is read once matches what doublestar says it does.
func TestGlobsAreWhatDoublestarSays(t *testing.T) {
	held := 0
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{
			"/", "/", "/", "a", "A", "*", "**", "?", "{a,b}", "{/x,/tmp,}", "{*.pdf,**/b}", "[a-c]", "{[a,b],c}", "tmp", "/private", "ß", ".pdf", "Users", `\*`,
			"/System/Volumes/Data", "{a,{b,ab}}",
		})
		join := func(l []string) string { return strings.Join(l, "") }
		pattern := rapid.Map(rapid.SliceOfN(part, 1, 6), join).Draw(t, "pattern")
		if !doublestar.ValidatePattern(query.Fold(pattern)) {
			return
		}
		g := newGlob(pattern)
		for range 8 {
			path := "/" + rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
				"/", "/", "a", "B", "c", "ab", "tmp", "private", "x", "ß", "ẞ", ".pdf", "Users", "System/Volumes/Data", "*", "K",
			}), 0, 6), join).Draw(t, "path")
			if rapid.Bool().Draw(t, "alike") {
				path = strings.NewReplacer("**", "a/b", "*", "a", "?", "c", "[a-c]", "B", "{a,b}", "b", "{", "", "}", "").Replace(pattern)
			}
			want, err := doublestar.Match(query.Fold(pattern), query.Fold(path))
			if err != nil {
				t.Fatal(err)
			}
			if got := g.match(path); got != want {
				t.Fatalf("%q matches %q: %v, doublestar says %v", pattern, path, got, want)
			}
			if want {
				held++
			}
		}
	})
	if held < 10 {
		t.Errorf("only %d matched", held)
	}
}
