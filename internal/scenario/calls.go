package scenario

import (
	"slices"
	"strconv"

	"ascribe.example/es"
)

// calls are sentences for one system call each. What changes a name or an attribute is an operation by itself, unless
// "as a step" or a following "means" says otherwise.
var calls = []spec{
	{
		pattern: "<name:who> opens <path:path> for reading|writing [and writing]", low: true,
		clauses: []string{"trunc: truncating", "append: appending", "creat: creating", "cloexec: close-on-exec", "times: <num:times> times"}, does: (*run).opens,
	},
	{
		pattern: "<name:who> creates <path:path>", low: true, clauses: []string{"mode: mode <mode:mode>", "cloexec: close-on-exec"},
		does: func(r *run, a *args) error {
			if r.m.find(a.get("path")) != nil {
				return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
			}
			mode := uint64(0o644)
			if s := a.get("mode"); s != "" {
				mode, _ = strconv.ParseUint(s, 8, 16)
			}
			r.m.openPath(r.who(a), a.get("path"), es.FRead|es.FWrite|es.OCreat|es.OExcl, uint16(mode), a.has("cloexec"))
			return nil
		},
	},
	{
		pattern: "<name:who> writes [<size:size> to] <path:path> [<num:times> times]", low: true,
		clauses: []string{"fails: which fails", "keep: keeps it open"}, does: (*run).writes,
	},
	{pattern: "<name:who> truncates <path:path> to <size:size>", low: true, does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err != nil {
			return err
		}
		var g *glob
		if d := r.who(a).fdOf(n, true); d != nil {
			g = d.g
		}
		r.m.truncate(r.who(a), n, a.num("size", 0), g)
		return nil
	}},
	{
		pattern: "<name:who> maps <path:path> for reading|writing|executing", low: true, clauses: []string{"private: privately"},
		does: func(r *run, a *args) error {
			n, err := r.source(a.get("path"))
			if err != nil {
				return err
			}
			prot, flags := int32(es.ProtRead), int32(es.MapShared)
			switch a.get("reading|writing|executing") {
			case "writing":
				prot |= es.ProtWrite
			case "executing":
				prot |= protExec
			}
			if a.has("private") {
				flags = 2
			}
			if prot&es.ProtWrite != 0 && flags == es.MapShared && r.who(a).fdOf(n, true) == nil {
				return &wrong{word: a.get("path"), want: "a file that " + a.get("who") + " has open for writing"}
			}
			r.m.mapFile(r.who(a), n, prot, flags)
			return nil
		},
	},
	{
		pattern: "<name:who> closes <path:path>", low: true, clauses: []string{"own: as xpcproxy", "old: as the old xpcproxy"},
		does: func(r *run, a *args) error {
			return r.closes(r.who(a), a.get("path"), r.closer(r.who(a), a.has("own"), a.has("old")))
		},
	},
	{pattern: "<name:who> drops <path:path>", low: true, does: func(r *run, a *args) error {
		d, err := r.open(r.who(a), a.get("path"))
		if err == nil {
			r.who(a).dropFD(d.num)
		}
		return err
	}},
	{pattern: "<name:who> duplicates its descriptor of <path:path>", low: true, does: func(r *run, a *args) error {
		d, err := r.open(r.who(a), a.get("path"))
		if err == nil {
			r.who(a).giveFD(d.g, -1, d.cloexec)
		}
		return err
	}},
	{pattern: "<name:who> passes <path:path> to <name:to>", low: true, clauses: []string{"mine: closing its own"}, does: func(r *run, a *args) error {
		d, err := r.open(r.who(a), a.get("path"))
		if err != nil {
			return err
		}
		to, err := r.lives(a, "to")
		if err != nil {
			return err
		}
		num := d.num
		to.giveFD(d.g, -1, true)
		if a.has("mine") {
			r.m.closeFD(r.who(a), r.who(a).fd(num))
		}
		return nil
	}},
	{pattern: "<name:who> unlinks <path:path>", low: true, does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err != nil {
			return err
		}
		if n.isDir() && len(n.kids) > 0 {
			return &wrong{word: a.get("path"), want: "a file or an empty folder"}
		}
		r.m.act(r.who(a), Truth{Action: deletion(a.get("path")), Method: "unlink", Path: a.get("path")}, func() { r.m.unlink(r.who(a), a.get("path")) })
		return nil
	}},
	{pattern: "<name:who> renames <path:from> to <path:to>", low: true, does: func(r *run, a *args) error {
		return r.renames(r.who(a), a.get("from"), a.get("to"))
	}},
	{
		pattern: "<name:who> clones <path:from> to <path:to>", low: true, clauses: []string{"fails: which fails"},
		does: func(r *run, a *args) error {
			if _, err := r.source(a.get("from")); err != nil {
				return err
			}
			fails := a.has("fails")
			if !fails {
				if err := r.cloneable(a.get("from"), a.get("to")); err != nil {
					return err
				}
			}
			t := Truth{Action: "copy", Method: "clone", Path: a.get("to"), SourcePath: a.get("from"), Failed: fails}
			r.m.act(r.who(a), t, func() { r.m.clone(r.who(a), a.get("from"), a.get("to"), fails) })
			return nil
		},
	},
	{
		pattern: "<name:who> copyfiles <path:from> to <path:to>", low: true, clauses: []string{"fails: which fails"},
		does: func(r *run, a *args) error {
			if _, err := r.source(a.get("from")); err != nil {
				return err
			}
			fails := a.has("fails")
			t := Truth{Action: "copy", Method: "copyfile", Path: a.get("to"), SourcePath: a.get("from"), Failed: fails}
			r.m.act(r.who(a), t, func() { r.m.copyfile(r.who(a), a.get("from"), a.get("to"), fails) })
			return nil
		},
	},
	{
		pattern: "<name:who> exchanges <path:from> and <path:to>", low: true, clauses: []string{"fails: which fails"},
		does: func(r *run, a *args) error {
			r.m.exchange(r.who(a), a.get("from"), a.get("to"), a.has("fails"))
			return nil
		},
	},
	{pattern: "<name:who> swaps <path:from> and <path:to>", low: true, does: func(r *run, a *args) error {
		r.m.swap(r.who(a), a.get("from"), a.get("to"))
		return nil
	}},
	{pattern: "<name:who> links <path:from> to <path:to>", low: true, does: func(r *run, a *args) error {
		if n, err := r.source(a.get("from")); err != nil {
			return err
		} else if n.isDir() || r.m.find(a.get("to")) != nil {
			return &wrong{word: a.get("to"), want: "a name that is not taken, for a file"}
		}
		t := Truth{Action: "link", Method: "hard-link", Path: a.get("to"), SourcePath: a.get("from")}
		r.m.act(r.who(a), t, func() { r.m.link(r.who(a), a.get("from"), a.get("to")) })
		return nil
	}},
	{pattern: "<name:who> is denied opening|creating|unlinking <path:path>", low: true, does: (*run).denied},
	{pattern: "<name:who> is denied renaming <path:path> to <path:to>", low: true, does: (*run).denied},
	{pattern: "<name:who> makes folder <path:path>", low: true, does: func(r *run, a *args) error {
		if r.m.find(a.get("path")) != nil {
			return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
		}
		r.m.act(r.who(a), Truth{Action: "create", Method: "directory", Path: a.get("path")}, func() { r.m.mkdir(r.who(a), a.get("path"), 0o755) })
		return nil
	}},
	{pattern: "<name:who> makes symlink <path:path> to <word:to>", low: true, does: func(r *run, a *args) error {
		if r.m.find(a.get("path")) != nil {
			return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
		}
		t := Truth{Action: "create", Method: "symlink", Path: a.get("path")}
		r.m.act(r.who(a), t, func() { r.m.symlink(r.who(a), a.get("path"), a.get("to")) })
		if n := r.m.find(r.m.real(a.get("path"), true)); n != nil && n.isLink() {
			return &wrong{word: a.get("to"), want: "a target that leads away from the link"}
		}
		return nil
	}},
}

