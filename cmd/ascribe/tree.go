package main

import (
	"context"
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
		which  selectFlags
		moment string
	)
	cmd := &cobra.Command{
		Use:   "tree [flags] [PID] [RECORDING...]",
		Short: "Show the processes: who created whom, and who answers for whom",
		Long: `tree shows the processes of a recording. Branches are one edge, who created whom; the
other, who is responsible, stands behind each process. A process that became another
program (xpcproxy does) is one entry with both names. With a pid, only that process
is shown, with those above and below it; with --where, only processes that meet the
condition, with those above them. JSON leaves those above out.`,
		Example: `  ascribe tree recording.jsonl
  ascribe tree 700 recording.jsonl --at 10:00
  ascribe tree recording.jsonl --where 'execution.process.signing_id == "com.apple.zsh"'`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := out.check(); err != nil {
				return err
			}
			var pid int32
			if len(args) > 0 && (len(args) > 1 || in.store != "") {
				if n, err := strconv.ParseInt(args[0], 10, 32); err == nil {
					pid, args = int32(n), args[1:]
				}
			}
			ctx := cmd.Context()
			src, err := in.open(ctx, c, "tree", args, nil)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, src.close()) }()
			sel, err := which.resolve(ctx, src)
			if err != nil {
				return err
			}
			out.zone = sel.zone
			var at es.Time
			if moment != "" {
				m, err := which.span(ctx, moment, sel.zone, src)
				if err != nil {
					return told("--at", err)
				}
				at = es.Time(m.From.UnixNano())
			}
			if out.json(c) {
				err = treeLines(ctx, out.newSink(c), src, sel, at, pid)
			} else {
				err = treeText(ctx, text.NewWriter(c.out, out.text(c)), src, sel, at, pid)
			}
			if err != nil {
				return err
			}
			if sel.any() {
				nothing(c, sel)
			}
			return src.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	which.add(cmd)
	cmd.Flags().StringVar(&moment, "at", "", "`TIME` to show: 10:00, \"yesterday 14:30\", -2h (default: all processes that ever were)")
	return cmd
}

// grow makes the forest of all processes. meant is told those that are meant.
func grow(ctx context.Context, src asked, sel *selection, meant func(*finding.Finding)) (*query.Forest, error) {
	forest := query.NewForest()
	for f, err := range src.Findings(ctx, query.Want{Kinds: query.SetOf(finding.KindProcess)}) {
		if err != nil {
			return nil, err
		}
		ok, err := sel.Has(f)
		if err != nil {
			return nil, err
		}
		forest.Add(f)
		if sel.any() {
			forest.Mean(f, ok)
		}
		if ok {
			meant(f)
		}
	}
	return forest, nil
}

func treeText(ctx context.Context, w *text.Writer, src asked, sel *selection, at es.Time, pid int32) error {
	forest, err := grow(ctx, src, sel, func(*finding.Finding) {})
	if err != nil {
		return err
	}
	if err := w.Tree(at, forest.At(at, pid)); err != nil {
		return fmt.Errorf("write the tree: %w", err)
	}
	return nil
}

// treeLines writes the findings about what is meant. Where that depends on the whole tree, they wait for it.
func treeLines(ctx context.Context, s sink, src asked, sel *selection, at es.Time, pid int32) error {
	if at == 0 && pid == 0 {
		return errors.Join(sel.each(ctx, src, query.Want{Kinds: query.SetOf(finding.KindProcess)}, s.Write), s.Close())
	}
	var l []*finding.Finding
	forest, err := grow(ctx, src, sel, func(f *finding.Finding) { l = append(l, f.Clone()) })
	if err != nil {
		return err
	}
	shown := forest.Shown(at, pid)
	for _, f := range l {
		if !shown(f) {
			continue
		}
		if err := s.Write(f); err != nil {
			return err
		}
	}
	return s.Close()
}
