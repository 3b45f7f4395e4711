package lineage

import (
	"ascribe.example/es"
)

// maxChain bounds how far one description may look along a pid's executions. Real chains are a few long.
const maxChain = 64

// place puts a new execution among those of its pid and joins it to its life: (pid, start time) names a process over all
// its execs [S], so one that was never seen begin is the successor of the last one known, and the predecessor of the next.
// A fork begins a life whatever stood there before. replaced is the slot that an exec message named as the image before; 0
// where there was none. It reports whether the life is a new one.
func (t *Tracker) place(i int32, s *slot, at es.Moment, from Origin, replaced int32) (newLife bool) {
	e := &s.e
	if !t.chain(i, s) {
		t.newLife(e)
		return true
	}
	var older, newer *slot
	if s.older != 0 {
		older = t.slots.at(s.older)
	}
	if s.newer != 0 {
		newer = t.slots.at(s.newer)
	}
	sameOlder := older != nil && from != OriginFork && (s.older == replaced || sameLife(&older.e, e))
	sameNewer := newer != nil && sameLife(e, &newer.e) && (!sameOlder || newer.e.Life == older.e.Life)
	switch {
	case sameOlder:
		e.Life = older.e.Life
		t.inherit(e, &older.e)
	case sameNewer:
		e.Life = newer.e.Life
		t.inherit(e, &newer.e)
	default:
		t.newLife(e)
	}
	if sameOlder && s.older != replaced {
		t.link(older, s, at, OriginInferred)
	}
	if sameNewer && newer.e.PrevOrigin != OriginExec {
		t.link(s, newer, newer.e.Seen, OriginInferred)
	}
	if older != nil && !sameOlder {
		t.reused(older, at)
	}
	if newer != nil && !sameNewer {
		t.end(s, newer.e.Seen, OriginInferred, true)
	}
	return !sameOlder && !sameNewer
}

func (t *Tracker) newLife(e *Execution) {
	t.nextLife++
	e.Life = t.nextLife
}

// sameLife reports whether two executions of one pid, a before b, are of one process.
func sameLife(a, b *Execution) bool {
	switch {
	case a.Key.PID == es.LaunchdPID:
		return true // pid 1 is launchd for as long as the boot lasts
	case a.Start != 0 && b.Start != 0:
		return sameStart(a.Start, b.Start)
	case a.ExitSeen:
		return false
	default:
		return a.OriginalPPID == 0 || b.OriginalPPID == 0 || a.OriginalPPID == b.OriginalPPID
	}
}

// chain inserts a slot among the executions of its pid, by pidversion, which is the order of creation. It reports false,
// and leaves the slot out, if the place lies too far back.
func (t *Tracker) chain(i int32, s *slot) bool {
	pk := pidKey{s.e.Key.Boot, s.e.Key.PID}
	older, newer := t.pids[pk], int32(0)
	for n := 0; older != 0 && createdAfter(&t.slots.at(older).e, &s.e); n++ {
		if n == maxChain {
			return false
		}
		older, newer = t.slots.at(older).older, older
	}
	s.older, s.newer, s.placed = older, newer, true
	if older != 0 {
		t.slots.at(older).newer = i
	}
	if newer != 0 {
		t.slots.at(newer).older = i
	} else {
		t.pids[pk] = i
	}
	return true
}

// takeOut undoes chain.
func (t *Tracker) takeOut(i int32, s *slot) {
	if !s.placed {
		return
	}
	pk := pidKey{s.e.Key.Boot, s.e.Key.PID}
	if s.older != 0 {
		t.slots.at(s.older).newer = s.newer
	}
	switch {
	case s.newer != 0:
		t.slots.at(s.newer).older = s.older
	case s.older != 0:
		t.pids[pk] = s.older
	default:
		delete(t.pids, pk)
	}
	s.older, s.newer, s.placed = 0, 0, false
}

// createdAfter orders executions of one pid.
func createdAfter(a, b *Execution) bool {
	switch {
	case a.Key.PIDVersion != 0 && b.Key.PIDVersion != 0:
		return newerPIDV(a.Key.PIDVersion, b.Key.PIDVersion)
	case a.Start != 0 && b.Start != 0 && a.Start != b.Start:
		return a.Start > b.Start
	default:
		return a.Ref > b.Ref
	}
}

// inherit gives an execution what all images of a life share.
func (t *Tracker) inherit(e, of *Execution) {
	e.Parent, e.ParentFrom = of.Parent, of.ParentFrom
	if e.Start == 0 {
		e.Start = of.Start
	}
	if e.OriginalPPID == 0 {
		e.OriginalPPID = of.OriginalPPID
	}
}

