package eslogger

import (
	"bytes"
	"math/bits"
	"unsafe"
)

func trailing(m uint64) int { return bits.TrailingZeros64(m) >> 3 }

// skipDepth is how deep a value that nobody needs may nest for the fast path; encoding/json's limit is 10,000 in all.
const skipDepth = 8192

// skip steps over a value. It is as strict as encoding/json, so that both paths refuse the same values.
func (d *Decoder) skip(i int) int {
	p := d.base
	depth := 0 // of open objects and arrays; bit depth-1 of d.nest tells objects
	for {
		if i >= d.end {
			return bad
		}
		switch c := at(p, i); c {
		case '"':
			i = d.skipString(i)
		case '{', '[':
			if depth == skipDepth {
				return bad
			}
			i = d.space(i + 1)
			if at(p, i) == c+2 { // '}' and ']' stand two after their openings
				i++
				break
			}
			word, bit := &d.nest[depth/64], uint64(1)<<(depth%64)
			depth++
			*word &^= bit
			if c == '{' {
				*word |= bit
				if i = d.skipKey(i); i < 0 {
					return bad
				}
			}
			continue
		case 't':
			i = d.skipWord(i, 't'|'r'<<8|'u'<<16|'e'<<24)
		case 'f':
			i = d.skipWord(i+1, 'a'|'l'<<8|'s'<<16|'e'<<24)
		case 'n':
			i = d.skipWord(i, 'n'|'u'<<8|'l'<<16|'l'<<24)
		default:
			i = d.skipNumber(i)
		}
		if i < 0 {
			return bad
		}
		// After a value: the next one, or the end of as many objects and arrays as end here.
		for {
			if depth == 0 {
				return i
			}
			if at(p, i) <= ' ' {
				i = d.space(i)
			}
			if i >= d.end {
				return bad
			}
			isObject := d.nest[(depth-1)/64]>>((depth-1)%64)&1 != 0
			c := at(p, i)
			i++
			if c == ',' {
				if at(p, i) <= ' ' {
					i = d.space(i)
				}
				if isObject {
					if i = d.skipKey(i); i < 0 {
						return bad
					}
				}
				break
			}
			if isObject && c != '}' || !isObject && c != ']' {
				return bad
			}
			depth--
		}
	}
}

// skipKey steps over a key and its colon.
func (d *Decoder) skipKey(i int) int {
	if at(d.base, i) != '"' {
		return bad
	}
	if i = d.skipString(i); i < 0 {
		return bad
	}
	return d.member(i)
}

func (d *Decoder) skipWord(i int, word uint32) int {
	if load32(d.base, i) != word {
		return bad
	}
	return i + 4
}

func (d *Decoder) skipString(i int) int {
	p, end := d.base, d.end
	i++
	for {
		if i >= end {
			return bad
		}
		x := load64(p, i)
		stop := quoteMask(x) | backslashMask(x)
		i += trailing(stop)
		if stop == 0 {
			continue
		}
		switch at(p, i) {
		case '"':
			return i + 1
		case '\\':
			switch at(p, i+1) {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i += 2
			case 'u':
				if _, ok := hex4(p, i+2); !ok {
					return bad
				}
				i += 6
			default:
				return bad
			}
		default:
			return bad
		}
	}
}

func (d *Decoder) skipNumber(i int) int {
	p := d.base
	if at(p, i) == '-' {
		i++
	}
	if at(p, i) == '0' {
		i++
	} else if i = d.skipDigits(i); i < 0 {
		return bad
	}
	if at(p, i) == '.' {
		if i = d.skipDigits(i + 1); i < 0 {
			return bad
		}
	}
	if c := at(p, i); c == 'e' || c == 'E' {
		i++
		if c := at(p, i); c == '+' || c == '-' {
			i++
		}
		return d.skipDigits(i)
	}
	return i
}

// skipDigits steps over one digit and more.
func (d *Decoder) skipDigits(i int) int {
	from := i
	for i < d.end && at(d.base, i)-'0' <= 9 {
		i++
	}
	if i == from {
		return bad
	}
	return i
}

// skipStat passes over a file's status: an object without objects in it.
func (d *Decoder) skipStat(i int) int {
	if wide && d.end-i >= leastStat {
		if n := wideBrace(unsafe.Add(d.base, i)); n >= 0 && i+n < d.end {
			return i + n + 1
		}
	}
	n := bytes.IndexByte(unsafe.Slice((*byte)(unsafe.Add(d.base, i)), d.end-i), '}')
	if n < 0 {
		return bad
	}
	return i + n + 1
}
