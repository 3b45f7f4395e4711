package scenario

import (
	"fmt"
	"strings"

	"ascribe.example/es"
)

// saving are the ways in which programs write documents.
var saving = []spec{
	{
		pattern: "<name:who> saves <path:path> [by replacement|swap|sb|dat.nosync|rename|in-place|backup|office] [with <size:size>]",
		clauses: []string{"version: keeping the old version", "writes: in <num:writes> writes", "package: a package of <num:files> files"},
		does: func(r *run, a *args) error {
			how := a.get("replacement|swap|sb|dat.nosync|rename|in-place|backup|office")
			if how == "" {
				how = "replacement"
			}
			if r.m.find(a.get("path")) == nil && (how == "swap" || how == "backup") {
				if _, err := r.source(a.get("path")); err != nil {
					return err
				}
			}
			if files := a.num("files", 0); files > 0 {
				return r.savesPackage(r.who(a), canonical(a.get("path")), how, files)
			}
			r.m.saves(r.who(a), canonical(a.get("path")), how, a.num("size", 0), a.num("writes", 0), a.has("version"))
			return nil
		},
	},
	{
		pattern: "<name:who> appends [<size:size>] to <path:path> [<num:times> times]", does: func(r *run, a *args) error {
			p, path := r.who(a), canonical(a.get("path"))
			t := Truth{Action: "write", Method: "in-place", Path: path}
			if r.m.find(path) == nil {
				t.Action, t.Method = "create", "stream"
			}
			r.m.act(p, t, func() {
				d := r.m.openPath(p, path, es.FWrite|es.FAppend|es.OCreat, 0o644, false)
				for range a.num("times", 1) {
					r.m.write(p, p.fd(d).g, a.num("size", 200), false)
				}
				r.m.closeFD(p, p.fd(d))
			})
			return nil
		},
	},
	{
		pattern: "<name:who> makes file <path:path> [<size:size>]", clauses: []string{"writes: in <num:writes> writes", "keep: keeps it open"},
		does: func(r *run, a *args) error {
			if r.m.find(a.get("path")) != nil {
				return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
			}
			r.m.act(r.who(a), Truth{Action: "create", Method: "stream", Path: a.get("path")}, func() {
				r.m.putFile(r.who(a), a.get("path"), a.num("size", 12_000), a.num("writes", 0), a.has("keep"))
			})
			return nil
		},
	},
	{pattern: "<name:who> takes a screenshot to <path:path>", does: func(r *run, a *args) error {
		p, path := r.who(a), canonical(a.get("path"))
		r.m.act(p, Truth{Action: "create", Method: "stream", Path: path, Also: []string{"save", "move"}}, func() {
			tmp := join(p.temporary(), "TemporaryItems/NSIRD_"+p.cur.name+"_"+r.m.letters(6)+"/"+base(path))
			r.m.mkdir(p, dirOf(tmp), 0o700)
			r.m.putFile(p, tmp, 480_000, 0, false)
			r.m.rename(p, tmp, path)
			r.m.setXattr(p, r.m.find(path), "com.apple.metadata:kMDItemIsScreenCapture")
			r.m.unlink(p, dirOf(tmp))
		})
		return nil
	}},
	{pattern: "<name:who> changes <path:path> through a mapping", does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err != nil {
			return err
		}
		p := r.who(a)
		r.m.act(p, Truth{Action: "write", Method: "mmap", Path: a.get("path")}, func() {
			d := r.m.openPath(p, a.get("path"), es.FRead|es.FWrite, 0, false)
			r.m.mapFile(p, n, es.ProtRead|es.ProtWrite, es.MapShared)
			r.m.closeFD(p, p.fd(d))
		})
		return nil
	}},
}

// letters is a random part of a temporary name.
func (m *mac) letters(n int) string {
	const set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = set[m.rng.n(len(set))]
	}
	return string(b)
}

// hex is the same in hexadecimal digits.
func (m *mac) hex(n int) string {
	return fmt.Sprintf("%016x", m.rng.next())[:n]
}

// putFile makes a file, or writes an old one anew, in one go.
func (m *mac) putFile(p *proc, path string, size, writes int64, keep bool) *node {
	d := m.openPath(p, path, es.FWrite|es.OCreat|es.OTrunc, 0o644, false)
	n := p.fd(d).g.n
	m.pour(p, p.fd(d).g, size, writes, false)
	if !keep {
		m.closeFD(p, p.fd(d))
	}
	return n
}

