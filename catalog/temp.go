package catalog

import (
	"strings"
)

// TempKind says what sort of temporary place or name a path is.
type TempKind uint8

// The kinds of temporary names that precede, or stand beside, a document.
const (
	ItemReplacement TempKind = iota + 1 // …/TemporaryItems/NSIRD_App_x/name [R]
	BeingSaved                          // "(A Document Being Saved By App)/name" [R]
	SafeSave                            // name.sb-xxxxxxxx-xxxxxx [S: swift-foundation]
	AtomicWrite                         // .dat.nosyncPID.xxxxxx [S: swift-foundation]
	EditorSwap                          // an editor's own journal or lock: .name.swp, .#name, #name#, ~$name
	EditorProbe                         // vim's 4913: made to see whether the folder can be written
	EditorBackup                        // the old text: name~, name___jb_old___
	EditorTemp                          // the new text: name___jb_tmp___, .!PID!name of sed
	Transfer                            // a copy that is not complete: .name.xxxxxx of rsync
	Lock                                // a lock that becomes the file: index.lock of git
)

// Temp is what a temporary name tells.
type Temp struct {
	Kind  TempKind
	Final string // the document's name, or its whole path where that is known; "" the name does not tell
	App   string // the program's name as the path has it, good for showing only; "" none
	PID   int32  // of the writer, where the name holds it; 0 none
}

// SaveTemp reads a temporary name that a program uses while it saves. That a name fits is a hint, never a proof: what was
// renamed over what says more.
func SaveTemp(path string) (Temp, bool) {
	dir, base := cut(path)
	if t, ok := replacementFolder(path); ok {
		return t, true
	}
	if t, ok := markedName(dir, base); ok {
		return t, true
	}
	return editorName(dir, base)
}

// replacementFolder: the folders that macOS makes for a save, on the document's own volume. [R] The second is named in the
// user's language; only English is read, and what was renamed over what tells the rest.
func replacementFolder(path string) (Temp, bool) {
	const items, being = "/TemporaryItems/NSIRD_", "/(A Document Being Saved By "
	if i := strings.Index(path, items); i >= 0 {
		folder, rest, _ := strings.Cut(path[i+len(items):], "/")
		t := Temp{Kind: ItemReplacement, Final: rest, App: folder}
		if j := strings.LastIndexByte(folder, '_'); j >= 0 {
			t.App = folder[:j]
		}
		return t, true
	}
	if i := strings.Index(path, being); i >= 0 {
		folder, rest, _ := strings.Cut(path[i+len(being):], "/")
		app, number, ok := strings.Cut(folder, ")")
		if !ok || app == "" || number != "" {
			return Temp{}, false
		}
		// A second one in the same folder is numbered within the brackets: "By TextEdit 2".
		if j := strings.LastIndexByte(app, ' '); j > 0 && digits(app[j+1:]) {
			app = app[:j]
		}
		t := Temp{Kind: BeingSaved, App: app}
		if rest != "" {
			t.Final = join(path[:i], rest)
		}
		return t, true
	}
	return Temp{}, false
}

// markedName: names that the system's own libraries and tools make beside the document.
func markedName(dir, base string) (Temp, bool) {
	// name.sb-xxxxxxxx-xxxxxx: eight and six characters.
	if i := strings.LastIndex(base, ".sb-"); i > 0 && len(base) == i+19 && base[i+12] == '-' &&
		hex(base[i+4:i+12]) && random(base[i+13:]) {
		return Temp{Kind: SafeSave, Final: join(dir, base[:i])}, true
	}
	// .dat.nosync<pid in hex>.XXXXXX
	if rest, ok := strings.CutPrefix(base, ".dat.nosync"); ok {
		if pid, rnd, ok := strings.Cut(rest, "."); ok && len(rnd) == 6 && random(rnd) {
			if n, ok := number(pid, 16); ok {
				return Temp{Kind: AtomicWrite, PID: n}, true
			}
		}
	}
	// .!<pid>!name: sed -i [S: text_cmds sed/main.c].
	if rest, ok := strings.CutPrefix(base, ".!"); ok {
		if pid, name, ok := strings.Cut(rest, "!"); ok && name != "" {
			if n, ok := number(pid, 10); ok {
				return Temp{Kind: EditorTemp, Final: join(dir, name), PID: n}, true
			}
		}
	}
	// .name.XXXXXX of rsync, .name.XXXXXXXXXX of openrsync [S].
	if i := strings.LastIndexByte(base, '.'); i > 1 && base[0] == '.' && mixed(base[i+1:]) &&
		(len(base)-i-1 == 6 || len(base)-i-1 == 10) {
		return Temp{Kind: Transfer, Final: join(dir, base[1:i])}, true
	}
	return Temp{}, false
}

