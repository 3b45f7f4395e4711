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
func (t *Table) Observe(m *es.Message, by lineage.Ref, at es.Moment, late bool) (c Change) {
	t.ObserveInto(&c, m, by, at, late)
	return c
}

// ObserveInto is Observe for those who have a place for the Change, which must be empty: it is too large to be handed up for
// each message.
func (t *Table) ObserveInto(c *Change, m *es.Message, by lineage.Ref, at es.Moment, late bool) {
	// What is put together as a whole and read at once is waited for: so field by field.
	var o observed
	o.m, o.by, o.late, o.denied = m, by, late, m.Denied
	o.at.Seq, o.at.Clock = at.Seq, int64(at.Clock)
	o.moment = at
	if t.began == 0 {
		t.began = m.Time
	}
	c.Denied = m.Denied
	t.observe(&o, c)
	t.trim()
}

func (t *Table) observe(o *observed, c *Change) {
	switch ev := o.m.Event.(type) {
	case *es.Open:
		t.open(ev, o, c)
	case *es.Close:
		t.close(ev, o, c)
	case *es.Create:
		t.create(ev, o, c)
	case *es.Write:
		t.write(ev, o, c)
	case *es.Truncate:
		t.act(&ev.Target, DidTruncate, o, c)
	case *es.MMap:
		t.mmap(ev, o, c)
	case *es.Rename:
		t.rename(ev, o, c)
	case *es.Unlink:
		t.unlink(ev, o, c)
	case *es.Link:
		t.link(ev, o, c)
	case *es.Clone:
		t.clone(ev, o, c)
	case *es.Copyfile:
		t.copyfile(ev, o, c)
	case *es.ExchangeData:
		t.exchange(ev, o, c)
	case *es.ExtAttr:
		t.extAttr(ev, o, c)
	case *es.SetMode:
		t.set(&ev.Target, DidSetMode, int64(ev.Mode), o, c)
	case *es.SetOwner:
		t.set(&ev.Target, DidSetOwner, int64(ev.UID)|int64(ev.GID)<<32, o, c)
	case *es.SetFlags:
		t.set(&ev.Target, DidSetFlags, int64(ev.Flags), o, c)
	case *es.SetACL:
		t.set(&ev.Target, DidSetACL, int64(ev.SetClear), o, c)
	case *es.UTimes:
		t.set(&ev.Target, DidSetTimes, int64(ev.MTime), o, c)
	case *es.Mount:
		if !o.denied {
			c.Volume = t.volRef(t.mount(ev, o.moment))
		}
	case *es.FileProviderMaterialize:
		t.act(&ev.Target, 0, o, c)
		if s := t.see(&ev.Source, asIs, o); s.i != 0 {
			c.Source = t.ref(s.i)
		}
	case *es.FileProviderUpdate:
		t.act(&ev.Source, 0, o, c)
		c.After = Canonical(ev.TargetPath)
	}
}

// on fills the change that a message about one file under its present name comes to.
func (t *Table) on(s *sighting, c *Change) {
	c.Before, c.After = s.path, s.path
	if s.i == 0 {
		return
	}
	c.Target, c.Volume = t.ref(s.i), t.volRef(s.e.Vol)
	c.Identity, c.Known, c.Reused, c.Unseen, c.Was = s.e.Ident, s.known, s.reused, s.unseen, s.was
	if s.awaited != 0 {
		t.made(s, asIs, c)
	}
}

// act takes a message about one file; did may be 0: it is only seen.
func (t *Table) act(f *es.File, did Did, o *observed, c *Change) {
	s := t.see(f, asIs, o)
	if s.i != 0 && did != 0 && !o.denied {
		t.did(s.i, s.e, did, o)
		if did == DidTruncate {
			s.e.content(o.at)
		}
	}
	t.on(&s, c)
}

func (t *Table) set(f *es.File, did Did, value int64, o *observed, c *Change) {
	s := t.see(f, asIs, o)
	if s.i != 0 && !o.denied {
		if d := t.did(s.i, s.e, did, o); !o.at.before(d.Last) {
			d.Value = value
		}
	}
	t.on(&s, c)
}

