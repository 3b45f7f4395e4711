// Package demo holds a recording that ships with the program: ten minutes on one Mac, made from demo.txt.
package demo

import _ "embed"

//go:generate go run generate.go

//go:embed demo.jsonl.zst
var recording []byte

// Name is what the recording is called in messages.
const Name = "demo.jsonl.zst"

// Recording is the recording, compressed.
func Recording() []byte { return recording }
