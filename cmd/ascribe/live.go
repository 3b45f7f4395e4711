package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/live"
	"ascribe.example/es/snapshot"
	"ascribe.example/finding/text"
	"ascribe.example/internal/largepages"
	"github.com/spf13/cobra"
)

// liveFlags say where live messages come from.
type liveFlags struct {
	eslogger string
	facts    bool
	hash     bool
	terminal bool
	hold     bool
}

// add defines the flags.
func (l *liveFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&l.eslogger, "eslogger", live.DefaultEslogger, "`PATH` of eslogger, or of a stand-in")
	f.BoolVar(&l.terminal, "terminal", false, "connect eslogger by a pseudo-terminal, should it hold lines back on a quiet Mac; dearer on a busy one")
	f.BoolVar(&l.hold, "hold", false, "let eslogger wait rather than drop what it tells; for stand-ins, a real one would drop it")
	if err := f.MarkHidden("hold"); err != nil {
		panic(err) // the flag was defined a line above
	}
	f.BoolVar(&l.facts, "facts", true, "look up where downloaded files come from, which no message says")
	f.BoolVar(&l.hash, "hash", false, "with --facts, the SHA-256 of downloaded files, too")
	markFile(cmd, "eslogger")
}

// stream makes the stream that the flags ask for. tell says what a person should know.
func (l *liveFlags) stream(redact bool, tell func(string)) *live.Stream {
	host := snapshot.Host()
	s := &live.Stream{
		Source: &live.Eslogger{Path: l.eslogger, Terminal: l.terminal},
		Header: func() es.Header {
			h := host.Header()
			h.Own = []es.Life{host.Life(os.Getpid())}
			return h
		},
		Life: host.Life,
		Snapshot: func() *es.Snapshot {
			snap, lacks := snapshot.Take(host, es.Time(time.Now().UnixNano()))
			for _, x := range lacks {
				tell(fmt.Sprintf("of what runs already, the %s are not all known: %v", x.What, x.Err))
			}
			return snap
		},
		Redact:  redact,
		Tell:    tell,
		Hold:    l.hold,
		Crowded: processors(),
	}
	if l.facts || l.hash {
		s.Facts = &live.Facts{Hash: l.hash}
	}
	return s
}

// boundMemory keeps what was let go of from being held for long. A live run goes on for days beside other work, and what
// it holds grows to some 90 MiB: less memory is worth more there than the processor time that it costs, which is little.
func boundMemory() {
	largepages.Decline()
	debug.SetGCPercent(20)
	debug.SetMemoryLimit(160 << 20)
}

// processors lets the program run on one processor while what comes is little, and on all that it has else. The few steps
// of each message would else wake a thread each, on another processor, which costs more than they do.
func processors() func(crowded bool) {
	all := runtime.GOMAXPROCS(0)
	return func(crowded bool) {
		n := 1
		if crowded {
			n = all
		}
		runtime.GOMAXPROCS(n)
	}
}

// during is a context that ends d after the stream has told something, or has shown that it cannot; 0 never.
func during(ctx context.Context, d time.Duration, s *live.Stream) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if d == 0 {
		return ctx, cancel
	}
	go func() {
		for st := s.Status(); st.Clients == 0 && st.LastEnd == nil && ctx.Err() == nil; st = s.Status() {
			time.Sleep(10 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
		case <-time.After(d):
			cancel()
		}
	}()
	return ctx, cancel
}

// teller says things to standard error, a line each, from any goroutine; the same thing twice in a row once.
func teller(c console) func(string) {
	var mu sync.Mutex
	last := ""
	return func(says string) {
		mu.Lock()
		defer mu.Unlock()
		if says == last {
			return
		}
		last = says
		fmt.Fprintf(c.err, "ascribe: %s\n", text.Visible(says))
	}
}

// running is a stream that runs into a feed.
type running struct {
	stream *live.Stream
	feed   *live.Feed
	cancel context.CancelFunc
	done   chan error
}

// start runs a stream into a feed, and into more, until the context ends.
func start(ctx context.Context, s *live.Stream, more ...live.Taker) *running {
	r := &running{stream: s, feed: live.NewFeed(), done: make(chan error, 1)}
	ctx, r.cancel = context.WithCancel(ctx)
	to := live.Taker(r.feed)
	if len(more) > 0 {
		to = append(live.Tee{}, append(more, r.feed)...) // what is kept is kept before it is told
	}
	go func() {
		err := s.Run(ctx, to)
		r.feed.Finish()
		r.done <- err
	}()
	return r
}

// wait ends the stream and says how it ended.
func (r *running) wait() error {
	r.cancel()
	return <-r.done
}
