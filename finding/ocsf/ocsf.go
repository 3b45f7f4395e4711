// Package ocsf writes findings as events of the Open Cybersecurity Schema Framework: operations and single events as File
// System Activity (1001), executions as Process Activity (1007), gaps as Base Event (0).
//
// docs/formats.md says field by field what is meant. What the schema has no place for stands in enrichments (for whom, whose
// doing, how sure), and the whole finding, in the contract's words, under "unmapped".
package ocsf

import (
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/line"
)

// Version is the version of the schema that is written.
const Version = "1.2.0"

// Append appends f as one JSON object, without a newline, and returns the extended slice. It allocates only to grow dst.
func Append(dst []byte, f *finding.Finding) []byte {
	w := event{line.Writer{B: dst}}
	w.Object("")
	switch f.Kind {
	case finding.KindOperation:
		a := activityOf(f)
		w.class(fileSystem, a)
		w.Text("activity_name", a.name)
		w.status(f)
		w.times(f.Time, f.EndTime)
		w.device(f)
		w.actor(f)
		w.files(f, a)
		if f.ItemsTotal > 1 {
			w.Uint("count", f.ItemsTotal)
		}
	case finding.KindEvent:
		a := activityOfEvent(f.Event)
		w.class(fileSystem, a)
		w.Text("activity_name", a.name)
		w.times(f.Time, f.EndTime)
		w.device(f)
		w.actor(f)
		w.files(f, a)
	case finding.KindProcess:
		w.life(f)
	case finding.KindGap:
		w.class(baseEvent, activity{other, "Gap"})
		w.Raw("activity_name", `"Gap"`)
		w.gap(f)
	}
	_, level := line.Worst(f)
	w.Uint("severity_id", level)
	w.Text("severity", severities[level-1])
	w.Message("message", f)
	w.metadata(f)
	w.enrichments(f)
	w.Object("unmapped")
	w.Finding("ascribe", f)
	w.End()
	w.End()
	return w.B
}

var severities = [...]string{"Informational", "Low", "Medium", "High", "Critical"}

// event is one event being written.
type event struct{ line.Writer }

type class struct {
	id   uint64
	text string // what every event of the class says of it
}

var (
	fileSystem = class{1001, `"category_uid":1,"category_name":"System Activity","class_uid":1001,"class_name":"File System Activity"`}
	process    = class{1007, `"category_uid":1,"category_name":"System Activity","class_uid":1007,"class_name":"Process Activity"`}
	baseEvent  = class{0, `"category_uid":0,"category_name":"Uncategorized","class_uid":0,"class_name":"Base Event"`}
)

// class writes what comes first.
func (w *event) class(c class, a activity) {
	w.B = append(w.B, c.text...)
	w.Uint("type_uid", c.id*100+a.id)
	w.Uint("activity_id", a.id)
}

// status: what Endpoint Security tells of is an attempt, but an operation is told only when something confirmed it.
func (w *event) status(f *finding.Finding) {
	for _, c := range f.Caveats {
		if c == finding.CaveatUnconfirmed {
			w.Raw("status_id", "0")
			w.Raw("status", `"Unknown"`)
			return
		}
	}
	w.Raw("status_id", "1")
	w.Raw("status", `"Success"`)
}

func (w *event) times(from, to es.Time) {
	if from == 0 {
		from = to
	}
	if from == 0 {
		w.Raw("time", "0")
		return
	}
	w.Millis("time", from)
	if to > from {
		w.Millis("start_time", from)
		w.Millis("end_time", to)
		w.Int("duration", int64(to-from)/1e6)
	}
}

func (w *event) device(f *finding.Finding) {
	w.Object("device")
	w.Raw("type_id", "0")
	w.Raw("os", `{"name":"macOS","type_id":300}`)
	w.Text("uid", f.Host)
	w.End()
}

func (w *event) metadata(f *finding.Finding) {
	w.Object("metadata")
	w.Raw("version", `"`+Version+`"`)
	w.Raw("product", `{"name":"ascribe","vendor_name":"ascribe"}`)
	w.Raw("log_provider", `"EndpointSecurity"`)
	w.Text("uid", f.ID)
	w.Time("original_time", f.Time)
	w.End()
}

func (w *event) actor(f *finding.Finding) {
	p, r, in := line.Actor(f), line.Responsible(f), line.Initiator(f)
	w.Object("actor")
	if p != nil {
		w.process("process", f, p, in)
	}
	if r != nil {
		name := r.App
		if name == "" {
			name = line.Base(r.Path)
		}
		w.Text("app_name", name)
		w.Text("app_uid", r.SigningID)
	}
	w.user(in)
	w.session(in)
	w.End()
}

// user is whose doing it was. One that nobody can name is said to be unknown: an actor must be something.
func (w *event) user(in *finding.Initiator) {
	w.Object("user")
	switch {
	case in == nil, in.UID == es.Unset && in.User == "" && in.Class != finding.ClassSystem:
		w.Raw("name", `"Unknown"`)
		w.Raw("type_id", "0")
	case in.Class == finding.ClassSystem:
		w.Raw("type_id", "3")
		if in.User != "" {
			w.Text("name", in.User)
		} else {
			w.Raw("name", `"macOS"`)
		}
		w.User("uid", in.UID)
	default:
		w.Raw("type_id", "1")
		w.Text("name", in.User)
		w.User("uid", in.UID)
	}
	w.End()
}

