package main

import (
	"errors"
	"fmt"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/store"
	"github.com/spf13/cobra"
)

func newImport(c console) *cobra.Command {
	var (
		in    inputFlags
		into  string
		test  rulesFlags
		stats bool
		size  int64
		tell  struct{ events, reads, send bool }
	)
	cmd := &cobra.Command{
		Use:   "import [flags] RECORDING... --store STORE",
		Short: "Put the findings of recordings into a store",
		Long: `import reads recordings as run does, and puts what it finds into a store: operations,
processes, gaps, and the events that no operation could hold (with --events all file
events). A store is a folder, which is made, or a PostgreSQL database.

With --rules, what rules held of a finding is stored with it.

Each finding is in the store once, however often it is imported. An import that was
interrupted or killed is simply given again. Recordings of one host that overlap are
best given together.`,
		Example: `  ascribe import recording.jsonl --store ~/findings
  ascribe import *.jsonl.zst --store postgres://me@db/ascribe
  ascribe who /Users/alice/plan.pdf --store ~/findings`,
		Args: recordings("import"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if into == "" {
				return usagef("import needs a --store: a folder, or postgres://…")
			}
			j, err := newJob(c, &in, args)
			if err != nil {
				return err
			}
			j.options.Events, j.options.Reads, j.options.Send = tell.events, tell.reads, tell.send
			j.options.Processes = true
			j.settledOnly = true
			marks, err := test.load()
			if err != nil {
				return err
			}
			s, err := store.Open(cmd.Context(), into, store.Options{Create: true, SegmentFindings: size})
			if err != nil {
				return err
			}
			w, err := s.Writer(cmd.Context())
			if err != nil {
				return errors.Join(err, s.Close())
			}
			j.take = func(f *finding.Finding) error { return w.Add(f) }
			marks.before(j)
			err = j.run(cmd.Context())
			werr := w.Close()
			if err == nil || werr == nil {
				err = errors.Join(err, werr)
			}
			err = errors.Join(err, s.Close())
			j.summarize(stats)
			fmt.Fprintln(c.err, stored(w.Counts(), s.Name()))
			if err == nil && j.stopped {
				err = errors.New("the import was interrupted: what was settled by then is in the store; give it again for the rest")
			}
			if err != nil {
				return err
			}
			return errors.Join(marks.end(c.err), j.status())
		},
	}
	in.add(cmd)
	test.add(cmd)
	addStore(cmd, &into, "`STORE` that takes the findings: a folder, or postgres://…")
	f := cmd.Flags()
	f.BoolVar(&tell.events, "events", false, "keep every file event, too, not only those that no operation could hold")
	f.BoolVar(&tell.reads, "reads", false, "keep which files were read")
	f.BoolVar(&tell.send, "send", false, "keep which files were read by programs that upload")
	f.BoolVar(&stats, "stats", false, "write every count to standard error at the end")
	f.Int64Var(&size, "segment-findings", 0, "`N` findings make a segment (default: 500,000)")
	return cmd
}

// stored says what became of findings.
func stored(n store.Counts, name string) string {
	parts := []string{thousands(n.Added) + " new"}
	part := func(n uint64, says string) {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+says)
		}
	}
	part(n.Known, "known already")
	part(n.Replaced, "known from a recording that had seen less, and replaced")
	part(n.Kept, "known from a recording that had seen more, and left")
	return fmt.Sprintf("stored in %s: %s", name, strings.Join(parts, ", "))
}
