// Command storebench measures stores side by side: how fast findings go in and come out, and how long questions take.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"ascribe.example/store"
	"ascribe.example/store/storetest"
)

func main() {
	var (
		n       = flag.Int("findings", 10_000_000, "how many `FINDINGS`")
		dir     = flag.String("dir", "out/store", "`FOLDER` for the stores, which are removed afterwards")
		page    = flag.String("page", "", "`FILE` whose part between the marks is written")
		segment = flag.Int64("segment", 0, "findings of a `SEGMENT` (default: 500,000)")
		only    = flag.String("only", "", "sqlite or postgres")
		keep    = flag.Bool("keep", false, "keep the stores")
		profile = flag.String("cpuprofile", "", "`FILE` for a profile of the processor")
	)
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			panic(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			panic(err)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(*n, *segment, *dir, *page, *only, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "storebench:", err)
		os.Exit(1)
	}
}

// result is what was measured of one database.
type result struct {
	Name     string
	In       float64 // findings a second
	Again    float64 // when all are known
	Out      float64
	Bytes    float64 // a finding
	Memory   float64 // MB, peak of the process after the import
	Times    []times
	OpenTime time.Duration
}

// times are those of one question.
type times struct {
	Question    string
	Answers     int
	Median, P99 time.Duration
}

func run(n int, segment int64, dir, page, only string, keep bool) error {
	ctx := context.Background()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	s := newSampler(n)
	t := time.Now()
	var line []byte
	size := 0
	for i := range min(n, 100_000) {
		line = finding.Append(line[:0], s.make(i))
		size += len(line)
	}
	fmt.Fprintf(os.Stderr, "a line has %d bytes; to make one and write it takes %v\n", size/min(n, 100_000), time.Since(t)/time.Duration(min(n, 100_000)))
	if only != "postgres" {
		name := filepath.Join(dir, "sqlite")
		_ = os.RemoveAll(name)
		r, err := measure(ctx, "SQLite", name, n, segment)
		if err != nil {
			return err
		}
		if err := save(dir, r); err != nil {
			return err
		}
		if !keep {
			_ = os.RemoveAll(name)
		}
	}
	if only != "sqlite" {
		url, stop, err := storetest.StartPostgres("shared_buffers=512MB", "max_wal_size=4GB", "maintenance_work_mem=256MB")
		if err != nil {
			return err
		}
		defer stop()
		r, err := measure(ctx, "PostgreSQL", url, n, segment)
		if err != nil {
			return err
		}
		if err := save(dir, r); err != nil {
			return err
		}
	}
	results, err := saved(dir)
	if err != nil {
		return err
	}
	text := table(n, size/min(n, 100_000), results)
	fmt.Print(text)
	if page == "" {
		return nil
	}
	return writePage(page, text)
}

// save keeps a result, so that the databases can be measured one after the other.
func save(dir string, r *result) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, r.Name+".json"), text, 0o600)
}

func saved(dir string) (l []*result, err error) {
	for _, name := range []string{"SQLite", "PostgreSQL"} {
		text, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		r := &result{}
		if err := json.Unmarshal(text, r); err != nil {
			return nil, err
		}
		l = append(l, r)
	}
	return l, nil
}

func measure(ctx context.Context, what, name string, n int, segment int64) (*result, error) {
	r := &result{Name: what}
	st, err := store.Open(ctx, name, store.Options{Create: true, SegmentFindings: segment})
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Close() }()
	put := func(n int) (float64, error) {
		s := newSampler(n)
		w, err := st.Writer(ctx)
		if err != nil {
			return 0, err
		}
		begun := time.Now()
		for i := range n {
			if err := w.Add(s.make(i)); err != nil {
				return 0, err
			}
			if i%1_000_000 == 999_999 {
				fmt.Fprintf(os.Stderr, "%s: %d M in %v\n", what, (i+1)/1_000_000, time.Since(begun).Round(time.Second))
			}
		}
		if err := w.Close(); err != nil {
			return 0, err
		}
		return float64(n) / time.Since(begun).Seconds(), nil
	}
	if r.In, err = put(n); err != nil {
		return nil, err
	}
	r.Memory = peak()
	stats, err := st.Stats(ctx)
	if err != nil {
		return nil, err
	}
	var bytes int64
	for _, s := range stats {
		bytes += s.Bytes
	}
	r.Bytes = float64(bytes) / float64(n)
	runtime.GC()

	begun := time.Now()
	fresh, err := store.Open(ctx, name, store.Options{})
	if err != nil {
		return nil, err
	}
	r.OpenTime = time.Since(begun)
	_ = fresh.Close()

	last := begin + quarter/es.Time(n)*es.Time(n)
	if err := r.who(ctx, st); err != nil {
		return nil, err
	}
	ask := func(question string, n int, want func(i int) query.Want) error {
		t, err := timed(ctx, st, question, n, want)
		if err == nil {
			r.Times = append(r.Times, t)
			fmt.Fprintf(os.Stderr, "%s: %+v\n", what, t)
		}
		return err
	}
	for _, q := range []struct {
		question string
		times    int
		want     func(i int) query.Want
	}{
		{"the last hour of one user", 100, func(i int) query.Want {
			return query.Want{Users: []string{userList[i%len(userList)]}, From: last - 3600e9}
		}},
		{"an hour of one user, somewhere", 100, func(i int) query.Want {
			from := begin + quarter/100*es.Time(i*61%100)
			return query.Want{Users: []string{userList[i%len(userList)]}, From: from, To: from + 3600e9}
		}},
		{"one finding, by its id", 200, func(i int) query.Want {
			k := i * 7919 * 101 % n
			return query.Want{ID: newSampler(n).make(k).ID[:15]}
		}},
		{"everything in one folder", 20, func(i int) query.Want {
			return query.Want{Paths: []query.PathWant{{Match: query.UnderPath, Key: query.Fold(fmt.Sprintf("/Users/%s/Documents/Projects/Report %d", userList[i%len(userList)], i)), Path: true, Source: true, Items: true}}}
		}},
	} {
		if err := ask(q.question, q.times, q.want); err != nil {
			return nil, err
		}
	}
	begun = time.Now()
	count := 0
	for _, err := range st.Findings(ctx, query.Want{To: begin + quarter/10}) {
		if err != nil {
			return nil, err
		}
		count++
	}
	r.Out = float64(count) / time.Since(begun).Seconds()
	if r.Again, err = put(min(n, 1_000_000)); err != nil {
		return nil, err
	}
	return r, nil
}

// peak is the most memory that the process has had, in MB.
func peak() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kb float64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			break
		}
	}
	return kb / 1000
}
