package lineage

import (
	"ascribe.example/es"
)

// Observe takes one message and returns the acting execution, created if it was not known. For a fork or exec, the child
// or target is found by its key afterwards ([Tracker.ByToken]). 0 only for a message that names no process at all.
//
// late marks a message whose place in the order was already given up. It is counted, and taken like any other: facts are
// kept by their own moments, so what comes after its time fills in what is not known and corrects nothing later.
//
// Nothing in m is kept: strings are copied.
func (t *Tracker) Observe(m *es.Message, at es.Moment, late bool) Ref {
	t.turn++
	t.fresh = 0
	if late {
		t.stats.Late++
	}
	if before(t.now, at) {
		t.now = at
	}
	actor := t.see(&m.Process, at, OriginActing, 0)
	if actor == nil {
		t.stats.Nameless++
	}
	if !m.Denied {
		t.event(m, actor, at)
	}
	if t.live > t.limits.Live || t.past > t.limits.Past || t.bytes > t.limits.Bytes {
		t.evict()
	}
	if actor == nil {
		return 0
	}
	return actor.e.Ref
}

// event reads what an event tells of processes, sessions and connections.
func (t *Tracker) event(m *es.Message, actor *slot, at es.Moment) {
	switch m.Event.(type) {
	case *es.Open, *es.Close, *es.Create, *es.Write, *es.Rename, *es.Unlink, *es.MMap, *es.ExtAttr, *es.Other:
		return
	}
	t.told++
	switch ev := m.Event.(type) {
	case *es.Fork:
		t.kinds.Add(es.KindFork)
		if child := t.see(&ev.Child, at, OriginFork, 0); child != nil && actor != nil {
			t.forked(actor, child, at)
		}
	case *es.Exec:
		t.kinds.Add(es.KindExec)
		t.execed(ev, actor, at)
	case *es.Exit:
		t.kinds.Add(es.KindExit)
		if actor != nil {
			t.exited(actor, ev.Stat, at)
		}
	case *es.Signal:
		t.party(ev.Instigator, at)
		t.party(&ev.Target, at)
	case *es.GetTask:
		// Only the control port lets one process act inside another; the name, inspect and read ports do not [D].
		if target := t.party(&ev.Target, at); ev.Which == es.KindGetTask {
			t.injected(target, actor, es.KindGetTask, at)
		}
	case *es.RemoteThreadCreate:
		t.injected(t.party(&ev.Target, at), actor, es.KindRemoteThreadCreate, at)
	case *es.Trace:
		// ptrace's attach: from then on it runs as the other lets it [D].
		t.injected(t.party(&ev.Target, at), actor, es.KindTrace, at)
	case *es.CSInvalidated:
		t.injected(actor, nil, es.KindCSInvalidated, at)
	case *es.XPCConnect:
		t.connected(actor, ev, at)
	case *es.BootstrapLookUp:
		t.lookedUp(ev, at)
	case *es.BootstrapCheckIn:
		t.checkedIn(ev, at)
	case *es.Session:
		t.sessionEvent(ev, actor, at)
	case *es.Authentication:
		t.authenticated(ev, actor, at)
	case *es.Become:
		t.became(ev, actor, at)
	case *es.FileProviderMaterialize:
		t.party(ev.Instigator, at)
	case *es.BTMLaunchItemAdd:
		t.party(ev.Instigator, at)
		t.party(ev.App, at)
	case *es.TCCModify:
		t.party(ev.Instigator, at)
		t.party(ev.Responsible, at)
	}
}

// party sees a process that an event describes beside its actor; nil where it describes none.
func (t *Tracker) party(p *es.Process, at es.Moment) *slot {
	if p == nil {
		return nil
	}
	return t.see(p, at, OriginActing, 0)
}

// execed replaces one image by the next, in the same process.
func (t *Tracker) execed(ev *es.Exec, actor *slot, at es.Moment) {
	same := actor != nil && actor.e.Key.PID == ev.Target.AuditToken.PID && actor.e.Key != ev.Target.Key(t.boot) &&
		!newerPIDV(actor.e.Key.PIDVersion, ev.Target.AuditToken.PIDVersion)
	replaced := int32(0)
	if same {
		replaced = t.refs.get(actor.e.Ref)
	}
	target := t.see(&ev.Target, at, OriginExec, replaced)
	if target == nil {
		return
	}
	e := &target.e
	if same {
		if e.Life == actor.e.Life || !t.descends(actor.e.Ref, e.Life) {
			t.link(actor, target, at, OriginExec)
		}
		if e.Prev == actor.e.Ref {
			t.joinLife(actor, target)
		}
	} else {
		t.stats.Contradictory++
	}
	e.ExecUnseen = false
	if e.BeginOrigin == OriginExec {
		return // told twice
	}
	e.Begin, e.BeginOrigin = at, OriginExec
	t.keepArgs(e, ev.Args)
	e.CPUType = ev.CPUType
	e.Script = ""
	if ev.Script != nil {
		e.Script = t.strings.get(clip(ev.Script.Path, MaxArgBytes))
	}
	e.CWD = t.strings.get(clip(ev.CWD.Path, MaxArgBytes))
	t.readEnvironment(target, actor, ev)
	t.seeOpened(target, at)
	t.weigh(target)
}

