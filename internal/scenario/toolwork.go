package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"ascribe.example/es"
)

// toolWork is what well-known commands do, from their sources or measured traces.
var toolWork map[string]func(*toolRun) error

func init() {
	toolWork = map[string]func(*toolRun) error{
		"cp": (*toolRun).cp, "mv": (*toolRun).mv, "rm": (*toolRun).rm, "rmdir": (*toolRun).rm, "mkdir": (*toolRun).mkdir,
		"touch": (*toolRun).touch, "ln": (*toolRun).ln, "tee": (*toolRun).tee, "sed": (*toolRun).sed, "dd": (*toolRun).dd,
		"vim": (*toolRun).vim, "vi": (*toolRun).vim, "nvim": (*toolRun).vim, "nano": (*toolRun).nano, "emacs": (*toolRun).emacs,
		"curl": (*toolRun).curl, "wget": (*toolRun).curl, "rsync": (*toolRun).rsync, "scp": (*toolRun).scp, "git": (*toolRun).git,
		"tar": (*toolRun).tar, "zip": (*toolRun).zip, "unzip": (*toolRun).unzip, "ditto": (*toolRun).ditto, "chmod": (*toolRun).chmod,
		"chown": (*toolRun).chown, "chflags": (*toolRun).chflags, "xattr": (*toolRun).xattr, "install": (*toolRun).install,
		"npm": (*toolRun).packages, "pip": (*toolRun).packages, "brew": (*toolRun).packages, "screencapture": (*toolRun).screencapture,
		"cat": (*toolRun).cat, "head": (*toolRun).cat, "grep": (*toolRun).cat, "truncate": (*toolRun).truncate,
	}
}

// cp: each source opened for reading, each target created or opened and truncated, read and written, attributes after.
// Only -c clones; -p keeps mode and times [S: file_cmds].
func (t *toolRun) cp() error {
	flags, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "cp a b"); err != nil {
		return err
	}
	pairs, err := t.pairs(files)
	if err != nil {
		return err
	}
	c := copier{method: "read-write"}
	if _, ok := flags["c"]; ok {
		c.method = "clone"
	}
	_, p := flags["p"]
	_, a := flags["a"]
	c.attrs = p || a
	for _, q := range pairs {
		n := t.m.find(q[0])
		_, deep := flags["R"]
		_, deeper := flags["r"]
		if n.isDir() && !deep && !deeper && !a {
			return &wrong{word: q[0], want: "a file, or cp -R"}
		}
		if c.method != "clone" {
			continue
		}
		if to := t.m.find(q[1]); to != nil && !to.isDir() {
			t.m.unlink(t.p, q[1])
		}
		if err := t.r.cloneable(q[0], q[1]); err != nil {
			c.method = "read-write" // the fallback, where cloning is not supported
		}
	}
	t.m.batch(t.p, Truth{Action: "copy", Method: c.method}, pairs, func(from, to string) []TruthItem {
		if n := t.m.find(from); n.isDir() && c.method == "clone" {
			return t.m.cloneTree(t.p, from, to)
		}
		return t.m.copyTree(t.p, from, to, c)
	})
	return nil
}

// cloneTree makes each folder and clones each file, as cp -cR does.
func (m *mac) cloneTree(p *proc, from, to string) []TruthItem {
	n := m.there(from)
	if !n.isDir() {
		m.clone(p, from, to, false)
		return []TruthItem{{Path: to, SourcePath: from}}
	}
	if m.find(to) == nil {
		m.mkdir(p, to, n.mode&0o777)
	}
	var l []TruthItem
	for _, k := range n.list() {
		l = append(l, m.cloneTree(p, join(from, k.name), join(to, k.name))...)
	}
	return l
}

