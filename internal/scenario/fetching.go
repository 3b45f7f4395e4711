package scenario

import (
	"fmt"
	"strconv"

	"ascribe.example/es"
)

// fetching are the sentences for what comes from elsewhere, and for archives and installers.
var fetching = []spec{
	{
		pattern: "<name:who> downloads <path:path> [<size:size>] [as safari|chrome|firefox|stream]",
		clauses: []string{"writes: in <num:writes> writes", "breaks: which breaks off"}, does: (*run).downloads,
	},
	{
		pattern: "<name:who> extracts <path:from> to <path:to> [with <num:files> files]",
		clauses: []string{"temp: by a temporary folder"}, does: (*run).extracts,
	},
	{pattern: "<name:who> archives <path:from...> to <path:to>", does: func(r *run, a *args) error {
		for _, f := range a.list("from") {
			if _, err := r.source(f); err != nil {
				return err
			}
		}
		r.m.archives(r.who(a), a.list("from"), canonical(a.get("to")))
		return nil
	}},
	{pattern: "<name:who> receives <path:path> [<size:size>]", clauses: []string{"direct: without a temporary name"}, does: func(r *run, a *args) error {
		p, path := r.who(a), canonical(a.get("path"))
		kept := p.behalf
		if !a.has("for") && p.kind == "daemon" {
			p.behalf.class = "device"
		}
		r.m.act(p, Truth{Action: "receive", Path: path, Also: []string{"download"}}, func() {
			tmp := path
			if !a.has("direct") {
				tmp = join(p.temporary(), "com.apple.AirDrop/"+r.m.letters(8)+"/"+base(path))
			}
			n := r.m.putFile(p, tmp, a.num("size", 240_000), 0, false)
			r.m.setXattr(p, n, quarantine)
			r.m.soon()
			if tmp != path {
				r.m.rename(p, tmp, path)
			}
		})
		p.behalf = kept
		return nil
	}},
	{pattern: "<name:who> syncs <path:path> [<size:size>]", does: func(r *run, a *args) error {
		p, path := r.who(a), canonical(a.get("path"))
		kept := p.behalf
		if !a.has("for") {
			p.behalf.class = "device"
		}
		r.m.act(p, Truth{Action: "sync", Path: path}, func() {
			tmp := join(p.home(), "Library/Application Support/CloudDocs/session/r/"+r.m.letters(8)+"/"+base(path))
			n := r.m.putFile(p, tmp, a.num("size", 64_000), 0, false)
			r.m.setXattr(p, n, "com.apple.lastuseddate#PS")
			r.m.rename(p, tmp, path)
		})
		p.behalf = kept
		return nil
	}},
	{pattern: "<name:who> materializes <path:path> for <name:asker>", does: func(r *run, a *args) error {
		p, path := r.who(a), canonical(a.get("path"))
		asker, err := r.lives(a, "asker")
		if err != nil {
			return err
		}
		n := r.m.there(path)
		kept := p.behalf
		p.behalf = asker.standsFor()
		r.m.act(p, Truth{Action: "sync", Path: path, Also: []string{"download", "write", "save"}}, func() {
			d := r.m.describe(asker.cur)
			ev := &es.FileProviderMaterialize{Instigator: &d, Source: r.m.file(n), Target: r.m.file(n)}
			if r.m.client.version >= 8 {
				ev.InstigatorToken = d.AuditToken
			}
			r.m.tell(p.cur, ev, nil)
			tmp := join(p.home(), "Library/Application Support/FileProvider/wharf/"+r.m.letters(8))
			r.m.putFile(p, tmp, max(n.size, 1), 0, false)
			r.m.rename(p, tmp, path)
		})
		p.behalf = kept
		return nil
	}},
	{pattern: "<name:who> installs <path:path> [with <num:files> files]", does: func(r *run, a *args) error {
		p, path := r.who(a), canonical(a.get("path"))
		r.m.act(p, Truth{Action: "install", Path: path}, func() {
			box := fmt.Sprintf("/Library/InstallerSandboxes/.PKInstallSandboxManager/%s.activeSandbox/Root%s", r.m.hex(8), path)
			r.m.folder(dirOf(box))
			r.m.mkdir(p, box, 0o755)
			for i := range a.num("files", 3) {
				name := "Contents/item-" + strconv.FormatInt(i+1, 10)
				if i == 0 {
					r.m.mkdir(p, box+"/Contents", 0o755)
				}
				n := r.m.putFile(p, join(box, name), 30_000+i*4096, 0, false)
				r.m.setOwner(p, n, 0, 80)
				r.m.setMode(p, n, 0o755)
				if r.m.op != nil {
					r.m.op.Items = append(r.m.op.Items, TruthItem{Path: join(path, name)})
				}
			}
			r.m.rename(p, box, path)
		})
		return nil
	}},
}

