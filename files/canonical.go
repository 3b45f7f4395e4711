package files

import (
	"encoding/binary"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const dataVolume = "/System/Volumes/Data"

// firmlinks are the folders of the data volume that the system volume shows as its own [D: /usr/share/firmlinks]. What else
// lies on the data volume (.Spotlight-V100, .fseventsd, .DocumentRevisions-V100 …) has no other path.
var firmlinks = [...]string{
	"/Users", "/Applications", "/Library", "/private", "/Volumes", "/opt", "/usr/local", "/cores", "/AppleInternal",
	"/System/Library/Caches", "/System/Library/Assets", "/System/Library/AssetsV2",
	"/System/Library/PreinstalledAssets", "/System/Library/PreinstalledAssetsV2", "/System/Library/Speech",
	"/System/Library/CoreServices/CoreTypes.bundle/Contents/Library",
	"/usr/libexec/cups", "/usr/share/snmp",
}

// Canonical is the one path for a file that firmlinks and the top-level symlinks give several: /System/Volumes/Data/Users/x
// is /Users/x, /tmp/x is /private/tmp/x. It does not look at case, which is its volume's affair.
func Canonical(p string) string {
	if len(p) < 2 || p[0] != '/' {
		return p
	}
	if untidy(p) {
		p = path.Clean(p)
	}
	if len(p) >= len(dataVolume) && p[:len(dataVolume)] == dataVolume {
		rest := p[len(dataVolume):]
		if rest == "" {
			return "/"
		}
		for _, f := range firmlinks {
			if under(rest, f) {
				p = rest
				break
			}
		}
	}
	switch {
	case len(p) < 4:
	case under(p, "/tmp"), under(p, "/var"), under(p, "/etc"):
		return "/private" + p
	}
	return p
}

// under reports whether p is dir or lies below it.
func under(p, dir string) bool {
	return len(p) >= len(dir) && p[:len(dir)] == dir && (len(p) == len(dir) || p[len(dir)] == '/')
}

// untidy reports whether p has empty, "." or ".." components, or ends in a slash.
func untidy(p string) bool {
	if p[len(p)-1] == '/' {
		return true
	}
	if len(p) > 8 && !mayBeUntidy(p) {
		return false
	}
	for i := 0; ; {
		j := strings.IndexByte(p[i:], '/')
		if j < 0 {
			return false
		}
		i += j + 1
		switch c := p[i]; {
		case c == '/':
			return true
		case c == '.':
			rest := p[i:]
			if len(rest) == 1 || rest[1] == '/' || rest[1] == '.' && (len(rest) == 2 || rest[2] == '/') {
				return true
			}
		}
	}
}

// mayBeUntidy reports whether a slash or a dot follows upon a slash in p, which has more than eight bytes. In few paths one
// does, and to see it eight bytes at a time takes a third of the time that it takes to go from slash to slash.
func mayBeUntidy(p string) bool {
	found := uint64(0)
	for i := 0; ; i += 8 {
		i = min(i, len(p)-9) // some again, if there are not nine left
		// A byte of both is 0 where the first is a slash and the second a slash or a dot, which differ by their last bit.
		both := (eight(p[i:]) ^ ones*'/') | ((eight(p[i+1:]) | ones) ^ ones*'/')
		found |= (both - ones) &^ both & highs
		if i == len(p)-9 {
			return found != 0
		}
	}
}

// eight is the first eight bytes of s.
func eight(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// split cuts a canonical path into its folder and its last component. "/" is its own folder, with no component.
func split(p string) (dir, base string) {
	i := strings.LastIndexByte(p, '/')
	if i == 0 {
		return "/", p[1:]
	}
	return p[:i], p[i+1:]
}

// join is the path of a name in a folder; "" if either is unknown.
func join(dir, base string) string {
	switch {
	case dir == "" || base == "":
		return ""
	case dir[len(dir)-1] == '/':
		return dir + base
	}
	return dir + "/" + base
}

// folding turns names into the form in which they are compared where case and Unicode form do not count: decomposed, then
// folded rune by rune. APFS (unless formatted case-sensitive) and HFS+ compare so; their tables differ from Go's in a few
// recent characters, which costs at worst a name that is taken for another.
type folding struct{ a, b, decomposed []byte }

// fold is the form of s; good until the next call.
func (f *folding) fold(s string) []byte {
	f.a = f.append(f.a[:0], s)
	return f.a
}

// same reports whether two names are the same where case and Unicode form do not count.
func (f *folding) same(a, b string) bool {
	if a == b {
		return true
	}
	f.a = f.append(f.a[:0], a)
	f.b = f.append(f.b[:0], b)
	return string(f.a) == string(f.b)
}

func (f *folding) append(dst []byte, s string) []byte {
	from := len(dst)
	dst = append(dst, s...)
	b, high := dst[from:], uint64(0)
	if len(b) < 8 {
		for i, c := range b {
			if 'A' <= c && c <= 'Z' {
				b[i] = c + 'a' - 'A'
			}
			high |= uint64(c)
		}
	} else {
		for ; len(b) > 8; b = b[8:] {
			high |= lower(b)
		}
		high |= lower(dst[len(dst)-8:]) // some again, if there are not eight left
	}
	if high&highs != 0 {
		return f.appendUnicode(dst[:from], s)
	}
	return dst
}

const ones, highs = 0x0101010101010101, 0x8080808080808080

// lower turns the first eight bytes of b into lower-case letters, if they are ASCII. It returns what they were.
func lower(b []byte) uint64 {
	w := binary.LittleEndian.Uint64(b)
	upper := (w + ones*(0x80-'A')) &^ (w + ones*(0x80-'Z'-1)) & highs // no sum carries into the next byte
	binary.LittleEndian.PutUint64(b, w|upper>>2)
	return w
}

func (f *folding) appendUnicode(dst []byte, s string) []byte {
	f.decomposed = norm.NFD.AppendString(f.decomposed[:0], s)
	for rest := f.decomposed; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			dst = append(dst, rest[0]) // not UTF-8: as it stands
		} else {
			dst = utf8.AppendRune(dst, foldRune(r))
		}
		rest = rest[size:]
	}
	return dst
}

// foldRune is the one rune that stands for all that differ only by case: a lower-case ASCII letter if there is one among
// them, else the smallest.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		least = min(least, o)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
