package eslogger

import (
	"reflect"
	"testing"

	"ascribe.example/es"
)

// Without the status of images a message says the same but for that.
func TestNoImageStatus(t *testing.T) {
	whole, lean := NewDecoder(), NewDecoder()
	lean.NoImageStatus = true
	var a, b es.Message
	left := 0
	for _, line := range mix(2000) {
		if err := whole.Decode(line, &a); err != nil {
			t.Fatal(err)
		}
		if err := lean.Decode(line, &b); err != nil {
			t.Fatal(err)
		}
		if b.Process.Executable.Stat == (es.Stat{}) && a.Process.Executable.Stat != (es.Stat{}) {
			left++
		}
		bare(&a)
		if !reflect.DeepEqual(&a, &b) {
			t.Fatalf("%s\nis read as\n%+v\nand without the status of images as\n%+v", line, &a, &b)
		}
	}
	if left != 2000 {
		t.Errorf("the status of %d of 2,000 executables was left out", left)
	}
	if n := lean.Stats().Fallbacks; n > 0 {
		t.Errorf("%d lines fell back", n)
	}
}

// bare takes the status of images out.
func bare(m *es.Message) {
	process := func(p *es.Process) {
		p.Executable.Stat = es.Stat{}
		if p.TTY != nil {
			p.TTY.Stat = es.Stat{}
		}
	}
	process(&m.Process)
	switch e := m.Event.(type) {
	case *es.Fork:
		process(&e.Child)
	case *es.Exec:
		process(&e.Target)
		e.CWD.Stat = es.Stat{}
	}
}

// A status that has no end, or is no object, must not be passed over.
func TestNoImageStatusOfBrokenLines(t *testing.T) {
	d := NewDecoder()
	d.NoImageStatus = true
	var m es.Message
	line := mix(1)[0]
	for n := range line {
		if err := d.Decode(append([]byte(nil), line[:n]...), &m); err == nil {
			t.Fatalf("the first %d of %d bytes were taken for a message", n, len(line))
		}
	}
}

// Messages stay as they are in memory that was handed out, whatever the decoder decodes elsewhere.
func TestExchange(t *testing.T) {
	lines := mix(600)
	d, check := NewDecoder(), NewDecoder()
	d.Batch, check.Batch = true, true
	var memory [3]Memory
	batches := make([][]es.Message, 3)
	for k := range memory {
		d.Exchange(&memory[k])
		d.Reset()
		batches[k] = make([]es.Message, 200)
		for i := range batches[k] {
			if err := d.Decode(lines[200*k+i], &batches[k][i]); err != nil {
				t.Fatal(err)
			}
		}
		d.Exchange(&memory[k])
	}
	for k := range batches {
		for i := range batches[k] {
			var want es.Message
			if err := check.Decode(lines[200*k+i], &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(&batches[k][i], &want) {
				t.Fatalf("message %d of batch %d has changed", i, k)
			}
		}
	}
}
