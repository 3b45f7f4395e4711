package mix_test

import (
	"bytes"
	"slices"
	"testing"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/internal/bench/mix"
	"ascribe.example/internal/bench/plain"
)

func lines(t *testing.T, name string, size, most int) [][]byte {
	t.Helper()
	m, err := mix.New(name, size, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for len(all) < most {
		line := m.Append(nil)
		if len(line) == 0 {
			break
		}
		all = append(all, line)
	}
	return all
}

// What is measured must be what eslogger writes: the fast path takes it, nothing in it is unknown, and encoding/json reads
// the same.
func TestMixesAreWhatESLoggerWrites(t *testing.T) {
	for _, name := range append([]string{"edr" + mix.OneOrder}, mix.Names...) {
		size, most := 120, 400
		if name == "long-lines" { // each is 10 MB
			size = 1
		}
		all := lines(t, name, size, most)
		if len(all) < size/6 {
			t.Errorf("%s: only %d lines", name, len(all))
		}
		d := eslogger.NewDecoder()
		d.StrictShape = name != "long-lines" && name != "deep-nesting"
		var m es.Message
		var last uint64
		for i, line := range all {
			if err := d.Decode(line, &m); err != nil {
				t.Fatalf("%s: line %d: %v", name, i+1, err)
			}
			if i > 0 && m.GlobalSeqNum != last+1 {
				t.Fatalf("%s: line %d has number %d after %d", name, i+1, m.GlobalSeqNum, last)
			}
			last = m.GlobalSeqNum
			p, err := plain.Decode(line)
			if err != nil {
				t.Fatal(err)
			}
			if ours, theirs := eslogger.Append(nil, &m), eslogger.Append(nil, p.ES()); !bytes.Equal(ours, theirs) {
				t.Fatalf("%s: line %d is read as\n%s\nand by encoding/json as\n%s", name, i+1, ours, theirs)
			}
		}
		s := d.Stats()
		if s.Fallbacks > 0 || d.StrictShape && (len(s.UnknownKeys) > 0 || len(s.Mismatched) > 0) {
			t.Errorf("%s: %d of %d lines took the slow path; unknown keys %v; of another type %v", name, s.Fallbacks, s.Messages, s.UnknownKeys, s.Mismatched)
		}
	}
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	for _, name := range []string{"edr", "forks"} {
		a, b := lines(t, name, 0, 2000), lines(t, name, 0, 2000)
		if !slices.EqualFunc(a, b, bytes.Equal) {
			t.Errorf("%s: two runs differ", name)
		}
	}
}

// Nobody may execute, exit or be named in a message before the fork, or after the exit, that made or ended it.
func TestLivesAreInOrder(t *testing.T) {
	for _, name := range []string{"edr", "forks"} {
		d := eslogger.NewDecoder()
		var m es.Message
		forked, over := map[uint32]bool{}, map[uint32]bool{}
		for i, line := range lines(t, name, 0, 8000) {
			if err := d.Decode(line, &m); err != nil {
				t.Fatal(err)
			}
			v := m.Process.AuditToken.PIDVersion
			if over[v] {
				t.Fatalf("%s: line %d is of %d, which is over", name, i+1, v)
			}
			switch e := m.Event.(type) {
			case *es.Fork:
				forked[e.Child.AuditToken.PIDVersion] = true
			case *es.Exec:
				if !forked[v] {
					t.Fatalf("%s: line %d: exec of %d, which was not forked", name, i+1, v)
				}
				over[v], forked[e.Target.AuditToken.PIDVersion] = true, true
			case *es.Exit:
				if !forked[v] {
					t.Fatalf("%s: line %d: exit of %d, which was not forked", name, i+1, v)
				}
				over[v] = true
			}
		}
	}
}
