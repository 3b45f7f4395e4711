package eslogger

import (
	"encoding/binary"
	"math"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"

	"ascribe.example/es"
)

// The scanner's primitives. All take the place of a value in the text and return the place after it, or bad: not what
// the fast path reads, so that the slow path must say what it is.
//
// They read up to Padding bytes past the end without a check, and every loop checks the end. What was read from there
// never counts: no value is taken whose text does not end within the value, see Decoder.fast.

// Padding is how many bytes past the end of a value Decode may read. A value with that much capacity behind its length
// is decoded in place; others are copied first. Nobody may write to those bytes during the call.
const Padding = 128

const bad = -1

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func at(p unsafe.Pointer, i int) byte { return *(*byte)(unsafe.Add(p, i)) }

func load16(p unsafe.Pointer, i int) uint16 {
	return binary.LittleEndian.Uint16((*[2]byte)(unsafe.Add(p, i))[:])
}

func load32(p unsafe.Pointer, i int) uint32 {
	return binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(p, i))[:])
}

func load64(p unsafe.Pointer, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

func store64(p unsafe.Pointer, i int, v uint64) {
	binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(p, i))[:], v)
}

// The masks below have the high bit of each byte that they look for, up to and including the first; above the first
// they may err.

// quoteMask finds quotes and control characters: both are below 0x21 once bit 1 is flipped, and nothing else is.
func quoteMask(x uint64) uint64 {
	x ^= 0x02 * ones
	return (x - 0x21*ones) & ^x & highs
}

func backslashMask(x uint64) uint64 {
	x ^= '\\' * ones
	return (x - ones) & ^x & highs
}

