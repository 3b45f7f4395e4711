package files

import (
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// observed is the message under way.
type observed struct {
	m      *es.Message
	by     lineage.Ref
	at     mark
	moment es.Moment
	late   bool
	denied bool
}

// sighting is what one es.File in a message came to.
type sighting struct {
	i       int32 // 0: the message gave neither identity nor path
	e       *entry
	known   bool
	reused  bool
	unseen  bool   // found under another name than the one known
	was     string // that one
	path    string // canonical, as the message has it; "" unknown
	awaited int32  // the clone or copyfile that this confirms, in the table's list, from 1
}

// How a file in a message is to be taken.
type manner uint8

const (
	asIs     manner = iota // it is, and is called so
	asBorn                 // it was just created
	asMerely               // its identity counts, its name does not
)

// see finds the file that a message speaks of, remembers it if it is new, and takes what the message says of it.
func (t *Table) see(f *es.File, how manner, o *observed) sighting {
	s := sighting{path: f.Path}
	if f.PathTruncated || f.Path == "" || f.Path[0] != '/' {
		s.path = ""
	}
	st := &f.Stat
	bare := absent(st)
	vol := int32(0)
	if !bare {
		vol = t.volumeOn(st.Dev, s.path, o.moment)
		if v := t.vols.at(vol); st.Ino == es.SyntheticIno && v.V.FS == "" {
			v.V.MadeUpInodes = true // only FAT shows that number, for empty files [D]; a mount would have told
		}
	}
	byInode := !bare && st.Ino != 0 && st.Ino != es.SyntheticIno && !t.vols.at(vol).V.MadeUpInodes
	if byInode {
		s.i = t.findInode(vol, st.Ino)
		if s.i != 0 && how != asBorn {
			s.e = t.entries.at(s.i)
			// The way of almost every message: a known file under a known name.
			if s.path != "" && t.hasPath(s.e, s.path) && !t.reborn(s.e, st, o) {
				s.known = true
				t.update(s.i, s.e, st, o)
				if s.e.Awaited {
					t.confirm(&s, how, o)
				}
				return s
			}
		}
	}
	if s.path != "" {
		s.path = Canonical(s.path)
	}
	if !byInode {
		if s.path == "" {
			return s
		}
		s.i = t.findPath(vol, s.path)
	}
	if s.i != 0 {
		s.e = t.entries.at(s.i)
		if how == asBorn && t.bornAnew(s.e, st, byInode, o) || how != asBorn && t.reborn(s.e, st, o) {
			t.retire(s.i, s.e, o)
			s.reused = byInode
			if byInode {
				t.stats.Reused++
			}
			s.i, s.e = 0, nil
		}
	}
	if s.i == 0 && byInode && t.bare && s.path != "" && how != asBorn {
		s.i = t.adopt(vol, st.Ino, s.path)
	}
	s.known = s.i != 0
	if s.known {
		s.e = t.entries.at(s.i)
		if !byInode && s.e.Ident == ByInode && !bare {
			t.detach(s.i, s.e) // its volume turned out to make inode numbers up
			s.e.Ident, s.e.Detached = ByPath, false
		}
	} else {
		if vol == 0 {
			if vol = t.volumeAbove(s.path); vol == 0 {
				vol = t.volumeOn(0, s.path, o.moment)
			}
		}
		s.i, s.e = t.remember(vol, st, byInode, o)
	}
	t.update(s.i, s.e, st, o)
	if how != asMerely {
		t.name(&s, how, o)
	}
	if t.pendingLive > 0 && (!s.known || how == asBorn || s.e.Awaited) {
		t.confirm(&s, how, o)
	}
	return s
}

// findInode is the file with an inode number on a volume; 0 unknown.
func (t *Table) findInode(vol int32, ino uint64) int32 {
	h := hashWords(ino, uint64(vol))
	for i, mask := t.byInode.from(h); ; i = (i + 1) & mask {
		s := t.byInode.at(i)
		if s.id == 0 {
			return 0
		}
		if s.hash == h {
			if e := t.entries.at(s.id); e.Ino == ino && e.Vol == vol {
				return s.id
			}
		}
	}
}

// findPath is the file that has a path now, on the given volume (0: on any that is mounted).
func (t *Table) findPath(vol int32, p string) int32 {
	var i int32
	if p == "/" {
		i = t.folders.at(root).File
	} else {
		i = t.holder(p)
	}
	if i == 0 || vol != 0 && t.entries.at(i).Vol != vol {
		return 0
	}
	return i
}

// adopt finds the file that was known by its path alone, from a message without status, and gives it its inode number.
func (t *Table) adopt(vol int32, ino uint64, p string) int32 {
	i := t.findPath(0, p)
	if i == 0 {
		return 0
	}
	e := t.entries.at(i)
	if e.Ident != ByPath || e.Ino != 0 {
		return 0
	}
	if e.Vol != vol {
		t.vols.at(vol).Files++
		t.leaveVolume(e.Vol)
		e.Vol = vol
	}
	e.Ident, e.Ino = ByInode, ino
	t.byInode.add(hashWords(ino, uint64(vol)), i)
	return i
}

// reborn reports whether an inode number names another file than before: its type is another, or it was born after the old
// one was last seen. An earlier birth time proves nothing: programs that copy set it back. Nor does the generation in the
// status: real messages have 0 there, and what file systems count in it differs.
func (t *Table) reborn(e *entry, st *es.Stat, o *observed) bool {
	if o.late || absent(st) || e.Last.Mode == 0 {
		return false
	}
	if st.Mode&es.ModeType != e.Last.Mode&es.ModeType {
		return true
	}
	return st.BirthTime > e.Last.BirthTime && e.Last.BirthTime != 0 && st.BirthTime > e.Wall && e.Wall != 0
}

// soon is how much earlier than its create message a file may be seen by others: it is in its folder before that is sent.
const soon = time.Second

// bornAnew reports whether a create message speaks of another file than the one remembered under the same identity. A
// message that comes late, or just after others had found the new file, speaks of the same.
func (t *Table) bornAnew(e *entry, st *es.Stat, byInode bool, o *observed) bool {
	switch {
	case o.late:
		return false
	case !absent(st) && e.Last.Mode != 0 && st.Mode&es.ModeType != e.Last.Mode&es.ModeType, e.Gone && byInode:
		return true
	case e.Exist == CreatedInView || e.Exist == ExistedBefore:
		return true
	case byInode && st.BirthTime != 0 && e.Last.BirthTime != 0:
		return st.BirthTime != e.Last.BirthTime
	}
	return o.at.Clock-e.Seen.Clock > int64(soon)
}

// retire ends a file whose identity now names another.
func (t *Table) retire(i int32, e *entry, o *observed) {
	for e.Names != 0 {
		t.endName(e, e.Names, o.at)
	}
	e.Gone = e.Past != 0
	t.detach(i, e)
	e.Detached = true
	if e.Folder != 0 {
		f := e.Folder
		e.Folder = 0
		t.folders.at(f).File = 0
		t.unref(f)
	}
}

// remember adds a file.
func (t *Table) remember(vol int32, st *es.Stat, byInode bool, o *observed) (int32, *entry) {
	i, e := t.addEntry()
	e.Vol = vol
	t.vols.at(vol).Files++
	e.Seen = o.at
	e.Last = statOf(st)
	e.Ident, e.Ino = ByPath, st.Ino
	if byInode {
		e.Ident = ByInode
		t.byInode.add(hashWords(st.Ino, uint64(vol)), i)
	} else if st.Ino == 0 {
		t.bare = true
	}
	e.Exist = t.existence(st)
	return i, e
}

// existence judges by a file's times whether it was there before the recording.
func (t *Table) existence(st *es.Stat) Existence {
	switch {
	case t.began == 0 || absent(st):
	case st.CTime != 0 && st.CTime < t.began:
		return ExistedBefore
	case st.BirthTime != 0 && st.BirthTime < t.began:
		return LikelyBefore
	case st.BirthTime != 0:
		return BornUnseen
	}
	return ExistenceUnknown
}

// young is how long before the recording a file may have been born to count as made by what was under way when it began.
const young = 60 * time.Second

// madeUnseen reports whether a file was made within the recording, or shortly before it, and no message told of it: what
// comes of it later may be the end of something whose beginning was not seen.
func (t *Table) madeUnseen(e *entry, first Stat) bool {
	switch e.Exist {
	case CreatedInView:
		return false
	case BornUnseen:
		return true
	}
	return t.began != 0 && first.BirthTime > t.began.Add(-young)
}

// update takes a file's status from a message.
func (t *Table) update(i int32, e *entry, st *es.Stat, o *observed) {
	t.touch(i, e)
	if absent(st) || o.late {
		return
	}
	e.Wall = max(e.Wall, o.m.Time)
	e.Linked = e.Linked || st.Nlink > 0
	if !e.Last.is(st) {
		if e.First == 0 {
			e.First = t.firsts.add()
			*t.firsts.at(e.First) = e.Last
		}
		e.Last = statOf(st)
		if e.Ident == ByPath {
			e.Ino = st.Ino
		}
	}
}

// name takes a file's path from a message for one of its names.
func (t *Table) name(s *sighting, how manner, o *observed) {
	e := s.e
	if s.path == "/" {
		if e.Folder != root {
			t.linkFolder(s.i, e, root)
		}
		return
	}
	if s.path == "" || t.hasPath(e, s.path) {
		t.linkAsNamed(s, o)
		return
	}
	known := e.Names|e.Past != 0
	// A file with no link left is still told under the name it had; what comes late was so before what is known.
	unlinked := how != asBorn && e.Linked && e.Last.Nlink == 0 && e.Last.Mode != 0
	if known && (unlinked || o.late) {
		return
	}
	dir, base := split(s.path)
	folder := t.folderAt(dir, t.exact(e.Vol), true)
	t.folders.at(folder).Refs++
	defer t.unref(folder)
	if t.presentName(e, folder, base) != 0 {
		return // the same name in another form
	}
	if (o.late || e.Last.Nlink == 0 && e.Last.Mode != 0) && how != asBorn && t.nameIn(folder, base) != 0 {
		t.addPast(e, folder, base, o.at)
		return
	}
	naming := NamedSeen
	switch {
	case how == asBorn:
		naming = NamedCreated
	case known:
		naming = NamedInferred
		t.notice(e, folder, base)
	}
	if e.Names != 0 && (e.Last.Nlink <= 1 || e.Last.Type() == es.ModeDir) {
		s.unseen = true
		n := t.names.at(e.Names)
		s.was = t.pathOf(n.Folder, n.Base)
		t.stats.Moved++
		for e.Names != 0 {
			t.endName(e, e.Names, o.at)
		}
	}
	t.giveName(s.i, e, folder, base, naming, o.at)
	for n := int(e.Last.Nlink); e.Last.Mode != 0 && n > 1 && int(e.NNames) > n; {
		t.endName(e, t.oldestName(e), o.at)
	}
}

// linkAsNamed ties a directory that has its name already to its place in the tree.
func (t *Table) linkAsNamed(s *sighting, o *observed) {
	if e := s.e; e.Folder == 0 && e.Names != 0 && e.Last.Type() == es.ModeDir {
		n := t.names.at(e.Names)
		t.placeFolder(s.i, e, n.Folder, n.Base, o.at)
	}
}

func (t *Table) oldestName(e *entry) int32 {
	i := e.Names
	for t.names.at(i).Next != 0 {
		i = t.names.at(i).Next
	}
	return i
}

// notice learns that a volume tells names apart by case: a file that had lost its name to another whose name differs only
// so is seen under it again, and both are there.
func (t *Table) notice(e *entry, folder int32, base string) {
	if e.Names != 0 || t.exact(e.Vol) {
		return
	}
	n := t.nameIn(folder, base)
	if n == 0 || t.names.at(n).Base == base {
		return
	}
	other := t.entries.at(t.names.at(n).File)
	if p := t.past.at(e.Past); other.Vol == e.Vol && p.Folder == folder && p.Base == base {
		t.vols.at(e.Vol).V.CaseSensitive = true
	}
}
