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

// special reports whether any of eight bytes is below 0x20, above 0x7e, a quote or a backslash. It may err only that way.
func special(w uint64) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote, slash := w^ones*'"', w^ones*'\\'
	low := w - ones*0x20 // borrows from the byte above where one is below 0x20
	high := w + ones     // 0x7f becomes 0x80; a carry needs 0xff, which is above anyway
	return (w|low|high|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0
}

// eight is the first eight bytes of s.
func eight(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// appendText appends s as a JSON string.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		// Eight bytes at a time, as long as all of them stand for themselves: names are mostly that, and this is most of
		// the work on a line.
		for i+8 <= len(s) && !special(eight(s[i:])) {
			i += 8
		}
		if i == len(s) || i+8 > len(s) && len(s) >= 8 && !special(eight(s[len(s)-8:])) {
			break
		}
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
	const day = 86400
	sec, ns := int64(t)/1e9, int64(t)%1e9
	if ns < 0 {
		sec, ns = sec-1, ns+1e9
	}
	days, rest := sec/day, sec%day
	if rest < 0 {
		days, rest = days-1, rest+day
	}
	y, m, d := civil(days)
	dst = append(dst, '"',
		byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-',
		byte('0'+d/10), byte('0'+d%10), 'T',
		byte('0'+rest/36000), byte('0'+rest/3600%10), ':',
		byte('0'+rest/600%6), byte('0'+rest/60%10), ':',
		byte('0'+rest/10%6), byte('0'+rest%10), '.')
	ms, us, rest := ns/1e6, ns/1e3%1e3, ns%1e3
	return append(dst,
		byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10),
		byte('0'+us/100), byte('0'+us/10%10), byte('0'+us%10),
		byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10), 'Z', '"')
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
