package scenario

import (
	"fmt"
	"strings"

	"ascribe.example/es"
)

// curl and wget write the final name at once, and set no quarantine.
func (t *toolRun) curl() error {
	flags, files := flagsAndFiles(t.cmd.argv, "o")
	out, ok := flags["o"]
	if _, remote := flags["O"]; !ok && (remote || base(t.cmd.argv[0]) == "wget") && len(files) > 0 {
		out, ok = base(files[0]), true
	}
	if !ok || out == "" {
		return nil
	}
	path := t.abs(out)
	t.m.act(t.p, Truth{Action: "download", Path: path, Also: []string{"create", "write", "save"}}, func() { t.m.putFile(t.p, path, 800_000, 5, false) })
	return nil
}

// rsync writes .name.XXXXXXXXXX beside each target and renames it.
func (t *toolRun) rsync() error {
	_, files := flagsAndFiles(t.cmd.argv, "e")
	if err := t.need(2, files, "rsync -a a b"); err != nil {
		return err
	}
	m, p := t.m, t.p
	from, to := files[0], files[len(files)-1]
	if strings.Contains(from, ":") || strings.Contains(to, ":") {
		return nil // the other end is another machine
	}
	src, dst := t.abs(from), t.abs(to)
	n, err := t.r.source(src)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(from, "/") && n.isDir() || !n.isDir() && m.find(dst) != nil && m.find(dst).isDir() {
		dst = join(dst, base(src))
	}
	m.batch(p, Truth{Action: "copy", Method: "read-write"}, [][2]string{{src, dst}}, func(from, to string) []TruthItem {
		return m.rsyncTree(p, from, to)
	})
	return nil
}

func (m *mac) rsyncTree(p *proc, from, to string) []TruthItem {
	n := m.there(from)
	if n.isDir() {
		if m.find(to) == nil {
			m.mkdir(p, to, 0o755)
		}
		var l []TruthItem
		for _, k := range n.list() {
			l = append(l, m.rsyncTree(p, join(from, k.name), join(to, k.name))...)
		}
		return l
	}
	in := m.openPath(p, from, es.FRead, 0, false)
	tmp := join(dirOf(to), "."+base(to)+"."+m.letters(10))
	w := m.putFile(p, tmp, n.size, 0, false)
	m.setTimes(p, w, n.mtime, n.mtime)
	m.setMode(p, w, n.mode&0o777)
	m.closeFD(p, p.fd(in))
	m.rename(p, tmp, to)
	return []TruthItem{{Path: to, SourcePath: from}}
}

// scp from another machine writes the target in place.
func (t *toolRun) scp() error {
	_, files := flagsAndFiles(t.cmd.argv, "iP")
	if err := t.need(2, files, "scp host:a b"); err != nil {
		return err
	}
	from, to := files[0], files[len(files)-1]
	if !strings.Contains(from, ":") {
		if _, err := t.existing([]string{from}); err != nil {
			return err
		}
		t.m.act(t.p, Truth{Action: "send", Path: t.abs(from), Also: []string{"read"}}, func() { t.m.read(t.p, t.abs(from)) })
		return nil
	}
	path := t.abs(to)
	if n := t.m.find(path); n != nil && n.isDir() {
		_, file, _ := strings.Cut(from, ":")
		path = join(path, base(file))
	}
	t.m.act(t.p, Truth{Action: "create", Path: path, Also: []string{"copy", "write", "receive", "download"}}, func() { t.m.putFile(t.p, path, 90_000, 3, false) })
	return nil
}

// git writes objects as tmp_obj_XXXXXX and links them to their names, holds index.lock, and puts the files in place.
func (t *toolRun) git() error {
	argv := t.cmd.argv[1:]
	for len(argv) > 1 && argv[0] == "-C" {
		t.p.cwd = t.m.folder(t.abs(argv[1]))
		argv = argv[2:]
	}
	if len(argv) == 0 {
		return nil
	}
	m, p := t.m, t.p
	repo := m.path(p.cwd)
	files := t.files
	if files == 0 {
		files = 3
	}
	truth := Truth{Action: "create", Path: repo, Also: []string{"save", "write", "copy", "install", "download"}}
	switch argv[0] {
	case "clone":
		name := strings.TrimSuffix(base(argv[len(argv)-1]), ".git")
		repo = join(repo, name)
		if strings.HasPrefix(argv[len(argv)-1], "/") {
			repo = canonical(argv[len(argv)-1])
		}
		truth.Path = repo
		m.act(p, truth, func() {
			m.mkdir(p, repo, 0o755)
			m.mkdir(p, repo+"/.git", 0o755)
			m.putFile(p, repo+"/.git/HEAD", 23, 1, false)
			t.item(repo + "/.git/HEAD")
			t.objects(repo, 2)
			t.checkout(repo, files)
			t.index(repo)
		})
	case "checkout", "pull", "merge", "reset", "stash", "switch":
		m.act(p, truth, func() {
			m.folder(repo + "/.git")
			lock := t.lock(repo)
			t.checkout(repo, files)
			t.unlock(repo, lock)
		})
	case "commit", "add":
		truth.Path = repo + "/.git"
		m.act(p, truth, func() {
			m.folder(repo + "/.git")
			t.objects(repo, int(files))
			t.index(repo)
		})
	}
	return nil
}

func (t *toolRun) lock(repo string) int32 {
	return t.m.openPath(t.p, repo+"/.git/index.lock", es.FRead|es.FWrite|es.OCreat|es.OExcl, 0o644, false)
}

