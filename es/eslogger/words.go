package eslogger

import (
	"math"
	"unsafe"

	"ascribe.example/es"
)

// Tokens and statuses are most of a line, and their keys come in random order: to branch by the key is to guess wrong.
// So in compact ones that are complete every value is read as a number into a word of its own, and only then the words
// are looked at, in a fixed order. Everything else about tokens and statuses is left to object.

// leadingZero is not 0 if the n digits that x begins with, '0' subtracted, begin with a zero that should not be there.
func leadingZero(x uint64, n int) uint64 { return ((x&0xff - 1) & uint64(1-n)) >> 63 }

// token reads an audit token that has all its words, in either form.
func (d *Decoder) token(i int, t *es.AuditToken) int {
	p := d.base
	if load16(p, i) != '{'|'"'<<8 {
		return d.spacedToken(i, t)
	}
	if wide && i < d.end {
		if n := wideToken(unsafe.Add(p, i), t); n > 0 && i+n <= d.end {
			return i + n
		}
	}
	var w [tokenWords]uint64
	s, end, seen, odd, j := tokenShape, d.end, uint(0), uint64(0), i
	for range tokenWords {
		j++ // the brace or the comma
		x := load64(p, j+1)
		e := s.slot(x)
		j += int(e.length)
		odd |= (x^e.k0)&e.m0 | (load64(p, j+9-int(e.length))^e.k1)&e.m1
		if load16(p, j-1) != afterKey || j >= end {
			return d.oddToken(i, t)
		}
		j++
		x = load64(p, j) ^ '0'*ones
		m := digitMask(x)
		n := trailing(m)
		v := digits(x << ((64 - 8*uint(n)) & 63))
		if m == 0 {
			// Eight digits and more: those of 32 bits have at most ten.
			y := load64(p, j+8) ^ '0'*ones
			more := trailing(digitMask(y)) & 3
			v = v*powers[more] + digits(y<<((64-8*uint(more))&63))&-uint64((more+3)>>2)
			n += more
		}
		odd |= leadingZero(x, n)
		seen |= 1 << (e.bit & 31)
		w[e.bit%tokenWords] = v
		j += n
		if load16(p, j) != betweenKeys {
			break
		}
	}
	if odd != 0 || seen != allTokenKeys || at(p, j) != '}' ||
		(w[0]|w[1]|w[2]|w[3]|w[4]|w[5]|w[6]|w[7])>>32 != 0 {
		return d.oddToken(i, t)
	}
	t.PID, t.PIDVersion, t.AUID, t.EUID = int32(w[0]), uint32(w[1]), uint32(w[2]), uint32(w[3])
	t.RUID, t.EGID, t.RGID, t.ASID = uint32(w[4]), uint32(w[5]), uint32(w[6]), uint32(w[7])
	return j + 1
}

func (d *Decoder) spacedToken(i int, t *es.AuditToken) int {
	if at(d.base, i) == '[' {
		return d.tokenArray(i, t)
	}
	return d.oddToken(i, t)
}

func (d *Decoder) oddToken(i int, t *es.AuditToken) int {
	if i = d.object(i, unsafe.Pointer(t), tokenShape); d.seen != allTokenKeys {
		return bad
	}
	return i
}

func (d *Decoder) tokenArray(i int, t *es.AuditToken) int {
	var w [8]uint32
	if i = d.numbers(i, w[:]); i > 0 {
		*t = es.AuditToken{AUID: w[0], EUID: w[1], EGID: w[2], RUID: w[3], RGID: w[4], PID: int32(w[5]), ASID: w[6], PIDVersion: w[7]}
	}
	return i
}

// numbers reads an array of exactly as many 32-bit numbers as w has room for.
func (d *Decoder) numbers(i int, w []uint32) int {
	p := d.base
	if at(p, i) != '[' {
		return bad
	}
	for k := range w {
		i = d.space(i + 1)
		n, j := number(p, i)
		if j < 0 || n > math.MaxUint32 {
			if n, j = negative(p, i, 32); j < 0 {
				return bad
			}
		}
		w[k] = uint32(n)
		i = d.space(j)
		if c := at(p, i); i >= d.end || k < len(w)-1 && c != ',' || k == len(w)-1 && c != ']' {
			return bad
		}
	}
	return i + 1
}

