package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es/live"
	"ascribe.example/es/snapshot"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
	"ascribe.example/pipeline/follow"
	"github.com/spf13/cobra"
)

// watchFlags say what is watched, and what of it is shown.
type watchFlags struct {
	live   liveFlags
	in     inputFlags
	out    outputFlags
	also   telemetryFlags
	agent  string
	record string
	store  string
	replay string
	speed  float64
	lasts  time.Duration
	events bool
	which  selectFlags
	test   rulesFlags
}

func newWatch(c console) *cobra.Command {
	var w watchFlags
	cmd := &cobra.Command{
		Use:   "watch [flags] [-- COMMAND...]",
		Short: "Show what happens on this Mac, as it happens",
		Long: `watch says what happens to files on this Mac, who does it, and how sure that is, as
soon as it is known. It needs root, and Full Disk Access for the app that it runs
under. Into a pipe it writes JSON lines.

With -- COMMAND it runs a command, as the user who called sudo, and shows what the
command and all that it starts do; it ends when the command has. What ascribe itself
does is left out.

With --replay it shows a recording at the pace at which it was made, on any machine.`,
		Example: `  sudo ascribe watch
  sudo ascribe watch -- make install
  sudo ascribe watch --agent claude --format json
  ascribe watch --replay day.jsonl.zst --speed 10`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := w.check(cmd, args); err != nil {
				return err
			}
			return w.run(cmd.Context(), c, args)
		},
	}
	w.live.add(cmd)
	w.in.add(cmd)
	w.out.add(cmd, true)
	w.also.add(cmd)
	w.which.addWhere(cmd)
	w.test.add(cmd)
	f := cmd.Flags()
	f.StringVar(&w.agent, "agent", "", "show what the AI agent of that `NAME` did")
	f.StringVar(&w.record, "record", "", "`FILE` that keeps what is watched, as ascribe record does")
	addStore(cmd, &w.store, "`STORE` that keeps the findings, all of them: a folder, or postgres://…")
	f.StringVar(&w.replay, "replay", "", "show the recording `FILE` instead of this Mac")
	f.Float64Var(&w.speed, "speed", 1, "with --replay, how many times as fast as it was; 0 as fast as it goes")
	f.DurationVar(&w.lasts, "for", 0, "`TIME` to watch, from the first message on")
	f.BoolVar(&w.events, "events", false, "tell every file event, too, not only those that no operation could hold")
	markFile(cmd, "record", "replay")
	return cmd
}

func (w *watchFlags) check(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) > 0 && cmd.ArgsLenAtDash() != 0:
		return usagef("watch takes no arguments, but got %q; a command to watch stands behind --", args[0])
	case w.replay != "" && len(args) > 0:
		return usagef("--replay shows what was: there is no command to run with it")
	case w.replay != "" && w.record != "":
		return usagef("--replay shows a recording that is there already: leave out --record")
	case w.speed < 0:
		return usagef("--speed %v: it is 0 or more", w.speed)
	}
	return w.out.check()
}

// run watches until the context ends, the time is up, or what is watched is over.
func (w *watchFlags) run(ctx context.Context, c console, args []string) error {
	options, notes, err := w.in.engine()
	if err != nil {
		return err
	}
	options.Events = w.events
	sel, err := w.which.resolve(ctx, nowIsTheClock{})
	if err != nil {
		return err
	}
	marks, err := w.test.load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if w.lasts > 0 && w.replay != "" {
		ctx, cancel = context.WithTimeout(ctx, w.lasts)
		defer cancel()
	}
	onScreen := w.out.interactive(c) && len(args) == 0 // a command has the terminal for itself
	outer := ctx
	said := &aside{w: c.err}
	if onScreen {
		c.err = said
		defer said.release()
	}
	tell := teller(c)
	j := &job{console: c, options: options, in: &w.in, notes: notes, idleAfter: time.Millisecond, steady: true}
	var (
		feed   *live.Feed
		wait   func() error
		stream *live.Stream
	)
	var follower *follower
	if w.replay != "" {
		feed, wait, err = w.replaying(ctx, c)
	} else {
		if len(args) > 0 {
			if follower, err = prepare(c, args); err != nil {
				return err
			}
			defer follower.abandon()
			j.watch = follower.watch
		}
		var r *running
		if r, err = w.watching(ctx, tell); err == nil {
			feed, wait, stream = r.feed, r.wait, r.stream
			if follower != nil {
				go follower.run(ctx, r.stream, tell, cancel)
			}
		}
	}
	if err != nil {
		return err
	}
	j.inputs = []pipeline.Input{pipeline.Stream("the live stream", feed)}
	kept, err := keep(ctx, w.store)
	if err != nil {
		return err
	}
	var view *screen
	s := w.out.newSink(c)
	if onScreen {
		title := "this Mac"
		if w.replay != "" {
			title = "a replay of " + filepath.Base(w.replay)
		}
		view = newScreen(outer, c, &w.out, title, j, stream, said)
		s = view
	}
	j.take = func(f *finding.Finding) error {
		if err := kept.add(f); err != nil {
			return err
		}
		if w.agent != "" && !follow.Agent(f, w.agent) || follower != nil && f.Kind != finding.KindGap && !follower.has(f) {
			return nil
		}
		if ok, err := sel.Has(f); err != nil || !ok || !marks.shows(f) {
			return err
		}
		return s.Write(f)
	}
	j.idle = func() error { return errors.Join(s.Flush(), kept.idle()) }
	t, err := w.also.begin(j)
	if err != nil {
		cancel()
		return errors.Join(err, wait())
	}
	take := j.take
	j.take = func(f *finding.Finding) error {
		marks.mark(f)
		return take(f)
	}
	work := func() error {
		// An interrupt ends the stream, and what it still holds is read to its end: so the pipeline is not interrupted.
		err := j.run(context.WithoutCancel(ctx))
		ended := wait()
		if err == nil {
			err = s.Close()
		}
		err = errors.Join(err, kept.close())
		sent := t.end(ctx)
		if errors.Is(err, syscall.EPIPE) {
			return sent // the reader has seen enough
		}
		if j.summary.Values > 0 {
			j.summarize(false)
		}
		if err = errors.Join(err, ended, sent); err != nil {
			return err
		}
		return errors.Join(marks.end(c.err), j.status())
	}
	if view != nil {
		return view.run(work, cancel)
	}
	return work()
}

