package main

import (
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newTimeline(c console) *cobra.Command {
	var (
		q  question
		by string
	)
	cmd := &cobra.Command{
		Use:   "timeline [flags] [RECORDING...]",
		Short: "Tell what happened in the order of time, or by user, app, agent, folder",
		Long: `timeline tells operations in the order of their begin, each with the person or agent
and the app behind it. With --by it puts together what one user, app, agent, folder …
did without a pause of five minutes, and says from when to when.

However many findings there are, all are told: beyond 16,384 they wait in a temporary
file (in TMPDIR) to be put in order.`,
		Example: `  ascribe timeline recording.jsonl --since 10:00 --until 10:30
  ascribe timeline recording.jsonl --by agent
  ascribe timeline recording.jsonl --user alice --under /Volumes --on yesterday`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var group query.Group
			if by != "" {
				g, err := query.GroupOf(by)
				if err != nil {
					return told("--by", usageError{err})
				}
				group = g
			}
			src, sel, err := q.open(ctx, c, "timeline", args)
			if err != nil {
				return err
			}
			a := q.answer(c)
			kinds := query.SetOf(finding.KindOperation, finding.KindGap)
			if group == "" {
				err = inOrder(ctx, src, sel, kinds, func(f *finding.Finding) error {
					if a.text == nil {
						return a.json(finding.Append(a.line[:0], f))
					}
					return a.text.Moment(f)
				})
			} else {
				err = stretches(a, query.NewTimeline(group), func(t *query.Timeline) error {
					return inOrder(ctx, src, sel, query.SetOf(finding.KindOperation), t.Add)
				})
			}
			nothing(c, sel)
			return a.close(err, src)
		},
	}
	q.add(cmd, true)
	cmd.Flags().StringVar(&by, "by", "", "`GROUP` to put together by: user, class, agent, app, actor, folder, action, volume, host or rule")
	complete(cmd, "by", groupNames()...)
	return cmd
}

func groupNames() []string {
	var l []string
	for _, g := range query.Groups {
		l = append(l, string(g))
	}
	return l
}

func stretches(a *answer, t *query.Timeline, fill func(*query.Timeline) error) error {
	if err := fill(t); err != nil {
		return err
	}
	for _, s := range t.Stretches() {
		var err error
		if a.text == nil {
			err = a.json(query.AppendStretch(a.line[:0], s))
		} else {
			err = a.text.Stretch(&text.Stretch{
				Name: s.Name, Host: s.Host, From: s.From, To: s.To, Operations: s.Operations, Files: s.Files, Bytes: s.Bytes,
				Actions: s.Actions, Folder: s.Folder, Path: s.Path, First: s.First,
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
