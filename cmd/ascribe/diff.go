package main

import (
	"fmt"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newDiff(c console) *cobra.Command {
	var q question
	cmd := &cobra.Command{
		Use:   "diff [flags] [RECORDING...]",
		Short: "Say what was changed in the end: by an app, an installer, an agent, a command",
		Long: `diff is the net effect of the operations that are meant: which files were created,
changed, renamed, trashed or deleted, under the names that they have at the end. Files
that came and went within are left out, and counted. Say whose operations with --app,
--agent, --user, --process (a process and all below it), --under, --where, and when
with --since, --until, --on.`,
		Example: `  ascribe diff recording.jsonl --agent any
  ascribe diff recording.jsonl --process npm
  ascribe diff recording.jsonl --app Installer --since 14:00`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			src, sel, err := q.open(ctx, c, "diff", args)
			if err != nil {
				return err
			}
			a := q.answer(c)
			d := query.NewDiff()
			err = inOrder(ctx, src, sel, query.SetOf(finding.KindOperation), d.Add)
			if err == nil {
				changes := d.Changes()
				if a.text == nil {
					err = diffLines(a, d, changes)
				} else {
					err = diffText(a.text, d, changes)
				}
			}
			nothing(c, sel)
			return a.close(err, src)
		},
	}
	q.add(cmd, false)
	return cmd
}

func diffLines(a *answer, d *query.Diff, changes []*query.Change) error {
	for _, x := range changes {
		if err := a.json(query.AppendChange(a.line[:0], x)); err != nil {
			return err
		}
	}
	return a.json(query.AppendDiff(a.line[:0], d, changes))
}

var effectWords = map[query.Effect]string{
	query.Created: "created", query.Changed: "changed", query.Renamed: "renamed or moved", query.Modified: "changed the rights of",
	query.Trashed: "put in the Trash", query.Deleted: "deleted",
}

func diffText(w *text.Writer, d *query.Diff, changes []*query.Change) error {
	hosts := map[string]bool{}
	for _, x := range changes {
		hosts[x.Host] = true
	}
	for _, e := range query.Effects {
		var l []text.Change
		for _, x := range changes {
			if x.Effect != e {
				continue
			}
			t := text.Change{Path: x.Path, Was: x.Was, Certainty: x.Lowest}
			if x.Type == finding.ObjectDirectory {
				t.Notes = append(t.Notes, "a folder")
			}
			if x.Changed && (e == query.Renamed || e == query.Trashed && x.Was != "") {
				t.Notes = append(t.Notes, "changed, too")
			}
			if x.Over {
				t.Notes = append(t.Notes, "in place of another")
			}
			if len(hosts) > 1 && x.Host != "" {
				t.Notes = append(t.Notes, "on "+text.Visible(x.Host))
			}
			l = append(l, t)
		}
		if err := w.Changes(effectWords[e], l); err != nil {
			return err
		}
	}
	var rest []string
	for _, r := range []struct {
		n     uint64
		words string
	}{
		{d.CameAndWent, "came and went"},
		{d.Back, "as before, after all"},
		{d.Unnamed, "of large batches, which are counted there and not named"},
		{d.Unplaced, "without a known path"},
	} {
		if r.n > 0 {
			rest = append(rest, text.Count(r.n)+" "+r.words)
		}
	}
	says := fmt.Sprintf("The net effect of %s.", plural(d.Operations, "operation"))
	if rest != nil {
		says += " Not listed: " + strings.Join(rest, "; ") + "."
	}
	return w.Say(says)
}
