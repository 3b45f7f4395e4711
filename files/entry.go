package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// entry is one remembered file. Fields are exported for gob only.
type entry struct {
	// First, on two cache lines, what a message needs that says nothing new.
	Ino   uint64
	Doers uint64  // at least the bits of its deeds, see doerBit
	Wall  es.Time // wall clock of the last sighting
	Vol   int32
	Names int32 // present names, the latest given first
	Deeds int32 // the latest done first
	Has   Did   // at least the kinds of its deeds
	Used  uint32
	First int32  // status when first seen; 0: the same as Last
	Gen   uint16 // how often the place was given out before

	Class    class
	Ident    Identity
	Exist    Existence
	Made     Making
	Gone     bool // had names, has none
	HasCont  bool
	Detached bool // its inode number names another file now
	Linked   bool // its status ever counted a link
	Awaited  bool // a copyfile may be writing over it
	Live     bool
	NNames   uint8
	NPast    uint8

	Last Stat // as last seen
	Cont mark // when the present content, or the present session of writing, began

	Youngest lineage.Ref // at least the greatest of those whose deeds it has
	Prev     int32       // neighbours in its list

	Seen   mark // first message
	Next   int32
	Past   int32 // names it had, the latest ended first
	Attrs  int32
	Folder int32 // its place in the tree, of a directory
	Held   int32 // by how many drafts
	Source Ref   // what it was cloned or copied from
	Forgot Did
	NDeeds uint8
	NAttrs uint8
}

// Stat is the part of a file's status that is remembered.
type Stat struct {
	Size      int64 // -1 unknown
	MTime     es.Time
	BirthTime es.Time // 0 where the volume keeps none
	UID       uint32
	GID       uint32
	Flags     uint32
	Mode      uint16 // with the type; 0 unknown
	Nlink     uint16
}

// Type is the file type in the mode: es.ModeRegular, es.ModeDir …; 0 unknown.
func (s *Stat) Type() uint16 { return s.Mode & es.ModeType }

func statOf(s *es.Stat) Stat {
	st := Stat{
		Size: s.Size, MTime: s.MTime, BirthTime: s.BirthTime, UID: s.UID, GID: s.GID, Flags: s.Flags,
		Mode: s.Mode, Nlink: s.Nlink,
	}
	if absent(s) {
		st.Size = -1
	}
	return st
}

// is reports whether a status is statOf of a message's. That, made to be compared, would be waited for.
func (s *Stat) is(m *es.Stat) bool {
	return s.Size == m.Size && s.MTime == m.MTime && s.BirthTime == m.BirthTime && s.UID == m.UID && s.GID == m.GID &&
		s.Flags == m.Flags && s.Mode == m.Mode && s.Nlink == m.Nlink && !absent(m)
}

// absent reports whether a message carried no status: no file has neither type nor inode number.
func absent(s *es.Stat) bool { return s.Mode == 0 && s.Ino == 0 }

// class is what a file is forgotten by: first what was only read, so that an indexer going over a whole disk does not push
// out the files that programs work on.
type class uint8

const (
	classRead class = iota
	classChanged
	classHeld // by drafts
	classCount
)

// list is a list of slab elements, the latest used first.
type list struct{ Head, Tail, N int32 }

func (t *Table) ref(i int32) Ref {
	if i == 0 {
		return 0
	}
	return Ref(i | int32(t.entries.at(i).Gen)<<placeBits)
}

// entry is the file of a handle; nil for 0 and for what was forgotten.
func (t *Table) entry(ref Ref) *entry {
	i := int32(ref) & placeMask
	if ref <= 0 || i == 0 || i >= t.entries.n {
		return nil
	}
	e := t.entries.at(i)
	if !e.Live || int32(e.Gen) != int32(ref)>>placeBits {
		return nil
	}
	return e
}

func (t *Table) addEntry() (int32, *entry) {
	i := t.entries.add()
	e := t.entries.at(i)
	e.Live = true
	t.uses++
	e.Used = t.uses
	t.push(i, e)
	t.stats.Seen++
	return i, e
}

func (t *Table) push(i int32, e *entry) {
	l := &t.lists[e.Class]
	e.Prev, e.Next = 0, l.Head
	if l.Head != 0 {
		t.entries.at(l.Head).Prev = i
	} else {
		l.Tail = i
	}
	l.Head = i
	l.N++
}

func (t *Table) pull(e *entry) {
	l := &t.lists[e.Class]
	if e.Prev != 0 {
		t.entries.at(e.Prev).Next = e.Next
	} else {
		l.Head = e.Next
	}
	if e.Next != 0 {
		t.entries.at(e.Next).Prev = e.Prev
	} else {
		l.Tail = e.Prev
	}
	e.Prev, e.Next = 0, 0
	l.N--
}

// touch brings a file to the front of its list, unless it came there not long ago: within an eighth of the limit the order
// does not matter, and most messages are about files just used.
func (t *Table) touch(i int32, e *entry) {
	t.uses++
	if t.uses-e.Used < uint32(t.limits.Files/8) {
		return
	}
	e.Used = t.uses
	if t.lists[e.Class].Head != i {
		t.pull(e)
		t.push(i, e)
	}
}

