package catalog

import "strings"

// pattern is a text in which each * stands for any run of characters.
type pattern struct {
	text   string
	needle string // its longest part without a *: what does not hold that cannot fit
	exact  bool   // it has no *
}

func newPattern(text string) pattern {
	p := pattern{text: text, exact: !strings.Contains(text, "*")}
	for _, part := range strings.Split(text, "*") {
		if len(part) > len(p.needle) {
			p.needle = part
		}
	}
	return p
}

func newPatterns(texts []string) []pattern {
	all := make([]pattern, 0, len(texts))
	for _, t := range texts {
		all = append(all, newPattern(t))
	}
	return all
}

func (p *pattern) matches(s string) bool {
	if p.exact {
		return s == p.text
	}
	return strings.Contains(s, p.needle) && match(p.text, s)
}

func matchAny(patterns []pattern, s string) bool {
	for i := range patterns {
		if patterns[i].matches(s) {
			return true
		}
	}
	return false
}

// match reports whether s fits a pattern. It goes back to the last * only, so it takes at most len(pattern) × len(s) steps.
func match(pattern, s string) bool {
	star, from := -1, 0
	i, j := 0, 0
	for j < len(s) {
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, from = i, j
			i++
		case i < len(pattern) && pattern[i] == s[j]:
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}
