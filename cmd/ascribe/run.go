package main

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/spf13/cobra"
)

func newRun(c console) *cobra.Command {
	var (
		in    inputFlags
		out   outputFlags
		also  telemetryFlags
		which selectFlags
		test  rulesFlags
		stats bool
		tell  struct{ events, processes, reads, send bool }
	)
	cmd := &cobra.Command{
		Use:   "run [flags] [RECORDING...|-]",
		Short: "Say what happened, from recordings or a live stream; the main job",
		Long: `run reads recordings (what eslogger wrote, plain or compressed with gzip or zstd),
and writes findings: text to a terminal, JSON lines to a pipe or a file. With - it
reads standard input, and writes each finding as soon as it is known. Recordings of
one host that are given together are put in order by what they hold; what two of them
both have counts once.

Text shows what people, agents and remote sessions did, and counts the rest in one
line; JSON always holds everything. Standard error gets what was wrong with the input,
and a summary that balances: every message is accounted for.

Exit status: 0 done; 1 the job failed; 2 wrong usage; 3 done, but part of the input
could not be read; 4 done, and a rule held that --fail-on names.`,
		Example: `  ascribe run recording.jsonl
  ascribe run monday.jsonl.gz tuesday.jsonl.gz --all
  ascribe run recording.jsonl --format json > findings.jsonl
  sudo eslogger fork exec exit open close create write rename unlink | ascribe run -`,
		Args: recordings("run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			j, err := newJob(c, &in, args)
			if err != nil {
				return err
			}
			j.options.Events, j.options.Processes = tell.events, tell.processes
			j.options.Reads, j.options.Send = tell.reads, tell.send
			sel, err := which.resolve(cmd.Context(), &askedRecordings{job: j})
			if err != nil {
				return err
			}
			out.zone = sel.zone
			marks, err := test.load()
			if err != nil {
				return err
			}
			s := out.newSink(c)
			j.take, j.idle = s.Write, s.Flush
			t, err := also.begin(j)
			if err != nil {
				return err
			}
			sel.before(j)
			marks.before(j)
			err = j.run(cmd.Context())
			if err == nil {
				err = s.Close()
			}
			sent := t.end(cmd.Context())
			if errors.Is(err, syscall.EPIPE) {
				return sent // the reader has seen enough
			}
			j.summarize(stats)
			if sel.any() {
				fmt.Fprintf(c.err, "of %s, %s as asked\n", plural(sel.looked, "finding"), thousands(sel.has))
			}
			if err := errors.Join(err, sent); err != nil {
				return err
			}
			return errors.Join(marks.end(c.err), j.status())
		},
	}
	in.add(cmd)
	out.add(cmd, true)
	also.add(cmd)
	which.add(cmd)
	test.add(cmd)
	f := cmd.Flags()
	f.BoolVar(&tell.events, "events", false, "tell every file event, too, not only those that no operation could hold")
	f.BoolVar(&tell.processes, "processes", false, "tell every process, with who created it and who answers for it")
	f.BoolVar(&tell.reads, "reads", false, "tell which files were read")
	f.BoolVar(&tell.send, "send", false, "tell which files were read by programs that upload")
	f.BoolVar(&stats, "stats", false, "write every count to standard error at the end")
	return cmd
}

// recordings asks for at least one recording.
func recordings(verb string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usagef("%s needs a recording, or - for standard input; ascribe demo shows one that is shipped", verb)
		}
		return nil
	}
}
