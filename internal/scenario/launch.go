package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"ascribe.example/es"
)

// job is a launchd job.
type job struct {
	label    string
	program  string
	services []string
	domain   string
	uid      uint32
	proc     *proc
}

func (m *mac) makeLaunchd() {
	m.pidv++
	p := &proc{pid: 1, start: m.startTime() - 3600e9, alive: true, kind: "launchd"}
	p.parent = p
	p.cwd = m.root.root
	p.cur = &execution{
		p: p, name: "launchd", stage: "program", pidv: m.pidv, image: m.program("/sbin/launchd", "", ""),
		cred: cred{auid: es.Unset, asid: m.lastASID}, pgid: 1, sid: 1, thread: 300, args: []string{"/sbin/launchd"},
	}
	p.origPPID = 0
	p.behalf = behalf{class: "system", session: "background", asid: m.lastASID}
	m.launchd = p
	m.procs = append(m.procs, p)
	m.byPID[1] = p
	m.live(p.cur)
	m.giveNull(p)
}

// giveNull gives a process its three standard descriptors, on /dev/null.
func (m *mac) giveNull(p *proc) {
	g := &glob{n: m.device("null", 0x3000002), flags: es.FRead | es.FWrite}
	for i := int32(0); i < 3; i++ {
		p.giveFD(g, i, false)
	}
}

func (m *mac) device(name string, rdev int32) *node {
	if n := m.devs.root.kid(name); n != nil {
		return n
	}
	n := m.add(m.devs.root, name, es.ModeChar|0o666)
	n.rdev = rdev
	t := es.Time(startOfTime - 3600e9)
	n.atime, n.mtime, n.ctime, n.birth = t, t, t, 0
	return n
}

// starting is what launchd is told of a job to start.
type starting struct {
	name     string
	label    string
	image    *image
	args     []string
	env      []string
	user     *user // nil: the system
	root     bool
	resp     *proc // per-app XPC services answer to their app; nil: themselves
	behalf   behalf
	kind     string
	bundle   string
	services []string
	held     []string // descriptors that xpcproxy happens to hold when it hands over
	client   bool     // an Endpoint Security client
	adopt    *user    // a daemon that is put in a caller's audit session
}

// launch is how launchd starts anything: it spawns xpcproxy with the label, and xpcproxy becomes the service by
// posix_spawn(SETEXEC): one pid and start time, three pidversions. Audit session, users and process group change at the
// second exec [S, R].
func (m *mac) launch(s starting) *proc {
	p := m.fork(m.launchd)
	p.behalf, p.user, p.label, p.bundle, p.kind = s.behalf, s.user, s.label, s.bundle, s.kind
	p.cwd, p.isES = m.root.root, s.client
	env := []string{"PATH=/usr/bin:/bin:/usr/sbin:/sbin", "XPC_FLAGS=0x0"}
	m.exec(p, m.program("/usr/libexec/xpcproxy", "", ""), execHow{
		args: []string{"xpcproxy", s.label}, env: env, name: "xpcproxy", stage: "xpcproxy", spawn: true,
	})
	m.proxyWork(p)
	for _, h := range s.held {
		m.openPath(p, h, es.FRead|es.FWrite|es.OCreat, 0o644, false)
	}
	c := cred{auid: es.Unset, asid: m.launchd.cur.cred.asid}
	sid := p.pid
	if s.user != nil {
		c = cred{auid: s.user.uid, euid: s.user.uid, ruid: s.user.uid, egid: s.user.gid, rgid: s.user.gid, asid: s.user.session(m)}
		sid = 1
	}
	if s.adopt != nil {
		c.auid, c.asid = s.adopt.uid, s.adopt.session(m)
	}
	if s.root {
		c.euid, c.ruid, c.egid, c.rgid = 0, 0, 0, 0
	}
	env = append(env, "XPC_SERVICE_NAME="+s.label)
	if s.user != nil {
		env = append(env, "HOME="+s.user.home, "USER="+s.user.name, "LOGNAME="+s.user.name, "SHELL=/bin/zsh")
	}
	if s.bundle != "" {
		env = append(env, "__CFBundleIdentifier="+s.bundle)
	}
	if s.args == nil {
		s.args = []string{s.image.path}
	}
	env = append(env, s.env...)
	m.exec(p, s.image, execHow{args: s.args, env: env, name: s.name, resp: s.resp, cred: &c, pgid: p.pid, sid: sid})
	if m.client != nil && m.client.version >= since(es.KindBootstrapCheckIn) {
		for _, service := range s.services {
			d := m.describe(p.cur)
			m.tell(m.launchd.cur, &es.BootstrapCheckIn{ServiceName: service, Instigator: &d, InstigatorToken: d.AuditToken}, nil)
		}
	}
	m.jobs = append(m.jobs, &job{label: s.label, program: s.image.path, services: s.services, domain: m.domain(s), uid: c.ruid, proc: p})
	m.work()
	return p
}

