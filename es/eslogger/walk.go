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

// What stands around keys in compact text.
const (
	afterKey    = '"' | ':'<<8
	betweenKeys = ',' | '"'<<8
)

// object reads an object of shape s into the struct at v, and leaves in d.seen which keys there were.
func (d *Decoder) object(i int, v unsafe.Pointer, s *shape) int {
	p := d.base
	if at(p, i) != '{' {
		return bad
	}
	var seen uint64
	i, last := d.first(i)
	for !last {
		if i >= d.end {
			return bad
		}
		e := s.find(p, i+1)
		if e == nil {
			if i = d.unknown(i, s); i < 0 {
				return bad
			}
			i, last = d.next(i)
			continue
		}
		bit := uint64(1) << (e.bit & 63)
		if seen&bit != 0 {
			return bad
		}
		seen |= bit
		i += int(e.length)
		if at(p, i) == ':' && at(p, i+1) > ' ' {
			i++
		} else if i = d.member(i); i < 0 {
			return bad
		}
		if i = d.value(i, v, e); i < 0 {
			return bad
		}
		if load16(p, i) == betweenKeys {
			i++
			continue
		}
		i, last = d.next(i)
	}
	d.seen = seen
	return i
}

// value reads the value of a key.
func (d *Decoder) value(i int, v unsafe.Pointer, e *entry) int {
	p := d.base
	to := unsafe.Add(v, uintptr(e.offset))
	j := bad
	var n uint64
	switch e.op {
	case op32, opWord:
		if n, j = number(p, i); j > 0 && n <= math.MaxUint32 {
			*(*uint32)(to) = uint32(n)
			return j
		}
		return d.oddValue(i, to, e)
	case op64:
		if n, j = number(p, i); j > 0 {
			*(*uint64)(to) = n
			return j
		}
		return d.oddValue(i, to, e)
	case op16:
		if n, j = number(p, i); j > 0 && n <= math.MaxUint16 {
			*(*uint16)(to) = uint16(n)
			return j
		}
		return d.oddValue(i, to, e)
	case opInt:
		if n, j = number(p, i); j > 0 && n <= math.MaxInt32 {
			*(*int)(to) = int(n)
			return j
		}
		return d.oddValue(i, to, e)
	case opNumber:
		if n, j = number(p, i); j > 0 && n <= math.MaxUint32 {
			*(*uint32)(unsafe.Add(unsafe.Pointer(d), uintptr(e.offset))) = uint32(n)
			return j
		}
		return d.oddValue(i, to, e)
	case opBool:
		w := load32(p, i)
		if w == 't'|'r'<<8|'u'<<16|'e'<<24 {
			*(*bool)(to) = true
			return i + 4
		}
		if at(p, i) == 'f' && load32(p, i+1) == 'a'|'l'<<8|'s'<<16|'e'<<24 {
			*(*bool)(to) = false
			return i + 5
		}
	case opToken:
		j = d.token(i, (*es.AuditToken)(to))
	case opStat:
		j = d.stat(i, (*es.Stat)(to))
	case opTime:
		var t es.Time
		if t, j = d.time(i); j > 0 {
			*(*es.Time)(to) = t
		}
	case opRecall:
		var s string
		if s, j = d.recall(i); j > 0 {
			*(*string)(to) = s
		}
	case opText:
		var s string
		if s, j = d.text(i); j > 0 {
			*(*string)(to) = s
		}
	case opHash:
		j = d.hash(i, (*es.CDHash)(to))
	case opFile:
		j = d.object(i, to, fileShape)
	case opFolder:
		j = d.object(i, to, folderShape)
	case opProcess:
		j = d.process(i, (*es.Process)(to))
	case opObject:
		j = d.object(i, v, e.sub)
	case opEvent:
		j = d.event(i, (*es.Message)(v))
	case opSkip:
		return d.skip(i)
	default:
		j = d.rareValue(i, to, e)
	}
	if j > 0 {
		return j
	}
	return d.oddValue(i, to, e)
}