// mv renames; between volumes it copies a file itself, and leaves folders to /bin/cp and /bin/rm [S: mv.c].
func (t *toolRun) mv() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "mv a b"); err != nil {
		return err
	}
	pairs, err := t.pairs(files)
	if err != nil {
		return err
	}
	m := t.m
	for _, q := range pairs {
		n, dir := m.find(q[0]), m.folder(dirOf(q[1]))
		switch {
		case dir.kid(base(q[1])) == n && q[0] != q[1] && len(n.links) > 0: // mv says that they are one file
		case n.vol == dir.vol:
			if err := t.r.renames(t.p, q[0], q[1]); err != nil {
				return err
			}
		case !n.isDir():
			truth := Truth{Action: "move", Method: "copy-delete", Path: q[1], SourcePath: q[0]}
			m.act(t.p, truth, func() {
				m.copyOne(t.p, q[0], q[1], copier{method: "read-write", attrs: true})
				dst := m.find(q[1])
				m.setOwner(t.p, dst, n.uid, n.gid)
				m.unlink(t.p, q[0])
			})
		default:
			t.moveFolder(q[0], q[1])
		}
	}
	return nil
}

func (t *toolRun) moveFolder(from, to string) {
	m := t.m
	m.act(t.p, Truth{Action: "move", Method: "copy-delete", Path: to, SourcePath: from}, func() {
		cp := m.fork(t.p)
		m.exec(cp, m.program("/bin/cp", "", ""), execHow{args: []string{"mv", "-PRp", "--", from, to}})
		items := m.copyTree(cp, from, to, copier{method: "read-write", attrs: true})
		m.exit(cp, 0)
		rm := m.fork(t.p)
		m.exec(rm, m.program("/bin/rm", "", ""), execHow{args: []string{"mv", "-rf", "--", from}})
		m.removeTree(rm, from)
		m.exit(rm, 0)
		if m.op != nil {
			m.op.Items = append(m.op.Items, items...)
			m.op.Parts = append(m.op.Parts, cp.cur.key(), rm.cur.key())
		}
	})
}

func (t *toolRun) rm() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(1, files, "rm a"); err != nil {
		return err
	}
	var paths []string
	for _, f := range files {
		if _, err := t.r.source(t.abs(f)); err != nil {
			return err
		}
		paths = append(paths, t.abs(f))
	}
	t.m.deletes(t.p, paths)
	return nil
}

func (t *toolRun) mkdir() error {
	_, files := flagsAndFiles(t.cmd.argv, "m")
	for _, f := range files {
		path := t.abs(f)
		if t.m.find(path) == nil {
			t.m.act(t.p, Truth{Action: "create", Method: "directory", Path: path}, func() { t.m.mkdir(t.p, path, 0o755) })
		}
	}
	return nil
}

func (t *toolRun) touch() error {
	_, files := flagsAndFiles(t.cmd.argv, "tr")
	for _, f := range files {
		path := t.abs(f)
		if n := t.m.find(path); n != nil {
			t.m.setTimes(t.p, n, t.m.wallNow(), t.m.wallNow())
			continue
		}
		t.m.act(t.p, Truth{Action: "create", Method: "stream", Path: path}, func() { t.m.putFile(t.p, path, 0, 0, false) })
	}
	return nil
}

func (t *toolRun) ln() error {
	flags, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "ln a b"); err != nil {
		return err
	}
	to := t.abs(files[1])
	if t.m.find(to) != nil {
		return &wrong{word: files[1], want: "a path where nothing is yet"}
	}
	if _, ok := flags["s"]; ok {
		t.m.act(t.p, Truth{Action: "create", Method: "symlink", Path: to}, func() { t.m.symlink(t.p, to, files[0]) })
		return nil
	}
	from := t.abs(files[0])
	if _, err := t.r.source(from); err != nil {
		return err
	}
	t.m.act(t.p, Truth{Action: "link", Method: "hard-link", Path: to, SourcePath: from}, func() { t.m.link(t.p, from, to) })
	return nil
}

// stream writes one file from what comes in.
func (t *toolRun) stream(path string, size, writes int64) {
	truth := Truth{Action: "create", Method: "stream", Path: path}
	if t.m.find(path) != nil {
		truth.Action, truth.Method = "write", "in-place"
	}
	t.m.act(t.p, truth, func() { t.m.putFile(t.p, path, size, writes, false) })
}

func (t *toolRun) tee() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	for _, f := range files {
		t.stream(t.abs(f), 4000, 2)
	}
	return nil
}

