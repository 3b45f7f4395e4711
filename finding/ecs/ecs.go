// Package ecs writes findings as documents of the Elastic Common Schema.
//
// docs/formats.md says field by field what is meant. The whole finding stands under "ascribe", in the contract's words.
package ecs

import (
	"net/netip"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/line"
)

// Version is the version of the Elastic Common Schema that is written.
const Version = "9.4.0"

// Append appends f as one JSON object, without a newline, and returns the extended slice. It allocates only to grow dst.
func Append(dst []byte, f *finding.Finding) []byte {
	w := document{line.Writer{B: dst}}
	w.Object("")
	w.Time("@timestamp", f.Time)
	w.Object("ecs")
	w.Text("version", Version)
	w.End()
	w.Message("message", f)
	w.event(f)
	w.rule(f)
	w.host(f)
	w.file(f)
	w.who(f)
	w.Finding("ascribe", f)
	w.End()
	return w.B
}

// document is one document being written.
type document struct{ line.Writer }

func (w *document) event(f *finding.Finding) {
	w.Object("event")
	w.Text("id", f.ID)
	w.Text("module", "ascribe")
	w.dataset(f.Kind)
	switch f.Kind {
	case finding.KindGap:
		w.Raw("kind", `"pipeline_error"`)
		w.Raw("action", `"gap"`)
		if f.Gap != nil {
			w.Text("reason", f.Gap.Why)
			w.span(f.Gap.From, f.Gap.To)
		}
	case finding.KindProcess:
		w.kind(f)
		w.Raw("category", `["process"]`)
		w.life(f.Execution)
	case finding.KindEvent:
		w.kind(f)
		w.Raw("category", `["file"]`)
		w.Raw("type", typeOfEvent(f.Event))
		w.Text("action", f.Event)
		w.Raw("outcome", `"unknown"`)
		if f.Seq != es.NoSeq {
			w.Uint("sequence", f.Seq)
		}
		w.span(f.Time, f.EndTime)
	case finding.KindOperation:
		w.kind(f)
		w.Raw("category", categories(f.Action))
		w.Raw("type", typeOf(f))
		w.Text("action", string(f.Action))
		if unconfirmed(f) {
			w.Raw("outcome", `"unknown"`)
		} else {
			w.Raw("outcome", `"success"`)
		}
		w.span(f.Time, f.EndTime)
	}
	w.End()
}

// kind is alert where a rule of the user's matched.
func (w *document) kind(f *finding.Finding) {
	m, level := line.Worst(f)
	if m == nil {
		w.Raw("kind", `"event"`)
		return
	}
	w.Raw("kind", `"alert"`)
	w.Uint("severity", level)
	w.Text("reason", m.Message)
}

func (w *document) rule(f *finding.Finding) {
	m, _ := line.Worst(f)
	if m == nil {
		return
	}
	w.Object("rule")
	w.Text("name", m.Name)
	w.End()
	w.List("tags")
	for i := range f.Rules {
		for _, tag := range f.Rules[i].Tags {
			w.Text("", tag)
		}
	}
	w.EndList()
}

func (w *document) dataset(k finding.Kind) {
	switch k {
	case finding.KindOperation:
		w.Raw("dataset", `"ascribe.operation"`)
	case finding.KindEvent:
		w.Raw("dataset", `"ascribe.event"`)
	case finding.KindProcess:
		w.Raw("dataset", `"ascribe.process"`)
	case finding.KindGap:
		w.Raw("dataset", `"ascribe.gap"`)
	}
}

// life is what happened to an execution: it is told once, when all that will be known of it is known.
func (w *document) life(e *finding.Execution) {
	switch {
	case e == nil, e.Started == 0 && e.Ended == 0:
		w.Raw("type", `["info"]`)
		w.Raw("action", `"running"`)
		return
	case e.Started == 0:
		w.Raw("type", `["end"]`)
	case e.Ended == 0:
		w.Raw("type", `["start"]`)
	default:
		w.Raw("type", `["start","end"]`)
	}
	if e.Origin == "fork" {
		w.Raw("action", `"fork"`)
	} else {
		w.Raw("action", `"exec"`)
	}
	w.span(e.Started, e.Ended)
}

func (w *document) span(from, to es.Time) {
	w.Time("start", from)
	w.Time("end", to)
	if from != 0 && to >= from {
		w.Int("duration", int64(to-from))
	}
}

func unconfirmed(f *finding.Finding) bool {
	for _, c := range f.Caveats {
		if c == finding.CaveatUnconfirmed {
			return true
		}
	}
	return false
}

