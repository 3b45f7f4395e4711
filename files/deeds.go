package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Did is what an execution did with a file; several are a set.
type Did uint32

// The deeds.
const (
	DidCreate        Did = 1 << iota // create: file, folder, symlink; also the create that confirms a clone
	DidOpenRead                      // opened without FWRITE
	DidOpenWrite                     // opened with FWRITE
	DidWrite                         // write: told before the kernel tries
	DidMap                           // mapped shared and writable
	DidTruncate                      // truncate(2), ftruncate(2), and opens with O_TRUNC
	DidClose                         // let go of a descriptor that was not modified, never opened by it or opened for writing
	DidCloseModified                 // let go of a descriptor whose open file somebody had modified
	DidRename
	DidLink
	DidUnlink
	DidReplace  // gave its name to another file: a rename over it, by this execution
	DidClone    // made a clone of it
	DidCopyfile // made a copy of it with the system call, or wrote over it so
	DidExchange // exchanged its contents
	DidSetAttr
	DidDeleteAttr
	DidSetMode
	DidSetOwner
	DidSetFlags
	DidSetACL
	DidSetTimes

	// DidContent is everything that may put content there.
	DidContent = DidCreate | DidOpenWrite | DidWrite | DidMap | DidTruncate | DidCopyfile | DidExchange
	// DidHold is everything that shows a descriptor.
	DidHold = DidOpenRead | DidOpenWrite | DidWrite | DidMap | DidClose | DidCloseModified
)

// Deed is one kind of thing that one execution did with one file, once or more often.
type Deed struct {
	Did   Did // one bit
	By    lineage.Ref
	First es.Moment
	Last  es.Moment
	Count uint32
	Open  int   // of opens: descriptors not seen to be closed; creates and writes without an open count as one
	Value int64 // see its methods
}

// FFlags are all flags of all opens, of DidOpenRead and DidOpenWrite.
func (d *Deed) FFlags() int32 { return int32(d.Value) }

// Mode is the latest mode set, of DidSetMode.
func (d *Deed) Mode() uint16 { return uint16(d.Value) }

// Owner is the latest owner and group set, of DidSetOwner.
func (d *Deed) Owner() (uid, gid uint32) { return uint32(d.Value), uint32(d.Value >> 32) }

// FileFlags are the latest flags set, of DidSetFlags.
func (d *Deed) FileFlags() uint32 { return uint32(d.Value) }

// MTime is the latest modification time set, of DidSetTimes.
func (d *Deed) MTime() es.Time { return es.Time(d.Value) }

// Deeds appends what was done to a file, of the given kinds, last done at or after since (the zero Moment: ever): earliest
// first. What was forgotten for the file's own bound is in [File.Forgot].
func (t *Table) Deeds(dst []Deed, ref Ref, of Did, since es.Moment) []Deed { return dst }

// DeedsBy appends what one execution did to a file.
func (t *Table) DeedsBy(dst []Deed, ref Ref, by lineage.Ref) []Deed { return dst }

// ContentSince is when the file's present content began: its creation, its last truncation, or the first open for writing
// that is in view. The zero Moment: not in view.
func (t *Table) ContentSince(ref Ref) es.Moment { return es.Moment{} }

// ContentDeeds appends the [DidContent] deeds since [Table.ContentSince]: earliest first.
func (t *Table) ContentDeeds(dst []Deed, ref Ref) []Deed { return dst }

// OpenForWriting is how many executions hold the file open for writing, as far as messages show: those that opened or wrote
// it and did not close it, exit or exec since, and the images that took over from them. Children that inherited a
// descriptor and never wrote are not counted; forgotten executions count as ended.
func (t *Table) OpenForWriting(ref Ref) int { return 0 }

// MayHold reports whether an execution may hold a descriptor of the file that it opened itself, or was born with.
func (t *Table) MayHold(ref Ref, by lineage.Ref) bool { return false }

// Read is a file as it was when an execution opened it, or created it.
type Read struct {
	Ref  Ref
	By   lineage.Ref // the execution, or an image before or a forker whose descriptor it holds
	At   es.Moment
	Stat Stat
}

// ReadsBy appends the regular files that an execution opened for reading since the moment, or was born with the
// descriptors of: latest first, at most [MaxReads] of each.
func (t *Table) ReadsBy(dst []Read, by lineage.Ref, since es.Moment) []Read { return dst }

// MadeBy appends the files that an execution created since the moment: latest first, at most [MaxMade].
func (t *Table) MadeBy(dst []Read, by lineage.Ref, since es.Moment) []Read { return dst }
