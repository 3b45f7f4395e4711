package redact

import "slices"

// secretName reports whether a variable or option of this name holds a secret, by its words.
func secretName(name string) bool {
	var (
		buf   [96]byte
		ends  [24]int // of the words in buf
		words int
	)
	option := name != "" && name[0] == '-'
	if len(name) > len(buf)-24 {
		name = name[len(name)-(len(buf)-24):]
	}
	if slices.Contains(harmlessNames, name) {
		return false
	}
	n, begin := 0, 0
	cut := func() {
		if n > begin && words < len(ends) {
			ends[words] = n
			words++
		}
		begin = n
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		case c >= 'A' && c <= 'Z':
			// A word begins at the capital of camelCase, and at the last capital of an acronym before one: APIKey.
			if i > 0 && isLower(name[i-1]) || i > 0 && i+1 < len(name) && isUpper(name[i-1]) && isLower(name[i+1]) {
				cut()
			}
		case c < '0' || c > '9':
			cut()
			continue
		}
		buf[n] = c
		n++
	}
	cut()
	if words == 0 {
		return false
	}
	at := func(i int) []byte {
		if i == 0 {
			return buf[:ends[0]]
		}
		return buf[ends[i-1]:ends[i]]
	}
	last := at(words - 1)
	if harmless[string(last)] || option && harmlessBegin[string(at(0))] {
		return false
	}
	for i := range words {
		if secretWord[string(at(i))] {
			return true
		}
	}
	if slices.Contains(secretLast, string(last)) {
		return true
	}
	for _, end := range secretEnds {
		if len(last) >= len(end) && string(last[len(last)-len(end):]) == end {
			return true
		}
	}
	if words < 2 {
		return false
	}
	for _, pair := range secretPairs {
		if k := len(pair) - len(last); k > 0 && pair[k:] == string(last) && pair[:k-1] == string(at(words-2)) && pair[k-1] == ' ' {
			return true
		}
	}
	return false
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

var (
	secretWord    = set(secretWords)
	harmless      = set(harmlessEnds)
	harmlessBegin = set(harmlessFirst)
)

func set(words []string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
