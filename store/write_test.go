package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
)

var context0 = context.Background()

// Two recordings that were cut differently may conclude differently about one first message: it does not matter which of
// them is imported first, nor where the findings lie by then.
func TestOfTwoConclusionsTheBetterIsKept(t *testing.T) {
	whole := func(n int) *finding.Finding { return sample(n) }
	cut := func(n int) *finding.Finding {
		f := sample(n)
		switch n % 4 {
		case 0:
			f.EventsTotal--
		case 1:
			f.Caveats = []finding.Caveat{finding.CaveatLateStart}
		case 2:
			f.EndTime--
			f.Path += " (the name before)"
		case 3:
			f.Initiator = nil
			f.Rules = []finding.Match{} // asked for, and none matched
			f.Evidence = nil
		}
		return f
	}
	better := func(n int) *finding.Finding {
		if n%4 == 3 {
			return cut(n)
		}
		return whole(n)
	}
	everywhere(t, func(t *testing.T, name string) {
		var want []string
		for i := range 40 {
			want = append(want, string(finding.Append(nil, better(i))))
		}
		for round, segment := range []int64{15, 1000} {
			for turn, first := range []func(int) *finding.Finding{whole, cut} {
				at := fmt.Sprintf("%s %d %d", name, round, turn)
				if IsURL(name) {
					at = freshSchema(t)
				}
				second := []func(int) *finding.Finding{cut, whole}[turn]
				s := open(t, at, Options{SegmentFindings: segment})
				var l []*finding.Finding
				for i := range 40 {
					l = append(l, first(i))
				}
				put(t, s, l)
				l = nil
				for i := range 40 {
					l = append(l, second(i))
				}
				c := put(t, s, l)
				if c.Added+c.Known != 0 || c.Replaced+c.Kept != 40 || c.Replaced == 0 || c.Kept == 0 {
					t.Errorf("%+v", c)
				}
				if d := cmp.Diff(want, linesOf(t, s, query.Want{})); d != "" {
					t.Error(d)
				}
				if got := linesOf(t, s, query.Want{Paths: []query.PathWant{{Key: query.Fold(better(2).Path), Path: true}}}); len(got) != 1 {
					t.Errorf("%d findings have the path", len(got))
				}
				if r, err := s.Check(t.Context()); err != nil || len(r.Problems) > 0 {
					t.Errorf("%v %+v", err, r)
				}
				_ = s.Close()
			}
		}
	})
}

