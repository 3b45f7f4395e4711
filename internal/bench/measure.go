package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// command is a process to be measured.
type command struct {
	name  string
	args  []string
	cores int // 1 pins it to one core, where taskset is there
	from  *command
	out   io.Writer // nil: thrown away
}

// cost is what a process took.
type cost struct {
	cpu, wall time.Duration
	anonymous int64  // most anonymous memory, in bytes; 0 not known
	err       string // what it said on standard error
}

// run runs a command to its end. With from, that is its standard input, and its cost is not counted.
func (b *bench) run(c command) (cost, error) {
	path, args := c.args[0], c.args[1:]
	if c.cores == 1 && b.taskset != "" {
		args = append([]string{"-c", b.core, path}, args...)
		path = b.taskset
	}
	cmd := exec.Command(path, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if c.out != nil {
		cmd.Stdout = c.out
	}
	if c.cores > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(c.cores))
	}
	var feeder *exec.Cmd
	if c.from != nil {
		r, w, err := os.Pipe()
		if err != nil {
			return cost{}, fmt.Errorf("make a pipe: %w", err)
		}
		feeder = exec.Command(c.from.args[0], c.from.args[1:]...)
		feeder.Stdout, feeder.Stderr, cmd.Stdin = w, os.Stderr, r
		if err := feeder.Start(); err != nil {
			return cost{}, fmt.Errorf("start %s: %w", c.from.name, err)
		}
		_ = w.Close()
		defer func() {
			_ = r.Close()
			_ = feeder.Wait() // it ends when nobody reads
		}()
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return cost{}, fmt.Errorf("start %s: %w", c.name, err)
	}
	over, most := make(chan struct{}), make(chan int64)
	go func() {
		var m int64
		for {
			m = max(m, anonymousMemory(cmd.Process.Pid))
			select {
			case <-over:
				most <- m
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	err := cmd.Wait()
	k := cost{wall: time.Since(began)}
	close(over)
	k.anonymous = <-most
	k.err = said.String()
	if err != nil {
		return k, fmt.Errorf("%s: %w: %s", c.name, err, strings.TrimSpace(k.err))
	}
	k.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return k, nil
}

// anonymousMemory is what a process holds that is no file's, as Linux tells it; 0 elsewhere.
func anonymousMemory(pid int) int64 {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, after, ok := bytes.Cut(status, []byte("RssAnon:"))
	if !ok {
		return 0
	}
	fields := bytes.Fields(after)
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// median of some figures.
func median[T int64 | float64 | time.Duration](all []T) T {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// find looks a program up.
func find(name string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return path
}
