package snapshot

import (
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is where all of these calls are, through its umbrella.
const library = "/usr/lib/libSystem.B.dylib"

var libSystemHandle = sync.OnceValue(func() uintptr {
	h, err := purego.Dlopen(library, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
	if err != nil {
		return 0
	}
	return h
})

// symbol is a C function, looked up when it is first needed: what a macOS does not have is missing, and no reason to fail.
type symbol struct {
	name string
	once sync.Once
	addr uintptr
}

func (s *symbol) load() bool {
	s.once.Do(func() {
		if h := libSystemHandle(); h != 0 {
			s.addr, _ = purego.Dlsym(h, s.name) // 0 is missing
		}
	})
	return s.addr != 0
}

func (s *symbol) call(args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(s.addr, args...)
	return r
}

var (
	gethostuuid    = &symbol{name: "gethostuuid"}
	machTimebase   = &symbol{name: "mach_timebase_info"}
	procPIDInfo    = &symbol{name: "proc_pidinfo"}
	procPIDPath    = &symbol{name: "proc_pidpath"}
	csops          = &symbol{name: "csops"}
	taskNameForPID = &symbol{name: "task_name_for_pid"}
	taskInfo       = &symbol{name: "task_info"}
	portDeallocate = &symbol{name: "mach_port_deallocate"}
	responsiblePID = &symbol{name: "responsibility_get_pid_responsible_for_pid"} // private
	machTaskSelf   = &symbol{name: "mach_task_self_"}                            // a variable
)

// taskSelf is mach_task_self(), which is a variable behind a macro.
func taskSelf() (uint32, bool) {
	if !machTaskSelf.load() {
		return 0, false
	}
	return **(**uint32)(unsafe.Pointer(&machTaskSelf.addr)), true
}
