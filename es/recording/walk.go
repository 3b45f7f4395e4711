package recording

// maxDepth is how deep a value may nest: the limit of encoding/json.
const maxDepth = 10000

// What a walker expects next.
const (
	expectKeyOrEnd   = iota // after {
	expectKey               // after , in an object
	expectColon             // after a key
	expectValueOrEnd        // after [
	expectValue             // after : and after , in an array
	expectComma             // after a value
)

// Where a walk ended.
type verdict uint8

const (
	walkMore verdict = iota // the data ended inside the value
	walkDone                // the value is whole
	walkBad                 // no JSON value goes on like this
)

// walker follows one JSON object to its end, through any number of calls. It checks the grammar, but leaves the inside of
// numbers, literals and escapes to the decoder: enough to see at once where a truncated value runs into another.
type walker struct {
	expect   uint8
	inString bool
	isKey    bool // the string is a key
	escaped  bool // the byte before was a backslash
	inScalar bool // a number or literal may go on
	depth    int
	arrays   [maxDepth/64 + 1]uint64 // bit d: the container at depth d is an array
}

// reset prepares for a value whose { is the next byte.
func (w *walker) reset() {
	w.expect, w.inString, w.isKey, w.escaped, w.inScalar, w.depth = expectValue, false, false, false, false, 0
}

// Classes of bytes outside strings.
const (
	classOther = iota
	classSpace
	classScalar // may stand in a number or literal
	classQuote
	classColon
	classComma
	classOpenObject
	classOpenArray
	classCloseObject
	classCloseArray
)

var classes = func() (t [256]uint8) {
	for _, c := range " \t\r\n" {
		t[c] = classSpace
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = classScalar, classScalar
	}
	for _, c := range "0123456789+-." {
		t[c] = classScalar
	}
	t['"'], t[':'], t[','] = classQuote, classColon, classComma
	t['{'], t['}'], t['['], t[']'] = classOpenObject, classCloseObject, classOpenArray, classCloseArray
	return t
}()

// plain says which bytes stand for themselves inside a string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// walk goes on with d, the bytes that follow those of the last call. It returns how many of them it took: up to and with
// the last } of a whole value, up to and without the offending byte of a bad one.
func (w *walker) walk(d []byte) (int, verdict) {
	for i := 0; i < len(d); i++ {
		c := d[i]
		if w.inString {
			if w.escaped {
				w.escaped = false
				if c < 0x20 {
					return i, walkBad
				}
				continue
			}
			for plain[c] {
				if i++; i == len(d) {
					return i, walkMore
				}
				c = d[i]
			}
			switch {
			case c == '\\':
				w.escaped = true
			case c == '"':
				w.inString = false
				w.expect = expectComma
				if w.isKey {
					w.expect = expectColon
				}
			default: // a newline or another control character: the string was cut
				return i, walkBad
			}
			continue
		}
		class := classes[c]
		if w.inScalar {
			if class == classScalar {
				continue
			}
			w.inScalar = false
		}
		switch class {
		case classSpace: // pretty values are half white space
			for i+1 < len(d) && d[i+1] == ' ' {
				i++
			}
		case classQuote:
			switch w.expect {
			case expectKeyOrEnd, expectKey:
				w.isKey = true
			case expectValue, expectValueOrEnd:
				w.isKey = false
			default:
				return i, walkBad
			}
			w.inString = true
		case classColon:
			if w.expect != expectColon {
				return i, walkBad
			}
			w.expect = expectValue
		case classComma:
			if w.expect != expectComma {
				return i, walkBad
			}
			w.expect = expectKey
			if w.inArray() {
				w.expect = expectValue
			}
		case classScalar:
			if w.expect != expectValue && w.expect != expectValueOrEnd {
				return i, walkBad
			}
			w.inScalar = true
			w.expect = expectComma
		case classOpenObject, classOpenArray:
			if w.expect != expectValue && w.expect != expectValueOrEnd || w.depth == maxDepth {
				return i, walkBad
			}
			w.depth++
			bit := uint64(1) << (w.depth & 63)
			if class == classOpenArray {
				w.arrays[w.depth>>6] |= bit
				w.expect = expectValueOrEnd
			} else {
				w.arrays[w.depth>>6] &^= bit
				w.expect = expectKeyOrEnd
			}
		case classCloseObject:
			if w.inArray() || w.expect != expectComma && w.expect != expectKeyOrEnd {
				return i, walkBad
			}
			if w.depth--; w.depth == 0 {
				return i + 1, walkDone
			}
			w.expect = expectComma
		case classCloseArray:
			if !w.inArray() || w.expect != expectComma && w.expect != expectValueOrEnd {
				return i, walkBad
			}
			w.depth--
			w.expect = expectComma
		default:
			return i, walkBad
		}
	}
	return len(d), walkMore
}

func (w *walker) inArray() bool { return w.arrays[w.depth>>6]&(1<<(w.depth&63)) != 0 }

// whole reports whether d is one JSON object and nothing else.
func (w *walker) whole(d []byte) bool {
	w.reset()
	n, v := w.walk(d)
	return v == walkDone && n == len(d)
}
