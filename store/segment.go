package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// segment is a part of a store: findings that came one after the other, with the dictionary that they are written in. What it
// says of itself is as it was when it was listed: a reader's segments do not change, a writer has copies of its own.
type segment struct {
	number   int
	place    int // segments are told in this order
	sealed   bool
	findings int64
	from, to es.Time // the earliest and the latest time of a finding

	db     *sql.DB // for reading
	suffix string  // of the names of its tables
	path   string  // of its file, where it is one
	file   os.FileInfo
	d      *dialect
	lex    *lexicon
	filter filter  // of a writer's sealed segments
	seen   *filter // of those that are checked
	broken error   // why it cannot be read; db may be nil then
}

// dialect is where the SQL of the databases differs.
type dialect struct {
	bytes    string // the type of bytes
	numbered bool   // parameters are $1, $2 …, not ?
	arrays   bool   // a parameter may be many values: what is asked again and again is the same statement then, and planned once
	each     asker
}

func (s *segment) table(name string) string { return name + s.suffix }

// bind writes parameters as the database does.
func (s *segment) bind(sql string) string {
	if !s.d.numbered {
		return sql
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(sql, "?") {
		if n > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// key is an id in 13 bytes: its kind, and the digits.
type key [13]byte

// The kinds of finding, as columns hold them.
var kinds = [...]struct {
	kind   finding.Kind
	prefix string
}{
	{},
	{finding.KindOperation, "op_"},
	{finding.KindEvent, "ev_"},
	{finding.KindProcess, "pr_"},
	{finding.KindGap, "gp_"},
}

func numberOf(k finding.Kind) uint8 {
	for i := 1; i < len(kinds); i++ {
		if kinds[i].kind == k {
			return uint8(i)
		}
	}
	return 0
}

// keyOf reads an id; only those of [finding.ID] can be stored.
func keyOf(f *finding.Finding) (k key, err error) {
	n := numberOf(f.Kind)
	digits, ok := strings.CutPrefix(f.ID, kinds[n].prefix)
	if n != 0 && ok && len(digits) == 24 {
		k[0] = n
		if _, err = hex.Decode(k[1:], []byte(digits)); err == nil && k.id() == f.ID {
			return k, nil
		}
	}
	return k, fmt.Errorf("the finding has the kind %q and the id %q: an id is op_, ev_, pr_ or gp_ and 24 hexadecimal digits", f.Kind, f.ID)
}

func (k *key) id() string {
	return kinds[k[0]].prefix + hex.EncodeToString(k[1:])
}

// row is a finding as it is read: the columns that are no matter of the body, and the body.
type row struct {
	seq      int64
	kind     uint8
	id       []byte
	from, to int64
	sum      int64
	body     []byte
}

const rowColumns = "f.seq, f.kind, f.id, f.time, f.end_time, f.sum, f.body"

func (r *row) scan(from scanner) error {
	return from.Scan(&r.seq, &r.kind, &r.id, &r.from, &r.to, &r.sum, &r.body)
}

// finding is what a row says; missing are words that the lexicon did not have.
func (r *row) finding(d *decoder) (*finding.Finding, error) {
	if r.kind == 0 || int(r.kind) >= len(kinds) || len(r.id) != 12 {
		return nil, fmt.Errorf("%w: kind %d, id %x", errBody, r.kind, r.id)
	}
	k := key{r.kind}
	copy(k[1:], r.id)
	f := &finding.Finding{Kind: kinds[r.kind].kind, ID: k.id(), Time: es.Time(r.from), EndTime: es.Time(r.to)}
	return f, d.decode(r.body, f)
}

// reading is rows of a segment that become findings.
type reading struct {
	*segment
	of    int // which statement gave them
	rows  []row
	out   []*finding.Finding
	err   error // why out is not all
	dec   decoder
	again []int // rows that name words which the lexicon did not have
}

// decode makes findings of rows. The words of all of them are asked for at once: the segments are of one database, and come in
// their order, as their lexicons are locked.
func decode(ctx context.Context, l []*reading) {
	some := false
	for _, r := range l {
		r.lex.mu.Lock()
		defer r.lex.mu.Unlock()
		r.dec.words, r.out = r.lex, make([]*finding.Finding, len(r.rows))
		for i := range r.rows {
			n := len(r.dec.missing)
			if !r.finding(i) {
				break
			}
			if len(r.dec.missing) > n {
				some, r.again = true, append(r.again, i)
			}
		}
	}
	if !some {
		return
	}
	err := fetch(ctx, l)
	for _, r := range l {
		if err != nil && r.again != nil && r.err == nil {
			r.fail(r.again[0], err)
		}
		for _, i := range r.again {
			if r.err != nil {
				break
			}
			r.complete(ctx, i)
		}
	}
}

// finding makes a finding of a row.
func (r *reading) finding(i int) bool {
	var err error
	if r.out[i], err = r.rows[i].finding(&r.dec); err != nil {
		r.fail(i, r.damaged(r.rows[i].seq, err))
	}
	return err == nil
}

// complete makes a finding again, of which words were missing.
func (r *reading) complete(ctx context.Context, i int) {
	if !r.finding(i) || len(r.dec.missing) == 0 {
		return
	}
	// The fetch may have begun the lexicon anew, so that words of before are gone.
	if err := fetch(ctx, []*reading{r}); err != nil {
		r.fail(i, err)
		return
	}
	if r.finding(i) && len(r.dec.missing) > 0 {
		r.fail(i, r.damaged(r.rows[i].seq, fmt.Errorf("%w: it names words that are not there", errBody)))
	}
}

// fail leaves the findings before row i.
func (r *reading) fail(i int, err error) { r.out, r.err = r.out[:i], err }

// decode is what rows say.
func (s *segment) decode(ctx context.Context, rows []row) ([]*finding.Finding, error) {
	r := &reading{segment: s, rows: rows}
	decode(ctx, []*reading{r})
	return r.out, r.err
}

// damaged says where in a store something is not as it was written.
func (s *segment) damaged(seq int64, err error) error {
	return fmt.Errorf("%w: segment %d, finding %d: %w", ErrDamaged, s.number, seq, err)
}

// asker asks statements one after the other, and tells scan each row of their answers and of which it is. What was answered in
// full before an error is said.
type asker func(ctx context.Context, db *sql.DB, qs []statement, scan func(i int, row scanner) error) (answered int, err error)

// scanner is a row of an answer.
type scanner interface{ Scan(dest ...any) error }

func oneByOne(ctx context.Context, db *sql.DB, qs []statement, scan func(i int, row scanner) error) (answered int, err error) {
	for i, q := range qs {
		if err := scanRows(ctx, db, q, func(rows *sql.Rows) error { return scan(i, rows) }); err != nil {
			return i, err
		}
	}
	return len(qs), nil
}

// scanRows calls scan for each row of an answer.
func scanRows(ctx context.Context, db *sql.DB, q statement, scan func(*sql.Rows) error) (err error) {
	rows, err := db.QueryContext(ctx, q.sql, q.args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
