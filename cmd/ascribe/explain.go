package main

import (
	"bufio"
	"errors"
	"fmt"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newExplain(c console) *cobra.Command {
	var (
		in  inputFlags
		out outputFlags

		reads, send bool
	)
	cmd := &cobra.Command{
		Use:   "explain [flags] ID RECORDING...",
		Short: "Make the argument for one finding",
		Long: `explain says why a finding is what it is: for each role the answer, the rules and the
messages that speak for it, what else it could have been, and what would settle it.
The id stands at the end of each entry that run shows; its first digits suffice.`,
		Example: `  ascribe explain op_715d37 recording.jsonl`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usagef("explain needs the id of a finding and the recording that it was found in")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.check(); err != nil {
				return err
			}
			finder, err := query.NewFinder(args[0])
			if err != nil {
				return usageError{err}
			}
			j, err := newJob(c, &in, args[1:])
			if err != nil {
				return err
			}
			j.options.Events = finder.Kind() == finding.KindEvent
			j.options.Processes = finder.Kind() == finding.KindProcess
			j.options.Reads, j.options.Send = reads, send
			j.take = func(f *finding.Finding) error { finder.Add(f); return nil }
			if err := j.run(cmd.Context()); err != nil {
				return err
			}
			f, err := finder.Found()
			if err != nil {
				return fmt.Errorf("%w (an id holds for the flags that run had: give explain the same --host, --subscribed, --reads and --send)", err)
			}
			if out.json(c) {
				s := out.newSink(c)
				return errors.Join(s.Write(f), s.Close(), j.status())
			}
			e := text.Explanation{Finding: f, Settle: func(r finding.Role) []string { return query.Settle(f, r) }}
			if f.Kind == finding.KindOperation && j.readable() {
				members := query.NewMembers(f)
				second := j.again()
				second.options.Events = true
				second.take = func(f *finding.Finding) error { members.Add(f); return nil }
				if err := second.run(cmd.Context()); err != nil {
					return err
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
			return j.status()
		},
	}
	in.add(cmd)
	out.add(cmd, false)
	cmd.Flags().BoolVar(&reads, "reads", false, "as for run")
	cmd.Flags().BoolVar(&send, "send", false, "as for run")
	return cmd
}