func (w *document) host(f *finding.Finding) {
	w.Object("host")
	w.Text("id", f.Host)
	w.Object("boot")
	w.Text("id", f.Boot)
	w.End()
	w.Raw("os", `{"type":"macos","name":"macOS"}`)
	w.End()
}

func (w *document) file(f *finding.Finding) {
	o := f.Object
	w.Object("file")
	w.Text("path", f.Path)
	w.Text("name", line.Base(f.Path))
	w.Text("directory", line.Dir(f.Path))
	w.Text("extension", line.Extension(f.Path))
	if o != nil {
		switch o.Type {
		case finding.ObjectFile:
			w.Raw("type", `"file"`)
		case finding.ObjectDirectory, finding.ObjectBundle:
			w.Raw("type", `"dir"`)
		case finding.ObjectSymlink:
			w.Raw("type", `"symlink"`)
		case finding.ObjectOther:
		}
		if o.Ino != 0 {
			w.UintText("inode", o.Ino)
		}
		if o.Size >= 0 {
			w.Int("size", o.Size)
		}
	}
	w.End()
	if o != nil && o.Volume != nil {
		w.Object("volume")
		w.Text("mount_name", o.Volume.Mount)
		w.Text("file_system_type", o.Volume.FS)
		w.End()
	}
}

func (w *document) who(f *finding.Finding) {
	actor, responsible := line.Actor(f), line.Responsible(f)
	w.Object("process")
	if e := f.Execution; e != nil {
		actor, responsible = &e.Process, e.Responsible
		w.keys(f, actor)
		w.Time("end", e.Ended)
		if code, ok := exitCode(e); ok {
			w.Int("exit_code", code)
		}
		w.parent(f, e.Process.Parent, e.Parent)
	} else if actor != nil {
		w.keys(f, actor)
		w.parent(f, actor.Parent, nil)
	}
	if responsible != nil {
		w.Object("responsible")
		w.keys(f, &responsible.Process)
		w.End()
	}
	w.End()
	// The process that asked for it, where that is another one.
	if responsible != nil && !line.Same(actor, responsible) {
		w.Object("Effective_process")
		w.Execution("entity_id", f, responsible.PID, responsible.PIDVersion)
		w.Text("executable", responsible.Path)
		w.Text("name", line.Base(responsible.Path))
		w.pid(&responsible.Process)
		w.End()
	}
	w.user(line.Initiator(f))
}

// exitCode is the code of a process that ended by exit, from what wait(2) tells.
func exitCode(e *finding.Execution) (int64, bool) {
	if !e.Exited || e.ExitStatus&0x7f != 0 {
		return 0, false
	}
	return int64(e.ExitStatus >> 8 & 0xff), true
}

func (w *document) pid(p *finding.Process) {
	if p.PID != 0 || p.HasToken {
		w.Int("pid", int64(p.PID))
	}
}

func (w *document) keys(f *finding.Finding, p *finding.Process) {
	w.pid(p)
	w.Execution("entity_id", f, p.PID, p.PIDVersion)
	w.Text("executable", p.Path)
	w.Text("name", line.Base(p.Path))
	w.Texts("args", p.Args)
	if p.Args != nil {
		w.Int("args_count", int64(len(p.Args)))
	}
	w.Joined("command_line", p.Args)
	w.Time("start", p.StartTime)
	w.Object("code_signature")
	w.Text("signing_id", p.SigningID)
	w.Text("team_id", p.TeamID)
	w.End()
	w.Object("hash")
	w.Hex("cdhash", p.CDHash)
	w.End()
	if p.HasToken {
		w.Bool("interactive", p.TTY != "")
		w.Object("user")
		w.User("id", p.EUID)
		w.End()
		w.Object("real_user")
		w.User("id", p.UID)
		w.End()
	}
}

func (w *document) parent(f *finding.Finding, ref finding.ProcessRef, whole *finding.Process) {
	if whole == nil && ref == (finding.ProcessRef{}) {
		return
	}
	w.Object("parent")
	if whole != nil {
		w.keys(f, whole)
	} else {
		w.Int("pid", int64(ref.PID))
		w.Execution("entity_id", f, ref.PID, ref.PIDVersion)
	}
	w.End()
}

func (w *document) user(in *finding.Initiator) {
	if in == nil {
		return
	}
	w.Object("user")
	w.User("id", in.UID)
	w.Text("name", in.User)
	w.End()
	if in.Session == nil || in.Session.RemoteAddress == "" {
		return
	}
	w.Object("source")
	w.Text("address", in.Session.RemoteAddress)
	if ip, err := netip.ParseAddr(in.Session.RemoteAddress); err == nil && ip.Zone() == "" {
		w.Text("ip", in.Session.RemoteAddress)
	}
	w.End()
}
