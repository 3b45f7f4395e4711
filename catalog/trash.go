package catalog

import "strings"

// TrashKind says whose Trash a path lies in.
type TrashKind uint8

// The kinds of Trash.
const (
	HomeTrash   TrashKind = iota + 1 // ~/.Trash
	VolumeTrash                      // /.Trashes/UID or /Volumes/X/.Trashes/UID
	CloudTrash                       // of iCloud Drive or another file provider, within a home
)

// NoUID is what stands for a user id that a path does not tell.
const NoUID = 1<<32 - 1

// Trash is the Trash that a path lies in.
type Trash struct {
	Kind TrashKind
	Root string // the Trash folder itself
	User string // name of the home it is in; "" none
	UID  uint32 // of a volume's Trash; [NoUID] where the path does not tell
	Name string // the item's path below Root; "" for the Trash itself
}

// TrashOf is the Trash that a canonical path lies in. [R: Finder and NSFileManager keep these; a folder called .Trash
// elsewhere is only a folder]
func TrashOf(path string) (Trash, bool) {
	if i := component(path, ".Trashes"); i >= 0 {
		return volumeTrash(path, i)
	}
	i := component(path, ".Trash")
	if i < 0 {
		return Trash{}, false
	}
	user, rest, ok := home(path[:i])
	if !ok {
		return Trash{}, false
	}
	t := Trash{Kind: HomeTrash, User: user, UID: NoUID}
	switch {
	case rest == "":
	case strings.HasPrefix(rest, "/Library/Mobile Documents"), strings.HasPrefix(rest, "/Library/CloudStorage/"):
		t.Kind = CloudTrash
	default:
		return Trash{}, false
	}
	t.Root, t.Name = cutRoot(path, i+len("/.Trash"))
	return t, true
}

func volumeTrash(path string, i int) (Trash, bool) {
	if i > 0 {
		volume, ok := strings.CutPrefix(path[:i], "/Volumes/")
		if !ok || strings.Contains(volume, "/") {
			return Trash{}, false
		}
	}
	from := i + len("/.Trashes/")
	if from > len(path) {
		return Trash{}, false
	}
	end := from
	uid := uint64(0)
	for ; end < len(path) && path[end] != '/'; end++ {
		c := path[end]
		if c < '0' || c > '9' || uid > NoUID {
			return Trash{}, false
		}
		uid = uid*10 + uint64(c-'0')
	}
	if end == from || uid > NoUID {
		return Trash{}, false
	}
	t := Trash{Kind: VolumeTrash, UID: uint32(uid)}
	t.Root, t.Name = cutRoot(path, end)
	return t, true
}

func cutRoot(path string, end int) (root, name string) {
	if end >= len(path) {
		return path, ""
	}
	return path[:end], strings.TrimSuffix(path[end+1:], "/")
}

// home splits a path at a home folder: /Users/NAME, the same on another volume, or root's.
func home(path string) (user, rest string, ok bool) {
	if rest, ok := strings.CutPrefix(path, "/private/var/root"); ok && (rest == "" || rest[0] == '/') {
		return "root", rest, true
	}
	if after, ok := strings.CutPrefix(path, "/Volumes/"); ok {
		i := strings.IndexByte(after, '/')
		if i < 0 {
			return "", "", false
		}
		path = after[i:]
	}
	after, ok := strings.CutPrefix(path, "/Users/")
	if !ok {
		return "", "", false
	}
	if i := strings.IndexByte(after, '/'); i >= 0 {
		return after[:i], after[i:], i > 0
	}
	return after, "", after != ""
}

// component is where "/"+name stands as a whole component of path, from its slash; -1 if it does not.
func component(path, name string) int {
	for from := 0; ; {
		i := strings.Index(path[from:], name)
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(name)
		if i > 0 && path[i-1] == '/' && (end == len(path) || path[end] == '/') {
			return i - 1
		}
		from = end
	}
}
