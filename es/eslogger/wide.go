package eslogger

import (
	"math/bits"
	"unsafe"
)

// statText is what the wide path reads of a status: its numbers, in an order of its own, and where each value begins.
type statText struct {
	numbers [statWords]uint64
	places  [statWords]int
	long    uint32 // the values of more than 16 bytes, by their words
}

// numberOrder is where the numbers stand: of each 16 bytes four and four are interleaved.
var numberOrder = [stATime]uint8{
	stMode: 0, stNlink: 2, stDev: 4, stRdev: 6, stUID: 1, stGID: 3, stBlkSize: 5, stFlags: 7, stGen: 8, stIno: 10, stSize: 12, stBlocks: 14,
}

// wideWords reads the words of a status as plainWords does.
func (d *Decoder) wideWords(i int, w *[statWords]uint64) int {
	p := d.base
	if load16(p, i) != '{'|'"'<<8 || i >= d.end {
		return bad
	}
	var s statText
	n := wideStat(unsafe.Add(p, i), d.end-i, &s)
	if n == 0 || i+n > d.end {
		return bad
	}
	for k, at := range numberOrder {
		w[k] = s.numbers[at]
	}
	for long := s.long & (1<<stATime - 1); long != 0; long &= long - 1 {
		k := bits.TrailingZeros32(long)
		number, j := number(p, i+s.places[k])
		if j < 0 || at(p, j) != ',' && at(p, j) != '}' {
			return bad
		}
		w[k] = number
	}
	for k := stATime; k < statWords; k++ {
		place := i + s.places[k]
		if c := at(p, place+timeLength); c != ',' && c != '}' {
			return bad
		}
		w[k] = uint64(place)
	}
	return i + n
}
