// Package launchd installs a program as a daemon of macOS, asks how it is, and removes it.
package launchd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"howett.net/plist"
)

// Daemon is a job of launchd's system domain.
type Daemon struct {
	Label     string
	Arguments []string // the program, by its whole path, and its arguments
	Stderr    string   // a file
	Root      string   // of the file system; "" is /
	Launchctl string   // "" is macOS's
}

// job is a launchd.plist(5).
type job struct {
	Label             string
	ProgramArguments  []string
	RunAtLoad         bool
	KeepAlive         bool
	ThrottleInterval  int
	ExitTimeOut       int
	ProcessType       string
	StandardErrorPath string
	SoftResourceLimits,
	HardResourceLimits limits
}

type limits struct{ NumberOfFiles int }

// Plist is the daemon's property list.
func (d Daemon) Plist() ([]byte, error) {
	return plist.MarshalIndent(job{
		Label: d.Label, ProgramArguments: d.Arguments,
		RunAtLoad: true, KeepAlive: true,
		ThrottleInterval: 10, // seconds between two starts, also launchd's default
		ExitTimeOut:      30, // for the tail and the last checkpoint
		// Other kinds may be slowed down [D], and what reads too slowly makes Endpoint Security drop messages.
		ProcessType:        "Interactive",
		StandardErrorPath:  d.Stderr,
		SoftResourceLimits: limits{1024}, HardResourceLimits: limits{4096},
	}, plist.XMLFormat, "\t")
}

// Path is where the property list goes.
func (d Daemon) Path() string {
	root := d.Root
	if root == "" {
		root = "/"
	}
	return filepath.Join(root, "Library/LaunchDaemons", d.Label+".plist")
}

func (d Daemon) launchctl(args ...string) (string, error) {
	program := d.Launchctl
	if program == "" {
		program = "/bin/launchctl"
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if err == nil {
		return string(out), nil
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return "", fmt.Errorf("ask launchd: %w: this is no Mac; let this system's own supervisor run: %s", err, strings.Join(d.Arguments, " "))
	}
	return string(out), fmt.Errorf("launchctl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
}

// Install writes the property list and starts the daemon; one that runs is replaced.
func (d Daemon) Install() error {
	text, err := d.Plist()
	if err != nil {
		return fmt.Errorf("make the property list: %w", err)
	}
	if _, err := d.launchctl("version"); err != nil {
		return err
	}
	// launchd refuses a property list that others may write [D].
	if err := os.WriteFile(d.Path()+".new", text, 0o644); err != nil {
		return fmt.Errorf("install the service: %w: run it as root", err)
	}
	if err := os.Rename(d.Path()+".new", d.Path()); err != nil {
		return fmt.Errorf("install the service: %w", err)
	}
	if d.loaded() {
		if _, err := d.launchctl("bootout", d.target()); err != nil {
			return err
		}
	}
	_, err = d.launchctl("bootstrap", "system", d.Path())
	return err
}

func (d Daemon) target() string { return "system/" + d.Label }

func (d Daemon) loaded() bool {
	_, err := d.launchctl("print", d.target())
	return err == nil
}

// State is what launchd says of a daemon.
type State struct {
	Installed bool // the property list is there
	Loaded    bool
	PID       int    // 0: it does not run
	LastExit  string // "" unknown
}

// State asks launchd.
func (d Daemon) State() (State, error) {
	var s State
	if _, err := os.Stat(d.Path()); err == nil {
		s.Installed = true
	}
	if _, err := d.launchctl("version"); err != nil {
		return s, err
	}
	out, err := d.launchctl("print", d.target())
	if err != nil {
		return s, nil //nolint:nilerr // launchctl has no other way to say that it does not know the job
	}
	s.Loaded = true
	for line := range strings.Lines(out) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		switch key {
		case "pid":
			s.PID, _ = strconv.Atoi(value)
		case "last exit code", "last terminating signal":
			if s.LastExit == "" {
				s.LastExit = value
			}
		}
	}
	return s, nil
}

// Remove ends the daemon and deletes its property list. What it kept stays.
func (d Daemon) Remove() error {
	if _, err := d.launchctl("version"); err != nil {
		return err
	}
	if d.loaded() {
		if _, err := d.launchctl("bootout", d.target()); err != nil {
			return err
		}
	}
	if err := os.Remove(d.Path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the service: %w", err)
	}
	return nil
}
