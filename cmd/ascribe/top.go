package main

import (
	"strconv"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newTop(c console) *cobra.Command {
	var (
		q    question
		by   string
		most int
	)
	cmd := &cobra.Command{
		Use:   "top [flags] GROUP [RECORDING...]",
		Short: "Rank users, apps, agents, programs, folders, actions … by what they did",
		Long: `top counts operations, the files in them, and the bytes of those whose size is known,
and ranks by one of the three. GROUP is users, classes, agents, apps, actors, folders,
actions, volumes, hosts or rules. The others are counted in one line.`,
		Example: `  ascribe top apps recording.jsonl
  ascribe top folders recording.jsonl --by bytes --user alice -n 20`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("top needs what to rank (%s) and a recording or a --store", strings.Join(groupNames(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			group, err := query.GroupOf(args[0])
			if err != nil {
				return usageError{err}
			}
			measure := query.Measure(by)
			switch measure {
			case query.ByOperations, query.ByFiles, query.ByBytes:
			default:
				return usagef("--by %s: it is operations, files or bytes", by)
			}
			src, sel, err := q.open(ctx, c, "top", args[1:])
			if err != nil {
				return err
			}
			a := q.answer(c)
			t := query.NewTop(group)
			if err = sel.each(ctx, src, query.Want{Kinds: query.SetOf(finding.KindOperation)}, t.Add); err == nil {
				first, rest, others := t.Ranking(measure, most)
				if a.text == nil {
					err = topLines(a, group, first, &rest, others)
				} else {
					err = topText(a.text, group, first, &rest, others)
				}
			}
			nothing(c, sel)
			return a.close(err, src)
		},
	}
	q.add(cmd, false)
	f := cmd.Flags()
	f.StringVar(&by, "by", "operations", "`MEASURE` to rank by: operations, files or bytes")
	f.IntVarP(&most, "number", "n", 10, "`HOW` many to show; 0 is all")
	complete(cmd, "by", "operations", "files", "bytes")
	return cmd
}

func topLines(a *answer, group query.Group, first []*query.Count, rest *query.Count, others int) error {
	for i, x := range first {
		if err := a.json(query.AppendCount(a.line[:0], group, i+1, 1, x)); err != nil {
			return err
		}
	}
	if others == 0 {
		return nil
	}
	return a.json(query.AppendCount(a.line[:0], group, 0, others, rest))
}

func topText(w *text.Writer, group query.Group, first []*query.Count, rest *query.Count, others int) error {
	if len(first) == 0 {
		return nil
	}
	var rows [][]string
	row := func(x *query.Count, name string) {
		rows = append(rows, []string{text.Count(x.Operations), text.Count(x.Files), text.Size(x.Bytes), name})
	}
	for _, x := range first {
		name := x.Name
		if name == "" {
			name = "(nobody known)"
			if group == query.ByHost {
				name = "(no name)"
			}
		}
		row(x, name)
	}
	if others > 0 {
		row(rest, "("+strconv.Itoa(others)+" others)")
	}
	return w.Table([]text.Column{
		{Title: "operations", Right: true}, {Title: "files", Right: true}, {Title: "known bytes", Right: true}, {Title: string(group)},
	}, rows)
}
