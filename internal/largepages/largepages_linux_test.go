package largepages

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// flagsOf is what the kernel says of the memory that a value lies in.
func flagsOf(t *testing.T, value []byte) []string {
	t.Helper()
	at := uintptr(unsafe.Pointer(unsafe.SliceData(value)))
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	within := false
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var from, to uintptr
		if n, _ := fmt.Sscanf(lines.Text(), "%x-%x ", &from, &to); n == 2 {
			within = from <= at && at < to
		}
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && within {
			return strings.Fields(flags)
		}
	}
	t.Fatalf("no memory is known at %x", at)
	return nil
}

func TestTheHeapLiesOnLargePagesUntilTheyAreDeclined(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Log("this kernel has no large pages: all that can be seen is that it does no harm")
		Decline()
		return
	}
	t.Cleanup(func() { advise(syscall.MADV_HUGEPAGE) })
	table := make([]byte, 64<<20)
	if flags := flagsOf(t, table); !slices.Contains(flags, "hg") {
		t.Errorf("a large table lies in memory with the flags %v, without hg", flags)
	}
	Decline()
	if flags := flagsOf(t, table); !slices.Contains(flags, "nh") {
		t.Errorf("after large pages were declined it has the flags %v, without nh", flags)
	}
}
