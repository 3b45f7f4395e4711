package engine

import (
	"bytes"
	"encoding/gob"
	"testing"
	"time"

	"ascribe.example/es"
)

func TestRetries(t *testing.T) {
	file := func(path string, ino uint64) es.File { return es.File{Path: path, Stat: es.Stat{Dev: 5, Ino: ino}} }
	create := func() es.Event { return &es.Create{ExistingFile: file("/a", 9)} }
	rename := func(from, to string) es.Event {
		return &es.Rename{Source: file(from, 9), DestinationType: es.DestinationNewPath, Dir: file("/", 2), Filename: to}
	}
	type step struct {
		after  time.Duration
		thread uint64
		pidv   uint32
		event  es.Event
		retry  bool
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"at once", []step{{0, 1, 7, create(), false}, {9000, 1, 7, create(), true}, {9000, 1, 7, create(), true}}},
		{"renames", []step{{0, 1, 7, rename("/a", "b"), false}, {9000, 1, 7, rename("/a", "b"), true}}},
		{"unlinks", []step{
			{0, 1, 7, &es.Unlink{Target: file("/a", 9), ParentDir: file("/", 2)}, false},
			{1, 1, 7, &es.Unlink{Target: file("/a", 9), ParentDir: file("/", 2)}, true},
			{1, 1, 7, &es.Unlink{Target: file("/b", 9), ParentDir: file("/", 2)}, false},
		}},
		{"a millisecond later", []step{{0, 1, 7, create(), false}, {ms, 1, 7, create(), true}}},
		{"more than a millisecond later", []step{{0, 1, 7, create(), false}, {ms + 1, 1, 7, create(), false}}},
		{"a swap's halves", []step{{0, 1, 7, rename("/a", "b"), false}, {9, 1, 7, rename("/b", "a"), false}}},
		{"another thread", []step{{0, 1, 7, create(), false}, {9, 2, 7, create(), false}, {9, 1, 7, create(), true}}},
		{"no thread", []step{{0, 0, 7, create(), false}, {9, 0, 7, create(), false}}},
		{"another image", []step{{0, 1, 7, create(), false}, {9, 1, 8, create(), false}}},
		{"another file of that name", []step{
			{0, 1, 7, create(), false}, {9, 1, 7, &es.Create{ExistingFile: file("/a", 10)}, false},
		}},
		{"something between", []step{
			{0, 1, 7, create(), false}, {9, 1, 7, &es.Close{Target: file("/a", 9)}, false}, {9, 1, 7, create(), false},
		}},
		{"another thread's something between", []step{
			{0, 1, 7, create(), false}, {9, 2, 7, &es.Close{Target: file("/a", 9)}, false}, {9, 1, 7, create(), true},
		}},
		{"other kinds", []step{{0, 1, 7, &es.Write{Target: file("/a", 9)}, false}, {9, 1, 7, &es.Write{Target: file("/a", 9)}, false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r retries
			at := es.Moment{Clock: time.Hour}
			for i, s := range c.steps {
				at.Clock += s.after
				m := &es.Message{ThreadID: s.thread, Event: s.event}
				m.Process.AuditToken.PIDVersion = s.pidv
				if got := r.isRetry(m, 1, at); got != s.retry {
					t.Errorf("step %d: %v, want %v", i+1, got, s.retry)
				}
				var b bytes.Buffer
				if err := r.Save(gob.NewEncoder(&b)); err != nil {
					t.Fatal(err)
				}
				r = retries{slots: [retrySlots]retrySlot{{Thread: 99}}}
				if err := r.Restore(gob.NewDecoder(&b)); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestRetriesAllocateNothing(t *testing.T) {
	var r retries
	m := &es.Message{Event: &es.Rename{Source: es.File{Path: "/Users/alice/Documents/plan.pdf"}, Filename: "plan.pdf"}}
	var at es.Moment
	if n := testing.AllocsPerRun(1000, func() {
		m.ThreadID++
		r.isRetry(m, 1, at)
	}); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
}

func TestHashStringTellsStringsApart(t *testing.T) {
	seen := map[uint64]string{}
	var b []byte
	for n := range 40 {
		for i := range n {
			for _, c := range []byte{'a', 'b', 0} {
				b = append(b[:0], bytes.Repeat([]byte{'x'}, n)...)
				b[i] = c
				s := string(b)
				h := hashString(1, s)
				if before, ok := seen[h]; ok && before != s {
					t.Fatalf("%q and %q", before, s)
				}
				seen[h] = s
			}
		}
	}
}

func BenchmarkIsRetryRename(b *testing.B) {
	var r retries
	m := &es.Message{Event: &es.Rename{
		Source: es.File{Path: "/Users/alice/Documents/Projects/plan.pdf"}, Dir: es.File{Path: "/Users/alice/Documents"}, Filename: "plan.pdf",
	}}
	b.ReportAllocs()
	for b.Loop() {
		m.ThreadID++
		r.isRetry(m, 1, es.Moment{})
	}
}
