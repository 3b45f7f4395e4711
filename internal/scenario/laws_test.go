package scenario

import (
	"bytes"
	"os"
	"testing"
	"time"

	"ascribe.example/es"
)

func scriptFile(t testing.TB, path string) *Script {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(path, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func built(t testing.TB, s *Script, o Options) *Result {
	t.Helper()
	r, err := Build(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// laws are what holds on every Mac, whatever happens, as long as nothing is lost.
func laws(t testing.TB, r *Result) {
	t.Helper()
	type key = es.Key
	var (
		pidv    uint32
		mach    uint64
		known   = map[key]bool{}
		later   = map[int32]uint32{} // the snapshot's execution of a pid
		ended   = map[key]bool{}
		perKind = map[es.Kind]uint64{}
	)
	if r.Snapshot != nil {
		for i := range r.Snapshot.Processes {
			k := r.Snapshot.Processes[i].Key(1)
			known[k] = true
			later[k.PID] = k.PIDVersion
		}
	}
	for i, m := range r.Messages {
		who := m.Process.Key(1)
		if m.GlobalSeqNum != uint64(i) || m.SeqNum != perKind[m.Kind()] {
			t.Fatalf("message %d: numbered %d, %d of its kind", i, m.GlobalSeqNum, m.SeqNum)
		}
		perKind[m.Kind()]++
		if m.MachTime < mach {
			t.Fatalf("message %d: mach_time falls", i)
		}
		mach = m.MachTime
		if r.Snapshot != nil && !known[who] && later[who.PID] <= who.PIDVersion { // a shadow dies after the snapshot
			t.Fatalf("message %d (%v): acts before it was forked or exec-ed: %v %s", i, m.Kind(), who, m.Process.Executable.Path)
		}
		if ended[who] {
			t.Fatalf("message %d (%v): acts after its exit: %v", i, m.Kind(), who)
		}
		switch e := m.Event.(type) {
		case *es.Fork:
			c := e.Child.Key(1)
			if c.PIDVersion <= pidv {
				t.Fatalf("message %d: pidversion falls from %d to %d", i, pidv, c.PIDVersion)
			}
			pidv = c.PIDVersion
			known[c] = true
			if e.Child.Executable.Path != m.Process.Executable.Path {
				t.Fatalf("message %d: a child with another image than its parent's", i)
			}
			if e.Child.PPID != m.Process.AuditToken.PID || e.Child.OriginalPPID != e.Child.PPID {
				t.Fatalf("message %d: a child of another parent", i)
			}
		case *es.Exec:
			c := e.Target.Key(1)
			if c.PIDVersion <= pidv || c.PID != who.PID || c.PIDVersion == who.PIDVersion {
				t.Fatalf("message %d: exec from %v to %v", i, who, c)
			}
			pidv = c.PIDVersion
			known[c] = true
			if e.Target.StartTime != m.Process.StartTime {
				t.Fatalf("message %d: exec changes the start time", i)
			}
		case *es.Exit:
			ended[who] = true
		}
		if f := fileOf(m.Event); f != nil && f.Stat.Mode&es.ModeType == es.ModeRegular && f.Stat.Size < 0 {
			t.Fatalf("message %d: a negative size", i)
		}
	}
	for _, x := range r.Truth {
		for i, seq := range x.Events {
			if seq >= uint64(len(r.acts)) || i > 0 && seq <= x.Events[i-1] {
				t.Fatalf("line %d: %s %s: event %d out of order", x.Line, x.Action, x.Path, seq)
			}
		}
		if x.Path == "" || x.Action == "" {
			t.Fatalf("line %d: a truth without path or action: %+v", x.Line, x)
		}
	}
}

// fileOf is the file that an event is about.
func fileOf(ev es.Event) *es.File {
	switch e := ev.(type) {
	case *es.Open:
		return &e.File
	case *es.Close:
		return &e.Target
	case *es.Write:
		return &e.Target
	case *es.Create:
		return &e.ExistingFile
	case *es.Unlink:
		return &e.Target
	case *es.Rename:
		return &e.Source
	}
	return nil
}

func TestLaws(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	for v := 6; v <= 11; v++ {
		laws(t, built(t, s, Options{Version: v}))
	}
}

// A process that exits lets go of every file it still has open before its exit is told.
func TestExitCloses(t *testing.T) {
	r := built(t, scriptFile(t, "testdata/day.txt"), Options{})
	for i, m := range r.Messages {
		pid := m.Process.AuditToken.PID
		switch m.Event.(type) {
		case *es.Exit:
			if i == 0 || r.Messages[i-1].Process.AuditToken.PID != pid || r.Messages[i-1].Kind() != es.KindClose {
				t.Errorf("message %d: %s exits, and the message before is no close of its own", i, m.Process.Executable.Path)
			}
		}
	}
}

func TestSameBytes(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	o := Options{KeySeed: 3, Shuffle: Shuffle{Window: 20, Seed: 5}, Loss: Loss{Rate: 0.05, Seed: 2}, Duplicate: Duplicate{Rate: 0.05, Seed: 9}, Noise: Noise{Ratio: 2, Seed: 4}}
	a, b := built(t, s, o).Recording(), built(t, s, o).Recording()
	if !bytes.Equal(a, b) {
		t.Fatal("the same script and options gave other bytes")
	}
}

// A client that begins late gets a snapshot of everything that acts later and that it did not see begin.
func TestLateStart(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	n := uint64(len(built(t, s, Options{}).Messages))
	for from := uint64(1); from < n; from += 37 {
		r := built(t, s, Options{Start: Start{Message: from}})
		if got := uint64(len(r.Messages)); got != n-from {
			t.Fatalf("from message %d of %d: %d messages", from, n, got)
		}
		laws(t, r)
	}
	r := built(t, s, Options{Start: Start{After: 100 * time.Millisecond}})
	if len(r.Messages) == 0 || uint64(len(r.Messages)) >= n {
		t.Errorf("after 100ms: %d of %d messages", len(r.Messages), n)
	}
	laws(t, r)
}

// A file's size is what was written: it is larger after a write than before, wherever it is seen next.
func TestSizes(t *testing.T) {
	for seed := range uint64(200) {
		r := built(t, Random(seed, 12), Options{})
		type id struct {
			dev int32
			ino uint64
		}
		before := map[id]int64{}
		for i, m := range r.Messages {
			f := fileOf(m.Event)
			if f == nil || f.Stat.Ino == es.SyntheticIno || f.Stat.Mode&es.ModeType != es.ModeRegular {
				continue
			}
			k := id{f.Stat.Dev, f.Stat.Ino}
			if o, ok := m.Event.(*es.Open); ok && o.FFlag&es.OTrunc != 0 {
				delete(before, k)
			}
			if size, ok := before[k]; ok && f.Stat.Size < size {
				t.Fatalf("seed %d, message %d: %s has %d bytes, had %d", seed, i, f.Path, f.Stat.Size, size)
			}
			before[k] = f.Stat.Size
			if _, ok := m.Event.(*es.Write); ok {
				before[k]++
			}
		}
	}
}

// Losing and doubling touch only what is delivered: numbers are as they were, and what is missing is listed.
func TestDelivery(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	all := built(t, s, Options{})
	r := built(t, s, Options{Loss: Loss{Rate: 0.1, Seed: 7, Seqs: []uint64{3, 5}}, Duplicate: Duplicate{Rate: 0.1, Seed: 7}, Shuffle: Shuffle{Window: 5, Seed: 7}})
	seen := map[uint64]int{}
	for _, m := range r.Messages {
		seen[m.GlobalSeqNum]++
	}
	for _, seq := range r.Lost {
		if seen[seq] != 0 {
			t.Errorf("message %d was lost and delivered", seq)
		}
	}
	if len(seen)+len(r.Lost) != len(all.Messages) {
		t.Errorf("%d delivered, %d lost, of %d", len(seen), len(r.Lost), len(all.Messages))
	}
	if len(r.Messages) <= len(seen) {
		t.Error("nothing came twice")
	}
	if seen[3]+seen[5] != 0 {
		t.Error("messages 3 and 5 were not lost")
	}
}

func TestSubscriptions(t *testing.T) {
	s := scriptFile(t, "testdata/day.txt")
	for words, want := range map[string][]es.Kind{"close only": {es.KindClose}, "fork exit": {es.KindFork, es.KindExit}} {
		r := built(t, s, Options{Subscribed: words})
		got := es.Kinds{}
		for i, m := range r.Messages {
			got.Add(m.Kind())
			if m.GlobalSeqNum != uint64(i) {
				t.Fatalf("%s: message %d is numbered %d", words, i, m.GlobalSeqNum)
			}
		}
		if got != es.NewKinds(want...) {
			t.Errorf("%s: got %v", words, got.List())
		}
	}
}
