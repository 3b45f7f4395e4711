package finding_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// member is a key of a JSON object, with what is below it; order is kept.
type member struct {
	key   string
	below []member
}

func (m member) String() string { return m.key + fmt.Sprint(m.below) }

// schemaKeys lists the keys that a schema allows, in its order, with references followed.
func schemaKeys(t *testing.T, defs map[string]json.RawMessage, schema json.RawMessage) []member {
	t.Helper()
	var s struct {
		Ref        string            `json:"$ref"`
		AnyOf      []json.RawMessage `json:"anyOf"`
		Items      json.RawMessage   `json:"items"`
		Properties json.RawMessage   `json:"properties"`
		Required   []string          `json:"required"`
		Additional *bool             `json:"additionalProperties"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	switch {
	case s.Ref != "":
		def, ok := defs[strings.TrimPrefix(s.Ref, "#/$defs/")]
		if !ok {
			t.Fatalf("no definition of %s", s.Ref)
		}
		return schemaKeys(t, defs, def)
	case s.AnyOf != nil:
		return schemaKeys(t, defs, s.AnyOf[0])
	case s.Items != nil:
		return schemaKeys(t, defs, s.Items)
	case s.Properties == nil:
		return nil
	}
	if s.Additional == nil || *s.Additional {
		t.Errorf("%.60s allows other keys", schema)
	}
	var keys []member
	for key, value := range object(t, s.Properties) {
		keys = append(keys, member{key, schemaKeys(t, defs, value)})
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.key
	}
	if d := cmp.Diff(names, s.Required); d != "" {
		t.Errorf("properties and required differ:\n%s", d)
	}
	return keys
}

// object yields the members of a JSON object in their order.
func object(t *testing.T, raw json.RawMessage) func(func(string, json.RawMessage) bool) {
	return func(yield func(string, json.RawMessage) bool) {
		d := json.NewDecoder(bytes.NewReader(raw))
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			var value json.RawMessage
			if err := d.Decode(&value); err != nil {
				t.Fatal(err)
			}
			if !yield(key.(string), value) {
				return
			}
		}
	}
}

// lineKeys lists the keys that a line holds, in its order; lists count by their first element.
func lineKeys(t *testing.T, raw json.RawMessage) []member {
	t.Helper()
	raw = bytes.TrimSpace(raw)
	switch raw[0] {
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return nil
		}
		return lineKeys(t, list[0])
	case '{':
		var keys []member
		for key, value := range object(t, raw) {
			keys = append(keys, member{key, lineKeys(t, value)})
		}
		return keys
	}
	return nil
}

// full is a finding that reaches every key; no real one does.
func full() *finding.Finding {
	f := &finding.Finding{}
	var fill func(reflect.Value)
	fill = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				fill(v.Field(i))
			}
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem())
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0))
		case reflect.Array:
			for i := range v.Len() {
				fill(v.Index(i))
			}
		case reflect.String:
			v.SetString("text")
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int32, reflect.Int64:
			v.SetInt(1)
		case reflect.Uint8, reflect.Uint32, reflect.Uint64:
			v.SetUint(1)
		default:
			panic(v.Kind().String())
		}
	}
	fill(reflect.ValueOf(f).Elem())
	f.Kind = finding.KindEvent
	return f
}

func TestSchemaAndWriterAgree(t *testing.T) {
	var doc struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(finding.JSONSchema(), &doc); err != nil {
		t.Fatal(err)
	}
	want := schemaKeys(t, doc.Defs, finding.JSONSchema())
	got := lineKeys(t, finding.Append(nil, full()))
	if d := cmp.Diff(want, got, cmp.AllowUnexported(member{})); d != "" {
		t.Errorf("the schema's keys and the writer's differ (-schema +writer):\n%s", d)
	}
}

// Each field of the structs changes the line: none is forgotten by the writer, and none by the reader.
func TestEveryFieldIsWrittenAndRead(t *testing.T) {
	seen := map[string]bool{}
	var walk func(at string, v reflect.Value, whole *finding.Finding)
	walk = func(at string, v reflect.Value, whole *finding.Finding) {
		check := func(change func()) {
			seen[at] = true
			before := string(finding.Append(nil, whole))
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			change()
			after := finding.Append(nil, whole)
			if string(after) == before {
				t.Errorf("%s is not written", at)
			}
			back, err := finding.Parse(after)
			if err != nil {
				t.Errorf("%s: %v", at, err)
			} else if d := cmp.Diff(whole, back); d != "" {
				t.Errorf("%s is not read (-want +got):\n%s", at, d)
			}
			v.Set(old)
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(at+"."+v.Type().Field(i).Name, v.Field(i), whole)
			}
		case reflect.Pointer:
			walk(at, v.Elem(), whole)
		case reflect.Slice:
			walk(at+"[0]", v.Index(0), whole)
		case reflect.Array:
			walk(at+"[0]", v.Index(0), whole)
		case reflect.String:
			if at != ".Kind" {
				check(func() { v.SetString("another") })
			}
		case reflect.Bool: // HasToken and Exited decide what else is written
		case reflect.Int32, reflect.Int64:
			check(func() { v.SetInt(2) })
		case reflect.Uint8, reflect.Uint32, reflect.Uint64:
			check(func() { v.SetUint(2) })
		}
	}
	event := full()
	event.Gap = nil
	root := reflect.ValueOf(event).Elem()
	for i := range root.NumField() {
		if name := root.Type().Field(i).Name; name != "Gap" {
			walk("."+name, root.Field(i), event)
		}
	}
	gap := full()
	gap.Kind, gap.Seq = finding.KindGap, 0
	walk(".Gap", reflect.ValueOf(gap.Gap), gap)
	if len(seen) < 120 {
		t.Errorf("only %d fields were reached", len(seen))
	}
}

// The lists of words hold every constant of their type, in the order of their declaration, and so does the schema.
func TestVocabularies(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "finding.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string][]string{}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			typ, ok := v.Type.(*ast.Ident)
			if !ok || len(v.Values) != 1 {
				continue
			}
			if lit, ok := v.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				word, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				declared[typ.Name] = append(declared[typ.Name], word)
			}
		}
	}
	published := map[string][]string{
		"Kind": words(finding.Kinds), "Action": words(finding.Actions), "Method": words(finding.Methods),
		"Role": words(finding.Roles), "Basis": words(finding.Bases), "Status": words(finding.Statuses),
		"Class": words(finding.Classes), "SessionType": words(finding.SessionTypes),
		"VolumeKind": words(finding.VolumeKinds), "ObjectType": words(finding.ObjectTypes), "Caveat": words(finding.Caveats),
		"Severity": words(finding.Severities),
	}
	if d := cmp.Diff(declared, published); d != "" {
		t.Errorf("constants and published lists differ (-constants +lists):\n%s", d)
	}

	var levels []string
	for _, c := range finding.Certainties {
		levels = append(levels, c.String())
	}
	published["Certainty"], published["ParticipantRole"] = levels, finding.ParticipantRoles
	published["Origin"], published["GapReason"] = finding.Origins, finding.GapReasons
	enums := schemaEnums(t)
	for name, list := range published {
		if !slices.ContainsFunc(enums, func(e []string) bool { return slices.Equal(e, list) }) {
			t.Errorf("the schema has no enum %v (%s)", list, name)
		}
	}
	if len(enums) != len(published) {
		t.Errorf("the schema has %d different enums, %d lists are published: %v", len(enums), len(published), enums)
	}
}

func words[T ~string](list []T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

// schemaEnums lists the schema's different enums, without null.
func schemaEnums(t *testing.T) [][]string {
	var out [][]string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if list, ok := v["enum"].([]any); ok {
				var e []string
				for _, w := range list {
					if w != nil {
						e = append(e, w.(string))
					}
				}
				if !slices.ContainsFunc(out, func(o []string) bool { return slices.Equal(o, e) }) {
					out = append(out, e)
				}
			}
			for _, w := range v {
				walk(w)
			}
		case []any:
			for _, w := range v {
				walk(w)
			}
		}
	}
	var doc any
	if err := json.Unmarshal(finding.JSONSchema(), &doc); err != nil {
		t.Fatal(err)
	}
	walk(doc)
	return out
}

// The schema is strict: what the contract does not publish does not pass.
func TestSchemaRefuses(t *testing.T) {
	op := string(finding.Append(nil, &finding.Finding{
		Kind: finding.KindOperation, ID: finding.ID("", "", "", 1, finding.KindOperation, finding.Copy, 0),
		Action: finding.Copy, Caveats: []finding.Caveat{finding.CaveatLate}, Time: 1e18,
		Evidence: []finding.Evidence{{For: finding.RoleActor, Rule: "a-rule", Says: "so"}},
	}))
	findingtest.Validate(t, []byte(op))
	change := func(old, new string) {
		t.Helper()
		changed := strings.Replace(op, old, new, 1)
		if changed == op {
			t.Fatalf("%s is not in %s", old, op)
		}
		if findingtest.Check([]byte(changed)) == nil {
			t.Errorf("%s in place of %s passes", new, old)
		}
	}
	change(`"kind":"operation"`, `"kind":"event"`)
	change(`"kind":"operation"`, `"kind":"gap"`)
	change(`"kind":"operation"`, `"kind":"process"`)
	change(`"op_`, `"ev_`)
	change(`"action":"copy"`, `"action":"steal"`)
	change(`"action":"copy"`, `"action":null`)
	change(`"late"`, `"doubtful"`)
	change(`"late"`, `"late","late"`)
	change(`"certainty":{"action":"unknown"`, `"certainty":{"action":"sure"`)
	change(`"rule":"a-rule"`, `"rule":"A rule"`)
	change(`.000000000Z`, `.000Z`)
	change(`"items_total":0`, `"items_total":-1`)
	change(`"why":null`, `"why":"lost"`)
	change(`,"why":null`, ``)
	change(`"why":null`, `"why":null,"more":1`)
	change(`"event":null`, `"event":"close"`)
}

func TestID(t *testing.T) {
	if got := finding.ID("mac-7", "6F1C", "c1", 1<<64-1, finding.KindEvent, "", 3); got != "ev_bcb69a77443875f23d425004" {
		t.Errorf("the published recipe gives another id than %s", got)
	}
	// No two of all that differ in one place share an id.
	ids := map[string]string{}
	for _, host := range []string{"", "a", "ab"} {
		for _, boot := range []string{"", "1", "b"} {
			for _, client := range []string{"", "1"} {
				for first := range uint64(3) {
					for _, kind := range finding.Kinds {
						for _, action := range []finding.Action{"", finding.Copy, finding.Move} {
							for part := range 2 {
								at := fmt.Sprintf("%q %q %q %d %s %s %d", host, boot, client, first, kind, action, part)
								id := finding.ID(host, boot, client, first, kind, action, part)
								if other, ok := ids[id]; ok {
									t.Errorf("%s and %s are both %s", at, other, id)
								}
								ids[id] = at
							}
						}
					}
				}
			}
		}
	}
}

func TestIDOfLongNames(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		host := rapid.StringN(0, 600, -1).Draw(rt, "host")
		if a, b := finding.ID(host, "", "", 1, finding.KindGap, "", 0), finding.ID(host+"x", "", "", 1, finding.KindGap, "", 0); a == b {
			rt.Fatal(a)
		}
	})
}
