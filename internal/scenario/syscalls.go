package scenario

import (
	"slices"
	"time"

	"ascribe.example/es"
)

// The system calls that Endpoint Security tells of. Each tells what a Mac would, in its order: post-success hooks after
// the change, check hooks (write, clone, copyfile, exchangedata) before it, so that those are told of attempts that fail.

// newOwner is who owns what p makes in dir: the effective user, and the directory's group. Volumes without owners show
// whoever mounted them.
func newOwner(p *proc, dir *node) (uid, gid uint32) {
	if !dir.vol.owners() {
		return dir.vol.owner, 20
	}
	return p.cur.cred.euid, dir.gid
}

func (m *mac) touchDir(d *node) { d.mtime = m.wallNow(); d.ctime = d.mtime }

// make is the creation of a node by p: the node is there when CREATE is told.
func (m *mac) make(p *proc, dir *node, name string, mode uint16) *node {
	n := m.add(dir, name, mode)
	n.uid, n.gid = newOwner(p, dir)
	if !dir.vol.owners() {
		n.mode = mode&es.ModeType | 0o700
	}
	m.touchDir(dir)
	delete(m.removed, m.path(n))
	if m.noise != nil {
		m.noise.notice(n)
	}
	return n
}

func (m *mac) tellCreate(p *proc, n *node) {
	ev := &es.Create{DestinationType: es.DestinationExistingFile, ExistingFile: m.file(n)}
	m.tell(p.cur, ev, nil)
	m.retries(p.cur, ev)
}

// openPath is open(2). With OCreat a missing file is made: CREATE, then OPEN. It returns the descriptor's number.
func (m *mac) openPath(p *proc, path string, flags int32, mode uint16, cloexec bool) int32 {
	path = m.real(path, true)
	n := m.find(path)
	made := false
	if n == nil && flags&es.OCreat != 0 {
		n = m.make(p, m.folder(dirOf(path)), base(path), es.ModeRegular|mode)
		n.wrote(p.cur.key())
		m.tellCreate(p, n)
		made = true
	}
	if n == nil {
		n = m.there(path)
	}
	m.lookedUp(n, path)
	g := &glob{n: n, flags: flags}
	if flags&es.FWrite != 0 {
		g.op = m.op
	}
	if flags&es.OTrunc != 0 && !made {
		n.size = 0
		n.mtime, n.ctime = m.wallNow(), m.wallNow()
		n.wrote(p.cur.key())
	}
	if flags&es.OTrunc != 0 {
		g.written = true // open with O_TRUNC sets FWASWRITTEN [S: vfs_syscalls.c]
	}
	if flags&es.FAppend != 0 {
		g.offset = n.size
	}
	m.tell(p.cur, &es.Open{FFlag: flags, File: m.file(n)}, nil)
	return p.giveFD(g, -1, cloexec).num
}

func (p *proc) fd(num int32) *fd {
	for i := range p.fds {
		if p.fds[i].num == num {
			return &p.fds[i]
		}
	}
	return nil
}

// fdOf is p's latest descriptor of a node; nil if it has none.
func (p *proc) fdOf(n *node, write bool) *fd {
	for i := len(p.fds) - 1; i >= 0; i-- {
		if d := &p.fds[i]; d.g.n == n && (!write || d.g.flags&es.FWrite != 0) {
			return d
		}
	}
	return nil
}

// write tells of a write and lets it happen; a failing one is told all the same [S: a check hook].
func (m *mac) write(p *proc, g *glob, size int64, fails bool) {
	if g.n == nil {
		return // pipes have no vnode
	}
	m.tellFirst(p.cur, &es.Write{Target: m.file(g.n)})
	defer m.between()
	if fails {
		return
	}
	g.written = true
	g.offset += size
	n := g.n
	if n.isFile() {
		n.size = max(n.size, g.offset)
		n.wrote(p.cur.key())
	}
	n.mtime, n.ctime = m.wallNow(), m.wallNow()
	m.pass(40 * time.Microsecond)
}

func (m *mac) truncate(p *proc, n *node, size int64, g *glob) {
	n.size = size
	n.mtime, n.ctime = m.wallNow(), m.wallNow()
	n.wrote(p.cur.key())
	if g != nil {
		g.written = true
		g.offset = min(g.offset, size)
	}
	m.tell(p.cur, &es.Truncate{Target: m.file(n)}, nil)
}