func (t *Table) toClass(i int32, e *entry, c class) {
	if e.Class == c {
		return
	}
	t.pull(e)
	e.Class = c
	e.Used = t.uses
	t.push(i, e)
}

// ordinary is the class of a file that no draft holds.
func (t *Table) ordinary(e *entry) class {
	for d := e.Deeds; d != 0; d = t.deeds.at(d).Next {
		if t.deeds.at(d).did()&^(DidOpenRead|DidClose) != 0 {
			return classChanged
		}
	}
	return classRead
}

// Retain keeps a file from being forgotten while a draft refers to it; [Table.Release] undoes it. Both count.
func (t *Table) Retain(ref Ref) {
	if e := t.entry(ref); e != nil {
		e.Held++
		t.toClass(int32(ref)&placeMask, e, classHeld)
	}
}

// Release undoes one [Table.Retain].
func (t *Table) Release(ref Ref) {
	e := t.entry(ref)
	if e == nil || e.Held == 0 {
		return
	}
	if e.Held--; e.Held == 0 {
		t.toClass(int32(ref)&placeMask, e, t.ordinary(e))
	}
}

// Retained reports whether a draft refers to a file. False is mostly the answer, and quick.
func (t *Table) Retained(ref Ref) bool {
	e := t.entry(ref)
	return e != nil && e.Class == classHeld
}

// over reports whether the table remembers more than it may. A quarter of the limit may be retained beside it; more takes the
// place of others, and never is more retained than the limit.
func (t *Table) over() bool {
	free := int(t.lists[classRead].N + t.lists[classChanged].N)
	held := int(t.lists[classHeld].N)
	most := t.limits.Files
	return free > most || held > most || free > 0 && free+held > most+most/4 ||
		t.bytes > t.limits.Bytes || t.folders.used() > most+1 || t.deeds.used() > deedsAFile*most || t.held.Entries > 0 && t.cramped()
}

// trim forgets until the bounds hold again: what was only read while that is more than a quarter of the limit, then what
// was changed, and what drafts hold only when nothing else is left.
func (t *Table) trim() {
	for t.over() {
		read, changed, held := &t.lists[classRead], &t.lists[classChanged], &t.lists[classHeld]
		var i int32
		switch {
		case int(held.N) > t.limits.Files, read.N == 0 && changed.N == 0:
			i = held.Tail
		case changed.N == 0, read.N > 0 && int(read.N) > t.limits.Files/4:
			i = read.Tail
		default:
			i = changed.Tail
		}
		if i == 0 {
			return
		}
		t.forget(i)
	}
}

// forget removes a file and all that is known of it.
func (t *Table) forget(i int32) {
	e := t.entries.at(i)
	at := e.Seen
	for d := e.Deeds; d != 0; d = t.deeds.at(d).Next {
		at = latest(at, t.deeds.at(d).Last)
	}
	t.stats.Evicted++
	t.note(0, at)
	if t.ordinary(e) == classChanged {
		t.stats.EvictedChanged++
		t.note(1, at)
	}
	if e.Class == classHeld {
		t.stats.EvictedRetained++
	}
	for e.Names != 0 {
		t.freeName(e, e.Names)
	}
	for e.Past != 0 {
		n := e.Past
		e.Past = t.past.at(n).Next
		t.freePast(n)
	}
	for e.Deeds != 0 {
		d := e.Deeds
		e.Deeds = t.deeds.at(d).Next
		t.deeds.drop(d)
	}
	for e.Attrs != 0 {
		a := e.Attrs
		e.Attrs = t.attrs.at(a).Next
		t.bytes -= len(t.attrs.at(a).Name)
		t.attrs.drop(a)
	}
	if e.First != 0 {
		t.firsts.drop(e.First)
	}
	if e.Folder != 0 {
		t.folders.at(e.Folder).File = 0
		t.unref(e.Folder)
	}
	t.detach(i, e)
	t.leaveVolume(e.Vol)
	t.pull(e)
	gen := e.Gen
	t.entries.drop(i)
	t.entries.at(i).Gen = (gen + 1) & genMask
}

func (t *Table) note(which int, at mark) {
	if !t.forgot[which] || t.horizon[which].before(at) {
		t.forgot[which], t.horizon[which] = true, at
	}
}

// detach makes a file be found by its inode number no more.
func (t *Table) detach(i int32, e *entry) {
	if e.Ident == ByInode && !e.Detached {
		t.byInode.remove(hashWords(e.Ino, uint64(e.Vol)), i)
		e.Detached = true
	}
}

// ForgottenSince reports whether anything that happened to some file at or after the moment was forgotten since, or, with
// changes, anything but reading. Who says "nobody else" must ask.
func (t *Table) ForgottenSince(at es.Moment, changes bool) bool {
	w := 0
	if changes {
		w = 1
	}
	return t.forgot[w] && !t.horizon[w].before(markOf(at))
}
