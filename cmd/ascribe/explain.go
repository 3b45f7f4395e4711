package main

import (
	"bufio"
	"errors"
	"fmt"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newExplain(c console) *cobra.Command {
	var (
		in  sourceFlags
		out outputFlags

		reads, send bool
	)
	cmd := &cobra.Command{
		Use:   "explain [flags] ID [RECORDING...]",
		Short: "Make the argument for one finding",
		Long: `explain says why a finding is what it is: for each role the answer, the rules and the
messages that speak for it, what else it could have been, and what would settle it.
The id stands at the end of each entry that run shows; its first digits suffice.`,
		Example: `  ascribe explain op_715d37 recording.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("explain needs the id of a finding, and the recording that it was found in or a --store")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := out.check(); err != nil {
				return err
			}
			finder, err := query.NewFinder(args[0])
			if err != nil {
				return usageError{err}
			}
			events := finder.Kind() == finding.KindEvent
			src, err := in.open(cmd.Context(), c, "explain", args[1:], func(o *engine.Options) {
				o.Events, o.Reads, o.Send = events, reads, send
			})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, src.close()) }()
			for f, err := range src.Findings(cmd.Context(), finder.Want()) {
				if err != nil {
					return err
				}
				finder.Add(f)
			}
			f, err := finder.Found()
			if err != nil {
				return fmt.Errorf("%w (an id holds for the flags that run had: give explain the same --host, --subscribed, --reads and --send)", err)
			}
			if out.json(c) {
				s := out.newSink(c)
				return errors.Join(s.Write(f), s.Close(), src.status())
			}
			e := text.Explanation{Finding: f, Settle: func(r finding.Role) []string { return query.Settle(f, r) }}
			if f.Kind == finding.KindOperation && src.again() {
				members := query.NewMembers(f)
				events = true
				for f, err := range src.Findings(cmd.Context(), members.Want()) {
					if err != nil {
						return err
					}
					members.Add(f)
				}
				e.Messages = members.Messages()
			}
			w := bufio.NewWriter(c.out)
			if err := text.NewWriter(w, out.text(c)).Explain(e); err != nil {
				return fmt.Errorf("write the explanation: %w", err)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return src.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	cmd.Flags().BoolVar(&reads, "reads", false, "as for run")
	cmd.Flags().BoolVar(&send, "send", false, "as for run")
	return cmd
}
