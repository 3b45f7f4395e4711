package store

import (
	"context"
	"fmt"
	"slices"

	"ascribe.example/es"
)

// Removed is what [Writer.Retain] removed.
type Removed struct {
	Findings int64
	Segments int // that went whole
}

// Retain removes what ended before a moment (0: nothing), and then the oldest segments, until the store takes no more than
// bytes (0: however much). What goes is gone from the files, too: a segment of which a part goes is written anew. Where the
// newest segment alone is too large, its older part goes.
func (w *Writer) Retain(ctx context.Context, before es.Time, bytes int64) (r Removed, err error) {
	if err := w.Commit(); err != nil {
		return r, err
	}
	err = w.awaitSeal()
	if err == nil && before > 0 {
		err = w.expire(ctx, before, &r)
	}
	if err == nil && bytes > 0 {
		err = w.shrink(ctx, bytes, &r)
	}
	if err != nil {
		w.err = w.s.explain("remove the oldest of", err)
	}
	return r, w.err
}

// seals seals the open segment, so that it can be treated as the others.
func (w *Writer) seals() error {
	if w.batch.findings == 0 {
		return nil
	}
	if err := w.roll(); err != nil {
		return err
	}
	return w.awaitSeal()
}

const endOf = "(CASE WHEN end_time > time THEN end_time ELSE time END)"

func (w *Writer) expire(ctx context.Context, before es.Time, r *Removed) error {
	if n, _, err := w.seg.expired(ctx, before); err != nil {
		return err
	} else if n > 0 {
		if err := w.seals(); err != nil {
			return err
		}
	}
	for _, seg := range slices.Clone(w.sealed) {
		expired, dated, err := seg.expired(ctx, before)
		switch {
		case err != nil:
			return err
		case expired == 0:
		case expired == dated: // what has no time goes with the rest
			if err := w.drop(ctx, seg, r); err != nil {
				return err
			}
		default:
			if err := w.cut(ctx, seg, before, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// expired counts the findings that ended before a moment, and those that have a time.
func (s *segment) expired(ctx context.Context, before es.Time) (expired, dated int64, err error) {
	if s.sealed && s.from >= before {
		return 0, 0, nil
	}
	err = s.db.QueryRowContext(ctx, s.bind("SELECT COALESCE(SUM(CASE WHEN "+endOf+" < ? THEN 1 ELSE 0 END), 0), count(*) FROM "+s.table("finding")+" WHERE "+endOf+" > 0"), int64(before)).Scan(&expired, &dated)
	return expired, dated, err
}

func (w *Writer) drop(ctx context.Context, seg *segment, r *Removed) error {
	if err := w.s.b.drop(ctx, seg); err != nil {
		return fmt.Errorf("segment %d: %w", seg.number, err)
	}
	r.Findings += seg.findings
	r.Segments++
	w.sealed = slices.DeleteFunc(w.sealed, func(s *segment) bool { return s == seg })
	return nil
}

// cut writes a sealed segment anew, without what ended before a moment.
func (w *Writer) cut(ctx context.Context, seg *segment, before es.Time, r *Removed) error {
	kept, lost, err := w.s.rewrite(ctx, seg, func(f *whole) (bool, error) {
		end := max(f.Time, f.EndTime)
		return end <= 0 || end >= before, nil
	}, false)
	if err != nil {
		return fmt.Errorf("segment %d: %w", seg.number, err)
	}
	if lost > 0 {
		return fmt.Errorf("segment %d: %w: %d findings", seg.number, ErrDamaged, lost)
	}
	r.Findings += seg.findings - kept
	l, err := w.s.refresh(ctx)
	if err != nil {
		return err
	}
	return w.look(ctx, l)
}

func (w *Writer) shrink(ctx context.Context, bytes int64, r *Removed) error {
	sizes := map[*segment]int64{}
	var total int64
	for _, seg := range append(slices.Clone(w.sealed), w.seg) {
		n, err := w.s.b.size(ctx, seg)
		if err != nil {
			return err
		}
		sizes[seg] = n
		total += n
	}
	for total > bytes && len(w.sealed) > 0 {
		oldest := slices.MinFunc(w.sealed, func(a, b *segment) int { return int(min(max(a.to-b.to, -1), 1)) })
		if len(w.sealed) == 1 && w.batch.findings == 0 {
			break // it is all there is
		}
		total -= sizes[oldest]
		if err := w.drop(ctx, oldest, r); err != nil {
			return err
		}
	}
	if total <= bytes {
		return nil
	}
	if err := w.seals(); err != nil {
		return err
	}
	seg := w.sealed[len(w.sealed)-1]
	size, err := w.s.b.size(ctx, seg)
	if err != nil || size <= bytes || seg.findings < 2 {
		return err
	}
	// A tenth less than what would fit by its share: sizes are not even.
	share := float64(bytes) / float64(size) * 0.9
	var before int64
	if err := seg.db.QueryRowContext(ctx, seg.bind("SELECT "+endOf+" AS ended FROM "+seg.table("finding")+" ORDER BY ended LIMIT 1 OFFSET ?"),
		int64(float64(seg.findings)*(1-share))).Scan(&before); err != nil {
		return err
	}
	return w.cut(ctx, seg, es.Time(before), r)
}
