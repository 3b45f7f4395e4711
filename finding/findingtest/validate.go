// Package findingtest holds tests of other packages to the contract of findings: every line that a test writes is validated,
// and findings of any shape can be drawn.
package findingtest

import (
	"bytes"
	"sync"
	"testing"

	"ascribe.example/finding"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var contract = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(finding.JSONSchema()))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("finding.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("finding.json")
})

// Check validates one line, without its newline, against the published schema.
func Check(line []byte) error {
	schema, err := contract()
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return schema.Validate(v)
}

// Validate fails the test if a line is no finding of the contract, or holds a newline.
func Validate(t testing.TB, line []byte) {
	t.Helper()
	if bytes.ContainsAny(line, "\n\r") {
		t.Errorf("the line holds a line break:\n%q", line)
	}
	if err := Check(line); err != nil {
		t.Errorf("not a line of the contract: %v\n%s", err, line)
	}
}

// ValidateAll validates every line of a stream of findings and returns how many there are.
func ValidateAll(t testing.TB, stream []byte) int {
	t.Helper()
	n := 0
	for line := range bytes.Lines(stream) {
		Validate(t, bytes.TrimSuffix(line, []byte("\n")))
		n++
	}
	return n
}
