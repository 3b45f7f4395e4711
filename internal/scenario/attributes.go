package scenario

import (
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
)

// attributes are sentences about what a file has besides its content.
var attributes = []spec{
	{pattern: "<name:who> sets attribute <word:attr> on <path:path>", low: true, does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err == nil {
			r.m.setXattr(r.who(a), n, a.get("attr"))
		}
		return err
	}},
	{pattern: "<name:who> removes attribute <word:attr> from <path:path>", low: true, does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err != nil {
			return err
		}
		f := func() { r.m.deleteXattr(r.who(a), n, a.get("attr")) }
		if a.get("attr") != quarantine {
			f()
			return nil
		}
		r.m.act(r.who(a), Truth{Action: "unquarantine", Method: "attribute", Path: a.get("path")}, f)
		return nil
	}},
	{pattern: "<name:who> sets mode <mode:mode> on <path:path>", low: true, does: func(r *run, a *args) error {
		v, _ := strconv.ParseUint(a.get("mode"), 8, 16)
		return r.protects(a, "mode", func(p *proc, n *node) { r.m.setMode(p, n, uint16(v)) })
	}},
	{pattern: "<name:who> sets owner <num:uid> [<num:gid>] on <path:path>", low: true, does: func(r *run, a *args) error {
		return r.protects(a, "owner", func(p *proc, n *node) {
			r.m.setOwner(p, n, uint32(a.num("uid", 0)), uint32(a.num("gid", int64(n.gid))))
		})
	}},
	{pattern: "<name:who> sets flags <num:flags> on <path:path>", low: true, does: func(r *run, a *args) error {
		return r.protects(a, "flags", func(p *proc, n *node) { r.m.setFlags(p, n, uint32(a.num("flags", 0))) })
	}},
	{pattern: "<name:who> sets|clears acl on <path:path>", low: true, does: func(r *run, a *args) error {
		return r.protects(a, "acl", func(p *proc, n *node) { r.m.setACL(p, n, a.get("sets|clears") == "clears") })
	}},
	{pattern: "<name:who> sets times on <path:path> [to <moment:t>] [like <path:like>]", low: true, does: func(r *run, a *args) error {
		n, err := r.source(a.get("path"))
		if err != nil {
			return err
		}
		atime, mtime := r.m.wallNow(), r.m.wallNow()
		if a.has("t") {
			t, _ := time.Parse(time.RFC3339Nano, a.get("t"))
			atime, mtime = es.Time(t.UnixNano()), es.Time(t.UnixNano())
		}
		if a.has("like") {
			o, err := r.source(a.get("like"))
			if err != nil {
				return err
			}
			atime, mtime = o.atime, o.mtime
		}
		r.m.setTimes(r.who(a), n, atime, mtime)
		return nil
	}},
	{pattern: "<name:who> reads <path:path> [<num:times> times]", does: func(r *run, a *args) error {
		if _, err := r.source(a.get("path")); err != nil {
			return err
		}
		for range a.num("times", 1) {
			r.m.act(r.who(a), Truth{Action: "read", Path: a.get("path")}, func() { r.m.read(r.who(a), a.get("path")) })
		}
		return nil
	}},
}

const (
	quarantine = "com.apple.quarantine"
	whereFroms = "com.apple.metadata:kMDItemWhereFroms"
)

func (r *run) protects(a *args, method string, f func(p *proc, n *node)) error {
	n, err := r.source(a.get("path"))
	if err == nil {
		r.m.act(r.who(a), Truth{Action: "protect", Method: method, Path: a.get("path")}, func() { f(r.who(a), n) })
	}
	return err
}

func (m *mac) read(p *proc, path string) {
	d := m.openPath(p, path, es.FRead, 0, true)
	m.pass(30 * time.Microsecond)
	m.closeFD(p, p.fd(d))
}

// home is where a process's user lives.
func (p *proc) home() string {
	switch {
	case p.user != nil:
		return p.user.home
	case p.behalf.user != nil:
		return p.behalf.user.home
	}
	return "/private/var/root"
}

// temporary is the user's folder for temporary files.
func (p *proc) temporary() string {
	u := "zz"
	if p.user != nil {
		u = p.user.name
	}
	h := strconv.FormatUint(hash("T "+u), 32)
	return "/private/var/folders/" + h[:2] + "/" + strings.Repeat(h, 3)[2:30] + "0000gn/T"
}
