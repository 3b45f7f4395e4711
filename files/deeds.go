package files

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Did is what an execution did with a file; several are a set.
type Did uint32

// The deeds.
const (
	DidCreate        Did = 1 << iota // file, folder, symlink; also the create that confirms a clone
	DidOpenRead                      // opened without FWRITE
	DidOpenWrite                     // opened with FWRITE
	DidWrite                         // told before the kernel tries
	DidMap                           // mapped shared and writable
	DidTruncate                      // truncate(2), ftruncate(2), and opens with O_TRUNC
	DidClose                         // let go of an unmodified descriptor; not told of those that it had opened for reading only
	DidCloseModified                 // let go of a descriptor through which somebody had modified the file
	DidRename
	DidLink
	DidUnlink
	DidReplace    // gave its name to another file: a rename over it
	DidClone      // made a clone of it
	DidCopyFrom   // made a copy of it with the copyfile system call
	DidCopyOver   // wrote over it with the copyfile system call
	DidExchange   // exchanged its contents with another's
	DidSetAttr    // an extended attribute
	DidDeleteAttr // an extended attribute
	DidSetMode
	DidSetOwner
	DidSetFlags
	DidSetACL
	DidSetTimes

	// DidContent is everything that may put content there.
	DidContent = DidCreate | DidOpenWrite | DidWrite | DidMap | DidTruncate | DidCopyOver | DidExchange
)

// Deed is one kind of thing that one execution did with one file, once or more often.
type Deed struct {
	Did   Did // one bit
	By    lineage.Ref
	First es.Moment
	Last  es.Moment // of opens the latest open, or the close of what was open; see [Table.Deeds]
	Count uint32
	Open  int   // descriptors that it opened, or showed by creating or writing, and was not seen to close
	Value int64 // see the methods
}

// FFlags are all flags of all opens, of [DidOpenRead] and [DidOpenWrite].
func (d *Deed) FFlags() int32 { return int32(d.Value) }

// Mode is the mode last set, of [DidSetMode].
func (d *Deed) Mode() uint16 { return uint16(d.Value) }

// Owner is the owner and the group last set, of [DidSetOwner].
func (d *Deed) Owner() (uid, gid uint32) { return uint32(d.Value), uint32(d.Value >> 32) }

// FileFlags are the flags last set, of [DidSetFlags].
func (d *Deed) FileFlags() uint32 { return uint32(d.Value) }

// MTime is the modification time last set, of [DidSetTimes].
func (d *Deed) MTime() es.Time { return es.Time(d.Value) }

// deed is a Deed as it is remembered.
type deed struct {
	First mark
	Last  mark
	Value int64
	Count uint32
	By    lineage.Ref
	Next  int32
	Open  int16
	Kind  uint8 // number of its Did's bit
}

func (d *deed) did() Did { return 1 << d.Kind }

func kindOfDeed(did Did) uint8 { return uint8(bits.TrailingZeros32(uint32(did))) }

func (d *deed) view() Deed {
	return Deed{Did: d.did(), By: d.By, First: d.First.moment(), Last: d.Last.moment(), Count: d.Count, Open: int(d.Open), Value: d.Value}
}

// doerBit is one of 64 bits for a kind and an execution. A file that many have read has a long list of deeds: without its
// bit a deed is not in it, and the list need not be walked.
func doerBit(kind uint8, by lineage.Ref) uint64 {
	return 1 << ((uint32(by)*0x9e3779b1 + uint32(kind)*0x85ebca6b) >> 26)
}

// mayHave reports whether a file may have a deed of a kind by an execution. False is sure: of an execution younger than all
// that did something to the file, and mostly else.
func (e *entry) mayHave(did Did, by lineage.Ref) bool {
	return e.Has&did != 0 && by <= e.Youngest && e.Doers&doerBit(kindOfDeed(did), by) != 0
}

func (t *Table) findDeed(e *entry, did Did, by lineage.Ref) *deed {
	if !e.mayHave(did, by) {
		return nil
	}
	kind := kindOfDeed(did)
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		if d.Kind == kind && d.By == by {
			return d
		}
		i = d.Next
	}
	return nil
}