// downloads follows the habits of browsers: Safari's package, Chrome's .crdownload, Firefox's empty file and .part.
func (r *run) downloads(a *args) error {
	p, path, m := r.who(a), canonical(a.get("path")), r.m
	style := a.get("safari|chrome|firefox|stream")
	if style == "" && p.style != "" {
		style = p.style
	}
	front := p // who gives the file its name: the app, where a service of its fetches
	if app := p.cur.resp; app != nil && app.alive && p.kind == "service" {
		front = app
		if style == "" {
			style = app.style
		}
	}
	size, writes, breaks := a.num("size", 1_300_000), a.num("writes", 6), a.has("breaks")
	t := Truth{Action: "download", Path: path, Failed: breaks}
	if style == "" || style == "stream" {
		t.Also, t.Method = []string{"create"}, ""
	}
	o := m.act(p, t, func() {
		tmp := path
		var n *node
		switch style {
		case "safari":
			pack := path + ".download"
			m.mkdir(front, pack, 0o755)
			m.putFile(front, join(pack, "Info.plist"), 900, 1, false)
			tmp = join(pack, base(path))
		case "chrome":
			tmp = join(dirOf(path), fmt.Sprintf("Unconfirmed %d.crdownload", 100000+m.rng.n(900000)))
		case "firefox":
			m.putFile(p, path, 0, 0, false)
			tmp = path + ".part"
		}
		n = m.putFile(p, tmp, size, writes, false)
		if breaks {
			return
		}
		if style != "" && style != "stream" {
			m.setXattr(front, n, quarantine)
			m.setXattr(front, n, whereFroms)
		}
		m.soon()
		if tmp != path {
			m.rename(front, tmp, path)
		}
		if style == "safari" {
			m.unlink(front, join(path+".download", "Info.plist"))
			m.unlink(front, path+".download")
		}
	})
	if o != nil && front != p {
		o.Parts = append(o.Parts, front.cur.key())
	}
	return nil
}

// extracts unpacks an archive: into a temporary folder that is then renamed, as Archive Utility does, or in place.
func (r *run) extracts(a *args) error {
	p, m := r.who(a), r.m
	from, to := canonical(a.get("from")), canonical(a.get("to"))
	src, err := r.source(from)
	if err != nil {
		return err
	}
	files := a.num("files", 3)
	if files > 1_000_000 {
		return &wrong{word: a.get("files"), want: "at most a million files"}
	}
	if n := m.find(to); n != nil && (!n.isDir() || a.has("temp")) {
		return &wrong{word: a.get("to"), want: "a folder that is not there yet"}
	}
	m.extract(p, src, from, to, int(files), a.has("temp") || p.bundle == "com.apple.archiveutility")
	return nil
}

func (m *mac) extract(p *proc, src *node, from, to string, files int, temp bool) {
	m.act(p, Truth{Action: "extract", Path: to, SourcePath: from}, func() {
		in := m.openPath(p, from, es.FRead, 0, false)
		at := to
		if temp {
			at = join(p.temporary(), "TemporaryItems/NSIRD_"+p.cur.name+"_"+m.letters(6)+"/"+base(to))
		}
		if m.find(at) == nil {
			m.mkdir(p, at, 0o755)
		}
		for i := range files {
			name := fmt.Sprintf("part-%d.txt", i+1)
			for m.find(join(to, name)) != nil {
				name = "x" + name
			}
			n := m.putFile(p, join(at, name), 3000+int64(i)*517, 1, false)
			m.setTimes(p, n, src.mtime, src.mtime-86400e9)
			for _, x := range src.xattrs {
				if x == quarantine {
					m.setXattr(p, n, x)
				}
			}
			if m.op != nil {
				m.op.Items = append(m.op.Items, TruthItem{Path: join(to, name)})
			}
		}
		if temp {
			m.rename(p, at, to)
		}
		m.closeFD(p, p.fd(in))
	})
}

// archives packs files into one.
func (m *mac) archives(p *proc, from []string, to string) {
	m.act(p, Truth{Action: "archive", Path: to, SourcePath: canonical(from[0])}, func() {
		out := m.openPath(p, to, es.FWrite|es.OCreat|es.OTrunc, 0o644, false)
		g := p.fd(out).g
		for _, f := range from {
			m.pack(p, canonical(f), g)
		}
		m.closeFD(p, p.fd(out))
	})
}

func (m *mac) pack(p *proc, path string, g *glob) {
	n := m.there(path)
	if n.isDir() {
		d := m.openPath(p, path, es.FRead|es.ODirect, 0, true)
		m.closeFD(p, p.fd(d))
		for _, k := range n.list() {
			m.pack(p, join(path, k.name), g)
		}
		return
	}
	in := m.openPath(p, path, es.FRead, 0, false)
	m.write(p, g, n.size/2+100, false)
	m.closeFD(p, p.fd(in))
}