func (t *toolRun) unlock(repo string, lock int32) {
	t.m.write(t.p, t.p.fd(lock).g, 2000, false)
	t.m.closeFD(t.p, t.p.fd(lock))
	t.m.rename(t.p, repo+"/.git/index.lock", repo+"/.git/index")
	t.item(repo + "/.git/index")
}

func (t *toolRun) index(repo string) { t.unlock(repo, t.lock(repo)) }

func (t *toolRun) objects(repo string, n int) {
	for range n {
		id := t.m.hex(16) + t.m.hex(16)
		dir := repo + "/.git/objects/" + id[:2]
		if t.m.find(dir) == nil {
			t.m.mkdir(t.p, dir, 0o755)
		}
		tmp := dir + "/tmp_obj_" + t.m.letters(6)
		t.m.putFile(t.p, tmp, 300, 1, false)
		t.m.link(t.p, tmp, dir+"/"+id[2:])
		t.m.unlink(t.p, tmp)
		t.item(dir + "/" + id[2:])
	}
}

// checkout replaces each file: unlinked, and made anew.
func (t *toolRun) checkout(repo string, files int64) {
	for i := range files {
		path := fmt.Sprintf("%s/src-%d.go", repo, i+1)
		if t.m.find(path) != nil {
			t.m.unlink(t.p, path)
		}
		t.m.putFile(t.p, path, 1500+i*31, 1, false)
		t.item(path)
	}
}

func (t *toolRun) item(path string) {
	if t.m.op != nil {
		t.m.op.Items = append(t.m.op.Items, TruthItem{Path: path})
	}
}

// npm, pip and brew unpack packages below the folder where they keep them.
func (t *toolRun) packages() error {
	files := t.files
	if files == 0 {
		files = 6
	}
	argv := t.cmd.argv
	if len(argv) < 3 || argv[1] != "install" {
		return nil
	}
	dir := t.abs(".") + "/node_modules/" + argv[2]
	switch base(argv[0]) {
	case "pip":
		dir = "/opt/homebrew/lib/python3.12/site-packages/" + argv[2]
	case "brew":
		dir = "/opt/homebrew/Cellar/" + argv[2] + "/1.0"
	}
	truth := Truth{Action: "create", Path: dir, Also: []string{"install", "extract", "copy", "save", "download"}}
	t.m.act(t.p, truth, func() {
		t.m.folder(dirOf(dir))
		if t.m.find(dir) == nil {
			t.m.mkdir(t.p, dir, 0o755)
		}
		for i := range files {
			path := fmt.Sprintf("%s/file-%d.js", dir, i+1)
			t.m.putFile(t.p, path, 2000+i*77, 1, false)
			t.item(path)
		}
	})
	return nil
}

func (t *toolRun) tar() error {
	argv := t.cmd.argv
	if len(argv) < 3 {
		return &wrong{word: "tar", want: `words as in "tar xf a.tar" or "tar cf a.tar b"`}
	}
	mode := strings.TrimPrefix(argv[1], "-")
	rest := argv[2:]
	at := t.abs(".")
	for i, w := range rest {
		if w == "-C" && i+1 < len(rest) {
			at = t.abs(rest[i+1])
			rest = append(rest[:i:i], rest[i+2:]...)
			break
		}
	}
	if len(rest) == 0 {
		return nil
	}
	archive := t.abs(rest[0])
	switch {
	case strings.Contains(mode, "x"):
		return t.unpack(archive, at)
	case strings.Contains(mode, "c") && len(rest) > 1:
		return t.packInto(archive, rest[1:])
	}
	return nil
}

func (t *toolRun) packInto(archive string, files []string) error {
	paths, err := t.existing(files)
	if err != nil {
		return err
	}
	t.m.archives(t.p, paths, archive)
	return nil
}

func (t *toolRun) unpack(archive, at string) error {
	src, err := t.r.source(archive)
	if err != nil {
		return err
	}
	files := t.files
	if files == 0 {
		files = 3
	}
	t.m.extract(t.p, src, archive, at, int(files), false)
	return nil
}

func (t *toolRun) zip() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "zip -r a.zip b"); err != nil {
		return err
	}
	return t.packInto(t.abs(files[0]), files[1:])
}

func (t *toolRun) unzip() error {
	flags, files := flagsAndFiles(t.cmd.argv, "d")
	if err := t.need(1, files, "unzip a.zip -d b"); err != nil {
		return err
	}
	at := t.abs(".")
	if d := flags["d"]; d != "" {
		at = t.abs(d)
	}
	return t.unpack(t.abs(files[0]), at)
}

// ditto copies trees, and packs and unpacks with -c -k and -x -k.
func (t *toolRun) ditto() error {
	flags, files := flagsAndFiles(t.cmd.argv, "")
	if err := t.need(2, files, "ditto a b"); err != nil {
		return err
	}
	if _, ok := flags["x"]; ok {
		return t.unpack(t.abs(files[0]), t.abs(files[1]))
	}
	if _, ok := flags["c"]; ok {
		return t.packInto(t.abs(files[1]), files[:1])
	}
	from, to := t.abs(files[0]), t.abs(files[1])
	if _, err := t.r.source(from); err != nil {
		return err
	}
	t.m.batch(t.p, Truth{Action: "copy", Method: "read-write"}, [][2]string{{from, to}}, func(from, to string) []TruthItem {
		return t.m.copyTree(t.p, from, to, copier{method: "read-write", attrs: true})
	})
	return nil
}