// did records a deed. The latest stands first in the file's list.
func (t *Table) did(i int32, e *entry, did Did, o *observed) *deed {
	prev, kind := int32(0), kindOfDeed(did)
	j := e.Deeds
	if !e.mayHave(did, o.by) {
		j = 0
	}
	for j != 0 {
		d := t.deeds.at(j)
		if d.Kind != kind || d.By != o.by {
			prev, j = j, d.Next
			continue
		}
		if prev != 0 {
			t.deeds.at(prev).Next = d.Next
			d.Next = e.Deeds
			e.Deeds = j
		}
		if o.at.before(d.First) {
			d.First = o.at
		}
		d.Last = latest(d.Last, o.at)
		if d.Count < math.MaxUint32 {
			d.Count++
		}
		return d
	}
	j = t.deeds.add()
	d := t.deeds.at(j)
	e.note(kind, o.by)
	*d = deed{}
	d.First, d.Last, d.Count, d.By, d.Kind, d.Next = o.at, o.at, 1, o.by, kind, e.Deeds
	e.Deeds = j
	e.NDeeds++
	if e.NDeeds > MaxDeeds {
		// To look at all is to wait for memory many times. So it is not done for each.
		for e.NDeeds > MaxDeeds-MaxDeeds/4 {
			t.trimDeed(e)
		}
		t.recount(e)
	}
	if e.Class == classRead && did&^(DidOpenRead|DidClose) != 0 {
		t.toClass(i, e, classChanged)
	}
	return d
}

// trimDeed forgets the deed that matters least: of readers the oldest, else of what holds no descriptor the oldest, else
// the oldest. The latest deed and the creation stay.
func (t *Table) trimDeed(e *entry) {
	var victim, before int32
	rank := 4
	prev := e.Deeds
	for i := t.deeds.at(prev).Next; i != 0; prev, i = i, t.deeds.at(i).Next {
		d := t.deeds.at(i)
		r := 2
		switch {
		case d.did() == DidCreate:
			r = 3
		case d.Open > 0:
		case d.did()&(DidOpenRead|DidClose) != 0:
			r = 0
		default:
			r = 1
		}
		if r < rank || r == rank && d.Last.before(t.deeds.at(victim).Last) {
			victim, before, rank = i, prev, r
		}
	}
	t.unlinkDeed(e, victim, before)
	t.stats.DeedsDropped++
}

// note makes mayHave true.
func (e *entry) note(kind uint8, by lineage.Ref) {
	e.Has |= 1 << kind
	e.Doers |= doerBit(kind, by)
	e.Youngest = max(e.Youngest, by)
}

// recount makes mayHave say of nothing that is gone that it may be there.
func (t *Table) recount(e *entry) {
	e.Has, e.Doers, e.Youngest = 0, 0, 0
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		e.note(d.Kind, d.By)
		i = d.Next
	}
}

func (t *Table) unlinkDeed(e *entry, i, prev int32) {
	d := t.deeds.at(i)
	e.Forgot |= d.did()
	if prev == 0 {
		e.Deeds = d.Next
	} else {
		t.deeds.at(prev).Next = d.Next
	}
	e.NDeeds--
	t.deeds.drop(i)
}

// undo takes back one deed that did not happen.
func (t *Table) undo(e *entry, did Did, by lineage.Ref) {
	prev := int32(0)
	for i := e.Deeds; i != 0; prev, i = i, t.deeds.at(i).Next {
		if d := t.deeds.at(i); d.did() == did && d.By == by {
			if d.Count--; d.Count == 0 {
				forgot := e.Forgot
				t.unlinkDeed(e, i, prev)
				e.Forgot = forgot
			}
			return
		}
	}
}

// Deeds appends what was done to a file, of the given kinds, at or after since (the zero Moment: ever), earliest first. An
// open counts until the descriptor is closed. What was forgotten for the file's own bound is in [File.Forgot].
func (t *Table) Deeds(dst []Deed, ref Ref, of Did, since es.Moment) []Deed {
	e := t.entry(ref)
	if e == nil {
		return dst
	}
	return t.appendDeeds(dst, e, of, markOf(since), 0, false)
}

// DeedsBy appends what one execution did to a file, earliest first.
func (t *Table) DeedsBy(dst []Deed, ref Ref, by lineage.Ref) []Deed {
	e := t.entry(ref)
	if e == nil {
		return dst
	}
	return t.appendDeeds(dst, e, math.MaxUint32, mark{}, by, true)
}

