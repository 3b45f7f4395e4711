package scenario

import (
	"fmt"
	"strings"

	"ascribe.example/es"
)

// copying are the sentences for copies, moves and names.
var copying = []spec{
	{
		pattern: "<name:who> copies <path:from...> to <place:to> [by clone|copyfile|read-write]",
		clauses: []string{"keep: keeps it open", "writes: in <num:writes> writes", "fails: which fails", "bare: without attributes", "noclose: keeps both open"},
		does:    (*run).copies,
	},
}

// copier is how one file is copied.
type copier struct {
	method string
	writes int64
	keep   bool // the target stays open
	both   bool // the source, too
	fails  bool
	attrs  bool // attributes, mode and times follow
}

func (r *run) copies(a *args) error {
	p, from := r.who(a), a.list("from")
	c := copier{
		method: a.get("clone|copyfile|read-write"), writes: a.num("writes", 0), keep: a.has("keep") || a.has("noclose"), both: a.has("noclose"),
		fails: a.has("fails"), attrs: !a.has("bare"),
	}
	var pairs [][2]string
	for _, f := range from {
		n, err := r.source(f)
		if err != nil {
			return err
		}
		to := r.into(f, a.get("to"))
		if len(from) > 1 {
			to = join(canonical(a.get("to")), base(canonical(f)))
			r.m.folder(a.get("to"))
		}
		dir := r.m.folder(dirOf(to))
		if c.method == "" {
			c.method = "read-write"
			if n.vol == dir.vol && n.vol.clones() {
				c.method = "clone"
			}
		}
		if c.method == "clone" && !c.fails {
			if err := r.cloneable(f, to); err != nil {
				return err
			}
		}
		if r.m.find(to) == n {
			return &wrong{word: f, want: "a file other than the copy itself"}
		}
		pairs = append(pairs, [2]string{canonical(f), to})
	}
	t := Truth{Action: "copy", Method: c.method, Failed: c.fails}
	r.m.batch(p, t, pairs, func(from, to string) []TruthItem { return r.m.copyTree(p, from, to, c) })
	return nil
}

// batch is one operation on one or more files; its path is the file's, or the folder that holds them all.
func (m *mac) batch(p *proc, t Truth, pairs [][2]string, f func(from, to string) []TruthItem) *op {
	t.SourcePath, t.Path = pairs[0][0], pairs[0][1]
	if len(pairs) > 1 {
		t.SourcePath, t.Path = dirOf(t.SourcePath), dirOf(t.Path)
		for _, q := range pairs[1:] {
			t.SourcePath = commonDir(t.SourcePath, q[0])
		}
	}
	o := m.act(p, t, func() {
		for _, q := range pairs {
			items := f(q[0], q[1])
			if m.op != nil {
				m.op.Items = append(m.op.Items, items...)
			}
			m.work()
		}
	})
	if o != nil && len(o.Items) == 1 && len(pairs) == 1 && o.Items[0].Path == o.Path {
		o.Items = nil
	}
	return o
}

// commonDir is the nearest folder that holds both.
func commonDir(dir, path string) string {
	for dir != "/" && !strings.HasPrefix(path, dir+"/") {
		dir = dirOf(dir)
	}
	return dir
}

// copyTree copies a file or a folder with all that is in it; it returns the files.
func (m *mac) copyTree(p *proc, from, to string, c copier) []TruthItem {
	n := m.there(from)
	if !n.isDir() || c.method == "clone" {
		m.copyOne(p, from, to, c)
		return m.itemsBelow(n, from, to, nil)
	}
	if m.find(to) == nil {
		m.mkdir(p, to, n.mode&0o777)
	}
	var items []TruthItem
	for _, k := range n.list() {
		items = append(items, m.copyTree(p, join(from, k.name), join(to, k.name), c)...)
	}
	if c.attrs {
		m.setTimes(p, m.find(to), n.atime, n.mtime)
	}
	return items
}

// itemsBelow lists the files of a tree under their new names.
func (m *mac) itemsBelow(n *node, from, to string, items []TruthItem) []TruthItem {
	if !n.isDir() {
		return append(items, TruthItem{Path: to, SourcePath: from})
	}
	for _, k := range n.list() {
		items = m.itemsBelow(k.node, join(from, k.name), join(to, k.name), items)
	}
	return items
}

// copyOne copies one file. By clone and copyfile it is one call; otherwise a reader and a writer, as copyfile(3) does:
// both opened, the data in writes, then attributes, mode and times, then both closed.
func (m *mac) copyOne(p *proc, from, to string, c copier) {
	switch c.method {
	case "clone":
		m.clone(p, from, to, c.fails)
		return
	case "copyfile":
		m.copyfile(p, from, to, c.fails)
		return
	}
	src := m.there(from)
	in := m.openPath(p, from, es.FRead, 0, false)
	flags := int32(es.FWrite | es.OCreat | es.OTrunc)
	out := m.openPath(p, to, flags, src.mode&0o777, false)
	g := p.fd(out).g
	m.pour(p, g, src.size, c.writes, c.fails)
	if c.attrs && !c.fails {
		m.dressCopy(p, src, g.n)
	}
	if !c.keep {
		m.closeFD(p, p.fd(out))
	}
	if !c.both {
		m.closeFD(p, p.fd(in))
	}
}

// pour writes size bytes; the last write fails where the copy does.
func (m *mac) pour(p *proc, g *glob, size, writes int64, fails bool) {
	if writes == 0 {
		writes = min(size/(128<<10)+1, 16)
		if size == 0 {
			writes = 0
		}
	}
	for i := range writes {
		part := size / writes
		if i == writes-1 {
			part = size - part*(writes-1)
		}
		m.write(p, g, part, fails && i == writes-1)
	}
}

// dressCopy gives a copy the source's attributes, mode and times.
func (m *mac) dressCopy(p *proc, src, dst *node) {
	for _, x := range src.xattrs {
		m.setXattr(p, dst, x)
	}
	m.setMode(p, dst, src.mode&0o7777)
	m.setTimes(p, dst, src.atime, src.mtime)
}

// deletion is what unlinking a path means.
func deletion(path string) string {
	if inTrash(canonical(path)) {
		return "empty_trash"
	}
	return "delete"
}

// inTrash reports whether a path lies in a Trash folder.
func inTrash(path string) bool {
	return strings.Contains(path, "/.Trash/") || strings.Contains(path, "/.Trashes/")
}

func (m *mac) trashOf(u *user, v *volume) string {
	if v == m.root {
		return u.home + "/.Trash"
	}
	return join(v.path, fmt.Sprintf(".Trashes/%d", u.uid))
}
