package operation_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
	"ascribe.example/operation"
)

// told runs a script through a whole engine and gives back its operations.
func told(t testing.TB, text string, o engine.Options) []*finding.Finding {
	t.Helper()
	return operations(t, built(t, text), o)
}

func built(t testing.TB, text string) *scenario.Result {
	t.Helper()
	s, err := scenario.Parse("script", text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func operations(t testing.TB, r *scenario.Result, o engine.Options) []*finding.Finding {
	t.Helper()
	var fs []*finding.Finding
	e := engine.New(o, func(f *finding.Finding) {
		if f.Kind == finding.KindOperation {
			fs = append(fs, f.Clone())
		}
	})
	e.Begin(r.Header)
	if r.Snapshot != nil {
		e.Snapshot(r.Snapshot)
	}
	for _, m := range r.Messages {
		e.Add(m)
	}
	e.Drain()
	if sum := e.Summary(); !sum.Balanced() {
		t.Errorf("the summary does not balance: %+v", sum.Ledger)
	}
	for _, f := range fs {
		findingtest.Validate(t, finding.Append(nil, f))
	}
	return fs
}

const people = `user alice 501 console
volume /Volumes/USB external exfat
app Finder com.apple.finder of alice
service DSH com.apple.DesktopServicesHelper for Finder
app Terminal com.apple.Terminal of alice
shell zsh in Terminal
`

// chained checks that operations are the parts of one: each names the one before, each but the last the one after.
func chained(t *testing.T, fs []*finding.Finding) {
	t.Helper()
	ids := make(map[string]bool)
	for i, f := range fs {
		before, after := "", ""
		if i > 0 {
			before = fs[i-1].ID
		}
		if i+1 < len(fs) {
			after = fs[i+1].ID
		}
		if f.Continues != before || f.ContinuedBy != after {
			t.Errorf("part %d (%s) continues %q and is continued by %q, not %q and %q", i, f.ID, f.Continues, f.ContinuedBy, before, after)
		}
		if ids[f.ID] {
			t.Errorf("part %d has an id that another part has", i)
		}
		ids[f.ID] = true
	}
}

// A batch of more items than one line should hold comes out in parts, linked both ways, and loses none.
func TestManyItemsComeInParts(t *testing.T) {
	const n = 23_000
	for _, c := range []struct{ name, act string }{
		{"a tool's", "zsh runs rm -rf /Users/alice/Photos"},
		{"an app's", "Finder deletes /Users/alice/Photos"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := told(t, people+fmt.Sprintf("folder /Users/alice/Photos of alice, with %d files\nwait 70s\n%s\n", n, c.act), engine.Options{})
			var items uint64
			for _, f := range fs {
				items += f.ItemsTotal
				if f.Action != finding.Delete || len(f.Items) > finding.MaxItems || len(f.Events) > finding.MaxRanges {
					t.Errorf("%s %s with %d items listed and %d ranges", f.Action, f.Path, len(f.Items), len(f.Events))
				}
			}
			if items != n || len(fs) != 3 {
				t.Errorf("%d items in %d operations, not %d in 3", items, len(fs), n)
			}
			chained(t, fs)
		})
	}
}

// A file that is written for minutes comes out in parts; after the last one nothing is said to follow.
func TestLongWritingComesInParts(t *testing.T) {
	var b strings.Builder
	b.WriteString(people + "Finder makes file /Users/alice/film.mov 4k, keeps it open\n")
	for range 250 {
		b.WriteString("Finder writes 4k to /Users/alice/film.mov\nwait 1s\n")
	}
	b.WriteString("Finder closes /Users/alice/film.mov\n")
	fs := told(t, b.String(), engine.Options{})
	if len(fs) != 5 {
		t.Errorf("%d parts of 250 seconds, not 5", len(fs))
	}
	for _, f := range fs {
		if f.Action != finding.Create || f.Path != "/Users/alice/film.mov" {
			t.Errorf("a part is %s %s", f.Action, f.Path)
		}
	}
	chained(t, fs)
}

// The cost of an item does not grow with how many there are: what one execution does to a hundred thousand files takes
// about ten times what ten thousand take.
func TestCostGrowsWithTheBatchNotItsSquare(t *testing.T) {
	cost := func(act string, n, times int) time.Duration {
		r := built(t, people+fmt.Sprintf("folder /Users/alice/P of alice, with %d files\nwait 5s\n%s\n", n, act))
		began := processorTime(t)
		for range times {
			e := engine.New(engine.Options{}, func(*finding.Finding) {})
			e.Begin(r.Header)
			for _, m := range r.Messages {
				e.Add(m)
			}
			e.Drain()
		}
		return (processorTime(t) - began) / time.Duration(times*len(r.Messages))
	}
	for _, act := range []string{"zsh runs rm -rf /Users/alice/P", "Finder deletes /Users/alice/P", "zsh runs cp -R /Users/alice/P /Volumes/USB/P"} {
		few, many := cost(act, 1000, 40), cost(act, 20_000, 2)
		t.Logf("%s: %v a message for 1,000 files, %v for 20,000", act, few, many)
		if many > 8*few+4*time.Microsecond {
			t.Errorf("%s: %v a message for 1,000 files, %v for 20,000", act, few, many)
		}
	}
}

// processorTime is what this process has used: unlike the clock's time it hardly grows with what else the machine does. It is
// counted by the tick, so what is short is measured many times over.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano())
}

// inOneMoment lets what happened in the last minute happen a thousand times as fast.
func inOneMoment(r *scenario.Result) {
	last := r.Messages[len(r.Messages)-1]
	for _, m := range r.Messages {
		if back := last.Time - m.Time; back < es.Time(60*time.Second) {
			m.Time, m.MachTime = last.Time-back/1000, last.MachTime-(last.MachTime-m.MachTime)/1000
		}
	}
}

