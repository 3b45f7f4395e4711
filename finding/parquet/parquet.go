// Package parquet writes findings as Parquet: typed columns under the names that the line has, nested where the line is.
// docs/store.md has the schema.
//
// What is not known is null. Times are timestamps of nanoseconds in UTC. Identities (ino, seq, events) are unsigned 64-bit
// numbers here, not text as in the line. Bytes that are not UTF-8 are U+FFFD, as in the line.
package parquet

import (
	"encoding/hex"
	"io"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
	"github.com/parquet-go/parquet-go"
)

// Writer writes one file.
type Writer struct {
	w   *parquet.GenericWriter[row]
	buf []row
}

const (
	rowsAtOnce  = 256
	rowsInGroup = 64 << 10 // of the file: what is held in memory until it is written
)

// NewWriter begins a file on w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: parquet.NewGenericWriter[row](w,
		parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowsInGroup), parquet.CreatedBy("ascribe", "", ""),
		parquet.KeyValueMetadata("schema", finding.Schema))}
}

// Write adds a finding.
func (w *Writer) Write(f *finding.Finding) error {
	w.buf = append(w.buf, rowOf(f))
	if len(w.buf) < rowsAtOnce {
		return nil
	}
	return w.flush()
}

func (w *Writer) flush() error {
	_, err := w.w.Write(w.buf)
	clear(w.buf)
	w.buf = w.buf[:0]
	return err
}

// Close ends the file. Without it the file cannot be read.
func (w *Writer) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.w.Close()
}

