package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ascribe.example/internal/fakeeslogger"
)

// quiet is how long a file must be left alone for its operation to be over.
const quiet = 2 * time.Second

// latencies are sorted.
type latencies []time.Duration

func (l latencies) at(q float64) time.Duration { return l[min(int(q*float64(len(l))), len(l)-1)] }

var saved = regexp.MustCompile(`/save-\d+-(\d+)\.txt$`)

// latency is how long after its operation is over a finding is written. Each file's name says when it was made; nothing
// but the quiet after it ends its operation.
func (t tools) latency(plan string, most time.Duration, args ...string) (latencies, error) {
	cmd := exec.Command(t.ascribe, append([]string{"watch", "--eslogger", t.eslogger, "--for", most.String(), "--format", "json"}, args...)...)
	cmd.Env = t.env(plan)
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var l latencies
	lines := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break
		}
		at := time.Now()
		var f struct{ Kind, Path string }
		if json.Unmarshal(line, &f) != nil || f.Kind != "operation" {
			continue
		}
		if m := saved.FindStringSubmatch(f.Path); m != nil {
			ns, _ := strconv.ParseInt(m[1], 10, 64)
			l = append(l, at.Sub(time.Unix(0, ns).Add(quiet)))
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("watch: %w\n%s", err, told.String())
	}
	if len(l) < 20 {
		return nil, fmt.Errorf("only %d files that were saved were told\n%s", len(l), told.String())
	}
	slices.Sort(l)
	return l, nil
}

// cost is what a rate costs while it lasts: what beginning costs comes on top, once.
type cost struct {
	cpu, kernel float64 // percent of a core
	eslogger    float64 // what the stand-in takes, which is not ours
	rate        float64 // what was reached
	written     uint64
	lost        int64
	memory      int64
}

var told = regexp.MustCompile(`read [0-9,]+ values: ([0-9,]+) messages`)

// cost runs a rate for a while.
func (t tools) cost(rate int, args ...string) (cost, error) {
	log := filepath.Join(t.folder, "log")
	logs, _ := filepath.Glob(log + ".*")
	for _, name := range logs {
		if err := os.Remove(name); err != nil {
			return cost{}, err
		}
	}
	cmd := exec.Command(t.ascribe, append([]string{"watch", "--eslogger", t.eslogger}, args...)...)
	const begin = 2 * time.Second // of which nothing is measured
	cmd.Env = t.env(fmt.Sprintf("emit %d %d; wait 1h", int((*lasts+begin).Seconds()*float64(rate)), rate))
	var says bytes.Buffer
	cmd.Stderr = &says
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	for began := time.Now(); fakeeslogger.Running(log, cmd.Process.Pid) == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			return cost{}, fmt.Errorf("the stand-in did not begin:\n%s", says.String())
		}
	}
	fake := fakeeslogger.Running(log, cmd.Process.Pid)
	time.Sleep(begin / 2)
	from, before, of, n := time.Now(), usage(cmd.Process.Pid), usage(fake), fakeeslogger.Written(fatal{}, log)
	time.Sleep(*lasts)
	took := time.Since(from).Seconds()
	after, ofAfter, m := usage(cmd.Process.Pid), usage(fake), fakeeslogger.Written(fatal{}, log)
	memory := anonymous(cmd.Process.Pid)
	time.Sleep(begin)
	_ = cmd.Process.Signal(syscall.SIGINT)
	// Status 3: the interrupt came in the middle of a line.
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != 3 {
		return cost{}, fmt.Errorf("watch: %w\n%s", err, says.String())
	}
	c := cost{
		cpu: 100 * (after.user + after.kernel - before.user - before.kernel) / took, kernel: 100 * (after.kernel - before.kernel) / took,
		eslogger: 100 * (ofAfter.user + ofAfter.kernel - of.user - of.kernel) / took,
		rate:     float64(m-n) / took, written: fakeeslogger.Written(fatal{}, log), memory: memory,
	}
	sum := told.FindStringSubmatch(says.String())
	if sum == nil {
		return cost{}, fmt.Errorf("watch says no sum:\n%s", says.String())
	}
	read, _ := strconv.ParseInt(strings.ReplaceAll(sum[1], ",", ""), 10, 64)
	c.lost = max(int64(c.written)-read-1, 0) // the last line may have been cut
	return c, nil
}

type fatal struct{}

func (fatal) Helper() {}
func (fatal) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// seconds are a process' processor time.
type seconds struct{ user, kernel float64 }

func usage(pid int) (s seconds) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if _, after, ok := strings.Cut(string(text), ") "); ok {
		f := strings.Fields(after)
		u, _ := strconv.ParseFloat(f[11], 64)
		k, _ := strconv.ParseFloat(f[12], 64)
		s.user, s.kernel = u/100, k/100
	}
	return s
}

// anonymous is a process' memory that is no file's.
func anonymous(pid int) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "RssAnon:" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// day streams a day's messages, and looks at the memory all the while.
func (t tools) day() error {
	cmd := exec.Command(t.ascribe, "watch", "--eslogger", t.eslogger, "--hold")
	cmd.Env = t.env(fmt.Sprintf("day %d; wait 1h", *count))
	var says bytes.Buffer
	cmd.Stderr = &says
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	most, halfway := int64(0), int64(0)
	log := filepath.Join(t.folder, "log")
	for n := uint64(0); n < uint64(*count); {
		time.Sleep(time.Second)
		if names, _ := filepath.Glob(log + ".*"); len(names) == 1 {
			n = fakeeslogger.Written(fatal{}, log)
		}
		memory := anonymous(cmd.Process.Pid)
		most = max(most, memory)
		if n < uint64(*count)/2 {
			halfway = most
		}
		if memory == 0 {
			break
		}
		if s := int(time.Since(began).Seconds()); s%20 == 0 {
			fmt.Printf("%4d s: %11d messages, %d MiB\n", s, n, memory>>20)
		}
	}
	time.Sleep(2 * time.Second)
	_ = cmd.Process.Signal(syscall.SIGINT)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("watch: %w\n%s", err, says.String())
	}
	fmt.Printf("%s\n", says.String())
	text := fmt.Sprintf("%d messages, whose times span 24 hours, in %v: %d MiB of memory at most, %d MiB in the first half.\n", *count, time.Since(began).Round(time.Second), most>>20, halfway>>20)
	fmt.Print(text)
	if !*write {
		return nil
	}
	return replace("docs/live.md", "day", text)
}