// A bookmark is kept with the findings before it, over segments and openings.
func TestBookmarks(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		s := open(t, name, Options{SegmentFindings: 10})
		w, err := s.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 35 {
			if err := w.Add(sample(i)); err != nil {
				t.Fatal(err)
			}
			if i == 4 {
				if err := w.Bookmark("once", []byte("early")); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Bookmark("live'; --", fmt.Appendf(nil, "\x00%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if mark, err := s.Bookmark(t.Context(), "live'; --"); err != nil || string(mark) == "\x0034" {
			t.Errorf("before the commit: %q, %v", mark, err)
		}
		if err := w.Commit(); err != nil {
			t.Fatal(err)
		}
		other := open(t, name, Options{})
		for source, want := range map[string]string{"live'; --": "\x0034", "once": "early", "never": ""} {
			if mark, err := other.Bookmark(t.Context(), source); err != nil || string(mark) != want {
				t.Errorf("%s: %q, %v; want %q", source, mark, err, want)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// What is too old goes, and is gone from the files, too; what is left is whole.
func TestRetention(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		all := samples(100)
		all[7].Time, all[7].EndTime = 0, 0 // nobody knows when
		s := open(t, name, Options{SegmentFindings: 30})
		put(t, s, all)
		retain := func(before es.Time, bytes int64) Removed {
			t.Helper()
			w, err := s.Writer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r, err := w.Retain(t.Context(), before, bytes)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Bookmark("source", []byte("here")); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if report, err := s.Check(t.Context()); err != nil || len(report.Problems) > 0 {
				t.Errorf("%v %+v", err, report)
			}
			return r
		}
		if r := retain(sample(20).EndTime, 0); r != (Removed{Findings: 19}) {
			t.Errorf("a part of a segment: %+v", r)
		}
		left := append([]*finding.Finding{all[7]}, all[20:]...)
		if d := cmp.Diff(linesFrom(left, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error(d)
		}
		if r := retain(sample(65).EndTime, 0); r != (Removed{Findings: 46, Segments: 2}) {
			t.Errorf("two segments and a part: %+v", r)
		}
		if d := cmp.Diff(linesFrom(all[65:], query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error(d)
		}
		if !IsURL(name) {
			if in := filesWith(t, name, "/Documents/64.txt"); in != nil {
				t.Errorf("what was removed stands in %v", in)
			}
			if in := filesWith(t, name, "/Documents/65.txt"); in == nil {
				t.Error("what was kept stands nowhere")
			}
		}
		if r := retain(sample(1000).EndTime, 0); r.Findings != 35 {
			t.Errorf("all: %+v", r)
		}
		if got := linesOf(t, s, query.Want{}); got != nil {
			t.Errorf("%d are left", len(got))
		}
		if mark, err := s.Bookmark(t.Context(), "source"); err != nil || string(mark) != "here" {
			t.Errorf("the bookmark is %q, %v", mark, err)
		}
		put(t, s, all)
		if d := cmp.Diff(linesFrom(all, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error("put in again:", d)
		}
	})
}

func filesWith(t *testing.T, dir, text string) (l []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(text)) {
			l = append(l, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// By size, whole segments go first, the oldest ones; the newest is cut when it alone is too large.
func TestRetentionBySize(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		all := samples(8000)
		s := open(t, name, Options{SegmentFindings: 2000})
		put(t, s, all)
		size := func() (n int64) {
			stats, err := s.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range stats {
				n += g.Bytes
			}
			return n
		}
		full := size()
		for _, limit := range []int64{full * 6 / 10, full / 5} {
			w, err := s.Writer(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			r, err := w.Retain(t.Context(), 0, limit)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got := linesOf(t, s, query.Want{})
			if len(got) == 0 || !slices.Equal(got, linesFrom(all[len(all)-len(got):], query.Want{})) {
				t.Errorf("%d are left, and not the newest", len(got))
			}
			if r.Findings == 0 || limit == full*6/10 && r.Segments == 0 {
				t.Errorf("removed %+v", r)
			}
			if n := size(); n > limit+limit/5 {
				t.Errorf("it takes %d bytes of %d", n, limit)
			}
		}
	})
}

// Who reads while somebody writes sees what was committed, in order.
func TestReadingWhileWriting(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		all := samples(3000 / slow)
		want := linesFrom(all, query.Want{})
		s := open(t, name, Options{SegmentFindings: 500 / slow})
		w, err := s.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error)
		go func() {
			for i, f := range all {
				if err := w.Add(f); err != nil {
					done <- err
					return
				}
				if i%100 == 0 {
					if err := w.Commit(); err != nil {
						done <- err
						return
					}
				}
			}
			done <- w.Close()
		}()
		for reading := true; reading; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				reading = false
			default:
			}
			got := linesOf(t, s, query.Want{})
			if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
				t.Fatalf("%d findings, and not the first ones", len(got))
			}
			if !reading && len(got) != len(want) {
				t.Errorf("%d findings at the end", len(got))
			}
		}
	})
}

func TestOnlyIDsOfOursAreStored(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store"), Options{})
	w, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := sample(1)
	f.ID = "op_x'; DROP TABLE finding"
	if err := w.Add(f); err == nil || !strings.Contains(err.Error(), "24 hexadecimal digits") {
		t.Error(err)
	}
	if err := w.Close(); err == nil || errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

// A writer that is killed when it has begun a segment, and not yet sealed the one before, leaves two open ones. The next writer
// seals the first, and what is in it is known.
func TestAKillWhileASegmentIsSealed(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		l := samples(300)
		s := open(t, name, Options{SegmentFindings: 100})
		w, err := s.Writer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range l[:80] {
			if err := w.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.settle(), w.open(t.Context())); err != nil { // as roll does, before it seals
			t.Fatal(err)
		}
		for _, f := range l[80:100] {
			if err := w.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.settle(), w.unlock()); err != nil {
			t.Fatal(err)
		}
		if c := put(t, s, l); c != (Counts{Added: 200, Known: 100}) {
			t.Error(c)
		}
		if d := cmp.Diff(linesFrom(l, query.Want{}), linesOf(t, s, query.Want{})); d != "" {
			t.Error(d)
		}
		stats, err := s.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, seg := range stats[:len(stats)-1] {
			if !seg.Sealed {
				t.Errorf("segment %d is not sealed", seg.Number)
			}
		}
		if len(stats) != 4 {
			t.Errorf("%d segments", len(stats))
		}
	})
}
