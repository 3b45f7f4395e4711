package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
)

// job is recordings on their way through engines.
type job struct {
	console console
	inputs  []pipeline.Input
	options engine.Options
	in      *inputFlags
	notes   []string

	// Findings go to take, on one goroutine at a time.
	take func(*finding.Finding) error
	// idle is called a moment after the last of a burst of findings, where that is not nil.
	idle func() error

	// watch lets somebody stand between the pipeline and an engine; nil: nobody does.
	watch func(*engine.Engine) pipeline.Engine

	idleAfter   time.Duration           // 0: idleAfter
	steady      bool                    // a stream without an end: no progress is shown
	progress    func(pipeline.Progress) // is told how far the run is; nil: nobody is
	settledOnly bool                    // an interrupt does not tell what it leaves open: it would not be what the whole recording says

	quiet bool // no progress, no diagnostics: they were told in an earlier round

	engines []*engine.Engine
	summary pipeline.Summary
	counts  map[finding.Kind]uint64
	elapsed time.Duration
	stopped bool
}

// newJob checks what is to be read. Nothing but a stream named - can be read once only.
func newJob(c console, in *inputFlags, names []string) (*job, error) {
	options, notes, err := in.engine()
	if err != nil {
		return nil, err
	}
	inputs, err := pipeline.Files(names, c.in)
	if err != nil {
		return nil, err
	}
	if in.deadLetter != "" {
		if err := spare(in.deadLetter, names, c.in); err != nil {
			return nil, err
		}
	}
	return &job{console: c, inputs: inputs, options: options, in: in, notes: notes}, nil
}

// again is the same job for another round over the recordings.
func (j *job) again() *job {
	return &job{console: j.console, inputs: j.inputs, options: j.options, in: j.in, quiet: true}
}

// readable reports whether all recordings can be read a second time.
func (j *job) readable() bool {
	for _, in := range j.inputs {
		if !in.Again {
			return false
		}
	}
	return true
}

// idleAfter is how long a finding may wait in a buffer: nobody notices it, and a burst is written at once.
const idleAfter = 20 * time.Millisecond

// run reads the recordings to their end, or until the context ends: what is known then is told all the same.
func (j *job) run(ctx context.Context) (err error) {
	paceCollections(j.steady)
	began := time.Now()
	j.counts = map[finding.Kind]uint64{}
	tell := &diagnoser{err: j.console.err, quiet: j.quiet}
	for _, n := range j.notes {
		tell.line(n)
	}
	var letter *deadLetter
	o := pipeline.Options{Host: j.in.host, StrictShape: j.in.strict, Diagnose: tell.diagnose, New: j.newEngine}
	if j.in.deadLetter != "" && !j.quiet {
		letter = &deadLetter{name: j.in.deadLetter}
		o.DeadLetter = letter
		tell.kept = j.in.deadLetter
		defer func() { err = errors.Join(err, letter.close()) }()
	}
	if bar := newProgress(j.console); bar != nil && !j.quiet && !j.steady {
		o.Progress = bar.show
		tell.bar = bar
	}
	if j.progress != nil {
		show := o.Progress
		o.Progress = func(p pipeline.Progress) {
			if show != nil {
				show(p)
			}
			j.progress(p)
		}
	}
	var mu sync.Mutex // take and idle write to one place
	wake := make(chan struct{}, 1)
	o.Sink = func(f *finding.Finding) error {
		mu.Lock()
		defer mu.Unlock()
		j.counts[f.Kind]++
		err := j.take(f)
		if j.idle != nil {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
		return err
	}
	over := make(chan struct{})
	var flusher sync.WaitGroup
	after := idleAfter
	if j.idleAfter != 0 {
		after = j.idleAfter
	}
	if j.idle != nil {
		flusher.Go(func() {
			for {
				select {
				case <-wake:
					time.Sleep(after)
					mu.Lock()
					_ = j.idle() // the next write, or the end, meets the same error
					mu.Unlock()
				case <-over:
					return
				}
			}
		})
	}
	j.summary, err = pipeline.Run(ctx, j.inputs, o)
	close(over)
	flusher.Wait()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err, j.stopped = nil, true
		for _, e := range j.engines {
			if !j.settledOnly {
				e.Drain()
			}
		}
	}
	j.elapsed = time.Since(began)
	tell.close()
	return err
}

func (j *job) newEngine(host string, emit func(*finding.Finding)) pipeline.Engine {
	o := j.options
	o.Host = host
	e := engine.New(o, emit)
	j.engines = append(j.engines, e)
	if j.watch != nil {
		return j.watch(e)
	}
	return e
}

// status is how the job ended: [errIncomplete] where part of the input was not read. A stream has no end but the one that an
// interrupt gives it; a recording has, and was not read to it.
func (j *job) status() error {
	if j.summary.Incomplete() || j.stopped && j.readable() {
		return errIncomplete
	}
	return nil
}

// spare refuses a dead letter that is one of the recordings: to write it would destroy what is read.
func spare(deadLetter string, names []string, stdin any) error {
	letter, err := os.Stat(deadLetter)
	if err != nil || !letter.Mode().IsRegular() {
		return nil //nolint:nilerr // what is not there, or is no file, cannot be destroyed
	}
	for _, name := range names {
		var recording os.FileInfo
		if f, ok := stdin.(*os.File); ok && name == pipeline.Stdin {
			recording, err = f.Stat()
		} else {
			recording, err = os.Stat(name)
		}
		if err == nil && os.SameFile(letter, recording) {
			return usagef("--dead-letter %s is the recording %s itself, which would be overwritten: name another file", deadLetter, name)
		}
	}
	return nil
}

// deadLetter is a file that is made when there is something to keep.
type deadLetter struct {
	name string
	f    *os.File
}

func (d *deadLetter) Write(p []byte) (int, error) {
	if d.f == nil {
		f, err := os.Create(d.name)
		if err != nil {
			return 0, fmt.Errorf("keep what could not be read: %w", err)
		}
		d.f = f
	}
	return d.f.Write(p)
}

func (d *deadLetter) close() error {
	if d.f == nil {
		return nil
	}
	return d.f.Close()
}

var _ io.Writer = (*deadLetter)(nil)
