package files

import (
	"encoding/gob"
	"fmt"

	"ascribe.example/es"
)

// state is a table as it is written. Indexes are left out: they are built again, and nothing depends on their order.
type state struct {
	Version int
	Entries saved[entry]
	Names   saved[name]
	Past    saved[pastName]
	Firsts  saved[Stat]
	Deeds   saved[deed]
	Attrs   saved[attribute]
	Folders saved[folder]
	Places  saved[place]
	Vols    saved[volume]
	Execs   saved[execution]

	Lists     []list
	Running   list
	Uses      uint32
	Ticks     uint32
	Epoch     uint32
	Bytes     int
	Unmounted []int32

	Pending     []pending
	PendingNext int
	Recent      []recent
	RecentNext  int

	Began   es.Time
	Horizon []mark
	Forgot  []bool
	Bare    bool
	Opens   bool
	Stats   Stats
	Held    room
}

const stateVersion = 4

// Save writes the table's state; [Table.Restore] reads it. A restored table answers as the saved one would have.
func (t *Table) Save(w *gob.Encoder) error {
	s := state{
		Version: stateVersion,
		Entries: t.entries.save(), Names: t.names.save(), Past: t.past.save(), Firsts: t.firsts.save(), Deeds: t.deeds.save(),
		Attrs: t.attrs.save(), Folders: t.folders.save(), Places: t.places.save(), Vols: t.vols.save(), Execs: t.execs.save(),
		Lists: t.lists[:], Running: t.running, Uses: t.uses, Ticks: t.ticks, Epoch: t.epoch, Bytes: t.bytes,
		Unmounted: t.unmounted, Pending: t.pending[:], PendingNext: t.pendingNext, Recent: t.recent[:], RecentNext: t.recentNext,
		Began: t.began, Horizon: t.horizon[:], Forgot: t.forgot[:], Bare: t.bare, Opens: t.opens, Stats: t.stats, Held: t.held,
	}
	if err := w.Encode(&s); err != nil {
		return fmt.Errorf("save files: %w", err)
	}
	return nil
}

// Restore fills a new table from what [Table.Save] wrote. The limits are those of the new table.
func (t *Table) Restore(d *gob.Decoder) error {
	var s state
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("restore files: %w", err)
	}
	if s.Version != stateVersion {
		return fmt.Errorf("restore files: state of version %d, this program reads %d: start without the saved state", s.Version, stateVersion)
	}
	r := &Table{limits: t.limits}
	r.entries.restore(s.Entries)
	r.names.restore(s.Names)
	r.past.restore(s.Past)
	r.firsts.restore(s.Firsts)
	r.deeds.restore(s.Deeds)
	r.attrs.restore(s.Attrs)
	r.folders.restore(s.Folders)
	r.places.restore(s.Places)
	r.vols.restore(s.Vols)
	r.execs.restore(s.Execs)
	copy(r.lists[:], s.Lists)
	r.running, r.uses, r.ticks, r.epoch, r.bytes, r.unmounted = s.Running, s.Uses, s.Ticks, s.Epoch, s.Bytes, s.Unmounted
	copy(r.pending[:], s.Pending)
	copy(r.recent[:], s.Recent)
	r.pendingNext, r.recentNext = s.PendingNext, s.RecentNext
	copy(r.horizon[:], s.Horizon)
	copy(r.forgot[:], s.Forgot)
	r.began, r.bare, r.opens, r.stats, r.held = s.Began, s.Bare, s.Opens, s.Stats, s.Held
	*t = *r
	t.reindex()
	return nil
}

// reindex builds what is found by key from what is there.
func (t *Table) reindex() {
	t.byDev = map[int32]int32{}
	for i := int32(1); i < t.entries.n; i++ {
		e := t.entries.at(i)
		t.recount(e)
		if e.Live && e.Ident == ByInode && !e.Detached {
			t.byInode.add(hashWords(e.Ino, uint64(e.Vol)), i)
		}
	}
	for i := int32(1); i < t.names.n; i++ {
		if n := t.names.at(i); n.File != 0 {
			t.byName.add(t.hashOf(n.Folder, n.Base), i)
		}
	}
	for i := int32(root + 1); i < t.folders.n; i++ {
		f := t.folders.at(i)
		if f.Indexed {
			t.byFolder.add(t.hashOf(f.Parent, f.Base), i)
		}
		if f.Listed {
			t.byPath.add(hashPath(f.Path), i)
		}
	}
	for i := int32(1); i < t.vols.n; i++ {
		if v := t.vols.at(i); v.Live && !v.V.Unmounted {
			t.byDev[v.V.Dev] = i
		}
	}
	for i := int32(1); i < t.execs.n; i++ {
		if x := t.execs.at(i); x.Ref != 0 {
			t.byExec.add(hashRef(x.Ref), i)
		}
	}
	for i := range t.pending {
		if t.pending[i].Made != MadeUnknown {
			t.pendingLive++
		}
	}
}
