package recording

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var jsonSchema []byte

// JSONSchema is the format of control lines as a JSON Schema, draft 2020-12: every control line that is written here
// validates against it, and it allows no other key. A reader should be milder: later versions add keys.
func JSONSchema() []byte { return slices.Clone(jsonSchema) }
