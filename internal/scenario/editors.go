package scenario

import (
	"strings"

	"ascribe.example/es"
)

// existing are the words that are files, each of which must be there or never have been spoken of.
func (t *toolRun) existing(files []string) ([]string, error) {
	l := make([]string, 0, len(files))
	for _, f := range files {
		if _, err := t.r.source(t.abs(f)); err != nil {
			return nil, err
		}
		l = append(l, t.abs(f))
	}
	return l, nil
}

// sed -i writes a file beside the old one and renames it over.
func (t *toolRun) sed() error {
	in := false
	var files []string
	for _, w := range t.cmd.argv[1:] {
		switch {
		case strings.HasPrefix(w, "-i"):
			in = true
		case strings.HasPrefix(w, "/") && !strings.HasSuffix(w, "/d") || strings.HasPrefix(w, "~/") || strings.HasPrefix(w, "./"):
			files = append(files, w)
		}
	}
	paths, err := t.existing(files)
	if err != nil || !in {
		return err
	}
	m, p := t.m, t.p
	for _, path := range paths {
		old := m.find(path)
		m.act(p, Truth{Action: "save", Method: "replace", Path: path}, func() {
			r := m.openPath(p, path, es.FRead, 0, false)
			tmp := join(dirOf(path), ".!"+m.hex(5)+"!"+base(path))
			n := m.putFile(p, tmp, old.size+7, 0, false)
			m.setMode(p, n, old.mode&0o777)
			m.closeFD(p, p.fd(r))
			m.rename(p, tmp, path)
		})
	}
	return nil
}

// vim probes the folder with 4913, keeps a swap file, moves the old file away as name~, writes anew, removes name~.
func (t *toolRun) vim() error {
	_, files := flagsAndFiles(t.cmd.argv, "c")
	m, p := t.m, t.p
	for _, f := range files {
		path := t.abs(f)
		if m.find(path) == nil {
			m.act(p, Truth{Action: "create", Method: "stream", Path: path, Also: []string{"save"}}, func() { m.putFile(p, path, 800, 1, false) })
			continue
		}
		n := m.find(path)
		m.act(p, Truth{Action: "save", Method: "backup", Path: path}, func() {
			m.read(p, path)
			swp := join(dirOf(path), "."+base(path)+".swp")
			d := m.openPath(p, swp, es.FRead|es.FWrite|es.OCreat|es.OExcl, 0o600, false)
			m.write(p, p.fd(d).g, 12288, false)
			m.now += 4e9
			probe := m.openPath(p, join(dirOf(path), "4913"), es.FWrite|es.OCreat|es.OExcl, 0o644, false)
			m.closeFD(p, p.fd(probe))
			m.unlink(p, join(dirOf(path), "4913"))
			m.rename(p, path, path+"~")
			w := m.putFile(p, path, n.size+40, 0, false)
			m.setMode(p, w, n.mode&0o777)
			m.unlink(p, path+"~")
			m.closeFD(p, p.fd(d))
			m.unlink(p, swp)
		})
	}
	return nil
}

// nano opens, truncates and writes.
func (t *toolRun) nano() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	for _, f := range files {
		t.m.read(t.p, t.abs(f))
		t.m.saves(t.p, t.abs(f), "in-place", 0, 1, false)
	}
	return nil
}

// emacs renames the old file to name~ once, and writes anew; the backup stays.
func (t *toolRun) emacs() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	paths, err := t.existing(files)
	if err != nil {
		return err
	}
	m, p := t.m, t.p
	for _, path := range paths {
		n := m.find(path)
		m.act(p, Truth{Action: "save", Method: "backup", Path: path}, func() {
			m.rename(p, path, path+"~")
			w := m.putFile(p, path, n.size+25, 0, false)
			m.setMode(p, w, n.mode&0o777)
		})
	}
	return nil
}

// install copies and then sets mode and owner.
func (t *toolRun) install() error {
	_, files := flagsAndFiles(t.cmd.argv, "mog")
	if err := t.need(2, files, "install a b"); err != nil {
		return err
	}
	pairs, err := t.pairs(files)
	if err != nil {
		return err
	}
	t.m.batch(t.p, Truth{Action: "copy", Method: "read-write", Also: []string{"install"}}, pairs, func(from, to string) []TruthItem {
		l := t.m.copyTree(t.p, from, to, copier{method: "read-write"})
		t.m.setMode(t.p, t.m.find(to), 0o755)
		return l
	})
	return nil
}

func (t *toolRun) screencapture() error {
	_, files := flagsAndFiles(t.cmd.argv, "")
	for _, f := range files {
		t.stream(t.abs(f), 500_000, 4)
	}
	return nil
}
