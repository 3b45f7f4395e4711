package largepages

import (
	"runtime"
	"syscall"
	"unsafe"
)

const (
	room  = 128 << 20 // the most that a run's heap comes to
	chunk = 4 << 20   // what the heap grows by, and where it begins is a multiple of
	small = 15        // MADV_NOHUGEPAGE
)

var begin uintptr

// The heap has no way to say where it will grow. So it is made to grow: for one object of addresses only, none of which is
// touched, and which is collected at once.
func init() {
	region := make([]byte, room)
	begin = uintptr(unsafe.Pointer(unsafe.SliceData(region))) &^ (chunk - 1) // with what the heap already has
	advise(syscall.MADV_HUGEPAGE)
	runtime.GC()
}

// Decline has what comes from here on lie on small pages, of which less is held while little is in use: for what goes on for
// days beside other work.
func Decline() { advise(small) }

// advise does not look at the answer: a kernel without large pages refuses.
func advise(what uintptr) {
	_, _, _ = syscall.RawSyscall(syscall.SYS_MADVISE, begin, room, what)
}
