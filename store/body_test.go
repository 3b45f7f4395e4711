package store

import (
	"reflect"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// glossary is a dictionary that is written and read in memory.
type glossary struct {
	dictionary
	entries map[uint32]word
}

func newGlossary() *glossary { return &glossary{*newDictionary(), map[uint32]word{}} }

func (g *glossary) word(id uint32) (word, bool) {
	for _, e := range g.fresh {
		w, err := decodeWord(e.kind, []byte(e.value))
		if err != nil {
			panic(err)
		}
		g.entries[e.id] = w
	}
	g.fresh = nil
	w, ok := g.entries[id]
	return w, ok
}

// back is f after it was written and read.
func (g *glossary) back(t interface{ Fatal(...any) }, f *finding.Finding) *finding.Finding {
	enc := encoder{words: g}
	body := enc.append(nil, f)
	dec := decoder{words: g}
	out := &finding.Finding{Kind: f.Kind, ID: f.ID, Time: f.Time, EndTime: f.EndTime}
	if err := dec.decode(body, out); err != nil {
		t.Fatal(err)
	}
	if len(dec.missing) > 0 {
		t.Fatal("words are missing:", dec.missing)
	}
	return out
}

func TestABodyGivesTheSameLine(t *testing.T) {
	g := newGlossary()
	rapid.Check(t, func(t *rapid.T) {
		f := findingtest.Draw(t)
		if want, got := string(finding.Append(nil, f)), string(finding.Append(nil, g.back(t, f))); want != got {
			t.Fatal(cmp.Diff(want, got))
		}
	})
}

// A field that is added to the contract must be added to the body.
func TestABodyHoldsEveryField(t *testing.T) {
	f := &finding.Finding{}
	n := 0
	fill(reflect.ValueOf(f).Elem(), &n)
	f.Certainty = finding.Levels{Action: 1, Actor: 2, Responsible: 3, Initiator: 1}
	for i := range f.Alternatives {
		f.Alternatives[i].Certainty = finding.Likely
	}
	if d := cmp.Diff(f, newGlossary().back(t, f)); d != "" {
		t.Error(d)
	}
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString("word " + string(rune('a'+*n%26)) + string(rune('a'+*n/26%26)) + string(rune('a'+*n/676)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n % 200))
	default:
		panic("a kind of field that the test does not know: " + v.Kind().String())
	}
}

// Whatever a damaged page holds, reading a body ends with a finding or an error.
func FuzzBody(f *testing.F) {
	g := newGlossary()
	n := 0
	whole := &finding.Finding{}
	fill(reflect.ValueOf(whole).Elem(), &n)
	enc := encoder{words: g}
	f.Add(enc.append(nil, whole))
	f.Add([]byte{bodyVersion, 0xff, 0xff, 0xff})
	f.Fuzz(func(_ *testing.T, body []byte) {
		dec := decoder{words: g}
		out := &finding.Finding{Kind: finding.KindOperation}
		if dec.decode(body, out) == nil {
			finding.Append(nil, out)
		}
		for k := wordTerm; k <= wordVolume; k++ {
			_, _ = decodeWord(k, body)
		}
	})
}
