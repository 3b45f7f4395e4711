package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Counts are what became of the findings that a [Writer] was given.
type Counts struct {
	Added    uint64 // new ones
	Known    uint64 // the store had the very same
	Replaced uint64 // the store had one of this id that had seen less: it was replaced
	Kept     uint64 // the store had one of this id that had seen more: it was kept
}

// Writer adds findings to a store, in groups of one transaction each. It is for one goroutine. After an error it takes no
// more; what [Writer.Commit] acknowledged before is in the store.
type Writer struct {
	s      *Store
	ctx    context.Context //nolint:containedctx // of the writer's life; a single finding has none
	unlock func() error

	sealed []*segment
	seg    *segment // the open one
	dict   *dictionary
	enc    encoder
	ids    map[key]held // of the open segment
	next   int64
	near   near
	before *sealing // nil: none

	batch   *batch
	line    []byte
	jobs    chan *batch
	results chan error
	pending int // batches that are being written
	err     error
	counts  Counts
}

// held is what is known of a finding of the open segment.
type held struct{ seq, sum int64 }

// Writer begins to write. There is one writer of a store at a time, on the whole machine or database: another one gets
// [ErrBusy].
func (s *Store) Writer(ctx context.Context) (*Writer, error) {
	unlock, err := s.b.lock(ctx)
	if err != nil {
		return nil, s.explain("write to", err)
	}
	w := &Writer{s: s, ctx: context.WithoutCancel(ctx), unlock: unlock, jobs: make(chan *batch), results: make(chan error, 1)}
	go w.work()
	if err := w.begin(ctx); err != nil {
		close(w.jobs)
		_ = unlock()
		return nil, s.explain("write to", err)
	}
	return w, nil
}

// begin finds the open segment and what it holds, and the filters of the others.
func (w *Writer) begin(ctx context.Context) error {
	if err := w.s.b.tidy(ctx); err != nil {
		return err
	}
	l, err := w.s.refresh(ctx)
	if err != nil {
		return err
	}
	for _, seg := range l {
		if seg.broken != nil {
			return fmt.Errorf("segment %d: %w", seg.number, seg.broken)
		}
		if !seg.sealed {
			if err := w.sealNow(); err != nil { // a writer was killed that had begun the next one
				return err
			}
			own := *seg
			w.seg = &own
			if err := w.reload(ctx); err != nil {
				return err
			}
		}
	}
	if l, err = w.s.refresh(ctx); err != nil {
		return err
	}
	if err := w.look(ctx, l); err != nil {
		return err
	}
	if w.seg == nil {
		return w.open(ctx)
	}
	return nil
}

// look takes in the sealed segments.
func (w *Writer) look(ctx context.Context, l []*segment) (err error) {
	w.sealed, w.near = nil, near{}
	for _, seg := range l {
		if !seg.sealed {
			continue
		}
		own := *seg
		if own.filter, err = w.s.b.filter(ctx, seg); err != nil {
			return err
		}
		w.sealed = append(w.sealed, &own)
	}
	return nil
}

// open makes a new segment.
func (w *Writer) open(ctx context.Context) error {
	seg, err := w.s.b.create(ctx)
	if err != nil {
		return err
	}
	w.seg, w.dict, w.ids, w.next = seg, newDictionary(), map[key]held{}, 1
	w.enc.words = w.dict
	w.batch = &batch{from: math.MaxInt64, to: math.MinInt64}
	return nil
}

