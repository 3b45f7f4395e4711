package rules

import (
	"fmt"
	"strings"
	"time"

	"ascribe.example/finding"
	"ascribe.example/query"
	"ascribe.example/query/filter"
)

// Rule is a condition over findings, and what is said when it holds.
type Rule struct {
	Name     string // words of a-z and 0-9 joined by "-"
	Severity finding.Severity
	When     string // the condition
	Message  string // with {expressions}
	Tags     []string
	About    string // why somebody wants to know

	// A rule with Many holds only when so many files were in findings of its condition within Within, counted apart for
	// each value of Per; then counting begins anew.
	Many   uint64
	Within time.Duration
	Per    string

	File string
	Line int

	filter  *filter.Filter
	want    query.Want
	message []part
	per     *filter.Text
	counts  counts
}

// part of a message: text, or an expression.
type part struct {
	text string
	expr *filter.Text
}

// unknown stands in a message for what is not known.
const unknown = "unknown"

// messageOf compiles a message. Braces hold expressions; two braces are one that is meant.
func messageOf(s string) ([]part, error) {
	var parts []part
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			parts = append(parts, part{text: plain.String()})
			plain.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case strings.HasPrefix(s[i:], "{{"), strings.HasPrefix(s[i:], "}}"):
			plain.WriteByte(s[i])
			i++
		case s[i] == '{':
			end := closing(s[i+1:])
			if end < 0 {
				return nil, fmt.Errorf("the brace before %q is not closed", s[i+1:])
			}
			expr, err := filter.CompileText(s[i+1:i+1+end], filter.Options{})
			if err != nil {
				return nil, err
			}
			flush()
			parts = append(parts, part{expr: expr})
			i += end + 1
		case s[i] == '}':
			return nil, fmt.Errorf("a brace is closed that was not opened: write }} for one that is meant")
		default:
			plain.WriteByte(s[i])
		}
	}
	flush()
	return parts, nil
}

// closing is where an expression ends; braces in its texts do not end it.
func closing(s string) int {
	var quote byte
	for i := range len(s) {
		switch {
		case quote != 0:
			if s[i] == quote && s[i-1] != '\\' {
				quote = 0
			}
		case s[i] == '"', s[i] == '\'':
			quote = s[i]
		case s[i] == '}':
			return i
		}
	}
	return -1
}

func (r *Rule) say(f *finding.Finding) string {
	if len(r.message) == 1 && r.message[0].expr == nil {
		return r.message[0].text
	}
	var b []byte
	for _, p := range r.message {
		if p.expr == nil {
			b = append(b, p.text...)
			continue
		}
		n := len(b)
		if b = p.expr.Append(b, f); len(b) == n {
			b = append(b, unknown...)
		}
	}
	return string(b)
}
