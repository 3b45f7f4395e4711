package pipeline_test

import (
	"context"
	"fmt"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
)

// counter is an engine that only counts; package engine has the real one.
type counter struct{ messages int }

func (*counter) Begin(h *es.Header)    { fmt.Println("host", h.Host) }
func (*counter) Snapshot(*es.Snapshot) {}
func (*counter) Gap(*es.Gap)           {}
func (*counter) Fact(*es.Fact)         {}
func (*counter) Advance(es.Time)       {}
func (c *counter) Add(*es.Message)     { c.messages++ }
func (c *counter) Drain()              { fmt.Println(c.messages, "messages") }

func Example() {
	stream := strings.NewReader(`{"schema":"ascribe.recording/1","kind":"begin","host":"mac-1"}
{"event":{"exit":{"stat":0}},"process":{"audit_token":{"pid":700,"pidversion":2001}}}
Segmentation fault
`)
	sum, err := pipeline.Run(context.Background(), []pipeline.Input{pipeline.Stream("-", stream)}, pipeline.Options{
		New:  func(string, func(*finding.Finding)) pipeline.Engine { return &counter{} },
		Sink: func(f *finding.Finding) error { return nil },
		Diagnose: func(d pipeline.Diagnostic) {
			fmt.Printf("%s: line %d, byte %d: %s\n", d.Input, d.Line, d.Offset, d.Says)
		},
	})
	fmt.Println(sum.Values, "values,", sum.Unreadable, "unreadable,", err)
	// Output:
	// host mac-1
	// -: line 3, byte 149: text between values
	// 1 messages
	// 3 values, 1 unreadable, <nil>
}
