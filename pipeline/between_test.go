package pipeline

import (
	"context"
	"strings"
	"testing"
	"testing/iotest"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// counting is an engine that counts messages.
type counting struct {
	Engine
	n *int
}

func (c counting) Begin(*es.Header) {}
func (c counting) Add(*es.Message)  { *c.n++ }
func (c counting) Drain()           {}

// Between is told a place at which exactly what stands before it has been taken.
func TestBetween(t *testing.T) {
	line := `{"event":{"exit":{"stat":0}},"process":{"audit_token":{"pid":700,"pidversion":2001}}}` + "\n"
	text := strings.Repeat(line, 40) + "junk\n" + strings.Repeat(line, 40)
	n, calls, last := 0, 0, int64(0)
	_, err := Run(context.Background(), []Input{Stream("-", iotest.HalfReader(strings.NewReader(text)))}, Options{
		New:  func(string, func(*finding.Finding)) Engine { return counting{n: &n} },
		Sink: func(*finding.Finding) error { return nil },
		Between: func(at int64) error {
			calls++
			if want := strings.Count(text[:at], line); n != want || at < last {
				t.Errorf("at byte %d %d messages were taken, %d stand before it", at, n, want)
			}
			last = at
			return nil
		},
	})
	if err != nil || n != 80 || calls == 0 || last != int64(len(text)) {
		t.Errorf("%d messages, %d calls, the last at %d of %d, %v", n, calls, last, len(text), err)
	}
}