func (t *toolRun) dd() error {
	in, out := "", ""
	for _, w := range t.cmd.argv[1:] {
		if v, ok := strings.CutPrefix(w, "if="); ok {
			in = t.abs(v)
		}
		if v, ok := strings.CutPrefix(w, "of="); ok {
			out = t.abs(v)
		}
	}
	switch {
	case out == "":
	case in == "" || strings.HasPrefix(in, "/dev/"):
		t.stream(out, 1<<20, 16)
	default:
		if _, err := t.r.source(in); err != nil {
			return err
		}
		t.m.batch(t.p, Truth{Action: "copy", Method: "read-write"}, [][2]string{{in, out}}, func(from, to string) []TruthItem {
			return t.m.copyTree(t.p, from, to, copier{method: "read-write"})
		})
	}
	return nil
}

func (t *toolRun) truncate() error {
	flags, files := flagsAndFiles(t.cmd.argv, "s")
	size, _ := parseSize(flags["s"])
	for _, f := range files {
		path := t.abs(f)
		t.m.act(t.p, Truth{Action: "write", Method: "in-place", Path: path}, func() {
			d := t.m.openPath(t.p, path, es.FWrite|es.OCreat, 0o644, false)
			t.m.truncate(t.p, t.p.fd(d).g.n, size, t.p.fd(d).g)
			t.m.closeFD(t.p, t.p.fd(d))
		})
	}
	return nil
}

func (t *toolRun) cat() error {
	_, files := flagsAndFiles(t.cmd.argv, "n")
	for _, f := range files {
		if n := t.m.find(t.abs(f)); n != nil && n.isFile() {
			t.m.act(t.p, Truth{Action: "read", Path: t.abs(f)}, func() { t.m.read(t.p, t.abs(f)) })
		}
	}
	return nil
}

// each changes one thing of every file that is named.
func (t *toolRun) each(files []string, truth Truth, f func(n *node)) error {
	for _, w := range files {
		n, err := t.r.source(t.abs(w))
		if err != nil {
			return err
		}
		truth.Path = t.abs(w)
		t.m.act(t.p, truth, func() { f(n) })
	}
	return nil
}

func (t *toolRun) chmod() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "chmod 644 a"); err != nil {
		return err
	}
	v, err := strconv.ParseUint(files[0], 8, 12)
	if err != nil {
		return &wrong{word: files[0], want: "a mode such as 644"}
	}
	return t.each(files[1:], Truth{Action: "protect", Method: "mode"}, func(n *node) { t.m.setMode(t.p, n, uint16(v)) })
}

func (t *toolRun) chown() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "chown alice a"); err != nil {
		return err
	}
	name, _, _ := strings.Cut(files[0], ":")
	uid := uint32(0)
	if u := t.m.userNamed(name); u != nil {
		uid = u.uid
	}
	return t.each(files[1:], Truth{Action: "protect", Method: "owner"}, func(n *node) { t.m.setOwner(t.p, n, uid, n.gid) })
}

func (t *toolRun) chflags() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "chflags hidden a"); err != nil {
		return err
	}
	return t.each(files[1:], Truth{Action: "protect", Method: "flags"}, func(n *node) { t.m.setFlags(t.p, n, n.flags^0x8000) })
}

func (t *toolRun) xattr() error {
	flags, files := flagsAndFiles(t.cmd.argv, "")
	_, del := flags["d"]
	_, add := flags["w"]
	switch {
	case del && len(files) >= 2:
		if files[0] == quarantine {
			return t.each(files[1:], Truth{Action: "unquarantine", Method: "attribute"}, func(n *node) { t.m.deleteXattr(t.p, n, files[0]) })
		}
		for _, f := range files[1:] {
			n, err := t.r.source(t.abs(f))
			if err != nil {
				return err
			}
			t.m.deleteXattr(t.p, n, files[0])
		}
		return nil
	case add && len(files) >= 3:
		n, err := t.r.source(t.abs(files[2]))
		if err == nil {
			t.m.setXattr(t.p, n, files[0])
		}
		return err
	}
	return &wrong{word: "xattr", want: fmt.Sprintf("words as in %q or %q", "xattr -d NAME a", "xattr -w NAME VALUE a")}
}
