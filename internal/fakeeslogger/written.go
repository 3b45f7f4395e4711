package fakeeslogger

import (
	"encoding/binary"
	"os"
	"path/filepath"
)

// failer is what a test has.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// Written is how many lines the fakes that share a log have written.
func Written(t failer, log string) uint64 {
	t.Helper()
	names, _ := filepath.Glob(log + ".*")
	var n uint64
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil || len(text) != 8 {
			t.Fatal("read the fake's log: ", name, err)
		}
		n += binary.LittleEndian.Uint64(text)
	}
	return n
}
