package files

import (
	"encoding/gob"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Ref is the handle of a remembered file; 0 is none. It stays the same across [Table.Save] and [Table.Restore]. The Ref of
// a forgotten file leads to nothing: a place in the table is given to another file only under another Ref.
type Ref int32

// VolumeRef is the handle of a volume; 0 is none.
type VolumeRef int32

// Limits bound what a table remembers. Zero fields mean the defaults.
type Limits struct {
	Files      int // remembered files; default 150,000, at most 1,000,000
	Bytes      int // counted bytes of names and folders' paths; default 24 MiB
	Executions int // executions whose descriptors and reads are followed; default 8,192
}

// Bounds of what one file, one execution or one table remembers beside [Limits].
const (
	MaxDeeds      = 24  // of one file; the oldest readers' go first, then the oldest others'
	MaxNames      = 12  // of one file: the first, and the latest others
	MaxAttributes = 16  // names of extended attributes of one file
	MaxReads      = 24  // files that one execution opened for reading, the latest
	MaxMade       = 24  // files that one execution created, the latest
	MaxPending    = 256 // clones and copyfiles that wait for their confirmation
)

// Table is what is known of the files of one host. It is fed in order and has no clock, no goroutine and no I/O.
//
// Moments that a table gives back carry Seq and Clock; their wall-clock Time is 0, unknown.
type Table struct{}

// New makes an empty table.
func New(l Limits) *Table { return &Table{} }

// Observe takes one message, performed by the given execution, and says which files it concerned. late marks a message
// whose place was already given up: it fills what is not known and changes no later fact.
//
// Fork, exec and exit are told by [Table.Forked], [Table.Execed] and [Table.Exited] instead, which know both executions.
// The strings in Change may point into the message.
func (t *Table) Observe(m *es.Message, by lineage.Ref, at es.Moment, late bool) Change {
	return Change{}
}

// Forked says that parent made child, which holds every descriptor that parent held.
func (t *Table) Forked(parent, child lineage.Ref, at es.Moment) {}

// Execed says that after took before's place in a process. It holds the descriptors that were not close-on-exec; the closes
// of a dying image come under before, for all of them, and may come later than this [S: exec shadow].
func (t *Table) Execed(before, after lineage.Ref, at es.Moment) {}

// Exited says that an execution is gone, and with it every descriptor it held.
func (t *Table) Exited(by lineage.Ref, at es.Moment) {}

// Snapshot takes what was mounted at the given moment: what is not among it is mounted no more. Nothing given, nothing learnt.
func (t *Table) Snapshot(mounts []es.SnapshotMount, at es.Moment) {}

// NewBoot says that what comes next is of another boot: nothing is open or mounted, device numbers mean other volumes.
func (t *Table) NewBoot(at es.Moment) {}

// Gap says that messages are missing before this moment.
func (t *Table) Gap(at es.Moment) {}

// Retain keeps a file from being forgotten while a draft refers to it; [Table.Release] undoes it. Both count.
func (t *Table) Retain(ref Ref)  {}
func (t *Table) Release(ref Ref) {}

// ForgottenSince reports whether anything that happened to some file at or after the moment was forgotten since, or, with
// changes, anything but reading: whoever says "nobody else" must ask.
func (t *Table) ForgottenSince(at es.Moment, changes bool) bool { return false }

// Stats is the table's balance.
type Stats struct {
	Files           int    // remembered now
	Retained        int    // of these, held by drafts
	Folders         int    // places in the tree of names
	Volumes         int    // mounted now, and gone ones that files still refer to
	Executions      int    // whose descriptors and reads are followed
	Bytes           int    // counted bytes of names and paths
	Seen            uint64 // files ever remembered
	Evicted         uint64 // files forgotten
	EvictedChanged  uint64 // of these, files that something but reading had happened to
	EvictedRetained uint64 // of these, files that drafts still held: only past the hard bound
	DeedsDropped    uint64 // facts of one file forgotten for its own bound
	NamesDropped    uint64
	Reused          uint64 // inode numbers seen to name another file
	Unconfirmed     uint64 // clones and copyfiles that nothing confirmed
	Moved           uint64 // names that changed with no rename in view
	Inferred        uint64 // volumes that no mount and no snapshot told of
	Gaps            uint64
}

// Stats counts.
func (t *Table) Stats() Stats { return Stats{} }

// Save writes the table's state; [Table.Restore] reads it. A restored table answers as the saved one would have.
func (t *Table) Save(w *gob.Encoder) error { return nil }

// Restore fills a new table from what [Table.Save] wrote. Limits are those of the new table.
func (t *Table) Restore(d *gob.Decoder) error { return nil }
