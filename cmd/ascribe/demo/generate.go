//go:build ignore

// Writes demo.jsonl.zst from demo.txt.
package main

import (
	"fmt"
	"os"

	"ascribe.example/internal/scenario"
	"github.com/klauspost/compress/zstd"
)

func main() {
	if err := generate("demo.txt", "demo.jsonl.zst"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(script, to string) error {
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	s, err := scenario.Parse(script, string(text))
	if err != nil {
		return err
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		return err
	}
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	return os.WriteFile(to, e.EncodeAll(r.Recording(), nil), 0o644)
}
