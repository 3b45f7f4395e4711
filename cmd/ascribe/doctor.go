package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/live"
	"ascribe.example/es/snapshot"
	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func newDoctor(c console) *cobra.Command {
	var (
		in     liveFlags
		folder string
	)
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "What this Mac lacks to be watched, and the one thing to do about each",
		Long: `doctor tries each thing that a live source needs, and says what is there, what is
lacking, and what to do about it. As root it also starts eslogger for a moment and
waits to be told of something that it does itself.

Exit status: 0 nothing is lacking, 1 something is.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &diagnosis{c: c, ctx: cmd.Context(), in: &in, folder: folder}
			for _, check := range []func(){d.system, d.root, d.events, d.sees, d.snapshot, d.space} {
				check()
			}
			if d.lacking > 0 {
				return fmt.Errorf("%s on this machine", plural(uint64(d.lacking), "lack"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&in.eslogger, "eslogger", live.DefaultEslogger, "`PATH` of eslogger, or of a stand-in")
	cmd.Flags().StringVar(&folder, "folder", ".", "`FOLDER` where a recording would go")
	markFile(cmd, "eslogger")
	return cmd
}

// diagnosis is one visit to the doctor.
type diagnosis struct {
	c       console
	ctx     context.Context
	in      *liveFlags
	folder  string
	lacking int
	ill     bool // eslogger cannot run, for a reason that was told
}

func (d *diagnosis) well(format string, args ...any) {
	fmt.Fprintf(d.c.out, "ok    "+format+"\n", args...)
}

func (d *diagnosis) lacks(remedy, format string, args ...any) {
	d.lacking++
	fmt.Fprintf(d.c.out, "LACK  "+format+"\n", args...)
	if remedy != "" {
		fmt.Fprintf(d.c.out, "      → %s\n", remedy)
	}
}

func (d *diagnosis) system() {
	name := snapshot.Host().Header().OS
	version, is := strings.CutPrefix(name, "macOS ")
	major, _ := strconv.Atoi(strings.FieldsFunc(version+" ", func(r rune) bool { return r < '0' || r > '9' })[0])
	switch {
	case !is:
		d.lacks("read recordings here: ascribe run FILE, ascribe watch --replay FILE", "%s on %s is no Mac", name, runtime.GOARCH)
	case major < 13:
		d.lacks("update macOS", "%s: eslogger comes with macOS 13", name)
	default:
		d.well("%s on %s", name, runtime.GOARCH)
	}
}

func (d *diagnosis) root() {
	switch {
	case runtime.GOOS != "darwin":
		return // a stand-in needs no root
	case os.Geteuid() == 0:
		d.well("runs as root")
		return
	}
	d.ill = true
	d.lacks("sudo ascribe doctor", "runs as user %d: Endpoint Security needs root", os.Geteuid())
}

func (d *diagnosis) events() {
	e := live.Eslogger{Path: d.in.eslogger}
	had, lacking, err := e.Events(d.ctx)
	var end *live.End
	switch {
	case errors.As(err, &end):
		d.ill = true
		d.lacks(end.Remedy, "%s", end.Says)
		return
	case err != nil:
		d.ill = true
		d.lacks("", "%v", err)
		return
	}
	d.well("%s tells of %d of the %d events that answers rest on", d.in.eslogger, len(had), len(had)+len(lacking))
	if len(lacking) > 0 {
		names := make([]string, 0, len(lacking))
		for _, k := range lacking {
			names = append(names, k.String())
		}
		fmt.Fprintf(d.c.out, "      a later macOS has also: %s\n", strings.Join(names, ", "))
	}
}

// seeWithin is how long eslogger may take until it tells of something that we do: it needs seconds to begin [R].
const seeWithin = 15 * time.Second

// sees is the test that counts: something is done, and told of.
func (d *diagnosis) sees() {
	if d.ill {
		fmt.Fprintln(d.c.out, "–     whether it sees what happens was not tried: see above")
		return
	}
	ctx, cancel := context.WithTimeout(d.ctx, seeWithin)
	defer cancel()
	s := d.in.stream(false, func(string) {})
	s.Facts, s.Snapshot = nil, nil
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx, nowhere{}) }()
	began := time.Now()
	for s.Status().Proven.IsZero() && ctx.Err() == nil {
		select {
		case err := <-over:
			var end *live.End
			if errors.As(err, &end) {
				d.lacks(end.Remedy, "%s", end.Says)
			} else {
				d.lacks("", "%v", err)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	st := s.Status()
	took := time.Since(began)
	cancel()
	err := <-over
	switch {
	case !st.Proven.IsZero():
		d.well("it sees what happens: it began within %v, and told of a rename of ours after %v", took.Round(10*time.Millisecond), st.Lag.Round(10*time.Microsecond))
	case st.Lines > 0:
		d.lacks("start ascribe from another terminal window, not from a script that eslogger runs in", "%s tells of others, and not of us: it hides its own process group", d.in.eslogger)
	case err != nil:
		d.lacks("", "%v", err)
	default:
		d.lacks(live.RemedyAccess, "%s told nothing for %v", d.in.eslogger, seeWithin)
	}
}

func (d *diagnosis) snapshot() {
	snap, lacks := snapshot.Take(snapshot.Host(), es.Time(time.Now().UnixNano()))
	if len(lacks) == 0 {
		d.well("what runs already is known: %s, %s, %s, %s", plural(uint64(len(snap.Processes)), "process"), plural(uint64(len(snap.Users)), "account"),
			plural(uint64(len(snap.Mounts)), "volume"), plural(uint64(len(snap.Jobs)), "job"))
	}
	for _, l := range lacks {
		d.lacks("run it as root: what began before a recording stays unknown else", "of what runs already, the %s are not all known: %v", l.What, l.Err)
	}
}

// enoughSpace is about an hour of a busy Mac, compressed.
const enoughSpace = 2 << 30

func (d *diagnosis) space() {
	var fs unix.Statfs_t
	if err := unix.Statfs(d.folder, &fs); err != nil {
		d.lacks("name a folder that is there: --folder", "%s: %v", d.folder, err)
		return
	}
	free := fs.Bavail * uint64(fs.Bsize)
	if free < enoughSpace {
		d.lacks("make room, or record elsewhere", "%d MB are free in %s", free>>20, d.folder)
		return
	}
	d.well("%d GB are free in %s", free>>30, d.folder)
}

// nowhere takes a recording and keeps nothing.
type nowhere struct{}

func (nowhere) Begin(*es.Header) error      { return nil }
func (nowhere) Snapshot(*es.Snapshot) error { return nil }
func (nowhere) Lines([]byte, es.Time) error { return nil }
func (nowhere) Watermark(es.Time) error     { return nil }
func (nowhere) Gap(*es.Gap) error           { return nil }
func (nowhere) Fact(*es.Fact) error         { return nil }
func (nowhere) Idle(es.Time) error          { return nil }
func (nowhere) End(es.Time) error           { return nil }