// watching starts the stream of this Mac.
func (w *watchFlags) watching(ctx context.Context, tell func(string)) (*running, error) {
	var more []live.Taker
	if w.record != "" {
		uid, gid := caller()
		r, err := live.NewRecorder(w.record, live.RecorderOptions{UID: uid, GID: gid})
		if err != nil {
			return nil, err
		}
		more = append(more, r)
	}
	// What is recorded is what is watched, so that a replay says the same: secrets are taken out before both.
	s := w.live.stream(w.record != "" && !w.in.raw, tell)
	ctx, _ = during(ctx, w.lasts, s) // it ends with the watch
	return start(ctx, s, more...), nil
}

// replaying starts to read a recording.
func (w *watchFlags) replaying(ctx context.Context, c console) (*live.Feed, func() error, error) {
	from := c.in
	var file *os.File
	if w.replay != pipeline.Stdin {
		f, err := os.Open(w.replay)
		if err != nil {
			return nil, nil, err
		}
		from, file = io.Reader(f), f
	}
	feed, done := live.NewFeed(), make(chan error, 1)
	go func() {
		err := live.Replay(ctx, from, w.speed, feed)
		if file != nil {
			_ = file.Close() // only read
		}
		done <- err
	}()
	return feed, func() error { return <-done }, nil
}

// follower is a command that is watched.
type follower struct {
	child *held
	trees []*follow.Tree
}

// prepare makes the command's process, which waits to be told to run it.
func prepare(c console, args []string) (*follower, error) {
	h, err := hold(c, args)
	if err != nil {
		return nil, err
	}
	return &follower{child: h}, nil
}

func (f *follower) watch(e *engine.Engine) pipeline.Engine {
	t := follow.NewTree(snapshot.Host().Life(f.child.cmd.Process.Pid), e)
	f.trees = append(f.trees, t)
	return t
}

func (f *follower) has(x *finding.Finding) bool {
	for _, t := range f.trees {
		if t.Has(x) {
			return true
		}
	}
	return false
}

// Limits of watching a command.
const (
	// readyWithin is how long eslogger may take until it is proven to see us; it takes seconds [R].
	readyWithin = 30 * time.Second
	// settleWithin is how long what the command did may take to settle after its end.
	settleWithin = 4 * time.Second
)

// run lets the command go when the stream is known to see it, and ends the stream when what it did has settled.
func (f *follower) run(ctx context.Context, s *live.Stream, tell func(string), end func()) {
	defer end()
	for began := time.Now(); s.Status().Proven.IsZero(); time.Sleep(20 * time.Millisecond) {
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > readyWithin {
			tell(fmt.Sprintf("the command was not run: eslogger has told nothing for %v", readyWithin))
			return
		}
	}
	if err := f.child.release(); err != nil {
		tell(err.Error())
		return
	}
	if says := f.child.wait(); says != "" {
		tell(says)
	}
	select {
	case <-ctx.Done():
	case <-time.After(settleWithin):
	}
}

func (f *follower) abandon() { f.child.abandon() }