// mapFile is mmap(2). A shared writable mapping changes the file without any WRITE.
func (m *mac) mapFile(p *proc, n *node, prot, flags int32) {
	maxProt := int32(es.ProtRead | protExec)
	shared := flags&es.MapShared != 0
	if d := p.fdOf(n, true); d != nil || !shared {
		maxProt |= es.ProtWrite
	}
	m.tellFirst(p.cur, &es.MMap{Protection: prot, MaxProtection: maxProt, Flags: flags, Source: m.file(n)})
	defer m.between()
	if shared && maxProt&es.ProtWrite != 0 {
		n.mapped = true
	}
	if shared && prot&es.ProtWrite != 0 {
		n.wrote(p.cur.key())
		n.mtime = m.wallNow()
	}
}

// rename is rename(2): source and what it overwrites are shown as they were.
func (m *mac) rename(p *proc, from, to string) {
	from, to = m.real(from, false), m.real(to, false)
	n := m.there(from)
	fromDir, toDir := m.find(dirOf(from)), m.folder(dirOf(to))
	old := toDir.kid(base(to))
	ev := &es.Rename{Source: m.file(n), DestinationType: es.DestinationNewPath}
	ev.Source.Path = from
	if old != nil && old != n {
		ev.DestinationType, ev.ExistingFile = es.DestinationExistingFile, m.file(old)
		m.detach(old, toDir, base(to))
		old.nlink = max(old.nlink-1, 1)
	} else {
		ev.Dir, ev.Filename = m.file(toDir), base(to)
	}
	m.moveNode(n, fromDir, base(from), toDir, base(to))
	n.ctime = m.wallNow()
	m.touchDir(fromDir)
	m.touchDir(toDir)
	m.removed[from] = m.line
	delete(m.removed, to)
	m.tell(p.cur, ev, nil)
	m.retries(p.cur, ev)
}

// swap is renamex_np(RENAME_SWAP): the policy is asked about both directions, so two renames are told [S].
func (m *mac) swap(p *proc, a, b string) {
	a, b = canonical(a), canonical(b)
	na, nb := m.there(a), m.there(b)
	fa, fb := m.file(na), m.file(nb)
	da, db := na.parent, nb.parent
	da.put(base(a), nb)
	db.put(base(b), na)
	na.parent, na.name, nb.parent, nb.name = db, base(b), da, base(a)
	na.cache, nb.cache = "", ""
	if na.isDir() || nb.isDir() {
		m.pathGen++
	}
	m.tell(p.cur, &es.Rename{Source: fa, DestinationType: es.DestinationExistingFile, ExistingFile: fb}, nil)
	m.tell(p.cur, &es.Rename{Source: fb, DestinationType: es.DestinationExistingFile, ExistingFile: fa}, nil)
}

// unlink is unlink(2) and rmdir(2).
func (m *mac) unlink(p *proc, path string) {
	path = m.real(path, false)
	n := m.there(path)
	dir := m.find(dirOf(path))
	ev := &es.Unlink{Target: m.file(n)}
	ev.Target.Path = path
	m.detach(n, dir, base(path))
	if n.nlink > 1 {
		n.nlink--
	}
	m.touchDir(dir)
	m.removed[path] = m.line
	ev.ParentDir = m.file(dir)
	m.tell(p.cur, ev, nil)
	m.retries(p.cur, ev)
}

func (m *mac) mkdir(p *proc, path string, mode uint16) *node {
	path = m.real(path, false)
	n := m.make(p, m.folder(dirOf(path)), base(path), es.ModeDir|mode)
	m.tellCreate(p, n)
	return n
}

func (m *mac) symlink(p *proc, path, target string) {
	path = canonical(path)
	n := m.make(p, m.folder(dirOf(path)), base(path), es.ModeSymlink|0o755)
	n.target, n.size = target, int64(len(target))
	m.symlinks++
	m.tellCreate(p, n)
}

func (m *mac) link(p *proc, from, to string) {
	n, dir := m.there(from), m.folder(dirOf(canonical(to)))
	n.nlink++
	n.ctime = m.wallNow()
	m.attach(n, dir, base(to))
	m.touchDir(dir)
	delete(m.removed, canonical(to))
	m.tell(p.cur, &es.Link{Source: m.file(n), TargetDir: m.file(dir), TargetFilename: base(to)}, nil)
}

