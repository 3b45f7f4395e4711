package query_test

import (
	"fmt"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func act(at es.Time, action finding.Action, source, path string) *finding.Finding {
	return &finding.Finding{
		Kind: finding.KindOperation, ID: fmt.Sprint(at), Time: at, EndTime: at, Action: action, SourcePath: source, Path: path,
		Object: &finding.Object{Type: finding.ObjectFile},
	}
}

func folder(f *finding.Finding) *finding.Finding {
	f.Object.Type = finding.ObjectDirectory
	return f
}

// follow gives the ids of the findings about a file, and its names.
func follow(t testing.TB, path string, fs ...*finding.Finding) (ids []string, names []query.Name) {
	t.Helper()
	trail, err := query.NewTrail(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fs {
		trail.Note(f)
	}
	trail.Follow()
	for _, f := range fs {
		if trail.Has(f) {
			ids = append(ids, f.ID)
		}
	}
	return ids, trail.Names()
}

func TestTrail(t *testing.T) {
	day := []*finding.Finding{
		act(1, finding.Create, "", "/Users/alice/draft.txt"),
		act(2, finding.Save, "", "/Users/alice/draft.txt"),
		act(3, finding.Rename, "/Users/alice/draft.txt", "/Users/alice/final.txt"),
		act(4, finding.Create, "", "/Users/alice/draft.txt"), // another file under the old name
		act(5, finding.Copy, "/Users/alice/final.txt", "/Volumes/USB/final.txt"),
		folder(act(6, finding.Rename, "/Users/alice", "/Users/bob")),
		act(7, finding.Save, "", "/Users/bob/final.txt"),
		act(8, finding.Trash, "/Users/bob/final.txt", "/Users/bob/.Trash/final.txt"),
		act(9, finding.Delete, "", "/Users/bob/.Trash/final.txt"),
		act(10, finding.Create, "", "/Users/bob/.Trash/final.txt"), // yet another
		act(11, finding.Save, "", "/Users/alice/draft.txt"),
	}
	for path, want := range map[string][]string{
		"/Users/alice/final.txt":      {"1", "2", "3", "5", "6", "7", "8", "9"},
		"/Users/bob/.Trash/final.txt": {"1", "2", "3", "5", "6", "7", "8", "9", "10"},
		"/Volumes/USB/final.txt":      {"5"},
		"/Users/nobody/x":             nil,
		"/users/ALICE/Final.txt":      {"1", "2", "3", "5", "6", "7", "8", "9"}, // as most volumes compare
		"/Volumes/USB/":               {"5"},
	} {
		got, _ := follow(t, path, day...)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
	_, names := follow(t, "/Users/alice/final.txt", day...)
	want := []query.Name{
		{Path: "/Users/alice/final.txt"},
		{Path: "/Users/alice/draft.txt", To: 3},
		{Path: "/Users/bob/final.txt", From: 6, To: 8},
		{Path: "/Users/bob/.Trash/final.txt", From: 8, To: 9},
	}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
}

func TestTrailOfBatchesAndLinks(t *testing.T) {
	batch := act(2, finding.Move, "/in", "/out")
	batch.Items = []finding.Item{
		{SourcePath: "/in/a", Path: "/out/a"},
		{SourcePath: "/in/b", Path: "/out/b", Action: finding.Copy},
		{SourcePath: "/in/c", Path: "/out/c", Action: finding.Rename},
	}
	got, _ := follow(t, "/out/a", act(1, finding.Create, "", "/in/a"), act(1, finding.Create, "", "/in/b"), batch)
	if d := cmp.Diff([]string{"1", "2"}, got); d != "" {
		t.Error(d)
	}
	link := act(2, finding.Link, "/a", "/b")
	got, names := follow(t, "/b", act(1, finding.Create, "", "/a"), link, act(3, finding.Save, "", "/a"), act(4, finding.Save, "", "/b"))
	if d := cmp.Diff([]string{"1", "2", "3", "4"}, got); d != "" {
		t.Errorf("%s%v", d, names)
	}
	got, _ = follow(t, "/private/tmp/x", act(1, finding.Create, "", "/tmp/x"), act(2, finding.Save, "", "/System/Volumes/Data/private/tmp/x"))
	if d := cmp.Diff([]string{"1", "2"}, got); d != "" {
		t.Error(d)
	}
}

func TestTrailRefusesParts(t *testing.T) {
	for _, path := range []string{"", "plan.pdf", "./plan.pdf", "~/plan.pdf"} {
		if _, err := query.NewTrail(path); err == nil {
			t.Errorf("%q passes", path)
		}
	}
}

// A folder of files that are renamed at random: a trail tells exactly what was done to the files that ever had the name.
func TestTrailAgainstFiles(t *testing.T) {
	names := []string{"/d/a", "/d/b", "/d/c", "/e/a", "/e/b"}
	rapid.Check(t, func(rt *rapid.T) {
		at := map[string]int{} // the file under each name
		next := 0
		var fs []*finding.Finding
		var about [][]int // the files that each finding is about
		had := map[string]map[int]bool{}
		note := func(name string) {
			if had[name] == nil {
				had[name] = map[int]bool{}
			}
			had[name][at[name]] = true
		}
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			when := es.Time(i + 1)
			a, b := rapid.SampledFrom(names).Draw(rt, "a"), rapid.SampledFrom(names).Draw(rt, "b")
			file, there := at[a]
			switch {
			case !there:
				next++
				at[a] = next
				note(a)
				fs, about = append(fs, act(when, finding.Create, "", a)), append(about, []int{next})
			case a == b || rapid.Bool().Draw(rt, "save"):
				fs, about = append(fs, act(when, finding.Save, "", a)), append(about, []int{file})
			case rapid.IntRange(0, 4).Draw(rt, "delete") == 0:
				delete(at, a)
				fs, about = append(fs, act(when, finding.Delete, "", a)), append(about, []int{file})
			default:
				over := []int{file}
				if gone, ok := at[b]; ok {
					over = append(over, gone) // it is overwritten
				}
				delete(at, a)
				at[b] = file
				note(b)
				fs, about = append(fs, act(when, finding.Rename, a, b)), append(about, over)
			}
		}
		path := rapid.SampledFrom(names).Draw(rt, "path")
		got, trail := follow(t, path, fs...)
		told := map[string]bool{}
		for _, id := range got {
			told[id] = true
		}
		for i, f := range fs {
			want := false
			for _, file := range about[i] {
				want = want || had[path][file]
			}
			if want && !told[f.ID] {
				rt.Fatalf("%s: %s %s %s at %d is not told; names %v", path, f.Action, f.SourcePath, f.Path, f.Time, trail)
			}
			if !want && told[f.ID] {
				rt.Fatalf("%s: %s %s %s at %d is told; names %v", path, f.Action, f.SourcePath, f.Path, f.Time, trail)
			}
		}
	})
}
