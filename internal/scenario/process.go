package scenario

import (
	"slices"
	"time"

	"ascribe.example/es"
)

// cred is who a process runs as: the words of its audit token that can change while the execution stays.
type cred struct {
	auid, euid, egid, ruid, rgid uint32
	asid                         uint32
}

// image is a program.
type image struct {
	path      string
	file      *node
	signingID string
	team      string
	platform  bool
	flags     uint32
	category  int32
	cdhash    es.CDHash
}

// execution is one image in one process: what (pid, pidversion) names. It keeps its own credentials, so that an image
// that was exec-ed away is still described as it was.
type execution struct {
	p      *proc
	name   string
	stage  string // fork, xpcproxy, program
	pidv   uint32
	boot   uint32
	image  *image
	shown  *image // told instead of image, where Endpoint Security shows the old one
	cred   cred
	pgid   int32
	sid    int32
	tty    *es.File
	resp   *proc // nil: itself
	args   []string
	env    []string
	thread uint64
	from   es.Time
	to     es.Time
}

func (x *execution) key() es.Key { return es.Key{Boot: x.boot, PID: x.p.pid, PIDVersion: x.pidv} }

func (x *execution) token() es.AuditToken {
	return es.AuditToken{
		AUID: x.cred.auid, EUID: x.cred.euid, EGID: x.cred.egid, RUID: x.cred.ruid, RGID: x.cred.rgid,
		PID: x.p.pid, ASID: x.cred.asid, PIDVersion: x.pidv,
	}
}

// proc is one process: it keeps its pid, start time, descriptors and parent over every exec.
type proc struct {
	pid      int32
	parent   *proc
	origPPID int32
	kids     []*proc
	cur      *execution
	start    es.Time
	fds      []fd
	cwd      *node
	alive    bool
	behalf   behalf
	label    string // launchd label
	bundle   string
	appRoot  string // of apps: the bundle's folder
	user     *user
	kind     string    // app, service, daemon, shell, tool, agent, …
	shell    *shellEnd // of shells: what goes with them
	style    string    // how it downloads or saves, where the program is known
	isES     bool
	lingers  bool // tokens go on naming it once it has exited
}

// behalf is the truth about whom a process works for: it is inherited by children and set anew by launchd, logins and
// agents. Tokens may say less.
type behalf struct {
	resp    *proc // nil: itself
	class   string
	user    *user
	session string
	asid    uint32
	address string
	agent   *proc
}

// fd is a descriptor: a number for an open file that other descriptors may share.
type fd struct {
	num     int32
	g       *glob
	cloexec bool
}

// glob is an open file (XNU's fileglob): shared by dup, fork and passing. written is FWASWRITTEN.
type glob struct {
	n       *node // nil: a pipe
	pipe    uint64
	flags   int32
	offset  int64
	written bool
	refs    int
	op      *op // the operation that it was opened for writing in
}

func (m *mac) newPID() int32 {
	for {
		m.lastPID++
		if m.lastPID > 99999 { // PID_MAX, back to 100 [S]
			m.lastPID = 100
		}
		if m.byPID[m.lastPID] == nil {
			return m.lastPID
		}
	}
}

func (m *mac) newThread() uint64 {
	m.lastThread += 1 + m.rng.next()%3
	return m.lastThread
}

// startTime is the wall clock in whole microseconds, as timeval has it.
func (m *mac) startTime() es.Time { return m.wallNow() / 1000 * 1000 }

func (m *mac) live(x *execution) {
	x.boot = m.boot
	x.from = m.wallNow()
	m.lives = append(m.lives, x)
}

// fork makes a child with the parent's image, and tells of it. posix_spawn begins so, too [S].
func (m *mac) fork(parent *proc) *proc {
	x := parent.cur
	m.pidv++
	c := &proc{
		pid: m.newPID(), parent: parent, origPPID: parent.pid, start: m.startTime(), cwd: parent.cwd, alive: true,
		behalf: parent.behalf, user: parent.user,
	}
	c.cur = &execution{
		p: c, name: x.name + "'s child", stage: "fork", pidv: m.pidv, image: x.image, cred: x.cred, pgid: x.pgid, sid: x.sid,
		tty: x.tty, resp: x.resp, args: x.args, env: x.env, thread: m.newThread(),
	}
	if c.cur.resp == nil && parent != m.launchd {
		// The kernel copies the parent's responsible pid; the parent's own where it answers for itself. launchd's
		// children answer for themselves from the fork on [R].
		c.cur.resp = parent
	}
	if parent == m.launchd {
		c.cur.resp = nil
	} else if c.behalf.resp == nil {
		c.behalf.resp = parent
	}
	c.fds = make([]fd, len(parent.fds))
	copy(c.fds, parent.fds)
	for i := range c.fds {
		c.fds[i].g.refs++
	}
	parent.kids = append(parent.kids, c)
	m.procs = append(m.procs, c)
	m.byPID[c.pid] = c
	m.live(c.cur)
	m.tell(x, &es.Fork{Child: m.describe(c.cur)}, nil)
	return c
}

