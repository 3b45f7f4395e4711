package files

import "strings"

// The tree of folders carries the paths: a name is a folder and a last component, so that a folder's rename moves
// everything below it at once.

// folder is one place in the tree.
type folder struct {
	Base   string // last component; of very deep paths the rest of the path
	Path   string // whole path where it was needed; good while Epoch is the table's, else to be checked
	Epoch  uint32
	Parent int32
	File   int32 // the directory itself, if messages gave it an identity
	Refs   int32 // names, past names, folders in it and the directory's entry
	Kids   int32 // folders in it
	Past   int32 // where it was before, the latest first

	Indexed bool // found from its parent; not so once another folder took its place
	Listed  bool // found by its Path
}

// place is where a folder was. It is text: a reference to the folder it was in could close a circle of folders that were
// moved into each other, and nothing would ever let go of them.
type place struct {
	Path  string // when it was left
	Until mark
	Next  int32
}

const (
	root     = 1
	maxDepth = 64  // components that become folders of their own; the rest of a deeper path is one folder
	maxSteps = 256 // of any walk up the tree; a path with more folders is unknown
)

func (t *Table) makeRoot() {
	f := t.folders.at(t.folders.add()) // the first place: root
	f.Path, f.Refs, f.Indexed = "/", 1, true
}

// folderAt is the folder with a canonical path; 0 if it is not in the tree and not to be made. exact tells names apart
// that differ only by case or Unicode form.
func (t *Table) folderAt(p string, exact, make bool) int32 {
	if p == "/" {
		return root
	}
	h := hashPath(p)
	for i, mask := t.byPath.from(h); ; i = (i + 1) & mask {
		s := t.byPath.at(i)
		if s.id == 0 {
			break
		}
		if s.hash == h {
			if f := t.folders.at(s.id); f.Path == p && (f.Epoch == t.epoch || t.spells(s.id, p)) {
				return s.id
			}
		}
	}
	cur := int32(root)
	rest := p[1:]
	for depth := 0; rest != ""; depth++ {
		base := rest
		if j := strings.IndexByte(rest, '/'); j >= 0 && depth < maxDepth {
			base, rest = rest[:j], rest[j+1:]
		} else {
			rest = ""
		}
		next := t.child(cur, base, exact)
		if next == 0 {
			if !make {
				return 0
			}
			next = t.addFolder(cur, base)
		}
		cur = next
	}
	return cur
}

// child is the folder with a name in a folder; 0 if there is none in the tree.
func (t *Table) child(parent int32, base string, exact bool) int32 {
	h := t.hashOf(parent, base)
	found := int32(0)
	for i, mask := t.byFolder.from(h); ; i = (i + 1) & mask {
		s := t.byFolder.at(i)
		if s.id == 0 {
			return found
		}
		if s.hash != h {
			continue
		}
		f := t.folders.at(s.id)
		if f.Parent != parent {
			continue
		}
		if f.Base == base {
			return s.id
		}
		if !exact && (found == 0 || s.id < found) && t.folding.same(f.Base, base) {
			found = s.id
		}
	}
}

func (t *Table) addFolder(parent int32, base string) int32 {
	i := t.folders.add()
	f := t.folders.at(i)
	f.Base, f.Parent, f.Indexed = strings.Clone(base), parent, true
	t.bytes += len(base)
	p := t.folders.at(parent)
	p.Refs++
	p.Kids++
	t.byFolder.add(t.hashOf(parent, base), i)
	return i
}

// unref lets go of a folder, and of those above that nothing else needs.
func (t *Table) unref(i int32) {
	for i != root {
		f := t.folders.at(i)
		if f.Refs--; f.Refs > 0 {
			return
		}
		t.unlist(i, f)
		t.bytes -= len(f.Base) + len(f.Path)
		if f.Indexed {
			t.byFolder.remove(t.hashOf(f.Parent, f.Base), i)
		}
		for f.Past != 0 {
			n := f.Past
			f.Past = t.places.at(n).Next
			t.bytes -= len(t.places.at(n).Path)
			t.places.drop(n)
		}
		parent := f.Parent
		t.folders.drop(i)
		t.folders.at(parent).Kids--
		i = parent
	}
}

func (t *Table) unlist(i int32, f *folder) {
	if f.Listed {
		t.byPath.remove(hashPath(f.Path), i)
		f.Listed = false
	}
}

