package scenario

import (
	"fmt"
	"strconv"
	"strings"
)

// word is one word of a line: bare, or quoted where it holds spaces.
type word struct {
	text   string
	quoted bool
	comma  bool // a comma follows: a clause begins
}

// wrong is an error about one word of a script.
type wrong struct {
	name, word, want string
	line             int
}

func (e *wrong) Error() string {
	if e.word == "" {
		return fmt.Sprintf("%s:%d: end of line: expected %s", e.name, e.line, e.want)
	}
	return fmt.Sprintf("%s:%d: %q: expected %s", e.name, e.line, e.word, e.want)
}

// words splits a line. "#" begins a comment where a word could begin.
func words(name string, line int, s string) ([]word, error) {
	var l []word
	for {
		s = strings.TrimLeft(s, " \t\r")
		if s == "" || s[0] == '#' {
			return l, nil
		}
		if s[0] == '"' {
			q, err := strconv.QuotedPrefix(s)
			if err != nil {
				return nil, &wrong{name, s, "a closing quotation mark", line}
			}
			t, err := strconv.Unquote(q)
			if err != nil {
				return nil, &wrong{name, q, "a quoted word as Go writes it", line}
			}
			s = s[len(q):]
			w := word{text: t, quoted: true}
			if strings.HasPrefix(s, ",") {
				w.comma, s = true, s[1:]
			}
			if s != "" && s[0] != ' ' && s[0] != '\t' && s[0] != '\r' {
				return nil, &wrong{name, q, "a space after the closing quotation mark", line}
			}
			l = append(l, w)
			continue
		}
		i := strings.IndexAny(s, " \t\r")
		if i < 0 {
			i = len(s)
		}
		w := word{text: s[:i]}
		s = s[i:]
		if len(w.text) > 1 && strings.HasSuffix(w.text, ",") {
			w.text, w.comma = w.text[:len(w.text)-1], true
		}
		l = append(l, w)
	}
}

// clauses cuts a line's words at its commas.
func clauses(l []word) [][]word {
	var c [][]word
	from := 0
	for i, w := range l {
		if w.comma {
			c = append(c, l[from:i+1])
			from = i + 1
		}
	}
	if from < len(l) {
		c = append(c, l[from:])
	}
	return c
}