// throughQuote has all bits of the bytes up to and including the first quote (or control character).
func throughQuote(x uint64) uint64 {
	m := quoteMask(x)
	return m ^ (m - 1)
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// space skips white space.
func (d *Decoder) space(i int) int {
	if i >= d.end {
		return i
	}
	for i < d.end {
		if load64(d.base, i) == ' '*ones {
			i += 8
			continue
		}
		if !isSpace(at(d.base, i)) {
			return i
		}
		i++
	}
	return d.end
}

// digits turns eight digits, the first in the lowest byte, into a number. Of fewer the lowest bytes are zero.
func digits(t uint64) uint64 {
	t = t * (10<<8 + 1) >> 8 & 0x00ff00ff00ff00ff
	t = t * (100<<16 + 1) >> 16 & 0x0000ffff0000ffff
	return t * (10000<<32 + 1) >> 32
}

// digitMask takes eight bytes with '0' subtracted bitwise and finds those that were no digits.
func digitMask(t uint64) uint64 { return (t + 0x76*ones | t) & highs }

// number reads a whole number without sign that fits into 64 bits.
func number(p unsafe.Pointer, i int) (uint64, int) {
	t := load64(p, i) ^ '0'*ones
	m := digitMask(t)
	n := bits.TrailingZeros64(m) >> 3
	if m == 0 {
		return longNumber(p, i, t)
	}
	if n == 0 || n > 1 && t&0xff == 0 {
		return 0, bad
	}
	return digits(t << ((64 - 8*uint(n)) & 63)), i + n
}

var powers = [...]uint64{1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

// longNumber reads eight digits and more.
func longNumber(p unsafe.Pointer, i int, t uint64) (uint64, int) {
	if t&0xff == 0 {
		return 0, bad
	}
	u := load64(p, i+8) ^ '0'*ones
	if m := digitMask(u); m != 0 {
		n := trailing(m)
		u = u << ((64 - 8*uint(n)) & 63) & -uint64((n+7)>>3) // nothing if there are no more digits
		return digits(t)*powers[n] + digits(u), i + 8 + n
	}
	v := digits(t)*1e8 + digits(u)
	u = load64(p, i+16) ^ '0'*ones
	n := trailing(digitMask(u))
	if n > 3 {
		return longestNumber(p, i)
	}
	if n > 0 {
		v = v*powers[n] + digits(u<<(64-8*uint(n)))
	}
	return v, i + 16 + n
}

// longestNumber reads twenty digits.
func longestNumber(p unsafe.Pointer, i int) (uint64, int) {
	hi := digits(load64(p, i)^'0'*ones)*1e8 + digits(load64(p, i+8)^'0'*ones)
	t := (load64(p, i+12) ^ '0'*ones) >> 32
	next := at(p, i+20)
	if digitMask(t) != 0 || next >= '0' && next <= '9' {
		return 0, bad
	}
	lo := digits(t << 32)
	hi, v := bits.Mul64(hi, 1e4)
	v, carry := bits.Add64(v, lo, 0)
	if hi+carry != 0 {
		return 0, bad
	}
	return v, i + 20
}

// negative reads a number below zero that fits into the given bits, as two's complement.
func negative(p unsafe.Pointer, i int, width uint) (uint64, int) {
	if at(p, i) != '-' {
		return 0, bad
	}
	v, i := number(p, i+1)
	if i < 0 || v > 1<<(width-1) {
		return 0, bad
	}
	return -v & (math.MaxUint64 >> (64 - width)), i
}

// date is one remembered day. The two words overlap, so that the initial entries match no text.
type date struct {
	head, tail uint64 // bytes 0 to 7 and 3 to 10 of "2006-01-02T"
	start      es.Time
}

const dateCount = 512

// The years that [es.Time] has all of.
const (
	firstYear = 1678
	lastYear  = 2261
)

func resetDates(dates *[dateCount]date) {
	for i := range dates {
		dates[i] = date{tail: ^uint64(0)}
	}
}

// time reads a quoted time of the form "2006-01-02T15:04:05.000Z" with up to nine decimals.
func (d *Decoder) time(i int) (es.Time, int) {
	p := d.base
	if at(p, i) != '"' {
		return 0, bad
	}
	head, tail := load64(p, i+1), load64(p, i+4)
	day := &d.dates[tail*0x9e3779b97f4a7c15>>55]
	if day.head != head || day.tail != tail {
		if !day.parse(head, tail) {
			return 0, bad
		}
	}
	t := load64(p, i+12) ^ 0x30303a30303a3030
	if (t+0x76767f76767f7676|t)&highs != 0 {
		return 0, bad
	}
	t = t*10 + t>>8
	h, m, s := t&0xff, t>>24&0xff, t>>48&0xff
	if h > 23 || m > 59 || s > 59 {
		return 0, bad
	}
	at0 := day.start + es.Time((h*3600+m*60+s)*1e9)
	f := load64(p, i+21) ^ '0'*ones
	end := load32(p, i+28) // the eighth and ninth digit, Z, and the quote
	if digitMask(f) == 0 && at(p, i+20) == '.' && end>>16 == '"'<<8|'Z' && byte(end>>8)-'0' <= 9 {
		return at0 + es.Time(digits(f)*10+uint64(byte(end>>8)-'0')), i + 32
	}
	return d.fraction(i+20, at0)
}

// fraction reads the rest of a time with other than nine decimals.
func (d *Decoder) fraction(i int, t es.Time) (es.Time, int) {
	p := d.base
	if at(p, i) == '.' {
		f := load64(p, i+1) ^ '0'*ones
		n := trailing(digitMask(f)) // behind eight digits a ninth is no Z
		if n == 0 {
			return 0, bad
		}
		t += es.Time(digits(f<<((64-8*uint(n))&63)) * powers[9-n])
		i += 1 + n
	}
	if at(p, i) != 'Z' || at(p, i+1) != '"' {
		return 0, bad
	}
	return t, i + 2
}

// parse fills the entry from the text of a date.
func (e *date) parse(head, tail uint64) bool {
	// With the digits of 0000-00- and 0-00-00T subtracted bitwise, digits are below ten and everything else is zero.
	h, t := head^0x2d30302d30303030, tail^0x5430302d30302d30
	if (h+0x7f76767f76767676|h|(t+0x7f76767f76767f76)|t)&highs != 0 {
		return false
	}
	h, t = h*10+h>>8, t*10+t>>8
	year, month, day := int(h&0xff*100+h>>16&0xff), int(h>>40&0xff), int(t>>40&0xff)
	if year < firstYear || year > lastYear || month < 1 || month > 12 || day < 1 {
		return false
	}
	leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
	length := [12]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && leap {
		length++
	}
	if day > length {
		return false
	}
	// Days since 1970, with the year beginning in March so that the leap day comes last.
	y, m := year, month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	days := 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + day - 1 - 719468
	*e = date{head, tail, es.Time(days) * 86400e9}
	return true
}

// text reads a string into the decoder's text memory.
func (d *Decoder) text(i int) (string, int) {
	p, end := d.base, d.end
	if at(p, i) != '"' {
		return "", bad
	}
	i++
	out, from := d.out, d.outLen
	to := from
	var all uint64
	for {
		if i >= end {
			return "", bad
		}
		x := load64(p, i)
		quote, slash := quoteMask(x), backslashMask(x)
		stop := quote | slash
		store64(out, to, x)
		all |= x
		n := bits.TrailingZeros64(stop) >> 3
		to += n
		i += n
		if stop == 0 {
			continue
		}
		if slash&(stop&-stop) != 0 {
			if at(p, i+1) == '/' {
				i++ // what follows the backslash is copied with the next word
				continue
			}
			if i, to = escape(p, i, out, to); i < 0 {
				return "", bad
			}
			continue
		}
		if at(p, i) != '"' {
			return "", bad
		}
		i++
		break
	}
	if to == from {
		return "", i
	}
	s := unsafe.String((*byte)(unsafe.Add(out, from)), to-from)
	if all&highs != 0 && !utf8.ValidString(s) {
		return "", bad
	}
	d.outLen = to
	return s, i
}

// escape decodes the escape at i to out, and returns both places. As in encoding/json, half a surrogate pair is U+FFFD.
func escape(p unsafe.Pointer, i int, out unsafe.Pointer, to int) (int, int) {
	c := at(p, i+1)
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		r, ok := hex4(p, i+2)
		if !ok {
			return bad, to
		}
		i += 6
		if utf16.IsSurrogate(r) {
			var low rune
			if at(p, i) == '\\' && at(p, i+1) == 'u' {
				low, _ = hex4(p, i+2)
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				i += 6
			}
		}
		return i, to + utf8.EncodeRune((*[4]byte)(unsafe.Add(out, to))[:], r)
	default:
		return bad, to
	}
	*(*byte)(unsafe.Add(out, to)) = c
	return i + 2, to + 1
}

func hex4(p unsafe.Pointer, i int) (r rune, ok bool) {
	for j := range 4 {
		v := hexValue[at(p, i+j)]
		if v > 15 {
			return 0, false
		}
		r = r<<4 | rune(v)
	}
	return r, true
}

var hexValue = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// hashed is a remembered hash by its text. The initial entries match no text: they stand where the hash of their first
// word is not, see resetHashes.
type hashed struct {
	text [5]uint64
	hash es.CDHash
}

const hashBits = 9

func hashSlot(first uint64) uint64 { return first * 0x9e3779b97f4a7c15 >> (64 - hashBits) }

func resetHashes(hashes *[1 << hashBits]hashed) {
	*hashes = [1 << hashBits]hashed{}
	hashes[0].text[0] = 1
}

// hash reads 40 hexadecimal digits, or none.
func (d *Decoder) hash(i int, h *es.CDHash) int {
	p := d.base
	w := [5]uint64{load64(p, i+1), load64(p, i+9), load64(p, i+17), load64(p, i+25), load64(p, i+33)}
	e := &d.hashes[hashSlot(w[0])]
	if (w[0]^e.text[0])|(w[1]^e.text[1])|(w[2]^e.text[2])|(w[3]^e.text[3])|(w[4]^e.text[4]) == 0 && at(p, i) == '"' && at(p, i+41) == '"' {
		*h = e.hash
		return i + 42
	}
	if at(p, i) != '"' {
		return bad
	}
	if at(p, i+1) == '"' {
		return i + 2
	}
	var v es.CDHash
	var all byte
	for j := range v {
		hi, lo := hexValue[at(p, i+1+2*j)], hexValue[at(p, i+2+2*j)]
		all |= hi | lo
		v[j] = hi<<4 | lo
	}
	if all > 15 || at(p, i+41) != '"' {
		return bad
	}
	*h, *e = v, hashed{w, v}
	return i + 42
}