// spells reports whether a folder's whole path is p, and it is found by walking down that path.
func (t *Table) spells(i int32, p string) bool {
	for step := 0; i != root; step++ {
		f := t.folders.at(i)
		n := len(p) - len(f.Base)
		if step == maxSteps || !f.Indexed || n < 1 || p[n:] != f.Base || p[n-1] != '/' {
			return false
		}
		p, i = p[:n-1], f.Parent
	}
	return p == ""
}

// folderPath is a folder's whole path, "" where it is too deep to tell. It is kept with the folder: files are many, the
// folders that hold them few.
func (t *Table) folderPath(i int32) string {
	f := t.folders.at(i)
	if i == root || f.Path != "" && f.Epoch == t.epoch {
		return f.Path
	}
	if f.Path != "" && t.spells(i, f.Path) {
		f.Epoch = t.epoch
		if !f.Listed {
			f.Listed = true
			t.byPath.add(hashPath(f.Path), i)
		}
		return f.Path
	}
	t.unlist(i, f)
	t.scratch = t.appendFolder(t.scratch[:0], i, mark{}, false)
	if string(t.scratch) != f.Path {
		t.bytes += len(t.scratch) - len(f.Path)
		f.Path = string(t.scratch)
	}
	f.Epoch = t.epoch
	if f.Path != "" && t.spells(i, f.Path) {
		f.Listed = true
		t.byPath.add(hashPath(f.Path), i)
	}
	return f.Path
}

// appendFolder appends a folder's whole path: as it is, or as it was at a moment.
func (t *Table) appendFolder(dst []byte, i int32, at mark, past bool) []byte {
	var bases [maxSteps]string
	n := 0
	for ; i != root; i = t.folders.at(i).Parent {
		if n == maxSteps {
			return dst[:0]
		}
		f := t.folders.at(i)
		if past {
			before := ""
			for p := f.Past; p != 0 && at.before(t.places.at(p).Until); p = t.places.at(p).Next {
				before = t.places.at(p).Path
			}
			if before != "" {
				dst = append(dst, before...)
				break
			}
		}
		bases[n] = f.Base
		n++
	}
	if n == 0 && len(dst) == 0 {
		return append(dst, '/')
	}
	for n--; n >= 0; n-- {
		dst = append(append(dst, '/'), bases[n]...)
	}
	return dst
}

// moveFolder takes a folder with all below it to another place. False if that would put it into itself, which no file
// system allows and only lost messages can show, or too deep.
func (t *Table) moveFolder(i, parent int32, base string, exact bool, at mark) bool {
	if i == root {
		return false
	}
	f := t.folders.at(i)
	if f.Parent == parent && f.Base == base && f.Indexed {
		return true
	}
	depth := 0
	for up := parent; up != root; up = t.folders.at(up).Parent {
		if depth++; up == i || depth > 2*maxDepth {
			return false
		}
	}
	was := t.folderPath(i)
	if other := t.child(parent, base, exact); other != 0 && other != i {
		o := t.folders.at(other)
		t.byFolder.remove(t.hashOf(o.Parent, o.Base), other)
		o.Indexed = false
		t.unlist(other, o)
		if o.Kids > 0 {
			t.epoch++
		}
	}
	if f.Indexed {
		t.byFolder.remove(t.hashOf(f.Parent, f.Base), i)
	}
	if was != "" {
		p := t.places.add()
		*t.places.at(p) = place{Path: was, Until: at, Next: f.Past}
		t.bytes += len(was)
		f.Past = p
		t.trimPlaces(f)
	}
	to := t.folders.at(parent)
	to.Refs++
	to.Kids++
	t.unlist(i, f)
	t.bytes += len(base) - len(f.Base) - len(f.Path)
	from := f.Parent
	f.Path, f.Parent, f.Base, f.Indexed = "", parent, strings.Clone(base), true
	t.byFolder.add(t.hashOf(parent, base), i)
	if f.Kids > 0 {
		t.epoch++
	}
	t.folders.at(from).Kids--
	t.unref(from)
	return true
}

// trimPlaces forgets one place beyond the bound: the oldest but the first of all.
func (t *Table) trimPlaces(f *folder) {
	n := 0
	for p := f.Past; p != 0; p = t.places.at(p).Next {
		if n++; n < MaxMoves-1 {
			continue
		}
		second := t.places.at(p).Next
		if second == 0 || t.places.at(second).Next == 0 {
			return
		}
		t.places.at(p).Next = t.places.at(second).Next
		t.bytes -= len(t.places.at(second).Path)
		t.places.drop(second)
		t.stats.NamesDropped++
		return
	}
}
