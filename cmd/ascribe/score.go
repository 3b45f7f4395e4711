package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ascribe.example/internal/accuracy"
	"ascribe.example/score"
	"github.com/spf13/cobra"
)

// The part of a page that score writes stands between these lines.
const (
	scoreBegins = "<!-- score: written by ascribe score corpus --doc docs/accuracy.md -->"
	scoreEnds   = "<!-- end of score -->"
)

func newScore(c console) *cobra.Command {
	var (
		write, answers, doc string
		list                bool
		noise               float64
		random              int
	)
	cmd := &cobra.Command{
		Use:   "score [flags] DIR",
		Short: "Measure how often answers are right",
		Long: `score measures how often answers are right: ascribe's own, those of three simple tools on
the same messages, or those of any other tool.

DIR is a corpus of scenario scripts (it holds facts.txt), which are recorded in many ways:
everything, with loss, shuffled, begun late, with less subscribed. Or DIR holds recordings
(*.jsonl.gz) with their truth beside them (*.truth.json), as --write writes them.`,
		Example: `  ascribe score corpus
  ascribe score corpus --write out/corpus
  ascribe score out/corpus --answers mine.csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("score needs the folder of a corpus, and nothing else")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, dir := cmd.Context(), args[0]
			if !accuracy.IsCorpus(dir) {
				if write != "" || doc != "" || list {
					return usagef("--write, --doc and --wrong need a corpus of scenario scripts: %s has no %s", dir, accuracy.FactsFile)
				}
				return scoreRecorded(ctx, c, dir, answers)
			}
			if answers != "" {
				return usagef("--answers needs the recordings that the answers are about: write them with ascribe score %s --write OUT, then ascribe score OUT --answers %s", dir, answers)
			}
			stories, err := accuracy.Load(dir)
			if err != nil {
				return err
			}
			if write != "" {
				return accuracy.Write(ctx, stories, noise, write)
			}
			r, err := accuracy.Measure(ctx, stories, accuracy.Conditions, noise)
			if err != nil {
				return err
			}
			if list {
				_, err := fmt.Fprintln(c.out, strings.Join(r.Wrong, "\n"))
				return err
			}
			var more *score.Board
			if random > 0 {
				if more, err = accuracy.MeasureRandom(ctx, random); err != nil {
					return err
				}
			}
			if doc == "" {
				return r.Report(c.out, more)
			}
			var text bytes.Buffer
			fmt.Fprintf(&text, "Written on %s by `ascribe score %s --doc %s`.\n\n", time.Now().UTC().Format(time.DateOnly), dir, doc)
			if err := r.Report(&text, more); err != nil {
				return err
			}
			return between(doc, text.String())
		},
	}
	cmd.Flags().StringVar(&write, "write", "", "write recordings, truth and answers below this `folder`, and measure nothing")
	cmd.Flags().StringVar(&answers, "answers", "", "judge the answers in this CSV `file` instead of ascribe's: docs/corpus.md has the columns")
	cmd.Flags().StringVar(&doc, "doc", "", "write the tables into this `page`, between its marks, instead of to standard output")
	cmd.Flags().BoolVar(&list, "wrong", false, "list what was wrong or not told; never of the measured part")
	cmd.Flags().Float64Var(&noise, "noise", accuracy.DefaultNoise, "messages of other processes to one of a scenario's")
	cmd.Flags().IntVar(&random, "random", 10000, "random scenarios besides; 0: none")
	return cmd
}

func scoreRecorded(ctx context.Context, c console, dir, answers string) error {
	recs, err := accuracy.LoadRecorded(dir)
	if err != nil {
		return err
	}
	if answers == "" {
		boards, err := accuracy.MeasureRecorded(ctx, recs)
		if err != nil {
			return err
		}
		return accuracy.ReportRecorded(c.out, boards)
	}
	f, err := os.Open(answers)
	if err != nil {
		return err
	}
	said, err := score.ReadCSV(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", answers, err)
	}
	b, err := accuracy.Judge(strings.TrimSuffix(filepath.Base(answers), filepath.Ext(answers)), recs, said)
	if err != nil {
		return err
	}
	return accuracy.ReportRecorded(c.out, []*score.Board{b})
}

// between puts text between the marks of a page.
func between(page, text string) error {
	old, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(old), scoreBegins)
	_, tail, ok2 := strings.Cut(rest, scoreEnds)
	if !ok || !ok2 {
		return fmt.Errorf("write the tables into %s: it lacks the lines %q and %q", page, scoreBegins, scoreEnds)
	}
	return os.WriteFile(page, []byte(head+scoreBegins+"\n"+text+scoreEnds+tail), 0o644)
}
