package files

import "ascribe.example/es"

// destination is where a rename, link, clone or copyfile puts a name.
type destination struct {
	path   string // canonical; "" unknown
	folder int32  // 0 unknown; held until let go
	base   string
}

// into finds the place for a name in a folder that a message describes.
func (t *Table) into(dir *es.File, base string, o *observed) destination {
	s := t.see(dir, asIs, o)
	d := destination{base: base}
	if s.path == "" || base == "" {
		return d
	}
	d.path = join(s.path, base)
	if s.e != nil && s.e.Folder != 0 && t.folderPath(s.e.Folder) == s.path {
		d.folder = s.e.Folder
	} else {
		d.folder = t.folderAt(s.path, s.e != nil && t.exact(s.e.Vol), true)
	}
	t.folders.at(d.folder).Refs++
	return d
}

// at finds the place of a path.
func (t *Table) placeOf(p string, vol int32) destination {
	if p == "" || p[0] != '/' || p == "/" {
		return destination{}
	}
	dir, base := split(p)
	d := destination{path: p, base: base, folder: t.folderAt(dir, t.exact(vol), true)}
	t.folders.at(d.folder).Refs++
	return d
}

func (t *Table) letPlaceGo(d *destination) {
	if d.folder != 0 {
		t.unref(d.folder)
	}
}

// identify finds a file that a message speaks of and changes nothing.
func (t *Table) identify(f *es.File) int32 {
	st := &f.Stat
	vol := t.byDev[st.Dev]
	if vol != 0 && st.Ino != 0 && st.Ino != es.SyntheticIno && !t.vols.at(vol).V.MadeUpInodes {
		return t.findInode(vol, st.Ino)
	}
	if p := Canonical(f.Path); p != "" && p[0] == '/' && !f.PathTruncated {
		return t.findPath(0, p)
	}
	return 0
}

func (t *Table) rename(ev *es.Rename, o *observed, c *Change) {
	before, after := ev.Source.Path, ev.ExistingFile.Path
	existing := ev.DestinationType == es.DestinationExistingFile
	if !existing {
		after = join(Canonical(ev.Dir.Path), ev.Filename)
	}
	if o.denied {
		s := t.see(&ev.Source, asIs, o)
		t.on(&s, c)
		c.After = Canonical(after)
		return
	}
	if r := t.retried(o, &ev.Source, before, after); r != nil {
		t.again(r, Canonical(before), Canonical(after), c)
		return
	}
	if existing && t.swapped(ev, o, c) {
		return
	}
	s := t.see(&ev.Source, asIs, o)
	t.on(&s, c)
	c.After = Canonical(after)
	if s.i == 0 {
		return
	}
	var to destination
	var r sighting
	if existing {
		if t.identify(&ev.ExistingFile) != s.i {
			r = t.see(&ev.ExistingFile, asIs, o)
		}
		to = t.placeOf(Canonical(after), s.e.Vol)
	} else {
		to = t.into(&ev.Dir, ev.Filename, o)
	}
	defer t.letPlaceGo(&to)
	if r.i == s.i {
		r = sighting{}
	}
	t.execution(o.by)
	t.did(s.i, s.e, DidRename, o)
	if r.i != 0 {
		c.Replaced = t.ref(r.i)
		t.did(r.i, r.e, DidReplace, o)
	}
	if to.folder != 0 && !t.overtaken(s.e, o) {
		t.moveName(&s, &r, to, NamedRenamed, o)
	}
	t.remind(o, &ev.Source, before, after, c.Target, c.Replaced, false)
}

// again fills the change of a message that repeats the one before it.
func (t *Table) again(r *recent, before, after string, c *Change) {
	t.stats.Retries++
	c.Target, c.Replaced, c.Before, c.After, c.Retry, c.Swapped = r.Target, r.Replaced, before, after, true, r.Swapped
	if e := t.entry(r.Target); e != nil {
		c.Volume, c.Identity, c.Known = t.volRef(e.Vol), e.Ident, true
	}
}

// overtaken reports whether a file got its name after the message that comes late.
func (t *Table) overtaken(e *entry, o *observed) bool {
	return o.late && e.Names != 0 && o.at.before(t.names.at(e.Names).From)
}

// moveName takes the name under which a file was seen away and gives it another, which the file r had.
func (t *Table) moveName(s, r *sighting, to destination, how Naming, o *observed) {
	if s.path != "" && s.path != "/" {
		dir, base := split(s.path)
		if f := t.folderAt(dir, t.exact(s.e.Vol), false); f != 0 {
			if n := t.presentName(s.e, f, base); n != 0 && !(f == to.folder && t.names.at(n).Base == to.base) {
				t.endName(s.e, n, o.at)
			}
		}
	} else {
		for s.e.Names != 0 {
			t.endName(s.e, s.e.Names, o.at)
		}
	}
	t.giveName(s.i, s.e, to.folder, to.base, how, o.at)
	if r.i == 0 {
		return
	}
	// What was renamed over has one name less; with none left it is gone, even if it stood under another in the table.
	if r.e.Names != 0 && (r.e.Last.Nlink <= 1 || r.e.Last.Type() == es.ModeDir) {
		for r.e.Names != 0 {
			t.endName(r.e, r.e.Names, o.at)
		}
	}
	r.e.Gone = r.e.Names == 0
}

