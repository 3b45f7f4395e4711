package main

import (
	"errors"
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
		in     sourceFlags
		out    outputFlags
		moment string
	)
	cmd := &cobra.Command{
		Use:   "tree [flags] [PID] [RECORDING...]",
		Short: "Show the processes: who created whom, and who answers for whom",
		Long: `tree shows the processes of a recording. Branches are one edge, who created whom; the
other, who is responsible, stands behind each process. A process that became another
program (xpcproxy does) is one entry with both names. With a pid, only that process
is shown, with those above and below it.`,
		Example: `  ascribe tree recording.jsonl
  ascribe tree 700 recording.jsonl --at 2026-03-01T10:00:00Z`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
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
			if len(args) > 0 && (len(args) > 1 || in.store != "") {
				if n, err := strconv.ParseInt(args[0], 10, 32); err == nil {
					pid, args = int32(n), args[1:]
				}
			}
			src, err := in.open(cmd.Context(), c, "tree", args, nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, src.close()) }()
			processes := src.Findings(cmd.Context(), query.Want{Kinds: query.SetOf(finding.KindProcess)})
			if out.json(c) {
				s := out.newSink(c)
				for f, err := range processes {
					if err != nil {
						return err
					}
					if err := s.Write(f); err != nil {
						return err
					}
				}
				if err := s.Close(); err != nil {
					return err
				}
				return src.status()
			}
			forest := query.NewForest()
			for f, err := range processes {
				if err != nil {
					return err
				}
				forest.Add(f)
			}
			if err := text.NewWriter(c.out, out.text(c)).Tree(at, forest.At(at, pid)); err != nil {
				return fmt.Errorf("write the tree: %w", err)
			}
			return src.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	cmd.Flags().StringVar(&moment, "at", "", "`TIME` to show, in UTC (default: all processes that ever were)")
	return cmd
}
