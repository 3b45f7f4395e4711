package fakeeslogger

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// plan is what a fake is to do.
type plan struct {
	refuseRoot, refuseAccess, deaf, blind, blocks bool
	listed                                        []string
	steps                                         []step
}

type step struct {
	verb string
	args []string
}

func parsePlan(text string) plan {
	var p plan
	for _, s := range strings.Split(text, ";") {
		f := strings.Fields(s)
		if len(f) == 0 {
			continue
		}
		switch f[0] {
		case "refuse-root":
			p.refuseRoot = true
		case "refuse-access":
			p.refuseAccess = true
		case "deaf":
			p.deaf = true
		case "blind":
			p.blind = true
		case "blocks":
			p.blocks = true
		case "list":
			p.listed = f[1:]
		default:
			p.steps = append(p.steps, step{f[0], f[1:]})
		}
	}
	p.steps = append(p.steps, step{verb: "forever"})
	return p
}

// bad ends a fake whose plan is wrong: a test would else pass for no reason.
func bad(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "fakeeslogger: "+format+"\n", args...)
	os.Exit(64)
}

func (s step) arg(i int) string {
	if i >= len(s.args) {
		return ""
	}
	return s.args[i]
}

func (s step) number(i int) int {
	if s.arg(i) == "" {
		return 0
	}
	n, err := strconv.Atoi(s.arg(i))
	if err != nil {
		bad("%s: %q is no number", s.verb, s.arg(i))
	}
	return n
}

func (s step) duration(i int) time.Duration {
	d, err := time.ParseDuration(s.arg(i))
	if err != nil {
		bad("%s: %q is no duration", s.verb, s.arg(i))
	}
	return d
}

// do does one statement. over ends the program.
func (c *client) do(s step) (status int, over bool) {
	switch s.verb {
	case "emit":
		return 0, c.emit(s.number(0), s.number(1))
	case "day":
		n := s.number(0)
		c.day, c.dayFrom, c.dayStep = time.Now(), c.written, 24*time.Hour/time.Duration(n)
		c.out = bufio.NewWriterSize(os.Stdout, 64<<10) // it is in a hurry
		defer c.flush()
		return 0, c.emit(n, 0)
	case "busy":
		return 0, c.busy(s.number(0), s.number(1), s.duration(2))
	case "save":
		return 0, c.saves(s.number(0), s.duration(1))
	case "wait":
		return 0, c.wait(s.duration(0), true)
	case "until":
		return 0, c.until(s.arg(0), s.number(1))
	case "stall":
		return 0, c.wait(s.duration(0), false)
	case "drop":
		c.global += uint64(s.number(0))
	case "restart":
		c.global = 0
		clear(c.perKind[:])
	case "junk":
		c.line([]byte(strings.Join(s.args, " ")))
	case "partial":
		c.partial = true
		c.w.read(c.tell)
		c.partial = false
	case "say":
		fmt.Fprintln(os.Stderr, strings.Join(s.args, " "))
	case "quarantine":
		c.w.quarantine(c.tell, s.arg(0))
	case "tell-from":
		return 0, c.tellFrom(s.arg(0))
	case "exit":
		return s.number(0), true
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "forever":
		return 0, c.wait(1<<62, true)
	default:
		bad("%q is no statement", s.verb)
	}
	return 0, false
}

// emit tells n messages at a rate.
func (c *client) emit(n, rate int) (over bool) {
	began := time.Now()
	want := c.written + uint64(n)
	from := c.written
	for c.written < want {
		if c.interrupted() {
			return true
		}
		due := min(want, c.written+1000)
		if rate > 0 {
			due = min(want, from+uint64(time.Since(began).Seconds()*float64(rate)))
		}
		for c.written < due {
			c.w.step(c.tell)
		}
		c.look()
		if rate > 0 {
			time.Sleep(time.Millisecond)
		}
	}
	return false
}

// saves tells of n files that are made, one every so often.
func (c *client) saves(n int, every time.Duration) (over bool) {
	for i := range n {
		c.w.saveAlone(c.tell, i)
		if c.wait(every, true) {
			return true
		}
	}
	return false
}

// busy tells n messages at a rate, with a file made every so often in between.
func (c *client) busy(n, rate int, every time.Duration) (over bool) {
	for i, until := 0, c.written+uint64(n); c.written < until; i++ {
		if c.emit(min(int(until-c.written), int(every.Seconds()*float64(rate))), rate) {
			return true
		}
		c.w.saveAlone(c.tell, i)
	}
	return false
}

// wait lets time pass.
func (c *client) wait(d time.Duration, sees bool) (over bool) {
	for until := time.Now().Add(min(d, 1000*time.Hour)); time.Now().Before(until); {
		if sees {
			c.look()
		}
		if c.interrupted() {
			return true
		}
		time.Sleep(min(2*time.Millisecond, time.Until(until)))
	}
	return false
}

// until lets things happen at a rate, or nothing, until a file is there.
func (c *client) until(name string, rate int) (over bool) {
	const turn = 5 * time.Millisecond
	for !over {
		if _, err := os.Stat(name); err == nil {
			return false
		}
		if rate > 0 {
			over = c.emit(max(1, int(turn.Seconds()*float64(rate))), rate)
		} else {
			over = c.wait(turn, true)
		}
	}
	return true
}

func (c *client) interrupted() bool {
	select {
	case <-c.ends:
		return true
	default:
		return false
	}
}

// tellFrom tells what real processes say that they do.
func (c *client) tellFrom(name string) (over bool) {
	told := 0
	for !c.wait(5*time.Millisecond, true) {
		text, _ := os.ReadFile(name) // it will come
		for line := range strings.Lines(string(text[told:])) {
			pid, made, ok := strings.Cut(strings.TrimSpace(line), " ")
			n, err := strconv.Atoi(pid)
			if !ok || err != nil || !strings.HasSuffix(line, "\n") {
				break
			}
			told += len(line)
			c.w.ran(c.tell, int32(n), c.host.Life(n).StartTime, made)
			_ = os.WriteFile(name+".told", nil, 0o600) // whoever waits for it says so
		}
	}
	return true
}
