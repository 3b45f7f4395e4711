package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding/text"
	"ascribe.example/query/when"
	"ascribe.example/store"
	"github.com/spf13/cobra"
)

func newStore(c console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "store",
		Short: "Look after a store: check, repair, stats, retain",
		Long: `store looks after a store of findings, which ascribe import made: a folder, or a
PostgreSQL database. docs/store.md tells how one is laid out.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newStoreCheck(c), newStoreRepair(c), newStoreStats(c), newStoreRetain(c))
	return cmd
}

// oneStore asks for the name of one store.
func oneStore(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s needs one store: a folder, or postgres://…", cmd.CommandPath())
	}
	return nil
}

func newStoreCheck(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "check STORE",
		Short: "Read everything, and compare each finding with its checksum",
		Args:  oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := store.Open(cmd.Context(), args[0], store.Options{})
			if err != nil {
				return err
			}
			r, err := s.Check(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			tellReport(c, &r)
			if len(r.Problems) > 0 {
				return fmt.Errorf("the store %s is damaged: ascribe store repair keeps what is whole", s.Name())
			}
			return nil
		},
	}
}

func newStoreRepair(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "repair STORE",
		Short: "Write anew what is damaged, with what is whole of it",
		Long: `repair checks a store, and writes each damaged segment anew with the findings that are
whole. The files of before are kept in the folder damaged. What is lost comes back when
its recordings are imported again.`,
		Args: oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := store.Open(cmd.Context(), args[0], store.Options{})
			if err != nil {
				return err
			}
			r, err := s.Repair(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			tellReport(c, &r)
			if len(r.Repaired) > 0 {
				fmt.Fprintf(c.out, "%s written anew; to get back what is lost, import its recordings again\n", plural(uint64(len(r.Repaired)), "segment"))
			}
			return nil
		},
	}
}

func tellReport(c console, r *store.Report) {
	for _, p := range r.Problems {
		fmt.Fprintf(c.out, "segment %d: %s\n", p.Segment, text.Visible(p.Says))
	}
	if r.More > 0 {
		fmt.Fprintf(c.out, "and %s\n", plural(uint64(r.More), "problem"))
	}
	fmt.Fprintf(c.out, "%s: %s whole", plural(uint64(r.Segments), "segment"), plural(uint64(r.Findings), "finding"))
	if r.Lost > 0 {
		fmt.Fprintf(c.out, ", %s lost", thousands(uint64(r.Lost)))
	}
	fmt.Fprintln(c.out)
}

func newStoreStats(c console) *cobra.Command {
	return &cobra.Command{
		Use:   "stats STORE",
		Short: "Say what a store takes and spans, segment by segment",
		Args:  oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := store.Open(cmd.Context(), args[0], store.Options{})
			if err != nil {
				return err
			}
			l, err := s.Stats(cmd.Context())
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			var findings, bytes uint64
			for _, g := range l {
				findings += uint64(g.Findings)
				bytes += uint64(g.Bytes)
				fmt.Fprintf(c.out, "%6d  %12s findings  %9s", g.Number, thousands(uint64(g.Findings)), megabytes(uint64(g.Bytes)))
				if g.Findings > 0 {
					fmt.Fprintf(c.out, "  %s – %s", day(g.From), day(g.To))
				}
				if !g.Sealed {
					fmt.Fprint(c.out, "  open")
				}
				fmt.Fprintln(c.out)
			}
			fmt.Fprintf(c.out, "%s in %s, %s\n", plural(findings, "finding"), plural(uint64(len(l)), "segment"), megabytes(bytes))
			return nil
		},
	}
}

func day(t es.Time) string {
	if t == 0 {
		return "unknown"
	}
	return time.Unix(0, int64(t)).UTC().Format("2006-01-02 15:04:05")
}

func megabytes(n uint64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB" }

func newStoreRetain(c console) *cobra.Command {
	var before, size string
	cmd := &cobra.Command{
		Use:   "retain STORE [--before TIME] [--size SIZE]",
		Short: "Remove what is old, or more than a store is to take",
		Long: `retain removes what ended before a time, and then the oldest findings, a segment at a
time, until the store takes no more than a size. What is removed is gone from the files.`,
		Example: `  ascribe store retain ~/findings --before "30 days ago"
  ascribe store retain ~/findings --size 20G`,
		Args: oneStore,
		RunE: func(cmd *cobra.Command, args []string) error {
			var (
				at    es.Time
				bytes int64
				err   error
			)
			if before == "" && size == "" {
				return usagef("retain needs --before, --size, or both")
			}
			if before != "" {
				t, err := when.Parse(before, time.Now())
				if err != nil {
					return usagef("--before: %v", err)
				}
				at = es.Time(t.UnixNano())
			}
			if size != "" {
				if bytes, err = parseSize(size); err != nil {
					return err
				}
				if bytes == 0 {
					return usagef("--size 0: to remove a whole store, remove its folder")
				}
			}
			s, err := store.Open(cmd.Context(), args[0], store.Options{})
			if err != nil {
				return err
			}
			w, err := s.Writer(cmd.Context())
			if err != nil {
				return errors.Join(err, s.Close())
			}
			r, err := w.Retain(cmd.Context(), at, bytes)
			if cerr := w.Close(); err == nil {
				err = cerr
			}
			if err = errors.Join(err, s.Close()); err != nil {
				return err
			}
			fmt.Fprintf(c.out, "%s removed\n", plural(uint64(r.Findings), "finding"))
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&before, "before", "", "remove what ended before this `TIME`: 2026-03-01, 30 days ago, …")
	f.StringVar(&size, "size", "", "`SIZE` that the store is to take at most: 500M, 20G, …")
	return cmd
}
