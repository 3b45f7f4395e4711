package scenario

import (
	"testing"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"github.com/google/go-cmp/cmp"
)

// What is written reads back as what was simulated: a message holds nothing that its version has no key for.
func TestLinesReadBack(t *testing.T) {
	for v := 6; v <= 11; v++ {
		for _, form := range []TokenForm{TokensObject, TokensArray} {
			r := buildFile(t, "founding-c.txt", Options{Version: v, Tokens: form, KeySeed: uint64(v)})
			d := eslogger.NewDecoder()
			for _, m := range r.Messages {
				var got es.Message
				if err := d.Decode(r.AppendLine(nil, m), &got); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(*m, got); diff != "" {
					t.Fatalf("version %d: %s", v, diff)
				}
			}
		}
	}
}
