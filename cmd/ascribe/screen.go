package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/live"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/pipeline"
	"ascribe.example/tui"
	"golang.org/x/term"
)

// interactive reports whether findings go to a screen: to a person at a terminal, who asked for nothing else.
func (o *outputFlags) interactive(c console) bool {
	in, ok := c.in.(*os.File)
	_, terminal := terminalOf(c.out)
	return o.format == "" && terminal && ok && term.IsTerminal(int(in.Fd())) && os.Getenv("TERM") != "dumb"
}

// screen is the live view as a sink of a job.
type screen struct {
	*tui.Screen
	job    *job
	stream *live.Stream // nil: a recording is replayed
	said   *aside

	mu       sync.Mutex
	progress pipeline.Progress
	missing  uint64
	ended    string
	rate     float64
	last     uint64
}

// newScreen makes the live view of a job, which must not have begun.
func newScreen(ctx context.Context, c console, o *outputFlags, title string, j *job, stream *live.Stream, said *aside) *screen {
	s := &screen{job: j, stream: stream, said: said}
	s.Screen = tui.New(ctx, tui.Options{
		Title: title, All: o.all, NoColor: o.color == "never" || o.color == "auto" && os.Getenv("NO_COLOR") != "",
		Location: time.Local, In: c.in, Out: c.out,
	})
	before := j.progress
	j.progress = func(p pipeline.Progress) {
		if before != nil {
			before(p)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.progress, s.missing = p, 0
		for _, e := range j.engines {
			s.missing += e.Summary().Missing
		}
	}
	return s
}

// mostAncestors is how long a lineage is shown.
const mostAncestors = 64

// Write shows an operation, with the lineage that its engine knows now.
func (s *screen) Write(f *finding.Finding) error {
	if f.Kind != finding.KindOperation {
		return nil
	}
	var up []finding.Process
	if f.Actor != nil {
		for _, e := range s.job.engines {
			if up = e.Ancestors(finding.ProcessRef{PID: f.Actor.PID, PIDVersion: f.Actor.PIDVersion}, mostAncestors); up != nil {
				break
			}
		}
	}
	s.Show(f, up)
	return nil
}

func (s *screen) Flush() error { return nil }
func (s *screen) Close() error { return nil }

// run shows the screen while work goes on, until the person leaves; leave ends the work.
func (s *screen) run(work func() error, leave context.CancelFunc) error {
	done := make(chan error, 1)
	go func() {
		err := work()
		s.mu.Lock()
		s.ended = "ended"
		if err != nil {
			s.ended = "ended: " + err.Error()
		}
		s.mu.Unlock()
		done <- err
	}()
	stop := make(chan struct{})
	var clock sync.WaitGroup
	clock.Go(func() { s.tick(stop) })
	err := s.Run()
	close(stop)
	clock.Wait()
	leave()
	worked := <-done
	s.said.release()
	if err != nil {
		return err
	}
	return worked
}

// tick tells the screen how the stream goes, a few times a second.
func (s *screen) tick(stop <-chan struct{}) {
	const every = 250 * time.Millisecond
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
		}
		s.mu.Lock()
		// The mean of about the last second.
		now := float64(s.progress.Messages-s.last) / every.Seconds()
		s.last = s.progress.Messages
		s.rate += (now - s.rate) / 4
		if s.rate < 0.05 {
			s.rate = 0
		}
		st := tui.Status{
			Messages: s.progress.Messages, Dropped: s.missing, Rate: s.rate, Newest: s.progress.Newest, Ended: s.ended, Says: s.said.last(),
		}
		s.mu.Unlock()
		if s.stream != nil {
			l := s.stream.Status()
			st.HasLag, st.Lag = l.Running, l.Lag
			st.Dropped += l.Dropped
			if !l.Newest.IsZero() {
				st.Newest = es.Time(l.Newest.UnixNano())
			}
		}
		s.Tell(st)
	}
}

// aside keeps what is said to standard error while a screen is up, and says it afterwards.
type aside struct {
	w io.Writer

	mu   sync.Mutex
	text []byte // bounded: the first of it is the most telling
	line string
	free bool
}

const mostAside = 64 << 10

func (a *aside) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.free {
		return a.w.Write(p)
	}
	if len(a.text)+len(p) <= mostAside {
		a.text = append(a.text, p...)
	}
	for line := range bytes.Lines(p) {
		if says, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("ascribe: ")); ok { // not the summary
			a.line = text.Visible(string(says))
		}
	}
	return len(p), nil
}

func (a *aside) last() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.line
}

func (a *aside) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free = true
	_, _ = a.w.Write(a.text) // nobody is left to be told
	a.text = nil
}
