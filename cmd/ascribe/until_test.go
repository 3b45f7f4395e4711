package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// until runs a command, interrupts it when it has written something, and ends with its status: a script that says when a
// live run may end needs no time that is long enough on every machine.
//
//	until stdout|stderr|FILE REGEXP COMMAND...
func until() {
	os.Exit(func() int {
		if len(os.Args) < 4 {
			fmt.Fprintln(os.Stderr, "usage: until stdout|stderr|FILE REGEXP COMMAND...")
			return 2
		}
		where, seen := os.Args[1], regexp.MustCompile(os.Args[2])
		var said buffer
		cmd := exec.Command(os.Args[3], os.Args[4:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		written := func() string {
			text, _ := os.ReadFile(where) // it will come
			return string(text)
		}
		switch where {
		case "stdout":
			cmd.Stdout, written = io.MultiWriter(os.Stdout, &said), said.String
		case "stderr":
			cmd.Stderr, written = io.MultiWriter(os.Stderr, &said), said.String
		}
		if err := cmd.Start(); err != nil {
			fmt.Fprintln(os.Stderr, "until:", err)
			return 2
		}
		over := make(chan error, 1)
		go func() { over <- cmd.Wait() }()
		asked := false
		for hung := time.After(endOfHang); ; {
			select {
			case err := <-over:
				var exit *exec.ExitError
				switch {
				case !asked:
					fmt.Fprintf(os.Stderr, "until: it ended, and never wrote %s\n", seen)
					return 2
				case errors.As(err, &exit):
					return exit.ExitCode()
				case err != nil:
					fmt.Fprintln(os.Stderr, "until:", err)
					return 2
				}
				return 0
			case <-hung:
				fmt.Fprintf(os.Stderr, "until: it hangs; whether it wrote %s: %v\n", seen, asked)
				_ = cmd.Process.Kill()
				return 2
			case <-time.After(10 * time.Millisecond):
				if !asked && seen.MatchString(written()) {
					asked = true
					_ = cmd.Process.Signal(os.Interrupt)
				}
			}
		}
	}())
}

// endOfHang is how long a test waits for what must come before it says that it does not: no machine is so slow.
const endOfHang = 3 * time.Minute
