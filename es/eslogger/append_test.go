package eslogger

import (
	"bytes"
	"encoding/json"
	"testing"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What is written and read back is the same message, for every kind and version, in any key order and token form,
// compact or pretty.
func TestAppendDecode(t *testing.T) {
	d := NewDecoder()
	rapid.Check(t, func(t *rapid.T) {
		want := drawMessage(t)
		o := Options{TokenArrays: rapid.Bool().Draw(t, "arrays"), Shuffle: rapid.Uint64().Draw(t, "shuffle")}
		line := o.Append(nil, want)
		if bytes.ContainsRune(line, '\n') || !json.Valid(line) {
			t.Fatalf("not one line of JSON: %s", line)
		}
		if rapid.Bool().Draw(t, "pretty") {
			var b bytes.Buffer
			if err := json.Indent(&b, line, "", "    "); err != nil {
				t.Fatal(err)
			}
			line = b.Bytes()
			if e, ok := want.Event.(*es.Other); ok {
				e.Raw = rawBody(t, line)
			}
		}
		var got es.Message
		if err := d.Decode(line, &got); err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Fatalf("(-wrote +read):\n%s\n%s", diff, line)
		}
		if s := d.Stats(); len(s.UnknownKeys)+len(s.Mismatched) > 0 {
			t.Fatalf("unknown keys %v, mismatches %v", s.UnknownKeys, s.Mismatched)
		}
	})
}

func rawBody(t *rapid.T, line []byte) []byte {
	var m struct{ Event map[string]json.RawMessage }
	if err := json.Unmarshal(line, &m); err != nil {
		t.Fatal(err)
	}
	for _, body := range m.Event {
		return body
	}
	return nil
}

func TestAppendShuffles(t *testing.T) {
	m := &es.Message{Version: 11, Event: &es.Open{}}
	plain := Append(nil, m)
	if !bytes.Equal(plain, Append(nil, m)) {
		t.Error("the fixed order is not fixed")
	}
	one := Options{Shuffle: 1}.Append(nil, m)
	if bytes.Equal(one, plain) || len(one) != len(plain) {
		t.Errorf("shuffled line has %d bytes, plain %d", len(one), len(plain))
	}
	if !bytes.Equal(one, Options{Shuffle: 1}.Append([]byte("x"), m)[1:]) {
		t.Error("one seed gives two orders")
	}
	if bytes.Equal(one, Options{Shuffle: 2}.Append(nil, m)) {
		t.Error("two seeds give one order")
	}
}
