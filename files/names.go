package files

import (
	"slices"
	"strings"

	"ascribe.example/es"
)

// Naming is how a name came to be known, or came to be given.
type Naming uint8

// The namings.
const (
	NamedSeen     Naming = iota // it had the name when first seen
	NamedCreated                // by its creation
	NamedRenamed                // by a rename
	NamedLinked                 // by a hard link
	NamedSwapped                // by the other half of a swap
	NamedInferred               // it was seen there: the rename, link or move of a folder was not
)

// Name is one name of a file and the time it had it.
type Name struct {
	Path    string // when the name began; later moves of folders above it show in [Table.NameAt]
	How     Naming
	From    es.Moment
	Until   es.Moment // meaningful only if not Current
	Current bool
}

// name is a present name.
type name struct {
	Base   string
	From   mark
	Folder int32
	File   int32
	Next   int32 // of the same file
	How    Naming
}

// pastName is a name that was.
type pastName struct {
	Base   string
	From   mark
	Until  mark
	Folder int32
	Next   int32
	How    Naming
}

// exact reports whether names on a file's volume differ by case and Unicode form.
func (t *Table) exact(vol int32) bool { return vol != 0 && t.vols.at(vol).V.CaseSensitive }

// hashOf is what a name in a folder is found by.
func (t *Table) hashOf(folder int32, base string) uint32 {
	return hashName(folder, t.folding.fold(base))
}

// nameIn is the present name in a folder that is the given one, as its volume compares; 0 if there is none.
func (t *Table) nameIn(folder int32, base string) int32 {
	return t.nameWith(t.hashOf(folder, base), folder, base)
}

// nameWith is nameIn where the hash is known.
func (t *Table) nameWith(h uint32, folder int32, base string) int32 {
	found := int32(0)
	for i, mask := t.byName.from(h); ; i = (i + 1) & mask {
		s := t.byName.at(i)
		if s.id == 0 {
			return found
		}
		if s.hash != h {
			continue
		}
		n := t.names.at(s.id)
		if n.Folder != folder {
			continue
		}
		if n.Base == base {
			return s.id
		}
		if (found == 0 || s.id < found) && !t.exact(t.entries.at(n.File).Vol) && t.folding.same(n.Base, base) {
			found = s.id
		}
	}
}

// hasPath reports whether one of a file's present names has exactly this path. It is what most messages come down to.
func (t *Table) hasPath(e *entry, p string) bool {
	for i := e.Names; i != 0; {
		n := t.names.at(i)
		if t.isPath(n, p) {
			return true
		}
		i = n.Next
	}
	return false
}

// isPath reports whether a name has exactly this path.
func (t *Table) isPath(n *name, p string) bool {
	d := len(p) - len(n.Base) - 1
	if d < 0 || p[d] != '/' || p[d+1:] != n.Base {
		return false
	}
	if n.Folder == root {
		return d == 0
	}
	return d > 0 && t.folderPath(n.Folder) == p[:d]
}

// presentName is the file's present name in a folder, compared as its volume compares; 0 if it has none such.
func (t *Table) presentName(e *entry, folder int32, base string) int32 {
	exact := t.exact(e.Vol)
	for i := e.Names; i != 0; i = t.names.at(i).Next {
		if n := t.names.at(i); n.Folder == folder && (n.Base == base || !exact && t.folding.same(n.Base, base)) {
			return i
		}
	}
	return 0
}

// giveName gives a file a name, and takes it from the file that had it, which is returned; 0 if none had.
func (t *Table) giveName(i int32, e *entry, folder int32, base string, how Naming, at mark) (loser int32) {
	t.folders.at(folder).Refs++ // ending another name may let go of the last reference
	h := t.hashOf(folder, base)
	if n := t.nameWith(h, folder, base); n != 0 {
		if t.names.at(n).File == i {
			if t.names.at(n).Base == base {
				t.unref(folder)
				return 0
			}
			t.endName(e, n, at)
		} else {
			loser = t.names.at(n).File
			t.endName(t.entries.at(loser), n, at)
		}
	}
	n := t.names.add()
	*t.names.at(n) = name{Base: strings.Clone(base), From: at, Folder: folder, File: i, Next: e.Names, How: how}
	t.bytes += len(base)
	t.byName.add(h, n)
	e.Names = n
	e.NNames++
	e.Gone = false
	t.trimNames(e)
	if e.Last.Type() == es.ModeDir {
		t.placeFolder(i, e, folder, base, at)
	}
	return loser
}

