package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// File is what is known of one file, without its names and deeds.
type File struct {
	Ref       Ref
	Volume    VolumeRef
	Ino       uint64 // as last seen; 0 unknown
	Dev       int32
	Identity  Identity
	Seen      es.Moment // first message about it
	FirstStat Stat      // as it was then; of a file created in view its status at birth
	Stat      Stat      // as last seen
	Existence Existence
	Made      Making
	Source    Ref         // what it was cloned or copied from, by clone and copyfile only
	MadeBy    lineage.Ref // who created it, in view; 0 otherwise
	MadeAt    es.Moment
	// MadeUnseen: it was made within the recording or in the minute before, and no message told of it.
	MadeUnseen bool

	Gone    bool // its last known name was unlinked, or went to another file
	Mounted bool // its volume is still mounted
	Forgot  Did  // kinds of deeds of which some were forgotten for the file's own bound
	Names   int  // how many names it has now, as far as known
}

// File is what is known of a file; false for 0 and for what was forgotten.
func (t *Table) File(ref Ref) (File, bool) {
	e := t.entry(ref)
	if e == nil {
		return File{}, false
	}
	v := t.vols.at(e.Vol)
	f := File{
		Ref: ref, Volume: v.V.Ref, Ino: e.Ino, Dev: v.V.Dev, Identity: e.Ident, Seen: e.Seen.moment(),
		FirstStat: e.Last, Stat: e.Last, Existence: e.Exist, Made: e.Made, Gone: e.Gone, Mounted: !v.V.Unmounted,
		Forgot: e.Forgot, Names: int(e.NNames),
	}
	if e.First != 0 {
		f.FirstStat = *t.firsts.at(e.First)
	}
	f.MadeUnseen = t.madeUnseen(e, f.FirstStat)
	if t.entry(e.Source) != nil {
		f.Source = e.Source
	}
	if e.Has&DidCreate == 0 {
		return f, true
	}
	for i := e.Deeds; i != 0; i = t.deeds.at(i).Next {
		if d := t.deeds.at(i); d.did() == DidCreate && (f.MadeBy == 0 || d.First.before(markOf(f.MadeAt))) {
			f.MadeBy, f.MadeAt = d.By, d.First.moment()
		}
	}
	return f, true
}

// Size is a file's size as last seen; -1 unknown.
func (t *Table) Size(ref Ref) int64 {
	if e := t.entry(ref); e != nil {
		return e.Last.Size
	}
	return -1
}

// FindIdentity is the file with a device and inode number now; 0 unknown, or where numbers are made up.
func (t *Table) FindIdentity(dev int32, ino uint64) Ref {
	vol := t.byDev[dev]
	if vol == 0 || ino == 0 || ino == es.SyntheticIno || t.vols.at(vol).V.MadeUpInodes {
		return 0
	}
	return t.ref(t.findInode(vol, ino))
}
