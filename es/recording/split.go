package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"ascribe.example/es/eslogger"
)

// Sizes of the splitter.
const (
	// DefaultLimit is the longest value that is read, in bytes. A longer one is unreadable; it is skipped without being
	// held in memory. Real messages stay below: arguments and environment together are at most 1 MiB [D: ARG_MAX], six
	// times that when every byte is escaped.
	DefaultLimit = 32 << 20

	// DefaultBlock is how much is read at a time.
	DefaultBlock = 256 << 10

	// Padding is the number of bytes after a piece that may be read, so that the decoder can read in place, without
	// bounds checks. What stands there means nothing.
	Padding = eslogger.Padding

	maxPieces = 4096     // pieces of a block, so that a block of tiny values stays small
	partSize  = 64 << 10 // unreadable runs longer than this come in parts
	lineLimit = 1 << 20  // lines of text longer than this are not searched for a value at their end
)

// Piece is one JSON object value, or a run of bytes that is none.
type Piece struct {
	Raw    []byte // without the white space around it; up to [Padding] bytes of its capacity may be read, none written
	Offset int64  // of Raw in the decompressed stream
	Line   int64  // of Raw's first byte, from 1
	Reason string // why it cannot be read; "" is a value
	More   bool   // a long unreadable run: the next piece is another part of it, perhaps an empty one
}

// Unreadable reports whether the piece is no value.
func (p *Piece) Unreadable() bool { return p.Reason != "" }

// Reasons why a piece is unreadable.
const (
	ReasonText   = "text between values"
	ReasonNUL    = "NUL bytes between values"
	ReasonBroken = "a truncated or broken JSON value"
	ReasonCut    = "the input ends inside a JSON value"
)

// Block holds the pieces that one [Splitter.Fill] cut. It may be used again when its pieces are done with.
type Block struct {
	Pieces []Piece
	buf    []byte
}

// Size is the number of bytes that the block keeps in memory for its text.
func (b *Block) Size() int { return cap(b.buf) }

// Splitter cuts a stream into JSON object values, compact or pretty, and tells what else it found. It is no parser: a line
// that begins with { and ends with }, and is followed by another {, is taken for one value, unseen. The decoder will find
// out when it is broken, or when several values share the line; [Divide] then cuts it properly. All else is followed byte
// by byte.
//
// After something unreadable the splitter takes up again at the next line that begins with {, or at a value that is whole
// at the end of a line of text, as log prefixes leave it. Every line that begins with { and is no value is an unreadable
// piece, together with the text after it; other text is one piece a run. White space, byte order marks, record separators,
// and the brackets and commas of an array around the values are nothing.
//
// What [Splitter.Fill] and [Divide] find together depends on the bytes of the stream alone, not on how they arrive.
type Splitter struct {
	r     io.Reader
	limit int
	block int
	err   error // sticky, of r

	// The text not yet cut: in the block being filled, or in carry between two fills. Positions are relative to it.
	text    []byte
	carry   []byte
	offset  int64 // of text[0] in the stream
	pos     int   // what comes before is cut: the begin of a value, of a line of junk, or of white space
	ahead   int   // there is no newline from pos to here
	line    int64 // of linePos
	linePos int

	mode   mode
	fresh  freshness
	w      walker
	walked int   // in modeWalk and modeSkip: how far the walk came
	vain   int64 // bytes walked in vain since the stream began

	// The unreadable run before pos.
	junk     int // its begin; -1 none
	junkLine int64
	reason   string
	parts    bool // parts of it were yielded

	full bool // the last fill stopped at maxPieces
	out  []Piece
}

type mode uint8

const (
	modeBetween mode = iota // between values
	modeValue               // at a value's {
	modeWalk                // following a value that is no plain line
	modeSkip                // following a value that is over the limit
	modeJunk                // looking for the next value
)

// freshness says what stands before pos on its line.
type freshness uint8

const (
	lineBegin    freshness = iota // nothing
	lineNext                      // nothing, and pos was not looked at: a line in the midst of junk
	lineIndent                    // white space
	lineStarted                   // a value
	lineOverlong                  // more than lineLimit of text
)

