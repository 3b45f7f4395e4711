package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Visible is s with everything made visible that would steer a terminal, reorder the text around it, or hide: control
// characters, bidirectional and other format controls, bytes that are not UTF-8, heaps of combining marks. They are written
// as escapes of Go (\n, \x1b, \u202e), and a backslash as two, so that no two names look alike for that reason.
func Visible(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\\':
			b.WriteString(`\\`)
		case isMark(r) && marks == maxMarks, !shown(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
		if isMark(r) {
			marks = min(marks+1, maxMarks)
		} else {
			marks = 0
		}
		i += n
	}
	return b.String()
}

// maxMarks is how many combining marks may stand on one letter; no script needs more.
const maxMarks = 8

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// shown reports whether r may go to a terminal as it is: letters, marks, signs and spaces, the private use area (Apple's
// logo), and the two joiners that emoji and several scripts need.
func shown(r rune) bool {
	return unicode.IsGraphic(r) || unicode.Is(unicode.Co, r) || r == '\u200c' || r == '\u200d'
}

func isMark(r rune) bool { return unicode.In(r, unicode.Mn, unicode.Me) }

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// columns is how many columns of a terminal s takes; s is visible text.
func columns(s string) int {
	n := 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			n++
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		n += runeColumns(r)
		i += size
	}
	return n
}

func runeColumns(r rune) int {
	if isMark(r) || r == '\u200c' || r == '\u200d' {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
