package scenario

import (
	"ascribe.example/es"
)

// sessions are sentences about people: logins, screens, other users, and the volumes that come and go.
var sessions = []spec{
	{pattern: "login of <user:user>", does: func(r *run, a *args) error {
		u := r.user(a, "user")
		if u.window != nil && u.window.alive {
			return &wrong{word: a.get("user"), want: "a user who is not logged in yet"}
		}
		r.m.logIn(u)
		return nil
	}},
	{pattern: "logout of <user:user>", does: func(r *run, a *args) error {
		u, err := r.loggedIn(a)
		if err != nil {
			return err
		}
		r.m.tellSession(u.window.cur, es.KindLWSessionLogout, u, "", u.gui)
		r.m.exit(u.window, 0)
		u.window, u.asid = nil, 0
		return nil
	}},
	{pattern: "screen of <user:user> locks|unlocks", does: func(r *run, a *args) error {
		u, err := r.loggedIn(a)
		if err != nil {
			return err
		}
		k := es.KindLWSessionLock
		if a.get("locks|unlocks") == "unlocks" {
			k = es.KindLWSessionUnlock
		}
		r.m.tellSession(u.window.cur, k, u, "", u.gui)
		return nil
	}},
	{pattern: "screen sharing to <user:user> from <word:address> [by <word:appleid>]", needs: "com.apple.screensharing", does: func(r *run, a *args) error {
		return r.sharing(a, es.KindScreenSharingAttach)
	}},
	{pattern: "screen sharing to <user:user> ends [from <word:address>]", needs: "com.apple.screensharing", does: func(r *run, a *args) error {
		return r.sharing(a, es.KindScreenSharingDetach)
	}},
	{pattern: "authentication of <user:user> [fails]", needs: "com.apple.opendirectoryd", does: func(r *run, a *args) error {
		d := r.system("com.apple.opendirectoryd")
		u := r.user(a, "user")
		ev := &es.Authentication{Success: !a.has("fails"), RecordName: u.name, UID: es.Unset}
		if u.window != nil && u.window.alive {
			w := r.m.describe(u.window.cur)
			ev.Instigator = &w
		}
		r.m.tell(d.cur, ev, nil)
		return nil
	}},
	{pattern: "failed ssh of <user:user> from <word:address>", does: func(r *run, a *args) error {
		u := r.user(a, "user")
		top := r.m.launch(starting{
			name: "sshd-keygen-wrapper", label: "com.openssh.sshd.failed", image: r.m.program("/usr/libexec/sshd-keygen-wrapper", "", ""), kind: "daemon",
			behalf: behalf{class: "system", session: "background", asid: r.m.launchd.cur.cred.asid},
		})
		r.m.exec(top, r.m.program("/usr/sbin/sshd", "", ""), execHow{args: []string{"/usr/sbin/sshd", "-i"}, name: "sshd"})
		r.m.tell(top.cur, &es.Session{Which: es.KindOpenSSHLogin, Username: u.name, UID: u.uid, SourceAddress: a.get("address")}, nil)
		r.m.exit(top, 255<<8)
		return nil
	}},
	{
		pattern: "<name:who> becomes <user:user> [by sudo|su] as <new:child>", does: func(r *run, a *args) error {
			return r.becomes(a, r.user(a, "user"))
		},
	},
	{
		pattern: "<name:who> becomes root [by sudo|su] as <new:child>", does: func(r *run, a *args) error { return r.becomes(a, nil) },
	},
	{
		pattern: "<name:who> mounts <path:path> internal|external|network|image|virtual <word:fs> [read-only]",
		clauses: []string{"cs: case-sensitive"}, does: func(r *run, a *args) error {
			p, path := r.who(a), canonical(a.get("path"))
			if r.m.volumeAt(path) != nil {
				return &wrong{word: a.get("path"), want: "a place where no volume is mounted"}
			}
			v := r.m.mount(path, a.get("internal|external|network|image|virtual"), a.get("fs"), a.has("read-only"), r.owner())
			v.sensitive = a.has("cs")
			r.m.tellMount(p, es.KindMount, v, Truth{Action: "mount", Path: path})
			return nil
		},
	},
	{pattern: "<name:who> remounts <path:path>", does: func(r *run, a *args) error {
		v := r.m.volumeAt(a.get("path"))
		if v == nil {
			return &wrong{word: a.get("path"), want: "a mounted volume"}
		}
		v.readOnly = !v.readOnly
		ev := &es.Mount{Which: es.KindRemount, Statfs: r.m.statfs(v), Disposition: v.disposition()}
		if r.m.client.version < 8 {
			ev.Disposition = es.MountDispositionMissing
		}
		r.m.tell(r.who(a).cur, ev, nil)
		return nil
	}},
	{pattern: "<name:who> unmounts <path:path>", does: func(r *run, a *args) error {
		v := r.m.volumeAt(a.get("path"))
		if v == nil || v == r.m.root || v == r.m.devs {
			return &wrong{word: a.get("path"), want: "a mounted volume"}
		}
		for _, p := range r.m.procs {
			for _, d := range p.fds {
				if d.g.n != nil && d.g.n.vol == v {
					return &wrong{word: a.get("path"), want: "a volume without open files (" + p.cur.name + " has " + r.m.path(d.g.n) + " open)"}
				}
			}
		}
		r.m.unmount(v)
		r.m.tellMount(r.who(a), es.KindUnmount, v, Truth{Action: "unmount", Path: v.path})
		return nil
	}},
	{pattern: "gatekeeper is overridden for <path:path>", needs: "com.apple.syspolicyd", does: func(r *run, a *args) error {
		if r.m.client.version >= since(es.KindGatekeeperUserOverride) {
			r.m.tell(r.system("com.apple.syspolicyd").cur, &es.GatekeeperUserOverride{Path: canonical(a.get("path"))}, nil)
		}
		return nil
	}},
	{pattern: "<name:who> is granted <word:service>", needs: "com.apple.tccd", does: func(r *run, a *args) error {
		p := r.who(a)
		d := r.m.describe(p.cur)
		ev := &es.TCCModify{
			Service: a.get("service"), Identity: p.cur.image.signingID, UpdateType: 1, InstigatorToken: d.AuditToken, Instigator: &d,
			ResponsibleToken: d.ResponsibleAuditToken, Right: 2, Reason: 2,
		}
		if x := p.cur.resp; x != nil && x.alive {
			o := r.m.describe(x.cur)
			ev.Responsible = &o
		} else {
			ev.Responsible = &d
		}
		r.m.tell(r.system("com.apple.tccd").cur, ev, nil)
		return nil
	}},
	{pattern: "<name:who> serves <user:user> from <word:address>", does: func(r *run, a *args) error {
		// A file server works with its client's credentials; where the client sits is told nowhere.
		p, u := r.who(a), r.user(a, "user")
		p.behalf = behalf{class: "remote", user: u, session: "file-sharing", asid: p.cur.cred.asid, address: a.get("address")}
		r.m.setIDs(p, es.KindSetEUID, u.uid)
		return nil
	}},
	{pattern: "<name:who> serves nobody", does: func(r *run, a *args) error {
		p := r.who(a)
		p.behalf = behalf{class: "system", session: "background", asid: p.cur.cred.asid}
		r.m.setIDs(p, es.KindSetEUID, p.cur.cred.ruid)
		return nil
	}},
	{pattern: "<name:who> adds launch item <path:path>", needs: "com.apple.backgroundtaskmanagementd", does: func(r *run, a *args) error {
		p := r.who(a)
		d := r.m.describe(p.cur)
		ev := &es.BTMLaunchItemAdd{Instigator: &d, ItemType: 3, ItemURL: "file://" + a.get("path"), UID: p.cur.cred.ruid, ExecutablePath: a.get("path")}
		if r.m.client.version >= 8 {
			ev.InstigatorToken = d.AuditToken
		}
		r.m.tell(r.system("com.apple.backgroundtaskmanagementd").cur, ev, nil)
		return nil
	}},
}