// swapped takes the second half of a swap. Two files that change places are told as two renames on one thread, each over
// the other [S]: by the first, the second file looked as if it were gone. A file that is gone cannot be renamed, so the
// inode numbers alone tell; where there are none the paths must be those of the first half, crosswise.
func (t *Table) swapped(ev *es.Rename, o *observed, c *Change) bool {
	last := t.lastOn(o)
	if last == nil || last.Kind != es.KindRename || last.Replaced == 0 || last.Swapped {
		return false
	}
	a, b := t.entry(last.Target), t.entry(last.Replaced)
	if a == nil || b == nil {
		return false
	}
	if a.Ident == ByInode && b.Ident == ByInode {
		if t.ref(t.identify(&ev.Source)) != last.Replaced || t.ref(t.identify(&ev.ExistingFile)) != last.Target {
			return false
		}
	} else if string(last.Before) != ev.ExistingFile.Path || string(last.After) != ev.Source.Path {
		return false
	}
	bi := int32(last.Replaced) & placeMask
	c.Target, c.Replaced, c.Volume, c.Identity = last.Replaced, last.Target, t.volRef(b.Vol), b.Ident
	c.Known, c.Swapped, c.Before, c.After = true, true, Canonical(string(last.After)), Canonical(string(last.Before))
	to := t.placeOf(c.After, b.Vol)
	defer t.letPlaceGo(&to)
	t.undo(b, DidReplace, o.by)
	t.did(bi, b, DidRename, o)
	t.update(bi, b, &ev.Source.Stat, o)
	if to.folder != 0 {
		t.giveName(bi, b, to.folder, to.base, NamedSwapped, o.at)
	}
	t.remind(o, &ev.Source, ev.Source.Path, ev.ExistingFile.Path, c.Target, c.Replaced, true)
	return true
}

func (t *Table) unlink(ev *es.Unlink, o *observed, c *Change) {
	f := &ev.Target
	if !o.denied {
		if r := t.retried(o, f, f.Path, ""); r != nil {
			t.again(r, Canonical(f.Path), "", c)
			return
		}
	}
	s := t.see(f, asIs, o)
	t.see(&ev.ParentDir, asIs, o)
	t.on(&s, c)
	if o.denied {
		return
	}
	c.After = ""
	if s.i == 0 {
		return
	}
	t.did(s.i, s.e, DidUnlink, o)
	if !t.overtaken(s.e, o) {
		t.dropName(&s, o)
		c.Gone = s.e.Gone
	}
	t.remind(o, f, f.Path, "", c.Target, 0, false)
}

// dropName takes away the name under which a file was unlinked. Whether the status counts the link that goes is not
// documented, so a file is gone if it counts none, or at most one and no other name is known; a folder always.
func (t *Table) dropName(s *sighting, o *observed) {
	e := s.e
	this := int32(0)
	if s.path != "" && s.path != "/" {
		dir, base := split(s.path)
		if f := t.folderAt(dir, t.exact(e.Vol), false); f != 0 {
			this = t.presentName(e, f, base)
		}
	}
	others := int(e.NNames)
	if this != 0 {
		others--
	}
	if e.Last.Type() == es.ModeDir || e.Linked && e.Last.Nlink == 0 || e.Last.Nlink <= 1 && others == 0 {
		for e.Names != 0 {
			t.endName(e, e.Names, o.at)
		}
		e.Gone = true
		return
	}
	if this != 0 {
		t.endName(e, this, o.at)
	}
	e.Gone = false // it has another name, known or not
}

func (t *Table) link(ev *es.Link, o *observed, c *Change) {
	s := t.see(&ev.Source, asIs, o)
	to := t.into(&ev.TargetDir, ev.TargetFilename, o)
	defer t.letPlaceGo(&to)
	t.on(&s, c)
	c.After = to.path
	if s.i == 0 || o.denied {
		return
	}
	t.did(s.i, s.e, DidLink, o)
	if to.folder != 0 {
		if s.e.Last.Nlink == 1 {
			s.e.Last.Nlink = 2
		}
		c.Replaced = t.ref(t.giveName(s.i, s.e, to.folder, to.base, NamedLinked, o.at))
	}
}

func (t *Table) clone(ev *es.Clone, o *observed, c *Change) {
	s := t.see(&ev.Source, asIs, o)
	to := t.into(&ev.TargetDir, ev.TargetName, o)
	defer t.letPlaceGo(&to)
	c.Source, c.Before, c.After, c.Awaiting = t.ref(s.i), s.path, to.path, true
	if s.i == 0 || o.denied {
		return
	}
	c.Volume, c.Identity, c.Known = t.volRef(s.e.Vol), s.e.Ident, s.known
	t.did(s.i, s.e, DidClone, o)
	if to.folder != 0 {
		t.await(MadeByClone, c.Source, 0, to, o)
	}
}

func (t *Table) copyfile(ev *es.Copyfile, o *observed, c *Change) {
	s := t.see(&ev.Source, asIs, o)
	to := t.into(&ev.TargetDir, ev.TargetName, o)
	defer t.letPlaceGo(&to)
	c.Source, c.Before, c.After, c.Awaiting = t.ref(s.i), s.path, to.path, true
	if ev.TargetFile != nil {
		over := t.see(ev.TargetFile, asIs, o)
		c.Target, c.Replaced = t.ref(over.i), t.ref(over.i)
		if over.i != 0 && !o.denied {
			t.did(over.i, over.e, DidCopyOver, o)
			over.e.content(o.at)
		}
		if c.After == "" {
			c.After = over.path
		}
	}
	if s.i == 0 || o.denied {
		return
	}
	c.Volume, c.Identity, c.Known = t.volRef(s.e.Vol), s.e.Ident, s.known
	t.did(s.i, s.e, DidCopyFrom, o)
	if to.folder != 0 {
		t.await(MadeByCopyfile, c.Source, c.Target, to, o)
	}
}
