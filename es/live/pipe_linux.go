package live

import (
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wide is as much as Linux lets everybody ask for.
const wide = 1 << 20

// widen lets a pipe hold more, and returns how much. A page of it holds a line or two.
func widen(pipe *os.File) int {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return narrow
	}
	room := 0
	if raw.Control(func(fd uintptr) { room, err = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, wide) }) != nil || err != nil {
		return narrow
	}
	return room / 2
}

// readSoon reads what has come, else waits for it.
//
// What has come is read without a word to Go's scheduler. A call that it is told of, just after a pause, has the runtime's
// monitor look every 20 µs, 50 times, whether it lasts [S: runtime, sysmon after entersyscall]: at 5,000 messages a second
// that was a quarter of what ascribe cost.
func readSoon(f *os.File, p []byte) (int, error) {
	to := unix.Iovec{Base: &p[0]}
	to.SetLen(len(p))
	here := ^uintptr(0)
	n, _, failed := syscall.RawSyscall6(unix.SYS_PREADV2, f.Fd(), uintptr(unsafe.Pointer(&to)), 1, here, here, unix.RWF_NOWAIT)
	if failed == 0 && n > 0 {
		return int(n), nil
	}
	return f.Read(p) // nothing has come, or this is a terminal, or the end
}
