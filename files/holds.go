package files

import (
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// execution is what is known of one execution's descriptors and reads.
type execution struct {
	Ref   lineage.Ref
	From  lineage.Ref // who forked it, or the image before: what that held it holds
	Next  lineage.Ref // the image after
	Began mark
	Ended mark
	Prv   int32 // neighbours in the list of the latest used
	Nxt   int32
	Used  uint32
	End   ending
	Reads touched // opened for reading, the latest MaxReads
	Made  touched // created
}

type ending uint8

const (
	endNone ending = iota
	endExec
	endExit
)

// shadow is how long before its exec message a dying image's closes may be told: they come from its own last thread, beside
// the new image [S: exec shadow closes].
const shadow = time.Second

// known is what is known of an execution; nil if nothing, or nothing any more.
func (t *Table) known(by lineage.Ref) *execution {
	if by == 0 {
		return nil
	}
	if by == t.lastBy && t.lastExec != 0 {
		return t.execs.at(t.lastExec)
	}
	if i := t.findExec(by); i != 0 {
		t.lastBy, t.lastExec = by, i
		return t.execs.at(i)
	}
	return nil
}

// findExec is the place of what is known of an execution; 0 nothing.
func (t *Table) findExec(by lineage.Ref) int32 {
	h := hashRef(by)
	for i, mask := t.byExec.from(h); ; i = (i + 1) & mask {
		if s := t.byExec.at(i); s.id == 0 || s.hash == h {
			return s.id
		}
	}
}

// execution is what is known of an execution, from now on something; nil for nobody.
func (t *Table) execution(by lineage.Ref) *execution {
	if by == 0 {
		return nil
	}
	x := t.known(by)
	t.ticks++
	if x != nil {
		if t.ticks-x.Used >= uint32(t.limits.Executions/8) {
			i := t.lastExec
			x.Used = t.ticks
			t.pullExec(x)
			t.pushExec(i, x)
		}
		return x
	}
	if t.execs.used() >= t.limits.Executions {
		t.forgetExec(t.running.Tail)
	}
	i := t.execs.add()
	x = t.execs.at(i)
	x.Ref, x.Used = by, t.ticks
	t.pushExec(i, x)
	t.byExec.add(hashRef(by), i)
	t.lastBy, t.lastExec = by, i
	return x
}

func (t *Table) pushExec(i int32, x *execution) {
	l := &t.running
	x.Prv, x.Nxt = 0, l.Head
	if l.Head != 0 {
		t.execs.at(l.Head).Prv = i
	} else {
		l.Tail = i
	}
	l.Head = i
	l.N++
}

func (t *Table) pullExec(x *execution) {
	l := &t.running
	if x.Prv != 0 {
		t.execs.at(x.Prv).Nxt = x.Nxt
	} else {
		l.Head = x.Nxt
	}
	if x.Nxt != 0 {
		t.execs.at(x.Nxt).Prv = x.Prv
	} else {
		l.Tail = x.Prv
	}
	l.N--
}

func (t *Table) forgetExec(i int32) {
	x := t.execs.at(i)
	t.stats.ReadsDropped += uint64(len(x.Reads.Files) + len(x.Made.Files))
	t.byExec.remove(hashRef(x.Ref), i)
	t.lastExec = 0
	t.pullExec(x)
	reads, made := x.Reads.emptied(), x.Made.emptied()
	t.execs.drop(i)
	// The next execution in this place uses the space: nothing is allocated for short-lived tools.
	t.execs.at(i).Reads, t.execs.at(i).Made = reads, made
}

// Forked says that parent made child, which holds every descriptor that parent held.
func (t *Table) Forked(parent, child lineage.Ref, at es.Moment) {
	if child == 0 || child == parent {
		return
	}
	x := t.execution(child)
	x.From, x.Began = parent, markOf(at)
}

// Execed says that after took before's place in a process. It holds the descriptors that were not close-on-exec; the closes
// of the dying image come under before, for all of them, and may come later than this [S: exec shadow closes].
func (t *Table) Execed(before, after lineage.Ref, at es.Moment) {
	if after == 0 || after == before {
		return
	}
	k := markOf(at)
	x := t.execution(after)
	x.From, x.Began = before, k
	if before != 0 {
		b := t.execution(before)
		b.Next, b.End, b.Ended = after, endExec, k
	}
}

// Exited says that an execution is gone, and with it every descriptor it held.
func (t *Table) Exited(by lineage.Ref, at es.Moment) {
	if by == 0 {
		return
	}
	x := t.execution(by)
	x.End, x.Ended = endExit, markOf(at)
}

// opened counts a descriptor.
func (d *deed) opened() {
	if d.Open < 1<<15-1 {
		d.Open++
	}
}

// closed finds the descriptor that an execution let go of and uncounts it. False: it was not seen to get one. Which of
// several it was the message does not say: one that was modified had been open for writing, any other is taken for a
// reader's first.
func (t *Table) closed(e *entry, modified bool, o *observed) (found, reader bool) {
	if !e.mayShow(o.by) {
		return false, false
	}
	var best *deed
	rank := 0
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		i = d.Next
		if d.By != o.by || d.Open <= 0 {
			continue
		}
		r := 1 // a create or a write that showed a descriptor
		switch d.did() {
		case DidOpenWrite:
			r = 3
		case DidOpenRead:
			if r = 4; modified {
				r = 0
			}
		}
		if best == nil || r > rank {
			best, rank = d, r
			if r == 4 {
				break // nothing is likelier
			}
		}
	}
	if best == nil {
		return false, false
	}
	best.Open--
	reader = best.did() == DidOpenRead
	if reader || best.did() == DidOpenWrite {
		best.Last = latest(best.Last, o.at)
	}
	return true, reader
}