func (r *run) opens(a *args) error {
	flags := int32(es.FRead)
	if a.get("reading|writing") == "writing" {
		flags = es.FWrite
	}
	if a.has("and writing") {
		flags |= es.FWrite
	}
	if a.has("trunc") {
		flags |= es.OTrunc
	}
	if a.has("append") {
		flags |= es.FAppend
	}
	if a.has("creat") {
		flags |= es.OCreat
	} else if _, err := r.source(a.get("path")); err != nil {
		return err
	}
	for range a.num("times", 1) {
		r.m.openPath(r.who(a), a.get("path"), flags, 0o644, a.has("cloexec"))
	}
	return nil
}

// writes writes through the descriptor that the actor has, or opens the file for it and closes it again.
func (r *run) writes(a *args) error {
	p, path := r.who(a), a.get("path")
	size, times := a.num("size", 4096), a.num("times", 1)
	d := r.descriptor(p, path, true)
	opened := int32(-1)
	if d == nil {
		opened = r.m.openPath(p, path, es.FWrite|es.OCreat, 0o644, false)
		d = p.fd(opened)
	}
	g := d.g
	for range times {
		r.m.write(p, g, size, a.has("fails"))
	}
	if opened >= 0 && !a.has("keep") {
		r.m.closeFD(p, p.fd(opened))
	}
	return nil
}