func (d *Decoder) pair(i int, v *[2]int32) int {
	var w [2]uint32
	if i = d.numbers(i, w[:]); i > 0 {
		*v = [2]int32{int32(w[0]), int32(w[1])}
	}
	return i
}

// timeLength is how long a quoted time with nine decimals is.
const timeLength = 32

// stat reads a file's status.
func (d *Decoder) stat(i int, v *es.Stat) int {
	if wide {
		if j := d.wideStat(i, v); j > 0 {
			return j
		}
	}
	var w [statWords]uint64
	j := d.plainWords(i, &w)
	if j < 0 || (w[stMode]|w[stNlink])>>16|(w[stDev]|w[stRdev]|w[stUID]|w[stGID]|w[stBlkSize]|w[stFlags]|w[stGen])>>32 != 0 {
		return d.object(i, unsafe.Pointer(v), statShape)
	}
	v.Dev, v.Mode, v.Nlink, v.Ino = int32(w[stDev]), uint16(w[stMode]), uint16(w[stNlink]), w[stIno]
	v.UID, v.GID, v.Rdev = uint32(w[stUID]), uint32(w[stGID]), int32(w[stRdev])
	v.Size, v.Blocks, v.BlkSize = int64(w[stSize]), int64(w[stBlocks]), int32(w[stBlkSize])
	v.Flags, v.Gen = uint32(w[stFlags]), uint32(w[stGen])
	var a, m, c, b int
	v.ATime, a = d.time(int(w[stATime]))
	v.MTime, m = d.time(int(w[stMTime]))
	v.CTime, c = d.time(int(w[stCTime]))
	v.BirthTime, b = d.time(int(w[stBirthTime]))
	if a-int(w[stATime]) != timeLength || m-int(w[stMTime]) != timeLength || c-int(w[stCTime]) != timeLength || b-int(w[stBirthTime]) != timeLength {
		return d.object(i, unsafe.Pointer(v), statShape)
	}
	return j
}

// plainWords reads the sixteen words of a compact status: numbers, and the places of times. It returns the place after it, or
// bad.
func (d *Decoder) plainWords(i int, w *[statWords]uint64) int {
	p := d.base
	s, end, seen, long, odd, j := statShape, d.end, uint(0), uint(0), uint64(0), i
	for range statWords {
		j++ // the brace or the comma
		x := load64(p, j+1)
		e := s.slot(x)
		j += int(e.length)
		odd |= (x^e.k0)&e.m0 | (load64(p, j+9-int(e.length))^e.k1)&e.m1
		if load16(p, j-1) != afterKey || j >= end {
			return bad
		}
		j++
		seen |= 1 << (e.bit & 31)
		x = load64(p, j) ^ '0'*ones
		m := digitMask(x)
		n := trailing(m)
		word := digits(x << ((64 - 8*uint(n)) & 63))
		if m == 0 {
			// Eight digits and more: here only how many, the number later.
			n += trailing(digitMask(load64(p, j+8) ^ '0'*ones))
			if n == 16 {
				n += trailing(digitMask(load64(p, j+16) ^ '0'*ones))
			}
			word = uint64(j)
			long |= 1 << (e.bit & 31)
		}
		odd |= leadingZero(x, n)
		// Of a time, which begins with a quote and is 32 bytes long, the word is its place.
		isTime := int(e.bit+statWords-stATime) >> 4
		word ^= (word ^ uint64(j)) & -uint64(isTime)
		w[e.bit%statWords] = word
		j += n + isTime*timeLength
		if load16(p, j) != betweenKeys {
			break
		}
	}
	if seen != allStatKeys {
		return bad
	}
	// Every word was written once, so those of long numbers and of times are places.
	for k := range stATime {
		if long>>k&1 != 0 {
			var ok int
			w[k], ok = number(p, int(w[k]))
			odd |= uint64(ok) >> 63
		}
	}
	if odd != 0 || load16(p, i) != '{'|'"'<<8 || at(p, j) != '}' {
		return bad
	}
	return j + 1
}