// NewSplitter returns a splitter of r that takes values of up to limit bytes (0: [DefaultLimit]), and reads block bytes at a
// time (0: [DefaultBlock]).
func NewSplitter(r io.Reader, limit, block int) *Splitter {
	if limit <= 0 {
		limit = DefaultLimit
	}
	if block <= 0 {
		block = DefaultBlock
	}
	return &Splitter{r: r, limit: limit, block: block, line: 1, junk: -1}
}

// Offset is the number of bytes of the stream that were cut so far.
func (s *Splitter) Offset() int64 { return s.offset + int64(s.pos) }

// Kept is where the text begins of which no piece was yielded yet: who reads on from there misses nothing.
func (s *Splitter) Kept() int64 { return s.offset + int64(s.keep()) }

// Fill replaces b's pieces by the next ones. It reads until there is at least one piece, and not more than it must, so that
// a live stream is not held back. At the end it returns [io.EOF]; when reading failed, the error, after all that was read.
func (s *Splitter) Fill(b *Block) error {
	s.out = b.Pieces[:0]
	if need := max(len(s.carry), s.block/2) + s.block/2 + Padding; cap(b.buf) < need {
		b.buf = make([]byte, need)
	}
	b.buf = b.buf[:cap(b.buf)]
	s.text = b.buf[:copy(b.buf, s.carry)]
	if s.full {
		s.full = false
		s.cut(s.err != nil)
	}
	for empty := 0; len(s.out) == 0 && s.err == nil; {
		if len(b.buf)-Padding-len(s.text) < s.block/4+1 {
			s.makeRoom(b)
		}
		n := len(s.text)
		m, err := s.r.Read(b.buf[n : len(b.buf)-Padding])
		switch {
		case m < 0 || m > len(b.buf)-Padding-n:
			m, err = 0, errors.New("read: the source returned an impossible count")
		case m == 0 && err == nil:
			if empty++; empty == 100 {
				err = io.ErrNoProgress
			}
		default:
			empty = 0
		}
		s.text = b.buf[:n+m]
		s.err = err
		s.cut(err != nil)
	}
	b.Pieces, s.out = s.out, nil
	if len(b.Pieces) == 0 {
		return s.err
	}
	s.forget(s.keep())
	if cap(s.carry) > 4*(len(s.text)+s.block) {
		s.carry = nil
	}
	s.carry = append(s.carry[:0], s.text...)
	return nil
}

// keep is the position from which on the text is still needed.
func (s *Splitter) keep() int {
	if s.junk >= 0 {
		return s.junk
	}
	return s.pos
}

// forget drops the text before position k.
func (s *Splitter) forget(k int) {
	s.advanceLine(s.pos)
	s.text = s.text[k:]
	s.offset += int64(k)
	s.pos -= k
	s.linePos -= k
	s.walked -= k
	s.ahead -= k
	if s.junk >= 0 {
		s.junk -= k
	}
}

// makeRoom moves the text to the front of the block, and lets the block grow where that does not suffice.
func (s *Splitter) makeRoom(b *Block) {
	if k := s.keep(); k > 0 {
		s.forget(k)
		s.text = b.buf[:copy(b.buf, s.text)]
	}
	if len(b.buf)-Padding-len(s.text) < s.block/2+1 {
		grown := make([]byte, max(min(2*len(s.text), s.limit), len(s.text))+s.block+Padding)
		b.buf, s.text = grown, grown[:copy(grown, s.text)]
	}
}

// advanceLine counts the lines up to position p.
func (s *Splitter) advanceLine(p int) {
	if p > s.linePos {
		s.line += int64(bytes.Count(s.text[s.linePos:p], newline))
		s.linePos = p
	}
}

// lineEnd finds the end of the line that pos stands on: its newline, or the end of the text.
func (s *Splitter) lineEnd() (end int, found bool) {
	s.ahead = max(s.ahead, s.pos)
	i := bytes.IndexByte(s.text[s.ahead:], '\n')
	if i < 0 {
		s.ahead = len(s.text)
		return s.ahead, false
	}
	s.ahead += i
	return s.ahead, true
}

