package text

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// style is how a piece of text looks in colour; without colour all look the same, so no style may carry meaning alone.
type style uint8

const (
	plain  style = iota
	dim          // times, ids, what ES said
	bold         // who is behind it
	green        // certain
	cyan         // likely
	yellow       // possible; warnings
	red          // unknown
)

var sgr = [...]string{plain: "", dim: "\x1b[2m", bold: "\x1b[1m", green: "\x1b[32m", cyan: "\x1b[36m", yellow: "\x1b[33m", red: "\x1b[31m"}

const sgrReset = "\x1b[0m"

// segment is visible text in one style.
type segment struct {
	text  string
	style style
}

// word is what a line is not broken in, unless it is longer than a line.
type word []segment

func (w word) columns() int {
	n := 0
	for _, s := range w {
		n += columns(s.text)
	}
	return n
}

// paragraph is a run of words with a space between any two.
type paragraph []word

// glue is a space in text of ours that no line is broken at.
const glue = "\x00"

// say adds text of our own, to be broken at its spaces.
func (p *paragraph) say(s style, text string) {
	for w := range strings.FieldsSeq(text) {
		*p = append(*p, word{{strings.ReplaceAll(w, glue, " "), s}})
	}
}

// name adds a name or a path from outside: made visible, and kept in one piece where a line can hold it.
func (p *paragraph) name(s style, text string) {
	*p = append(*p, word{{shorten(Visible(text)), s}})
}

// attach adds to the last word, without a space.
func (p *paragraph) attach(s style, text string) {
	if len(*p) == 0 {
		*p = append(*p, nil)
	}
	last := &(*p)[len(*p)-1]
	*last = append(*last, segment{text, s})
}

// longest is how many columns of one name are shown: paths reach 16 KiB, and a screen holds about that.
const longest = 1200

// shorten cuts the middle out of a name that is too long to be read, and says so.
func shorten(s string) string {
	if len(s) <= longest {
		return s
	}
	head, tail := s[:longest/2], s[len(s)-longest/2:]
	for !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	for len(head) > 0 && !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return head + "…(" + count(uint64(len(s)-len(head)-len(tail))) + " bytes)…" + tail
}

// canvas lays paragraphs out in lines of a width, into a buffer.
type canvas struct {
	buf   bytes.Buffer
	width int
	color bool
	now   style // of the text at the end of buf

	margin string // stands at the begin of the lines after the first, in place of spaces
}

// line lays out one paragraph: head stands before its first line, and the lines after it are indented by hang. tail, if
// any, stands at the right end of the last line, or of one more.
func (c *canvas) line(head word, hang int, p paragraph, tail ...segment) {
	hang = min(hang, c.width/2)
	at := 0
	for _, s := range head {
		c.put(s)
		at += columns(s.text)
	}
	begun := false // whether the line has a word
	for _, w := range p {
		n, gap := w.columns(), 0
		if begun {
			gap = 1
		}
		if at+gap+n > c.width && at > hang && (hang+n <= c.width || c.width-at < c.width/3) {
			c.newline(hang)
			at, gap = hang, 0
		}
		c.pad(gap)
		at += gap
		if at+n <= c.width {
			for _, s := range w {
				c.put(s)
			}
			at += n
		} else {
			at = c.broken(w, at, hang)
		}
		begun = true
	}
	if n := word(tail).columns(); n > 0 {
		if at+1+n > c.width {
			c.newline(0)
			at = 0
		}
		c.pad(c.width - at - n)
		for _, s := range tail {
			c.put(s)
		}
	}
	c.blank()
}

// broken puts a word that no line can hold, and returns the column behind it. Paths are broken behind a slash; what is
// attached to a name stays in one piece.
func (c *canvas) broken(w word, at, hang int) int {
	for i, s := range w {
		rest := s.text
		if n := w[i:].columns(); i > 0 && at+n > c.width && hang+n <= c.width {
			rest = strings.TrimPrefix(rest, " ")
			c.newline(hang)
			at = hang
		}
		for rest != "" {
			room := c.width - at
			if columns(rest) <= room {
				c.put(segment{rest, s.style})
				at += columns(rest)
				break
			}
			cut := fitting(rest, room)
			if slash := strings.LastIndexByte(rest[:cut], '/'); slash > 0 && slash+1 > cut/3 {
				cut = slash + 1
			}
			if cut == 0 && at == hang {
				_, cut = utf8.DecodeRuneInString(rest)
			}
			if cut > 0 {
				c.put(segment{rest[:cut], s.style})
			}
			rest = rest[cut:]
			c.newline(hang)
			at = hang
		}
	}
	return at
}

// fitting is how many bytes of s take at most room columns.
func fitting(s string, room int) int {
	n := 0
	for i, r := range s {
		if n += runeColumns(r); n > room {
			return i
		}
	}
	return len(s)
}

func (c *canvas) put(s segment) {
	if s.text == "" {
		return
	}
	c.turn(s.style)
	c.buf.WriteString(s.text)
}

// turn changes the colour of what follows.
func (c *canvas) turn(s style) {
	if !c.color || s == c.now {
		return
	}
	if c.now != plain {
		c.buf.WriteString(sgrReset)
	}
	c.buf.WriteString(sgr[s])
	c.now = s
}

func (c *canvas) newline(hang int) {
	c.turn(plain)
	c.buf.WriteByte('\n')
	if n := columns(c.margin); n > 0 && n <= hang {
		c.put(segment{c.margin, dim})
		hang -= n
	}
	c.pad(hang)
}

func (c *canvas) pad(n int) {
	for range n {
		c.buf.WriteByte(' ')
	}
}

func (c *canvas) blank() { c.newline(0) }
