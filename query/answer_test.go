package query_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func replacing(f *finding.Finding) *finding.Finding {
	f.Replaced = &finding.Object{Type: finding.ObjectFile}
	return f
}

func batch(f *finding.Finding, items ...finding.Item) *finding.Finding {
	f.Items, f.ItemsTotal = items, uint64(len(items))
	return f
}

func method(f *finding.Finding, m finding.Method) *finding.Finding {
	f.Method = m
	return f
}

func TestDiff(t *testing.T) {
	for name, x := range map[string]struct {
		acts []*finding.Finding
		want string
	}{
		"created under a draft's name":   {[]*finding.Finding{act(1, finding.Create, "", "/a"), act(2, finding.Rename, "/a", "/b")}, "created /b"},
		"came and went":                  {[]*finding.Finding{act(1, finding.Create, "", "/a"), act(2, finding.Delete, "", "/a")}, "1 came and went"},
		"came, moved and went":           {[]*finding.Finding{act(1, finding.Copy, "/x", "/a"), act(2, finding.Move, "/a", "/b"), act(3, finding.Delete, "", "/b")}, "1 came and went"},
		"renamed and changed":            {[]*finding.Finding{act(1, finding.Rename, "/a", "/b"), act(2, finding.Write, "", "/b")}, "renamed /b was /a changed"},
		"renamed and back":               {[]*finding.Finding{act(1, finding.Rename, "/a", "/b"), act(2, finding.Rename, "/b", "/a")}, "1 as before"},
		"renamed by case only":           {[]*finding.Finding{act(1, finding.Rename, "/a", "/A")}, "renamed /A was /a"},
		"deleted under its first name":   {[]*finding.Finding{act(1, finding.Rename, "/a", "/b"), act(2, finding.Delete, "", "/b")}, "deleted /a"},
		"deleted and made anew":          {[]*finding.Finding{act(1, finding.Delete, "", "/a"), act(2, finding.Create, "", "/a")}, "changed /a"},
		"saved":                          {[]*finding.Finding{replacing(act(1, finding.Save, "", "/a"))}, "changed /a"},
		"saved for the first time":       {[]*finding.Finding{act(1, finding.Save, "", "/a"), replacing(act(2, finding.Save, "", "/a"))}, "created /a"},
		"saved in place":                 {[]*finding.Finding{method(act(1, finding.Save, "", "/a"), finding.ByInPlace)}, "changed /a"},
		"copied over another":            {[]*finding.Finding{replacing(act(1, finding.Copy, "/x", "/a"))}, "changed /a over"},
		"renamed over another":           {[]*finding.Finding{replacing(act(1, finding.Rename, "/a", "/b"))}, "renamed /b was /a over"},
		"renamed over what was made":     {[]*finding.Finding{act(1, finding.Create, "", "/b"), replacing(act(2, finding.Rename, "/a", "/b"))}, "renamed /b was /a|1 came and went"},
		"rights":                         {[]*finding.Finding{act(1, finding.Protect, "", "/a"), act(2, finding.Unquarantine, "", "/a")}, "rights /a"},
		"rights of what was made":        {[]*finding.Finding{act(1, finding.Create, "", "/a"), act(2, finding.Protect, "", "/a")}, "created /a"},
		"trashed":                        {[]*finding.Finding{act(1, finding.Trash, "/a", "/.Trash/a")}, "trashed /.Trash/a was /a"},
		"trashed and put back":           {[]*finding.Finding{act(1, finding.Trash, "/a", "/.Trash/a"), act(2, finding.Restore, "/.Trash/a", "/a")}, "1 as before"},
		"trashed and emptied":            {[]*finding.Finding{act(1, finding.Trash, "/a", "/.Trash/a"), act(2, finding.EmptyTrash, "", "/.Trash/a")}, "deleted /a"},
		"a folder with what was made in": {[]*finding.Finding{act(1, finding.Create, "", "/d/a"), act(2, finding.Write, "", "/d/b"), folder(act(3, finding.Rename, "/d", "/e"))}, "created /e/a|changed /e/b|renamed /e was /d"},
		"a folder deleted":               {[]*finding.Finding{act(1, finding.Create, "", "/d/a"), act(2, finding.Write, "", "/d/b"), folder(act(3, finding.Delete, "", "/d"))}, "deleted /d|deleted /d/b|1 came and went"},
		"batch": {[]*finding.Finding{batch(act(1, finding.Copy, "/x", "/y"),
			finding.Item{SourcePath: "/x/a", Path: "/y/a"}, finding.Item{SourcePath: "/x/b", Path: "/y/b", Action: finding.Move})}, "created /y/a|renamed /y/b was /x/b"},
		"what changes no file": {[]*finding.Finding{act(1, finding.Mount, "", "/Volumes/x"), act(2, finding.Read, "", "/a")}, ""},
	} {
		d := query.NewDiff()
		for _, f := range x.acts {
			if err := d.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, c := range d.Changes() {
			s := string(c.Effect) + " " + c.Path
			if c.Was != "" {
				s += " was " + c.Was
			}
			if c.Changed && c.Effect == query.Renamed {
				s += " changed"
			}
			if c.Over {
				s += " over"
			}
			got = append(got, s)
		}
		if d.CameAndWent > 0 {
			got = append(got, fmt.Sprint(d.CameAndWent, " came and went"))
		}
		if d.Back > 0 {
			got = append(got, fmt.Sprint(d.Back, " as before"))
		}
		if s := strings.Join(got, "|"); s != x.want {
			t.Errorf("%s: %q, want %q", name, s, x.want)
		}
	}
}

func TestTimelineByUser(t *testing.T) {
	by := func(f *finding.Finding, user string) *finding.Finding {
		f.Initiator = &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: user}
		return f
	}
	minute := es.Time(time.Minute)
	tl := query.NewTimeline(query.ByUser)
	for _, f := range []*finding.Finding{
		by(act(1*minute, finding.Create, "", "/Users/alice/docs/a"), "alice"),
		by(act(2*minute, finding.Create, "", "/Users/bob/x"), "bob"),
		by(act(3*minute, finding.Save, "", "/Users/alice/docs/sub/b"), "alice"),
		by(act(9*minute, finding.Save, "", "/tmp/c"), "alice"), // after a pause
		act(10*minute, finding.Delete, "", "/d"),
	} {
		if err := tl.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, s := range tl.Stretches() {
		got = append(got, fmt.Sprintf("%s %d-%d %s %d", s.Name, s.From/minute, s.To/minute, s.Folder, s.Operations))
	}
	want := []string{"alice 1-3 /Users/alice/docs 2", "bob 2-2 /Users/bob 1", "alice 9-9 /tmp 1", " 10-10 / 1"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestTop(t *testing.T) {
	top := query.NewTop(query.ByFolder)
	for i, path := range []string{"/a/1", "/a/2", "/b/1", "/c/1", "/a/3", "/b/2"} {
		f := act(es.Time(i+1), finding.Create, "", path)
		f.Object.Size = int64(i + 1)
		if err := top.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	first, rest, others := top.Ranking(query.ByOperations, 2)
	if len(first) != 2 || first[0].Name != "/a" || first[0].Operations != 3 || first[0].Bytes != 8 || first[1].Name != "/b" || others != 1 || rest.Operations != 1 {
		t.Errorf("%+v, %+v, %d", first, rest, others)
	}
	if first, _, _ = top.Ranking(query.ByBytes, 1); first[0].Name != "/b" {
		t.Errorf("by bytes: %+v", first[0])
	}
	if w := top.Whole(); w.Operations != 6 || w.Bytes != 21 || w.First != 1 || w.Last != 6 {
		t.Errorf("%+v", w)
	}
}

// However little is kept in memory, the order is the same, and nothing is lost.
func TestSorterSpills(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*finding.Finding
		for i := range rapid.IntRange(0, 20).Draw(t, "n") {
			f := findingtest.DrawKind(t, finding.KindOperation)
			f.Time, f.Host = es.Time(rapid.IntRange(1, 9).Draw(t, "time")), fmt.Sprint("h", i)
			all = append(all, f)
		}
		s := query.Sorter{Keep: rapid.IntRange(1, 25).Draw(t, "keep"), Dir: ""}
		for _, f := range all {
			if err := s.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for f, err := range s.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(finding.Append(nil, f)))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(all, func(a, b *finding.Finding) int { return int(a.Time - b.Time) })
		var want []string
		for _, f := range all {
			want = append(want, string(finding.Append(nil, f)))
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// Whatever the findings say, answers are lines of their schema, and no name reaches a terminal raw.
func TestAnswersAreOfTheirSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(query.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("answers.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("answers.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	check := func(t *rapid.T, line []byte) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, line)
		}
		if i := bytes.IndexFunc(line, finding.Unprintable); i >= 0 {
			t.Fatalf("raw %q", line[i:])
		}
		seen[v.(map[string]any)["schema"].(string)] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom(query.Groups).Draw(t, "group")
		d, tl, top, s := query.NewDiff(), query.NewTimeline(g), query.NewTop(g), query.NewStats()
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			f := findingtest.Draw(t)
			s.Add(f)
			for _, add := range []func(*finding.Finding) error{d.Add, tl.Add, top.Add} {
				if err := add(f); err != nil {
					t.Fatal(err)
				}
			}
		}
		check(t, query.AppendStats(nil, s))
		for _, x := range tl.Stretches() {
			check(t, query.AppendStretch(nil, x))
		}
		changes := d.Changes()
		for _, x := range changes {
			check(t, query.AppendChange(nil, x))
		}
		check(t, query.AppendDiff(nil, d, changes))
		first, rest, others := top.Ranking(query.ByFiles, 2)
		for i, x := range first {
			check(t, query.AppendCount(nil, g, i+1, 1, x))
		}
		if others > 0 {
			check(t, query.AppendCount(nil, g, 0, others, &rest))
		}
	})
	if len(seen) != 5 {
		t.Errorf("only %v", seen)
	}
}