// cut takes as many pieces from the text as it holds. last says that nothing follows the text.
func (s *Splitter) cut(last bool) {
	for progress := true; progress; {
		if len(s.out) >= maxPieces {
			s.full = true
			return
		}
		switch s.mode {
		case modeBetween:
			progress = s.between(last)
		case modeValue:
			progress = s.value(last)
		case modeWalk:
			progress = s.follow(last)
		case modeSkip:
			progress = s.skip(last)
		case modeJunk:
			progress = s.resync(last)
		}
	}
}

// between skips what is nothing. Like the other steps of cut it reports whether to go on.
func (s *Splitter) between(last bool) bool {
	t := s.text
	for ; s.pos < len(t); s.pos++ {
		switch t[s.pos] {
		case '{':
			s.mode = modeValue
			return true
		case '\n':
			s.fresh = lineBegin
		case ' ', '\t':
			if s.fresh == lineBegin {
				s.fresh = lineIndent
			}
		case '\r', recordSeparator, '[', ']', ',':
		case mark[0]:
			if bytes.HasPrefix(t[s.pos:], mark) {
				s.pos += len(mark) - 1
				continue
			}
			if !last && bytes.HasPrefix(mark, t[s.pos:]) {
				return false
			}
			s.startJunk(ReasonText)
			return true
		default:
			s.startJunk(ReasonText)
			return true
		}
	}
	return false
}

var (
	newline = []byte{'\n'}
	mark    = []byte("\xef\xbb\xbf") // UTF-8's byte order mark
)

const recordSeparator = '\x1e' // before each value of a JSON text sequence [RFC 7464]

// value takes the value at pos if it is a plain line; else it begins to follow it.
func (s *Splitter) value(last bool) bool {
	t, p := s.text, s.pos
	end, found := s.lineEnd()
	if !found && !last && len(t)-p <= s.limit {
		return false
	}
	if found && end+1 < len(t) && t[end+1] == '{' && end-p <= s.limit && s.fresh != lineIndent {
		if t[end-1] == '}' {
			s.yield(end)
			s.line++
			s.pos, s.linePos = end+1, end+1
			s.mode, s.fresh = modeValue, lineBegin // the next { is there already
			return true
		}
	}
	s.mode, s.walked = modeWalk, p
	s.w.reset()
	return true
}

// yield yields the value from pos to position p, and what was unreadable before it.
func (s *Splitter) yield(p int) {
	s.advanceLine(s.pos)
	if s.junk >= 0 {
		s.endJunk(s.pos)
	}
	s.out = append(s.out, Piece{Raw: s.text[s.pos:p], Offset: s.offset + int64(s.pos), Line: s.line})
}

// follow goes on with the value at pos.
func (s *Splitter) follow(last bool) bool {
	n, v := s.w.walk(s.text[s.walked:])
	s.walked += n
	switch {
	case s.walked-s.pos > s.limit:
		s.startJunk(fmt.Sprintf("a JSON value of more than %d bytes", s.limit))
		s.mode = modeSkip
		return s.skipped(v, last)
	case v == walkDone:
		s.yield(s.walked)
		s.pos = s.walked
		s.mode, s.fresh = modeBetween, lineStarted
		return true
	case v == walkBad:
		s.fail(s.walked, ReasonBroken)
		return true
	case last:
		s.fail(len(s.text), ReasonCut)
		return true
	}
	return false
}

// skip goes on with a value that is over the limit.
func (s *Splitter) skip(last bool) bool {
	n, v := s.w.walk(s.text[s.walked:])
	s.walked += n
	return s.skipped(v, last)
}

// skipped yields what was walked of an overlong value.
func (s *Splitter) skipped(v verdict, last bool) bool {
	s.pos = s.walked
	switch {
	case v == walkDone:
		s.endJunk(s.pos)
		s.mode, s.fresh = modeBetween, lineStarted
		return true
	case v == walkBad:
		s.mode, s.fresh = modeJunk, lineOverlong
		return true
	case last:
		s.endJunk(s.pos)
		return false
	}
	s.flushJunk(s.pos)
	return false
}