func (r *run) loggedIn(a *args) (*user, error) {
	u := r.user(a, "user")
	if u.window == nil || !u.window.alive {
		return nil, &wrong{word: a.get("user"), want: "a user who is logged in at the screen"}
	}
	return u, nil
}

// system is a daemon of macOS that runs since before the recording.
func (r *run) system(label string) *proc {
	if p := r.m.jobRunning(label); p != nil {
		return p
	}
	var p *proc
	r.m.already(func() {
		img, _ := r.m.serviceImage(label, "", "", nil)
		b := behalf{class: "system", session: "background", asid: r.m.launchd.cur.cred.asid}
		if label == "com.apple.cron" {
			b.class = "scheduled"
		}
		p = r.m.launch(starting{name: base(img.path), label: label, image: img, root: true, kind: "daemon", services: []string{label}, behalf: b})
	})
	return p
}

// sharing is a viewer that comes to a user's screen, or goes: told by screensharingd, and by nothing else.
func (r *run) sharing(a *args, which es.Kind) error {
	u, err := r.loggedIn(a)
	if err != nil {
		return err
	}
	ev := &es.Session{
		Which: which, Success: true, UID: es.Unset, SourceAddress: a.get("address"), GraphicalSessionID: u.gui, ViewerAppleID: a.get("appleid"),
	}
	if which == es.KindScreenSharingAttach {
		ev.Username, ev.ExistingSession = u.name, true
	}
	r.m.tell(r.system("com.apple.screensharing").cur, ev, nil)
	return nil
}

