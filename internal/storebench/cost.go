package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ownTime is how long this process had a processor, in seconds.
func ownTime() float64 { return timeOf(syscall.RUSAGE_SELF) }

// allTime counts the programs that it ran, too.
func allTime() float64 { return ownTime() + timeOf(syscall.RUSAGE_CHILDREN) }

func timeOf(whose int) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(whose, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// serverTime tells how long the processes of a PostgreSQL server had a processor, as Linux says it.
func serverTime(name string) func() float64 {
	u, err := url.Parse(name)
	if err != nil {
		return func() float64 { return 0 }
	}
	text, _ := os.ReadFile(filepath.Join(u.Query().Get("host"), "data", "postmaster.pid")) // without it nothing is counted
	pid, _, _ := strings.Cut(string(text), "\n")
	return func() float64 {
		var ticks float64
		files, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, f := range files {
			stat, err := os.ReadFile(f)
			if err != nil {
				continue // it is gone
			}
			// pid (name) state ppid … utime stime cutime cstime are fields 14 to 17; the name may hold anything.
			s := string(stat)
			fields := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
			own := strings.HasPrefix(s, pid+" ")
			if len(fields) < 15 || !own && fields[1] != pid {
				continue
			}
			counted := fields[11:13]
			if own {
				counted = fields[11:15] // and its children that have ended
			}
			for _, n := range counted {
				v, _ := strconv.ParseFloat(n, 64)
				ticks += v
			}
		}
		return ticks / 100
	}
}

// peak is the most memory that the process has had, in MB.
func peak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb float64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			break
		}
	}
	return kb / 1000
}
