package eslogger

import (
	"math"
	"unsafe"

	"ascribe.example/es"
)

// The fast path proper: one pass over the text, guided by shapes. Every method takes the place of a value and returns the
// place after it, or bad.

// member takes the place after a key and returns that of its value.
func (d *Decoder) member(i int) int {
	if at(d.base, i) != ':' {
		if i = d.space(i); at(d.base, i) != ':' {
			return bad
		}
	}
	i++
	if at(d.base, i) <= ' ' {
		i = d.space(i)
	}
	return i
}

// first takes the place of an opening brace and returns that of the first key's quote. Without a key it returns the
// place after the closing brace, and true.
func (d *Decoder) first(i int) (int, bool) {
	i++
	if c := at(d.base, i); c != '"' {
		i = d.space(i)
		if c = at(d.base, i); c == '}' {
			return i + 1, true
		} else if c != '"' {
			return bad, true
		}
	}
	return i, false
}

// next takes the place after a member's value and returns that of the next key's quote. After the last member it returns
// the place after the closing brace, and true.
func (d *Decoder) next(i int) (int, bool) {
	c := at(d.base, i)
	if c <= ' ' {
		i = d.space(i)
		c = at(d.base, i)
	}
	if c == '}' {
		return i + 1, true
	}
	if c != ',' {
		return bad, true
	}
	i++
	if at(d.base, i) != '"' {
		if i = d.space(i); at(d.base, i) != '"' {
			return bad, true
		}
	}
	return i, false
}

const null = 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24

// What stands around keys in compact text.
const (
	afterKey    = '"' | ':'<<8
	betweenKeys = ',' | '"'<<8
)

// object reads an object of shape s into the struct at v, and leaves in d.seen which keys there were.
//
// The commonest kinds of values are read here and not by value: a call for each costs a tenth of the whole decoding.
//
// Of numbers that go into the decoder itself the offset is the decoder's: the address that is made of it and v is not used, and the
// race detector must not look at it.
//
//go:nocheckptr
func (d *Decoder) object(i int, v unsafe.Pointer, s *shape) int {
	p, end := d.base, d.end
	if at(p, i) != '{' {
		return bad
	}
	var seen uint64
	i++
	if at(p, i) != '"' {
		var last bool
		if i, last = d.first(i - 1); last {
			d.seen = 0
			return i
		}
	}
	for {
		if i >= end {
			return bad
		}
		w := load64(p, i+1)
		e := s.slot(w)
		if (w^e.k0)&e.m0|(load64(p, i+9)^e.k1)&e.m1|(load64(p, i+17)^e.k2)&e.m2 != 0 {
			if e = s.find(p, i+1); e == nil {
				var last bool
				if i = d.unknown(i, s); i < 0 {
					return bad
				} else if i, last = d.next(i); last {
					d.seen = seen
					return i
				}
				continue
			}
		}
		if bit := uint64(1) << (e.bit & 63); seen&bit != 0 {
			return bad
		} else {
			seen |= bit
		}
		i += int(e.length)
		if at(p, i) == ':' && at(p, i+1) > ' ' {
			i++
		} else if i = d.member(i); i < 0 {
			return bad
		}
		to := unsafe.Add(v, uintptr(e.offset))
		j := bad
		switch e.op {
		case op32, op64:
			x := load64(p, i) ^ '0'*ones
			m := digitMask(x)
			n := trailing(m)
			if m == 0 {
				var number uint64
				if number, j = longNumber(p, i, x); j > 0 {
					j = storeNumber(d, to, number, e, j)
				}
				break
			}
			if n == 0 || leadingZero(x, n) != 0 {
				break
			}
			number := digits(x << ((64 - 8*uint(n)) & 63))
			if e.op == op64 {
				*(*uint64)(to) = number
			} else {
				*(*uint32)(to) = uint32(number)
			}
			j = i + n
		case opWord, op16, opNumber, opInt:
			x := load64(p, i) ^ '0'*ones
			m := digitMask(x)
			n := trailing(m)
			number := digits(x << ((64 - 8*uint(n)) & 63))
			if m == 0 {
				if number, n = longNumber(p, i, x); n < 0 {
					return bad
				}
				n -= i
			} else if n == 0 || leadingZero(x, n) != 0 {
				break
			}
			j = storeNumber(d, to, number, e, i+n)
		case opBool:
			// true and false differ by a letter: "true" is 4 bytes long, and "alse" follows the f.
			isTrue := load32(p, i) == 't'|'r'<<8|'u'<<16|'e'<<24
			if isTrue || load32(p, i+1) == 'a'|'l'<<8|'s'<<16|'e'<<24 && at(p, i) == 'f' {
				*(*bool)(to) = isTrue
				j = i + 5
				if isTrue {
					j--
				}
			}
		case opToken:
			j = d.token(i, (*es.AuditToken)(to))
		case opStat:
			j = d.stat(i, (*es.Stat)(to))
		case opFile, opFolder, opImage:
			j = d.file(i, (*es.File)(to), e.op)
		case opTime:
			var t es.Time
			if t, j = d.time(i); j > 0 {
				*(*es.Time)(to) = t
			}
		case opRecall:
			if load32(p, i) == null {
				j = i + 4
				break
			}
			var text string
			if text, j = d.recall(i); j > 0 {
				*(*string)(to) = text
			}
		case opImagePtr:
			if load32(p, i) == null {
				j = i + 4
				break
			}
			j = d.rareValue(i, to, e)
		case opText:
			var text string
			if text, j = d.text(i); j > 0 {
				*(*string)(to) = text
			}
		case opHash:
			j = d.hash(i, (*es.CDHash)(to))
		case opObject:
			j = d.object(i, v, e.sub)
		case opAction:
			if j = d.allowed(i); j < 0 {
				j = d.object(i, v, e.sub)
			}
		case opProcess:
			j = d.object(i, to, processShape)
		case opEvent:
			j = d.event(i, (*es.Message)(v))
		case opSkip:
			if j = i + 1; at(p, i)-'0' > 9 || at(p, j) != ',' {
				j = d.skip(i)
			}
		default:
			j = d.rareValue(i, to, e)
		}
		if j < 0 {
			if j = d.oddValue(i, to, e); j < 0 {
				return bad
			}
		}
		i = j
		if load16(p, i) == betweenKeys {
			i++
			continue
		}
		if at(p, i) == '}' {
			d.seen = seen
			return i + 1
		}
		var last bool
		if i, last = d.next(i); last {
			d.seen = seen
			return i
		}
	}
}

