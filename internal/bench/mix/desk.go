package mix

import "fmt"

// desk is a used Mac as an endpoint product records it: apps, daemons and tools at work on documents, caches, databases and
// source trees, and Spotlight, which reads what they write and keeps an index: it makes half of the messages here, and more
// in a real recording [R: 9 of 10 of 6,682]. Three in ten of the files that are read were never seen before.
type desk struct {
	apps, daemons     []*execution
	finder, helper    *execution
	browser, shell    *execution
	workers           []*execution // Spotlight's
	stores            *execution
	index             *node
	tools             []*image
	copier, compiler  *image
	homes, caches     []*folder
	builds, documents []*folder
	temporary         *folder
	downloads, trash  *folder
	known             []*node
	databases         []*node
}

func newDesk(m *Mix) *desk {
	d := &desk{}
	start := func(path, id, team string, uid, asid uint32) *execution {
		e := m.exec(m.fork(nil, uid, asid, false), m.program(path, id, team))
		m.kept[e.pid] = true
		return e
	}
	apps := []string{"Safari", "Mail", "Notes", "Pages", "Preview", "Slack", "Code", "Music", "Photos", "Keynote", "Terminal", "Xcode"}
	for i, a := range apps {
		team := ""
		if i%3 == 2 {
			team = fmt.Sprintf("TEAM%06d", i)
		}
		d.apps = append(d.apps, start(fmt.Sprintf("/Applications/%s.app/Contents/MacOS/%s", a, a), "com.example."+a, team, 501, 100019))
	}
	d.browser = start("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "com.google.Chrome", "EQHXZ8M8AV", 501, 100019)
	d.finder = start("/System/Library/CoreServices/Finder.app/Contents/MacOS/Finder", "com.apple.finder", "", 501, 100019)
	d.helper = start("/System/Library/PrivateFrameworks/DesktopServicesPriv.framework/Versions/A/Resources/DesktopServicesHelper", "com.apple.DesktopServicesHelper", "", 501, 100019)
	d.helper.responsible = d.finder
	m.describe(d.helper)
	for i := range 60 {
		path := fmt.Sprintf("/System/Library/PrivateFrameworks/Example%d.framework/Versions/A/Support/exampled%d", i, i)
		d.daemons = append(d.daemons, start(path, fmt.Sprintf("com.apple.exampled%d", i), "", uint32(i%3/2*501), uint32(100000+i%2*19)))
	}
	for range 4 {
		worker := start("/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mdworker_shared", "com.apple.mdworker_shared", "", 501, 100019)
		d.workers = append(d.workers, worker)
	}
	d.stores = start("/System/Library/Frameworks/CoreServices.framework/Versions/A/Frameworks/Metadata.framework/Versions/A/Support/mds_stores", "com.apple.mds_stores", "", 0, 100000)
	d.index = m.file(m.folder("/System/Volumes/Data/.Spotlight-V100/Store-V2/5E3A2F3B-0000-4C0C-A6FA-6B0C71C3E7D2"), "store.db", 1<<26, m.epoch-90*nanosADay)
	terminal := d.apps[10]
	d.shell = m.exec(m.fork(terminal, 501, 100019, true), m.program("/bin/zsh", "com.apple.zsh", ""))
	m.kept[d.shell.pid] = true
	for _, t := range []string{"/usr/bin/grep", "/usr/bin/sed", "/bin/ls", "/usr/bin/git", "/usr/bin/make", "/usr/bin/tar"} {
		d.tools = append(d.tools, m.program(t, "com.apple."+t[len("/usr/"):], ""))
	}
	d.copier = m.program("/bin/cp", "com.apple.cp", "")
	d.compiler = m.program("/Library/Developer/CommandLineTools/usr/bin/clang", "com.apple.clang", "")
	for i := range 120 {
		d.homes = append(d.homes, m.folder(fmt.Sprintf("/Users/alice/Library/Application Support/com.example.product%d/State", i)))
		d.caches = append(d.caches, m.folder(fmt.Sprintf("/Users/alice/Library/Caches/com.example.product%d/fsCachedData", i)))
		d.documents = append(d.documents, m.folder(fmt.Sprintf("/Users/alice/Documents/Project %d/Reports", i)))
		d.builds = append(d.builds, m.folder(fmt.Sprintf("/Users/alice/src/project/node_modules/package%d/dist/esm/internal", i)))
	}
	d.temporary = m.folder("/private/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/TemporaryItems")
	d.downloads, d.trash = m.folder("/Users/alice/Downloads"), m.folder("/Users/alice/.Trash")
	for range 8000 {
		d.known = append(d.known, d.there(m))
	}
	for i := range 64 {
		d.databases = append(d.databases, m.file(d.homes[i], "store.sqlite", 1<<20, m.epoch-5*nanosADay))
	}
	return d
}

// there is a file that was there before the recording.
func (d *desk) there(m *Mix) *node {
	in := d.documents
	switch m.below(4) {
	case 0:
		in = d.caches
	case 1:
		in = d.homes
	case 2:
		in = d.builds
	}
	return m.file(in[m.below(len(in))], m.fresh("", ".data"), int64(1000+m.below(90_000)), m.epoch-int64(1+m.below(90))*nanosADay)
}

// old is a file that no act is at work on.
func (d *desk) old(m *Mix) *node {
	for range 20 {
		if f := d.known[m.below(len(d.known))]; !f.busy {
			return f
		}
	}
	return d.there(m)
}

// keep lets a file be found again.
func (d *desk) keep(m *Mix, f *node) {
	if i := m.below(len(d.known)); !d.known[i].busy {
		d.known[i] = f
	}
}

// own is an old file that nobody else touches until the act is done.
func (d *desk) own(m *Mix) *node {
	f := d.old(m)
	f.busy = true
	return f
}

func (d *desk) app(m *Mix) *execution { return d.apps[m.below(len(d.apps))] }

func (d *desk) anyone(m *Mix) *execution {
	if m.below(3) == 0 {
		return d.app(m)
	}
	return d.daemons[m.below(len(d.daemons))]
}

// plan draws what happens next.
func (d *desk) plan(m *Mix, a *act) bool {
	if m.below(100) < 48 {
		if m.below(12) == 0 {
			a.writes(d.stores, d.index, 4+m.below(12), 0)
		} else {
			d.reads(m, a, d.workers[m.below(len(d.workers))], 1+m.below(6))
		}
		return true
	}
	switch n := m.below(1000); {
	case n < 560:
		d.reads(m, a, d.anyone(m), 1+m.below(4))
	case n < 640:
		d.saves(m, a, d.anyone(m))
	case n < 750:
		d.caching(m, a, d.anyone(m))
	case n < 840:
		i := m.below(len(d.databases))
		f, by := d.databases[i], d.daemons[(i+m.below(2))%len(d.daemons)]
		a.opens(by, f, forBoth)
		a.writes(by, f, 1+m.below(5), 0)
		a.closes(by, f, true)
	case n < 870:
		d.copies(m, a, d.helper)
	case n < 890:
		d.clones(m, a)
	case n < 915:
		f := d.own(m)
		a.renames(d.finder, f, d.documents[m.below(len(d.documents))], m.fresh("moved-", ".data"), nil)
		a.done(f)
	case n < 925:
		f := d.own(m)
		a.renames(d.finder, f, d.trash, m.fresh("trashed-", ".data"), nil)
	case n < 940:
		d.fetches(m, a)
	case n < 955:
		f := d.own(m)
		a.removes(d.anyone(m), f)
	case n < 960:
		a.add(step{kind: xpcConnect, by: d.finder, name: "com.apple.DesktopServicesHelper"})
	case n < 966:
		d.tool(m, a, d.copier, func(by *execution) { d.copies(m, a, by) })
	case n < 985:
		d.tool(m, a, d.compiler, func(by *execution) { d.compiles(m, a, by) })
	default:
		d.tool(m, a, d.tools[m.below(len(d.tools))], func(by *execution) { d.reads(m, a, by, 3) })
	}
	return true
}
