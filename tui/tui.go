// Package tui is the live view: operations as they settle, on a terminal.
//
// A [Screen] takes findings and [Status] from whoever makes them, at any rate and from any goroutine, and never makes them
// wait; what it keeps is bounded. Its model is pure: [model.Update] and [model.View] have no clock and no I/O, so that
// tests are screens.
package tui

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	tea "charm.land/bubbletea/v2"
)

// Options say what a screen shows.
type Options struct {
	Title    string         // what is watched: "this Mac"
	Location *time.Location // of times; nil is UTC
	NoColor  bool
	All      bool // begin with what macOS, schedules and other devices did shown, too

	In  io.Reader
	Out io.Writer
	Env []string // of the terminal: TERM and such; nil: os.Environ
}

// Status is how the stream goes.
type Status struct {
	Messages uint64
	Dropped  uint64  // messages that are missing
	Rate     float64 // messages a second
	Newest   es.Time // when the newest message happened; 0 none yet
	Lag      time.Duration
	HasLag   bool   // false: a recording, whose messages are as old as they are
	Ended    string // why there will be no more; "" it goes on
	Says     string // what else a person should know; "" nothing
}

// Entry is an operation to show.
type Entry struct {
	Finding   *finding.Finding
	Ancestors []finding.Process // of the actor, nearest first
}

// Limits of what is kept.
const (
	maxKept  = 5000 // operations
	maxItems = 200  // files of one batch
	maxInbox = 2000 // operations that wait to be drawn
	every    = 50 * time.Millisecond
)

// Screen is the live view at work.
type Screen struct {
	program *tea.Program

	mu     sync.Mutex
	inbox  []Entry
	missed uint64 // operations that came faster than they could be drawn
	status Status
	dirty  bool
	done   chan struct{}
	once   sync.Once
}

// New makes a screen. It shows nothing before [Screen.Run].
func New(ctx context.Context, o Options) *Screen {
	s := &Screen{done: make(chan struct{})}
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithFPS(30), tea.WithoutSignalHandler()}
	if o.Env != nil {
		options = append(options, tea.WithEnvironment(o.Env))
	}
	s.program = tea.NewProgram(newModel(o), options...)
	return s
}

// Run shows the screen until the person leaves it or the context ends.
func (s *Screen) Run() error {
	var wait sync.WaitGroup
	wait.Go(s.pump)
	_, err := s.program.Run()
	s.once.Do(func() { close(s.done) })
	wait.Wait()
	if errors.Is(err, tea.ErrProgramKilled) && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// pump hands what came to the program, a little at a time.
func (s *Screen) pump() {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		news := newsMsg{entries: s.inbox, missed: s.missed, status: s.status}
		dirty := s.dirty
		s.inbox, s.missed, s.dirty = nil, 0, false
		s.mu.Unlock()
		if dirty {
			s.program.Send(news)
		}
	}
}

// Show shows an operation. It keeps a copy.
func (s *Screen) Show(f *finding.Finding, ancestors []finding.Process) {
	e := Entry{Finding: small(f), Ancestors: ancestors}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.inbox) == maxInbox {
		copy(s.inbox, s.inbox[1:])
		s.inbox = s.inbox[:maxInbox-1]
		s.missed++
	}
	s.inbox = append(s.inbox, e)
	s.dirty = true
}

// small is a copy that a long batch does not make long.
func small(f *finding.Finding) *finding.Finding {
	if len(f.Items) > maxItems {
		cut := *f
		cut.Items = f.Items[:maxItems]
		f = &cut
	}
	return f.Clone()
}

// Tell shows how the stream goes.
func (s *Screen) Tell(st Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.dirty = st, true
}
