package fakeeslogger

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// failer is what a test has.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// logSize is the size of a log: how many lines were written, and the pid of whoever started the fake.
const logSize = 16

func appendLog(to []byte, written uint64) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(to, written), uint64(os.Getppid()))
}

// logOf reads a log; ok is false where nothing was written yet.
func logOf(name string) (written uint64, parent int, ok bool) {
	text, err := os.ReadFile(name)
	if err != nil || len(text) != logSize {
		return 0, 0, false
	}
	return binary.LittleEndian.Uint64(text), int(binary.LittleEndian.Uint64(text[8:])), true
}

// Written is how many lines the fakes that share a log have written.
func Written(t failer, log string) uint64 {
	t.Helper()
	names, _ := filepath.Glob(log + ".*")
	var n uint64
	for _, name := range names {
		written, _, ok := logOf(name)
		if st, err := os.Stat(name); !ok && (err != nil || st.Size() > 0) { // one that has just begun has written nothing
			t.Fatal("read the fake's log: ", name)
		}
		n += written
	}
	return n
}

// WrittenBy is how many lines the fake of that pid has written.
func WrittenBy(t failer, log string, pid int) uint64 {
	t.Helper()
	n, _, ok := logOf(log + "." + strconv.Itoa(pid))
	if !ok {
		t.Fatal("read the fake's log: ", log, pid)
	}
	return n
}

// Running is the fake that a process has started, has written something, and lives; 0 none.
func Running(log string, parent int) (pid int) {
	names, _ := filepath.Glob(log + ".*")
	for _, name := range names {
		_, by, ok := logOf(name)
		n, err := strconv.Atoi(name[len(log)+1:])
		if ok && err == nil && by == parent && syscall.Kill(n, 0) == nil {
			return n
		}
	}
	return 0
}