// allowed reads what nearly every action is: the operation was allowed.
func (d *Decoder) allowed(i int) int {
	const (
		auth      = `{"result":{"result_type":0,"result":{"auth":0}}}`
		authLast  = `{"result":{"result":{"auth":0},"result_type":0}}`
		flags     = `{"result":{"result_type":1,"result":{"flags":4294967295}}}`
		flagsLast = `{"result":{"result":{"flags":4294967295},"result_type":1}}`
	)
	switch p := (*byte)(unsafe.Add(d.base, i)); {
	case unsafe.String(p, len(auth)) == auth || unsafe.String(p, len(auth)) == authLast:
		return i + len(auth)
	case unsafe.String(p, len(flags)) == flags || unsafe.String(p, len(flags)) == flagsLast:
		return i + len(flags)
	}
	return bad
}

// file reads a file. Its three keys, compact, are told apart by their first eight bytes.
func (d *Decoder) file(i int, f *es.File, as op) int {
	const (
		stat  = 's' | 't'<<8 | 'a'<<16 | 't'<<24 | '"'<<32 | ':'<<40 | '{'<<48 | '"'<<56
		path  = 'p' | 'a'<<8 | 't'<<16 | 'h'<<24 | '"'<<32 | ':'<<40 | '"'<<48
		trunc = 'p' | 'a'<<8 | 't'<<16 | 'h'<<24 | '_'<<32 | 't'<<40 | 'r'<<48 | 'u'<<56
		cated = 'n' | 'c'<<8 | 'a'<<16 | 't'<<24 | 'e'<<32 | 'd'<<40 | '"'<<48 | ':'<<56
	)
	p := d.base
	start, text, seen := i, d.outLen, 0
	for range 3 {
		if i < 0 || i >= d.end || load16(p, i) != '{'|'"'<<8 && (i == start || load16(p, i) != betweenKeys) {
			break
		}
		switch w := load64(p, i+2); {
		case w == stat:
			seen |= 1
			if as == opImage && d.NoImageStatus {
				i = d.skipStat(i + 8)
			} else {
				i = d.stat(i+8, &f.Stat)
			}
		case w<<8 == path<<8:
			seen |= 2
			if as != opFile {
				f.Path, i = d.recall(i + 8)
			} else {
				f.Path, i = d.text(i + 8)
			}
		case w == trunc && load64(p, i+10) == cated:
			seen |= 4
			i += 18
			f.PathTruncated = at(p, i) == 't'
			if load32(p, i) == 't'|'r'<<8|'u'<<16|'e'<<24 {
				i += 4
			} else if at(p, i) == 'f' && load32(p, i+1) == 'a'|'l'<<8|'s'<<16|'e'<<24 {
				i += 5
			} else {
				i = bad
			}
		default:
			i = bad
		}
	}
	if i > 0 && seen == 7 && at(p, i) == '}' {
		return i + 1
	}
	// Once more, for all that a file may be.
	*f = es.File{}
	d.outLen = text
	if as != opFile {
		return d.object(start, unsafe.Pointer(f), folderShape)
	}
	return d.object(start, unsafe.Pointer(f), fileShape)
}

