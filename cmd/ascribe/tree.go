package main

import (
	"fmt"
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newTree(c console) *cobra.Command {
	var (
		in     inputFlags
		out    outputFlags
		moment string
	)
	cmd := &cobra.Command{
		Use:   "tree [flags] [PID] RECORDING...",
		Short: "Show the processes: who created whom, and who answers for whom",
		Long: `tree shows the processes of a recording. Branches are one edge, who created whom; the
other, who is responsible, stands behind each process. A process that became another
program (xpcproxy does) is one entry with both names. With a pid, only that process
is shown, with those above and below it.`,
		Example: `  ascribe tree recording.jsonl
  ascribe tree 700 recording.jsonl --at 2026-03-01T10:00:00Z`,
		Args: recordings("tree"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			var (
				at  es.Time
				pid int32
			)
			if moment != "" {
				t, err := parseTime(moment)
				if err != nil {
					return err
				}
				at = es.Time(t.UnixNano())
			}
			if n, err := strconv.ParseInt(args[0], 10, 32); err == nil && len(args) > 1 {
				pid, args = int32(n), args[1:]
			}
			j, err := newJob(c, &in, args)
			if err != nil {
				return err
			}
			j.options.Processes = true
			if out.json(c) {
				s := out.newSink(c)
				j.take = func(f *finding.Finding) error {
					if f.Kind != finding.KindProcess {
						return nil
					}
					return s.Write(f)
				}
				if err := j.run(cmd.Context()); err != nil {
					return err
				}
				if err := s.Close(); err != nil {
					return err
				}
				return j.status()
			}
			forest := query.NewForest()
			j.take = func(f *finding.Finding) error { forest.Add(f); return nil }
			if err := j.run(cmd.Context()); err != nil {
				return err
			}
			if err := text.NewWriter(c.out, out.text(c)).Tree(at, forest.At(at, pid)); err != nil {
				return fmt.Errorf("write the tree: %w", err)
			}
			return j.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	cmd.Flags().StringVar(&moment, "at", "", "`TIME` to show, in UTC (default: all processes that ever were)")
	return cmd
}
