package engine_test

import (
	"bufio"
	"bytes"
	"fmt"
	"log"
	"os"
	"path"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/finding"
)

// An ES client feeds messages in and takes findings out. Without the header that says what was subscribed to, it cannot be
// known that nobody else had connected to the service: so Finder is likely.
func Example() {
	e := engine.New(engine.Options{}, func(f *finding.Finding) {
		if f.Kind == finding.KindOperation {
			fmt.Printf("%s %s\n", f.Action, f.Path)
			fmt.Printf("by %s, %s; for %s, %s\n",
				path.Base(f.Actor.Path), f.Certainty.Actor, f.Responsible.App, f.Certainty.Responsible)
		}
	})
	d := eslogger.NewDecoder()
	var m es.Message
	for line := range recorded("../recordings/founding.jsonl") {
		if err := d.Decode(line, &m); err == nil {
			e.Add(&m)
		}
	}
	e.Drain()

	// Output:
	// copy /Volumes/USB/plan.pdf
	// by DesktopServicesHelper, certain; for Finder, likely
}

// A run that is cut, saved and restored goes on as if it had not been cut.
func ExampleRestore() {
	emit := func(f *finding.Finding) { fmt.Println(f.Kind, f.Action, f.Path) }
	e := engine.New(engine.Options{}, emit)
	d := eslogger.NewDecoder()
	var m es.Message
	for line := range recorded("../recordings/founding.jsonl") {
		if err := d.Decode(line, &m); err != nil {
			continue // a control line: see package recording
		}
		var checkpoint bytes.Buffer
		if err := e.Save(&checkpoint); err != nil {
			log.Fatal(err)
		}
		var err error
		if e, err = engine.Restore(&checkpoint, engine.Options{}, emit); err != nil {
			log.Fatal(err)
		}
		e.Add(&m)
	}
	e.Drain()

	// Output: operation copy /Volumes/USB/plan.pdf
}

// recorded are the lines of a recording.
func recorded(name string) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		f, err := os.Open(name)
		if err != nil {
			log.Fatal(err)
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		s.Buffer(nil, 16<<20)
		for s.Scan() {
			if !yield(s.Bytes()) {
				return
			}
		}
	}
}