// The columns.
type (
	row struct {
		Kind         string        `parquet:"kind,dict"`
		ID           string        `parquet:"id"`
		Host         *string       `parquet:"host,optional,dict"`
		Boot         *string       `parquet:"boot,optional,dict"`
		Time         *int64        `parquet:"time,optional,timestamp(nanosecond)"`
		EndTime      *int64        `parquet:"end_time,optional,timestamp(nanosecond)"`
		Action       *string       `parquet:"action,optional,dict"`
		Method       *string       `parquet:"method,optional,dict"`
		Path         *string       `parquet:"path,optional"`
		Object       *object       `parquet:"object,optional"`
		SourcePath   *string       `parquet:"source_path,optional"`
		Source       *object       `parquet:"source,optional"`
		Replaced     *object       `parquet:"replaced,optional"`
		Items        []item        `parquet:"items,optional,list"`
		ItemsTotal   uint64        `parquet:"items_total"`
		Reported     *process      `parquet:"reported,optional"`
		ReportedAs   []process     `parquet:"reported_as,list"`
		Actor        *process      `parquet:"actor,optional"`
		Responsible  *responsible  `parquet:"responsible,optional"`
		Initiator    *initiator    `parquet:"initiator,optional"`
		Participants []participant `parquet:"participants,list"`
		Certainty    certainty     `parquet:"certainty"`
		Evidence     []evidence    `parquet:"evidence,list"`
		Alternatives []alternative `parquet:"alternatives,list"`
		Caveats      []string      `parquet:"caveats,list"`
		Events       []eventRange  `parquet:"events,list"`
		EventsTotal  uint64        `parquet:"events_total"`
		Continues    *string       `parquet:"continues,optional"`
		ContinuedBy  *string       `parquet:"continued_by,optional"`
		Event        *string       `parquet:"event,optional,dict"`
		Seq          *uint64       `parquet:"seq,optional"`
		Execution    *execution    `parquet:"execution,optional"`
		From         *int64        `parquet:"from,optional,timestamp(nanosecond)"`
		To           *int64        `parquet:"to,optional,timestamp(nanosecond)"`
		Missing      *uint64       `parquet:"missing,optional"`
		Why          *string       `parquet:"why,optional,dict"`
		Rules        []match       `parquet:"rules,optional,list"`
	}
	match struct {
		Name     *string  `parquet:"name,optional,dict"`
		Severity string   `parquet:"severity,dict"`
		Message  *string  `parquet:"message,optional,dict"`
		Tags     []string `parquet:"tags,list"`
	}
	object struct {
		Type   *string `parquet:"type,optional,dict"`
		Ino    *uint64 `parquet:"ino,optional"`
		Dev    *int32  `parquet:"dev,optional"`
		Size   *int64  `parquet:"size,optional"`
		Volume *volume `parquet:"volume,optional"`
	}
	volume struct {
		Mount *string `parquet:"mount,optional,dict"`
		Kind  string  `parquet:"kind,dict"`
		FS    *string `parquet:"fs,optional,dict"`
	}
	item struct {
		Path       *string `parquet:"path,optional"`
		SourcePath *string `parquet:"source_path,optional"`
		Action     *string `parquet:"action,optional,dict"`
		Object     *object `parquet:"object,optional"`
	}
	process struct {
		PID        *int32   `parquet:"pid,optional"`
		PIDVersion *uint32  `parquet:"pidversion,optional"`
		Path       *string  `parquet:"path,optional,dict"`
		SigningID  *string  `parquet:"signing_id,optional,dict"`
		TeamID     *string  `parquet:"team_id,optional,dict"`
		Platform   *bool    `parquet:"platform,optional"`
		Service    *string  `parquet:"service,optional,dict"`
		StartTime  *int64   `parquet:"start_time,optional,timestamp(nanosecond)"`
		AUID       *uint32  `parquet:"auid,optional"`
		UID        *uint32  `parquet:"uid,optional"`
		EUID       *uint32  `parquet:"euid,optional"`
		ASID       *uint32  `parquet:"asid,optional"`
		TTY        *string  `parquet:"tty,optional,dict"`
		CDHash     *string  `parquet:"cdhash,optional,dict"`
		Args       []string `parquet:"args,optional,list"`
		Script     *string  `parquet:"script,optional,dict"`
		Parent     *ref     `parquet:"parent,optional"`
	}
	ref struct {
		PID        int32   `parquet:"pid"`
		PIDVersion *uint32 `parquet:"pidversion,optional"`
	}
	responsible struct {
		process
		App    *string `parquet:"app,optional,dict"`
		Basis  string  `parquet:"basis,dict"`
		Status string  `parquet:"status,dict"`
	}
	initiator struct {
		Class   string   `parquet:"class,dict"`
		UID     *uint32  `parquet:"uid,optional"`
		User    *string  `parquet:"user,optional,dict"`
		Session *session `parquet:"session,optional"`
		Agent   *agent   `parquet:"agent,optional"`
	}
	session struct {
		ASID          *uint32 `parquet:"asid,optional"`
		Type          string  `parquet:"type,dict"`
		RemoteAddress *string `parquet:"remote_address,optional,dict"`
	}
	agent struct {
		Name       *string `parquet:"name,optional,dict"`
		PID        int32   `parquet:"pid"`
		PIDVersion uint32  `parquet:"pidversion"`
		SigningID  *string `parquet:"signing_id,optional,dict"`
	}
	participant struct {
		Role    *string `parquet:"role,optional,dict"`
		Process process `parquet:"process"`
	}
	certainty struct {
		Action      string `parquet:"action,dict"`
		Actor       string `parquet:"actor,dict"`
		Responsible string `parquet:"responsible,dict"`
		Initiator   string `parquet:"initiator,dict"`
	}
	evidence struct {
		For    *string  `parquet:"for,optional,dict"`
		Rule   *string  `parquet:"rule,optional,dict"`
		Events []uint64 `parquet:"events,list"`
		Says   *string  `parquet:"says,optional,dict"`
	}
	alternative struct {
		For       *string    `parquet:"for,optional,dict"`
		Process   *process   `parquet:"process,optional"`
		Initiator *initiator `parquet:"initiator,optional"`
		Certainty string     `parquet:"certainty,dict"`
		Rule      *string    `parquet:"rule,optional,dict"`
		Action    *string    `parquet:"action,optional,dict"`
		Says      *string    `parquet:"says,optional,dict"`
	}
	eventRange struct {
		First uint64 `parquet:"first"`
		Last  uint64 `parquet:"last"`
	}
	execution struct {
		Process     process      `parquet:"process"`
		Origin      *string      `parquet:"origin,optional,dict"`
		Parent      *process     `parquet:"parent,optional"`
		Responsible *responsible `parquet:"responsible,optional"`
		Started     *int64       `parquet:"started,optional,timestamp(nanosecond)"`
		Ended       *int64       `parquet:"ended,optional,timestamp(nanosecond)"`
		ExitStatus  *int32       `parquet:"exit_status,optional"`
		Next        *ref         `parquet:"next,optional"`
	}
)

