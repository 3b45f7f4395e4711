package fakeeslogger

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
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
		n += written(t, name)
	}
	return n
}

// WrittenBy is how many lines the fake of that pid has written.
func WrittenBy(t failer, log string, pid int) uint64 {
	t.Helper()
	return written(t, log+"."+strconv.Itoa(pid))
}

func written(t failer, name string) uint64 {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil || len(text) != 8 {
		t.Fatal("read the fake's log: ", name, err)
	}
	return binary.LittleEndian.Uint64(text)
}
