package mix_test

import (
	"runtime"
	"testing"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/finding"
)

// What each stage may allocate. A stage that needs more must say why here: memory that is made for every event is the first
// thing that slows a run down, and no machine's load hides it from this test.
func TestAllocationBudgets(t *testing.T) {
	const warm, counted = 8_000, 8_000
	var messages []*es.Message
	d, kept := eslogger.NewDecoder(), eslogger.NewDecoder()
	kept.Batch = true
	all := lines(t, "edr", 0, warm+counted)
	padded := make([][]byte, len(all))
	for i, line := range all {
		padded[i] = append(make([]byte, 0, len(line)+eslogger.Padding), line...)
		m := new(es.Message)
		if err := kept.Decode(line, m); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	var m es.Message
	var text []byte
	fed := func(o engine.Options, written bool) func(i int) {
		e := engine.New(o, func(f *finding.Finding) {
			if written {
				text = append(finding.Append(text[:0], f), '\n')
			}
		})
		return func(i int) { e.Add(messages[i]) }
	}
	for _, stage := range []struct {
		name string
		most float64 // allocations an event
		do   func(i int)
	}{
		{"decode", 0.01, func(i int) {
			if err := d.Decode(padded[i], &m); err != nil {
				t.Fatal(err)
			}
		}},
		{"run", 0.8, fed(engine.Options{}, true)},
		{"run with events", 2, fed(engine.Options{Events: true}, true)},
	} {
		for i := range warm {
			stage.do(i)
		}
		if n := allocations(func() {
			for i := warm; i < warm+counted; i++ {
				stage.do(i)
			}
		}) / counted; n > stage.most {
			t.Errorf("%s: %.3f allocations an event, budget %v", stage.name, n, stage.most)
		} else {
			t.Logf("%s: %.3f allocations an event, budget %v", stage.name, n, stage.most)
		}
	}
}

// A message that tells nothing new, such as a known program's look at a known file, must cost no memory at all.
func TestWhatChangesNothingAllocatesNothing(t *testing.T) {
	e := engine.New(engine.Options{}, func(*finding.Finding) {})
	var open, closed *es.Message
	d := eslogger.NewDecoder()
	d.Batch = true
	for _, line := range lines(t, "edr", 0, 5000) {
		m := new(es.Message)
		if err := d.Decode(line, m); err != nil {
			t.Fatal(err)
		}
		e.Add(m)
		switch ev := m.Event.(type) {
		case *es.Open:
			if ev.FFlag == es.FRead {
				open = m
			}
		case *es.Close:
			closed = m
		}
	}
	closed = &es.Message{
		Version: open.Version, Time: closed.Time, MachTime: closed.MachTime, SeqNum: closed.SeqNum, ThreadID: open.ThreadID, Process: open.Process,
		Event: &es.Close{Target: open.Event.(*es.Open).File},
	}
	open.Time, open.MachTime, open.GlobalSeqNum = closed.Time, closed.MachTime, 4999
	again := func() {
		for _, m := range []*es.Message{open, closed} {
			last := open.GlobalSeqNum
			if m == open {
				last = closed.GlobalSeqNum
			}
			m.GlobalSeqNum = max(last, 4999) + 1
			m.SeqNum++
			m.MachTime++
			e.Add(m)
		}
	}
	again()
	if n := testing.AllocsPerRun(1000, again); n != 0 {
		t.Errorf("an open and a close of a known file allocate %v times", n)
	}
}

func allocations(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}