// rareValue reads what few messages have.
func (d *Decoder) rareValue(i int, to unsafe.Pointer, e *entry) int {
	p := d.base
	switch e.op {
	case opFilePtr, opFolderPtr:
		if at(p, i) != '{' {
			return bad
		}
		f := d.files.take(1)
		*f = es.File{}
		*(**es.File)(to) = f
		s := fileShape
		if e.op == opFolderPtr {
			s = folderShape
		}
		return d.object(i, unsafe.Pointer(f), s)
	case opProcPtr:
		if at(p, i) != '{' {
			return bad
		}
		q := d.processes.take(1)
		*q = unknownProcess
		*(**es.Process)(to) = q
		return d.process(i, q)
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
	if load32(p, i) == 'n'|'u'<<8|'l'<<16|'l'<<24 {
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
			if v, n = longNumber(p, j, x); n < 0 {
				return d.oddToken(i, t)
			}
			n -= j
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

// stat reads a file's status.
func (d *Decoder) stat(i int, v *es.Stat) int {
	p := d.base
	var w [statWords]uint64
	s, end, seen, odd, j := statShape, d.end, uint(0), uint64(0), i
	for range statWords {
		j++ // the brace or the comma
		x := load64(p, j+1)
		e := s.slot(x)
		j += int(e.length)
		odd |= (x^e.k0)&e.m0 | (load64(p, j+9-int(e.length))^e.k1)&e.m1
		if load16(p, j-1) != afterKey || j >= end {
			return d.object(i, unsafe.Pointer(v), s)
		}
		j++
		seen |= 1 << (e.bit & 31)
		x = load64(p, j) ^ '0'*ones
		m := digitMask(x)
		n := trailing(m)
		word := digits(x << ((64 - 8*uint(n)) & 63))
		if m == 0 {
			if word, n = longNumber(p, j, x); n < 0 {
				return d.object(i, unsafe.Pointer(v), s)
			}
			n -= j
		}
		odd |= leadingZero(x, n)
		// Of a time, which begins with a quote and is 32 bytes long, the word is its place.
		isTime := int(e.bit+statWords-stATime) >> 4
		word ^= (word ^ uint64(j)) & -uint64(isTime)
		w[e.bit%statWords] = word
		j += n + isTime<<5
		if load16(p, j) != betweenKeys {
			break
		}
	}
	odd |= (w[stMode]|w[stNlink])>>16 | (w[stDev]|w[stRdev]|w[stUID]|w[stGID]|w[stBlkSize]|w[stFlags]|w[stGen])>>32
	if odd != 0 || seen != allStatKeys || load16(p, i) != '{'|'"'<<8 || at(p, j) != '}' {
		return d.object(i, unsafe.Pointer(v), s)
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
	if a-int(w[stATime]) != 32 || m-int(w[stMTime]) != 32 || c-int(w[stCTime]) != 32 || b-int(w[stBirthTime]) != 32 {
		return d.object(i, unsafe.Pointer(v), s)
	}
	return j + 1
}

func (d *Decoder) process(i int, p *es.Process) int {
	return d.object(i, unsafe.Pointer(p), processShape)
}

// recall reads a string that is likely to have come before.
func (d *Decoder) recall(i int) (string, int) {
	p, end := d.base, d.end
	if at(p, i) != '"' {
		return "", bad
	}
	const k = 0x9e3779b97f4a7c15
	var h, x, m uint64
	j := i + 1
	for {
		if j >= end {
			return "", bad
		}
		x = load64(p, j)
		if m = quoteMask(x); m != 0 {
			break
		}
		h = (h ^ x) * k
		h ^= h >> 29
		j += 8
	}
	below := m ^ (m - 1)
	h = (h ^ x&below) * k
	j += trailing(m)
	length := j - i - 1
	if at(p, j) != '"' || at(p, j-1) == '\\' || length > recallMost {
		return d.text(i)
	}
	raw := unsafe.String((*byte)(unsafe.Add(p, i+1)), length)
	slot := h >> (64 - recallBits)
	if e := &d.recalled.slots[slot]; e.raw == raw {
		return e.text, j + 1
	}
	s, next := d.text(i)
	if next > 0 && s != "" {
		s = d.recalled.put(slot, raw, s)
	}
	return s, next
}

func (d *Decoder) texts(i int, v *[]string) int {
	p := d.base
	if at(p, i) != '[' {
		return bad
	}
	l := &d.lists
	if l.buf == nil {
		l.reserve(64)
	}
	start := l.n
	i = d.space(i + 1)
	if at(p, i) == ']' {
		*v = l.buf[start:start:start]
		return i + 1
	}
	for {
		s, j := d.text(i)
		if j < 0 {
			return bad
		}
		if l.n == len(l.buf) {
			part := l.buf[start:]
			l.reserve(2*len(part) + 1)
			start, l.n = 0, copy(l.buf, part)
		}
		l.buf[l.n] = s
		l.n++
		i = d.space(j)
		c := at(p, i)
		if i >= d.end || c != ',' && c != ']' {
			return bad
		}
		if c == ']' {
			*v = l.buf[start:l.n:l.n]
			return i + 1
		}
		i = d.space(i + 1)
	}
}

var fdShape = func() *shape {
	var fd es.FD
	return newShape("fd",
		field{key: "fd", op: op32, offset: unsafe.Offsetof(fd.FD)},
		field{key: "fdtype", op: op32, offset: unsafe.Offsetof(fd.Type)},
		field{key: "pipe", op: opObject, sub: newShape("pipe",
			field{key: "pipe_id", op: op64, offset: unsafe.Offsetof(fd.PipeID)},
		)},
	)
}()

func (d *Decoder) fds(i int, v *[]es.FD) int {
	p := d.base
	if at(p, i) != '[' {
		return bad
	}
	l := &d.descriptors
	if l.buf == nil {
		l.reserve(64)
	}
	start := l.n
	i = d.space(i + 1)
	if at(p, i) == ']' {
		*v = l.buf[start:start:start]
		return i + 1
	}
	for {
		if l.n == len(l.buf) {
			part := l.buf[start:]
			l.reserve(2*len(part) + 1)
			start, l.n = 0, copy(l.buf, part)
		}
		l.buf[l.n] = es.FD{}
		j := d.object(i, unsafe.Pointer(&l.buf[l.n]), fdShape)
		if j < 0 {
			return bad
		}
		l.n++
		i = d.space(j)
		c := at(p, i)
		if i >= d.end || c != ',' && c != ']' {
			return bad
		}
		if c == ']' {
			*v = l.buf[start:l.n:l.n]
			return i + 1
		}
		i = d.space(i + 1)
	}
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
