package query_test

import (
	"context"
	"iter"
	"strconv"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// list is a source that has nothing but what is wanted.
type list []*finding.Finding

func (l list) Findings(_ context.Context, w query.Want) iter.Seq2[*finding.Finding, error] {
	return func(yield func(*finding.Finding, error) bool) {
		for _, f := range l {
			if w.Has(f) && !yield(f, nil) {
				return
			}
		}
	}
}

// Looking a file's names up, one after the other, finds what going through everything finds.
func TestATrailThatIsLookedUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"/a", "/a/b", "/a/b/c", "/A/b/d", "/e", "/e/b", "/e/b/c", "/f/c", "/f"}
		name := rapid.SampledFrom(names)
		object := func() *finding.Object {
			return &finding.Object{Type: rapid.SampledFrom(finding.ObjectTypes).Draw(t, "type")}
		}
		var all list
		for i := range rapid.IntRange(0, 25).Draw(t, "findings") {
			f := &finding.Finding{
				Kind: rapid.SampledFrom([]finding.Kind{finding.KindOperation, finding.KindOperation, finding.KindEvent}).Draw(t, "kind"),
				ID:   strconv.Itoa(i), Time: es.Time(rapid.IntRange(1, 30).Draw(t, "time")),
				Action: rapid.SampledFrom([]finding.Action{
					finding.Rename, finding.Move, finding.Trash, finding.Restore, finding.Link, finding.Delete, finding.Save, finding.Copy,
				}).Draw(t, "action"),
				Path: name.Draw(t, "path"), Object: object(),
			}
			f.EndTime = f.Time + es.Time(rapid.IntRange(0, 3).Draw(t, "for"))
			if rapid.Bool().Draw(t, "from elsewhere") {
				f.SourcePath, f.Source = name.Draw(t, "source"), object()
			}
			for range rapid.IntRange(0, 2).Draw(t, "items") {
				f.Items = append(f.Items, finding.Item{
					Path: name.Draw(t, "item"), SourcePath: name.Draw(t, "item's source"),
					Action: rapid.SampledFrom([]finding.Action{"", finding.Move, finding.Save}).Draw(t, "item's action"),
				})
			}
			all = append(all, f)
		}
		path := name.Draw(t, "asked") + rapid.SampledFrom([]string{"", "", "/"}).Draw(t, "slash")
		whole, err := query.NewTrail(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range all {
			whole.Note(f)
		}
		whole.Follow()
		sought, err := query.NewTrail(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := sought.Seek(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(whole.Names(), sought.Names()); d != "" {
			t.Fatal(d)
		}
		var want, got []string
		for _, f := range all {
			if whole.Has(f) {
				want = append(want, f.ID)
			}
		}
		for f := range sought.Found(context.Background(), all) {
			if sought.Has(f) {
				got = append(got, f.ID)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}