// Processors, as mach/machine.h numbers them [D].
const (
	cpuX86   = 0x01000007
	cpuARM64 = 0x0100000C
)

// execHow is what an exec changes besides the image.
type execHow struct {
	args   []string
	env    []string
	name   string
	stage  string
	script *node
	spawn  bool // the second half of posix_spawn: no shadow, the spawner closes what is close-on-exec
	disown bool // responsibility_spawnattrs_setdisclaim
	intel  bool // an image for x86_64
	resp   *proc
	cred   *cred
	pgid   int32
	sid    int32
}

// exec replaces the image: another pidversion under the same pid and start time.
//
// execve and posix_spawn(SETEXEC) build a new process beside the old one and turn the old into a shadow, which closes
// every descriptor it had under the old image's name, also those that stay open in the new one. The shadow dies on its own
// thread, so its closes come before or after the exec's own message [S: kern_exec.c, proc_exit, fdt_invalidate].
func (m *mac) exec(p *proc, img *image, how execHow) {
	old := p.cur
	x := &execution{
		p: p, name: how.name, stage: how.stage, image: img, cred: old.cred, pgid: old.pgid, sid: old.sid, tty: old.tty,
		resp: old.resp, args: how.args, env: how.env, thread: m.newThread(),
	}
	if x.name == "" {
		x.name = base(img.path)
	}
	if x.stage == "" {
		x.stage = "program"
	}
	if how.disown {
		x.resp = nil // a claim of its own: whom it truly works for does not change
	}
	if how.resp != nil {
		x.resp = how.resp
	}
	if how.cred != nil {
		x.cred = *how.cred
	}
	if how.pgid != 0 {
		x.pgid = how.pgid
	}
	if how.sid != 0 {
		x.sid = how.sid
	}
	if img.file.mode&0o4000 != 0 {
		x.cred.euid = img.file.uid
	}
	if x.env == nil {
		x.env = old.env
	}
	dying := append([]fd(nil), p.fds...)
	if how.spawn {
		for _, d := range dying {
			if d.cloexec && d.g.n != nil {
				m.tell(p.parent.cur, m.closeEvent(d.g), m.writersOf(d.g.n))
			}
		}
	}
	kept := p.fds[:0:0]
	for _, d := range p.fds {
		if d.cloexec {
			d.g.refs--
		} else {
			kept = append(kept, d)
		}
	}
	p.fds = kept
	before := m.shadow == shadowBefore || m.shadow == shadowEither && m.rng.n(4) == 0
	if !how.spawn && before {
		m.shadowCloses(old, dying)
	}
	m.pidv++
	x.pidv = m.pidv
	p.cur = x
	m.live(x)
	ev := &es.Exec{
		Target: m.describe(x), CWD: m.file(p.cwd), LastFD: -1, CPUType: cpuARM64, CPUSubtype: -2147483646,
		Args: how.args, Env: x.env,
	}
	if how.intel {
		ev.CPUType, ev.CPUSubtype = cpuX86, 3
	}
	if m.client != nil && m.client.version >= 7 {
		ev.DyldExecPath = img.path
	}
	if how.script != nil {
		f := m.file(how.script)
		ev.Script = &f
	}
	for _, d := range p.fds {
		ev.LastFD = max(ev.LastFD, d.num)
		t := uint32(1)
		if d.g.n == nil {
			t = 6
		}
		ev.FDs = append(ev.FDs, es.FD{FD: d.num, Type: t, PipeID: d.g.pipe})
	}
	m.tell(old, ev, nil)
	old.to = m.wallNow()
	if !how.spawn && !before {
		m.shadowCloses(old, dying)
	}
}

func (m *mac) shadowCloses(old *execution, dying []fd) {
	for _, d := range dying {
		if d.g.n != nil {
			m.tell(old, m.closeEvent(d.g), m.writersOf(d.g.n))
		}
	}
}

func (m *mac) closeEvent(g *glob) *es.Close {
	return &es.Close{Target: m.file(g.n), Modified: g.written, WasMappedWritable: g.n.mapped}
}

// spawn is posix_spawn: fork and exec in one, without a shadow.
func (m *mac) spawn(parent *proc, img *image, how execHow) *proc {
	c := m.fork(parent)
	how.spawn = true
	m.exec(c, img, how)
	return c
}

