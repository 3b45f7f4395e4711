package scenario

import (
	"strconv"

	"ascribe.example/es"
)

// user is a local account, with its graphical session if it has one.
type user struct {
	name   string
	uid    uint32
	gid    uint32
	home   string
	asid   uint32 // of the graphical (or background) session; 0 none yet
	window *proc  // loginwindow
	gui    uint32
}

func (m *mac) userNamed(name string) *user {
	for _, u := range m.users {
		if u.name == name {
			return u
		}
	}
	return nil
}

func (m *mac) newASID() uint32 {
	m.lastASID++
	return m.lastASID
}

// session is the audit session of what launchd starts for the user: the graphical one, else one of its own.
func (u *user) session(m *mac) uint32 {
	if u.asid == 0 {
		u.asid = m.newASID()
	}
	return u.asid
}

// logIn gives a user a graphical session: a loginwindow in a new audit session.
func (m *mac) logIn(u *user) {
	u.asid = m.newASID()
	m.lastGUI++
	u.gui = m.lastGUI
	u.window = m.launch(starting{
		name: "loginwindow", label: "com.apple.loginwindow", image: m.program(programOf["com.apple.loginwindow"].path, "com.apple.loginwindow", ""),
		user: u, kind: "daemon", behalf: behalf{class: "console", user: u, session: "console", asid: u.asid},
	})
	m.tellSession(u.window.cur, es.KindLWSessionLogin, u, "", u.gui)
}

func (m *mac) tellSession(x *execution, which es.Kind, u *user, address string, gui uint32) {
	ev := &es.Session{Which: which, Success: true, Username: u.name, UID: u.uid, SourceAddress: address, GraphicalSessionID: gui}
	switch which {
	case es.KindLWSessionLogin, es.KindLWSessionLogout, es.KindLWSessionLock, es.KindLWSessionUnlock:
		ev.UID = es.Unset
	}
	m.tell(x, ev, nil)
}

// newTTY is a terminal, as a message shows it.
func (m *mac) newTTY(u *user) *es.File {
	m.lastTTY++
	s := strconv.Itoa(int(m.lastTTY))
	for len(s) < 3 {
		s = "0" + s
	}
	n := m.device("ttys"+s, 0x10000000+m.lastTTY)
	n.mode, n.uid, n.gid = es.ModeChar|0o620, u.uid, 4
	f := m.file(n)
	return &f
}

// giveTTY puts a process's standard descriptors on its terminal.
func (m *mac) giveTTY(p *proc, tty *es.File) {
	for len(p.fds) > 0 {
		m.closeFD(p, &p.fds[len(p.fds)-1]) // dup2 closes what it covers
	}
	n := m.find(tty.Path)
	m.tell(p.cur, &es.Open{FFlag: es.FRead | es.FWrite, File: m.file(n)}, nil)
	g := &glob{n: n, flags: es.FRead | es.FWrite}
	for i := int32(0); i < 3; i++ {
		p.giveFD(g, i, false)
	}
}

// shellEnd is what goes with a shell when it exits.
type shellEnd struct {
	above []*proc // login, sshd, cron's child: exit after it, in this order
	told  func()  // a logout event
}

var shellPaths = map[string]string{"zsh": "/bin/zsh", "bash": "/bin/bash", "sh": "/bin/sh", "fish": "/opt/homebrew/bin/fish"}

func shellEnv(u *user, more ...string) []string {
	return append([]string{
		"HOME=" + u.home, "USER=" + u.name, "LOGNAME=" + u.name, "SHELL=/bin/zsh", "PATH=/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin",
		"XPC_SERVICE_NAME=0", "PWD=" + u.home,
	}, more...)
}

// openShell is a new tab of a terminal app: the app forks, the child becomes login -pf, which keeps the audit session,
// tells of the login, forks, drops to the user and becomes the shell [S: login.c].
func (m *mac) openShell(name string, term *proc, which string) *proc {
	u := term.user
	c := m.fork(term)
	tty := m.newTTY(u)
	m.newSession(c, tty)
	m.giveTTY(c, tty)
	m.exec(c, m.program("/usr/bin/login", "", ""), execHow{args: []string{"login", "-pf", u.name}, env: shellEnv(u, "__CFBundleIdentifier="+term.bundle)})
	c.cur.cred.ruid, c.cur.cred.rgid = 0, 0
	m.tellSession(c.cur, es.KindLoginLogin, u, "", 0)
	s := m.fork(c)
	s.cwd = m.folder(u.home)
	s.cur.pgid = s.pid
	m.setIDs(s, es.KindSetGID, u.gid)
	m.setIDs(s, es.KindSetUID, u.uid)
	m.exec(s, m.program(shellPaths[which], "", ""), execHow{args: []string{"-" + which}, env: c.cur.env, name: name})
	s.kind = "shell"
	s.shell = &shellEnd{above: []*proc{c}, told: func() { m.tellSession(c.cur, es.KindLoginLogout, u, "", 0) }}
	m.work()
	return s
}