// clone is clonefile(2): CLONE before it is tried, CREATE of the target once it worked [S]. A directory comes whole.
func (m *mac) clone(p *proc, from, to string, fails bool) *node {
	src, dir := m.there(from), m.folder(dirOf(canonical(to)))
	m.tellFirst(p.cur, &es.Clone{Source: m.file(src), TargetDir: m.file(dir), TargetName: base(to)})
	if fails {
		return nil
	}
	n := m.cloneNode(p, src, dir, base(to))
	m.touchDir(dir)
	delete(m.removed, m.path(n))
	m.tellCreate(p, n)
	return n
}

func (m *mac) cloneNode(p *proc, src, dir *node, name string) *node {
	n := m.add(dir, name, src.mode)
	n.uid, n.gid = newOwner(p, dir)
	n.size, n.mtime, n.birth, n.flags = src.size, src.mtime, src.birth, src.flags
	n.xattrs = slices.Clone(src.xattrs)
	n.hidden = src.hidden
	n.wrote(p.cur.key())
	for _, k := range src.list() {
		m.cloneNode(p, k.node, n, k.name)
	}
	return n
}

// copyfile is the system call: a server's own copy, on shares. Told before it is tried.
func (m *mac) copyfile(p *proc, from, to string, fails bool) {
	src, dir := m.there(from), m.folder(dirOf(canonical(to)))
	ev := &es.Copyfile{Source: m.file(src), TargetDir: m.file(dir), TargetName: base(to), Mode: src.mode & 0o7777}
	old := dir.kid(base(to))
	if old != nil {
		f := m.file(old)
		ev.TargetFile = &f
	}
	m.tellFirst(p.cur, ev)
	if fails {
		return
	}
	if old != nil {
		m.detach(old, dir, base(to))
	}
	n := m.cloneNode(p, src, dir, base(to))
	m.touchDir(dir)
	delete(m.removed, m.path(n))
	if m.client.version >= 5 { // before macOS 12 no create was told [D]
		m.tellCreate(p, n)
	}
}

func (m *mac) exchange(p *proc, a, b string, fails bool) {
	na, nb := m.there(a), m.there(b)
	m.tellFirst(p.cur, &es.ExchangeData{File1: m.file(na), File2: m.file(nb)})
	defer m.between()
	if fails {
		return
	}
	na.size, nb.size = nb.size, na.size
	na.mtime, nb.mtime = nb.mtime, na.mtime
	na.writers, nb.writers = nb.writers, na.writers
}

func (m *mac) setXattr(p *proc, n *node, name string) {
	if !slices.Contains(n.xattrs, name) {
		n.xattrs = append(n.xattrs, name)
	}
	n.ctime = m.wallNow()
	m.tell(p.cur, &es.ExtAttr{Which: es.KindSetExtAttr, Target: m.file(n), Name: name}, nil)
}

func (m *mac) deleteXattr(p *proc, n *node, name string) {
	n.xattrs = slices.DeleteFunc(n.xattrs, func(s string) bool { return s == name })
	n.ctime = m.wallNow()
	m.tell(p.cur, &es.ExtAttr{Which: es.KindDeleteExtAttr, Target: m.file(n), Name: name}, nil)
}

// The set… events show the values before the change.

func (m *mac) setMode(p *proc, n *node, mode uint16) {
	m.tellFirst(p.cur, &es.SetMode{Target: m.file(n), Mode: mode})
	defer m.between()
	if n.vol.owners() {
		n.mode = n.mode&es.ModeType | mode
	}
	n.ctime = m.wallNow()
}

func (m *mac) setOwner(p *proc, n *node, uid, gid uint32) {
	m.tellFirst(p.cur, &es.SetOwner{Target: m.file(n), UID: uid, GID: gid})
	defer m.between()
	if n.vol.owners() {
		n.uid, n.gid = uid, gid
	}
	n.ctime = m.wallNow()
}

func (m *mac) setFlags(p *proc, n *node, flags uint32) {
	m.tellFirst(p.cur, &es.SetFlags{Target: m.file(n), Flags: flags})
	defer m.between()
	n.flags = flags
	n.ctime = m.wallNow()
}

func (m *mac) setACL(p *proc, n *node, clearing bool) {
	ev := &es.SetACL{Target: m.file(n)}
	if clearing {
		ev.SetClear = 1
	}
	m.tellFirst(p.cur, ev)
	defer m.between()
	n.ctime = m.wallNow()
}

func (m *mac) setTimes(p *proc, n *node, atime, mtime es.Time) {
	m.tellFirst(p.cur, &es.UTimes{Target: m.file(n), ATime: atime, MTime: mtime})
	defer m.between()
	n.atime, n.mtime = atime, mtime
	n.ctime = m.wallNow()
}
