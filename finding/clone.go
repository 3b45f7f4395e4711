package finding

import (
	"slices"
	"strings"
)

// Clone copies f deeply, strings too: a finding is valid only while it is handed over, the copy for ever.
func (f *Finding) Clone() *Finding {
	c := *f
	own(&c.ID, &c.Host, &c.Boot, &c.Path, &c.SourcePath, &c.Event, &c.Continues, &c.ContinuedBy)
	own((*string)(&c.Kind), (*string)(&c.Action), (*string)(&c.Method))
	c.Object, c.Source, c.Replaced = c.Object.clone(), c.Source.clone(), c.Replaced.clone()
	c.Items = slices.Clone(c.Items)
	for i := range c.Items {
		it := &c.Items[i]
		own(&it.Path, &it.SourcePath, (*string)(&it.Action))
		it.Object = it.Object.clone()
	}
	c.Reported, c.Actor = c.Reported.Clone(), c.Actor.Clone()
	c.ReportedAs = slices.Clone(c.ReportedAs)
	for i := range c.ReportedAs {
		c.ReportedAs[i].own()
	}
	c.Responsible = c.Responsible.clone()
	c.Initiator = c.Initiator.clone()
	c.Participants = slices.Clone(c.Participants)
	for i := range c.Participants {
		own(&c.Participants[i].Role)
		c.Participants[i].Process.own()
	}
	c.Evidence = slices.Clone(c.Evidence)
	for i := range c.Evidence {
		e := &c.Evidence[i]
		own((*string)(&e.For), &e.Rule, &e.Says)
		e.Events = slices.Clone(e.Events)
	}
	c.Alternatives = slices.Clone(c.Alternatives)
	for i := range c.Alternatives {
		a := &c.Alternatives[i]
		own((*string)(&a.For), (*string)(&a.Action), &a.Rule, &a.Says)
		a.Process, a.Initiator = a.Process.Clone(), a.Initiator.clone()
	}
	c.Caveats = slices.Clone(c.Caveats)
	for i := range c.Caveats {
		own((*string)(&c.Caveats[i]))
	}
	c.Events = slices.Clone(c.Events)
	c.Execution = c.Execution.clone()
	if c.Gap != nil {
		g := *c.Gap
		own(&g.Why)
		c.Gap = &g
	}
	c.Rules = slices.Clone(c.Rules)
	for i := range c.Rules {
		m := &c.Rules[i]
		own(&m.Name, (*string)(&m.Severity), &m.Message)
		m.Tags = slices.Clone(m.Tags)
		for k := range m.Tags {
			own(&m.Tags[k])
		}
	}
	return &c
}

// Clone copies p deeply.
func (p *Process) Clone() *Process {
	if p == nil {
		return nil
	}
	c := *p
	c.own()
	return &c
}

// own replaces what a shallow copy still shares.
func (p *Process) own() {
	own(&p.Path, &p.SigningID, &p.TeamID, &p.Service, &p.TTY, &p.Script)
	p.Args = slices.Clone(p.Args)
	for i := range p.Args {
		own(&p.Args[i])
	}
}

func (r *Responsible) clone() *Responsible {
	if r == nil {
		return nil
	}
	c := *r
	c.own()
	own(&c.App, (*string)(&c.Basis), (*string)(&c.Status))
	return &c
}

func (in *Initiator) clone() *Initiator {
	if in == nil {
		return nil
	}
	c := *in
	own((*string)(&c.Class), &c.User)
	if c.Session != nil {
		s := *c.Session
		own((*string)(&s.Type), &s.RemoteAddress)
		c.Session = &s
	}
	if c.Agent != nil {
		a := *c.Agent
		own(&a.Name, &a.SigningID)
		c.Agent = &a
	}
	return &c
}

func (o *Object) clone() *Object {
	if o == nil {
		return nil
	}
	c := *o
	own((*string)(&c.Type))
	if c.Volume != nil {
		v := *c.Volume
		own(&v.Mount, (*string)(&v.Kind), &v.FS)
		c.Volume = &v
	}
	return &c
}

func (e *Execution) clone() *Execution {
	if e == nil {
		return nil
	}
	c := *e
	c.Process.own()
	own(&c.Origin)
	c.Parent, c.Responsible = c.Parent.Clone(), c.Responsible.clone()
	return &c
}

func own(ss ...*string) {
	for _, s := range ss {
		*s = strings.Clone(*s)
	}
}