func (m *mac) domain(s starting) string {
	switch {
	case s.resp != nil:
		return "pid/" + strconv.Itoa(int(s.resp.pid))
	case s.user != nil:
		return "gui/" + strconv.Itoa(int(s.user.uid))
	}
	return "system"
}

// proxyWork is what xpcproxy itself does before it hands over.
func (m *mac) proxyWork(p *proc) {
	m.device("dtracehelper", 0x4000003)
	a := m.openPath(p, "/dev/dtracehelper", es.FRead|es.FWrite, 0, true)
	m.closeFD(p, p.fd(a))
	b := m.openPath(p, "/System/Library/Sandbox/Profiles/application.sb", es.FRead, 0, true)
	m.closeFD(p, p.fd(b))
}

// already runs f as something that was before the recording: nothing is told, and it all began half an hour ago.
func (m *mac) already(f func()) {
	const ago = 1800e9
	m.silent++
	m.wall -= ago
	f()
	m.wall += ago
	m.silent--
}

// appImage is the program of an app: by its bundle id where it is well known, else by its name.
func (m *mac) appImage(name, bundle, at, team string) *image {
	p := programOf[bundle]
	switch {
	case at != "":
		if strings.HasSuffix(at, ".app") {
			at += "/Contents/MacOS/" + strings.TrimSuffix(base(at), ".app")
		}
	case p != nil:
		at = p.path
		if team == "" {
			team = p.team
		}
	case strings.HasPrefix(bundle, "com.apple."):
		at = "/System/Applications/" + name + ".app/Contents/MacOS/" + name
	default:
		at = "/Applications/" + name + ".app/Contents/MacOS/" + name
	}
	if team == "" && !systemPath(at) {
		team = teamOf(bundle)
	}
	return m.program(at, bundle, team)
}

// teamOf makes up a team id.
func teamOf(bundle string) string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	h := hash("team " + bundle)
	b := make([]byte, 10)
	for i := range b {
		b[i] = letters[h%32]
		h = h/32 + h<<59
	}
	return string(b)
}

// launchApp is LaunchServices' way: a child of launchd that answers for itself; who asked is told nowhere.
func (m *mac) launchApp(name, bundle string, img *image, u *user) *proc {
	m.lastJob += 5
	p := m.launch(starting{
		name: name, label: fmt.Sprintf("application.%s.%d.%d", bundle, m.lastJob, m.lastJob+5), image: img, user: u, kind: "app", bundle: bundle,
		behalf: behalf{class: "console", user: u, session: "console", asid: u.session(m)},
	})
	p.appRoot = img.path
	if i := strings.Index(img.path, ".app/"); i >= 0 {
		p.appRoot = img.path[:i+4]
	}
	p.style = styleOf(bundle)
	return p
}

// styleOf says how a well-known app downloads.
func styleOf(bundle string) string {
	switch bundle {
	case "com.apple.Safari":
		return "safari"
	case "com.google.Chrome", "com.microsoft.edgemac", "com.brave.Browser":
		return "chrome"
	case "org.mozilla.firefox":
		return "firefox"
	}
	return ""
}

// serviceImage is the program behind a label.
func (m *mac) serviceImage(label, at, team string, app *proc) (img *image, root bool) {
	p := programOf[label]
	switch {
	case at != "":
		if team == "" && !systemPath(at) {
			team = teamOf(label)
		}
		return m.program(at, label, team), false
	case p != nil:
		return m.program(p.path, p.id, p.team), p.root
	case app != nil && !strings.HasPrefix(label, "com.apple."):
		return m.program(app.appRoot+"/Contents/XPCServices/"+label+".xpc/Contents/MacOS/"+label, label, app.cur.image.team), false
	case strings.HasPrefix(label, "com.apple."):
		return m.program("/usr/libexec/"+label[strings.LastIndexByte(label, '.')+1:], label, ""), false
	}
	return m.program("/Library/PrivilegedHelperTools/"+label, label, teamOf(label)), false
}
