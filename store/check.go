package store

import (
	"context"
	"errors"
	"fmt"

	"ascribe.example/es"
)

// Problem is something that is not as it was written.
type Problem struct {
	Segment int
	Says    string
}

// Report is what [Store.Check] and [Store.Repair] saw.
type Report struct {
	Segments int
	Findings int64 // that are whole
	Lost     int64 // that are not
	Problems []Problem
	More     int // problems beyond the first [MaxProblems] of a segment
	Repaired []int
}

// MaxProblems is how many problems of a segment are told.
const MaxProblems = 10

// Check reads everything, and compares each finding with its checksum. The error is of the looking; what was found stands in
// the report.
func (s *Store) Check(ctx context.Context) (Report, error) {
	var r Report
	l, err := s.refresh(ctx)
	if err != nil {
		return r, s.explain("check", err)
	}
	for i, seg := range l {
		if err := s.checkSegment(ctx, l[:i], seg, &r); err != nil {
			return r, s.explain("check", err)
		}
	}
	return r, nil
}

func (s *Store) checkSegment(ctx context.Context, before []*segment, seg *segment, r *Report) error {
	n := 0
	tell := func(format string, args ...any) {
		if n++; n > MaxProblems {
			r.More++
			return
		}
		r.Problems = append(r.Problems, Problem{seg.number, fmt.Sprintf(format, args...)})
	}
	r.Segments++
	if seg.broken != nil {
		tell("it cannot be opened: %v", seg.broken)
		if seg.db == nil {
			r.Lost += seg.findings
			return nil
		}
	}
	says, err := s.b.verify(ctx, seg)
	if err != nil {
		return err
	}
	for _, p := range says {
		tell("the database says: %s", p)
	}
	var f filter
	if seg.sealed {
		if f, err = s.b.filter(ctx, seg); err != nil {
			tell("its filter of ids cannot be read: %v", err)
		}
	}
	var count int64
	err = seg.each(ctx, func(w whole) error {
		count++
		if seg.sealed && !f.mayHold(&w.key) {
			tell("finding %s: the filter of ids does not know it", w.ID)
		}
		other, err := s.elsewhere(ctx, before, &w.key)
		if err == nil && other != nil {
			tell("finding %s: segment %d has it, too", w.ID, other.number)
		}
		return nil
	}, func(seq int64, err error) {
		r.Lost++
		tell("finding number %d: %v", seq, err)
	})
	r.Findings += count
	if err == nil && seg.broken == nil && count != seg.findings && n == 0 {
		tell("it holds %d findings, and says %d", count, seg.findings)
	}
	return err
}

// elsewhere is the sealed segment of these that has an id, too.
func (s *Store) elsewhere(ctx context.Context, l []*segment, k *key) (*segment, error) {
	for _, o := range l {
		if !o.sealed || o.broken != nil {
			continue
		}
		if o.seen == nil {
			f, err := s.b.filter(ctx, o)
			if err != nil {
				return nil, err
			}
			o.seen = &f
		}
		if !o.seen.mayHold(k) {
			continue
		}
		if _, ok, err := o.find(ctx, k); err != nil || ok {
			return o, err
		}
	}
	return nil, nil
}

// Repair writes each segment anew that has a problem, with what is whole of it. The files of a damaged segment are kept in
// the folder damaged. What is lost can be imported again.
func (s *Store) Repair(ctx context.Context) (r Report, err error) {
	unlock, err := s.b.lock(ctx)
	if err != nil {
		return r, s.explain("repair", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := s.b.tidy(ctx); err != nil {
		return r, s.explain("repair", err)
	}
	l, err := s.refresh(ctx)
	if err != nil {
		return r, s.explain("repair", err)
	}
	for i, seg := range l {
		had := len(r.Problems)
		if err := s.checkSegment(ctx, l[:i], seg, &r); err != nil {
			return r, s.explain("repair", err)
		}
		if len(r.Problems) == had {
			continue
		}
		if seg.db == nil {
			err = s.b.setAside(ctx, seg)
		} else {
			_, _, err = s.rewrite(ctx, seg, func(w *whole) (bool, error) {
				o, err := s.elsewhere(ctx, l[:i], &w.key)
				return o == nil, err
			}, true)
		}
		if err != nil {
			return r, s.explain("repair", fmt.Errorf("segment %d: %w", seg.number, err))
		}
		r.Repaired = append(r.Repaired, seg.number)
	}
	return r, nil
}

// SegmentStats are about one segment.
type SegmentStats struct {
	Number   int
	Sealed   bool
	Findings int64
	Bytes    int64
	From, To es.Time // of its findings' begin; meaningless without findings
}

// Stats tells what the store takes and spans, segment by segment.
func (s *Store) Stats(ctx context.Context) ([]SegmentStats, error) {
	l, err := s.refresh(ctx)
	if err != nil {
		return nil, s.explain("read", err)
	}
	var out []SegmentStats
	for _, seg := range l {
		if seg.broken != nil {
			return nil, s.explain("read", fmt.Errorf("segment %d: %w", seg.number, seg.broken))
		}
		n, err := s.b.size(ctx, seg)
		if err != nil {
			return nil, s.explain("read", err)
		}
		out = append(out, SegmentStats{Number: seg.number, Sealed: seg.sealed, Findings: seg.findings, Bytes: n, From: seg.from, To: seg.to})
	}
	return out, nil
}
