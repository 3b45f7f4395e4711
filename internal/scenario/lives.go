package scenario

import (
	"ascribe.example/es"
)

// processes are sentences about processes themselves.
var processes = []spec{
	{
		pattern: "<name:who> exits [with <num:stat>]",
		clauses: []string{
			"closing: closing <path:closing...>", "own: closing <path:own...> as xpcproxy", "old: closing <path:old...> as the old xpcproxy",
			"named: still named by tokens",
		}, does: func(r *run, a *args) error {
			p := r.who(a)
			p.lingers = a.has("named")
			for _, path := range a.list("closing") {
				if err := r.closes(p, path, p.cur); err != nil {
					return err
				}
			}
			for _, path := range a.list("own") {
				if err := r.closes(p, path, r.closer(p, true, false)); err != nil {
					return err
				}
			}
			for _, path := range a.list("old") {
				if err := r.closes(p, path, r.closer(p, false, true)); err != nil {
					return err
				}
			}
			r.m.endShell(p, int32(a.num("stat", 0))<<8)
			return nil
		},
	},
	{pattern: "<name:who> forks as <new:child>", low: true, does: func(r *run, a *args) error {
		c := r.m.fork(r.who(a))
		c.cur.name, c.kind = a.get("child"), r.who(a).kind
		r.names[a.get("child")] = c
		return nil
	}},
	{
		pattern: "<name:who> execs <path:path> [<word:args...>]", low: true,
		clauses: []string{"disclaimed: disclaimed", "signed: signed <word:id> [<word:team>]"}, does: func(r *run, a *args) error {
			p := r.who(a)
			how := execHow{args: append([]string{base(a.get("path"))}, a.list("args")...), name: p.cur.name, disown: a.has("disclaimed")}
			r.m.exec(p, r.m.program(a.get("path"), a.get("id"), a.get("team")), how)
			return nil
		},
	},
	{
		pattern: "<name:who> starts <path:path> [<word:args...>] as <new:child>", low: true,
		clauses: []string{"disclaimed: disclaimed", "fork: by fork", "intel: for Intel", "signed: signed <word:id> [<word:team>]"}, does: func(r *run, a *args) error {
			p := r.who(a)
			how := execHow{args: append([]string{base(a.get("path"))}, a.list("args")...), name: a.get("child"), disown: a.has("disclaimed"), intel: a.has("intel")}
			img := r.m.program(a.get("path"), a.get("id"), a.get("team"))
			var c *proc
			if a.has("fork") || p.kind == "shell" {
				c = r.m.fork(p)
				r.m.exec(c, img, how)
			} else {
				c = r.m.spawn(p, img, how)
			}
			c.kind = "tool"
			r.names[a.get("child")] = c
			return nil
		},
	},
	{pattern: "<name:who> connects to service <word:service>", low: true, does: func(r *run, a *args) error {
		r.m.connect(r.who(a), a.get("service"))
		return nil
	}},
	{pattern: "<name:who> looks up service <word:service>", low: true, does: func(r *run, a *args) error {
		r.m.lookUp(r.who(a), a.get("service"))
		return nil
	}},
	{pattern: "<name:who> asks <name:other>", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			r.m.lookUp(r.who(a), labelOf(o))
			r.m.connect(r.who(a), labelOf(o))
		}
		return err
	}},
	{pattern: "<name:who> answers for <name:other>", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			o.cur.resp = r.who(a)
			if o == r.who(a) {
				o.cur.resp = nil
			}
			o.behalf = r.who(a).standsFor()
		}
		return err
	}},
	{pattern: "<name:who> signals <name:other> [with <num:sig>]", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			r.m.tell(r.who(a).cur, &es.Signal{Sig: int32(a.num("sig", 15)), Target: r.m.describe(o.cur)}, nil)
		}
		return err
	}},
	{pattern: "<name:who> gets task of <name:other>", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			r.m.tell(r.who(a).cur, &es.GetTask{Which: es.KindGetTask, Target: r.m.describe(o.cur)}, nil)
		}
		return err
	}},
	{pattern: "<name:who> traces <name:other>", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			r.m.tell(r.who(a).cur, &es.Trace{Target: r.m.describe(o.cur)}, nil)
		}
		return err
	}},
	{pattern: "<name:who> starts a thread in <name:other>", low: true, does: func(r *run, a *args) error {
		o, err := r.lives(a, "other")
		if err == nil {
			r.m.tell(r.who(a).cur, &es.RemoteThreadCreate{Target: r.m.describe(o.cur)}, nil)
		}
		return err
	}},
	{pattern: "<name:who> sets uid|gid|euid|egid|reuid|regid to <num:id>", low: true, does: func(r *run, a *args) error {
		r.m.setIDs(r.who(a), es.KindOf("set"+a.get("uid|gid|euid|egid|reuid|regid")), uint32(a.num("id", 0)))
		return nil
	}},
	{pattern: "<name:who> connects to socket <path:path>", low: true, does: func(r *run, a *args) error {
		n := r.m.there(a.get("path"))
		n.mode, n.size = es.ModeSocket|0o600, 0
		r.m.tell(r.who(a).cur, &es.UIPCConnect{File: r.m.file(n), Domain: 1, Type: 1}, nil)
		return nil
	}},
	{pattern: "<name:who> loses its signature", low: true, does: func(r *run, a *args) error {
		r.m.tell(r.who(a).cur, &es.CSInvalidated{}, nil)
		return nil
	}},
}

// connect is an XPC connection to a named service [from macOS 14].
func (m *mac) connect(p *proc, service string) {
	domain := int32(1)
	if j := m.jobServing(service); j != nil && j.domain != "system" {
		domain = 8
	}
	m.tell(p.cur, &es.XPCConnect{ServiceName: service, DomainType: domain}, nil)
}

// lookUp is launchd's word that p asked for a service, and who serves it [from macOS 27].
func (m *mac) lookUp(p *proc, service string) {
	if m.client.version < 11 {
		return
	}
	d := m.describe(p.cur)
	ev := &es.BootstrapLookUp{ServiceName: service, Instigator: &d, InstigatorToken: d.AuditToken}
	if j := m.jobServing(service); j != nil && j.proc != nil && j.proc.alive {
		t := m.describe(j.proc.cur)
		ev.TargetProcess = &t
	} else {
		ev.TargetType = 1
	}
	m.tell(m.launchd.cur, ev, nil)
}

func (m *mac) jobServing(service string) *job {
	for i := len(m.jobs) - 1; i >= 0; i-- {
		for _, s := range m.jobs[i].services {
			if s == service {
				return m.jobs[i]
			}
		}
	}
	return nil
}
