package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/finding/csv"
	"ascribe.example/finding/parquet"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newExport(c console) *cobra.Command {
	var (
		in     sourceFlags
		which  selectFlags
		format string
		output string
		tell   struct{ events, reads, send bool }
	)
	cmd := &cobra.Command{
		Use:   "export [flags] [RECORDING...] --format FORMAT",
		Short: "Write findings as JSON lines, CSV or Parquet, for other programs",
		Long: `export writes everything that a store holds, or that is found in recordings: as the
lines that run writes (jsonl), as a table for spreadsheets (csv), or as Parquet, which
DuckDB, Spark, ClickHouse and pandas read. With --where, --since, --user and the like it
writes what is meant. docs/store.md has the columns.`,
		Example: `  ascribe export --store ~/findings --format parquet -o findings.parquet
  ascribe export --store ~/findings --where 'initiator.class == "agent"' --on yesterday
  duckdb -c "select action, count(*) from 'findings.parquet' group by all"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			open, ok := exporters[format]
			if !ok {
				return usagef("--format %s: it is jsonl, csv or parquet", format)
			}
			if output == "" && format == "parquet" {
				if _, terminal := terminalOf(c.out); terminal {
					return usagef("Parquet is not for a terminal: name a file with -o")
				}
			}
			src, err := in.open(cmd.Context(), c, "export", args, func(o *engine.Options) {
				o.Events, o.Reads, o.Send, o.Processes = tell.events, tell.reads, tell.send, true
			})
			if err != nil {
				return err
			}
			sel, err := which.resolve(cmd.Context(), src)
			if err != nil {
				return errors.Join(err, src.close())
			}
			if output == "" {
				err = exportTo(cmd.Context(), c.out, src, sel, open)
			} else {
				err = exportFile(cmd.Context(), output, src, sel, open)
			}
			if sel.any() {
				nothing(c, sel)
			}
			return errors.Join(err, src.close(), src.status())
		},
	}
	in.add(cmd)
	which.add(cmd)
	which.addWho(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "jsonl", "`FORMAT`: jsonl, csv or parquet")
	f.StringVarP(&output, "output", "o", "", "`FILE` to write (default: standard output)")
	f.BoolVar(&tell.events, "events", false, "of recordings: every file event, too, not only those that no operation could hold")
	f.BoolVar(&tell.reads, "reads", false, "of recordings: which files were read")
	f.BoolVar(&tell.send, "send", false, "of recordings: which files were read by programs that upload")
	complete(cmd, "format", "jsonl", "csv", "parquet")
	markFile(cmd, "output")
	return cmd
}

// exporter writes findings to a file of some format.
type exporter interface {
	Write(*finding.Finding) error
	Close() error // the end, but not the file
}

var exporters = map[string]func(io.Writer) (exporter, error){
	"jsonl": func(w io.Writer) (exporter, error) {
		return &lineSink{out: w, append: new(finding.Encoder).Append}, nil
	},
	"csv":     func(w io.Writer) (exporter, error) { return csv.NewWriter(w) },
	"parquet": func(w io.Writer) (exporter, error) { return parquet.NewWriter(w), nil },
}

func exportTo(ctx context.Context, w io.Writer, src asked, sel *selection, open func(io.Writer) (exporter, error)) error {
	x, err := open(w)
	if err != nil {
		return err
	}
	if err := sel.each(ctx, src, query.Want{}, x.Write); err != nil {
		return err
	}
	return x.Close()
}

// exportFile writes a file whole, or leaves what was there. Findings are for their owner's eyes.
func exportFile(ctx context.Context, name string, src asked, sel *selection, open func(io.Writer) (exporter, error)) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	err = exportTo(ctx, f, src, sel, open)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write the export %s: %w", name, err)
	}
	return nil
}
