package eslogger

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

// specimen builds values from the listing. Of a union it takes one arm, of alternatives one type.
type specimen struct {
	arm, alternative, n int
}

// leaf is a scalar of a specimen: a way to change it, and whether the decoder keeps it.
type leaf struct {
	object, place, key string
	change, reset      func()
	unread             bool
}

func (s *specimen) object(name, path string, unread bool, leaves *[]leaf) map[string]any {
	o := map[string]any{}
	keys := listing()[name]
	arms := 0
	for _, k := range keys {
		if k.arm {
			arms++
		}
	}
	arm := 0
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		k := keys[key]
		if k.arm {
			arm++
			if s.arm%arms != arm-1 {
				continue
			}
		}
		t := k.types[min(s.alternative, len(k.types)-1)]
		before := len(*leaves)
		o[key] = s.value(t, path+"."+key, unread || k.unread, leaves, func(v any) { o[key] = v })
		for i := before; i < len(*leaves); i++ {
			if l := &(*leaves)[i]; l.object == "" {
				l.object, l.place, l.key = name, path, key
			}
		}
	}
	return o
}

func (s *specimen) value(t, path string, unread bool, leaves *[]leaf, set func(any)) any {
	s.n++
	n := s.n
	var v, other any
	switch t {
	case "int":
		v, other = n, n+1000
	case "bool":
		v, other = true, false
	case "string":
		v, other = fmt.Sprintf("text/%d", n), "other"
	case "time":
		v, other = fmt.Sprintf("2024-05-06T07:08:09.%09dZ", n*1000), "2025-01-01T00:00:00.000001Z"
	case "hex":
		v, other = fmt.Sprintf("%040X", n), strings.Repeat("AB", 20)
	case "null":
		return nil
	case "any":
		v, other = map[string]any{"x": []any{1.5, nil}}, "other"
	default:
		if element, ok := strings.CutPrefix(t, "[]"); ok {
			list := make([]any, 2)
			for i := range list {
				list[i] = s.value(element, path, unread, leaves, func(v any) { list[i] = v })
			}
			return list
		}
		return s.object(t, path, unread, leaves)
	}
	*leaves = append(*leaves, leaf{change: func() { set(other) }, reset: func() { set(v) }, unread: unread})
	return v
}

// decodeQuietly decodes by the fast path alone and finds nothing to count.
func decodeQuietly(t *testing.T, line []byte) *es.Message {
	t.Helper()
	var m es.Message
	d := NewDecoder()
	if err := d.Decode(line, &m); err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
	if s := d.Stats(); s.Fallbacks+uint64(len(s.UnknownKeys)+len(s.Mismatched)) > 0 {
		t.Fatalf("%+v\n%s", s, line)
	}
	return m.Clone()
}

func encode(t *testing.T, m map[string]any) []byte {
	t.Helper()
	line, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// Every listed key of every event lands in a field, by both paths alike, and every field has a key.
func TestShapes(t *testing.T) {
	c := coverage{lines: map[string]bool{}, keys: map[string]bool{}, places: map[string]bool{}, fields: map[string]bool{}}
	events := 0
	for name := range listing() {
		name, ok := strings.CutPrefix(name, "event ")
		if !ok {
			continue
		}
		events++
		t.Run(name, func(t *testing.T) {
			for i := range 4 * 3 {
				c.try(t, name, &specimen{arm: i % 4, alternative: i / 4})
			}
		})
	}
	if events < 80 {
		t.Errorf("%d events are listed", events)
	}
	for field, ok := range c.fields {
		if !ok {
			t.Errorf("no key fills %s", field)
		}
	}
}

// coverage is what has been tried: each key of each object once, and at each place an object once.
type coverage struct{ lines, keys, places, fields map[string]bool }

func (c *coverage) try(t *testing.T, name string, s *specimen) {
	var leaves []leaf
	m := s.object("message", "message", false, &leaves)
	m["version"] = 11
	m["action"] = map[string]any{"result": map[string]any{"result_type": 0, "result": map[string]any{"auth": 0}}}
	m["event"] = map[string]any{name: s.object("event "+name, name, false, &leaves)}
	line := encode(t, m)
	if c.lines[string(line)] {
		return
	}
	c.lines[string(line)] = true
	base := decodeQuietly(t, line)
	d := Decoder{StrictShape: true}
	var slow es.Message
	if err := d.slow(line, &slow); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&slow, base); diff != "" {
		t.Errorf("the paths differ (-slow +fast):\n%s", diff)
	}
	if d.strict(line); len(d.unknownKeys)+len(d.mismatched) > 0 {
		t.Errorf("%+v", d.Stats())
	}
	if kind := es.KindOf(name); base.Kind() != kind {
		t.Fatalf("decoded as %v", base.Kind())
	}
	if base.Kind() == es.KindOther || base.Kind() == es.KindCSInvalidated {
		return
	}
	c.note(reflect.ValueOf(base.Event).Elem(), reflect.TypeOf(base.Event).String())
	for _, l := range leaves {
		key, place := l.object+"."+l.key, fmt.Sprint(l.place, s.arm, s.alternative)
		if c.keys[key] && c.places[place] {
			continue
		}
		// Replaced above; the name that a screen sharer gave counts only without that of the session; and of a file that
		// Gatekeeper was told to trust only the path is kept.
		if strings.HasPrefix(l.object, "action") || key == "message.event" || key == "message.version" ||
			l.key == "authentication_username" && s.alternative == 0 ||
			strings.HasPrefix(l.place, "gatekeeper_user_override.file") && l.key != "path" {
			continue
		}
		c.keys[key], c.places[place] = true, true
		l.change()
		if kept := !cmp.Equal(base, decodeQuietly(t, encode(t, m))); kept == l.unread {
			t.Errorf("%s at %s: kept %v, listed as kept %v", key, l.place, kept, !l.unread)
		}
		l.reset()
	}
}

// note takes down for each field that v reaches whether it holds something.
func (c *coverage) note(v reflect.Value, path string) {
	unset := v.Kind() == reflect.Uint32 && v.Uint() == es.Unset
	c.fields[path] = c.fields[path] || !v.IsZero() && !unset
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		c.note(v.Elem(), path)
	case v.Kind() == reflect.Struct && v.NumField() > 0:
		for i := range v.NumField() {
			if f := v.Type().Field(i).Name; f != "Which" {
				c.note(v.Field(i), path+"."+f)
			}
		}
	}
}
