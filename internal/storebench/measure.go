package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"ascribe.example/store"
)

// result is what was measured of one database.
type result struct {
	name           string
	in, again, out rate
	segments       int
	bytes          float64 // a finding
	memory         float64 // MB, peak of the process after the import
	times          []times
}

// rate is how fast findings went by.
type rate struct {
	each float64 // seconds, by the clock
	cpu  float64 // seconds of processors, ours and the server's
}

// known is how many findings go in once more.
const known = 1_000_000

func measure(ctx context.Context, o *options, what, name string, server func() float64) (*result, error) {
	r := &result{name: what}
	st, err := store.Open(ctx, name, store.Options{Create: true, SegmentFindings: o.segment})
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Close() }()
	put := func(n int) error {
		defer debug.SetGCPercent(debug.SetGCPercent(40)) // as import does; questions are asked with Go's default
		s := newSampler(o.findings)
		w, err := st.Writer(ctx)
		if err != nil {
			return err
		}
		begun := time.Now()
		for i := range n {
			if err := w.Add(s.make(i)); err != nil {
				return err
			}
			if i%1_000_000 == 999_999 {
				fmt.Fprintf(os.Stderr, "%s: %d M in %v\n", what, (i+1)/1_000_000, time.Since(begun).Round(time.Second))
			}
		}
		return w.Close()
	}
	kept, err := st.Stats(ctx)
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		if r.in, err = timed(server, o.findings, func() error { return put(o.findings) }); err != nil {
			return nil, err
		}
	}
	r.memory = peak()
	stats, err := st.Stats(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range stats {
		r.bytes += float64(s.Bytes) / float64(o.findings)
	}
	r.segments = len(stats)
	runtime.GC()
	if err := r.ask(ctx, o, st, name, server); err != nil {
		return nil, err
	}
	if len(kept) > 0 {
		return r, nil
	}
	out := 0
	r.out, err = timed(server, 0, func() error {
		for _, err := range st.Findings(ctx, theFirst(known, o.findings)) {
			if err != nil {
				return err
			}
			out++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.out.each, r.out.cpu = r.out.each/float64(out), r.out.cpu/float64(out)
	n := min(o.findings, known)
	r.again, err = timed(server, n, func() error { return put(n) })
	return r, err
}

// timed is how long each of n took.
func timed(server func() float64, n int, do func() error) (rate, error) {
	cpu, begun := ownTime()+server(), time.Now()
	err := do()
	n = max(n, 1)
	return rate{time.Since(begun).Seconds() / float64(n), (ownTime() + server() - cpu) / float64(n)}, err
}
