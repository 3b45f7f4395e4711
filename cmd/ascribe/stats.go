package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newStats(c console) *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "stats [flags] [RECORDING...]",
		Short: "Give the findings in numbers: how many, of what, how sure",
		Long: `stats counts findings by kind, and operations by action, by the class of who is behind
them, and by how sure each answer is.`,
		Example: `  ascribe stats recording.jsonl
  ascribe stats recording.jsonl --where 'certainty.actor == unknown'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			src, sel, err := q.open(ctx, c, "stats", args)
			if err != nil {
				return err
			}
			a := q.answer(c)
			s := query.NewStats()
			err = sel.each(ctx, src, query.Want{Kinds: query.SetOf(finding.Kinds...)}, func(f *finding.Finding) error { s.Add(f); return nil })
			switch {
			case err != nil:
			case a.text == nil:
				err = a.json(query.AppendStats(a.line[:0], s))
			default:
				err = statsText(a.text, s, sel.zone)
			}
			nothing(c, sel)
			return a.close(err, src)
		},
	}
	q.add(cmd, false)
	return cmd
}

func statsText(w *text.Writer, s *query.Stats, zone *time.Location) error {
	at := func(t es.Time) string { return t.Std().In(zone).Format("2006-01-02 15:04:05 MST") }
	says := fmt.Sprintf("%s, %s", plural(s.Operations.Operations, "operation"), plural(s.Operations.Files, "file"))
	if size := text.Size(s.Operations.Bytes); size != "" {
		says += " (" + size + " where the size is known)"
	}
	for _, k := range []finding.Kind{finding.KindEvent, finding.KindProcess, finding.KindGap} {
		if n := s.Kinds[k]; n > 0 {
			says += ", " + plural(n, kindNouns[k])
		}
	}
	if s.First != 0 {
		says += ", from " + at(s.First) + " to " + at(s.Last)
	}
	if err := w.Say(says + "."); err != nil {
		return err
	}
	counts := []text.Column{{Title: "operations", Right: true}, {}}
	table := func(title string, rows [][]string) error {
		if rows == nil {
			return nil
		}
		counts[1].Title = title
		return w.Table(counts, rows)
	}
	if err := table("action", ranked(s.Actions)); err != nil {
		return err
	}
	if err := table("class of who is behind it", ranked(s.Classes)); err != nil {
		return err
	}
	if err := table("volume", ranked(s.Volumes)); err != nil {
		return err
	}
	if s.Operations.Operations > 0 {
		var rows [][]string
		for _, r := range finding.Roles {
			row := []string{}
			for _, level := range slices.Backward(finding.Certainties) {
				row = append(row, text.Count(s.Levels[r][level]))
			}
			rows = append(rows, append(row, string(r)))
		}
		if err := w.Table([]text.Column{
			{Title: "certain", Right: true}, {Title: "likely", Right: true}, {Title: "possible", Right: true}, {Title: "unknown", Right: true}, {Title: "answer"},
		}, rows); err != nil {
			return err
		}
	}
	if err := table("caveat", ranked(s.Caveats)); err != nil {
		return err
	}
	counts[0].Title = "matches"
	return table("severity of rules", ranked(s.Severities))
}

// ranked is a count by word, the greatest first.
func ranked[W ~string](m map[W]uint64) [][]string {
	words := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(words, func(a, b W) int {
		switch {
		case m[a] > m[b]:
			return -1
		case m[a] < m[b]:
			return 1
		}
		return 0
	})
	var rows [][]string
	for _, w := range words {
		rows = append(rows, []string{text.Count(m[w]), string(w)})
	}
	return rows
}
