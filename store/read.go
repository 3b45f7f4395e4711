package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"sync"

	"ascribe.example/finding"
	"ascribe.example/query"
)

var _ query.Source = (*Store)(nil)

// How many findings are read at once, and how many segments are asked at the same time.
const (
	chunk = 256
	ahead = 4
)

// Findings implements [query.Source]: what is wanted, and little else. Findings come in the order in which they were put in.
func (s *Store) Findings(ctx context.Context, w query.Want) iter.Seq2[*finding.Finding, error] {
	return func(yield func(*finding.Finding, error) bool) {
		all, err := s.refresh(ctx)
		if err != nil {
			yield(nil, s.explain("read", err))
			return
		}
		var segments []*segment
		for _, seg := range all {
			if !seg.outside(&w) {
				segments = append(segments, seg)
			}
		}
		quit := make(chan struct{})
		var asking sync.WaitGroup
		defer asking.Wait()
		defer close(quit)
		answers := make([]*answer, len(segments))
		for i := range segments {
			for k := i; k < min(i+ahead, len(segments)); k++ {
				if answers[k] == nil {
					answers[k] = &answer{chunks: make(chan []*finding.Finding, 1), quit: quit}
					asking.Go(func() { answers[k].ask(ctx, segments[k], &w) })
				}
			}
			for l := range answers[i].chunks {
				for _, f := range l {
					if !yield(f, nil) {
						return
					}
				}
			}
			if err := answers[i].err; err != nil {
				yield(nil, s.explain("read", err))
				return
			}
		}
	}
}

// answer is what one segment has of what is wanted.
type answer struct {
	chunks chan []*finding.Finding
	err    error // when chunks is closed
	quit   chan struct{}
}

func (a *answer) ask(ctx context.Context, seg *segment, w *query.Want) {
	defer close(a.chunks)
	if seg.broken != nil {
		a.err = fmt.Errorf("segment %d: %w", seg.number, seg.broken)
		return
	}
	var l []*finding.Finding
	send := func() bool {
		select {
		case a.chunks <- l:
			l = nil
			return true
		case <-a.quit:
			return false
		}
	}
	more, err := seg.wanted(ctx, w, func(f *finding.Finding) bool {
		l = append(l, f)
		return len(l) < chunk || send()
	})
	if more && len(l) > 0 {
		send() // also before an error: what is whole comes first
	}
	a.err = err
}

// wanted tells what is wanted of a segment.
func (s *segment) wanted(ctx context.Context, w *query.Want, yield func(*finding.Finding) bool) (more bool, err error) {
	q, some, err := s.seek(ctx, w)
	if err != nil || !some {
		return true, err
	}
	return s.tell(ctx, q, func(f *finding.Finding) bool { return !w.Has(f) || yield(f) })
}

// tell reads the findings of a statement.
func (s *segment) tell(ctx context.Context, q statement, yield func(*finding.Finding) bool) (more bool, err error) {
	l := make([]row, 0, chunk)
	told := func() error {
		fs, err := s.decode(ctx, l)
		if err != nil {
			return err
		}
		for _, f := range fs {
			if !yield(f) {
				return errEnough
			}
		}
		l = l[:0]
		return nil
	}
	err = scanRows(ctx, s.db, q, func(rows *sql.Rows) error {
		l = append(l, row{})
		if err := l[len(l)-1].scan(rows); err != nil || len(l) < chunk {
			return err
		}
		return told()
	})
	if err == nil {
		err = told()
	}
	if errors.Is(err, errEnough) {
		return false, nil
	}
	return true, err
}

var errEnough = errors.New("whoever asks has seen enough")
