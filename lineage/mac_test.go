package lineage

import (
	"time"

	"ascribe.example/es"
)

// mac is a Mac in miniature: it steps one pidversion counter at every fork and exec, as XNU does, and keeps the messages
// that it would send.
type mac struct {
	pidv  uint32
	pid   int32
	clock time.Duration
	seq   uint64
	sent  []sent
	init  *proc // launchd
}

type sent struct {
	m    *es.Message
	at   es.Moment
	late bool
}

// proc is a process: its current image.
type proc struct{ es.Process }

const wallStart = es.Time(1_770_000_000_000_000_000)

func newMac() *mac {
	m := &mac{pidv: 100, pid: 300, clock: time.Second}
	m.init = &proc{es.Process{
		AuditToken:       es.AuditToken{AUID: es.Unset, PID: 1, PIDVersion: 7, ASID: 100000},
		ParentAuditToken: es.AuditToken{AUID: es.Unset, PID: 0, PIDVersion: 1},
		Executable:       es.File{Path: "/sbin/launchd"}, SigningID: "com.apple.xpc.launchd", IsPlatformBinary: true,
		CSValidationCategory: -1, StartTime: wallStart, CDHash: hash("/sbin/launchd"),
	}}
	m.init.ResponsibleAuditToken = m.init.AuditToken
	return m
}

func hash(path string) (h es.CDHash) {
	copy(h[:], path[max(0, len(path)-20):])
	return h
}

func (m *mac) now() es.Moment {
	return es.Moment{Seq: m.seq, Time: wallStart.Add(m.clock), Clock: m.clock}
}

// pass lets time go by.
func (m *mac) pass(d time.Duration) { m.clock += d }

func (m *mac) send(p *proc, ev es.Event) *sent {
	m.clock += time.Millisecond
	m.seq++
	msg := &es.Message{
		Version: 8, Time: wallStart.Add(m.clock), MachTime: uint64(m.clock), SeqNum: es.NoSeq, GlobalSeqNum: m.seq,
		ThreadID: uint64(p.AuditToken.PID), Process: p.Process, Event: ev, Place: m.seq,
	}
	m.sent = append(m.sent, sent{m: msg, at: m.now()})
	return &m.sent[len(m.sent)-1]
}

// forkAs forks under a chosen pid.
func (m *mac) forkAs(p *proc, pid int32) *proc {
	c := &proc{p.Process}
	m.pidv++
	self := c.SelfResponsible()
	c.AuditToken.PID, c.AuditToken.PIDVersion = pid, m.pidv
	c.ParentAuditToken = p.AuditToken
	c.PPID, c.OriginalPPID = p.AuditToken.PID, p.AuditToken.PID
	c.StartTime = wallStart.Add(m.clock + time.Millisecond)
	if self && p.AuditToken.PID == 1 {
		c.ResponsibleAuditToken = c.AuditToken // launchd's children answer for themselves from the fork on
	}
	m.send(p, &es.Fork{Child: c.Process})
	return c
}

func (m *mac) fork(p *proc) *proc {
	m.pid++
	return m.forkAs(p, m.pid)
}

// exec replaces the image; with env as "K=V".
func (m *mac) exec(p *proc, path, signing string, args []string, env ...string) {
	old := *p
	m.pidv++
	self := p.SelfResponsible()
	p.AuditToken.PIDVersion = m.pidv
	if self {
		p.ResponsibleAuditToken = p.AuditToken
	}
	p.Executable = es.File{Path: path}
	p.SigningID, p.CDHash = signing, hash(path)
	p.IsPlatformBinary = len(signing) > 10 && signing[:10] == "com.apple."
	p.TeamID = ""
	m.send(&old, &es.Exec{Target: p.Process, Args: args, Env: env, CWD: es.File{Path: "/"}})
}

// spawn is posix_spawn: fork, then exec.
func (m *mac) spawn(p *proc, path, signing string, args ...string) *proc {
	c := m.fork(p)
	m.exec(c, path, signing, args)
	return c
}

// service is launchd's way: fork, xpcproxy with the label, the program.
func (m *mac) service(label, path, signing string, user uint32, asid uint32) *proc {
	c := m.fork(m.init)
	m.exec(c, xpcproxyPath, xpcproxySigningID, []string{"xpcproxy", label})
	c.AuditToken.AUID, c.AuditToken.ASID = user, asid
	if user != es.Unset {
		c.AuditToken.RUID, c.AuditToken.EUID = user, user
	}
	m.exec(c, path, signing, []string{path}, "XPC_SERVICE_NAME="+label)
	return c
}

func (m *mac) act(p *proc) *sent {
	return m.send(p, &es.Write{Target: es.File{Path: "/tmp/x"}})
}

func (m *mac) exit(p *proc) { m.send(p, &es.Exit{}) }

// feed gives all messages to a tracker and returns the Refs of their actors.
func (m *mac) feed(t *Tracker) []Ref {
	refs := make([]Ref, len(m.sent))
	for i, s := range m.sent {
		refs[i] = t.Observe(s.m, s.at, s.late)
	}
	return refs
}

// ref is the execution that p is now.
func (m *mac) ref(t *Tracker, p *proc) Ref { return t.ByToken(p.AuditToken) }

func (m *mac) at(t *Tracker, p *proc) *Execution { return t.At(m.ref(t, p)) }

// paths are the images from an execution upwards, itself first.
func paths(t *Tracker, r Ref) []string {
	if t.At(r) == nil {
		return nil
	}
	l := []string{t.At(r).Image.Path}
	for up := range t.Ancestors(r) {
		if e := t.At(up.Ref); e != nil {
			l = append(l, up.Edge.String()+" "+e.Image.Path)
		} else {
			l = append(l, up.Edge.String())
		}
	}
	return l
}
