package store

import (
	"hash/crc32"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// record is a finding as it is written: the columns that are asked for, as numbers of words, and the body.
type record struct {
	seq      int64
	key      key
	from, to es.Time
	words    [wordColumns]uint32
	uid      uint32
	levels   byte
	sum      int64
	body     []byte
}

// recordColumns are the names of a record's columns, in order.
var recordColumns = []string{
	"seq", "id", "kind", "time", "end_time", "host", "action", "event", "path", "source_path", "volume", "actor", "actor_path",
	"app", "responsible_path", "initiator_class", "initiator_user", "agent", "initiator_uid", "levels", "sum", "body",
}

const wordColumns = 13

// values appends a record's columns.
func (r *record) values(dst []any) []any {
	dst = append(dst, r.seq, r.key[1:], int64(r.key[0]), int64(r.from), int64(r.to))
	for _, w := range r.words {
		dst = append(dst, orNull(w, 0))
	}
	return append(dst, orNull(r.uid, es.Unset), int64(r.levels), r.sum, r.body)
}

func orNull(n, null uint32) any {
	if n == null {
		return nil
	}
	return int64(n)
}

// entries of the table of items: which findings name a path, beside path and source_path.
type itemRow struct {
	path uint32
	seq  int64
}

// batch is what one transaction writes.
type batch struct {
	records   []record
	words     []entry
	items     []itemRow
	bookmarks map[string][]byte

	findings int64 // of the segment, with these
	from, to es.Time
	bodies   []byte
}

func (b *batch) empty() bool {
	return len(b.records) == 0 && len(b.words) == 0 && len(b.bookmarks) == 0
}

// maxBatch is how many findings one transaction writes, and maxBatchBytes how much of bodies and words.
const (
	maxBatch      = 8192
	maxBatchBytes = 16 << 20
)

// add encodes a finding.
func (b *batch) add(e *encoder, f *finding.Finding, k key, seq, sum int64) {
	at := len(b.bodies)
	b.bodies = e.append(b.bodies, f)
	r := record{seq: seq, key: k, from: f.Time, to: f.EndTime, uid: es.Unset, levels: levels(f.Certainty), sum: sum, body: b.bodies[at:len(b.bodies):len(b.bodies)]}
	term := func(s string) uint32 { return e.words.intern(wordTerm, s) }
	w := &r.words
	w[0], w[1], w[2] = term(f.Host), term(string(f.Action)), term(f.Event)
	w[3], w[4] = e.words.intern(wordPath, f.Path), e.words.intern(wordPath, f.SourcePath)
	if f.Object != nil && f.Object.Volume != nil {
		w[5] = term(string(f.Object.Volume.Kind))
	}
	if a := f.Actor; a != nil {
		w[6], w[7] = term(a.SigningID), term(a.Path)
	}
	if a := f.Responsible; a != nil {
		w[8], w[9] = term(a.App), term(a.Path)
	}
	if in := f.Initiator; in != nil {
		w[10], w[11] = term(string(in.Class)), term(in.User)
		if in.Agent != nil {
			w[12] = term(in.Agent.Name)
		}
		r.uid = in.UID
	}
	for i := range f.Items {
		b.item(e.words.intern(wordPath, f.Items[i].Path), seq)
		b.item(e.words.intern(wordPath, f.Items[i].SourcePath), seq)
	}
	b.records = append(b.records, r)
}

func (b *batch) item(path uint32, seq int64) {
	if path != 0 {
		b.items = append(b.items, itemRow{path, seq})
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sumOf is the length and the checksum of a finding's line.
func sumOf(line []byte) int64 {
	return int64(len(line))<<32 | int64(crc32.Checksum(line, castagnoli))
}
