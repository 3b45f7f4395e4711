// Package line writes findings into JSON lines of schemas that are not ours. There, what is not known is left out, where
// the contract of findings writes null.
//
// A [Writer] appends to a buffer. It allocates only to grow that buffer: with one that is used again, nothing.
package line

import (
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Writer appends one JSON object. A value that says nothing (an empty string, a zero time) is left out with its key, and so
// is an object or a list in which nothing was said.
type Writer struct {
	B []byte

	began [16]int // where the open objects and lists began, key and all
	open  int
}

// key begins a member; "" begins an element of a list.
func (w *Writer) key(k string) {
	if n := len(w.B); n > 0 && w.B[n-1] != '{' && w.B[n-1] != '[' {
		w.B = append(w.B, ',')
	}
	if k != "" {
		w.B = append(w.B, '"')
		w.B = append(w.B, k...)
		w.B = append(w.B, '"', ':')
	}
}

func (w *Writer) begin(k string, bracket byte) {
	w.began[w.open] = len(w.B)
	w.open++
	if w.open > 1 {
		w.key(k)
	}
	w.B = append(w.B, bracket)
}

func (w *Writer) end(bracket, closing byte) {
	w.open--
	if w.B[len(w.B)-1] == bracket && w.open > 0 {
		w.B = w.B[:w.began[w.open]]
		return
	}
	w.B = append(w.B, closing)
}

// Object opens an object; the outermost has no key.
func (w *Writer) Object(k string) { w.begin(k, '{') }

// End closes the object that was opened last.
func (w *Writer) End() { w.end('{', '}') }

// List opens a list.
func (w *Writer) List(k string) { w.begin(k, '[') }

// EndList closes the list that was opened last.
func (w *Writer) EndList() { w.end('[', ']') }

// Raw writes a value that is JSON already.
func (w *Writer) Raw(k, json string) {
	w.key(k)
	w.B = append(w.B, json...)
}

// Text writes a string.
func (w *Writer) Text(k, v string) {
	if v == "" {
		return
	}
	w.key(k)
	w.B = finding.AppendText(w.B, v)
}

// Uint writes a number.
func (w *Writer) Uint(k string, v uint64) {
	w.key(k)
	w.B = strconv.AppendUint(w.B, v, 10)
}

// Int writes a number.
func (w *Writer) Int(k string, v int64) {
	w.key(k)
	w.B = strconv.AppendInt(w.B, v, 10)
}

// UintText writes a number as a string.
func (w *Writer) UintText(k string, v uint64) {
	w.key(k)
	w.B = append(w.B, '"')
	w.B = strconv.AppendUint(w.B, v, 10)
	w.B = append(w.B, '"')
}

// User writes a user or session id as a string; [es.Unset] is left out.
func (w *Writer) User(k string, id uint32) {
	if id != es.Unset {
		w.UintText(k, uint64(id))
	}
}

// Bool writes a truth value.
func (w *Writer) Bool(k string, v bool) {
	w.key(k)
	w.B = strconv.AppendBool(w.B, v)
}

// Time writes a moment as RFC 3339 with nanoseconds.
func (w *Writer) Time(k string, t es.Time) {
	if t == 0 {
		return
	}
	w.key(k)
	w.B = finding.AppendTime(w.B, t)
}

// Millis writes a moment as milliseconds since 1970.
func (w *Writer) Millis(k string, t es.Time) {
	if t == 0 {
		return
	}
	ms := int64(t) / 1e6
	if int64(t)%1e6 < 0 {
		ms--
	}
	w.Int(k, ms)
}

// Hex writes bytes as lower-case hexadecimal digits; nothing where all of them are zero.
func (w *Writer) Hex(k string, h es.CDHash) {
	if h.IsZero() {
		return
	}
	const digits = "0123456789abcdef"
	w.key(k)
	w.B = append(w.B, '"')
	for _, b := range h {
		w.B = append(w.B, digits[b>>4], digits[b&15])
	}
	w.B = append(w.B, '"')
}

// Texts writes strings as a list; nil is left out, an empty list is not.
func (w *Writer) Texts(k string, list []string) {
	if list == nil {
		return
	}
	w.key(k)
	w.B = append(w.B, '[')
	for i, s := range list {
		if i > 0 {
			w.B = append(w.B, ',')
		}
		w.B = finding.AppendText(w.B, s)
	}
	w.B = append(w.B, ']')
}

// Joined writes strings as one, with spaces between them.
func (w *Writer) Joined(k string, list []string) {
	if len(list) == 0 {
		return
	}
	w.key(k)
	w.B = append(w.B, '"')
	for i, s := range list {
		if i > 0 {
			w.B = append(w.B, ' ')
		}
		w.part(s)
	}
	w.B = append(w.B, '"')
}

// part appends s escaped, without quotes.
func (w *Writer) part(s string) {
	n := len(w.B)
	w.B = finding.AppendText(w.B, s)
	m := n + copy(w.B[n:], w.B[n+1:len(w.B)-1])
	w.B = w.B[:m]
}

// Execution writes what names an execution for good, on all hosts: host, boot, pid and pidversion. It is left out where
// the pidversion is not known, for then it would name whatever else has that pid.
func (w *Writer) Execution(k string, f *finding.Finding, pid int32, pidversion uint32) {
	if pidversion == 0 {
		return
	}
	w.key(k)
	w.B = append(w.B, '"')
	w.part(f.Host)
	w.B = append(w.B, '/')
	w.part(f.Boot)
	w.B = append(w.B, '/')
	w.B = strconv.AppendInt(w.B, int64(pid), 10)
	w.B = append(w.B, '.')
	w.B = strconv.AppendUint(w.B, uint64(pidversion), 10)
	w.B = append(w.B, '"')
}

// Finding writes the whole finding as the contract has it: what no field of the other schema says stands there.
func (w *Writer) Finding(k string, f *finding.Finding) {
	w.key(k)
	w.B = finding.Append(w.B, f)
}
