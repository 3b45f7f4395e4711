package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
)

// moving are the sentences for other names and places, the Trash, and the end.
var moving = []spec{
	{
		pattern: "<name:who> moves <path:from...> to <place:to>",
		clauses: []string{"writes: in <num:writes> writes", "later: deleting <time:later> later"}, does: (*run).moves,
	},
	{pattern: "<name:who> duplicates <path:from>", does: func(r *run, a *args) error {
		n, err := r.source(a.get("from"))
		if err != nil {
			return err
		}
		from := canonical(a.get("from"))
		stem, ext := cutExt(base(from))
		to := join(dirOf(from), stem+" copy"+ext)
		for i := 2; r.m.find(to) != nil; i++ {
			to = join(dirOf(from), fmt.Sprintf("%s copy %d%s", stem, i, ext))
		}
		c := copier{method: "read-write", attrs: true}
		switch {
		case n.vol.clones():
			c.method = "clone"
		case n.vol.fs == "afpfs" || n.vol.fs == "smbfs":
			c.method = "copyfile"
		}
		t := Truth{Action: "copy", Method: c.method}
		r.m.batch(r.who(a), t, [][2]string{{from, to}}, func(from, to string) []TruthItem { return r.m.copyTree(r.who(a), from, to, c) })
		return nil
	}},
	{pattern: "<name:who> trashes <path:from...>", clauses: []string{"record: noting where it was"}, does: (*run).trashes},
	{pattern: "<name:who> puts back <path:from> to <path:to>", does: func(r *run, a *args) error {
		return r.renames(r.who(a), a.get("from"), a.get("to"))
	}},
	{pattern: "<name:who> empties the trash [of <path:volume>]", does: func(r *run, a *args) error {
		p, u := r.who(a), r.who(a).user
		if u == nil {
			u = r.who(a).behalf.user
		}
		if u == nil {
			return &wrong{word: a.get("who"), want: "somebody who works for a user"}
		}
		v := r.m.root
		if a.has("volume") {
			if v = r.m.volumeAt(a.get("volume")); v == nil {
				return &wrong{word: a.get("volume"), want: "a mounted volume"}
			}
		}
		dir := r.m.folder(r.m.trashOf(u, v))
		t := Truth{Action: "empty_trash", Method: "unlink", Path: r.m.path(dir)}
		r.m.act(p, t, func() {
			for _, k := range dir.list() {
				r.m.removeTree(p, join(r.m.path(dir), k.name))
			}
		})
		return nil
	}},
	{pattern: "<name:who> deletes <path:from...>", does: func(r *run, a *args) error {
		for _, f := range a.list("from") {
			if _, err := r.source(f); err != nil {
				return err
			}
		}
		r.m.deletes(r.who(a), a.list("from"))
		return nil
	}},
}

// renames is one rename with the meaning that its two ends have.
func (r *run) renames(p *proc, from, to string) error {
	n, err := r.source(from)
	if err != nil {
		return err
	}
	dir := r.m.folder(dirOf(canonical(to)))
	if dir.vol != n.vol {
		return &wrong{word: to, want: "a place on the same volume: a rename cannot leave it"}
	}
	old := dir.kid(base(to))
	if old != nil && old != n && old.isDir() && len(old.kids) > 0 {
		return &wrong{word: to, want: "a path that is no folder with files in it"}
	}
	if old == n && (dir != n.parent || dir.vol.fold(base(canonical(to))) != dir.vol.fold(base(canonical(from)))) {
		return &wrong{word: to, want: "a name of another file: a rename between two names of one does nothing"}
	}
	if n == r.m.root.root || n.parent == nil {
		return &wrong{word: from, want: "a file or folder below a volume's root"}
	}
	for d := dir; d != nil; d = d.parent {
		if d == n {
			return &wrong{word: to, want: "a place outside the folder itself"}
		}
	}
	r.m.act(p, renameTruth(canonical(from), canonical(to), old != nil && old != n), func() { r.m.rename(p, from, to) })
	return nil
}

// renameTruth is what a rename from one path to another is.
func renameTruth(from, to string, replaced bool) Truth {
	t := Truth{Action: "move", Method: "rename", Path: to, SourcePath: from, Replaced: replaced}
	switch {
	case inTrash(to) && !inTrash(from):
		t.Action = "trash"
	case inTrash(from) && !inTrash(to):
		t.Action = "restore"
	case dirOf(from) == dirOf(to):
		t.Action = "rename"
	}
	return t
}

