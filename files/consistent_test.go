package files

import (
	"fmt"
)

// consistent reports the first thing in the table that contradicts another.
func (t *Table) consistent() error {
	names, past, deeds, attrs, firsts := 0, 0, 0, 0, 0
	bytes := 0
	refs := map[int32]int32{}
	files := map[int32]int32{}
	var perClass [classCount]int32
	for i := int32(1); i < t.entries.n; i++ {
		e := t.entries.at(i)
		if !e.Live {
			continue
		}
		perClass[e.Class]++
		if e.Vol == 0 || !t.vols.at(e.Vol).Live {
			return fmt.Errorf("file %d lies on no volume", i)
		}
		files[e.Vol]++
		if e.Ident == ByInode && !e.Detached && t.findInode(e.Vol, e.Ino) != i {
			return fmt.Errorf("file %d is not found by its inode number", i)
		}
		n := 0
		for j := e.Names; j != 0; j = t.names.at(j).Next {
			m := t.names.at(j)
			if m.File != i {
				return fmt.Errorf("name %q of file %d is another file's", m.Base, i)
			}
			if got := t.nameIn(m.Folder, m.Base); got != j {
				return fmt.Errorf("name %q of file %d leads to name %d, want %d", m.Base, i, got, j)
			}
			refs[m.Folder]++
			bytes += len(m.Base)
			n++
		}
		if n != int(e.NNames) {
			return fmt.Errorf("file %d has %d names, counts %d", i, n, e.NNames)
		}
		names += n
		if e.Gone && e.Names != 0 {
			return fmt.Errorf("file %d is gone and has a name", i)
		}
		n = 0
		for j := e.Past; j != 0; j = t.past.at(j).Next {
			p := t.past.at(j)
			refs[p.Folder]++
			bytes += len(p.Base)
			if p.Until.before(p.From) {
				return fmt.Errorf("name %q of file %d ended before it began", p.Base, i)
			}
			n++
		}
		if n != int(e.NPast) || int(e.NNames)+n > MaxNames {
			return fmt.Errorf("file %d had %d names, counts %d", i, n, e.NPast)
		}
		past += n
		n = 0
		for j := e.Deeds; j != 0; j = t.deeds.at(j).Next {
			if d := t.deeds.at(j); !e.mayHave(d.did(), d.By) {
				return fmt.Errorf("file %d has a deed of kind %d by %d that would not be found", i, d.Kind, d.By)
			}
			if d := t.deeds.at(j); d.Last.before(d.First) || d.Count == 0 || d.Open < 0 {
				return fmt.Errorf("deed %+v of file %d", *d, i)
			}
			n++
		}
		if n != int(e.NDeeds) || n > MaxDeeds {
			return fmt.Errorf("file %d has %d deeds, counts %d", i, n, e.NDeeds)
		}
		deeds += n
		n = 0
		for j := e.Attrs; j != 0; j = t.attrs.at(j).Next {
			bytes += len(t.attrs.at(j).Name)
			n++
		}
		if n != int(e.NAttrs) || n > MaxAttributes {
			return fmt.Errorf("file %d has %d attributes, counts %d", i, n, e.NAttrs)
		}
		attrs += n
		if e.First != 0 {
			firsts++
		}
		if e.Folder != 0 {
			if t.folders.at(e.Folder).File != i {
				return fmt.Errorf("folder of file %d is another file's", i)
			}
			refs[e.Folder]++
		}
		if (e.Held > 0) != (e.Class == classHeld) {
			return fmt.Errorf("file %d is held %d times, in class %d", i, e.Held, e.Class)
		}
	}
	for c := range perClass {
		n, prev := int32(0), int32(0)
		for i := t.lists[c].Head; i != 0; i = t.entries.at(i).Next {
			if t.entries.at(i).Prev != prev || n > perClass[c] {
				return fmt.Errorf("list %d is broken at %d", c, i)
			}
			prev = i
			n++
		}
		if n != perClass[c] || n != t.lists[c].N || t.lists[c].Tail != prev {
			return fmt.Errorf("list %d has %d files, counts %d, should have %d", c, n, t.lists[c].N, perClass[c])
		}
	}
	live := 0
	for i := range t.pending {
		if p := &t.pending[i]; p.Made != MadeUnknown {
			refs[p.Folder]++
			bytes += len(p.Base)
			live++
		}
	}
	if live != t.pendingLive {
		return fmt.Errorf("%d clones are awaited, counted %d", live, t.pendingLive)
	}
	places, folders := 0, 0
	kids := map[int32]int32{}
	free := map[int32]bool{}
	for _, i := range t.folders.free {
		free[i] = true
	}
	for i := int32(root + 1); i < t.folders.n; i++ {
		if free[i] {
			continue
		}
		folders++
		f := t.folders.at(i)
		refs[f.Parent]++
		kids[f.Parent]++
		bytes += len(f.Base) + len(f.Path)
		for p := f.Past; p != 0; p = t.places.at(p).Next {
			bytes += len(t.places.at(p).Path)
			places++
		}
		if free[f.Parent] {
			return fmt.Errorf("folder %d %q stands in a freed one", i, f.Base)
		}
		if f.Indexed && t.child(f.Parent, f.Base, true) != i {
			return fmt.Errorf("folder %d %q is not found from its parent", i, f.Base)
		}
		if f.File != 0 && t.entries.at(f.File).Folder != i {
			return fmt.Errorf("file of folder %d has another folder", i)
		}
	}
	for i := int32(root + 1); i < t.folders.n; i++ {
		if f := t.folders.at(i); !free[i] && (f.Refs != refs[i] || f.Refs <= 0 || f.Kids != kids[i]) {
			return fmt.Errorf("folder %d %q has %d references, counts %d; %d folders, counts %d", i, f.Base, refs[i], f.Refs, kids[i], f.Kids)
		}
	}
	if bytes != t.bytes {
		return fmt.Errorf("%d bytes, counted %d", bytes, t.bytes)
	}
	for i := int32(1); i < t.vols.n; i++ {
		if v := t.vols.at(i); v.Live && v.Files != files[i] {
			return fmt.Errorf("volume %d holds %d files, counts %d", i, files[i], v.Files)
		}
	}
	if got := []int{t.names.used(), t.past.used(), t.deeds.used(), t.attrs.used(), t.firsts.used(), t.places.used(), t.folders.used(), t.byName.n, t.execs.used()}; got[0] != names ||
		got[1] != past || got[2] != deeds || got[3] != attrs || got[4] != firsts || got[5] != places || got[6] != folders+1 || got[7] != names || got[8] != t.byExec.n {
		return fmt.Errorf("names, past, deeds, attributes, statuses, places, folders, indexed names, executions: %v in use, reached %v",
			got, []int{names, past, deeds, attrs, firsts, places, folders + 1, names, t.byExec.n})
	}
	if int(t.running.N) != t.execs.used() {
		return fmt.Errorf("%d executions, listed %d", t.execs.used(), t.running.N)
	}
	return nil
}