// storeNumber stores a number that ends at i as wide as its key wants it, and returns i if it fits.
func storeNumber(d *Decoder, to unsafe.Pointer, n uint64, e *entry, i int) int {
	switch e.op {
	case op64:
		*(*uint64)(to) = n
		return i
	case op16:
		if n > math.MaxUint16 {
			return bad
		}
		*(*uint16)(to) = uint16(n)
		return i
	case opInt:
		if n > math.MaxInt32 {
			return bad
		}
		*(*int)(to) = int(n)
		return i
	case opNumber:
		to = unsafe.Add(unsafe.Pointer(d), uintptr(e.offset))
	}
	if n > math.MaxUint32 {
		return bad
	}
	*(*uint32)(to) = uint32(n)
	return i
}

// rareValue reads what few messages have.
func (d *Decoder) rareValue(i int, to unsafe.Pointer, e *entry) int {
	p := d.base
	switch e.op {
	case opFilePtr, opImagePtr:
		if at(p, i) != '{' {
			return bad
		}
		f := d.files.take(1)
		*f = es.File{}
		*(**es.File)(to) = f
		return d.file(i, f, e.op-opFilePtr+opFile)
	case opProcPtr:
		if at(p, i) != '{' {
			return bad
		}
		q := d.processes.take(1)
		*q = unknownProcess
		*(**es.Process)(to) = q
		return d.object(i, unsafe.Pointer(q), processShape)
	case opTexts:
		return d.texts(i, (*[]string)(to))
	case opFDs:
		return d.fds(i, (*[]es.FD)(to))
	case opPair:
		return d.pair(i, (*[2]int32)(to))
	case opName, opWeakName:
		s, j := d.text(i)
		if name := (*string)(to); j > 0 && s != "" && (e.op == opName || *name == "") {
			*name = s
		}
		return j
	case opPath:
		if at(p, i) == '{' {
			f := d.files.take(1)
			*f = es.File{}
			i = d.object(i, unsafe.Pointer(f), fileShape)
			*(*string)(to) = f.Path
			return i
		}
		s, j := d.text(i)
		*(*string)(to) = s
		return j
	}
	return bad
}

// oddValue reads the rest of what a key may have: null, and numbers below zero.
func (d *Decoder) oddValue(i int, to unsafe.Pointer, e *entry) int {
	p := d.base
	if load32(p, i) == null {
		if e.op == opDecline || e.op == opEvent || e.op == opWord {
			return bad
		}
		return i + 4
	}
	var n uint64
	j := bad
	switch e.op {
	case op16:
		if n, j = negative(p, i, 16); j > 0 {
			*(*uint16)(to) = uint16(n)
		}
	case op32, opWord:
		if n, j = negative(p, i, 32); j > 0 {
			*(*uint32)(to) = uint32(n)
		}
	case op64:
		if n, j = negative(p, i, 64); j > 0 {
			*(*uint64)(to) = n
		}
	}
	return j
}

// unknown steps over a member that the shape does not have.
func (d *Decoder) unknown(i int, s *shape) int {
	from := i + 1
	p := d.base
	for i = from; ; i++ {
		if i >= d.end || at(p, i) < ' ' || at(p, i) == '\\' || at(p, i) >= 0x80 {
			return bad
		}
		if at(p, i) == '"' {
			break
		}
	}
	if d.unknowns == len(d.unknownAt) {
		return bad
	}
	d.unknownAt[d.unknowns] = unknownKey{s, from, i}
	d.unknowns++
	if i = d.member(i + 1); i < 0 {
		return bad
	}
	return d.skip(i)
}

// unknownKey is an unknown key of the message at hand, counted once the message is known to be good.
type unknownKey struct {
	in       *shape
	from, to int
}

// event reads the one member of "event".
func (d *Decoder) event(i int, m *es.Message) int {
	p := d.base
	if at(p, i) != '{' {
		return bad
	}
	i, last := d.first(i)
	if last || i >= d.end {
		return bad
	}
	from := i + 1
	for i = from; at(p, i) != '"'; i++ {
		if c := at(p, i); i >= d.end || c < ' ' || c == '\\' || c >= 0x80 {
			return bad
		}
	}
	name := unsafe.String((*byte)(unsafe.Add(p, from)), i-from)
	if i = d.member(i + 1); i < 0 {
		return bad
	}
	if kind := kindAt(p, from, len(name)); kind != es.KindOther {
		e, v := d.events.newEvent(kind)
		m.Event = e
		i = d.object(i, v, eventShapes[kind])
	} else {
		e := d.events.other.take(d.events.step)
		m.Event = e
		start := i
		if i = d.skip(i); i < 0 || i > d.end {
			return bad
		}
		*e = es.Other{Name: d.keep(name), Raw: d.keepBytes(start, i)}
	}
	if i < 0 {
		return bad
	}
	if i = d.space(i); at(p, i) != '}' {
		return bad
	}
	return i + 1
}

// keep copies a part of the value to the decoder's text memory.
func (d *Decoder) keep(s string) string {
	to := unsafe.Slice((*byte)(unsafe.Add(d.out, d.outLen)), len(s))
	d.outLen += copy(to, s)
	return unsafe.String(unsafe.SliceData(to), len(to))
}

func (d *Decoder) keepBytes(from, to int) []byte {
	s := d.keep(unsafe.String((*byte)(unsafe.Add(d.base, from)), to-from))
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
