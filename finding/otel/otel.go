// Package otel writes findings as log records of OpenTelemetry, in the JSON form of OTLP.
//
// docs/formats.md says attribute by attribute what is meant. The names are those of the semantic conventions where they have
// one. The whole finding stands in log.record.original.
package otel

import (
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/line"
)

// Scope is the name of the instrumentation scope of every record.
const Scope = "ascribe"

// AppendResource appends the resource that findings of one host come from, as the value of "resource".
func AppendResource(dst []byte, host, version string) []byte {
	w := record{line.Writer{B: dst}}
	w.Object("")
	w.List("attributes")
	w.text("service.name", "ascribe")
	w.text("service.version", version)
	w.text("host.id", host)
	w.text("os.type", "darwin")
	w.text("os.name", "macOS")
	w.EndList()
	w.End()
	return w.B
}

// Append appends f as one log record that was observed at a time: that is, written.
func Append(dst []byte, f *finding.Finding, observed es.Time) []byte {
	w := record{line.Writer{B: dst}}
	w.Object("")
	w.nanos("timeUnixNano", f.Time)
	w.nanos("observedTimeUnixNano", observed)
	w.severity(f)
	w.Text("eventName", "ascribe."+string(f.Kind))
	w.Object("body")
	w.Message("stringValue", f)
	w.End()
	w.List("attributes")
	w.text("log.record.uid", f.ID)
	if m, _ := line.Worst(f); m != nil {
		w.text("security_rule.name", m.Name)
		w.text("security_rule.description", m.Message)
	}
	w.what(f)
	w.who(f)
	w.text("log.record.original", string(finding.Append(nil, f)))
	w.EndList()
	w.End()
	return w.B
}

// severity is that of the worst of the user's rules that matched; what was lost is worth a warning.
func (w *record) severity(f *finding.Finding) {
	_, level := line.Worst(f)
	number, text := uint64(9), "INFO"
	switch {
	case level == 5:
		number, text = 21, "FATAL"
	case level == 4:
		number, text = 17, "ERROR"
	case level == 3, f.Kind == finding.KindGap:
		number, text = 13, "WARN"
	}
	w.Uint("severityNumber", number)
	w.Text("severityText", text)
}

// record is one record being written.
type record struct{ line.Writer }

func (w *record) nanos(k string, t es.Time) {
	if t > 0 {
		w.UintText(k, uint64(t))
	}
}

func (w *record) what(f *finding.Finding) {
	w.text("ascribe.kind", string(f.Kind))
	w.text("ascribe.action", string(f.Action))
	w.text("ascribe.method", string(f.Method))
	w.text("ascribe.event", f.Event)
	w.text("file.path", f.Path)
	w.text("file.name", line.Base(f.Path))
	w.text("file.directory", line.Dir(f.Path))
	w.text("file.extension", line.Extension(f.Path))
	if o := f.Object; o != nil {
		if o.Ino != 0 {
			w.text("file.inode", strconv.FormatUint(o.Ino, 10))
		}
		if o.Size >= 0 {
			w.int("file.size", o.Size)
		}
		if o.Volume != nil {
			w.text("ascribe.volume.mount", o.Volume.Mount)
			w.text("ascribe.volume.kind", string(o.Volume.Kind))
		}
	}
	w.text("ascribe.source.path", f.SourcePath)
	if f.ItemsTotal > 1 {
		w.int("ascribe.items_total", int64(min(f.ItemsTotal, 1<<62)))
	}
	if g := f.Gap; g != nil {
		w.text("ascribe.gap.why", g.Why)
		if g.Missing > 0 {
			w.int("ascribe.gap.missing", int64(min(g.Missing, 1<<62)))
		}
	}
	if len(f.Caveats) > 0 {
		w.Object("")
		w.Text("key", "ascribe.caveats")
		w.Object("value")
		w.Object("arrayValue")
		w.List("values")
		for _, c := range f.Caveats {
			w.Object("")
			w.Text("stringValue", string(c))
			w.End()
		}
		w.EndList()
		w.End()
		w.End()
		w.End()
	}
}

func (w *record) who(f *finding.Finding) {
	p, r := line.Actor(f), line.Responsible(f)
	if e := f.Execution; e != nil {
		p, r = &e.Process, e.Responsible
	}
	if p != nil {
		w.int("process.pid", int64(p.PID))
		w.text("process.executable.path", p.Path)
		w.text("process.executable.name", line.Base(p.Path))
		if p.Parent.PID != 0 {
			w.int("process.parent_pid", int64(p.Parent.PID))
		}
		if p.HasToken {
			w.id("process.user.id", p.EUID)
			w.id("process.real_user.id", p.UID)
		}
		w.int("ascribe.actor.pidversion", int64(p.PIDVersion))
		w.text("ascribe.actor.signing_id", p.SigningID)
		w.text("ascribe.actor.team_id", p.TeamID)
	}
	if r != nil {
		w.int("ascribe.responsible.pid", int64(r.PID))
		w.int("ascribe.responsible.pidversion", int64(r.PIDVersion))
		w.text("ascribe.responsible.path", r.Path)
		w.text("ascribe.responsible.app", r.App)
		w.text("ascribe.responsible.signing_id", r.SigningID)
		w.text("ascribe.responsible.basis", string(r.Basis))
	}
	if in := line.Initiator(f); in != nil {
		w.text("ascribe.initiator.class", string(in.Class))
		w.id("user.id", in.UID)
		w.text("user.name", in.User)
		if in.Session != nil {
			w.text("source.address", in.Session.RemoteAddress)
		}
		if in.Agent != nil {
			w.text("ascribe.initiator.agent", in.Agent.Name)
		}
	}
	if f.Kind == finding.KindOperation || f.Kind == finding.KindEvent {
		w.text("ascribe.certainty.action", f.Certainty.Action.String())
		w.text("ascribe.certainty.actor", f.Certainty.Actor.String())
		w.text("ascribe.certainty.responsible", f.Certainty.Responsible.String())
		w.text("ascribe.certainty.initiator", f.Certainty.Initiator.String())
	}
}

func (w *record) text(k, v string) {
	if v == "" {
		return
	}
	w.Object("")
	w.Text("key", k)
	w.Object("value")
	w.Text("stringValue", v)
	w.End()
	w.End()
}

// int writes a number; OTLP's JSON has 64-bit numbers as strings.
func (w *record) int(k string, v int64) {
	w.Object("")
	w.Text("key", k)
	w.Object("value")
	w.Text("intValue", strconv.FormatInt(v, 10))
	w.End()
	w.End()
}

// id writes a user id as the conventions have it, a string.
func (w *record) id(k string, id uint32) {
	if id != es.Unset {
		w.text(k, strconv.FormatUint(uint64(id), 10))
	}
}
