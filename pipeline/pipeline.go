// Package pipeline runs recordings and streams through engines: all goroutines and all I/O are here.
//
// [Run] reads each [Input] ahead of the engine: it decompresses, splits and decodes on goroutines of its own, hands the
// messages in order to the engine of their host, on the caller's goroutine, and each finding to the sink. An engine that is
// slow, or a sink that is, holds back the reading; nothing is dropped. What is read ahead is bounded.
//
// # Several inputs
//
// Inputs are grouped by the host they begin with, in the order given, and each group is put in the order of its contents:
// by what the inputs begin with, whatever their names. Inputs that overlap in time are merged message by message; what two
// of them both have comes twice to the engine, which knows duplicates by their numbers. See [Trouble] for what is told
// where inputs contradict each other.
//
// The findings depend on the inputs' contents and their order on the command line alone, not on timing.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Engine is what a run needs of an engine: the inference about one host.
type Engine interface {
	Begin(*es.Header)
	Snapshot(*es.Snapshot)
	Gap(*es.Gap)
	Fact(*es.Fact)
	Add(*es.Message)
	Advance(es.Time)
	Drain()
}

// Skipper is an engine that wants to know of messages that [Options.Skip] left out: their numbers are no gaps.
type Skipper interface {
	Skip(*es.Message)
}

// Foreseer is an engine that wants to see the messages of an input before they are added, some at a time. Those left out,
// and those that another input's come between, are among them.
type Foreseer interface {
	Foresee([]es.Message)
}

// foreseen is how many messages a [Foreseer] is shown at a time.
const foreseen = 16

// Options say how a run goes.
type Options struct {
	// New makes the engine of a host; "" is the host that has no name. The engine calls emit for each finding.
	New func(host string, emit func(*finding.Finding)) Engine

	// Sink takes the findings, in order. One is valid only during the call. An error ends the run.
	Sink func(*finding.Finding) error

	Host string // names streams that have no begin line; "" leaves them without a name

	// Skip says which messages to leave out; they are counted. nil: none.
	Skip func(*es.Message) bool

	// DeadLetter takes what could not be read, each piece as it stood and a newline. nil: nothing is kept.
	DeadLetter io.Writer

	// Diagnose is told each [Diagnostic] as it comes. nil: see [Summary.Diagnostics].
	Diagnose func(Diagnostic)

	// Between is called between two values, now and then: the engines have taken all that stands before byte text of the
	// input's text, and nothing after it. A run of one input that begins there goes on with their saved states. Of several
	// inputs it is never called. An error ends the run.
	Between func(text int64) error

	// Progress is told how far the run is: every 100 ms at most, whenever the input makes the run wait, and once at the end.
	// nil: nobody is.
	Progress func(Progress)

	Limit int // longest value in bytes; 0: recording.DefaultLimit
	// StrictShape looks for unknown keys and unexpected types at every level of a message; see [Summary.Decoded]. It is slow.
	StrictShape bool

	Decoders int // goroutines that decode an input; 0: one less than there are processors, at least 1, at most 4
}

// Progress is how far a run is.
type Progress struct {
	Read     int64 // bytes of the inputs, as stored
	Total    int64 // 0: not known, as of standard input
	Messages uint64
	// Unreadable counts what was no message and no control line.
	Unreadable uint64
	Newest     es.Time // when the newest message happened; 0 none yet
	Elapsed    time.Duration
	Rate       float64 // messages a second since the run began
}

// progressEvery is how often progress is told.
const progressEvery = 100 * time.Millisecond

// maxHosts is how many engines are kept at a time. A fleet in one stream has more only by mistake or by malice.
const maxHosts = 256

