package parquet_test

import (
	"bytes"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	ours "ascribe.example/finding/parquet"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// What is written can be read by its columns' names; what is null in the line is null.
func TestColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want []*finding.Finding
		var file bytes.Buffer
		w := ours.NewWriter(&file)
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			f := findingtest.Draw(t)
			want = append(want, f)
			if err := w.Write(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		type row struct {
			ID    string  `parquet:"id"`
			Path  *string `parquet:"path,optional"`
			Time  *int64  `parquet:"time,optional,timestamp(nanosecond)"`
			Actor *struct {
				Path *string `parquet:"path,optional"`
			} `parquet:"actor,optional"`
		}
		got, err := parquet.Read[row](bytes.NewReader(file.Bytes()), int64(file.Len()))
		if err != nil || len(got) != len(want) {
			t.Fatal(len(got), err)
		}
		for i, f := range want {
			r := got[i]
			if r.ID != f.ID || !same(r.Path, f.Path) || (r.Time == nil) != (f.Time == 0) || r.Time != nil && *r.Time != int64(f.Time) ||
				(r.Actor == nil) != (f.Actor == nil) || r.Actor != nil && !same(r.Actor.Path, f.Actor.Path) {
				t.Errorf("row %d is %+v, of %s", i, r, finding.Append(nil, f))
			}
		}
	})
}

func same(got *string, want string) bool {
	return got == nil && want == "" || got != nil && *got == want
}