func rowOf(f *finding.Finding) row {
	r := row{
		Kind: string(f.Kind), ID: f.ID, Host: text(f.Host), Boot: text(f.Boot), Time: moment(f.Time), EndTime: moment(f.EndTime),
		Action: text(string(f.Action)), Method: text(string(f.Method)), Path: text(f.Path), Object: objectOf(f.Object),
		SourcePath: text(f.SourcePath), Source: objectOf(f.Source), Replaced: objectOf(f.Replaced), ItemsTotal: f.ItemsTotal,
		Reported: maybe(f.Reported, processOf), Actor: maybe(f.Actor, processOf), Responsible: maybe(f.Responsible, responsibleOf),
		Initiator: maybe(f.Initiator, initiatorOf), EventsTotal: f.EventsTotal, Continues: text(f.Continues),
		ContinuedBy: text(f.ContinuedBy), Event: text(f.Event), Execution: maybe(f.Execution, executionOf),
		Certainty: certainty{level(f.Certainty.Action), level(f.Certainty.Actor), level(f.Certainty.Responsible), level(f.Certainty.Initiator)},
	}
	if f.Items != nil {
		r.Items = []item{}
	}
	for i := range f.Items {
		it := &f.Items[i]
		r.Items = append(r.Items, item{text(it.Path), text(it.SourcePath), text(string(it.Action)), objectOf(it.Object)})
	}
	for i := range f.ReportedAs {
		r.ReportedAs = append(r.ReportedAs, processOf(&f.ReportedAs[i]))
	}
	for i := range f.Participants {
		r.Participants = append(r.Participants, participant{text(f.Participants[i].Role), processOf(&f.Participants[i].Process)})
	}
	for i := range f.Evidence {
		e := &f.Evidence[i]
		r.Evidence = append(r.Evidence, evidence{text(string(e.For)), text(e.Rule), e.Events, text(e.Says)})
	}
	for i := range f.Alternatives {
		a := &f.Alternatives[i]
		r.Alternatives = append(r.Alternatives, alternative{
			For: text(string(a.For)), Process: maybe(a.Process, processOf), Initiator: maybe(a.Initiator, initiatorOf),
			Certainty: level(a.Certainty), Rule: text(a.Rule), Action: text(string(a.Action)), Says: text(a.Says),
		})
	}
	for _, c := range f.Caveats {
		r.Caveats = append(r.Caveats, string(c))
	}
	for _, e := range f.Events {
		r.Events = append(r.Events, eventRange{e[0], e[1]})
	}
	if f.Rules != nil {
		r.Rules = []match{}
	}
	for i := range f.Rules {
		m := &f.Rules[i]
		r.Rules = append(r.Rules, match{text(m.Name), word(string(m.Severity), string(finding.Info)), text(m.Message), m.Tags})
	}
	if f.Kind == finding.KindEvent && f.Seq != es.NoSeq {
		r.Seq = &f.Seq
	}
	if g := f.Gap; g != nil {
		r.From, r.To, r.Missing, r.Why = moment(g.From), moment(g.To), unless(g.Missing, 0), text(g.Why)
	}
	return r
}

