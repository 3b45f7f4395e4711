package query

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Fold is the key of a path: what a case-insensitive volume, Unicode's forms and the firmlinks of macOS make the same. Two
// files of a case-sensitive volume may so be mistaken for one; both are then shown, each under its own name.
func Fold(path string) string {
	top, rest := linked(path)
	if isASCII(rest) {
		if top == "" && !hasUpper(rest) {
			return rest
		}
		return top + strings.ToLower(rest)
	}
	return top + strings.ToLower(norm.NFC.String(rest))
}

// linked follows the firmlinks and the symbolic links at the root of macOS: the path is top and rest, without a gap.
func linked(path string) (top, rest string) {
	const data = "/System/Volumes/Data"
	for len(path) >= len(data) && strings.EqualFold(path[:len(data)], data) && (len(path) == len(data) || path[len(data)] == '/') {
		path = path[len(data):]
	}
	if path == "" {
		return "", "/"
	}
	if len(path) >= 4 && path[0] == '/' && (len(path) == 4 || path[4] == '/') {
		for _, name := range [...]string{"tmp", "var", "etc"} {
			if strings.EqualFold(path[1:4], name) {
				return "/private", path
			}
		}
	}
	return "", path
}

// Under reports whether a path lies anywhere below a folder, as [Fold] compares. It allocates only for what is not ASCII.
func Under(path, folder string) bool {
	if path == "" {
		return false
	}
	if !isASCII(path) || !isASCII(folder) {
		key := strings.TrimRight(Fold(folder), "/")
		path = Fold(path)
		return len(path) > len(key)+1 && path[len(key)] == '/' && path[:len(key)] == key
	}
	top, rest := linked(path)
	fTop, fRest := linked(folder)
	fRest = strings.TrimRight(fRest, "/")
	n := len(fTop) + len(fRest)
	if len(top)+len(rest) <= n+1 || at(top, rest, n) != '/' {
		return false
	}
	for i := range n {
		if at(top, rest, i) != at(fTop, fRest, i) {
			return false
		}
	}
	return true
}

// HasKey reports whether Fold(path) is key. It allocates only for what is not ASCII.
func HasKey(path, key string) bool {
	if !isASCII(path) || !isASCII(key) {
		return Fold(path) == key
	}
	top, rest := linked(path)
	if len(top)+len(rest) != len(key) {
		return false
	}
	for i := range len(key) {
		if at(top, rest, i) != key[i] {
			return false
		}
	}
	return true
}

// at is byte i of top and rest, in lower case.
func at(top, rest string, i int) byte {
	if i < len(top) {
		return top[i]
	}
	b := rest[i-len(top)]
	if 'A' <= b && b <= 'Z' {
		b |= 0x20
	}
	return b
}

func isASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		eight := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if eight&0x8080808080808080 != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func hasUpper(s string) bool {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return true
		}
	}
	return false
}
