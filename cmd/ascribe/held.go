package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
)

// held is a process that is there, and waits to become a command: its pid is known before anything is recorded.
type held struct {
	cmd  *exec.Cmd
	gate *os.File // to write to it lets the process go
	once sync.Once
	done chan struct{}
	err  error
}

// heldVerb is what the process is called with. It stands in no help.
const heldVerb = "become"

// hold makes the process. Standard output is for findings, so what the command writes goes to standard error.
func hold(c console, args []string) (*held, error) {
	if _, err := exec.LookPath(args[0]); err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	wait, gate, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	h := &held{gate: gate, done: make(chan struct{})}
	h.cmd = &exec.Cmd{Path: self, Args: append([]string{os.Args[0], heldVerb, "--"}, args...)}
	h.cmd.ExtraFiles = []*os.File{wait}
	h.cmd.Stdin, h.cmd.Stdout, h.cmd.Stderr = c.in, c.err, c.err
	if err := asCaller(h.cmd); err != nil {
		return nil, err
	}
	err = h.cmd.Start()
	_ = wait.Close() // the process has its own
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", args[0], err)
	}
	go func() {
		h.err = h.cmd.Wait()
		close(h.done)
	}()
	return h, nil
}

// asCaller runs a command as the user who called sudo: it was root's privileges that were needed, not the command's.
func asCaller(cmd *exec.Cmd) error {
	id := os.Getenv("SUDO_UID")
	if id == "" || os.Geteuid() != 0 || id == "0" {
		return nil
	}
	u, err := user.LookupId(id)
	if err != nil {
		return fmt.Errorf("run the command as user %s, who called sudo: %w", id, err)
	}
	number := func(s string) uint32 {
		n, _ := strconv.ParseUint(s, 10, 32) // the system's own
		return uint32(n)
	}
	credential := &syscall.Credential{Uid: number(u.Uid), Gid: number(u.Gid)}
	groups, err := u.GroupIds()
	if err != nil {
		return fmt.Errorf("run the command as %s, who called sudo: %w", u.Username, err)
	}
	for _, g := range groups {
		credential.Groups = append(credential.Groups, number(g))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "SUDO_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+u.HomeDir, "USER="+u.Username, "LOGNAME="+u.Username)
	return nil
}

// caller is who called sudo, to whom the files that they asked for belong; 0 nobody did.
func caller() (uid, gid int) {
	uid, _ = strconv.Atoi(os.Getenv("SUDO_UID")) // 0 where there is none
	gid, _ = strconv.Atoi(os.Getenv("SUDO_GID"))
	if os.Geteuid() != 0 {
		return 0, 0
	}
	return uid, gid
}

// release lets the process become the command.
func (h *held) release() error {
	var err error
	h.once.Do(func() {
		_, err = h.gate.Write([]byte{1})
		_ = h.gate.Close() // it was written
	})
	if err != nil {
		return fmt.Errorf("run the command: %w", err)
	}
	return nil
}

// wait waits for the command's end, and says how it ended if that was not well.
func (h *held) wait() string {
	<-h.done
	if h.err != nil {
		return fmt.Sprintf("the command ended: %v", h.err)
	}
	return ""
}

// abandon ends a process that was never let go: its gate closes, and it ends by itself. A command goes on.
func (h *held) abandon() {
	h.once.Do(func() { _ = h.gate.Close() })
}

func newHeld() *cobra.Command {
	return &cobra.Command{
		Use:    heldVerb + " -- COMMAND...",
		Hidden: true,
		Args:   cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			gate := os.NewFile(3, "gate")
			var word [1]byte
			if _, err := io.ReadFull(gate, word[:]); err != nil {
				return nil //nolint:nilerr // whoever held us is gone, or does not want it any more
			}
			_ = gate.Close() // only read
			path, err := exec.LookPath(args[0])
			if err != nil {
				return fmt.Errorf("run %s: %w", args[0], err)
			}
			return fmt.Errorf("run %s: %w", args[0], syscall.Exec(path, args, os.Environ()))
		},
	}
}