func (m *mac) tellMount(p *proc, which es.Kind, v *volume, t Truth) {
	ev := &es.Mount{Which: which, Statfs: m.statfs(v), Disposition: v.disposition()}
	if m.client.version < 8 || which == es.KindUnmount {
		ev.Disposition = es.MountDispositionMissing
	}
	m.act(p, t, func() { m.tell(p.cur, ev, nil) })
}

// becomes is sudo -s or su: a shell of another user below this one. Neither makes a new audit session: the audit user id
// stays the person's [S].
func (r *run) becomes(a *args, u *user) error {
	p, m := r.who(a), r.m
	c := m.fork(p)
	c.cur.pgid = c.pid
	s := m.become(c, u, a.get("sudo|su") == "su", nil)
	m.exec(s, m.program("/bin/zsh", "", ""), execHow{args: []string{"-zsh"}, name: a.get("child")})
	s.kind = "shell"
	s.shell = &shellEnd{above: []*proc{c}}
	r.names[a.get("child")] = s
	return nil
}

// become turns a forked child into sudo or su, which tells of it and forks a child with the other identity.
func (m *mac) become(c *proc, u *user, su bool, argv []string) *proc {
	from := c.cur.cred.ruid
	uid, gid, name := uint32(0), uint32(0), "root"
	if u != nil {
		uid, gid, name = u.uid, u.gid, u.name
	}
	ev := &es.Become{Which: es.KindSudo, Success: true, FromUID: from, ToUID: uid, ToUsername: name}
	path := "/usr/bin/sudo"
	if su {
		ev.Which, path = es.KindSu, "/usr/bin/su"
	}
	for _, o := range m.users {
		if o.uid == from {
			ev.FromUsername = o.name
		}
	}
	switch {
	case argv != nil:
	case su:
		argv = []string{"su", "-", name}
	default:
		argv = []string{"sudo", "-u", name, "-s"}
	}
	m.exec(c, m.program(path, "", ""), execHow{args: argv})
	if m.client.version >= 7 {
		m.tell(c.cur, ev, nil)
	}
	s := m.fork(c)
	m.setIDs(s, es.KindSetGID, gid)
	m.setIDs(s, es.KindSetUID, uid)
	return s
}
