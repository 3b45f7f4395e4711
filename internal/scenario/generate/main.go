// Command generate writes the recordings that ship with the project from their scenario scripts:
//
//	generate OUTPUT.jsonl SCRIPT.txt
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"ascribe.example/internal/scenario"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: generate OUTPUT.jsonl SCRIPT.txt")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(output, script string) error {
	text, err := os.ReadFile(script)
	if err != nil {
		return err
	}
	s, err := scenario.Parse(filepath.Base(script), string(text))
	if err != nil {
		return err
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		return err
	}
	return os.WriteFile(output, r.Recording(), 0o644)
}