// joinLife puts the target of an exec, and what followed it, into the life of the image that it replaced.
func (t *Tracker) joinLife(a, b *slot) {
	old := b.e.Life
	for n := 0; b != nil && old != a.e.Life && b.e.Life == old && n < MaxSteps; n++ {
		b.e.Life = a.e.Life
		if a.e.Parent != 0 || t.descends(b.e.Parent, a.e.Life) {
			b.e.Parent, b.e.ParentFrom = a.e.Parent, a.e.ParentFrom
		}
		b = t.slotOf(b.e.Next)
	}
}

// keepArgs copies arguments, up to the bounds.
func (t *Tracker) keepArgs(e *Execution, args []string) {
	e.ArgsKnown, e.ArgsTotal = true, int32(min(len(args), 1<<30))
	e.Args = nil
	room := MaxArgBytes
	for i := 0; i < len(args) && i < MaxArgs && room > 0; i++ {
		a := args[i][:min(len(args[i]), room)]
		room -= len(a)
		if e.Args == nil {
			e.Args = make([]string, 0, min(len(args), MaxArgs))
		}
		e.Args = append(e.Args, t.strings.get(a))
	}
}

// exited closes a process. Where a replaced image is named as what exits, its newest image is gone with it.
func (t *Tracker) exited(s *slot, stat int32, at es.Moment) {
	t.end(s, at, OriginActing, true)
	s.e.ExitSeen, s.e.ExitStat = true, stat
	if last := t.slotOf(t.Successor(s.e.Ref)); last != s {
		t.stats.Contradictory++
		if last.e.Alive() {
			t.end(last, at, OriginInferred, true)
		}
	}
}

// injected notes that another process could have acted inside this one. By nobody's leave but its own is no injection.
func (t *Tracker) injected(target, by *slot, kind es.Kind, at es.Moment) {
	if target == nil || target == by || by != nil && by.e.Life == target.e.Life {
		return
	}
	var ref Ref
	if by != nil {
		ref = by.e.Ref
	}
	e := &target.e
	for i := range e.Injections {
		if j := &e.Injections[i]; j.Kind == kind && j.By == ref {
			j.Count++
			if before(j.Last, at) {
				j.Last = at
			}
			if before(at, j.First) {
				j.First = at
			}
			return
		}
	}
	if len(e.Injections) == MaxInjections {
		t.stats.Dropped++
		return
	}
	e.Injections = append(e.Injections, Injection{kind, ref, at, at, 1})
	t.weigh(target)
}

// Snapshot takes what the host ran at the given moment.
func (t *Tracker) Snapshot(s *es.Snapshot, at es.Moment) {
	if before(t.now, at) {
		t.now = at
	}
	for i := range s.Users {
		t.named(s.Users[i].UID, s.Users[i].Name)
	}
	t.turn++
	t.told++
	for i := range s.Processes {
		p := &s.Processes[i]
		x := t.see(&p.Process, at, OriginSnapshot, 0)
		if x == nil {
			t.stats.Nameless++
			continue
		}
		if !x.e.ArgsKnown && p.Args != nil {
			t.keepArgs(&x.e, p.Args)
		}
		if x.e.BundleID == "" {
			x.e.BundleID = t.strings.name(p.BundleID)
		}
		if x.e.LaunchedByLaunchd() && isLabel(p.Label) {
			t.label(x, t.strings.name(p.Label), LabelSnapshot)
		}
		t.weigh(x)
	}
	// Parents may stand after their children, so lineage comes second.
	for i := range s.Processes {
		p := &s.Processes[i]
		x := t.slotOf(t.ByToken(p.AuditToken))
		if x == nil {
			continue
		}
		if p.OriginalPIDV != 0 {
			t.setParent(x, t.Find(es.Key{Boot: t.boot, PID: p.OriginalPPID, PIDVersion: p.OriginalPIDV}), OriginSnapshot)
		}
		if x.e.Parent == 0 {
			t.adoptForker(x)
		}
	}
	t.takeJobs(s.Jobs)
	if t.live > t.limits.Live || t.past > t.limits.Past || t.bytes > t.limits.Bytes {
		t.evict()
	}
}