// moves renames within a volume, and copies and deletes between volumes.
func (r *run) moves(a *args) error {
	p, from := r.who(a), a.list("from")
	var pairs [][2]string
	across := false
	for _, f := range from {
		n, err := r.source(f)
		if err != nil {
			return err
		}
		to := r.into(f, a.get("to"))
		if len(from) > 1 {
			r.m.folder(a.get("to"))
			to = join(canonical(a.get("to")), base(canonical(f)))
		}
		across = across || r.m.folder(dirOf(to)).vol != n.vol
		pairs = append(pairs, [2]string{canonical(f), to})
	}
	if !across {
		if len(pairs) == 1 {
			return r.renames(p, pairs[0][0], pairs[0][1])
		}
		r.m.batch(p, Truth{Action: "move", Method: "rename"}, pairs, func(from, to string) []TruthItem {
			r.m.rename(p, from, to)
			return []TruthItem{{Path: to, SourcePath: from}}
		})
		return nil
	}
	c := copier{method: "read-write", writes: a.num("writes", 0), attrs: true}
	r.m.batch(p, Truth{Action: "move", Method: "copy-delete"}, pairs, func(from, to string) []TruthItem {
		items := r.m.copyTree(p, from, to, c)
		r.m.now += int64(a.duration("later"))
		r.m.removeTree(p, from)
		return items
	})
	return nil
}

// removeTree unlinks a file, or a folder from the bottom up, in the order of a directory's hash.
func (m *mac) removeTree(p *proc, path string) []TruthItem {
	n := m.there(path)
	var items []TruthItem
	if n.isDir() {
		kids := n.list()
		slices.SortStableFunc(kids, func(a, b entry) int { return cmp.Compare(hash(a.name), hash(b.name)) })
		for _, k := range kids {
			items = append(items, m.removeTree(p, join(path, k.name))...)
		}
	} else {
		items = append(items, TruthItem{Path: path})
	}
	m.unlink(p, path)
	return items
}

func (m *mac) deletes(p *proc, paths []string) {
	pairs := make([][2]string, len(paths))
	for i, f := range paths {
		pairs[i][1] = canonical(f)
	}
	o := m.batch(p, Truth{Action: deletion(paths[0]), Method: "unlink"}, pairs, func(_, path string) []TruthItem { return m.removeTree(p, path) })
	if o != nil {
		o.SourcePath = ""
	}
}

// trashes renames into the volume's Trash; a name that is taken gets the time.
func (r *run) trashes(a *args) error {
	p := r.who(a)
	u := p.user
	if u == nil {
		u = p.behalf.user
	}
	if u == nil {
		return &wrong{word: a.get("who"), want: "somebody who works for a user"}
	}
	var pairs [][2]string
	for _, f := range a.list("from") {
		n, err := r.source(f)
		if err != nil {
			return err
		}
		dir := r.m.folder(r.m.trashOf(u, n.vol))
		name := base(canonical(f))
		if dir.kid(name) != nil {
			stem, ext := cutExt(name)
			name = stem + " " + r.m.wallNow().Std().Format("15.04.05.000") + ext
		}
		pairs = append(pairs, [2]string{canonical(f), join(r.m.path(dir), name)})
	}
	r.m.batch(p, Truth{Action: "trash", Method: "rename"}, pairs, func(from, to string) []TruthItem {
		r.m.rename(p, from, to)
		return []TruthItem{{Path: to, SourcePath: from}}
	})
	if a.has("record") {
		path := join(dirOf(pairs[0][1]), ".DS_Store")
		r.m.there(path)
		d := r.m.openPath(p, path, es.FRead|es.FWrite, 0, true) // Finder's own book: no act of its own
		r.m.write(p, p.fd(d).g, 6148, false)
		r.m.closeFD(p, p.fd(d))
	}
	return nil
}

// cutExt cuts a name before its extension.
func cutExt(name string) (stem, ext string) {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[:i], name[i:]
	}
	return name, ""
}

// soon is the little time between two steps of one act.
func (m *mac) soon() { m.pass(400 * time.Microsecond) }