// reload reads what the open segment holds.
func (w *Writer) reload(ctx context.Context) error {
	seg := w.seg
	w.dict, w.ids, w.next = newDictionary(), map[key]held{}, 1
	w.enc.words = w.dict
	w.batch = &batch{from: seg.from, to: seg.to, findings: seg.findings}
	if seg.findings == 0 {
		w.batch.from, w.batch.to = math.MaxInt64, math.MinInt64
	}
	q := statement{sql: "SELECT id, kind, COALESCE(value, CAST(text AS " + seg.d.bytes + ")) FROM " + seg.table("word")}
	err := scanRows(ctx, seg.db, q, func(rows *sql.Rows) error {
		var (
			id    uint32
			k     wordKind
			value []byte
		)
		if err := rows.Scan(&id, &k, &value); err != nil {
			return err
		}
		if k > wordVolume {
			return seg.damaged(0, fmt.Errorf("word %d is of kind %d", id, k))
		}
		w.dict.known(id, k, string(value))
		return nil
	})
	if err != nil {
		return err
	}
	q.sql = "SELECT kind, id, seq, sum FROM " + seg.table("finding")
	return scanIDs(ctx, seg.db, q, func(k key, h held) {
		w.ids[k] = h
		w.next = max(w.next, h.seq+1)
	})
}

// work writes batches, one after the other, while the next is made.
func (w *Writer) work() {
	for b := range w.jobs {
		w.results <- w.s.b.write(w.ctx, w.seg, b)
	}
}

// Add takes a finding. It keeps nothing of it that is the caller's. The finding is in the store when the next Commit has
// returned without an error, and may be sooner.
func (w *Writer) Add(f *finding.Finding) error {
	if w.err != nil {
		return w.err
	}
	if err := w.add(f); err != nil {
		w.err = w.s.explain("write to", err)
	}
	return w.err
}

func (w *Writer) add(f *finding.Finding) error {
	k, err := keyOf(f)
	if err != nil {
		return err
	}
	w.line = finding.Append(w.line[:0], f)
	sum := sumOf(w.line)
	if h, ok := w.ids[k]; ok {
		return w.again(f, k, w.seg, h, sum)
	}
	if w.before.holds(&k) {
		if err := w.awaitSeal(); err != nil {
			return err
		}
	}
	for _, seg := range w.sealed {
		if !seg.filter.mayHold(&k) {
			continue
		}
		h, ok, err := w.near.find(w.ctx, seg, &k)
		if err != nil {
			return err
		}
		if ok {
			return w.again(f, k, seg, h, sum)
		}
	}
	if w.isFull(f) {
		if err := w.roll(); err != nil {
			return err
		}
	}
	b := w.batch
	b.add(&w.enc, f, k, w.next, sum)
	b.findings++
	b.from, b.to = min(b.from, f.Time), max(b.to, f.Time)
	w.ids[k] = held{w.next, sum}
	w.next++
	w.counts.Added++
	if len(b.records) >= maxBatch || len(b.bodies) >= maxBatchBytes {
		return w.flush()
	}
	return nil
}

// maxSpan is how much time a segment holds, once it is worth to be sealed: findings go with their segments when they are old.
const (
	maxSpan   = es.Time(35 * 24 * 3600 * 1e9)
	worthSpan = 10_000
)

func (w *Writer) isFull(f *finding.Finding) bool {
	b := w.batch
	return b.findings >= w.s.o.SegmentFindings ||
		b.findings >= worthSpan && (f.Time-b.from > maxSpan && b.from > 0 || b.to-f.Time > maxSpan && f.Time > 0)
}

// again settles what becomes of a finding whose id the store has.
func (w *Writer) again(f *finding.Finding, k key, seg *segment, h held, sum int64) error {
	if h.sum == sum {
		w.counts.Known++
		return nil
	}
	if seg == w.seg {
		if err := w.settle(); err != nil {
			return err
		}
	}
	old, err := seg.at(w.ctx, h.seq)
	if err != nil {
		return err
	}
	if compare(f, old) <= 0 {
		w.counts.Kept++
		return nil
	}
	delete(w.near.ids, k)
	b := &batch{from: min(seg.from, f.Time), to: max(seg.to, f.Time), findings: seg.findings}
	enc := &w.enc
	if seg == w.seg {
		b.from, b.to, b.findings = min(w.batch.from, f.Time), max(w.batch.to, f.Time), w.batch.findings
	} else {
		last, err := seg.lastWord(w.ctx)
		if err != nil {
			return err
		}
		d := newDictionary() // what the segment has already it gets again: that is rare, and does no harm
		d.last = last
		enc = &encoder{words: d}
	}
	b.add(enc, f, k, h.seq, sum)
	d := enc.words.(*dictionary)
	b.words, d.fresh = d.fresh, nil
	if err := w.s.b.replace(w.ctx, seg, b); err != nil {
		return err
	}
	seg.from, seg.to = b.from, b.to
	if seg == w.seg {
		w.ids[k] = held{h.seq, sum}
		w.batch.from, w.batch.to = b.from, b.to
	}
	w.counts.Replaced++
	return nil
}

