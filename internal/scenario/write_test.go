package scenario

import (
	"reflect"
	"testing"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"github.com/google/go-cmp/cmp"
)

// What is written reads back as what was simulated: a message holds nothing that its version has no key for.
func TestLinesReadBack(t *testing.T) {
	day := scriptFile(t, "testdata/day.txt")
	for v := 6; v <= 11; v++ {
		for _, form := range []TokenForm{TokensObject, TokensArray}[v%2:] {
			r := built(t, day, Options{Version: v, Tokens: form, KeySeed: uint64(v), Noise: Noise{Ratio: 0.2}})
			d := eslogger.NewDecoder()
			for _, m := range r.Messages {
				var got es.Message
				if err := d.Decode(r.AppendLine(nil, m), &got); err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(*m, got) {
					t.Fatalf("version %d, message %d, %v: %s", v, m.GlobalSeqNum, m.Kind(), cmp.Diff(*m, got))
				}
			}
		}
	}
}
