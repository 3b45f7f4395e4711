package eslogger

import (
	"math/bits"
	"unsafe"

	"ascribe.example/es"
)

// statText is where the values of a status are in its text, by their words.
type statText struct {
	values [statWords]span
	long   uint32 // those of sixteen digits and more, a bit each
}

type span struct{ at, length uint32 }

// A status has at least leastStat bytes, and the wide path reads up to wideStatReads: no more than the padding behind it.
const (
	leastStat     = 343
	wideStatReads = leastStat + Padding
)

// wideStat reads a status whose numbers and times are written as they mostly are.
func (d *Decoder) wideStat(i int, v *es.Stat) int {
	p := d.base
	if load16(p, i) != '{'|'"'<<8 || d.end-i < leastStat {
		return bad
	}
	var s statText
	n := wideStat(unsafe.Add(p, i), v, &s)
	if n == 0 || i+n > d.end {
		return bad
	}
	for long := s.long; long != 0; long &= long - 1 {
		k := bits.TrailingZeros32(long)
		from := i + int(s.values[k].at)
		n, j := number(p, from)
		if j != from+int(s.values[k].length) {
			return bad
		}
		switch k {
		case stIno:
			v.Ino = n
		case stSize:
			v.Size = int64(n)
		case stBlocks:
			v.Blocks = int64(n)
		default:
			return bad
		}
	}
	return i + n
}
