package recording_test

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"ascribe.example/es"
	"ascribe.example/es/recording"
)

// A recording is written and read back, with a line in it that something else left there.
func Example() {
	var file bytes.Buffer
	w, err := recording.NewWriter(&file, recording.Options{Redact: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	_ = w.Begin(&es.Header{Host: "mac-1", Time: 1_772_359_200_000_000_000})
	_ = w.Write([]byte(`{"event":{"exec":{"args":["curl","-u","alice:secret"]}}}`), 1_772_359_200_500_000_000)
	_ = w.Write([]byte(`out of memory`), 0)
	_ = w.End(1_772_359_201_000_000_000)

	s := recording.NewScanner(&file)
	for {
		p, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			break
		}
		switch {
		case p.Unreadable():
			fmt.Printf("line %d, byte %d: %s: %s\n", p.Line, p.Offset, p.Reason, p.Raw)
		case recording.IsControl(p.Raw):
			c, err := recording.ParseControl(p.Raw)
			fmt.Println("control", c.Kind, err)
		default:
			fmt.Println("message", string(p.Raw))
		}
	}
	// Output:
	// control begin <nil>
	// message {"event":{"exec":{"args":["curl","-u","alice:<redacted>"]}}}
	// line 3, byte 270: text between values: out of memory
	// control end <nil>
}