func (t *Table) appendDeeds(dst []Deed, e *entry, of Did, since mark, by lineage.Ref, only bool) []Deed {
	n := len(dst)
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		i = d.Next
		if d.did()&of == 0 || only && d.By != by || d.Last.before(since) && !t.stillOpen(d, since) {
			continue
		}
		dst = append(dst, d.view())
	}
	slices.Reverse(dst[n:])
	slices.SortStableFunc(dst[n:], func(a, b Deed) int {
		x, y := markOf(a.First), markOf(b.First)
		switch {
		case x.before(y):
			return -1
		case y.before(x):
			return 1
		}
		return 0
	})
	return dst
}

// stillOpen reports whether a descriptor that a deed shows was open at the moment, though nothing was done with it since.
func (t *Table) stillOpen(d *deed, since mark) bool {
	if d.Open <= 0 {
		return false
	}
	x := t.known(d.By)
	return x != nil && (x.End == endNone || !x.Ended.before(since))
}

// ContentSince is when the file's present content began in view: its creation, its last truncation, or the first open for
// writing (or write) since nobody held it for writing. The zero Moment: not in view.
func (t *Table) ContentSince(ref Ref) es.Moment {
	if e := t.entry(ref); e != nil && e.HasCont {
		return e.Cont.moment()
	}
	return es.Moment{}
}

// ContentDeeds appends the [DidContent] deeds since [Table.ContentSince], earliest first.
func (t *Table) ContentDeeds(dst []Deed, ref Ref) []Deed {
	e := t.entry(ref)
	if e == nil || !e.HasCont {
		return dst
	}
	return t.appendDeeds(dst, e, DidContent, e.Cont, 0, false)
}

// content says that the file's content begins anew at a moment.
func (e *entry) content(at mark) {
	if !e.HasCont || e.Cont.before(at) {
		e.HasCont, e.Cont = true, at
	}
}

// Attribute is an extended attribute that was set or deleted in view.
type Attribute struct {
	Name    string
	By      lineage.Ref // the last to do so
	At      es.Moment
	Deleted bool
}

// attribute is an Attribute as it is remembered.
type attribute struct {
	Name    string
	At      mark
	By      lineage.Ref
	Next    int32
	Deleted bool
}

func (t *Table) attribute(e *entry, name string, deleted bool, o *observed) {
	last := &e.Attrs
	for *last != 0 {
		a := t.attrs.at(*last)
		if a.Name == name {
			if !o.at.before(a.At) {
				a.At, a.By, a.Deleted = o.at, o.by, deleted
			}
			return
		}
		last = &a.Next
	}
	if e.NAttrs == MaxAttributes {
		first := e.Attrs
		a := t.attrs.at(first)
		if last == &a.Next {
			last = &e.Attrs
		}
		e.Attrs = a.Next
		e.NAttrs--
		t.bytes -= len(a.Name)
		t.attrs.drop(first)
		t.stats.DeedsDropped++
		e.Forgot |= DidSetAttr | DidDeleteAttr
	}
	i := t.attrs.add()
	*t.attrs.at(i) = attribute{Name: strings.Clone(name), At: o.at, By: o.by, Deleted: deleted}
	t.bytes += len(name)
	*last = i
	e.NAttrs++
}

// Attributes appends the extended attributes that were set or deleted in view, by first sight; at most [MaxAttributes].
func (t *Table) Attributes(dst []Attribute, ref Ref) []Attribute {
	if e := t.entry(ref); e != nil {
		for i := e.Attrs; i != 0; i = t.attrs.at(i).Next {
			a := t.attrs.at(i)
			dst = append(dst, Attribute{Name: a.Name, By: a.By, At: a.At.moment(), Deleted: a.Deleted})
		}
	}
	return dst
}

// HasAttribute reports whether an extended attribute was set in view and not deleted since.
func (t *Table) HasAttribute(ref Ref, name string) bool {
	if e := t.entry(ref); e != nil {
		for i := e.Attrs; i != 0; i = t.attrs.at(i).Next {
			if a := t.attrs.at(i); a.Name == name {
				return !a.Deleted
			}
		}
	}
	return false
}
