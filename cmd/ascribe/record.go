package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es/live"
	"github.com/spf13/cobra"
)

func newRecord(c console) *cobra.Command {
	var (
		source live.RecorderOptions
		in     liveFlags
		name   string
		size   string
		raw    bool
		lasts  time.Duration
	)
	cmd := &cobra.Command{
		Use:   "record -o FILE",
		Short: "Record what happens on this Mac, to be asked later",
		Long: `record writes what runs on this Mac, and every message from now on, until it is
interrupted. It needs root, and Full Disk Access for the app that it runs under.

The name says how the file is compressed: .zst, .gz or not. It can be read while it
is written. Where it grows beyond --max-size or --max-age, another file is begun
behind it: day.jsonl.zst, day-2.jsonl.zst. Secrets in arguments and environments are
taken out by a published list, which the file names, unless --raw is given.`,
		Example: `  sudo ascribe record -o day.jsonl.zst
  sudo ascribe record -o day.jsonl.zst --max-size 1G --max-age 24h --resume
  ascribe run day*.jsonl.zst`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" {
				return usagef("record needs -o FILE: where the recording goes")
			}
			var err error
			if source.MaxBytes, err = parseSize(size); err != nil {
				return err
			}
			source.UID, source.GID = caller()
			r, err := live.NewRecorder(name, source)
			if err != nil {
				return err
			}
			boundMemory()
			s := in.stream(!raw, teller(c))
			ctx, cancel := during(cmd.Context(), lasts, s)
			defer cancel()
			s.Since = r.Since()
			go announce(ctx, s, func() { fmt.Fprintf(c.err, "records to %s; Ctrl-C ends it\n", r.Part()) })
			err = errors.Join(s.Run(ctx, r), r.Close())
			if st := s.Status(); st.Lines > 0 {
				fmt.Fprintf(c.err, "recorded %s to %s; %s dropped here\n", plural(st.Lines, "line"), r.Part(), thousands(st.Dropped))
			}
			return err
		},
	}
	in.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&name, "output", "o", "", "`FILE` to write")
	f.StringVar(&size, "max-size", "1G", "`SIZE` at which another file is begun: such as 500M; 0 never")
	f.DurationVar(&source.MaxAge, "max-age", 24*time.Hour, "`AGE` at which another file is begun; 0 never")
	f.BoolVar(&source.Resume, "resume", false, "go on behind the files of that name that are there, with a gap told between")
	f.BoolVar(&raw, "raw", false, "keep secrets in arguments and environments")
	f.DurationVar(&lasts, "for", 0, "`TIME` to record, from the first message on")
	markFile(cmd, "output")
	return cmd
}

// announce calls tell when the stream has begun to tell, which takes eslogger seconds.
func announce(ctx context.Context, s *live.Stream, tell func()) {
	for ; s.Status().Clients == 0; time.Sleep(20 * time.Millisecond) {
		if ctx.Err() != nil {
			return
		}
	}
	tell()
}

// parseSize reads a number of bytes, with K, M or G behind it.
func parseSize(s string) (int64, error) {
	digits, unit := s, int64(1)
	for i, u := range []string{"K", "M", "G"} {
		if d, ok := strings.CutSuffix(strings.ToUpper(s), u); ok {
			digits, unit = d, 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > 1<<62/unit {
		return 0, usagef("%q is no size: write a number of bytes, with K, M or G behind it", s)
	}
	return n * unit, nil
}
