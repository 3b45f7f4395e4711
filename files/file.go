package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Stat is the part of a file's status that is remembered.
type Stat struct {
	Size      int64 // -1 unknown
	MTime     es.Time
	BirthTime es.Time // 0 where the volume keeps none
	UID       uint32
	GID       uint32
	Flags     uint32
	Gen       uint32
	Mode      uint16 // with the type; 0 unknown
	Nlink     uint16
}

// Type is the file type in the mode: es.ModeRegular, es.ModeDir …; 0 unknown.
func (s *Stat) Type() uint16 { return s.Mode & es.ModeType }

// File is what is known of one file, without its names and deeds.
type File struct {
	Ref       Ref
	Volume    VolumeRef
	Ino       uint64 // as last seen; 0 unknown
	Dev       int32
	Identity  Identity
	Seen      es.Moment // first message about it
	FirstStat Stat      // as it was then
	Stat      Stat      // as last seen
	Existence Existence
	Made      Making
	Source    Ref         // what it was cloned or copied from, by clone and copyfile only
	MadeBy    lineage.Ref // who created it, in view; 0 otherwise
	MadeAt    es.Moment
	Gone      bool // its last known name was unlinked, or given to another file
	Mounted   bool // its volume is still mounted
	Forgot    Did  // kinds of deeds of which some were forgotten for the file's own bound
	Names     int  // how many names it has now, as far as known
}

// File is what is known of a file; false for 0 and for what was forgotten.
func (t *Table) File(ref Ref) (File, bool) { return File{}, false }

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
	Path    string // as it was when the name began; later moves of folders above show in [Table.NameAt]
	How     Naming
	From    es.Moment
	Until   es.Moment // meaningful only if not Current
	Current bool
}

// Path is the file's present canonical path: of several the latest one seen; of a gone file its last. "" unknown.
func (t *Table) Path(ref Ref) string { return "" }

// FirstName is the path under which the file was first seen.
func (t *Table) FirstName(ref Ref) string { return "" }

// NameAt is the path that the file had at the given moment: of several the latest given; before it was seen, the first.
func (t *Table) NameAt(ref Ref, at es.Moment) string { return "" }

// History appends the file's names, earliest first. More than [MaxNames] lose their middle.
func (t *Table) History(dst []Name, ref Ref) []Name { return dst }

// Find is the file that has the given path now, as far as known, compared as its volume compares. The path need not be
// canonical.
func (t *Table) Find(path string) Ref { return 0 }

// FindIdentity is the file with a device and inode number now; 0 unknown, or where numbers are made up.
func (t *Table) FindIdentity(dev int32, ino uint64) Ref { return 0 }

// Parent is the folder that holds the file's present name, where messages gave that folder an identity; 0 otherwise.
func (t *Table) Parent(ref Ref) Ref { return 0 }

// Attribute is an extended attribute that was set or deleted in view.
type Attribute struct {
	Name    string
	By      lineage.Ref // the last to do so
	At      es.Moment
	Deleted bool
}

// Attributes appends the extended attributes that were set or deleted in view, by first sight; at most [MaxAttributes].
func (t *Table) Attributes(dst []Attribute, ref Ref) []Attribute { return dst }

// HasAttribute reports whether an extended attribute was set in view and not deleted since.
func (t *Table) HasAttribute(ref Ref, name string) bool { return false }

// Canonical is the one path for a file that firmlinks and the top-level symlinks give several: /System/Volumes/Data/Users/x
// is /Users/x, /tmp/x is /private/tmp/x. It does not look at case.
func Canonical(path string) string { return path }
