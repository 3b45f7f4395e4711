package finding

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var jsonSchema []byte

// JSONSchema is the contract as a JSON Schema, draft 2020-12: every line that [Append] writes of a well-formed finding
// validates against it, and it allows no other key and no unpublished word.
func JSONSchema() []byte { return slices.Clone(jsonSchema) }