// childShell is a shell that a program starts for itself, without a login: bash under an editor, an agent, a shell.
func (m *mac) childShell(name string, parent *proc, which string, pty bool) *proc {
	s := m.fork(parent)
	if pty && parent.user != nil {
		tty := m.newTTY(parent.user)
		m.newSession(s, tty)
		m.giveTTY(s, tty)
	}
	s.cur.pgid = s.pid
	m.exec(s, m.program(shellPaths[which], "", ""), execHow{args: []string{shellPaths[which], "-i"}, name: name})
	s.kind = "shell"
	m.work()
	return s
}

// ssh is a connection: launchd starts sshd-keygen-wrapper, which becomes sshd; the login makes a new audit session with
// the user's audit id; the privileged sshd forks one that drops to the user, and that forks the shell [S: OpenSSH, R].
func (m *mac) ssh(name string, u *user, address string, tty bool, command []string) *proc {
	asid := m.newASID()
	b := behalf{class: "remote", user: u, session: "ssh", asid: asid, address: address}
	top := m.launch(starting{
		name: "sshd-keygen-wrapper", label: "com.openssh.sshd." + strconv.FormatUint(m.rng.next()|1<<63, 16)[:8],
		image: m.program("/usr/libexec/sshd-keygen-wrapper", "", ""), behalf: b, kind: "daemon",
	})
	m.exec(top, m.program("/usr/sbin/sshd", "", ""), execHow{args: []string{"/usr/sbin/sshd", "-i"}, name: "sshd"})
	top.behalf.resp = top
	top.user = u
	top.cur.cred.auid, top.cur.cred.asid = u.uid, asid
	m.tellSession(top.cur, es.KindOpenSSHLogin, u, address, 0)
	mid := m.fork(top)
	mid.cur.name = "sshd"
	m.setIDs(mid, es.KindSetGID, u.gid)
	m.setIDs(mid, es.KindSetUID, u.uid)
	s := m.fork(mid)
	s.cwd = m.folder(u.home)
	if tty {
		t := m.newTTY(u)
		m.newSession(s, t)
		m.giveTTY(s, t)
	} else {
		s.cur.sid, s.cur.pgid = s.pid, s.pid
	}
	img, args := m.program("/bin/zsh", "", ""), []string{"-zsh"}
	if len(command) > 0 {
		img, args = m.program(command[0], "", ""), command
	}
	m.exec(s, img, execHow{args: args, env: shellEnv(u, "SSH_CONNECTION="+address+" 51234 10.0.0.2 22"), name: name})
	s.kind = "shell"
	s.shell = &shellEnd{above: []*proc{mid, top}, told: func() { m.tellSession(top.cur, es.KindOpenSSHLogout, u, address, 0) }}
	m.work()
	return s
}

// cron runs a job: the daemon forks twice, the second child becomes the user by setuid alone and runs /bin/sh, which
// becomes bash. The audit user id stays cron's, that is unset [S: do_command.c].
func (m *mac) cron(name string, d *proc, u *user) *proc {
	mid := m.fork(d)
	mid.cur.name = d.cur.name
	s := m.fork(mid)
	s.behalf = behalf{resp: d, class: "scheduled", user: u, session: "background", asid: d.cur.cred.asid}
	s.user = u
	s.cwd = m.folder(u.home)
	s.cur.sid, s.cur.pgid = s.pid, s.pid
	m.setIDs(s, es.KindSetGID, u.gid)
	m.setIDs(s, es.KindSetUID, u.uid)
	env := []string{"HOME=" + u.home, "LOGNAME=" + u.name, "PATH=/usr/bin:/bin", "SHELL=/bin/sh"}
	m.exec(s, m.program("/bin/sh", "", ""), execHow{args: []string{"/bin/sh", "-c", "job"}, env: env, name: "sh"})
	m.exec(s, m.program("/bin/bash", "", ""), execHow{args: []string{"/bin/sh", "-c", "job"}, env: env, name: name})
	s.kind = "shell"
	s.shell = &shellEnd{above: []*proc{mid}}
	m.work()
	return s
}

// at runs a job once: launchd starts atrun now and then, which becomes the user and runs /bin/sh, as cron's children do.
func (m *mac) at(name string, u *user) *proc {
	d := m.launch(starting{
		name: "atrun", label: "com.apple.atrun", image: m.program("/usr/libexec/atrun", "com.apple.atrun", ""), root: true, kind: "daemon",
		behalf: behalf{class: "scheduled", session: "background", asid: m.launchd.cur.cred.asid},
	})
	s := m.cron(name, d, u)
	s.shell.above = append(s.shell.above, d)
	return s
}

func (m *mac) jobRunning(label string) *proc {
	for _, j := range m.jobs {
		if j.label == label && j.proc != nil && j.proc.alive {
			return j.proc
		}
	}
	return nil
}

// endShell lets a shell go, and what stood above it for its sake.
func (m *mac) endShell(p *proc, stat int32) {
	end := p.shell
	m.exit(p, stat)
	if end == nil {
		return
	}
	if end.told != nil && end.above[len(end.above)-1].alive {
		end.told()
	}
	for _, a := range end.above {
		if a.alive {
			m.exit(a, 0)
		}
	}
}