// placeFolder puts a directory's place in the tree where its name is.
func (t *Table) placeFolder(i int32, e *entry, parent int32, base string, at mark) {
	exact := t.exact(e.Vol)
	if e.Folder != 0 && t.moveFolder(e.Folder, parent, base, exact, at) {
		return
	}
	f := t.child(parent, base, exact)
	if f == 0 {
		f = t.addFolder(parent, base)
	}
	t.linkFolder(i, e, f)
}

// linkFolder ties a directory to its place in the tree.
func (t *Table) linkFolder(i int32, e *entry, f int32) {
	if e.Folder == f {
		return
	}
	t.folders.at(f).Refs++
	if other := t.folders.at(f).File; other != 0 {
		t.entries.at(other).Folder = 0
		t.folders.at(f).Refs--
	}
	if e.Folder != 0 {
		t.folders.at(e.Folder).File = 0
		t.unref(e.Folder)
	}
	e.Folder = f
	t.folders.at(f).File = i
}

// unlinkName takes a present name out of its file's list and out of the index.
func (t *Table) unlinkName(e *entry, i int32) {
	n := t.names.at(i)
	for p := &e.Names; *p != 0; p = &t.names.at(*p).Next {
		if *p == i {
			*p = n.Next
			break
		}
	}
	e.NNames--
	t.byName.remove(t.hashOf(n.Folder, n.Base), i)
}

// endName makes a present name one that was.
func (t *Table) endName(e *entry, i int32, at mark) {
	t.unlinkName(e, i)
	n := t.names.at(i)
	p := t.past.add()
	*t.past.at(p) = pastName{Base: n.Base, From: n.From, Until: latest(at, n.From), Folder: n.Folder, Next: e.Past, How: n.How}
	e.Past = p
	e.NPast++
	t.names.drop(i)
	t.trimNames(e)
	e.Gone = e.Names == 0
}

// addPast gives a file a name that another one has already.
func (t *Table) addPast(e *entry, folder int32, base string, at mark) {
	p := t.past.add()
	*t.past.at(p) = pastName{Base: strings.Clone(base), From: at, Until: at, Folder: folder, Next: e.Past}
	t.bytes += len(base)
	t.folders.at(folder).Refs++
	e.Past = p
	e.NPast++
	t.trimNames(e)
	e.Gone = e.Names == 0
}

// freeName forgets a present name.
func (t *Table) freeName(e *entry, i int32) {
	t.unlinkName(e, i)
	n := t.names.at(i)
	t.bytes -= len(n.Base)
	folder := n.Folder
	t.names.drop(i)
	t.unref(folder)
}

func (t *Table) freePast(i int32) {
	p := t.past.at(i)
	t.bytes -= len(p.Base)
	folder := p.Folder
	t.past.drop(i)
	t.unref(folder)
}

// trimNames forgets names beyond the bound: past ones but the first of all, then the oldest present one.
func (t *Table) trimNames(e *entry) {
	for int(e.NNames)+int(e.NPast) > MaxNames {
		t.stats.NamesDropped++
		if e.NPast >= 2 {
			// The last in the list is the first name; the one before it goes.
			p := &e.Past
			for t.past.at(t.past.at(*p).Next).Next != 0 {
				p = &t.past.at(*p).Next
			}
			gone := *p
			*p = t.past.at(gone).Next
			e.NPast--
			t.freePast(gone)
			continue
		}
		last := e.Names
		for t.names.at(last).Next != 0 {
			last = t.names.at(last).Next
		}
		t.freeName(e, last)
	}
}

// pathOf is a name's path as it is now.
func (t *Table) pathOf(folder int32, base string) string { return join(t.folderPath(folder), base) }

// pathThen is a name's path as it was at a moment.
func (t *Table) pathThen(folder int32, base string, at mark) string {
	t.scratch = t.appendFolder(t.scratch[:0], folder, at, true)
	if len(t.scratch) == 0 {
		return ""
	}
	if len(t.scratch) > 1 {
		t.scratch = append(t.scratch, '/')
	}
	return string(append(t.scratch, base...))
}

// Path is the file's present canonical path: of several the latest given; of a gone file its last. "" unknown.
func (t *Table) Path(ref Ref) string {
	e := t.entry(ref)
	switch {
	case e == nil:
		return ""
	case e.Names != 0:
		n := t.names.at(e.Names)
		return t.pathOf(n.Folder, n.Base)
	case e.Past != 0:
		p := t.past.at(e.Past)
		return t.pathThen(p.Folder, p.Base, p.Until.justBefore())
	case e.Folder == root:
		return "/"
	}
	return ""
}