func (w *event) session(in *finding.Initiator) {
	if in == nil || in.Session == nil {
		return
	}
	w.Object("session")
	w.User("uid", in.Session.ASID)
	switch in.Session.Type {
	case finding.SessionSSH, finding.SessionScreenSharing, finding.SessionFileSharing:
		w.Raw("is_remote", "true")
	case finding.SessionConsole, finding.SessionLogin, finding.SessionBackground:
		w.Raw("is_remote", "false")
	case finding.SessionUnknown:
	}
	w.End()
}

func (w *event) process(k string, f *finding.Finding, p *finding.Process, in *finding.Initiator) {
	w.Object(k)
	w.processKeys(f, p, in)
	if p.Parent != (finding.ProcessRef{}) {
		w.Object("parent_process")
		w.Int("pid", int64(p.Parent.PID))
		w.Execution("uid", f, p.Parent.PID, p.Parent.PIDVersion)
		w.End()
	}
	w.End()
}

func (w *event) processKeys(f *finding.Finding, p *finding.Process, in *finding.Initiator) {
	w.Int("pid", int64(p.PID))
	w.Execution("uid", f, p.PID, p.PIDVersion)
	w.Text("name", line.Base(p.Path))
	w.Joined("cmd_line", p.Args)
	w.Millis("created_time", p.StartTime)
	if p.Path != "" {
		w.Object("file")
		w.Text("path", p.Path)
		w.name(p.Path)
		w.Raw("type_id", "1")
		w.List("hashes")
		if !p.CDHash.IsZero() {
			w.Object("")
			w.Raw("algorithm_id", "99")
			w.Raw("algorithm", `"cdhash"`)
			w.Hex("value", p.CDHash)
			w.End()
		}
		w.EndList()
		w.End()
	}
	if p.HasToken && p.EUID != es.Unset {
		w.Object("user")
		w.User("uid", p.EUID)
		if in != nil && in.UID == p.EUID {
			w.Text("name", in.User)
		}
		w.End()
	}
	if p.HasToken && (p.ASID != es.Unset || p.TTY != "") {
		w.Object("session")
		w.User("uid", p.ASID)
		w.Text("terminal", p.TTY)
		w.End()
	}
}

// name of a file is required, even where it is not known.
func (w *event) name(path string) {
	if name := line.Base(path); name != "" {
		w.Text("name", name)
	} else if path != "" {
		w.Text("name", path)
	} else {
		w.Raw("name", `""`)
	}
}

func (w *event) files(f *finding.Finding, a activity) {
	if moves(f, a) {
		source := f.Source
		if source == nil {
			source = f.Object
		}
		w.file("file", f.SourcePath, source)
		w.file("file_result", f.Path, f.Object)
		return
	}
	w.file("file", f.Path, f.Object)
}

func (w *event) file(k, path string, o *finding.Object) {
	w.Object(k)
	w.Text("path", path)
	w.name(path)
	w.Text("parent_folder", line.Dir(path))
	if o == nil {
		w.Raw("type_id", "0")
		w.End()
		return
	}
	switch o.Type {
	case finding.ObjectFile:
		w.Raw("type_id", "1")
	case finding.ObjectDirectory, finding.ObjectBundle:
		w.Raw("type_id", "2")
	case finding.ObjectSymlink:
		w.Raw("type_id", "7")
	case finding.ObjectOther:
		w.Raw("type_id", "99")
	default:
		w.Raw("type_id", "0")
	}
	if o.Ino != 0 {
		w.UintText("uid", o.Ino)
	}
	if o.Size >= 0 {
		w.Int("size", o.Size)
	}
	w.End()
}

// life is an execution: launched, where its beginning was seen, else ended, else merely there.
func (w *event) life(f *finding.Finding) {
	e := f.Execution
	if e == nil {
		e = &finding.Execution{}
	}
	a, from, to := activity{other, "Running"}, f.Time, f.EndTime
	switch {
	case e.Started != 0:
		a, from, to = activity{1, "Launch"}, e.Started, e.Ended
	case e.Ended != 0:
		a, from, to = activity{2, "Terminate"}, e.Ended, e.Ended
	}
	w.class(process, a)
	w.Text("activity_name", a.name)
	w.times(from, to)
	if e.Exited && e.ExitStatus&0x7f == 0 {
		w.Int("exit_code", int64(e.ExitStatus>>8&0xff))
	}
	w.device(f)
	w.Object("actor") // who launched it
	if e.Parent != nil {
		w.process("process", f, e.Parent, nil)
	} else if e.Process.Parent != (finding.ProcessRef{}) {
		w.Object("process")
		w.Int("pid", int64(e.Process.Parent.PID))
		w.Execution("uid", f, e.Process.Parent.PID, e.Process.Parent.PIDVersion)
		w.End()
	} else {
		w.user(nil)
	}
	w.End()
	w.Object("process")
	w.processKeys(f, &e.Process, nil)
	w.Millis("terminated_time", e.Ended)
	w.End()
}

func (w *event) gap(f *finding.Finding) {
	if f.Gap == nil {
		w.times(f.Time, f.EndTime)
		return
	}
	from := f.Gap.From
	if from == 0 {
		from = f.Time
	}
	w.times(from, f.Gap.To)
	w.Text("status_detail", f.Gap.Why)
	if f.Gap.Missing > 0 && f.Gap.Missing <= 1<<31-1 {
		w.Uint("count", f.Gap.Missing)
	}
}