func objectOf(o *finding.Object) *object {
	if o == nil {
		return nil
	}
	out := &object{Type: text(string(o.Type)), Ino: unless(o.Ino, 0), Dev: unless(o.Dev, 0)}
	if o.Size >= 0 {
		out.Size = &o.Size
	}
	if v := o.Volume; v != nil {
		out.Volume = &volume{text(v.Mount), word(string(v.Kind), string(finding.VolumeUnknown)), text(v.FS)}
	}
	return out
}

func processOf(p *finding.Process) process {
	out := process{
		PID: &p.PID, PIDVersion: &p.PIDVersion, Path: text(p.Path), SigningID: text(p.SigningID), TeamID: text(p.TeamID),
		Service: text(p.Service), StartTime: moment(p.StartTime), TTY: text(p.TTY), Script: text(p.Script), Parent: refOf(p.Parent),
	}
	if !p.HasToken {
		out.PID, out.PIDVersion = unless(p.PID, 0), unless(p.PIDVersion, 0)
	} else {
		out.Platform = &p.Platform
		out.AUID, out.UID = unless(p.AUID, es.Unset), unless(p.UID, es.Unset)
		out.EUID, out.ASID = unless(p.EUID, es.Unset), unless(p.ASID, es.Unset)
	}
	if !p.CDHash.IsZero() {
		h := hex.EncodeToString(p.CDHash[:])
		out.CDHash = &h
	}
	if p.Args != nil {
		out.Args = []string{}
	}
	for _, a := range p.Args {
		out.Args = append(out.Args, valid(a))
	}
	return out
}

func refOf(r finding.ProcessRef) *ref {
	if r == (finding.ProcessRef{}) {
		return nil
	}
	return &ref{r.PID, unless(r.PIDVersion, 0)}
}

func responsibleOf(r *finding.Responsible) responsible {
	return responsible{
		processOf(&r.Process), text(r.App), word(string(r.Basis), string(finding.BasisNone)),
		word(string(r.Status), string(finding.StatusUnknown)),
	}
}

func initiatorOf(in *finding.Initiator) initiator {
	out := initiator{Class: word(string(in.Class), string(finding.ClassUnknown)), UID: unless(in.UID, es.Unset), User: text(in.User)}
	if s := in.Session; s != nil {
		out.Session = &session{unless(s.ASID, es.Unset), word(string(s.Type), string(finding.SessionUnknown)), text(s.RemoteAddress)}
	}
	if a := in.Agent; a != nil {
		out.Agent = &agent{text(a.Name), a.PID, a.PIDVersion, text(a.SigningID)}
	}
	return out
}

func executionOf(x *finding.Execution) execution {
	out := execution{
		Process: processOf(&x.Process), Origin: text(x.Origin), Parent: maybe(x.Parent, processOf),
		Responsible: maybe(x.Responsible, responsibleOf), Started: moment(x.Started), Ended: moment(x.Ended), Next: refOf(x.Next),
	}
	if x.Exited {
		out.ExitStatus = &x.ExitStatus
	}
	return out
}

// maybe keeps nil nil.
func maybe[F, T any](from *F, to func(*F) T) *T {
	if from == nil {
		return nil
	}
	v := to(from)
	return &v
}

// unless is v, or null where it is what stands for unknown.
func unless[T comparable](v, unknown T) *T {
	if v == unknown {
		return nil
	}
	return &v
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	s = valid(s)
	return &s
}

// valid is s with U+FFFD for each byte that is not UTF-8, as the line has it.
func valid(s string) string { return string([]rune(s)) }

func word(s, unknown string) string {
	if s == "" {
		return unknown
	}
	return strings.Clone(s)
}

func moment(t es.Time) *int64 {
	if t == 0 {
		return nil
	}
	n := int64(t)
	return &n
}

func level(c finding.Certainty) string {
	if c > finding.Certain {
		c = finding.Unknown
	}
	return c.String()
}
