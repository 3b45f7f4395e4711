package ocsf

import (
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/line"
)

// enrichments say what the class has no field for. Each names the field that it adds to, that field's value, and data: the
// certainty always, and what the answer rests on.
func (w *event) enrichments(f *finding.Finding) {
	w.List("enrichments")
	if f.Kind == finding.KindOperation {
		w.enrichment("activity_name", "action", string(f.Action))
		w.certainty(f.Certainty.Action)
		w.Text("action", string(f.Action))
		w.Text("method", string(f.Method))
		w.done()
		if f.SourcePath != "" {
			w.enrichment("file.path", "source", f.SourcePath)
			w.Text("path", f.SourcePath)
			w.done()
		}
	}
	if p := line.Actor(f); p != nil {
		w.enrichment("actor.process.name", "actor", line.Base(p.Path))
		w.certainty(f.Certainty.Actor)
		w.signed(p)
		w.done()
	}
	if r := line.Responsible(f); r != nil {
		w.responsible("actor.app_name", f, r)
		w.certainty(f.Certainty.Responsible)
		w.done()
	}
	if e := f.Execution; e != nil && e.Responsible != nil {
		w.responsible("process.name", f, e.Responsible)
		w.done()
	}
	if in := line.Initiator(f); in != nil {
		w.initiator(in)
		w.certainty(f.Certainty.Initiator)
		w.done()
	}
	if r := f.Reported; r != nil {
		w.enrichment("actor.process.name", "reported", line.Base(r.Path))
		w.Text("path", r.Path)
		w.Int("pid", int64(r.PID))
		w.Execution("uid", f, r.PID, r.PIDVersion)
		w.signed(r)
		w.done()
	}
	for i := range f.Rules {
		m := &f.Rules[i]
		w.enrichment("severity", "rule", m.Name)
		w.Text("name", m.Name)
		w.Text("severity", string(m.Severity))
		w.Text("message", m.Message)
		w.Texts("tags", m.Tags)
		w.done()
	}
	w.EndList()
}

// enrichment begins one, up to its data.
func (w *event) enrichment(field, kind, value string) {
	w.Object("")
	w.Text("name", field)
	if value != "" {
		w.Text("value", value)
	} else {
		w.Raw("value", `""`)
	}
	w.kind(kind)
}

// kind ends what comes before the data, and begins that.
func (w *event) kind(kind string) {
	w.Text("type", kind)
	w.Raw("provider", `"ascribe"`)
	w.Object("data")
}

// done ends one. Data that says nothing is an empty object: it is required.
func (w *event) done() {
	n := len(w.B)
	w.End()
	if len(w.B) < n {
		w.Raw("data", "{}")
	}
	w.End()
}

func (w *event) certainty(c finding.Certainty) { w.Text("certainty", c.String()) }

func (w *event) signed(p *finding.Process) {
	w.Text("signing_id", p.SigningID)
	w.Text("team_id", p.TeamID)
	if p.HasToken {
		w.Bool("platform_binary", p.Platform)
	}
}

func (w *event) responsible(field string, f *finding.Finding, r *finding.Responsible) {
	name := r.App
	if name == "" {
		name = line.Base(r.Path)
	}
	w.enrichment(field, "responsible", name)
	w.Text("path", r.Path)
	w.Int("pid", int64(r.PID))
	w.Execution("uid", f, r.PID, r.PIDVersion)
	w.Text("basis", string(r.Basis))
	w.Text("status", string(r.Status))
	w.signed(&r.Process)
}

func (w *event) initiator(in *finding.Initiator) {
	if in.User != "" || in.UID == es.Unset {
		w.enrichment("actor.user.name", "initiator", in.User)
	} else {
		w.Object("")
		w.Raw("name", `"actor.user.uid"`)
		w.User("value", in.UID)
		w.kind("initiator")
	}
	w.Text("class", string(in.Class))
	w.User("uid", in.UID)
	if s := in.Session; s != nil {
		w.Text("session_type", string(s.Type))
		w.Text("remote_address", s.RemoteAddress)
	}
	if a := in.Agent; a != nil {
		w.Text("agent", a.Name)
		w.Text("agent_signing_id", a.SigningID)
		w.Int("agent_pid", int64(a.PID))
	}
}
