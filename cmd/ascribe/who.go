package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newWho(c console) *cobra.Command {
	var (
		in    sourceFlags
		out   outputFlags
		which selectFlags
		reads bool
	)
	cmd := &cobra.Command{
		Use:   "who [flags] PATH [RECORDING...]",
		Short: "Say who did what to a file, under all its names",
		Long: `who follows a file through renames, moves and the Trash, and says what was done to it
and by whom. The path is given whole, as on the Mac; with a slash at its end it means
everything in that folder, too. The recordings are read twice, so they must be files.`,
		Example: `  ascribe who /Users/alice/plan.pdf recording.jsonl
  ascribe who /Volumes/USB/ recording.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("who needs the path of a file on the Mac, and a recording or a --store")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := out.check(); err != nil {
				return err
			}
			trail, err := query.NewTrail(args[0])
			if err != nil {
				return usageError{err}
			}
			src, err := in.open(cmd.Context(), c, "who", args[1:], func(o *engine.Options) { o.Reads = reads })
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, src.close()) }()
			if !src.again() {
				return usagef("who reads a recording twice: write the stream to a file first")
			}
			sel, err := which.resolve(cmd.Context(), src)
			if err != nil {
				return err
			}
			out.zone = sel.zone
			about, err := namesOf(cmd.Context(), trail, src)
			if err != nil {
				return err
			}
			out.all = true
			s := out.newSink(c)
			if t, ok := s.(*textSink); ok {
				var names []text.Name
				for _, n := range trail.Names() {
					names = append(names, text.Name(n))
				}
				if err := t.Names(args[0], names); err != nil {
					return err
				}
			}
			found := 0
			for f, err := range about {
				if err != nil {
					return err
				}
				if !trail.Has(f) {
					continue
				}
				if ok, err := sel.Has(f); err != nil {
					return err
				} else if !ok {
					continue
				}
				found++
				if err := s.Write(f); err != nil {
					return err
				}
			}
			if err := s.Close(); err != nil {
				return err
			}
			if trail.Full() {
				fmt.Fprintln(c.err, "ascribe: the recording holds more renames than are followed: some names may be missing")
			}
			if found == 0 && sel.looked > 0 {
				return errors.Join(fmt.Errorf("of %s about %s, none is as asked", plural(sel.looked, "finding"), args[0]), src.status())
			}
			if found == 0 {
				return errors.Join(fmt.Errorf("nothing is known of %s in %s: ascribe inspect says what can be answered", args[0], in.name(args[1:])), src.status())
			}
			return src.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	which.add(cmd)
	cmd.Flags().BoolVar(&reads, "reads", false, "say who read it, too")
	return cmd
}

// namesOf finds the names of a file, and what is to be looked at then: a store is asked for each name, recordings are gone
// through.
func namesOf(ctx context.Context, trail *query.Trail, src asked) (iter.Seq2[*finding.Finding, error], error) {
	if src.looksUp() {
		err := trail.Seek(ctx, src)
		return trail.Found(ctx, src), err
	}
	for f, err := range src.Findings(ctx, trail.Want()) {
		if err != nil {
			return nil, err
		}
		trail.Note(f)
	}
	trail.Follow()
	return src.Findings(ctx, query.Want{Kinds: query.SetOf(finding.KindOperation, finding.KindEvent)}), nil
}
