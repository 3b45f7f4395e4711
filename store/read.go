package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"ascribe.example/finding"
	"ascribe.example/query"
)

var _ query.Source = (*Store)(nil)

// How many connections ask at the same time, and how many segments each of them at once.
const (
	ahead  = 4
	atOnce = 16
)

// chunk is how many findings are read at once.
var chunk = 256

// Findings implements [query.Source]: what is wanted, and little else. Findings come in the order in which they were put in.
func (s *Store) Findings(ctx context.Context, w query.Want) iter.Seq2[*finding.Finding, error] {
	return func(yield func(*finding.Finding, error) bool) {
		all, err := s.refresh(ctx)
		if err != nil {
			yield(nil, s.explain("read", err))
			return
		}
		quit := make(chan struct{})
		var answers []*answer
		for _, seg := range all {
			if !seg.outside(&w) {
				answers = append(answers, &answer{seg: seg, chunks: make(chan []*finding.Finding, 1), quit: quit})
			}
		}
		var asking sync.WaitGroup
		defer asking.Wait()
		defer close(quit)
		for i, a := range answers {
			for k := i; k < min(i+ahead, len(answers)); k++ {
				if l := askable(answers[k:]); l != nil {
					asking.Go(func() { ask(ctx, l, &w) })
				}
			}
			for l := range a.chunks {
				for _, f := range l {
					if !yield(f, nil) {
						return
					}
				}
			}
			if a.err != nil {
				yield(nil, s.explain("read", a.err))
				return
			}
		}
	}
}

// answer is what one segment has of what is wanted.
type answer struct {
	seg    *segment
	asked  bool
	chunks chan []*finding.Finding
	err    error // when chunks is closed
	quit   chan struct{}
}

// askable are answers that one connection gives: the first, and later ones of the same database; none where the first was
// asked for.
func askable(answers []*answer) (l []*answer) {
	if answers[0].asked {
		return nil
	}
	for _, a := range answers {
		if len(l) < atOnce && !a.asked && a.seg.db == answers[0].seg.db {
			a.asked = true
			l = append(l, a)
		}
	}
	return l
}

// ask asks segments of one database for their answers, of which each is told when those before it are.
func ask(ctx context.Context, l []*answer, w *query.Want) {
	var (
		open int // the answer that is being told
		fs   []*finding.Finding
	)
	send := func() bool {
		if fs == nil {
			return true
		}
		select {
		case l[open].chunks <- fs:
			fs = nil
			return true
		case <-l[open].quit:
			return false
		}
	}
	until := func(i int) bool {
		for ; open < i; open++ {
			if !send() {
				return false
			}
			close(l[open].chunks)
		}
		return true
	}
	defer func() {
		for _, a := range l[open:] {
			close(a.chunks)
		}
	}()
	wanted(ctx, l, w, func(i int, f *finding.Finding, err error) bool {
		switch {
		case !until(i):
			return false
		case err != nil:
			l[i].err = err
			send() // what is whole comes first
			return false
		case f != nil:
			fs = append(fs, f)
		}
		return len(fs) < chunk || send()
	})
}

// wanted tells what is wanted of segments, or of the first of them an error; at last it tells of nothing after the last one.
func wanted(ctx context.Context, l []*answer, w *query.Want, yield func(i int, f *finding.Finding, err error) bool) {
	var all []*segment
	var failed error
	for _, a := range l {
		if a.seg.broken != nil {
			failed = fmt.Errorf("segment %d: %w", a.seg.number, a.seg.broken)
			break
		}
		all = append(all, a.seg)
	}
	paths := together(w.Paths)
	has, end, err := lookUp(ctx, all, w, paths)
	if err != nil {
		failed = err
	}
	var (
		segments []*segment
		qs       []statement
		of       []int
	)
	for i, s := range all[:end] {
		if q, some := s.seek(w, paths, &has[i]); some {
			segments, qs, of = append(segments, s), append(qs, q), append(of, i)
		}
	}
	more := qs == nil || tell(ctx, segments, qs, func(i int, f *finding.Finding, err error) bool {
		return err == nil && !w.Has(f) || yield(of[i], f, err)
	})
	if more {
		yield(end, nil, failed)
	}
}

// tell reads the findings of statements, of which each asks a segment of the same database, until an error; more is false
// where that came, or yield wanted no more.
func tell(ctx context.Context, segments []*segment, qs []statement, yield func(i int, f *finding.Finding, err error) bool) (more bool) {
	var (
		l []*reading
		n int
	)
	told := func() error {
		decode(ctx, l)
		for _, r := range l {
			for _, f := range r.out {
				if !yield(r.of, f, nil) {
					return errEnough
				}
			}
			if r.err != nil {
				yield(r.of, nil, r.err)
				return errEnough
			}
		}
		l, n = nil, 0
		return nil
	}
	answered, err := segments[0].d.each(ctx, segments[0].db, qs, func(i int, from scanner) error {
		var r row
		if err := r.scan(from); err != nil {
			return err
		}
		if n == 0 || l[len(l)-1].of != i {
			l = append(l, &reading{segment: segments[i], of: i})
		}
		last := l[len(l)-1]
		last.rows = append(last.rows, r)
		if n++; n < chunk {
			return nil
		}
		return told()
	})
	if errors.Is(err, errEnough) || told() != nil {
		return false
	}
	if err != nil {
		yield(answered, nil, err)
	}
	return err == nil
}

var errEnough = errors.New("whoever asks has seen enough")
