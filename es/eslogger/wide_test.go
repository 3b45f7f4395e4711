package eslogger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"unsafe"

	"ascribe.example/es"
)

// plainly runs f without the wide path.
func plainly(f func()) {
	was := wide
	wide = false
	defer func() { wide = was }()
	f()
}

// objectOf writes members in random order.
func objectOf(r *rand.Rand, members map[string]any) []byte {
	keys := make([]string, 0, len(members))
	for k := range members {
		keys = append(keys, k)
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	text := []byte{'{'}
	for i, k := range keys {
		if i > 0 {
			text = append(text, ',')
		}
		value, _ := json.Marshal(members[k]) // numbers and times
		text = append(append(append(append(text, '"'), k...), '"', ':'), value...)
	}
	return append(text, '}')
}

// digitsOf draws a number of one to most digits.
func digitsOf(r *rand.Rand, most int) uint64 {
	n := r.Uint64()
	for limit := powersOf(1 + r.IntN(most)); n >= limit; {
		n /= 10
	}
	return n
}

func powersOf(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// same reads text at its place in a line by the wide path and by the plain one, and fails if they differ.
func same[T comparable](t *testing.T, d *Decoder, text []byte, read func(d *Decoder, i int, v *T) int) {
	t.Helper()
	const before = `{"executable":{"stat":`
	line := append(append(append(d.padded[:0], before...), text...), junk...)
	d.padded = line
	d.base, d.end = unsafe.Pointer(unsafe.SliceData(line)), len(before)+len(text)+1
	var got, want T
	end := read(d, len(before), &got)
	plainly(func() {
		if plain := read(d, len(before), &want); plain != end || end > 0 && got != want {
			t.Fatalf("wide reads %v up to %d, plain %v up to %d: %q", got, end, want, plain, text)
		}
	})
}

// edits reads every text that differs from the given one in a byte, or lacks one.
func edits[T comparable](t *testing.T, d *Decoder, text []byte, read func(d *Decoder, i int, v *T) int) {
	t.Helper()
	for i := range text {
		was := text[i]
		for _, c := range []byte("\x00 !\"',-./0123459:;[\\]_adeiuvz{}\x7f\x80\xff") {
			text[i] = c
			same(t, d, text, read)
		}
		text[i] = was
		same(t, d, append(bytes.Clone(text[:i]), text[i+1:]...), read)
		same(t, d, append(append(bytes.Clone(text[:i]), was), text[i:]...), read)
		same(t, d, append(append(bytes.Clone(text[:i]), '0'), text[i:]...), read)
		same(t, d, append(append(bytes.Clone(text[:i]), 0), text[i:]...), read)
	}
}

func TestWideToken(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	d := NewDecoder()
	read := (*Decoder).token
	for n := range 2000 {
		members := map[string]any{}
		for _, f := range tokenShape.fields {
			members[f.key] = digitsOf(r, 10)
		}
		if n%3 == 0 {
			members["auid"], members["euid"] = uint32(es.Unset), 0
		}
		if n%17 == 0 {
			delete(members, "asid")
		}
		text := objectOf(r, members)
		if same(t, d, text, read); n%100 == 1 {
			edits(t, d, text, read)
		}
	}
}

func TestWideStat(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	d := NewDecoder()
	read := (*Decoder).stat
	skip := func(d *Decoder, i int, _ *struct{}) int { return d.skipStat(i) }
	times := []string{"2026-02-29T10:00:00.000000000Z", "2026-02-28T23:59:59.9Z", "1677-12-31T23:59:59.999999999Z", "2262-01-01T00:00:00.000000000Z"}
	for n := range 3000 {
		members := map[string]any{}
		for word, f := range statShape.fields {
			switch {
			case word >= stATime && n%5 == 0 && r.IntN(4) == 0:
				members[f.key] = times[r.IntN(len(times))]
			case word >= stATime:
				members[f.key] = timeOf(r, n%3 == 0)
			case f.op == op64:
				members[f.key] = digitsOf(r, 19)
			case f.op == op16 && n%7 > 0:
				members[f.key] = digitsOf(r, 4)
			default:
				members[f.key] = digitsOf(r, 9)
			}
		}
		if n%17 == 0 {
			delete(members, "st_ino")
		}
		text := objectOf(r, members)
		same(t, d, text, skip)
		if same(t, d, text, read); n%100 == 1 {
			edits(t, d, text, read)
			edits(t, d, text, skip)
		}
	}
}

// timeOf draws a time, of which each part may be one more than there is if it may be odd.
func timeOf(r *rand.Rand, odd bool) string {
	most := []int{2261, 12, 31, 23, 59, 59}
	least := []int{1678, 1, 1, 0, 0, 0}
	var v [6]any
	for i := range v {
		n := least[i] + r.IntN(most[i]-least[i]+1)
		if i == 2 && !odd {
			n = min(n, 28)
		}
		if odd && r.IntN(30) == 0 {
			n = []int{least[i] - 1, most[i] + 1}[r.IntN(2)]
		}
		v[i] = max(n, 0)
	}
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.", v[:]...) + fmt.Sprintf("%09dZ", r.IntN(1e9))
}

// Every day from the first to the last that a time can have, and the days that these years do not have.
func TestWideDays(t *testing.T) {
	d := NewDecoder()
	read := (*Decoder).stat
	for year := 1677; year <= 2262; year++ {
		for month := range 14 {
			for day := 27; day <= 32; day++ {
				date := fmt.Sprintf("%04d-%02d-%02dT01:02:03.000000004Z", year, month, day%32)
				same(t, d, fmt.Appendf(nil, `{"st_dev":1,"st_mode":33188,"st_nlink":1,"st_ino":5,"st_uid":0,"st_gid":0,"st_rdev":0,"st_atimespec":"%s",`+
					`"st_mtimespec":"%04d-%02d-%02dT23:59:59.999999999Z","st_ctimespec":"2000-02-%02dT00:00:00.000000000Z","st_birthtimespec":"%s",`+
					`"st_size":0,"st_blocks":0,"st_blksize":4096,"st_flags":0,"st_gen":0}`, date, max(min(year, 2261), 1678), max(min(month, 12), 1), 1+day%28, 1+day%29, date), read)
			}
		}
	}
}

// TestWideIsTaken fails where the wide path gives up what it is made for.
func TestWideIsTaken(t *testing.T) {
	if !wide {
		t.Log("this processor reads by the plain path")
		return
	}
	r := rand.New(rand.NewPCG(9, 10))
	d := NewDecoder()
	var token es.AuditToken
	var status es.Stat
	for range 200 {
		members := map[string]any{}
		for _, f := range tokenShape.fields {
			members[f.key] = digitsOf(r, 9)
		}
		line := append(append([]byte(`"audit_token":`), objectOf(r, members)...), junk...)
		if wideToken(unsafe.Pointer(&line[14]), &token) == 0 {
			t.Fatalf("refused: %s", line)
		}
		clear(members)
		for _, f := range statShape.fields {
			switch f.op {
			case op16:
				members[f.key] = digitsOf(r, 4)
			case op32:
				members[f.key] = digitsOf(r, 9)
			case op64:
				members[f.key] = digitsOf(r, 19)
			default:
				members[f.key] = timeOf(r, false)
			}
		}
		line = append(append([]byte(`"stat":`), objectOf(r, members)...), junk...)
		if d.base, d.end = unsafe.Pointer(&line[0]), len(line)-len(junk); d.wideStat(7, &status) != d.end {
			t.Fatalf("refused: %s", line)
		}
	}
}