// link makes b the image after a. Of two tellings that cannot both be, the better one stays, of equals the first: each image
// has one before it and one after it at most, and both say so.
func (t *Tracker) link(a, b *slot, at es.Moment, origin Origin) {
	if b.e.Prev == a.e.Ref {
		b.e.PrevOrigin = max(b.e.PrevOrigin, origin)
		t.end(a, at, origin, false)
		return
	}
	next, prev := t.At(a.e.Next), t.At(b.e.Prev)
	if prev != nil && b.e.PrevOrigin >= origin && origin == OriginExec || b.e.PrevOrigin > origin ||
		next != nil && (next.PrevOrigin > origin || next.PrevOrigin == OriginExec) || t.leadsTo(&b.e, &a.e) {
		t.stats.Contradictory++
		return
	}
	if next != nil {
		next.Prev, next.PrevOrigin = 0, OriginNone
	}
	if prev != nil {
		prev.Next = 0
	}
	if origin == OriginInferred {
		t.stats.Inferred++
	}
	b.e.Prev, b.e.PrevOrigin = a.e.Ref, origin
	a.e.Next = b.e.Ref
	if b.e.BundleID == "" && b.e.BeginOrigin != OriginExec {
		b.e.BundleID = a.e.BundleID // the environment usually stays
		t.weigh(b)
	}
	t.end(a, at, origin, false)
	if a.e.Label != "" {
		t.label(b, a.e.Label, a.e.LabelFrom)
	}
}

// leadsTo reports whether b follows from a by execs, so that a cannot follow from b; also where that is too far to see.
func (t *Tracker) leadsTo(a, b *Execution) bool {
	down, up := a, b
	for range MaxSteps {
		if down == b || up == a {
			return true
		}
		if down, up = t.At(down.Next), t.At(up.Prev); down == nil || up == nil {
			return false
		}
	}
	return true
}

// end closes an execution: by exec of the next image, or with its process.
func (t *Tracker) end(s *slot, at es.Moment, origin Origin, exited bool) {
	e := &s.e
	switch {
	case e.EndOrigin == OriginNone:
		t.live--
		t.past++
	case e.ExitSeen || e.EndOrigin >= origin:
		return
	}
	if origin == OriginInferred {
		t.stats.Inferred++
	}
	e.End, e.EndOrigin = at, origin
	e.Exited = exited
	t.endLinks(s, at)
	if e.Exited {
		t.endService(s, at)
	}
}

// afterEnd looks at a message in order from an execution that had ended. An inferred exit is taken back: the process lives.
// A replaced image still closes its descriptors, from the dying old task [S: exec shadow], and that is nothing new.
func (t *Tracker) afterEnd(s *slot, at es.Moment) {
	e := &s.e
	switch {
	case e.ExitSeen:
		t.stats.AfterExit++
	case e.EndOrigin == OriginInferred && e.Exited && before(e.End, at) && e.Next == 0 && s.newer == 0 && e.Key.Boot == t.boot:
		e.End, e.EndOrigin, e.Exited = es.Moment{}, OriginNone, false
		t.live++
		t.past--
		if e.Label != "" {
			t.indexLabel(s)
		}
	}
}

// reused closes the life that had a pid before another one got it.
func (t *Tracker) reused(older *slot, at es.Moment) {
	t.stats.Reused++
	if older.e.Alive() {
		t.end(older, at, OriginInferred, true)
	}
}

// forked ties a child to the execution that a fork message named.
func (t *Tracker) forked(parent, child *slot, at es.Moment) {
	p, c := &parent.e, &child.e
	if c.Key.PID == p.Key.PID || p.Life == c.Life || p.Key.PIDVersion != 0 && c.Key.PIDVersion != 0 && !newerPIDV(c.Key.PIDVersion, p.Key.PIDVersion) {
		t.stats.Contradictory++
		return
	}
	if c.BeginOrigin == OriginNone {
		c.Begin, c.BeginOrigin, c.ExecUnseen = at, OriginFork, false
	}
	t.setParent(child, p.Ref, OriginFork)
	if !c.ArgsKnown && c.Image.Path == p.Image.Path {
		// A fork copies the process: its arguments, script and environment are the parent's.
		c.Args, c.ArgsTotal, c.ArgsKnown, c.Script = p.Args, p.ArgsTotal, p.ArgsKnown, p.Script
		if c.BundleID == "" {
			c.BundleID = p.BundleID
		}
	}
	t.weigh(child)
}

