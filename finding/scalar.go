package finding

import (
	"unicode/utf8"

	"ascribe.example/es"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string; empty is null.
func appendString(dst []byte, s string) []byte {
	if s == "" {
		return appendNull(dst)
	}
	return appendText(dst, s)
}

// appendWord appends a word of a vocabulary that has its own word for unknown.
func appendWord(dst []byte, s, unknown string) []byte {
	if s == "" {
		s = unknown
	}
	return appendText(dst, s)
}

// verbatim says which bytes stand for themselves in a JSON string, one by one.
var verbatim = func() (t [256]bool) {
	for c := 0x20; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

const ones, highs = 0x0101010101010101, 0x8080808080808080

// special has a high bit where one of eight bytes is below 0x20, above 0x7e, a quote or a backslash. It may err only that way.
func special(w uint64) uint64 {
	low := (w ^ ones*2) - ones*0x21 // borrows where a byte is below 0x20, or a quote: that is 0x20 with its second bit turned
	high := w + ones                // 0x7f becomes 0x80; a carry needs 0xff, which is above anyway
	slash := (w ^ ones*'\\') - ones
	return (w | low | high | slash) & highs
}

// eight is the first eight bytes of s.
func eight(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// plain reports whether all of s stands for itself. Names mostly do, and to see it is most of the work on a line: hence eight
// bytes at a time, and no way out of the loop before its end. It may err by saying no.
func plain(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if !verbatim[s[i]] {
				return false
			}
		}
		return true
	}
	found := special(eight(s[len(s)-8:]))
	for len(s) > 8 {
		found |= special(eight(s))
		s = s[8:]
	}
	return found == 0
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	if !plain(s) {
		return appendEscaped(dst, s)
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if verbatim[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = append(dst, s[from:i]...)
			i++
			from = i
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || Unprintable(r) {
			dst = append(dst, s[from:i]...)
			from = i + n
			if n == 1 {
				dst = append(dst, "\uFFFD"...)
			} else {
				dst = append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			}
		}
		i += n
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// Unprintable reports whether a character of the Basic Multilingual Plane could steer a terminal, reorder the text around
// it, or break its line: C0 and C1 controls, DEL, the bidirectional controls, and the line and paragraph separators. Names of
// files and programs may hold any of them; nothing shows them raw.
func Unprintable(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true
	case r < 0x061c:
		return false
	case r == 0x061c, r == 0x200e, r == 0x200f: // single marks
		return true
	case r >= 0x2028 && r <= 0x202e: // separators, embeddings, overrides
		return true
	case r >= 0x2066 && r <= 0x206f: // isolates, and deprecated shaping controls
		return true
	}
	return false
}

// appendTime appends t as RFC 3339 in UTC with nine digits; 0 is null. Times of [es.Time]'s range have four-digit years.
func appendTime(dst []byte, t es.Time) []byte {
	if t == 0 {
		return appendNull(dst)
	}
	sec, ns := seconds(t)
	clock := clockOf(sec)
	dst = append(dst, clock[:]...)
	return appendFraction(dst, ns)
}

// seconds splits a time into whole seconds since 1970, rounded down, and nanoseconds.
func seconds(t es.Time) (sec int64, ns uint32) {
	sec, rest := int64(t)/1e9, int64(t)%1e9
	if rest < 0 {
		sec, rest = sec-1, rest+1e9
	}
	return sec, uint32(rest)
}

// clockText is a quoted time up to the decimal point.
type clockText [21]byte

func clockOf(sec int64) (c clockText) {
	const day = 86400
	days, rest := sec/day, sec%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	y, m, d := civil(days)
	copy(c[:], `"YYyy-mm-ddTHH:MM:SS.`)
	for i, n := range [...]int64{y / 100, y % 100, m, d, rest / 3600, rest / 60 % 60, rest % 60} {
		at := [...]int{1, 3, 6, 9, 12, 15, 18}[i]
		c[at], c[at+1] = pairs[2*n], pairs[2*n+1]
	}
	return c
}

// pairs are the numbers from 00 to 99.
var pairs = func() (t [200]byte) {
	for i := range 100 {
		t[2*i], t[2*i+1] = byte('0'+i/10), byte('0'+i%10)
	}
	return t
}()

func appendFraction(dst []byte, ns uint32) []byte {
	a, b := ns/1e5, ns%1e5
	p, q, r, s := a/100*2, a%100*2, b/1000*2, b/10%100*2
	return append(dst, pairs[p], pairs[p+1], pairs[q], pairs[q+1], pairs[r], pairs[r+1], pairs[s], pairs[s+1], byte('0'+b%10), 'Z', '"')
}

// civil is the date of a number of days since 1970: years are counted from March, so that the leap day ends them, in
// cycles of 400 years, from the year 0.
func civil(days int64) (y, m, d int64) {
	days += 719468 // 0000-03-01 to 1970-01-01
	const cycle = 146097
	era := days / cycle
	of := days % cycle
	year := (of - of/1460 + of/36524 - of/146096) / 365
	ofYear := of - (365*year + year/4 - year/100)
	month := (5*ofYear + 2) / 153
	d = ofYear - (153*month+2)/5 + 1
	m = month + 3
	y = year + era*400
	if m > 12 {
		m, y = m-12, y+1
	}
	return y, m, d
}