// fail gives up the value at pos, which was walked up to position p.
//
// The lines inside may be whole values, so they are tried next. In text that was made for it, trying could go over the same
// bytes again and again; then what was walked is passed over, so that all the work stays in proportion to the text.
func (s *Splitter) fail(p int, reason string) {
	s.startJunk(reason)
	s.vain += int64(p - s.pos)
	if s.vain > 8*s.Offset()+4<<20 {
		s.pos, s.fresh = max(p, s.pos+1), lineOverlong
	}
}

// startJunk ends the unreadable run before pos, if there is one, and begins another.
func (s *Splitter) startJunk(reason string) {
	s.advanceLine(s.pos)
	if s.junk >= 0 {
		s.endJunk(s.pos)
	}
	s.junk, s.junkLine, s.reason, s.parts = s.pos, s.line, reason, false
	s.mode = modeJunk
}

// flushJunk yields the run up to position p, as a part, where it is long.
func (s *Splitter) flushJunk(p int) {
	if p-s.junk < partSize {
		return
	}
	s.advanceLine(p)
	if !s.parts {
		s.reason = textReason(s.reason, s.text[s.junk:p])
	}
	s.out = append(s.out, Piece{
		Raw: s.text[s.junk:p], Offset: s.offset + int64(s.junk), Line: s.junkLine, Reason: s.reason, More: true,
	})
	s.junk, s.junkLine, s.parts = p, s.line, true
}

// endJunk yields the run that ends at position p.
func (s *Splitter) endJunk(p int) {
	raw := trimRight(s.text[s.junk:p])
	if !s.parts {
		s.reason = textReason(s.reason, raw)
	}
	s.out = append(s.out, Piece{Raw: raw, Offset: s.offset + int64(s.junk), Line: s.junkLine, Reason: s.reason})
	s.junk = -1
}

// textReason tells NUL bytes, which a crash leaves where data should be, from other text. The begin of a run decides, so
// that its parts say the same, however they arrive.
func textReason(reason string, raw []byte) string {
	raw = raw[:min(len(raw), partSize)]
	if reason == ReasonText && len(raw) > 0 && raw[0] == 0 && len(bytes.Trim(raw, "\x00 \t\r\n")) == 0 {
		return ReasonNUL
	}
	return reason
}

// trimRight is raw without the white space at its end, and with its capacity.
func trimRight(raw []byte) []byte {
	n := len(raw)
	for n > 0 && classes[raw[n-1]] == classSpace {
		n--
	}
	return raw[:n]
}

// resync looks for the next value, line by line from pos on.
func (s *Splitter) resync(last bool) bool {
	t := s.text
	for {
		if s.fresh == lineNext {
			switch {
			case s.pos == len(t) && last:
				s.endJunk(s.pos)
				s.mode = modeBetween
				return false
			case s.pos == len(t):
				s.flushJunk(s.pos)
				return false
			case t[s.pos] == '{':
				s.mode, s.fresh = modeValue, lineBegin
				return true
			case t[s.pos] == ' ' || t[s.pos] == '\t':
				s.fresh = lineIndent // the inner lines of a broken pretty value are not searched
			default:
				s.fresh = lineBegin
			}
		}
		end, found := s.lineEnd()
		whole := found || last
		if at := restart(&s.w, t[s.pos:end], whole && (s.fresh == lineBegin || s.fresh == lineStarted)); at > 0 {
			s.pos += at
			s.mode, s.fresh = modeValue, lineStarted
			return true
		}
		if !whole {
			// The line is waited for, unless it is long: then it goes in parts. A NUL may have a { after it.
			if end-s.pos > lineLimit {
				s.pos, s.fresh = end-1, lineOverlong
			}
			s.flushJunk(s.pos)
			return false
		}
		s.pos, s.fresh = min(end+1, len(t)), lineNext
	}
}