// saves writes a document the way its program does.
func (m *mac) saves(p *proc, path, how string, size, writes int64, version bool) {
	old := m.find(path)
	if size == 0 {
		size = 20_000
		if old != nil {
			size = old.size + 137
		}
	}
	t := Truth{Action: "save", Method: "replace", Path: path, Replaced: false}
	switch how {
	case "swap":
		t.Method = "swap"
	case "backup":
		t.Method = "backup"
	case "in-place":
		t.Action, t.Method = "write", "in-place"
		t.Also = []string{"save"}
	}
	if old == nil {
		t.Also = []string{"create", "move", "rename"}
		if how == "in-place" {
			t.Action, t.Method = "create", "stream"
		}
	}
	m.act(p, t, func() { m.saveSteps(p, path, how, old, size, writes, version) })
}

func (m *mac) saveSteps(p *proc, path, how string, old *node, size, writes int64, version bool) {
	dir, name := dirOf(path), base(path)
	if version && old != nil && old.vol.clones() {
		keep := "/.DocumentRevisions-V100/PerUID/501/" + m.hex(8)
		m.folder(keep)
		m.clone(p, path, join(keep, m.hex(12)), false)
	}
	switch how {
	case "in-place":
		m.putFile(p, path, size, writes, false)
		return
	case "backup":
		m.rename(p, path, path+"~")
		n := m.putFile(p, path, size, writes, false)
		m.setMode(p, n, n.mode&0o777)
		m.unlink(p, path+"~")
		return
	}
	tmp := m.tempFor(p, dir, name, how)
	made := dirOf(tmp)
	if made != dir {
		m.mkdir(p, made, 0o700)
	}
	n := m.putFile(p, tmp, size, writes, false)
	if old != nil {
		for _, x := range old.xattrs {
			m.setXattr(p, n, x)
		}
		if how != "rename" && how != "sb" {
			m.setMode(p, n, old.mode&0o777)
		}
	}
	m.soon()
	if how == "swap" && old != nil {
		m.swap(p, tmp, path)
		m.unlink(p, tmp)
	} else {
		m.rename(p, tmp, path)
	}
	if made != dir {
		m.unlink(p, made)
	}
}

// savesPackage writes a folder that people see as one document (.rtfd, .pages …): made whole elsewhere, then put in place.
func (r *run) savesPackage(p *proc, path, how string, files int64) error {
	m := r.m
	old := m.find(path)
	if old != nil && !old.isDir() {
		return &wrong{word: path, want: "a folder, or nothing yet"}
	}
	t := Truth{Action: "save", Method: "replace", Path: path}
	if old != nil {
		t.Method = "swap"
	} else {
		t.Also = []string{"create", "move", "rename"}
	}
	m.act(p, t, func() {
		tmp := m.tempFor(p, dirOf(path), base(path), how)
		if dirOf(tmp) != dirOf(path) {
			m.mkdir(p, dirOf(tmp), 0o700)
		}
		m.mkdir(p, tmp, 0o755)
		for i := range files {
			m.putFile(p, fmt.Sprintf("%s/part-%d", tmp, i+1), 5000+i*100, 1, false)
		}
		if old != nil {
			m.swap(p, tmp, path)
			m.removeTree(p, tmp)
		} else {
			m.rename(p, tmp, path)
		}
		if dirOf(tmp) != dirOf(path) {
			m.unlink(p, dirOf(tmp))
		}
	})
	return nil
}

// tempFor is where a program writes before it puts the file in its place.
func (m *mac) tempFor(p *proc, dir, name, how string) string {
	app := p.cur.name
	if p.appRoot != "" {
		app = strings.TrimSuffix(base(p.appRoot), ".app")
	}
	v := m.folder(dir).vol
	switch how {
	case "sb":
		return join(dir, name+".sb-"+m.hex(8)+"-"+m.letters(6))
	case "dat.nosync":
		return join(dir, fmt.Sprintf(".dat.nosync%x.%s", p.pid, m.letters(6)))
	case "rename":
		return join(dir, "."+name+"."+m.letters(6))
	case "office":
		return join(dir, "~WRD"+m.hex(4)+".tmp")
	}
	if v == m.root {
		return join(p.temporary(), "TemporaryItems/NSIRD_"+app+"_"+m.letters(6)+"/"+name)
	}
	return join(v.path, fmt.Sprintf(".TemporaryItems/folders.%d/TemporaryItems/(A Document Being Saved By %s)/%s", p.cur.cred.ruid, app, name))
}