func (t *Table) open(ev *es.Open, o *observed, c *Change) {
	s := t.see(&ev.File, asIs, o)
	if s.i == 0 || o.denied {
		t.on(&s, c)
		return
	}
	t.opens = true
	x := t.execution(o.by)
	did := DidOpenRead
	if ev.FFlag&es.FWrite != 0 {
		did = DidOpenWrite
		if !t.heldForWriting(s.e) {
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
			t.keep(&x.Reads, MaxReads, t.ref(s.i), o.at, &s.e.Last)
		}
	}
	t.on(&s, c)
}

func (t *Table) close(ev *es.Close, o *observed, c *Change) {
	s := t.see(&ev.Target, asIs, o)
	if s.i == 0 || o.denied {
		t.on(&s, c)
		return
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
	t.on(&s, c)
}

func (t *Table) write(ev *es.Write, o *observed, c *Change) {
	s := t.see(&ev.Target, asIs, o)
	if s.i == 0 || o.denied {
		t.on(&s, c)
		return
	}
	d := t.findDeed(s.e, DidWrite, o.by)
	if d == nil || d.Open == 0 {
		// The first write, or one through a descriptor that was not seen to open: it holds one.
		t.execution(o.by)
		if !t.heldForWriting(s.e) {
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
	t.on(&s, c)
}

func (t *Table) mmap(ev *es.MMap, o *observed, c *Change) {
	s := t.see(&ev.Source, asIs, o)
	if s.i != 0 && !o.denied && ev.Protection&es.ProtWrite != 0 && ev.Flags&es.MapShared != 0 {
		if !t.heldForWriting(s.e) {
			s.e.content(o.at)
		}
		t.did(s.i, s.e, DidMap, o)
	}
	t.on(&s, c)
}

func (t *Table) create(ev *es.Create, o *observed, c *Change) {
	f := &ev.ExistingFile
	if ev.DestinationType != es.DestinationExistingFile {
		// What was refused, or not made yet: only the folder is there.
		dir := t.see(&ev.Dir, asIs, o)
		c.After = join(dir.path, ev.Filename)
		return
	}
	if o.denied {
		c.After = Canonical(f.Path)
		return
	}
	if r := t.retried(o, f, "", f.Path); r != nil {
		t.stats.Retries++
		s := t.see(f, asIs, o)
		t.on(&s, c)
		c.Before, c.Retry, c.Replaced = "", true, r.Replaced
		return
	}
	loser := Ref(0)
	if p := Canonical(f.Path); p != "" && p[0] == '/' && !f.PathTruncated {
		loser = t.ref(t.holder(p))
	}
	s := t.see(f, asBorn, o)
	c.After = s.path
	if s.i == 0 {
		return
	}
	c.Target, c.Volume = t.ref(s.i), t.volRef(s.e.Vol)
	c.Identity, c.Known, c.Reused, c.Unseen, c.Was = s.e.Ident, s.known, s.reused, s.unseen, s.was
	c.New, c.Made = true, MadeHere
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
	t.made(&s, asBorn, c)
	// Whoever creates a file by opening it holds it, and the open is told next. Only where opens are not recorded does the
	// create itself have to show the descriptor.
	if typ := s.e.Last.Type(); !t.opens && c.Made == MadeHere && (typ == es.ModeRegular || typ == 0) {
		d.Open = 1
	}
	if x != nil {
		t.keep(&x.Made, MaxMade, c.Target, o.at, &s.e.Last)
	}
	t.remind(o, f, "", f.Path, c.Target, c.Replaced, false)
}

func (t *Table) extAttr(ev *es.ExtAttr, o *observed, c *Change) {
	s := t.see(&ev.Target, asIs, o)
	if s.i != 0 && !o.denied {
		did, deleted := DidSetAttr, false
		if ev.Which == es.KindDeleteExtAttr {
			did, deleted = DidDeleteAttr, true
		}
		t.did(s.i, s.e, did, o)
		t.attribute(s.e, ev.Name, deleted, o)
	}
	t.on(&s, c)
}

func (t *Table) exchange(ev *es.ExchangeData, o *observed, c *Change) {
	a, b := t.see(&ev.File1, asIs, o), t.see(&ev.File2, asIs, o)
	if !o.denied && a.i != 0 && b.i != 0 {
		t.did(a.i, a.e, DidExchange, o)
		t.did(b.i, b.e, DidExchange, o)
	}
	t.on(&a, c)
	c.Source, c.Awaiting = t.ref(b.i), true
}