// descriptor is p's latest descriptor of what has, or last had, a path.
func (r *run) descriptor(p *proc, path string, write bool) *fd {
	path = canonical(path)
	if n := r.m.find(path); n != nil {
		if d := p.fdOf(n, write); d != nil {
			return d
		}
	}
	for i := len(p.fds) - 1; i >= 0; i-- {
		if d := &p.fds[i]; d.g.n != nil && r.m.path(d.g.n) == path && (!write || d.g.flags&es.FWrite != 0) {
			return d
		}
	}
	return nil
}

func (r *run) open(p *proc, path string) (*fd, error) {
	if d := r.descriptor(p, path, false); d != nil {
		return d, nil
	}
	return nil, &wrong{word: path, want: "a file that " + p.cur.name + " has open"}
}

// closer is the execution under whose name a close is told: the process as it is, as it is but with its starter's image,
// or as it was before it became the service.
func (r *run) closer(p *proc, own, old bool) *execution {
	switch {
	case own:
		x := *p.cur
		x.shown = r.m.program("/usr/libexec/xpcproxy", "", "")
		return &x
	case old:
		i := slices.IndexFunc(r.m.lives, func(x *execution) bool { return x.p == p && x.stage == "xpcproxy" })
		if i >= 0 {
			return r.m.lives[i]
		}
	}
	return p.cur
}

func (r *run) closes(p *proc, path string, x *execution) error {
	d, err := r.open(p, path)
	if err != nil {
		return err
	}
	r.m.closeAs(p, x, d)
	return nil
}

func (r *run) cloneable(from, to string) error {
	src, _ := r.source(from)
	dir := r.m.folder(dirOf(canonical(to)))
	switch {
	case src.vol != dir.vol:
		return &wrong{word: to, want: "a place on the same volume, to clone to"}
	case !src.vol.clones():
		return &wrong{word: from, want: "a file on APFS, to clone"}
	case dir.kid(base(to)) != nil:
		return &wrong{word: to, want: "a path where nothing is yet"}
	}
	return nil
}

// denied is a call that another client refused: it is told, with that answer, and nothing comes of it. A refused creation
// shows the path that was asked for [D].
func (r *run) denied(a *args) error {
	m, p, path := r.m, r.who(a), canonical(a.get("path"))
	var ev es.Event
	t := Truth{Path: path, Failed: true}
	switch what := a.get("opening|creating|unlinking"); what {
	case "creating":
		if m.find(path) != nil {
			return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
		}
		t.Action = "create"
		ev = &es.Create{DestinationType: es.DestinationNewPath, Dir: m.file(m.folder(dirOf(path))), Filename: base(path), Mode: 0o644}
	default:
		n, err := r.source(path)
		if err != nil {
			return err
		}
		switch what {
		case "opening":
			t.Action = "write"
			ev = &es.Open{FFlag: es.FRead | es.FWrite, File: m.file(n)}
		case "unlinking":
			t.Action = "delete"
			ev = &es.Unlink{Target: m.file(n), ParentDir: m.file(n.parent)}
		default:
			to := canonical(a.get("to"))
			t.Action, t.Path, t.SourcePath = "rename", to, path
			ev = &es.Rename{Source: m.file(n), DestinationType: es.DestinationNewPath, Dir: m.file(m.folder(dirOf(to))), Filename: base(to)}
		}
	}
	m.act(p, t, func() {
		m.denied = true
		m.send(p.cur, ev, nil)
		m.denied = false
	})
	return nil
}
