package store

import (
	"context"
	"errors"
	"fmt"
	"math"

	"ascribe.example/finding"
)

// whole is a finding that is as it was written, and its checksum.
type whole struct {
	seq, sum int64
	key      key
	*finding.Finding
}

// window is how many findings are read at once where each is looked at.
const window = 512

// each looks at every finding of a segment, in order: whole takes those that are as they were written, lost the numbers of the
// others. It goes on behind damage.
func (s *segment) each(ctx context.Context, good func(whole) error, lost func(seq int64, err error)) error {
	last := s.findings // they are numbered from 1 on, without holes
	var n int64
	if s.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(seq), 0) FROM "+s.table("finding")).Scan(&n) == nil {
		last = max(last, n)
	}
	for from := int64(1); from <= last; from += window {
		to := min(from+window-1, last)
		l, err := s.between(ctx, from, to)
		if err == nil && int64(len(l)) == to-from+1 {
			for i := range l {
				if err := good(l[i]); err != nil {
					return err
				}
			}
			continue
		}
		for seq := from; seq <= to; seq++ {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			l, err := s.between(ctx, seq, seq)
			switch {
			case err != nil:
				lost(seq, err)
			case len(l) == 0:
				lost(seq, fmt.Errorf("%w: it is not there", ErrDamaged))
			default:
				if err := good(l[0]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// between reads findings, and compares each with its checksum.
func (s *segment) between(ctx context.Context, from, to int64) ([]whole, error) {
	q := statement{s.bind("SELECT " + rowColumns + " FROM " + s.table("finding") + " f WHERE f.seq BETWEEN ? AND ? ORDER BY f.seq"), []any{from, to}}
	rows, err := s.read(ctx, q)
	if err != nil {
		return nil, err
	}
	fs, err := s.decode(ctx, rows)
	if err != nil {
		return nil, err
	}
	l := make([]whole, len(rows))
	var line []byte
	for i, f := range fs {
		line = finding.Append(line[:0], f)
		if sum := sumOf(line); sum != rows[i].sum {
			return nil, s.damaged(rows[i].seq, errors.New("its checksum says that it is not what was written"))
		}
		l[i] = whole{seq: rows[i].seq, sum: rows[i].sum, key: key{rows[i].kind}, Finding: f}
		copy(l[i].key[1:], rows[i].id)
	}
	return l, nil
}

// rewrite puts a new segment in the place of s, with those of its findings that are whole and to be kept. keepOld keeps the
// files of the old one aside.
func (s *Store) rewrite(ctx context.Context, seg *segment, keep func(*whole) (bool, error), keepOld bool) (kept, lost int64, err error) {
	d, err := s.b.draft(ctx, seg)
	if err != nil {
		return 0, 0, err
	}
	dict := newDictionary()
	enc := &encoder{words: dict}
	fresh := func(b *batch) *batch { return &batch{findings: b.findings, from: b.from, to: b.to} }
	b := fresh(&batch{from: math.MaxInt64, to: math.MinInt64})
	write := func() error {
		b.words, dict.fresh = dict.fresh, nil
		if b.empty() {
			return nil
		}
		err := s.b.write(ctx, d, b)
		b = fresh(b)
		return err
	}
	var keys []key
	err = seg.each(ctx, func(f whole) error {
		ok, err := keep(&f)
		if err != nil || !ok {
			return err
		}
		keys = append(keys, f.key)
		b.findings++
		b.from, b.to = min(b.from, f.Time), max(b.to, f.Time)
		b.add(enc, f.Finding, f.key, b.findings, f.sum)
		if len(b.records) >= maxBatch {
			return write()
		}
		return nil
	}, func(int64, error) { lost++ })
	if err == nil {
		err = write()
	}
	if err != nil {
		return 0, 0, err
	}
	f := newFilter(len(keys))
	for i := range keys {
		f.add(&keys[i])
	}
	return b.findings, lost, s.b.swap(ctx, seg, d, f, keepOld)
}
