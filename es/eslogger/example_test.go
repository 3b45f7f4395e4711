package eslogger_test

import (
	"fmt"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
)

func Example() {
	line := []byte(`{"version":7,"process":{"audit_token":{"pid":700,"pidversion":1402},"signing_id":"com.apple.finder"},` +
		`"event":{"rename":{"source":{"path":"\/Users\/alice\/draft.txt"},"destination_type":1,` +
		`"destination":{"new_path":{"dir":{"path":"\/Users\/alice"},"filename":"final.txt"}}}}}`)

	decoder := eslogger.NewDecoder()
	var m es.Message
	if err := decoder.Decode(line, &m); err != nil {
		fmt.Println(err)
		return
	}
	if e, ok := m.Event.(*es.Rename); ok {
		fmt.Printf("%s renames %s to %s/%s\n", m.Process.SigningID, e.Source.Path, e.Dir.Path, e.Filename)
	}
	// Output:
	// com.apple.finder renames /Users/alice/draft.txt to /Users/alice/final.txt
}

func ExampleOptions_Append() {
	m := &es.Message{Version: 11, Event: &es.CSInvalidated{}}
	line := eslogger.Options{Version: 6, TokenArrays: true}.Append(nil, m)
	var again es.Message
	fmt.Println(eslogger.NewDecoder().Decode(line, &again), again.Version, again.Kind())
	// Output:
	// <nil> 6 cs_invalidated
}
