package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"ascribe.example/es"
)

// declarations name who and what there is.
var declarations = []spec{
	{
		pattern: "user <newuser:user> <num:uid> [console|background] [home <path:home>]", quiet: true,
		clauses: []string{"now: logging in now"}, does: (*run).declareUser,
	},
	{
		pattern: "volume <path:path> internal|external|network|image|virtual <word:fs> [read-only]", quiet: true,
		clauses: []string{"ro: read-only", "cs: case-sensitive"}, does: (*run).declareVolume,
	},
	{
		pattern: "app <new:name> <word:bundle> of <user:user> [at <path:at>] [signed <word:team>]",
		clauses: []string{"already: already running"}, does: (*run).declareApp,
	},
	{
		pattern: "service <new:name> <word:label> for <name:app> [at <path:at>] [as root] [signed <word:team>]",
		clauses: []string{"already: already running", "held: xpcproxy holding <path:held...>", "root: as root"}, does: (*run).declareService,
	},
	{
		pattern: "daemon <new:name> <word:label> [of <user:user>] [at <path:at>] [as <user:as>] [signed <word:team>]",
		clauses: []string{
			"already: already running", "held: xpcproxy holding <path:held...>", "session: in the session of <user:session>",
			"services: serving <word:services...>", "schedule: on a schedule",
			"client: an Endpoint Security client",
		}, does: (*run).declareDaemon,
	},
	{
		pattern: "shell <new:name> in <name:parent> [zsh|bash|sh|fish]",
		clauses: []string{"already: already running", "pty: with a terminal"}, does: (*run).declareShell,
	},
	{
		pattern: "ssh <new:name> of <user:user> from <word:address>",
		clauses: []string{"already: already running", "tty: without a terminal", "sftp: for sftp", "scp: for scp"}, does: (*run).declareSSH,
	},
	{pattern: "cron <new:name> of <user:user>", needs: "com.apple.cron", does: func(r *run, a *args) error {
		r.names[a.get("name")] = r.m.cron(a.get("name"), r.system("com.apple.cron"), r.user(a, "user"))
		return nil
	}},
	{pattern: "at <new:name> of <user:user>", does: func(r *run, a *args) error {
		r.names[a.get("name")] = r.m.at(a.get("name"), r.user(a, "user"))
		return nil
	}},
	{
		pattern: "agent <new:name> <word:program> in <name:parent> [at <path:at>] [signed <word:team>]",
		clauses: []string{"already: already running", "script: running <path:script>"}, does: (*run).declareAgent,
	},
	{pattern: "folder <path:path> [of <user:user>] [mode <mode:mode>]", quiet: true, clauses: []string{"with: with <num:n> files"}, does: func(r *run, a *args) error {
		n := r.m.folder(a.get("path"))
		if !n.isDir() {
			return &wrong{word: a.get("path"), want: "a folder, not a file"}
		}
		r.dress(n, a)
		for i := range a.num("n", 0) {
			r.m.there(join(a.get("path"), "file-"+strconv.Itoa(int(i+1))))
		}
		return nil
	}},
	{
		pattern: "file <path:path> [<size:size>] [of <user:user>] [mode <mode:mode>]", quiet: true,
		clauses: []string{"xattr: with <word:xattr...>", "empty: empty"}, does: func(r *run, a *args) error {
			n := r.m.there(a.get("path"))
			if n.isDir() {
				return &wrong{word: a.get("path"), want: "a file, not a folder"}
			}
			n.size = a.num("size", n.size)
			if a.has("empty") {
				n.size = 0
			}
			n.xattrs = append(n.xattrs, a.list("xattr")...)
			r.dress(n, a)
			return nil
		},
	},
	{pattern: "hardlink <path:path> to <path:to>", quiet: true, does: func(r *run, a *args) error {
		n := r.m.there(a.get("to"))
		path := canonical(a.get("path"))
		if r.m.find(path) != nil {
			return &wrong{word: a.get("path"), want: "a path where nothing is yet"}
		}
		if v, _ := r.m.volumeOf(path); v != n.vol || n.isDir() {
			return &wrong{word: a.get("path"), want: "a name on the file's own volume"}
		}
		r.m.attach(n, r.m.folder(dirOf(path)), base(path))
		n.nlink++
		return nil
	}},
}

func (r *run) user(a *args, key string) *user { return r.m.userNamed(a.get(key)) }

func (r *run) dress(n *node, a *args) {
	if u := r.user(a, "user"); u != nil {
		n.uid, n.gid = u.uid, u.gid
	}
	if a.has("mode") {
		v, _ := strconv.ParseUint(a.get("mode"), 8, 16)
		n.mode = n.mode&es.ModeType | uint16(v)
	}
}

