package query_test

import (
	"strings"
	"testing"

	"ascribe.example/query"
	"pgregory.net/rapid"
)

func drawPath() *rapid.Generator[string] {
	part := rapid.SampledFrom([]string{"", "tmp", "TMP", "private", "Private", "var", "System", "Volumes", "Data", "a", "A", "Größe", "GRO\u0308SSE", "b c", "x\xff"})
	return rapid.Map(rapid.SliceOfN(part, 1, 5), func(l []string) string { return "/" + strings.Join(l, "/") })
}

// The fast ways to compare say what the keys say.
func TestPathsAreComparedByTheirKeys(t *testing.T) {
	held := 0
	rapid.Check(t, func(t *rapid.T) {
		path, other := drawPath().Draw(t, "path"), drawPath().Draw(t, "other")
		if rapid.Bool().Draw(t, "below") {
			path = strings.ToUpper(other) + "/" + path
		}
		key := query.Fold(other)
		under := strings.HasPrefix(query.Fold(path), strings.TrimRight(key, "/")+"/") && len(query.Fold(path)) > len(strings.TrimRight(key, "/"))+1
		if got := query.Under(path, other); got != under {
			t.Fatalf("%q under %q: %v", path, other, got)
		}
		if got := query.Under(path, key); got != under {
			t.Fatalf("%q under the key %q: %v", path, key, got)
		}
		if got, want := query.HasKey(path, key), query.Fold(path) == key; got != want {
			t.Fatalf("%q has the key %q: %v", path, key, got)
		}
		if under {
			held++
		}
		if again := query.Fold(key); again != key {
			t.Fatalf("the key of the key %q is %q", key, again)
		}
	})
	if held < 10 {
		t.Errorf("only %d were below", held)
	}
}

// A mark counts wherever it stands.
func TestMarksCountAtEveryPlace(t *testing.T) {
	for n := range 20 {
		for after := range 10 {
			before, behind := "/"+strings.Repeat("a", n), strings.Repeat("b", after)
			if got, want := query.Fold(before+"o\u0308"+behind), before+"\u00f6"+behind; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}
