package main

import (
	"path/filepath"
	"strconv"
	"strings"
)

// store measures stores, questions and rules, by a program of its own.
func (b *bench) store() error {
	program := filepath.Join(b.work, "storebench")
	if _, err := b.run(command{name: "build storebench", args: []string{"go", "build", "-o", program, "./internal/storebench"}}); err != nil {
		return err
	}
	var out strings.Builder
	k, err := b.run(command{name: "storebench", out: &out, args: []string{
		program, "-findings", strconv.Itoa(b.findings), "-dir", filepath.Join(b.work, "store"), "-ascribe", b.ascribe,
	}})
	if err != nil {
		return err
	}
	b.printf("%s\nLoad average when it ended: %s; processor time of the measuring process %.0f s, in %.0f s by the clock.\n", out.String(), load(), k.cpu.Seconds(), k.wall.Seconds())
	return nil
}
