package main

import (
	"fmt"
	"os"
	"strings"
)

// launchctl stands in for macOS's: it knows one job, whose property list's path it keeps in $LAUNCHCTL_STATE.
func launchctl() {
	os.Exit(func() int {
		state := os.Getenv("LAUNCHCTL_STATE")
		text, err := os.ReadFile(state)
		loaded := err == nil
		switch os.Args[1] {
		case "version":
		case "bootstrap":
			if loaded {
				fmt.Println("Bootstrap failed: 5: Input/output error")
				return 5
			}
			if _, err := os.Stat(os.Args[3]); err != nil || os.Args[2] != "system" {
				return 1
			}
			if os.WriteFile(state, []byte(os.Args[3]), 0o600) != nil {
				return 1
			}
		case "bootout":
			if !loaded {
				fmt.Println("Boot-out failed: 3: No such process")
				return 3
			}
			if os.Remove(state) != nil {
				return 1
			}
		case "print":
			if !loaded || !strings.HasSuffix(string(text), strings.TrimPrefix(os.Args[2], "system/")+".plist") {
				fmt.Println("Bad request.\nCould not find service in domain for system")
				return 113
			}
			fmt.Printf("%s = {\n\tactive count = 1\n\tpath = %s\n\tstate = running\n\n\tpid = 4711\n\tlast exit code = (never exited)\n}\n", os.Args[2], text)
		default:
			return 64
		}
		return 0
	}())
}