// Run reads the inputs to their end. The summary is good even with an error: it tells how far the run came. Errors are
// those of opening an input, of the sink, of the dead letter, and of the context; what is wrong inside an input is told as
// a [Diagnostic], and the rest is read.
func Run(ctx context.Context, inputs []Input, o Options) (Summary, error) {
	if o.Decoders <= 0 {
		o.Decoders = min(max(runtime.GOMAXPROCS(0)-1, 1), 4)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &run{o: o, ctx: ctx, began: time.Now(), open: map[*cursor]struct{}{}}
	for _, in := range inputs {
		if in.Size == 0 {
			r.total = 0
			break
		}
		r.total += in.Size
	}
	err := r.inputs(inputs)
	if err == nil {
		err = r.drain()
	}
	for c := range r.open {
		c.stream.stop(false)
		r.sum.Bytes += c.stream.stored.Load()
	}
	r.progress(true)
	return r.sum, err
}

// run is one call of [Run].
type run struct {
	o      Options
	ctx    context.Context
	sum    Summary
	failed error // of the sink or the dead letter

	hosts   []*host // live engines, in the order they were made
	uses    uint64
	current *cursor // whose messages to gets; nil none
	to      *host
	open    map[*cursor]struct{}
	before  int64 // bytes of the inputs that are done
	total   int64
	began   time.Time
	told    time.Time
	newest  es.Time // of the messages
}

// host is one host's engine.
type host struct {
	name   string
	engine Engine
	skip   Skipper
	ahead  Foreseer
	last   identity // of what it was given last
	used   uint64
	places uint64
}

// identity says whose messages these are.
type identity struct{ boot, client string }

// inputs runs all groups.
func (r *run) inputs(inputs []Input) error {
	if len(inputs) == 1 {
		c, err := r.start(&prospect{input: inputs[0], host: r.o.Host})
		if err != nil {
			return err
		}
		return r.alone(c)
	}
	groups, err := r.group(inputs)
	if err != nil {
		return err
	}
	for i, g := range groups {
		if err := r.merge(g); err != nil {
			return err
		}
		if err := r.drainBut(groups[i+1:]); err != nil {
			return err
		}
	}
	return nil
}

// engine finds or makes the engine of a host.
func (r *run) engine(name string) *host {
	r.uses++
	for _, h := range r.hosts {
		if h.name == name {
			h.used = r.uses
			return h
		}
	}
	if len(r.hosts) == maxHosts {
		oldest := 0
		for i, h := range r.hosts {
			if h.used < r.hosts[oldest].used {
				oldest = i
			}
		}
		h := r.hosts[oldest]
		r.diagnose(Diagnostic{Trouble: ManyHosts, Says: fmt.Sprintf("more than %d hosts are mixed: host %q was ended to make room", maxHosts, h.name)})
		h.engine.Drain()
		r.current = nil
		r.hosts = append(r.hosts[:oldest], r.hosts[oldest+1:]...)
	}
	if slices.Contains(r.sum.Hosts, name) {
		r.diagnose(Diagnostic{Trouble: HostAgain, Says: fmt.Sprintf("host %q comes again after it was ended; it is begun anew", name)})
	}
	h := &host{name: name, used: r.uses}
	h.engine = r.o.New(name, r.emit)
	h.skip, _ = h.engine.(Skipper)
	h.ahead, _ = h.engine.(Foreseer)
	r.hosts = append(r.hosts, h)
	r.sum.Hosts = append(r.sum.Hosts, name)
	return h
}

// drainBut ends the engines of hosts that no later group begins with.
func (r *run) drainBut(later []*group) error {
	kept := r.hosts[:0]
next:
	for _, h := range r.hosts {
		for _, g := range later {
			if g.host == h.name {
				kept = append(kept, h)
				continue next
			}
		}
		h.engine.Drain()
		if r.failed != nil {
			return r.failed
		}
	}
	r.hosts, r.current = kept, nil
	return nil
}

func (r *run) drain() error { return r.drainBut(nil) }

// emit takes a finding from an engine.
func (r *run) emit(f *finding.Finding) {
	if r.failed != nil {
		return
	}
	r.sum.Findings++
	if err := r.o.Sink(f); err != nil {
		r.failed = fmt.Errorf("write finding %s: %w", f.ID, err)
	}
}

func (r *run) diagnose(d Diagnostic) {
	r.sum.Told++
	if len(r.sum.Diagnostics) < maxDiagnostics {
		r.sum.Diagnostics = append(r.sum.Diagnostics, d)
	}
	if r.o.Diagnose != nil {
		r.o.Diagnose(d)
	}
}

func (r *run) progress(always bool) {
	if r.o.Progress == nil {
		return
	}
	now := time.Now()
	if !always && now.Sub(r.told) < progressEvery {
		return
	}
	r.told = now
	p := Progress{Read: r.before, Total: r.total, Messages: r.sum.Messages, Unreadable: r.sum.Unreadable, Newest: r.newest, Elapsed: now.Sub(r.began)}
	for c := range r.open {
		if c.batch != nil {
			p.Read += c.batch.stored
		}
	}
	if s := p.Elapsed.Seconds(); s > 0 {
		p.Rate = float64(p.Messages) / s
	}
	r.o.Progress(p)
}

// ended says why an input ended.
func (r *run) ended(c *cursor) error {
	err := c.batch.err
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	r.sum.Cut++
	r.diagnose(Diagnostic{
		Trouble: Cut, Input: c.input, Offset: c.batch.text,
		Says: fmt.Sprintf("it could not be read to its end: %v; what came before byte %d was read", err, c.batch.text),
	})
	return nil
}
