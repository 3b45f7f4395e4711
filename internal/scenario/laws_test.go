package scenario

import (
	"bytes"
	"os"
	"testing"

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
		forked  = map[int32]int{}
		known   = map[key]bool{}
		ended   = map[key]bool{}
		perKind = map[es.Kind]uint64{}
		closing = map[key]int{} // descriptors that an execution still has, as far as opens tell
	)
	if r.Snapshot != nil {
		for i := range r.Snapshot.Processes {
			known[r.Snapshot.Processes[i].Key(1)] = true
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
		if r.Snapshot != nil && !known[who] {
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
			forked[c.PID] = i
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
		case *es.Open:
			closing[who]++
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
	open := map[int32]int{} // by pid: over all its images
	for i, m := range r.Messages {
		pid := m.Process.AuditToken.PID
		switch e := m.Event.(type) {
		case *es.Fork:
			open[e.Child.AuditToken.PID] = 0
		case *es.Open:
			open[pid]++
		case *es.Close:
			if m.Process.Executable.Path != "/usr/libexec/xpcproxy" {
				open[pid]--
			}
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