// IsAt reports whether [Table.Path] is p. It is quicker, and allocates nothing.
func (t *Table) IsAt(ref Ref, p string) bool {
	e := t.entry(ref)
	if e == nil || e.Names == 0 || p == "" {
		return false
	}
	n := t.names.at(e.Names)
	return t.isPath(n, p)
}

// justBefore is a moment at which what ended at k was still so.
func (k mark) justBefore() mark { return mark{Seq: es.NoSeq, Clock: k.Clock - 1} }

// history calls f with the file's names, earliest first.
func (t *Table) history(e *entry, f func(p *pastName, current bool)) {
	var all [MaxNames + 1]struct {
		pastName
		current bool
	}
	n := 0
	for i := e.Past; i != 0 && n < len(all); i = t.past.at(i).Next {
		all[n].pastName = *t.past.at(i)
		n++
	}
	for i := e.Names; i != 0 && n < len(all); i = t.names.at(i).Next {
		m := t.names.at(i)
		all[n].pastName = pastName{Base: m.Base, From: m.From, Folder: m.Folder, How: m.How}
		all[n].current = true
		n++
	}
	// Both lists are latest first: turned round they are in order but for names that lasted longer than later ones.
	slices.Reverse(all[:n])
	for i := 1; i < n; i++ {
		for j := i; j > 0 && all[j].From.before(all[j-1].From); j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	for i := range all[:n] {
		f(&all[i].pastName, all[i].current)
	}
}

// FirstName is the path under which the file was first seen.
func (t *Table) FirstName(ref Ref) string {
	first := ""
	if e := t.entry(ref); e != nil {
		t.history(e, func(p *pastName, _ bool) {
			if first == "" {
				first = t.pathThen(p.Folder, p.Base, p.From)
			}
		})
	}
	return first
}

// NameAt is the path that the file had at the given moment: of several the latest given; before it was seen, the first;
// while it had none, the last it had had.
func (t *Table) NameAt(ref Ref, at es.Moment) string {
	e := t.entry(ref)
	if e == nil {
		return ""
	}
	k := markOf(at)
	var best pastName
	found, held := false, false
	t.history(e, func(p *pastName, current bool) {
		if found && k.before(p.From) {
			return
		}
		holds := current || k.before(p.Until)
		if found && held && !holds {
			return
		}
		best, found, held = *p, true, holds
	})
	if !found {
		return t.Path(ref)
	}
	if !held {
		k = best.Until.justBefore()
	}
	if k.before(best.From) {
		k = best.From
	}
	return t.pathThen(best.Folder, best.Base, k)
}

// History appends the file's names, earliest first. More than [MaxNames] lose their middle.
func (t *Table) History(dst []Name, ref Ref) []Name {
	e := t.entry(ref)
	if e == nil {
		return dst
	}
	t.history(e, func(p *pastName, current bool) {
		n := Name{Path: t.pathThen(p.Folder, p.Base, p.From), How: p.How, From: p.From.moment(), Current: current}
		if !current {
			n.Until = p.Until.moment()
		}
		dst = append(dst, n)
	})
	return dst
}

// Find is the file that has the given path now, as far as known, compared as its volume compares. The path need not be
// canonical.
func (t *Table) Find(p string) Ref {
	p = Canonical(p)
	if p == "" || p[0] != '/' {
		return 0
	}
	if p == "/" {
		return t.ref(t.folders.at(root).File)
	}
	return t.ref(t.holder(p))
}

// holder is the file on a mounted volume that has a canonical path now; 0 if none is known.
func (t *Table) holder(p string) int32 {
	dir, base := split(p)
	f := t.folderAt(dir, false, false)
	if f == 0 {
		return 0
	}
	n := t.nameIn(f, base)
	if n == 0 {
		return 0
	}
	i := t.names.at(n).File
	if v := t.entries.at(i).Vol; v != 0 && t.vols.at(v).V.Unmounted {
		return 0
	}
	return i
}

// Parent is the folder that holds the file's present name, where messages gave that folder an identity; 0 otherwise.
func (t *Table) Parent(ref Ref) Ref {
	e := t.entry(ref)
	if e == nil {
		return 0
	}
	return t.dirOf(e)
}

func (t *Table) dirOf(e *entry) Ref {
	switch {
	case e.Names != 0:
		return t.ref(t.folders.at(t.names.at(e.Names).Folder).File)
	case e.Past != 0:
		return t.ref(t.folders.at(t.past.at(e.Past).Folder).File)
	}
	return 0
}
