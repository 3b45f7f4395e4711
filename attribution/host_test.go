package attribution_test

import (
	"time"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// host is a Mac of a few processes, told to a tracker message by message.
type host struct {
	lineage *lineage.Tracker
	attr    *attribution.Attributor
	clock   time.Duration
	seq     uint64
	pidv    uint32
	launchd es.Process
}

func newHost() *host {
	h := &host{lineage: lineage.New(lineage.Limits{}), pidv: 100}
	h.attr = attribution.New(h.lineage, catalog.Default())
	h.lineage.Watch(es.AllKinds())
	h.attr.Recorded(es.AllKinds())
	h.launchd = es.Process{
		AuditToken: es.AuditToken{PID: 1, PIDVersion: 7, AUID: es.Unset}, IsPlatformBinary: true,
		SigningID: "com.apple.xpc.launchd", Executable: es.File{Path: "/sbin/launchd"},
	}
	h.launchd.ResponsibleAuditToken = h.launchd.AuditToken
	return h
}

// tell lets a process send a message.
func (h *host) tell(p *es.Process, ev es.Event) es.Moment {
	h.clock += time.Millisecond
	at := es.Moment{Seq: h.seq, Clock: h.clock, Time: es.Time(h.clock)}
	h.seq++
	h.lineage.Observe(&es.Message{Version: 8, GlobalSeqNum: at.Seq, MachTime: uint64(at.Clock), Time: at.Time, Process: *p, Event: ev}, at, false)
	return at
}

// child forks p and lets the child exec a program; what the program is comes from path, id and team ("": Apple's).
func (h *host) child(p *es.Process, path, id, team string, args ...string) *es.Process {
	c := *p
	h.pidv++
	c.AuditToken.PID, c.AuditToken.PIDVersion = int32(h.pidv), h.pidv
	c.ParentAuditToken, c.PPID, c.OriginalPPID = p.AuditToken, p.AuditToken.PID, p.AuditToken.PID
	c.StartTime = es.Time(h.clock)
	if p.AuditToken.PID == es.LaunchdPID {
		c.ResponsibleAuditToken = c.AuditToken
	}
	h.tell(p, &es.Fork{Child: c})
	self := c.ResponsibleAuditToken == c.AuditToken
	next := c
	h.pidv++
	next.AuditToken.PIDVersion = h.pidv
	next.Executable.Path, next.SigningID, next.TeamID, next.IsPlatformBinary = path, id, team, team == "" && id != ""
	if team != "" {
		next.CodesigningFlags = 0x22010301
	}
	if self {
		next.ResponsibleAuditToken = next.AuditToken
	}
	h.tell(&c, &es.Exec{Target: next, Args: args})
	return &next
}

// app is an app that launchd started for a user.
func (h *host) app(name string, uid uint32, id, team string) *es.Process {
	c := h.child(&h.launchd, "/Applications/"+name+".app/Contents/MacOS/"+name, id, team)
	c.AuditToken.AUID, c.AuditToken.RUID, c.AuditToken.EUID, c.AuditToken.ASID = uid, uid, uid, 100001
	c.ResponsibleAuditToken = c.AuditToken
	h.tell(c, &es.Open{FFlag: 1, File: es.File{Path: "/dev/null"}})
	return c
}

func (h *host) ref(p *es.Process) lineage.Ref { return h.lineage.Find(p.Key(h.lineage.Boot())) }

// wrote is the case of a file that p wrote just now.
func (h *host) wrote(ps ...*es.Process) *attribution.Case {
	c := attribution.NewCase()
	for _, p := range ps {
		at := h.tell(p, &es.Write{Target: es.File{Path: "/Users/alice/f"}})
		c.Add(h.ref(p), attribution.DidOpen|attribution.DidWrite, at)
		c.AddName(h.ref(p), "", attribution.DidWrite)
	}
	return &c
}

func (h *host) attribute(c *attribution.Case) *finding.Finding {
	f := &finding.Finding{Kind: finding.KindOperation}
	h.attr.Attribute(c, f)
	return f
}

func hasRule(f *finding.Finding, r attribution.Rule) bool {
	for i := range f.Evidence {
		if f.Evidence[i].Rule == r.Name && f.Evidence[i].For == r.For {
			return true
		}
	}
	return false
}
