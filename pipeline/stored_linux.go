package pipeline

import (
	"io"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stored is a regular file, of which the system may have much in memory.
type stored struct {
	*os.File
	raw syscall.RawConn
}

func openStored(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		_ = f.Close() // the other error is told
		return nil, err
	}
	return &stored{f, raw}, nil
}

// Read reads what the system has in memory without a word to Go's scheduler, and waits for the rest.
//
// To copy 256 KB takes longer than the 20 µs after which the runtime's monitor gives the processor of a call to another
// thread [S: runtime, sysmon, retake]: in a run on one processor two of three reads had threads put to sleep and woken, 6 %
// of its time.
func (s *stored) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	to := unix.Iovec{Base: &p[0]}
	to.SetLen(len(p))
	var n uintptr
	var failed syscall.Errno
	err := s.raw.Read(func(fd uintptr) bool {
		here := ^uintptr(0)
		n, _, failed = syscall.RawSyscall6(unix.SYS_PREADV2, fd, uintptr(unsafe.Pointer(&to)), 1, here, here, unix.RWF_NOWAIT)
		return true
	})
	if err == nil && failed == 0 && n > 0 {
		return int(n), nil
	}
	return s.File.Read(p) // not in memory, or at the end
}
