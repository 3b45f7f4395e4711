package scenario

import (
	"slices"
	"strings"

	"ascribe.example/es"
)

// deeds are all that random people do.
var deeds = slices.Concat(activities, tangles)

// tangles are acts of which it is hard to say whose they are.
var tangles = []func(*gen){
	func(g *gen) { // a terminal multiplexer, left behind by its client; perhaps somebody of the same user attaches from another login
		sh, client, between, server, pane := g.pick(g.mine), g.name("Mux"), g.name("Mid"), g.name("Server"), g.name("Pane")
		g.line("%s starts /opt/homebrew/bin/tmux as %s", sh, client)
		g.line("%s forks as %s", client, between)
		g.line("%s forks as %s", between, server)
		g.line("%s exits", between)
		if g.odds(2) {
			g.line("%s exits", client)
		}
		g.line("shell %s in %s bash", pane, server)
		g.line("%s makes file %s", pane, g.newHome())
		if g.odds(2) {
			other, attached := g.pick(g.mine), g.name("Attached")
			g.line("%s starts /opt/homebrew/bin/tmux attach as %s", other, attached)
			g.line("wait %dms", 10+g.rng.n(3000))
			g.line("%s makes file %s, for %s", pane, g.newHome(), other)
			if g.odds(2) {
				g.line("%s exits", attached)
			}
		}
	},
	func(g *gen) { // somebody is connected to the screen for a while, and does what the person at it could do
		from := g.addr()
		g.line("screen sharing to alice from %s", from)
		g.line("wait %dms", 10+g.rng.n(3000))
		g.line("%s makes file %s, by the viewer from %s", g.pick(g.apps), g.newHome(), from)
		g.line("wait %dms", 10+g.rng.n(3000))
		g.line("screen sharing to alice ends")
	},
	func(g *gen) { // pids come back
		g.line("next pid %d", 600+g.rng.n(60))
		g.line("%s runs touch %s", g.pick(g.shell), g.newHome())
	},
	func(g *gen) { // the number of an audit session comes back, as another user's
		first, second, user := g.name("S"), g.name("S"), g.user()
		again := 100500 + g.rng.n(3)
		if g.gone[first] || g.gone["session"] {
			return
		}
		g.once("session")
		g.line("next session %d", again)
		g.line("ssh %s of alice from %s", first, g.addr())
		g.line("%s makes file %s", first, g.newHome())
		g.line("%s exits", first)
		g.line("wait %dms", 100+g.rng.n(9000))
		g.line("next session %d", again)
		g.line("ssh %s of %s from %s", second, user, g.addr())
		g.line("%s makes file %s", second, g.newHome())
	},
	func(g *gen) { // somebody takes hold of an app; whether what it does then is its own, nothing tells
		in, app := g.name("Inject"), g.pick(g.apps)
		g.line("%s starts /Users/alice/bin/inject as %s", g.pick(g.shell), in)
		g.line(g.oneOf("%s gets task of %s", "%s starts a thread in %s", "%s traces %s"), in, app)
		g.line("%s makes file %s", app, g.newHome())
	},
	func(g *gen) { // what a disclaimed helper starts
		helper, child, app := g.name("Helper"), g.name("Child"), g.pick(g.apps)
		g.line("%s starts /Applications/Helper.app/Contents/MacOS/Helper as %s, disclaimed", app, helper)
		g.line("%s starts /bin/sh as %s", helper, child)
		if g.odds(3) {
			g.line("%s exits", helper)
		}
		g.line("%s makes file %s, for %s", child, g.newHome(), app)
	},
	func(g *gen) { // a job of launchd's, by its schedule
		job := g.name("Job")
		g.line("daemon %s org.example.%s of %s at %s, on a schedule", job, job, g.user(), g.oneOf("/bin/bash", "/usr/bin/python3", "/usr/local/bin/job"))
		g.line("%s makes file %s", job, g.newHome())
		g.shell = append(g.shell, job)
	},
	func(g *gen) { // a script tells Finder what to do
		script, sh := g.name("Script"), g.pick(g.mine)
		g.line("%s starts /usr/bin/osascript -e tell as %s", sh, script)
		g.line("%s connects to service com.apple.coreservices.appleevents", script)
		g.line("Finder trashes %s, for %s", g.file(true), sh)
		g.line("%s exits", script)
	},
	func(g *gen) { // an app is gone, and tokens go on naming it, or not
		app, svc := g.name("App"), g.name("Svc")
		g.line("app %s com.example.%s of alice", app, app)
		g.line("service %s com.example.%s.svc for %s", svc, app, app)
		g.line("%s exits%s", app, g.oneOf("", ", still named by tokens"))
		g.line("%s makes file %s", svc, g.newHome())
	},
	func(g *gen) { // several ask one helper, which works for one of them
		if g.own {
			return
		}
		a, b := g.pick(g.apps), g.pick(g.apps)
		g.line("%s asks DSH", a)
		if g.odds(2) {
			g.line("wait %dms", g.rng.n(9000))
		}
		g.line("%s asks DSH", b)
		from := g.file(false)
		g.line("DSH copies %s to %s, for %s", from, g.like(from, g.pick(g.vols)), g.oneOf(a, b))
	},
	func(g *gen) { // a helper quits and is started again; who was connected to the first may be to the second
		first, second, app := g.name("Doc"), g.name("Doc"), g.pick(g.apps)
		g.line("daemon %s com.apple.revisiond", first)
		g.line("%s asks %s", app, first)
		g.line("%s makes file %s, for %s", first, g.newHome(), app)
		g.line("%s exits", first)
		g.line("daemon %s com.apple.revisiond", second)
		other := g.pick(g.apps)
		if g.odds(2) {
			g.line("%s asks %s", other, second)
		}
		g.line("%s makes file %s, for %s", second, g.newHome(), g.oneOf(app, other))
		g.line("%s exits", second)
	},
	func(g *gen) { // one process becomes one program after the other
		n := g.name("Chain")
		g.line("%s starts /usr/bin/nohup as %s", g.pick(g.shell), n)
		g.line("%s makes file %s", n, g.newHome())
		g.line("%s execs /bin/sh", n)
		g.line("%s makes file %s", n, g.newHome())
		g.line("%s execs /usr/bin/sort", n)
		g.line("%s makes file %s", n, g.newHome())
	},
	func(g *gen) { // a program changes its user
		n := g.name("Setuid")
		g.line("%s starts /usr/local/bin/tool as %s", g.pick(g.shell), n)
		g.line("%s sets %s to %d", n, g.oneOf("uid", "euid", "reuid"), []int{0, 502, 501}[g.rng.n(3)])
		g.line("%s makes file %s", n, g.newHome())
	},
	func(g *gen) { // a login from this Mac itself
		n := g.name("Loop")
		g.line("ssh %s of %s from %s", n, g.user(), g.oneOf("127.0.0.1", "::1"))
		g.line("%s makes file %s", n, g.newHome())
	},
	func(g *gen) { // mail and messages
		if !g.gone["Mail"] {
			g.once("Mail")
			g.line("app Mail com.apple.mail of alice")
		}
		g.line("Mail receives %s, without a temporary name", g.fresh("/Users/alice/Downloads"))
	},
	func(g *gen) { // a file provider fetches for an app
		if !g.gone["Provider"] {
			g.once("Provider")
			g.line("daemon Provider com.apple.FileProvider of alice")
		}
		g.line("Provider materializes %s for %s", g.fresh("/Users/alice/Library/CloudStorage/Box"), g.pick(g.apps))
	},
	func(g *gen) { // an agent at work, its shell that outlives it, and a person beside it
		agent, sub, sh := g.name("Agent"), g.name("Sub"), g.pick(g.mine)
		g.line("agent %s %s in %s", agent, g.oneOf("claude", "codex", "copilot", "goose", "opencode", "gemini"), sh)
		g.line("shell %s in %s bash", sub, agent)
		g.line("%s makes file %s", sub, g.newHome())
		if g.odds(2) {
			g.line("%s exits", agent)
			g.line("%s makes file %s", sub, g.newHome())
		}
		g.line("%s makes file %s", sh, g.newHome())
	},
	func(g *gen) { // an app that holds an agent
		if !g.gone["Cursor"] {
			g.once("Cursor")
			g.line("app Cursor com.todesktop.230313mzl4w4u92 of alice signed VDXQ22DGB9")
		}
		g.line("Cursor makes file %s%s", g.newHome(), g.oneOf("", ", by its agent"))
	},
	func(g *gen) { // another user comes and goes
		if g.gone["carol"] {
			return
		}
		g.once("carol")
		g.line("user carol 503")
		g.line("login of carol")
		app := g.name("App")
		g.line("app %s com.example.%s of carol", app, app)
		g.line("%s makes file %s", app, g.fresh("/Users/carol"))
		if g.odds(2) {
			g.line("%s exits", app)
			g.line("logout of carol")
		}
	},
	func(g *gen) { // two files change places
		a, b := g.newHome(), g.newHome()
		g.line("file %s 2k", a)
		g.line("file %s 3k", b)
		g.line("%s exchanges %s and %s", g.pick(g.apps), a, b)
	},
}

func (g *gen) addr() string {
	return strings.Join([]string{"203", "0", "113", g.oneOf("5", "6", "7", "8")}, ".")
}

// user is somebody who has an account.
func (g *gen) user() string {
	if g.bob && g.odds(2) {
		return "bob"
	}
	return "alice"
}

// without is a subscription that lacks some kinds.
func without(g *rng, n int) string {
	var names []string
	for _, k := range es.AllKinds().List() {
		names = append(names, k.String())
	}
	for range n {
		i := g.n(len(names))
		names = slices.Delete(names, i, i+1)
	}
	return strings.Join(names, " ")
}