// exit closes every descriptor, then tells of the exit [S: fdt_invalidate precedes the exit hook]. Children go to launchd.
func (m *mac) exit(p *proc, stat int32) {
	for len(p.fds) > 0 {
		m.closeFD(p, &p.fds[len(p.fds)-1])
	}
	m.end(p, stat)
}

func (m *mac) end(p *proc, stat int32) {
	if !p.alive {
		return
	}
	m.tell(p.cur, &es.Exit{Stat: stat}, nil)
	p.alive = false
	p.cur.to = m.wallNow()
	for _, k := range p.kids {
		if k.alive {
			k.parent = m.launchd
			m.launchd.kids = append(m.launchd.kids, k)
		}
	}
	p.kids = nil
	if i := slices.Index(p.parent.kids, p); i >= 0 {
		p.parent.kids = slices.Delete(p.parent.kids, i, i+1)
	}
	if i := slices.Index(m.procs, p); i >= 0 {
		m.procs = slices.Delete(m.procs, i, i+1)
	}
	delete(m.byPID, p.pid)
	for _, j := range m.jobs {
		if j.proc == p {
			j.proc = nil
		}
	}
}

// describe is es_process_t of an execution, now. The parent and the responsible process are read at this moment: a parent
// that is gone is launchd, a responsible process that is gone is the process itself [D].
func (m *mac) describe(x *execution) es.Process {
	p := x.p
	img := x.image
	if x.shown != nil {
		img = x.shown
	}
	d := es.Process{
		AuditToken: x.token(), PPID: p.parent.pid, OriginalPPID: p.origPPID, GroupID: x.pgid, SessionID: x.sid,
		ParentAuditToken: p.parent.cur.token(), CodesigningFlags: img.flags, CSValidationCategory: img.category, IsPlatformBinary: img.platform,
		IsESClient: p.isES, CDHash: img.cdhash, SigningID: img.signingID, TeamID: img.team, Executable: m.file(img.file), TTY: x.tty,
		StartTime: p.start,
	}
	if m.client != nil && m.client.version < 10 {
		d.CSValidationCategory = -1
	}
	d.ResponsibleAuditToken = d.AuditToken
	if x.resp != nil && (x.resp.alive || x.resp.lingers) {
		d.ResponsibleAuditToken = x.resp.cur.token()
	}
	return d
}

// setIDs changes a process's user while the execution stays; which says by what call.
func (m *mac) setIDs(p *proc, which es.Kind, uid uint32) {
	ev := &es.SetID{Which: which, ID: uid, Real: es.Unset}
	if which == es.KindSetREUID || which == es.KindSetREGID {
		ev.Real = uid
	}
	m.tell(p.cur, ev, nil)
	c := &p.cur.cred
	switch which {
	case es.KindSetUID, es.KindSetREUID:
		c.ruid, c.euid = uid, uid
	case es.KindSetEUID:
		c.euid = uid
	case es.KindSetGID, es.KindSetREGID:
		c.rgid, c.egid = uid, uid
	case es.KindSetEGID:
		c.egid = uid
	}
}

// newSession gives a process a POSIX session and a terminal of its own.
func (m *mac) newSession(p *proc, tty *es.File) {
	p.cur.sid, p.cur.pgid, p.cur.tty = p.pid, p.pid, tty
}

// giveFD opens a descriptor for a glob in p, at the lowest free number or at num.
func (p *proc) giveFD(g *glob, num int32, cloexec bool) *fd {
	if num < 0 {
		num = 0
		for i := 0; i < len(p.fds); i++ {
			if p.fds[i].num == num {
				num++
				i = -1
			}
		}
	}
	g.refs++
	i := 0
	for i < len(p.fds) && p.fds[i].num < num {
		i++
	}
	p.fds = slices.Insert(p.fds, i, fd{num: num, g: g, cloexec: cloexec})
	return &p.fds[i]
}

// dropFD forgets a descriptor without telling: the kernel's own drops give no close [S: fileport_releasefg].
func (p *proc) dropFD(num int32) {
	for i := range p.fds {
		if p.fds[i].num == num {
			p.fds[i].g.refs--
			p.fds = slices.Delete(p.fds, i, i+1)
			return
		}
	}
}

// closeFD is close(2), and what exit does for each descriptor.
func (m *mac) closeFD(p *proc, d *fd) { m.closeAs(p, p.cur, d) }

func (m *mac) closeAs(p *proc, x *execution, d *fd) {
	g, num := d.g, d.num
	if g.n != nil {
		// A file that is let go of late is let go of by the operation that it was opened for.
		kept := m.op
		if m.op == nil {
			m.op = g.op
		}
		m.tell(x, m.closeEvent(g), m.writersOf(g.n))
		m.op = kept
	}
	p.dropFD(num)
}

// work is how long a human-sized step takes.
func (m *mac) work() { m.pass(2 * time.Millisecond) }
