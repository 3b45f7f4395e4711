package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

// kindTable finds a kind by its short name's length and some of its bytes, which tell all kinds apart: es.KindOf's
// map is too slow for every line.
var kindTable, kindMul = func() (t [512]kindName, mul uint64) {
	mul = 0x495256bf80d0d049 // tells today's kinds apart: with others, the next that does is found
	for !tellsApart(&t, mul) {
		mul *= 0xd1342543de82ef95
	}
	return t, mul
}()

// tellsApart fills the table, unless two kinds have one place.
func tellsApart(t *[512]kindName, mul uint64) bool {
	*t = [512]kindName{}
	for k := es.KindOther + 1; k < es.KindCount; k++ {
		name := k.String()
		if len(name) < 4 {
			continue
		}
		var text [64]byte
		text[copy(text[:], name)] = '"'
		e := &t[kindHash(unsafe.Pointer(&text), 0, len(name), mul)]
		if e.name != "" {
			return false
		}
		*e = kindName{name, k}
	}
	return true
}

type kindName struct {
	name string
	kind es.Kind
}

// kindHash takes the place of a name, which a quote ends, and its length of four or more.
func kindHash(p unsafe.Pointer, i, length int, mul uint64) uint16 {
	w := load64(p, i)
	w &= throughQuote(w)
	w ^= uint64(load32(p, i+length-4))<<31 ^ uint64(load32(p, i+(length-4)*3/4))<<17
	w = (w ^ uint64(length)) * mul
	return uint16(w >> 55)
}

// kindAt finds the kind whose name is the given text.
func kindAt(p unsafe.Pointer, i, length int) es.Kind {
	name := unsafe.String((*byte)(unsafe.Add(p, i)), length)
	if length < 4 {
		return es.KindOf(name)
	}
	if e := &kindTable[kindHash(p, i, length, kindMul)]; e.name == name {
		return e.kind
	}
	return es.KindOther
}
