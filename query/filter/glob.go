package filter

import (
	"slices"
	"strings"

	"ascribe.example/query"
	"github.com/bmatcuk/doublestar/v4"
)

// glob is a pattern that is compared often. Its braces are written out, and what ends each alternative literally is looked
// at first: most paths end otherwise, and that costs no copy of them.
type glob []alternative

type alternative struct {
	pattern string // as [query.Fold] makes it
	end     string // what a path must end in
}

// maxAlternatives is how many patterns the braces of one may become; beyond, they stay braces.
const maxAlternatives = 64

func newGlob(pattern string) glob {
	patterns := expand([]string{query.Fold(pattern)})
	var g glob
	for _, p := range patterns {
		a := alternative{pattern: p}
		if !strings.Contains(p, `\`) {
			a.end = p[strings.LastIndexAny(p, "*?]}")+1:]
			if !strings.ContainsAny(p, "*?]}") {
				a.end = p
			}
		}
		if !isPlain(a.end) || a.end == "/" {
			a.end = ""
		}
		g = append(g, a)
	}
	return g
}

// expand writes out the first braces of each pattern, as long as there are any.
func expand(patterns []string) []string {
	for {
		var out []string
		more := false
		for _, p := range patterns {
			from, to, parts := braces(p)
			if parts == nil {
				out = append(out, p)
				continue
			}
			more = true
			for _, part := range parts {
				out = append(out, p[:from]+part+p[to:])
			}
		}
		if !more || len(out) > maxAlternatives {
			return patterns
		}
		patterns = out
	}
}

// braces finds the first braces, and parts what is in them. Patterns with escapes or classes before them stay as they are.
func braces(p string) (from, to int, parts []string) {
	from = strings.IndexByte(p, '{')
	if from < 0 || strings.ContainsAny(p, `\`) || strings.Contains(p[:from], "[") {
		return 0, 0, nil
	}
	depth, begin := 0, from+1
	for i := from; i < len(p); i++ {
		switch p[i] {
		case '[':
			if end := strings.IndexByte(p[i:], ']'); end > 0 {
				i += end
			}
		case '{':
			depth++
		case ',':
			if depth == 1 {
				parts = append(parts, p[begin:i])
				begin = i + 1
			}
		case '}':
			if depth--; depth == 0 {
				// A star beside them would become another one: ** alone between slashes is over folders.
				if from > 0 && p[from-1] == '*' || i+1 < len(p) && p[i+1] == '*' {
					return 0, 0, nil
				}
				parts = append(parts, p[begin:i])
				if from > 0 && slices.Contains(parts, "") {
					return 0, 0, nil // a slash beside nothing is no name
				}
				return from, i + 1, parts
			}
		}
	}
	return 0, 0, nil
}

// match reports whether the pattern is all of a path.
func (g glob) match(path string) bool {
	if path == "" {
		return false
	}
	folded := ""
	for i := range g {
		if !endsIn(path, g[i].end) {
			continue
		}
		if folded == "" {
			folded = query.Fold(path)
		}
		if ok, err := doublestar.Match(g[i].pattern, folded); ok && err == nil {
			return true
		}
	}
	return false
}

// endsIn reports whether the key of a path may end in what is plain ASCII. The key is the path in lower case, with what
// stands before it: /private, or a firmlink that is left out.
func endsIn(path, end string) bool {
	if len(path) < len(end) {
		return strings.Contains(end, "/") || !isPlain(path)
	}
	tail := path[len(path)-len(end):]
	for i := range len(end) {
		b := tail[i]
		if 'A' <= b && b <= 'Z' {
			b |= 0x20
		}
		if b != end[i] {
			// Letters beyond ASCII fold into others, and /private may come in behind the firmlink.
			const data = "/System/Volumes/Data"
			return !isPlain(path) || len(path) < len(data)+len(end) && len(path) >= len(data) && strings.EqualFold(path[:len(data)], data)
		}
	}
	return true
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
