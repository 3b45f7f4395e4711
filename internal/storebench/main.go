// Command storebench measures stores side by side: how fast findings go in and come out, how long questions take, and what
// rules cost beside the engine. It writes what it measured as a part of a page; make bench calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"

	"ascribe.example/store/storetest"
)

func main() {
	var (
		o       options
		only    = flag.String("only", "", "sqlite, postgres or rules")
		profile = flag.String("cpuprofile", "", "`FILE` for a profile of the processor")
	)
	flag.IntVar(&o.findings, "findings", 1_000_000, "how many `FINDINGS`")
	flag.StringVar(&o.dir, "dir", filepath.Join("out", "store"), "`FOLDER` for the stores")
	flag.Int64Var(&o.segment, "segment", 0, "findings of a `SEGMENT` (default: 500,000)")
	flag.StringVar(&o.ascribe, "ascribe", "", "the `PROGRAM`, to be measured as a whole")
	flag.StringVar(&o.question, "question", "", "ask only what has this `TEXT` in its name")
	flag.BoolVar(&o.keep, "keep", false, "keep the store in the folder or in the server of -postgres, and only ask one that was kept")
	flag.StringVar(&o.postgres, "postgres", "", "`URL` of a server to use, instead of one that is started")
	flag.Parse()
	stop, err := profiled(*profile)
	if err == nil {
		err = run(context.Background(), &o, *only)
		stop()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "storebench:", err)
		os.Exit(1)
	}
}

// options say what is measured.
type options struct {
	findings int
	segment  int64
	dir      string
	ascribe  string
	question string
	keep     bool
	postgres string
}

func profiled(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

func run(ctx context.Context, o *options, only string) error {
	var l []*result
	if only == "" || only == "sqlite" {
		name := filepath.Join(o.dir, "sqlite")
		if !o.keep {
			_ = os.RemoveAll(name)
			defer func() { _ = os.RemoveAll(name) }()
		}
		if err := os.MkdirAll(o.dir, 0o700); err != nil {
			return err
		}
		r, err := measure(ctx, o, "SQLite", name, func() float64 { return 0 })
		if err != nil {
			return err
		}
		l = append(l, r)
	}
	if only == "" || only == "postgres" {
		url := o.postgres
		if url == "" {
			// As it comes, but for the log, which else would be flushed every few seconds of so much writing.
			started, stop, err := storetest.StartPostgres("max_wal_size=4GB")
			if err != nil {
				return err
			}
			defer stop()
			url = started
		}
		r, err := measure(ctx, o, "PostgreSQL", url, serverTime(url))
		if err != nil {
			return err
		}
		l = append(l, r)
	}
	if l != nil {
		fmt.Print(table(o, l))
	}
	if only == "" || only == "rules" {
		text, err := rulesBesideEngine()
		if err != nil {
			return err
		}
		fmt.Print(text)
	}
	return nil
}
