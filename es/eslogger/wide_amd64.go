package eslogger

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/cpu"

	"ascribe.example/es"
)

// wide reports that the processor permutes and compresses 64 bytes at a time. Then tokens, of which every line has three, are read
// all members at once; everywhere else, and whatever surprises the wide path, the plain one reads them.
var wide = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL &&
	cpu.X86.HasAVX512VBMI && cpu.X86.HasAVX512VBMI2 && cpu.X86.HasBMI2

// wideToken reads the compact token object at p, all of its eight words in any order, and returns its length; or 0, and leaves t
// as it was. It reads 128 bytes.
//
//go:noescape
func wideToken(p unsafe.Pointer, t *es.AuditToken) int

// wideStat reads the compact status object at p, all of its sixteen words in any order, and returns its length, or 0 and leaves v
// as it was. Numbers of sixteen digits and more are for the caller to read. It reads up to [wideStatReads] bytes from p, and some
// before: a status is a value of a file, which is a value too.
//
//go:noescape
func wideStat(p unsafe.Pointer, v *es.Stat, s *statText) int

// wideBrace finds the first closing brace from p on. It is -1 if there is none in 448 bytes, or one in the first 320. It reads
// those 448.
//
//go:noescape
func wideBrace(p unsafe.Pointer) int

// lanes are what the wide path computes with, each 64 bytes; where they speak of a member of the token, its eight bytes.
type lanes struct {
	comma, colon, brace    [64]byte
	places, morePlaces     [64]byte // 0 to 63, 64 to 127
	spread                 [64]byte // the member's number
	within, after          [64]byte // 0 to 7, 8 to 15
	lastDigits             [64]byte // -8 to -1: where a number's last eight digits are, seen from its end
	firstDigits            [64]byte // the ninth and tenth digit from there
	firstFrom              [64]byte // a number needs to be longer than that to have them
	one, seven             [64]byte
	eight, nine, zero      [64]byte // zero is the digit
	tens                   [64]byte // 10, 1
	hundreds               [64]byte // 100, 1 in 16 bits each
	myriad, hundredMillion [64]byte
	myriads                [64]byte // 10000, 1 in 16 bits each
	spreadKeys             [64]byte // what a key's second to fifth byte is multiplied by; the result's three highest bits are its number
	low                    [64]byte
	bit                    [64]byte
	keys, keysMore         [64]byte // the keys' text with its quotes, by number: eight bytes, and eight more
	lengths                [64]byte
}

// tokenKeys are the keys of a token in the order of [es.AuditToken].
var tokenKeys = [tokenWords]string{"auid", "euid", "egid", "ruid", "rgid", "pid", "asid", "pidversion"}

// tokenSpread numbers the keys in that order.
const tokenSpread = 0xc9223025

var tokenLanes = func() (l lanes) {
	every := func(lane *[64]byte, value func(member, byte int) int) {
		for i := range lane {
			lane[i] = byte(value(i/8, i%8))
		}
	}
	all := func(lane *[64]byte, value byte) { every(lane, func(int, int) int { return int(value) }) }
	numbers := func(lane *[64]byte, value uint64) {
		for k := range 8 {
			binary.LittleEndian.PutUint64(lane[8*k:], value)
		}
	}
	all(&l.comma, ',')
	all(&l.colon, ':')
	all(&l.brace, '}')
	every(&l.places, func(m, i int) int { return 8*m + i })
	every(&l.morePlaces, func(m, i int) int { return 64 + 8*m + i })
	every(&l.spread, func(m, _ int) int { return m })
	every(&l.within, func(_, i int) int { return i })
	every(&l.after, func(_, i int) int { return 8 + i })
	every(&l.lastDigits, func(_, i int) int { return i - 8 })
	every(&l.firstDigits, func(_, i int) int { return []int{-10, -9, 0, 0, 0, 0, 0, 0}[i] })
	every(&l.firstFrom, func(_, i int) int { return []int{9, 8, 255, 255, 255, 255, 255, 255}[i] })
	all(&l.one, 1)
	all(&l.seven, 7)
	all(&l.eight, 8)
	all(&l.nine, 9)
	all(&l.zero, '0')
	every(&l.tens, func(_, i int) int { return []int{10, 1}[i%2] })
	numbers(&l.hundreds, 100|1<<16|100<<32|1<<48)
	numbers(&l.myriad, 1e4)
	numbers(&l.hundredMillion, 1e8)
	numbers(&l.myriads, 10000|1<<16|10000<<32|1<<48)
	numbers(&l.spreadKeys, tokenSpread)
	numbers(&l.low, tokenWords-1)
	numbers(&l.bit, 1)
	for k, key := range tokenKeys {
		var text [16]byte
		n := copy(text[:], `"`+key+`"`)
		copy(l.keys[8*k:], text[:8])
		copy(l.keysMore[8*k:], text[8:])
		for i := range 8 {
			l.lengths[8*k+i] = byte(n)
		}
	}
	return l
}()