// editorSuffixes are what editors put behind a document's name. [R]
var editorSuffixes = [...]struct {
	suffix string
	kind   TempKind
}{
	{"___jb_tmp___", EditorTemp}, // JetBrains
	{"___jb_old___", EditorBackup},
	{"___jb_bak___", EditorBackup},
	{".vsctmp", EditorTemp}, // VS Code, atomic saves
	{"~", EditorBackup},     // vim, emacs, kate
	{".lock", Lock},         // git: index.lock, HEAD.lock
}

func editorName(dir, base string) (Temp, bool) {
	switch {
	case base == "4913": // vim [R]
		return Temp{Kind: EditorProbe}, true
	case len(base) > 5 && base[0] == '.' && vimSwap(base[len(base)-4:]):
		return Temp{Kind: EditorSwap, Final: join(dir, base[1:len(base)-4])}, true
	case len(base) > 2 && base[:2] == ".#": // emacs' lock, a symlink
		return Temp{Kind: EditorSwap, Final: join(dir, base[2:])}, true
	case len(base) > 2 && base[0] == '#' && base[len(base)-1] == '#': // emacs' autosave: it never becomes the document
		return Temp{Kind: EditorSwap, Final: join(dir, base[1:len(base)-1])}, true
	case len(base) > 8 && base[:7] == ".~lock." && base[len(base)-1] == '#': // LibreOffice's lock
		return Temp{Kind: EditorSwap, Final: join(dir, base[7:len(base)-1])}, true
	case len(base) > 2 && base[:2] == "~$": // Office's owner file; it has lost up to two letters of the name
		return Temp{Kind: EditorSwap}, true
	}
	for _, s := range editorSuffixes {
		if len(base) > len(s.suffix) && base[len(base)-len(s.suffix):] == s.suffix {
			return Temp{Kind: s.kind, Final: join(dir, base[:len(base)-len(s.suffix)])}, true
		}
	}
	return Temp{}, false
}

// vimSwap: .swp, .swo, .swn … down to .swa, and .swx, the probe.
func vimSwap(s string) bool { return s[:3] == ".sw" && s[3] >= 'a' && s[3] <= 'x' }

// downloadSuffixes are what browsers put behind the name of a download that is not complete. [R]
var downloadSuffixes = [...]string{".crdownload", ".part", ".opdownload", ".partial", ".download"}

// DownloadTemp reads the name of a download that is not complete. final is the path it is to have, as far as the name
// tells: "" for Chrome's "Unconfirmed 1.crdownload", and for Firefox a guess that has a random word in it.
func DownloadTemp(path string) (final string, ok bool) {
	// Safari keeps the part in a package, X.download/X. [R]
	if i := strings.Index(path, ".download/"); i > 0 && path[i-1] != '/' {
		return path[:i], true
	}
	dir, base := cut(path)
	for _, s := range downloadSuffixes {
		name, ok := strings.CutSuffix(base, s)
		if !ok || name == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(name, "Unconfirmed "); ok && digits(rest) {
			return "", true
		}
		return join(dir, name), true
	}
	// What Chromium begins with: .com.google.Chrome.xxxxxx [S: base/files].
	if i := strings.LastIndexByte(base, '.'); i > 4 && len(base)-i-1 == 6 && random(base[i+1:]) &&
		(strings.HasPrefix(base, ".com.") || strings.HasPrefix(base, ".org.")) && strings.Count(base, ".") >= 4 {
		return "", true
	}
	return "", false
}

func cut(path string) (dir, base string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

func join(dir, base string) string {
	if dir == "" {
		return "/" + base
	}
	return dir + "/" + base
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func hex(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// random reports whether s could be what mkstemp puts for the X's.
func random(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' {
			return false
		}
	}
	return s != ""
}

// mixed reports whether s could be mkstemp's and is no plain word or number: it has letters of both cases, or letters and
// digits. A sixth of what mkstemp makes fails it, and is then told by what is renamed over what.
func mixed(s string) bool {
	var upper, lower, digit bool
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z':
			lower = true
		case 'A' <= c && c <= 'Z':
			upper = true
		case '0' <= c && c <= '9':
			digit = true
		default:
			return false
		}
	}
	return upper && lower || digit && (upper || lower)
}

// number reads a positive pid.
func number(s string, base int32) (int32, bool) {
	if s == "" || len(s) > 7 {
		return 0, false
	}
	n := int32(0)
	for i := range len(s) {
		d := int32(99)
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			d = int32(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			d = int32(c|0x20-'a') + 10
		}
		if d >= base {
			return 0, false
		}
		n = n*base + d
	}
	return n, n > 0
}