func (r *run) declareUser(a *args) error {
	uid := a.num("uid", 0)
	if uid <= 0 || uid > 1<<31 {
		return &wrong{word: a.get("uid"), want: "a user id above 0"}
	}
	u := &user{name: a.get("user"), uid: uint32(uid), gid: 20, home: "/Users/" + a.get("user")}
	if a.has("home") {
		u.home = canonical(a.get("home"))
	}
	for _, o := range r.m.users {
		if o.uid == u.uid {
			return &wrong{word: a.get("uid"), want: "a user id of its own: " + o.name + " has it"}
		}
	}
	r.m.users = append(r.m.users, u)
	h := r.m.folder(u.home)
	h.uid, h.gid = u.uid, u.gid
	if a.get("console|background") != "console" {
		return nil
	}
	if a.has("now") {
		r.m.client.poise(r.m)
		r.m.logIn(u)
		return nil
	}
	return r.already(func() error { r.m.logIn(u); return nil })
}

// already lets f happen before the recording; it must not have begun.
func (r *run) already(f func() error) (err error) {
	if r.m.client.begun && r.m.client.global > 0 {
		return fmt.Errorf("what already runs must stand before what happens")
	}
	r.m.already(func() { err = f() })
	if r.m.client.begun && r.m.client.snap {
		r.m.client.snapshot = r.m.snapshot()
	}
	return err
}

// maybeAlready is already where the sentence says so, and now otherwise.
func (r *run) maybeAlready(a *args, f func() error) error {
	if a.has("already") {
		return r.already(f)
	}
	return f()
}

func (r *run) declareVolume(a *args) error {
	path := canonical(a.get("path"))
	if r.m.volumeAt(path) != nil {
		return &wrong{word: a.get("path"), want: "a place where no volume is mounted yet"}
	}
	v := r.m.mount(path, a.get("internal|external|network|image|virtual"), a.get("fs"), a.has("ro") || a.has("read-only"), r.owner())
	v.sensitive = a.has("cs")
	if r.m.client.begun && r.m.client.global == 0 && r.m.client.snap {
		r.m.client.snapshot = r.m.snapshot()
	}
	return nil
}

// owner is who mounts volumes: the first user.
func (r *run) owner() uint32 {
	if len(r.m.users) > 0 {
		return r.m.users[0].uid
	}
	return 501
}

func (r *run) declareApp(a *args) error {
	return r.maybeAlready(a, func() error {
		name, bundle := a.get("name"), a.get("bundle")
		r.names[name] = r.m.launchApp(name, bundle, r.m.appImage(name, bundle, a.get("at"), a.get("team")), r.user(a, "user"))
		return nil
	})
}

func (r *run) declareService(a *args) error {
	app, err := r.lives(a, "app")
	if err != nil {
		return err
	}
	return r.maybeAlready(a, func() error {
		label := a.get("label")
		img, root := r.m.serviceImage(label, a.get("at"), a.get("team"), app)
		r.names[a.get("name")] = r.m.launch(starting{
			name: a.get("name"), label: label, image: img, user: app.user, root: root || a.has("root") || a.has("as root"), resp: app, behalf: app.standsFor(),
			kind: "service", services: []string{label}, held: a.list("held"),
		})
		return nil
	})
}

func (r *run) declareDaemon(a *args) error {
	return r.maybeAlready(a, func() error {
		label, u := a.get("label"), r.user(a, "user")
		img, root := r.m.serviceImage(label, a.get("at"), a.get("team"), nil)
		s := starting{
			name: a.get("name"), label: label, image: img, user: u, root: u == nil, kind: "daemon", services: []string{label},
			held: a.list("held"), client: a.has("client"), adopt: r.user(a, "session"),
			behalf: behalf{class: "system", session: "background", asid: r.m.launchd.cur.cred.asid},
		}
		_ = root // a launch agent runs as its user, whatever it is
		s.services = append(s.services, a.list("services")...)
		if !img.platform {
			s.behalf.class = "unknown" // neither a person nor macOS itself [S: launchd's jobs answer for themselves]
		}
		if a.has("schedule") {
			s.behalf.class = "scheduled"
		}
		if u != nil {
			s.behalf.user, s.behalf.asid = u, u.session(r.m)
			if u.window != nil {
				s.behalf.session = "console"
			}
		}
		if as := r.user(a, "as"); as != nil {
			s.user, s.root = as, false
		}
		p := r.m.launch(s)
		r.names[a.get("name")] = p
		return nil
	})
}