// statKey is a key of a status as it stands in the text, with the comma before it, and the word that it is.
type statKey struct {
	text   [20]byte
	length uint32 // of the text
	word   uint32
	bit    uint32
	mask   [32]byte // of the text's bytes
}

// statSpread tells the keys apart: their first four bytes behind ,"st_ multiplied by it differ in the four highest bits.
const statSpread = 0x2796bad5

var statKeys = func() (keys [statWords]statKey) {
	for word, f := range statShape.fields {
		text := `,"` + f.key + `":`
		k := &keys[binary.LittleEndian.Uint32([]byte(text[len(`,"st_`):]))*statSpread>>28]
		if k.length != 0 {
			panic("eslogger: statSpread does not tell " + f.key)
		}
		k.word, k.bit, k.length = uint32(word), 1<<word, uint32(copy(k.text[:], text))
		for i := range text {
			k.mask[i] = 0xff
		}
	}
	return keys
}()

// statLanes are what statuses are computed with: 64 bytes each, or 32 bits that stand for all lanes. Of times, four of which
// are read at once, each has 16 bytes.
type statLanes struct {
	template, digits [64]byte // a time with zeros, and how much more each byte may be: two times in 64 bytes
	fraction, clock  [64]byte // where the decimals are in two and two times, and what is before them, as pairs of digits
	clockMost        [64]byte // hh mm ss 0 YY YY MM DD in 16 bits each
	clockWeights     [64]byte // what they are multiplied by to add up to h+m, s, year, day
	monthDays        [64]byte
	narrow, oneMore  [64]byte // the bits that numbers must not have
	head, tail       [64]byte // where the words of an [es.Stat] are in the numbers
	times            [64]byte // where its times are

	one, two, three, twelve, fifteen uint32
	byte, yearDigits                 uint32
	firstYear, years                 uint32
	fourYears, century               uint32 // their days, and 2^19 / 100
	month                            uint32 // 32 times the length of a month, in the mean
	monthsBefore                     uint64 // and what makes it exact
	epoch, day, second               uint64
}

// statNumberAt is where the number of a word is among sixteen of 64 bits: they were packed by pairs.
func statNumberAt(word int) int { return word/8*8 + 2*(word%4) + word%8/4 }

var statConstants = func() (l statLanes) {
	words := func(lane *[64]byte, values ...uint16) {
		for i := range 32 {
			binary.LittleEndian.PutUint16(lane[2*i:], values[i%len(values)])
		}
	}
	const none = `"0000-00-00T00:00:00.000000000Z"`
	copy(l.template[:], none+none)
	for i, c := range l.template {
		if c == '0' {
			l.digits[i] = 9
		}
	}
	for i := range 64 {
		time, place := i/16*timeLength, i%16
		if place >= 7 {
			l.fraction[i] = byte(time + place + 14)
		}
		if place != 6 && place != 7 {
			l.clock[i] = byte(time + []int{12, 13, 15, 16, 18, 19, 0, 0, 1, 2, 3, 4, 6, 7, 9, 10}[place])
		}
		l.monthDays[i] = []byte{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0}[place]
	}
	words(&l.clockMost, 23, 59, 59, 0, 99, 99, 12, 31)
	words(&l.clockWeights, 3600, 60, 1, 0, 100, 1, 0, 1)

	// A word of a status is two bytes here. What is none is taken from where no number has bits.
	var layout [unsafe.Sizeof(es.Stat{}) / 2]uint16
	for i := range layout {
		layout[i] = uint16(4*statNumberAt(stDev) + 2)
	}
	for word, f := range statShape.fields[:stATime] {
		at, size := statNumberAt(word), map[op]int{op16: 1, op32: 2, op64: 4}[f.op]
		for i := range size {
			layout[int(f.offset)/2+i] = uint16(4*at + i)
		}
		not := []*[64]byte{&l.narrow, &l.oneMore}[at/8]
		for i := 2 * size; i < 8; i++ {
			not[8*(at%8)+i] = 0xff
		}
	}
	words(&l.head, layout[:32]...)
	words(&l.tail, append(layout[32:48:48], layout[:16]...)...)
	for k := range 4 {
		at := int(statShape.fields[stATime+k].offset) / 8
		l.times[8*at] = byte(2*k + 1)
	}
	l.one, l.two, l.three, l.twelve, l.fifteen = 1, 2, 3, 12, 15
	l.byte, l.yearDigits = 0xff, 0xffff0000
	l.firstYear, l.years = firstYear, lastYear-firstYear
	l.fourYears, l.century = 4*365+1, 5243
	l.month, l.monthsBefore = 979, 2919
	l.epoch, l.day, l.second = 719469, 86400e9, 1e9
	return l
}()

// An es.Stat is 96 bytes, with the times at 32.
var _ = [1]struct{}{}[unsafe.Sizeof(es.Stat{})-96+unsafe.Offsetof(es.Stat{}.ATime)-32]

// What only the assembly reads.
var _, _, _ = &tokenLanes, &statKeys, &statConstants
