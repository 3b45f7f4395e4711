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

func (r *row) scan(rows *sql.Rows) error {
	return rows.Scan(&r.seq, &r.kind, &r.id, &r.from, &r.to, &r.sum, &r.body)
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

// decode is what rows say.
func (s *segment) decode(ctx context.Context, rows []row) ([]*finding.Finding, error) {
	s.lex.mu.Lock()
	defer s.lex.mu.Unlock()
	out := make([]*finding.Finding, len(rows))
	d := decoder{words: s.lex}
	var again []int
	for i := range rows {
		n := len(d.missing)
		f, err := rows[i].finding(&d)
		if err != nil {
			return nil, s.damaged(rows[i].seq, err)
		}
		if out[i] = f; len(d.missing) > n {
			again = append(again, i)
		}
	}
	if again == nil {
		return out, nil
	}
	if err := s.lex.fetch(ctx, s, d.missing); err != nil {
		return nil, err
	}
	for _, i := range again {
		d.missing = d.missing[:0]
		f, err := rows[i].finding(&d)
		if err != nil {
			return nil, s.damaged(rows[i].seq, err)
		}
		if len(d.missing) > 0 {
			// The fetch may have begun the lexicon anew, so that words of before are gone.
			if err := s.lex.fetch(ctx, s, d.missing); err != nil {
				return nil, err
			}
			d.missing = d.missing[:0]
			if f, err = rows[i].finding(&d); err == nil && len(d.missing) > 0 {
				err = fmt.Errorf("%w: it names words that are not there", errBody)
			}
			if err != nil {
				return nil, s.damaged(rows[i].seq, err)
			}
		}
		out[i] = f
	}
	return out, nil
}

// damaged says where in a store something is not as it was written.
func (s *segment) damaged(seq int64, err error) error {
	return fmt.Errorf("%w: segment %d, finding %d: %w", ErrDamaged, s.number, seq, err)
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
