package recording

import "bytes"

// restart finds where in a line of junk, but for its first byte, a value may begin: after NUL bytes, or, with search, as an
// object that is whole at the line's end; 0 if nowhere.
func restart(w *walker, line []byte, search bool) int {
	if i := bytes.Index(line, nulOpen); i >= 0 {
		return i + 1
	}
	if line = trimRight(line); !search || len(line) > lineLimit || len(line) == 0 || line[len(line)-1] != '}' {
		return 0
	}
	// Only a bounded number of places is tried.
	work := 8*len(line) + 1<<10
	for at := 1; work > 0; at++ {
		i := bytes.Index(line[at:], openKey)
		if i < 0 {
			return 0
		}
		at += i
		w.reset()
		n, v := w.walk(line[at:])
		if v == walkDone && at+n == len(line) {
			return at
		}
		work -= n + 16
	}
	return 0
}

var (
	openKey = []byte(`{"`)
	nulOpen = []byte("\x00{")
)

// Divide cuts a piece that turned out not to be one value: several values on one line, or text around values. What it
// returns has the piece's bytes in order; one piece means that there was nothing to divide.
func Divide(p Piece) []Piece {
	var (
		w   walker
		out []Piece
		raw = p.Raw
		pos int
	)
	add := func(to int, reason string) {
		part := trimRight(raw[pos:to])
		out = append(out, Piece{
			Raw: part, Offset: p.Offset + int64(pos), Line: p.Line + int64(bytes.Count(raw[:pos], newline)),
			Reason: textReason(reason, part),
		})
		pos = to
	}
	for pos < len(raw) {
		reason := ReasonText
		switch raw[pos] {
		case ' ', '\t', '\r', '\n', recordSeparator, '[', ']', ',':
			pos++
			continue
		case mark[0]:
			if bytes.HasPrefix(raw[pos:], mark) {
				pos += len(mark)
				continue
			}
		case '{':
			w.reset()
			n, v := w.walk(raw[pos:])
			if v == walkDone {
				add(pos+n, "")
				continue
			}
			reason = ReasonBroken
		}
		if at := restart(&w, raw[pos:], true); at > 0 {
			add(pos+at, reason)
		} else {
			add(len(raw), reason)
		}
	}
	return out
}