// at reads one finding.
func (s *segment) at(ctx context.Context, seq int64) (*finding.Finding, error) {
	rows, err := s.read(ctx, statement{s.bind("SELECT " + rowColumns + " FROM " + s.table("finding") + " f WHERE f.seq = ?"), []any{seq}})
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, s.damaged(seq, fmt.Errorf("it is in an index, and not there"))
	}
	l, err := s.decode(ctx, rows)
	if err != nil {
		return nil, err
	}
	return l[0], nil
}

func (s *segment) read(ctx context.Context, q statement) (l []row, err error) {
	err = scanRows(ctx, s.db, q, func(rows *sql.Rows) error {
		l = append(l, row{})
		return l[len(l)-1].scan(rows)
	})
	return l, err
}

func (s *segment) lastWord(ctx context.Context) (n uint32, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(id), 0) FROM "+s.table("word")).Scan(&n)
	return n, err
}

// Bookmark keeps how far a source was read, in the transaction that writes the findings added so far, or in one after it.
func (w *Writer) Bookmark(source string, position []byte) error {
	if w.err != nil {
		return w.err
	}
	if w.batch.bookmarks == nil {
		w.batch.bookmarks = map[string][]byte{}
	}
	w.batch.bookmarks[source] = slices.Clone(position)
	return nil
}

// Commit waits until all that was added is in the store, where neither a kill nor a loss of power takes it away.
func (w *Writer) Commit() error {
	if w.err == nil {
		if err := w.settle(); err != nil {
			w.err = w.s.explain("write to", err)
		}
	}
	return w.err
}

// Counts tells what became of the findings so far.
func (w *Writer) Counts() Counts { return w.counts }

// flush hands the batch on to be written.
func (w *Writer) flush() error {
	b := w.batch
	b.words, w.dict.fresh = w.dict.fresh, nil
	if b.empty() {
		return nil
	}
	if err := w.wait(); err != nil {
		return err
	}
	w.jobs <- b
	w.pending++
	w.batch = &batch{findings: b.findings, from: b.from, to: b.to}
	return nil
}

// wait waits for the batch that is being written.
func (w *Writer) wait() error {
	for ; w.pending > 0; w.pending-- {
		if err := <-w.results; err != nil {
			w.pending--
			return err
		}
	}
	return nil
}

func (w *Writer) settle() error {
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.wait(); err != nil {
		return err
	}
	w.seg.findings, w.seg.from, w.seg.to = w.batch.findings, w.batch.from, w.batch.to
	return nil
}

// worthSealing is how many findings an open segment holds that is sealed when its writer goes, so that questions find its
// indexes. Fewer are read through in no time, and segments stay few.
const worthSealing = 100_000

// Close commits and ends writing.
func (w *Writer) Close() error {
	err := w.Commit()
	if serr := w.awaitSeal(); err == nil && serr != nil {
		err = w.s.explain("write to", serr)
	}
	if err == nil && w.batch.findings >= min(worthSealing, w.s.o.SegmentFindings/2) {
		if serr := w.sealNow(); serr != nil {
			err = w.s.explain("write to", serr)
		}
	}
	_ = w.wait()
	close(w.jobs)
	if uerr := w.unlock(); err == nil && uerr != nil {
		err = w.s.explain("write to", uerr)
	}
	return err
}