// mayShow reports whether there may be a deed of an execution that shows a descriptor. False is sure.
func (e *entry) mayShow(by lineage.Ref) bool {
	for _, did := range [...]Did{DidOpenRead, DidOpenWrite, DidCreate, DidWrite} {
		if e.mayHave(did, by) {
			return true
		}
	}
	return false
}

// heldForWriting reports whether anybody holds the file open for writing.
func (t *Table) heldForWriting(e *entry) bool {
	if e.Has&(DidOpenWrite|DidCreate|DidWrite) == 0 || e.Vol != 0 && t.vols.at(e.Vol).V.Unmounted {
		return false
	}
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		i = d.Next
		if d.did()&(DidOpenWrite|DidCreate|DidWrite) != 0 && t.holderNow(e, d) != 0 {
			return true
		}
	}
	return false
}

// OpenForWriting is how many executions hold the file open for writing, as far as messages show: those that opened it so, or
// wrote it, and did not close it or exit since, and the images that took over from them. Children that inherited a
// descriptor and never wrote are not counted; forgotten executions count as ended.
func (t *Table) OpenForWriting(ref Ref) int {
	if e := t.entry(ref); e != nil {
		return t.openForWriting(e)
	}
	return 0
}

func (t *Table) openForWriting(e *entry) int {
	if e.Has&(DidOpenWrite|DidCreate|DidWrite) == 0 || e.Vol != 0 && t.vols.at(e.Vol).V.Unmounted {
		return 0
	}
	var seen [MaxDeeds + 1]lineage.Ref
	n := 0
	for i := e.Deeds; i != 0; {
		d := t.deeds.at(i)
		i = d.Next
		if d.did()&(DidOpenWrite|DidCreate|DidWrite) == 0 {
			continue
		}
		by := t.holderNow(e, d)
		for _, s := range seen[:n] {
			if s == by {
				by = 0
				break
			}
		}
		if by != 0 && n < len(seen) {
			seen[n] = by
			n++
		}
	}
	return n
}

