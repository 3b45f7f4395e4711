package files

import (
	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Observe takes one message, performed by the given execution, and says which files it concerned. late marks a message
// whose place was already given up: it fills what is not known and changes no later fact. A denied message shows what is
// there and changes nothing.
//
// Forks, execs and exits are told by [Table.Forked], [Table.Execed] and [Table.Exited] instead, which know both executions.
// The strings in Change may point into the message.
func (t *Table) Observe(m *es.Message, by lineage.Ref, at es.Moment, late bool) Change {
	o := observed{m: m, by: by, at: markOf(at), moment: at, late: late, denied: m.Denied}
	if t.began == 0 {
		t.began = m.Time
	}
	c := t.observe(&o)
	c.Denied = m.Denied
	t.trim()
	return c
}

func (t *Table) observe(o *observed) Change {
	switch ev := o.m.Event.(type) {
	case *es.Open:
		return t.open(ev, o)
	case *es.Close:
		return t.close(ev, o)
	case *es.Create:
		return t.create(ev, o)
	case *es.Write:
		return t.write(ev, o)
	case *es.Truncate:
		return t.act(&ev.Target, DidTruncate, o)
	case *es.MMap:
		return t.mmap(ev, o)
	case *es.Rename:
		return t.rename(ev, o)
	case *es.Unlink:
		return t.unlink(ev, o)
	case *es.Link:
		return t.link(ev, o)
	case *es.Clone:
		return t.clone(ev, o)
	case *es.Copyfile:
		return t.copyfile(ev, o)
	case *es.ExchangeData:
		return t.exchange(ev, o)
	case *es.ExtAttr:
		return t.extAttr(ev, o)
	case *es.SetMode:
		return t.set(&ev.Target, DidSetMode, int64(ev.Mode), o)
	case *es.SetOwner:
		return t.set(&ev.Target, DidSetOwner, int64(ev.UID)|int64(ev.GID)<<32, o)
	case *es.SetFlags:
		return t.set(&ev.Target, DidSetFlags, int64(ev.Flags), o)
	case *es.SetACL:
		return t.set(&ev.Target, DidSetACL, int64(ev.SetClear), o)
	case *es.UTimes:
		return t.set(&ev.Target, DidSetTimes, int64(ev.MTime), o)
	case *es.Mount:
		if o.denied {
			return Change{}
		}
		return Change{Volume: t.volRef(t.mount(ev, o.moment))}
	case *es.FileProviderMaterialize:
		c := t.act(&ev.Target, 0, o)
		if s := t.see(&ev.Source, asIs, o); s.i != 0 {
			c.Source = t.ref(s.i)
		}
		return c
	case *es.FileProviderUpdate:
		c := t.act(&ev.Source, 0, o)
		c.After = Canonical(ev.TargetPath)
		return c
	}
	return Change{}
}

// on is the change that a message about one file under its present name comes to.
func (t *Table) on(s *sighting) Change {
	if s.i == 0 {
		return Change{Before: s.path, After: s.path}
	}
	c := Change{
		Target: t.ref(s.i), Dir: t.dirOf(s.e), Volume: t.volRef(s.e.Vol), Before: s.path, After: s.path,
		Identity: s.e.Ident, Known: s.known, Reused: s.reused, Unseen: s.unseen, Was: s.was,
	}
	if s.awaited != 0 {
		t.made(s, asIs, &c)
	}
	return c
}

// act takes a message about one file; did may be 0: it is only seen.
func (t *Table) act(f *es.File, did Did, o *observed) Change {
	s := t.see(f, asIs, o)
	if s.i != 0 && did != 0 && !o.denied {
		t.did(s.i, s.e, did, o)
		if did == DidTruncate {
			s.e.content(o.at)
		}
	}
	return t.on(&s)
}

func (t *Table) set(f *es.File, did Did, value int64, o *observed) Change {
	s := t.see(f, asIs, o)
	if s.i != 0 && !o.denied {
		if d := t.did(s.i, s.e, did, o); !o.at.before(d.Last) {
			d.Value = value
		}
	}
	return t.on(&s)
}

func (t *Table) open(ev *es.Open, o *observed) Change {
	s := t.see(&ev.File, asIs, o)
	if s.i == 0 || o.denied {
		return t.on(&s)
	}
	x := t.execution(o.by)
	did := DidOpenRead
	if ev.FFlag&es.FWrite != 0 {
		did = DidOpenWrite
		if t.openForWriting(s.e, 0) == 0 {
			s.e.content(o.at)
		}
	}
	// The create of a new file is told first, then its open: the same descriptor.
	if d := t.findDeed(s.e, DidCreate, o.by); d != nil {
		d.Open = 0
	}
	d := t.did(s.i, s.e, did, o)
	d.Value |= int64(ev.FFlag)
	d.opened()
	if ev.FFlag&es.OTrunc != 0 && ev.FFlag&es.FWrite != 0 {
		t.did(s.i, s.e, DidTruncate, o)
		s.e.content(o.at)
	}
	if x != nil && did == DidOpenRead && ev.FFlag&es.FRead != 0 && ev.FFlag&es.OEvtOnly == 0 {
		if typ := s.e.Last.Type(); typ == es.ModeRegular || typ == 0 {
			x.Reads = t.keep(x.Reads, MaxReads, touched{t.ref(s.i), o.at, s.e.Last})
		}
	}
	return t.on(&s)
}

func (t *Table) close(ev *es.Close, o *observed) Change {
	s := t.see(&ev.Target, asIs, o)
	if s.i == 0 || o.denied {
		return t.on(&s)
	}
	// What closes a file that it opened only for reading says nothing that the open did not.
	found, reader := t.closed(s.e, ev.Modified, o)
	if ev.Modified || !found || !reader {
		did := DidClose
		if ev.Modified {
			did = DidCloseModified
		}
		d := t.did(s.i, s.e, did, o)
		if ev.WasMappedWritable {
			d.Value = 1
		}
	}
	return t.on(&s)
}

func (t *Table) write(ev *es.Write, o *observed) Change {
	s := t.see(&ev.Target, asIs, o)
	if s.i == 0 || o.denied {
		return t.on(&s)
	}
	d := t.findDeed(s.e, DidWrite, o.by)
	if d == nil || d.Open == 0 {
		// The first write, or one through a descriptor that was not seen to open: it holds one.
		t.execution(o.by)
		if t.openForWriting(s.e, 0) == 0 {
			s.e.content(o.at)
		}
		opened := t.findDeed(s.e, DidOpenWrite, o.by)
		created := t.findDeed(s.e, DidCreate, o.by)
		d = t.did(s.i, s.e, DidWrite, o)
		if (opened == nil || opened.Open == 0) && (created == nil || created.Open == 0) {
			d.opened()
		}
	} else {
		t.did(s.i, s.e, DidWrite, o)
	}
	return t.on(&s)
}

func (t *Table) mmap(ev *es.MMap, o *observed) Change {
	s := t.see(&ev.Source, asIs, o)
	if s.i != 0 && !o.denied && ev.Protection&es.ProtWrite != 0 && ev.Flags&es.MapShared != 0 {
		if t.openForWriting(s.e, 0) == 0 {
			s.e.content(o.at)
		}
		t.did(s.i, s.e, DidMap, o)
	}
	return t.on(&s)
}

func (t *Table) create(ev *es.Create, o *observed) Change {
	if ev.DestinationType != es.DestinationExistingFile || o.denied {
		// What was refused, or not made yet: only the folder is there.
		dir := t.see(&ev.Dir, asIs, o)
		c := Change{Dir: t.ref(dir.i), After: join(dir.path, ev.Filename)}
		if ev.DestinationType == es.DestinationExistingFile {
			c = Change{After: Canonical(ev.ExistingFile.Path)}
		}
		return c
	}
	f := &ev.ExistingFile
	if r := t.retried(o, f, "", f.Path); r != nil {
		t.stats.Retries++
		s := t.see(f, asIs, o)
		c := t.on(&s)
		c.Before, c.Retry, c.Replaced = "", true, r.Replaced
		return c
	}
	loser := Ref(0)
	if p := Canonical(f.Path); p != "" && p[0] == '/' && !f.PathTruncated {
		loser = t.ref(t.holder(p))
	}
	s := t.see(f, asBorn, o)
	if s.i == 0 {
		return Change{After: s.path}
	}
	known := s.known
	c := Change{Target: t.ref(s.i), Dir: t.dirOf(s.e), Volume: t.volRef(s.e.Vol), After: s.path, Identity: s.e.Ident,
		Known: known, Reused: s.reused, Unseen: s.unseen, Was: s.was, New: true, Made: MadeHere}
	if loser != c.Target {
		c.Replaced = loser
	}
	s.e.Exist = CreatedInView
	if s.e.Made == MadeUnknown {
		s.e.Made = MadeHere
	}
	x := t.execution(o.by)
	d := t.did(s.i, s.e, DidCreate, o)
	s.e.content(o.at)
	t.made(&s, asBorn, &c)
	if typ := s.e.Last.Type(); c.Made == MadeHere && (typ == es.ModeRegular || typ == 0) && t.findDeed(s.e, DidOpenWrite, o.by) == nil {
		d.Open = 1
	}
	if x != nil {
		x.Made = t.keep(x.Made, MaxMade, touched{c.Target, o.at, s.e.Last})
	}
	t.remind(o, f, "", f.Path, c.Target, c.Replaced)
	return c
}

func (t *Table) extAttr(ev *es.ExtAttr, o *observed) Change {
	s := t.see(&ev.Target, asIs, o)
	if s.i != 0 && !o.denied {
		did, deleted := DidSetAttr, false
		if ev.Which == es.KindDeleteExtAttr {
			did, deleted = DidDeleteAttr, true
		}
		t.did(s.i, s.e, did, o)
		t.attribute(s.e, ev.Name, deleted, o)
	}
	return t.on(&s)
}

func (t *Table) exchange(ev *es.ExchangeData, o *observed) Change {
	a, b := t.see(&ev.File1, asIs, o), t.see(&ev.File2, asIs, o)
	if !o.denied && a.i != 0 && b.i != 0 {
		t.did(a.i, a.e, DidExchange, o)
		t.did(b.i, b.e, DidExchange, o)
	}
	c := t.on(&a)
	c.Source, c.Awaiting = t.ref(b.i), true
	return c
}
