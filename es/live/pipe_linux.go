package live

import (
	"os"

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
