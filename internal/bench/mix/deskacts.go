package mix

import "fmt"

// reads opens, perhaps maps, and closes some files.
func (d *desk) reads(m *Mix, a *act, by *execution, n int) {
	for range n {
		f := d.old(m)
		if m.below(10) < 3 {
			f = d.there(m)
			d.keep(m, f)
		}
		a.opens(by, f, forReading)
		if m.below(6) == 0 {
			a.add(step{kind: mmap, by: by, file: f})
		}
		a.closes(by, f, false)
	}
}

// saves writes a temporary file and puts it in the place of the old one.
func (d *desk) saves(m *Mix, a *act, by *execution) {
	old := d.own(m)
	f := m.file(d.temporary, m.fresh(".dat.nosync", ""), 0, 0)
	a.makes(by, f)
	a.opens(by, f, forBoth)
	a.writes(by, f, 1+m.below(2), old.stat.size)
	a.labels(by, f, "com.apple.lastuseddate#PS")
	a.closes(by, f, true)
	over := *old
	a.renames(by, f, old.in, old.name, &over)
	d.replace(old, f)
	a.done(f)
}

// replace lets the new file be found where the old one was.
func (d *desk) replace(old, f *node) {
	for i := range d.known {
		if d.known[i] == old {
			f.busy = true
			d.known[i] = f
			return
		}
	}
}

// caching makes a cache's file; now and then it lets an older one go.
func (d *desk) caching(m *Mix, a *act, by *execution) {
	f := m.file(d.caches[m.below(len(d.caches))], m.fresh("", ""), 0, 0)
	a.makes(by, f)
	a.opens(by, f, forWriting)
	a.writes(by, f, 1+m.below(3), int64(1000+m.below(40_000)))
	a.closes(by, f, true)
	if m.below(2) == 0 {
		a.removes(by, d.own(m))
	}
	d.keep(m, f)
}

// copies reads a file and writes another of its size, name and times.
func (d *desk) copies(m *Mix, a *act, by *execution) {
	from := d.own(m)
	f := m.file(d.documents[m.below(len(d.documents))], from.name, 0, 0)
	a.opens(by, from, forReading)
	a.makes(by, f)
	a.opens(by, f, forWriting)
	a.writes(by, f, 1+m.below(4), from.stat.size)
	a.labels(by, f, "com.apple.FinderInfo")
	a.add(step{kind: utimes, by: by, file: f, other: from})
	a.add(step{kind: setmode, by: by, file: f})
	a.closes(by, f, true)
	a.closes(by, from, false)
	a.done(from)
	d.keep(m, f)
}

// clones copies a file as Finder does within a volume.
func (d *desk) clones(m *Mix, a *act) {
	from := d.own(m)
	f := m.file(from.in, m.fresh("copy-", ".data"), 0, 0)
	a.add(step{kind: clone, by: d.helper, file: from, other: f})
	a.makes(d.helper, f)
	a.labels(d.helper, f, "com.apple.FinderInfo")
	a.done(from)
	d.keep(m, f)
}

// fetches downloads a file as a browser does.
func (d *desk) fetches(m *Mix, a *act) {
	name := m.fresh("Paper ", "")
	f := m.file(d.downloads, name+".crdownload", 0, 0)
	a.makes(d.browser, f)
	a.opens(d.browser, f, forWriting)
	a.writes(d.browser, f, 3+m.below(6), int64(50_000+m.below(900_000)))
	a.labels(d.browser, f, "com.apple.quarantine")
	a.closes(d.browser, f, true)
	a.renames(d.browser, f, d.downloads, name+".pdf", nil)
	a.labels(d.browser, f, "com.apple.metadata:kMDItemWhereFroms")
	d.keep(m, f)
}

// tool runs a program of the shell's.
func (d *desk) tool(m *Mix, a *act, image *image, work func(by *execution)) {
	child := m.fork(d.shell, 501, 100019, true)
	a.add(step{kind: fork, by: d.shell, child: child})
	e := m.exec(child, image)
	a.add(step{kind: exec, by: child, child: e, args: fmt.Appendf(nil, `["%s","-v","%s"]`, image.path, `\/Users\/alice\/src\/project\/`+m.fresh("", ".c"))})
	work(e)
	a.add(step{kind: exit, by: e})
}

// compiles reads sources and writes an object by a temporary name.
func (d *desk) compiles(m *Mix, a *act, by *execution) {
	d.reads(m, a, by, 4+m.below(6))
	in := d.builds[m.below(len(d.builds))]
	name := m.fresh("unit-", "")
	f := m.file(in, name+".o.tmp", 0, 0)
	a.makes(by, f)
	a.opens(by, f, forWriting)
	a.writes(by, f, 2, int64(4000+m.below(20_000)))
	a.closes(by, f, true)
	a.renames(by, f, in, name+".o", nil)
	d.keep(m, f)
}
