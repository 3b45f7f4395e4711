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

// wideStat reads the text of the compact status object at p, all of its sixteen words in any order, and returns its length, or 0.
// No member may begin limit bytes after p or later. It reads up to 64 bytes past the limit, and from 4 bytes before p on: a status
// is a value, and its key stands there.
//
//go:noescape
func wideStat(p unsafe.Pointer, limit int, w *statText) int

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

// statKey is a key of a status as it stands behind "st_ in the text, with its quote and colon, and the word that it is.
type statKey struct {
	text, mask [16]byte
	length     uint32 // with what stands before the text
	word       uint32
	_          [24]byte
}

// statSpread tells the keys apart: their first four bytes behind "st_, multiplied by it, differ in the four highest bits.
const statSpread = 0x2796bad5

var statKeys = func() (keys [statWords]statKey) {
	for word, f := range statShape.fields {
		text := f.key[len("st_"):] + `":`
		k := &keys[binary.LittleEndian.Uint32([]byte(text))*statSpread>>28]
		if k.length != 0 {
			panic("eslogger: statSpread does not tell " + f.key)
		}
		k.word, k.length = uint32(word), uint32(len(`"st_`)+copy(k.text[:], text))
		for i := range text {
			k.mask[i] = 0xff
		}
	}
	return keys
}()

// What only the assembly reads.
var _, _ = &tokenLanes, &statKeys
