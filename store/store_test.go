package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// everywhere runs a test with the name of a fresh store of each database.
func everywhere(t *testing.T, test func(t *testing.T, name string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "a ?#%'\" store")) })
	if name := freshSchema(t); name != "" {
		t.Run("postgres", func(t *testing.T) { test(t, name) })
	}
}

func open(t testing.TB, name string, o Options) *Store {
	t.Helper()
	o.Create = true
	s, err := Open(t.Context(), name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// put writes findings.
func put(t testing.TB, s *Store, l []*finding.Finding) Counts {
	t.Helper()
	w, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range l {
		if err := w.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Counts()
}

// linesOf are the lines of findings that are wanted.
func linesOf(t testing.TB, s query.Source, w query.Want) []string {
	t.Helper()
	var l []string
	for f, err := range s.Findings(t.Context(), w) {
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, string(finding.Append(nil, f)))
	}
	return l
}

func linesFrom(l []*finding.Finding, w query.Want) []string {
	var out []string
	for _, f := range l {
		if w.Has(f) {
			out = append(out, string(finding.Append(nil, f)))
		}
	}
	return out
}

// draw draws findings with different ids.
func draw(t *rapid.T, n int) []*finding.Finding {
	var l []*finding.Finding
	for i := range n {
		f := findingtest.Draw(t)
		f.ID = finding.ID("", "1", "", uint64(i), f.Kind, f.Action, 0)
		l = append(l, f)
	}
	return l
}

// What comes out is what went in, in order, byte for byte, whatever the names hold and wherever segments are cut; and once,
// however often it went in.
func TestFindingsComeOutAsTheyWentIn(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		var all []*finding.Finding
		rapid.Check(t, func(t *rapid.T) { all = append(all, draw(t, 3)...) })
		for i, f := range all {
			f.ID = finding.ID("", "1", "", uint64(i), f.Kind, f.Action, 0)
		}
		s := open(t, name, Options{SegmentFindings: 100})
		c := put(t, s, all[:len(all)/2])
		if c != (Counts{Added: uint64(len(all) / 2)}) {
			t.Error(c)
		}
		c = put(t, s, all)
		if c != (Counts{Added: uint64(len(all) - len(all)/2), Known: uint64(len(all) / 2)}) {
			t.Error(c)
		}
		if d := cmp.Diff(linesFrom(all, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error(d)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s = open(t, name, Options{})
		if d := cmp.Diff(linesFrom(all, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error("opened again:", d)
		}
	})
}

// A question of a store has the answer that looking at each finding gives.
func TestWantsAreFound(t *testing.T) {
	defer func(n int) { maxBelow = n }(maxBelow)
	maxBelow = 4 // paths of a folder: some of the drawn ones have more
	everywhere(t, func(t *testing.T, name string) {
		round := 0
		rapid.Check(t, func(r *rapid.T) {
			round++
			if round > rounds {
				return
			}
			all := alike(r, 60)
			at := fmt.Sprintf("%s %d", name, round)
			if IsURL(name) {
				at = freshSchema(t)
			}
			s := open(t, at, Options{SegmentFindings: rapid.SampledFrom([]int64{25, 1000}).Draw(r, "segment")})
			put(t, s, all)
			for range 10 {
				w := drawWant(r)
				if d := cmp.Diff(linesFrom(all, w), linesOf(t, s, w)); d != "" {
					r.Errorf("%+v: %s", w, d)
				}
			}
			_ = s.Close()
		})
	})
}

// rounds is how many stores a property is tried with.
const rounds = 12/slow + 1

var (
	samplePaths = []string{
		"/a", "/a/b", "/A/B", "/a/b/c", "/ab", "/a0", "/a/é", "/a/e\u0301", "/tmp/x", "/private/tmp/x", "/System/Volumes/Data/a/b",
		"/a/%", "/a/_", "/a/'; DROP TABLE finding; --", "/a/\x00", "/a/\xff", "/", "",
	}
	sampleUsers = []string{"", "alice", "bob", "501", "o'hara", "root"}
)

// alike draws findings that questions find: few paths, users and times.
func alike(t *rapid.T, n int) []*finding.Finding {
	l := draw(t, n)
	for i, f := range l {
		f.Time = es.Time(rapid.Int64Range(0, 20).Draw(t, "time"))
		f.Path = rapid.SampledFrom(samplePaths).Draw(t, "path")
		f.SourcePath = rapid.SampledFrom(samplePaths).Draw(t, "source")
		for k := range f.Items {
			f.Items[k].Path = rapid.SampledFrom(samplePaths).Draw(t, "item")
		}
		if f.Initiator != nil {
			f.Initiator.User = rapid.SampledFrom(sampleUsers).Draw(t, "user")
			f.Initiator.UID = rapid.SampledFrom([]uint32{0, 501, 502, es.Unset}).Draw(t, "uid")
		}
		f.ID = finding.ID("", "1", "", uint64(i), f.Kind, f.Action, 0)
	}
	return l
}

func drawWant(t *rapid.T) query.Want {
	var w query.Want
	if rapid.Bool().Draw(t, "kinds") {
		w.Kinds = query.SetOf(rapid.SliceOfN(rapid.SampledFrom(finding.Kinds), 0, 2).Draw(t, "kinds")...)
	}
	if rapid.Bool().Draw(t, "actions") {
		w.Actions = query.SetOf(rapid.SliceOfN(rapid.SampledFrom(append([]finding.Action{""}, finding.Actions...)), 0, 9).Draw(t, "actions")...)
	}
	if rapid.Bool().Draw(t, "classes") {
		w.Classes = query.SetOf(rapid.SliceOfN(rapid.SampledFrom(append([]finding.Class{""}, finding.Classes...)), 0, 4).Draw(t, "classes")...)
	}
	if rapid.Bool().Draw(t, "users") {
		w.Users = rapid.SliceOfN(rapid.SampledFrom(sampleUsers), 1, 2).Draw(t, "users")
	}
	if rapid.IntRange(0, 3).Draw(t, "id") == 0 {
		w.ID = rapid.SampledFrom([]string{"op_", "ev_1", "pr_a", "gp_ab", "o", "op_zz", "op_5", "xx_1"}).Draw(t, "id")
	}
	w.From = es.Time(rapid.Int64Range(0, 25).Draw(t, "from"))
	w.To = es.Time(rapid.Int64Range(0, 25).Draw(t, "to"))
	for range rapid.IntRange(0, 2).Draw(t, "paths") {
		key := query.Fold(rapid.SampledFrom(samplePaths).Draw(t, "key"))
		if key == "/" {
			key = ""
		}
		w.Paths = append(w.Paths, query.PathWant{
			Match: rapid.SampledFrom([]query.PathMatch{query.IsPath, query.UnderPath, query.AtOrUnder}).Draw(t, "match"), Key: key,
			Actions: rapid.SampledFrom([]query.Set[finding.Action]{nil, nil, query.SetOf(finding.Actions[:12]...), query.SetOf[finding.Action]("", finding.Copy)}).Draw(t, "of actions"),
			Path:    rapid.Bool().Draw(t, "in path"), Source: rapid.Bool().Draw(t, "in source"), Items: rapid.Bool().Draw(t, "in items"),
		})
	}
	return w
}

// A store's files are for their owner's eyes alone.
func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir, Options{})
	w, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(sample(1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		seen = append(seen, d.Name())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(seen, " "), "000001.db-wal") {
		t.Error("the log was not there to be looked at:", seen)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// sample is an operation that is like the nth.
func sample(n int) *finding.Finding {
	at := es.Time(1_700_000_000_000_000_000 + int64(n)*1_000_000_000)
	user := sampleUsers[1+n%2]
	f := &finding.Finding{
		Kind: finding.KindOperation, Boot: "1", Time: at, EndTime: at + 1, Action: finding.Save, Method: finding.ByReplace,
		Path: fmt.Sprintf("/Users/%s/Documents/%d.txt", user, n), Object: &finding.Object{Type: finding.ObjectFile, Size: int64(n)},
		Actor:       &finding.Process{PID: int32(n%50 + 100), PIDVersion: 7, Path: "/Applications/TextEdit.app/Contents/MacOS/TextEdit", HasToken: true},
		Initiator:   &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: user},
		EventsTotal: 3, ItemsTotal: 1, Seq: es.NoSeq,
	}
	f.ID = finding.ID("", "1", "", uint64(n), f.Kind, f.Action, 0)
	return f
}

// Many may read at once, also where each asks something else in the midst of an answer: nobody waits for ever.
func TestManyReadersAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		l := samples(4 * 2 * chunk)
		s := open(t, name, Options{SegmentFindings: int64(2 * chunk)})
		put(t, s, l)
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				n := 0
				for f, err := range s.Findings(t.Context(), query.Want{}) {
					if err != nil {
						t.Error(err)
						return
					}
					if n++; n%700 == 1 {
						for g, err := range s.Findings(t.Context(), query.Want{ID: f.ID}) {
							if err != nil || g.ID != f.ID {
								t.Error(g, err)
							}
						}
					}
				}
				if n != len(l) {
					t.Errorf("%d of %d were read", n, len(l))
				}
			})
		}
		all.Wait()
		for range s.Findings(t.Context(), query.Want{}) {
			break // and whoever has seen enough may go
		}
	})
}
