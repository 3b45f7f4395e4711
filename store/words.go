package store

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
	"unsafe"

	"ascribe.example/query"
)

// dictionary gives the words of the open segment their numbers. It knows a word by 128 bits of a hash whose seed nobody can
// know beforehand, which takes a tenth of the memory of the words.
type dictionary struct {
	seeds [wordVolume + 1][2]maphash.Seed
	ids   map[[2]uint64]uint32
	last  uint32
	fresh []entry // not yet written
}

// entry is a word as it is written.
type entry struct {
	id    uint32
	kind  wordKind
	value string
}

func newDictionary() *dictionary {
	d := &dictionary{ids: map[[2]uint64]uint32{}}
	for k := range d.seeds {
		d.seeds[k] = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	}
	return d
}

func (d *dictionary) key(k wordKind, s string) [2]uint64 {
	return [2]uint64{maphash.String(d.seeds[k][0], s), maphash.String(d.seeds[k][1], s)}
}

func (d *dictionary) intern(k wordKind, s string) uint32 {
	if s == "" {
		return 0
	}
	key := d.key(k, s)
	if id, ok := d.ids[key]; ok {
		return id
	}
	d.last++
	d.ids[key] = d.last
	d.fresh = append(d.fresh, entry{d.last, k, strings.Clone(s)})
	return d.last
}

func (d *dictionary) internBytes(k wordKind, b []byte) uint32 {
	return d.intern(k, unsafe.String(unsafe.SliceData(b), len(b))) // which keeps a copy
}

// known tells the dictionary of a word that was written earlier.
func (d *dictionary) known(id uint32, k wordKind, s string) {
	d.ids[d.key(k, s)] = id
	d.last = max(d.last, id)
}

// columns are how an entry lies in the table: text that SQL can hold, else bytes; and the fold of a path.
func (e *entry) columns() (text, value, fold any) {
	if e.kind <= wordText {
		text = plain(e.value)
		if text != e.value {
			value = []byte(e.value)
		}
		if e.kind == wordPath {
			fold = plain(query.Fold(e.value))
		}
		return text, value, fold
	}
	return nil, []byte(e.value), nil
}

// plain is s as text columns hold it: what is not UTF-8, and NUL, are U+FFFD. Names that differ in those alone are looked up
// as one; who asks looks again.
func plain(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// lexicon reads the words of a segment, and keeps those that were asked for.
type lexicon struct {
	mu    sync.Mutex
	words map[uint32]word
}

// maxLexicon is how many words of a segment a reader keeps.
const maxLexicon = 1 << 16

func (l *lexicon) word(id uint32) (word, bool) {
	w, ok := l.words[id]
	return w, ok
}

// room makes room for more words.
func (l *lexicon) room(n int) {
	if l.words == nil || len(l.words)+n > maxLexicon {
		l.words = make(map[uint32]word, n)
	}
}

// wordRead are the columns that [lexicon.read] reads, of the table w.
const wordRead = "w.id, w.kind, w.text, w.value"

// read keeps a word. What the row has besides goes to more.
func (l *lexicon) read(row scanner, more ...any) (id uint32, err error) {
	var (
		kind        uint8
		text, value []byte
	)
	if err := row.Scan(append([]any{&id, &kind, &text, &value}, more...)...); err != nil {
		return 0, err
	}
	if value == nil {
		value = text
	}
	w, err := decodeWord(wordKind(kind), value)
	if err != nil {
		return 0, fmt.Errorf("word %d: %w", id, err)
	}
	l.words[id] = w
	return id, nil
}

// learn keeps a word that nobody has asked for yet.
func (l *lexicon) learn(row scanner, more ...any) (id uint32, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room(1)
	return l.read(row, more...)
}

// fetch reads the words that readings miss.
func fetch(ctx context.Context, l []*reading) error {
	var (
		qs []statement
		of []*lexicon
	)
	for _, r := range l {
		ids := r.dec.missing
		slices.Sort(ids)
		ids = slices.Compact(ids)
		r.lex.room(len(ids))
		for part := range slices.Chunk(ids, 512) {
			q := r.d.among("w.id", part)
			q.sql = r.bind("SELECT " + wordRead + " FROM " + r.table("word") + " w WHERE " + q.sql)
			qs, of = append(qs, q), append(of, r.lex)
		}
		r.dec.missing = ids[:0]
	}
	_, err := l[0].d.each(ctx, l[0].db, qs, func(i int, row scanner) error {
		_, err := of[i].read(row)
		return err
	})
	return err
}