func (r *run) declareShell(a *args) error {
	parent, err := r.lives(a, "parent")
	if err != nil {
		return err
	}
	which := a.get("zsh|bash|sh|fish")
	if which == "" {
		which = "zsh"
	}
	return r.maybeAlready(a, func() error {
		name := a.get("name")
		if parent.kind == "app" && !a.has("pty") {
			r.names[name] = r.m.openShell(name, parent, which)
		} else {
			r.names[name] = r.m.childShell(name, parent, which, a.has("pty"))
		}
		return nil
	})
}

func (r *run) declareSSH(a *args) error {
	return r.maybeAlready(a, func() error {
		var command []string
		switch {
		case a.has("sftp"), a.has("scp"):
			command = []string{"/usr/libexec/sftp-server"}
		}
		tty := !a.has("tty") && command == nil
		r.names[a.get("name")] = r.m.ssh(a.get("name"), r.user(a, "user"), a.get("address"), tty, command)
		return nil
	})
}

func (r *run) declareAgent(a *args) error {
	parent, err := r.lives(a, "parent")
	if err != nil {
		return err
	}
	return r.maybeAlready(a, func() error {
		word := a.get("program")
		home := "/var/root"
		if parent.user != nil {
			home = parent.user.home
		}
		g, known := agents[word]
		if !known {
			g.path, g.id = "/opt/homebrew/bin/"+word, word
		}
		if a.has("at") {
			g.path = a.get("at")
		}
		if a.has("team") {
			g.team = a.get("team")
		}
		if a.has("script") {
			g.script = a.get("script")
		}
		path := homely(g.path, home)
		cmd := []string{word}
		if g.script != "" {
			cmd = []string{base(path), homely(g.script, home)}
			r.m.there(cmd[1])
		}
		p := r.m.fork(parent)
		p.cur.pgid = p.pid
		r.m.exec(p, r.m.program(path, g.id, g.team), execHow{args: cmd, name: a.get("name")})
		p.kind = "agent"
		p.behalf.agent = p
		r.names[a.get("name")] = p
		return nil
	})
}

// happenings are what time, the Mac itself and people do.
var happenings = []spec{
	{pattern: "wait <time:d>", does: func(r *run, a *args) error {
		d := a.duration("d")
		if d < 0 {
			return &wrong{word: a.get("d"), want: "a time span forward"}
		}
		r.m.now += int64(d)
		return nil
	}},
	{pattern: "next pid <num:n>", quiet: true, does: func(r *run, a *args) error {
		n := a.num("n", 0)
		if n < 100 || n > 99999 {
			return &wrong{word: a.get("n"), want: "a pid from 100 to 99999"}
		}
		r.m.lastPID = int32(n) - 1
		return nil
	}},
	{pattern: "next pidversion <num:n>", quiet: true, does: func(r *run, a *args) error {
		r.m.pidv = uint32(a.num("n", 1)) - 1
		return nil
	}},
	{pattern: "next session <num:n>", quiet: true, does: func(r *run, a *args) error {
		r.m.lastASID = uint32(a.num("n", 1)) - 1
		return nil
	}},
	{pattern: "the Mac sleeps <time:d>", does: func(r *run, a *args) error { r.m.nap(a.duration("d")); return nil }},
	{pattern: "the clock steps by <time:d>", does: func(r *run, a *args) error { r.m.stepClock(a.duration("d")); return nil }},
	{pattern: "means itself", low: true, does: func(r *run, _ *args) error { r.m.loose, r.m.mark = r.m.loose[:0], len(r.m.ops); return nil }},
	{pattern: "means nothing", low: true, does: func(r *run, _ *args) error { r.m.means(nil, Truth{}, false); return nil }},
	{
		pattern: "means <word:action> <path:path> [from <path:from>] [by <word:method>]", low: true,
		clauses: []string{"by: by <name:by>", "with: with <name:with...>", "for: for <name:for>", "replaced: replacing another", "failed: which failed", "own: of its own messages"},
		does: func(r *run, a *args) error {
			p := r.proc(a, "by")
			if p == nil {
				return &wrong{want: "a clause \", by NAME\""}
			}
			kept := p.behalf
			if f := r.proc(a, "for"); f != nil {
				p.behalf = f.standsFor()
			}
			var parts []es.Key
			for _, w := range a.list("with") {
				parts = append(parts, r.names[w].cur.key())
			}
			r.m.means(p, Truth{
				Parts: parts, Action: a.get("action"), Path: a.get("path"), SourcePath: a.get("from"), Method: a.get("method"), Replaced: a.has("replaced"),
				Failed: a.has("failed"),
			}, a.has("own"))
			p.behalf = kept
			return nil
		},
	},
}

// labelOf is the Mach service that a name stands for.
func labelOf(p *proc) string { return strings.TrimSpace(p.label) }