// What a helper's exit costs does not grow with how much its tool has under way.
func TestExitsOfHelpersDoNotLookAtAllThatIsOpen(t *testing.T) {
	cost := func(n, times int) time.Duration {
		var b strings.Builder
		b.WriteString(people + "zsh starts /usr/bin/git checkout main as git, signed com.apple.git\n")
		for i := range n {
			fmt.Fprintf(&b, "git makes file /Users/alice/P/f%d 1k\n", i)
		}
		for i := range n {
			fmt.Fprintf(&b, "git starts /usr/bin/helper as c%d\nc%d exits\n", i, i)
		}
		r := built(t, b.String())
		inOneMoment(r)
		began := processorTime(t)
		for range times {
			e := engine.New(engine.Options{}, func(*finding.Finding) {})
			e.Begin(r.Header)
			for _, m := range r.Messages {
				e.Add(m)
			}
			if open := e.Summary().Drafts.Open; open != n {
				t.Fatalf("%d files are under way, not %d", open, n)
			}
		}
		return (processorTime(t) - began) / time.Duration(times*len(r.Messages))
	}
	few, many := cost(500, 48), cost(8000, 3)
	t.Logf("%v a message with 500 files under way, %v with 8,000", few, many)
	if many > 6*few+8*time.Microsecond {
		t.Errorf("%v a message with 500 files under way, %v with 8,000", few, many)
	}
}

// More than the drafts that may be open at once, in less time than a draft waits: the oldest settle early, which is told, and
// each message costs about what it costs when there are few.
func TestMoreThanTheMostDraftsInOneMoment(t *testing.T) {
	const n = operation.MostDrafts + 4000
	r := built(t, people+fmt.Sprintf("folder /Users/alice/P of alice, with %d files\nwait 70s\nFinder deletes /Users/alice/P\n", n))
	inOneMoment(r)
	over := make(chan []*finding.Finding)
	go func() { over <- operations(t, r, engine.Options{}) }()
	select {
	case fs := <-over:
		var items, early uint64
		for _, f := range fs {
			items += f.ItemsTotal
			if slices.Contains(f.Caveats, finding.CaveatSettledEarly) {
				early++
			}
		}
		if items != n || early == 0 || len(fs) > 20 {
			t.Errorf("%d items in %d operations, %d of them settled early, not %d", items, len(fs), early, n)
		}
	case <-time.After(2 * time.Minute):
		t.Fatalf("%d deletions in one moment are not over after two minutes", n)
	}
}

// Paths longer than macOS has them are bounded by what they take, not by how many they are; none is lost.
func TestLongPathsAreBoundedByTheirBytes(t *testing.T) {
	const n = 1500
	long := "/Users/alice/" + strings.Repeat("long", 4000)
	r := built(t, people+fmt.Sprintf("folder %s of alice, with %d files\nwait 70s\nFinder deletes %s\n", long, n, long))
	inOneMoment(r)
	fs := operations(t, r, engine.Options{})
	var items uint64
	early := false
	for _, f := range fs {
		items += f.ItemsTotal
		early = early || slices.Contains(f.Caveats, finding.CaveatSettledEarly)
		text := 0
		for i := range f.Items {
			text += len(f.Items[i].Path)
		}
		if text > 3<<20 {
			t.Errorf("%d bytes of paths in one operation", text)
		}
	}
	if items != n || !early || len(fs) > 3 {
		t.Errorf("%d items in %d operations, settled early: %t; not %d", items, len(fs), early, n)
	}
}

// What was read is remembered for so many files only: a copier that is far ahead by the time that a file is over must not
// make its copies look like new files.
func TestCopiesByTheThousandAreCopies(t *testing.T) {
	for _, act := range []string{"zsh runs cp -R /Users/alice/P /Volumes/USB/P", "DSH copies /Users/alice/P to /Volumes/USB/P"} {
		fs := told(t, people+"folder /Users/alice/P of alice, with 3000 files\nwait 70s\n"+act+"\n", engine.Options{})
		var items uint64
		for _, f := range fs {
			items += f.ItemsTotal
			if f.Action != finding.Copy || f.SourcePath != "/Users/alice/P" {
				t.Errorf("%s: %s %s from %q of %d items", act, f.Action, f.Path, f.SourcePath, f.ItemsTotal)
			}
		}
		if items != 3000 {
			t.Errorf("%s: %d items, not 3000", act, items)
		}
	}
}

// BenchmarkBatch is what a batch costs a message, and holds when its last message is in, to its end in parts.
func BenchmarkBatch(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		r := built(b, people+fmt.Sprintf("folder /Users/alice/P of alice, with %d files\nwait 5s\nzsh runs rm -rf /Users/alice/P\n", n))
		b.Run(fmt.Sprintf("%d files", n), func(b *testing.B) {
			var held uint64
			for b.Loop() {
				var before, after runtime.MemStats
				var items uint64
				e := engine.New(engine.Options{}, func(f *finding.Finding) { items += f.ItemsTotal })
				e.Begin(r.Header)
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&before)
				b.StartTimer()
				for _, m := range r.Messages {
					e.Add(m)
				}
				b.StopTimer()
				runtime.GC()
				runtime.ReadMemStats(&after)
				held = max(held, after.HeapAlloc-min(before.HeapAlloc, after.HeapAlloc))
				b.StartTimer()
				e.Drain()
				if items != uint64(n) {
					b.Fatalf("%d of %d files are told of", items, n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(r.Messages)), "ns/message")
			b.ReportMetric(float64(held)/(1<<20), "MB-held")
		})
	}
}
