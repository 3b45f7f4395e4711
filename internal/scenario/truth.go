package scenario

import (
	"cmp"
	"slices"

	"ascribe.example/es"
)

// op is a truth in the making.
type op struct {
	Truth
	at      uint64 // the client's next number when it began
	order   int
	missing int
	events  []uint64
	by      *proc
	auto    bool // of one low-level sentence: a "means" sentence takes its place
}

// act lets f happen as one operation of p. Within another operation it is part of that.
func (m *mac) act(p *proc, t Truth, f func()) *op {
	if m.op != nil || m.silent > 0 || m.step {
		f()
		return m.op
	}
	o := &op{Truth: t, at: m.client.global, order: len(m.ops), by: p}
	o.Line, o.Noise = m.line, m.noise != nil && m.noise.busy
	o.Path, o.SourcePath = canonicalOr(t.Path), canonicalOr(t.SourcePath)
	if m.symlinks > 0 {
		o.Path = m.real(o.Path, t.Method != "symlink" && t.Method != "rename" && t.Method != "unlink")
	}
	o.Actor = p.cur.key()
	o.Responsible, o.Initiator = m.whoFor(p)
	if p.behalf.session == "file-sharing" && o.Action == "create" {
		o.Action, o.Method, o.Also = "receive", "", append(o.Also, "create")
	}
	m.noteLinks(o)
	m.op = o
	f()
	m.op = nil
	m.noteLinks(o)
	m.ops = append(m.ops, o)
	if m.gather {
		o.auto = true
		m.loose = append(m.loose, o.events...)
	} else {
		m.loose, m.mark = m.loose[:0], len(m.ops)
	}
	return o
}

// means makes one operation of what was told since the last high-level sentence; of p's own messages among it if own.
func (m *mac) means(p *proc, t Truth, own bool) {
	o := &op{Truth: t, order: len(m.ops), by: p}
	o.at = m.client.global
	o.Line = m.line
	o.Path, o.SourcePath = canonicalOr(t.Path), canonicalOr(t.SourcePath)
	if p != nil {
		o.Actor = p.cur.key()
		o.Responsible, o.Initiator = m.whoFor(p)
	}
	var rest []uint64
	for _, seq := range m.loose {
		if own && m.client.acts[seq].Doer.PID != p.pid {
			rest = append(rest, seq)
		} else {
			o.events = append(o.events, seq)
		}
	}
	if len(o.events) > 0 {
		o.at = o.events[0]
	}
	kept := m.ops[:m.mark]
	for _, e := range m.ops[m.mark:] {
		if !e.auto || own && e.by != p {
			kept = append(kept, e)
		}
	}
	m.ops = kept
	if t.Action != "" {
		m.ops = append(m.ops, o)
	}
	m.loose = append(m.loose[:0], rest...)
	if len(rest) == 0 {
		m.mark = len(m.ops)
	}
}

// noteLinks remembers the other names of the files that an operation speaks of: a message may show any of them [D].
func (m *mac) noteLinks(o *op) {
	for _, path := range [...]string{o.Path, o.SourcePath} {
		n := (*node)(nil)
		if path != "" {
			n = m.find(path)
		}
		if n == nil || len(n.links) == 0 {
			continue
		}
		names := []string{m.path(n)}
		for _, l := range n.links {
			names = append(names, join(m.path(l.parent), l.name))
		}
		for _, name := range names {
			if name != o.Path && name != o.SourcePath && !slices.Contains(o.Links, name) {
				o.Links = append(o.Links, name)
			}
		}
	}
}

func canonicalOr(path string) string {
	if path == "" {
		return ""
	}
	return canonical(path)
}

// whoFor is the truth about responsible and initiator of what p does now.
func (m *mac) whoFor(p *proc) (es.Key, Initiator) {
	b := p.behalf
	r := b.resp
	if r == nil {
		r = p
	}
	i := Initiator{Class: b.class, UID: p.cur.cred.ruid, Session: b.session, ASID: b.asid, Address: b.address}
	if b.user != nil {
		i.UID, i.User = b.user.uid, b.user.name
	}
	if b.agent != nil {
		i.Class, i.Agent = "agent", b.agent.cur.key()
	}
	if i.Class == "" {
		i.Class = "system"
	}
	return r.cur.key(), i
}

// truths puts the operations in order and joins messages to them.
func (m *mac) truths() []Truth {
	slices.SortStableFunc(m.ops, func(a, b *op) int {
		if c := cmp.Compare(a.at, b.at); c != 0 {
			return c
		}
		return a.order - b.order
	})
	m.ops = slices.DeleteFunc(m.ops, func(o *op) bool { return len(o.events) == 0 && o.missing == 0 }) // nothing happened
	l := make([]Truth, len(m.ops))
	for i, o := range m.ops {
		slices.Sort(o.events)
		o.Events, o.Missing = o.events, o.missing
		for _, seq := range o.events {
			m.client.acts[seq].Truth = i
		}
		l[i] = o.Truth
	}
	return l
}