// holderNow is who holds the descriptor of an open for writing now: who opened it, or the image that took over. 0: nobody.
func (t *Table) holderNow(e *entry, d *deed) lineage.Ref {
	x := t.known(d.By)
	if x == nil || x.End == endExit {
		return 0
	}
	if x.End == endNone {
		if d.Open > 0 {
			return x.Ref
		}
		return 0
	}
	if !t.handedOn(e, d, x) {
		return 0
	}
	for step := 0; step < maxSteps && x.Next != 0; step++ {
		if x = t.known(x.Next); x == nil || x.End == endExit || t.letGo(e, x.Ref) {
			return 0
		}
		if x.End == endNone {
			return x.Ref
		}
	}
	return 0
}

// handedOn reports whether a descriptor that an execution opened may have outlived its exec: it was open then, or closed so
// close to it that the close may be the dying image's.
func (t *Table) handedOn(e *entry, d *deed, x *execution) bool {
	if d.did()&(DidOpenRead|DidOpenWrite) != 0 && d.Value&es.OCloexec != 0 {
		return false
	}
	return d.Open > 0 || !t.lastClose(e, d).before(mark{Seq: es.NoSeq, Clock: x.Ended.Clock - int64(shadow)})
}

// lastClose is when the execution of a deed last let go of the file.
func (t *Table) lastClose(e *entry, d *deed) mark {
	at := d.Last
	for _, did := range [...]Did{DidClose, DidCloseModified} {
		if c := t.findDeed(e, did, d.By); c != nil {
			at = latest(at, c.Last)
		}
	}
	return at
}

// letGo reports whether an execution closed a descriptor of the file that it had not opened itself.
func (t *Table) letGo(e *entry, by lineage.Ref) bool {
	return t.findDeed(e, DidClose, by) != nil || t.findDeed(e, DidCloseModified, by) != nil
}

// MayHold reports whether an execution may now hold a descriptor of the file: one that it opened itself, or was born with.
func (t *Table) MayHold(ref Ref, by lineage.Ref) bool {
	e := t.entry(ref)
	if e == nil || by == 0 || e.Vol != 0 && t.vols.at(e.Vol).V.Unmounted {
		return false
	}
	x := t.known(by)
	if x != nil && x.End == endExit {
		return false
	}
	for i := e.Deeds; i != 0; i = t.deeds.at(i).Next {
		if d := t.deeds.at(i); d.By == by && d.Open > 0 && (x == nil || x.End == endNone) {
			return true
		}
	}
	if x != nil && x.End == endExec {
		return false
	}
	return !t.letGo(e, by) && t.heldFrom(e, by, true) != 0
}

// HeldFrom is the execution that opened or created the descriptor which another one has or had of the file: itself, the
// image before, or the nearest of those who forked it that had it open when they did. 0: none that is known, so it
// was passed on by somebody else, or its opening was not seen.
func (t *Table) HeldFrom(ref Ref, by lineage.Ref) lineage.Ref {
	if e := t.entry(ref); e != nil && by != 0 {
		return t.heldFrom(e, by, false)
	}
	return 0
}

// maxInherited bounds the walk from an execution to those it may have a descriptor from.
const maxInherited = 32

func (t *Table) heldFrom(e *entry, by lineage.Ref, inherited bool) lineage.Ref {
	var cut mark
	first := true
	for step := 0; step < maxInherited && by != 0; step++ {
		x := t.known(by)
		if !(first && inherited) {
			for i := e.Deeds; i != 0; i = t.deeds.at(i).Next {
				d := t.deeds.at(i)
				if d.By != by || d.did()&(DidOpenRead|DidOpenWrite|DidCreate) == 0 || d.did() == DidCreate && e.Last.Type() == es.ModeDir {
					continue
				}
				if first || t.openAt(e, d, cut) {
					return by
				}
			}
		}
		if x == nil {
			return 0
		}
		first, cut, by = false, x.Began, x.From
	}
	return 0
}

// openAt reports whether a descriptor that a deed shows may have been open at a moment, when a child was made or an image
// replaced.
func (t *Table) openAt(e *entry, d *deed, at mark) bool {
	if at.before(d.First) {
		return false
	}
	if x := t.known(d.By); x != nil && x.End == endExec && !x.Ended.before(at) && !at.before(x.Ended) {
		return t.handedOn(e, d, x)
	}
	return d.Open > 0 || !t.lastClose(e, d).before(at)
}