// setParent gives a life its forker, on all its images, unless a better source did before.
func (t *Tracker) setParent(s *slot, parent Ref, from Origin) {
	e := &s.e
	if parent == 0 || parent == e.Ref || from < e.ParentFrom || e.ParentFrom == OriginFork && e.Parent != 0 {
		return
	}
	if p := t.At(parent); p == nil || p.Life == e.Life || p.Key.Boot != e.Key.Boot {
		return
	}
	if e.Ref != t.fresh && t.descends(parent, e.Life) {
		t.stats.Contradictory++
		return
	}
	if from == OriginInferred && e.Parent == 0 {
		t.stats.Inferred++
	}
	life := e.Life
	for i, n := s.older, 0; i != 0 && n < maxChain; n++ {
		o := t.slots.at(i)
		if o.e.Life != life {
			break
		}
		o.e.Parent, o.e.ParentFrom = parent, from
		i = o.older
	}
	for i, n := s.newer, 0; i != 0 && n < maxChain; n++ {
		o := t.slots.at(i)
		if o.e.Life != life {
			break
		}
		o.e.Parent, o.e.ParentFrom = parent, from
		i = o.newer
	}
	e.Parent, e.ParentFrom = parent, from
}

// descends reports whether an execution is of a life or has it above; also where that is too far up to see.
func (t *Tracker) descends(ref Ref, life LifeID) bool {
	if e := t.At(ref); e != nil && e.Life == life {
		return true
	}
	n := 0
	for up := range t.Ancestors(ref) {
		if e := t.At(up.Ref); e != nil && e.Life == life {
			return true
		}
		n++
	}
	return n == MaxSteps
}

// adoptForker concludes the forker of a life whose fork was not seen.
func (t *Tracker) adoptForker(s *slot) {
	if r := t.forkerOf(s); r != 0 {
		t.setParent(s, r, OriginInferred)
	}
}

// forkerOf finds the execution that forked a life from what its own messages say: the parent's token while the parent is
// still the original one, else the bare original pid. A bare pid names an execution only if that was made before the child
// (pidversion), started before it, and was not seen to exit before it: pids are reused.
func (t *Tracker) forkerOf(s *slot) Ref {
	e := &s.e
	low := t.slotOf(t.First(e.Ref)).e.Key.PIDVersion
	pid := e.OriginalPPID
	if pid == 0 && e.PPID != es.LaunchdPID {
		pid = e.PPID
	}
	if pid <= 0 || pid == e.Key.PID {
		return 0
	}
	if e.ParentKey.PID == pid && (e.PPID == pid || e.PPID == 0) {
		if i := t.keys[e.ParentKey]; i != 0 {
			return t.imageBefore(i, low, e.Life)
		}
	}
	i := t.pids[pidKey{e.Key.Boot, pid}]
	for n := 0; i != 0 && n < maxChain; n++ {
		p := &t.slots.at(i).e
		switch {
		case p.Key.PIDVersion != 0 && low != 0 && !newerPIDV(low, p.Key.PIDVersion) && pid != es.LaunchdPID,
			p.Start != 0 && e.Start != 0 && p.Start > e.Start && pid != es.LaunchdPID:
			i = t.slots.at(i).older
			continue
		case p.ExitSeen && e.Start != 0 && p.End.Time != 0 && p.End.Time < e.Start:
			return 0
		}
		return t.imageBefore(i, low, e.Life)
	}
	return 0
}

// imageBefore is the image that a parent had when a child with the given first pidversion was made: the newest one older
// than that, else the oldest known of the life (the parent has exec-ed since, and what it was then was not seen).
func (t *Tracker) imageBefore(i int32, low uint32, not LifeID) Ref {
	s := t.slots.at(i)
	life := s.e.Life
	if life == not {
		return 0
	}
	for n := 0; n < maxChain; n++ {
		if low == 0 || s.e.Key.PIDVersion == 0 || newerPIDV(low, s.e.Key.PIDVersion) || s.older == 0 {
			break
		}
		o := t.slots.at(s.older)
		if o.e.Life != life {
			break
		}
		s = o
	}
	return s.e.Ref
}

// orphan draws the conclusion from a process that launchd took over: its parent has exited. XNU gives a child to launchd
// only then.
func (t *Tracker) orphan(s *slot, at es.Moment) {
	e := &s.e
	if !e.Orphaned() || e.Key.Boot != t.boot {
		return
	}
	p := t.slotOf(t.Successor(t.ParentOf(e.Ref).Ref))
	if p != nil && p.e.Alive() && p.e.Key.PID == e.OriginalPPID && !before(at, p.e.Last) && p.turn != t.turn {
		t.end(p, at, OriginInferred, true)
	}
}

// First is the oldest known image of the execution's life.
func (t *Tracker) First(ref Ref) Ref {
	for n := 0; n < MaxSteps; n++ {
		e := t.At(ref)
		if e == nil || t.At(e.Prev) == nil {
			break
		}
		ref = e.Prev
	}
	return ref
}

// Successor is the newest known image of the execution's life; itself where nothing followed.
func (t *Tracker) Successor(ref Ref) Ref {
	for n := 0; n < MaxSteps; n++ {
		e := t.At(ref)
		if e == nil || t.At(e.Next) == nil {
			break
		}
		ref = e.Next
	}
	return ref
}
