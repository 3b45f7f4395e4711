package scenario

import "fmt"

// activities are what random people do. Each says only what can happen in any world that gen has made so far.
var activities = []func(*gen){
	func(g *gen) { // a drag to another volume, for the app that asked
		from := g.file(false)
		to := g.like(from, g.pick(g.vols))
		if g.odds(2) {
			g.line("Finder asks DSH")
		}
		g.line("DSH copies %s to %s%s, for Finder", from, to, g.oneOf("", "", ", in 3 writes", ", without attributes"))
	},
	func(g *gen) { // a copy whose target is closed only when the helper goes
		name := g.name("H")
		g.line("service %s com.apple.DesktopServicesHelper for %s", name, g.pick(g.apps))
		from := g.file(false)
		to := g.like(from, g.pick(g.vols))
		g.line("%s copies %s to %s, keeps it open", name, from, to)
		g.line("%s exits, closing %s%s", name, to, g.oneOf("", " as xpcproxy", " as the old xpcproxy"))
	},
	func(g *gen) {
		from := g.file(false)
		to := g.like(from, g.pick(dirs))
		g.line("Finder copies %s to %s", from, to)
		g.home = append(g.home, to)
	},
	func(g *gen) { g.line("Finder duplicates %s", g.file(false)) },
	func(g *gen) { g.line("Finder trashes %s", g.file(true)) },
	func(g *gen) { g.line("Finder deletes %s", g.file(true)) },
	func(g *gen) { g.line("Finder empties the trash") },
	func(g *gen) {
		from := g.file(true)
		to := g.like(from, g.pick(dirs))
		g.line("%s moves %s to %s", g.pick(g.apps), from, to)
		g.home = append(g.home, to)
	},
	func(g *gen) {
		from := g.file(true)
		to := g.like(from, dirOf(from))
		g.line("%s renames %s to %s", g.pick(g.apps), from, to)
		g.home = append(g.home, to)
	},
	func(g *gen) { // a rename over an unrelated file
		from, to := g.file(true), g.file(false)
		if from != to {
			g.line("%s runs mv %s %s", g.pick(g.shell), from, to)
		}
	},
	func(g *gen) {
		from := g.file(true)
		to := g.like(from, g.pick(g.vols))
		g.line("DSH moves %s to %s, for Finder", from, to)
	},
	func(g *gen) {
		path := g.file(false)
		g.line("%s reads %s", g.pick(g.apps), path)
		g.line("%s saves %s by %s", g.pick(g.apps), path, g.oneOf("replacement", "swap", "sb", "dat.nosync", "rename", "in-place", "backup", "office"))
	},
	func(g *gen) {
		path := g.newHome()
		g.line("%s saves %s by %s", g.pick(g.apps), path, g.oneOf("replacement", "sb", "dat.nosync", "in-place"))
		g.home = append(g.home, path)
	},
	func(g *gen) {
		path := g.fresh("/Users/alice/Downloads")
		if len(g.browsers) == 0 {
			g.line("%s runs curl -o %s https://example.com/", g.pick(g.shell), path)
			return
		}
		g.line("%s downloads %s %dk%s", g.pick(g.browsers), path, 1+g.rng.n(900), g.oneOf("", "", "", ", which breaks off"))
	},
	func(g *gen) {
		path := g.newHome()
		g.line("%s makes file %s %dk", g.pick(g.apps), path, g.rng.n(300))
		g.home = append(g.home, path)
	},
	func(g *gen) { g.line("%s appends 300 to %s 3 times", g.pick(g.apps), g.file(false)) },
	func(g *gen) { g.line("%s makes folder %s", g.pick(g.apps), g.newHome()) },
	func(g *gen) {
		g.n++
		zip := fmt.Sprintf("/Users/alice/Archive-%d.zip", g.n)
		if g.odds(2) {
			g.line("Finder archives %s to %s", g.file(false), zip)
		} else {
			g.line("%s runs zip -r %s %s", g.pick(g.shell), zip, g.file(false))
		}
	},
	func(g *gen) {
		g.n++
		zip, dir := fmt.Sprintf("/Users/alice/Downloads/Archive-%d.zip", g.n), fmt.Sprintf("/Users/alice/Downloads/Archive-%d", g.n)
		if g.odds(2) {
			g.line("file %s 2M, with com.apple.quarantine", zip)
		}
		if g.odds(2) {
			g.line("%s runs unzip %s -d %s", g.pick(g.shell), zip, dir)
			return
		}
		name := g.name("AU")
		g.line("app %s com.apple.archiveutility of alice", name)
		g.line("%s extracts %s to %s with %d files", name, zip, dir, 1+g.rng.n(5))
		g.line("%s exits", name)
	},
	func(g *gen) { g.line("%s changes %s through a mapping", g.pick(g.apps), g.file(false)) },
	func(g *gen) { // tools
		from := g.file(false)
		to := g.like(from, g.pick(dirs))
		g.line("%s runs cp %s%s %s", g.pick(g.shell), g.oneOf("", "-p ", "-c "), from, to)
		g.home = append(g.home, to)
	},
	func(g *gen) {
		from := g.file(false)
		g.line("%s runs cp %s %s", g.pick(g.shell), from, g.like(from, g.pick(g.vols)))
	},
	func(g *gen) {
		from := g.file(true)
		g.line("%s runs mv %s %s", g.pick(g.shell), from, g.like(from, g.pick(g.vols)))
	},
	func(g *gen) {
		from := g.file(true)
		to := g.like(from, g.pick(dirs))
		g.line("%s runs mv %s %s", g.pick(g.shell), from, to)
		g.home = append(g.home, to)
	},
	func(g *gen) { g.line("%s runs rm -f %s", g.pick(g.shell), g.file(true)) },
	func(g *gen) {
		dir := g.newHome()
		g.line("folder %s, with %d files", dir, 1+g.rng.n(5))
		sh := g.pick(g.shell)
		switch g.rng.n(4) {
		case 0:
			g.line("%s runs rm -rf %s", sh, dir)
		case 1:
			g.line("%s runs cp -R %s %s", sh, dir, g.newHome())
		case 2:
			g.line("%s runs mv %s %s", sh, dir, g.fresh(g.pick(g.vols)))
		default:
			g.line("%s runs rsync -a %s/ %s", sh, dir, g.newHome())
		}
	},
	func(g *gen) {
		g.line("%s runs echo hello %s %s", g.pick(g.shell), g.oneOf(">", ">>"), g.file(false))
	},
	func(g *gen) { g.line("%s runs %s %s", g.pick(g.shell), g.oneOf("vim", "nano", "emacs"), g.file(false)) },
	func(g *gen) { g.line("%s runs sed -i '' s/a/b/ %s", g.pick(g.shell), g.file(false)) },
	func(g *gen) { g.line("%s runs curl -o %s https://example.com/", g.pick(g.shell), g.newHome()) },
	func(g *gen) {
		g.line("%s runs git -C /Users/alice/repo-%d %s main, touching %d files", g.pick(g.shell), g.rng.n(3), g.oneOf("checkout", "commit"), 1+g.rng.n(6))
	},
	func(g *gen) { g.line("%s runs chmod 600 %s", g.pick(g.shell), g.file(false)) },
	func(g *gen) { g.line("%s runs sudo rm %s", g.pick(g.tools), g.file(true)) },
	func(g *gen) { g.line("%s runs touch %s", g.pick(g.shell), g.newHome()) },
	func(g *gen) { // a helper that disclaims
		name := g.name("Helper")
		g.line("%s starts /Applications/Helper.app/Contents/MacOS/Helper as %s%s", g.pick(g.apps), name, g.oneOf("", ", disclaimed"))
		path := g.newHome()
		g.line("%s makes file %s", name, path)
		if g.odds(2) {
			g.line("%s exits", name)
		}
		g.home = append(g.home, path)
	},
	func(g *gen) { // a descriptor that is passed: the writer never opened the file
		path := g.newHome()
		app := g.client()
		g.line("means itself")
		g.line("%s creates %s", app, path)
		g.line("%s passes %s to DSH, closing its own", app, path)
		g.line("DSH writes 4k to %s 2 times", path)
		g.line("DSH closes %s", path)
		g.line("means create %s by stream, by DSH, for %s", path, app)
		g.home = append(g.home, path)
	},
	func(g *gen) { // a look-alike: one file read, another of the same size written, and no copy
		a, b := g.newHome(), g.newHome()
		app := g.pick(g.apps)
		g.line("file %s 20000", a)
		g.line("%s reads %s", app, a)
		g.line("%s makes file %s 20000", app, b)
		g.home = append(g.home, a, b)
	},
	func(g *gen) { // an app quits while a service still works for it
		app, svc, path := g.name("App"), g.name("S"), g.newHome()
		g.line("app %s com.example.%s of alice", app, app)
		g.line("service %s com.example.%s.worker for %s", svc, app, app)
		if g.odds(2) {
			g.line("%s exits", app)
		}
		g.line("%s makes file %s", svc, path)
		g.line("%s exits", svc)
		g.home = append(g.home, path)
	},
	func(g *gen) { // two writers, message by message
		a, b, app := g.newHome(), g.newHome(), g.pick(g.apps)
		g.line("means itself")
		g.line("%s creates %s", app, a)
		g.line("DSH creates %s", b)
		for range 1 + g.rng.n(3) {
			g.line("%s writes %d to %s", app, 1+g.rng.n(9000), a)
			g.line("DSH writes %d to %s", 1+g.rng.n(9000), b)
		}
		g.line("%s closes %s", app, a)
		g.line("DSH closes %s", b)
		g.line("means create %s by stream, by %s, of its own messages", a, app)
		g.line("means create %s by stream, by DSH, of its own messages", b)
		g.home = append(g.home, a, b)
	},
	func(g *gen) { // a descriptor that a child inherits: the child writes, both close, one of them by an exec
		app, kid, path := g.pick(g.apps), g.name("Kid"), g.newHome()
		g.line("means itself")
		g.line("%s creates %s", app, path)
		g.line("%s forks as %s", app, kid)
		if g.odds(2) {
			g.line("%s execs /usr/bin/sort", kid)
		}
		if g.odds(2) {
			g.line("%s closes %s", app, path)
		}
		g.line("%s writes 2k to %s 2 times", kid, path)
		g.line("means create %s by stream, by %s, with %s", path, kid, app)
		g.line("%s exits", kid)
		g.home = append(g.home, path)
	},
	func(g *gen) { // a file under two names; only one is spoken of again, since a rename between the two would do nothing
		a, b := g.file(true), g.newHome()
		g.line("%s runs ln %s %s", g.pick(g.shell), a, b)
		g.line("%s appends 100 to %s", g.pick(g.apps), b)
		g.home = append(g.home, b)
	},
	func(g *gen) {
		g.line("%s is denied %s %s", g.pick(g.apps), g.oneOf("opening", "unlinking"), g.file(false))
	},
	func(g *gen) { // a volume that comes and goes: its device number comes back
		vol := "/Volumes/" + g.name("Stick")
		if !g.gone["Disks"] {
			g.once("Disks")
			g.line("daemon Disks com.apple.diskarbitrationd")
		}
		g.line("Disks mounts %s external %s", vol, g.oneOf("exfat", "apfs", "msdos"))
		g.line("%s runs cp %s %s/", g.pick(g.shell), g.file(false), vol)
		if g.odds(3) {
			g.line("%s makes file %s", g.pick(g.apps), g.fresh(vol))
		}
		g.line("Disks unmounts %s", vol)
	},
	func(g *gen) { // a file server
		if !g.gone["Smb"] {
			g.once("Smb")
			g.line("daemon Smb com.apple.smbd")
		}
		path := g.fresh("/Users/Shared")
		g.line("Smb serves alice from 10.0.0.%d", 2+g.rng.n(200))
		g.line("Smb makes file %s 40k", path)
		g.line("Smb serves nobody")
	},
	func(g *gen) { // a service that goes over to another app
		svc := g.name("V")
		a, b := g.pick(g.apps), g.pick(g.apps)
		g.line("service %s com.example.%s for %s", svc, svc, a)
		g.line("%s makes file %s", svc, g.newHome())
		g.line("%s answers for %s", b, svc)
		g.line("%s makes file %s", svc, g.newHome())
	},
	func(g *gen) { // a clone that fails, and the copy that is made instead
		from := g.file(false)
		to := g.like(from, g.pick(g.vols))
		g.line("Finder clones %s to %s, which fails", from, to)
		g.line("Finder copies %s to %s by read-write", from, to)
	},
	func(g *gen) {
		g.line("%s links %s to %s", g.pick(g.apps), g.file(false), g.newHome())
	},
	func(g *gen) {
		g.line("means itself")
		g.line("%s sets attribute com.example.tag on %s", g.pick(g.apps), g.file(false))
		g.line("means nothing")
	},
	func(g *gen) { // AirDrop and iCloud
		if !g.gone["Sharing"] {
			g.once("Sharing")
			g.line("daemon Sharing com.apple.sharingd of alice")
			g.line("daemon Bird com.apple.bird of alice")
		}
		if g.odds(2) {
			g.line("Sharing receives %s", g.fresh("/Users/alice/Downloads"))
		} else {
			g.line("Bird syncs %s", g.fresh("/Users/alice/Library/MobileDocuments"))
		}
	},
}

// client is an app that DSH can work for: Finder alone, where DSH is Finder's own service.
func (g *gen) client() string {
	if g.own {
		return "Finder"
	}
	return g.pick(g.apps)
}

func (g *gen) oneOf(l ...string) string { return l[g.rng.n(len(l))] }

func (g *gen) once(name string) {
	if g.gone == nil {
		g.gone = map[string]bool{}
	}
	g.gone[name] = true
}
