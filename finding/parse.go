package finding

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
)

// ErrSchema is wrapped by [Parse]'s error for a line that is JSON but no finding of this contract.
var ErrSchema = errors.New("not a line of " + Schema)

// Parse reads one line that [Append] wrote. Keys that it does not know are passed over: later versions add keys, and never
// rename or repurpose one.
func Parse(line []byte) (*Finding, error) {
	var l jsonFinding
	if err := json.Unmarshal(line, &l); err != nil {
		return nil, fmt.Errorf("parse finding: %w", err)
	}
	if l.Schema != Schema {
		return nil, fmt.Errorf("parse finding: %w: its schema is %q", ErrSchema, l.Schema)
	}
	f, err := l.finding()
	if err != nil {
		return nil, fmt.Errorf("parse finding %q: %w", f.ID, err)
	}
	return f, nil
}

// The line as encoding/json sees it. Pointers are what may be null and has no zero that means it.
type (
	jsonFinding struct {
		Schema       string            `json:"schema"`
		Kind         Kind              `json:"kind"`
		ID           string            `json:"id"`
		Host         string            `json:"host"`
		Boot         string            `json:"boot"`
		Time         jsonTime          `json:"time"`
		EndTime      jsonTime          `json:"end_time"`
		Action       Action            `json:"action"`
		Method       Method            `json:"method"`
		Path         string            `json:"path"`
		Object       *jsonObject       `json:"object"`
		SourcePath   string            `json:"source_path"`
		Source       *jsonObject       `json:"source"`
		Replaced     *jsonObject       `json:"replaced"`
		Items        []jsonItem        `json:"items"`
		ItemsTotal   uint64            `json:"items_total"`
		Reported     *jsonProcess      `json:"reported"`
		ReportedAs   []jsonProcess     `json:"reported_as"`
		Actor        *jsonProcess      `json:"actor"`
		Responsible  *jsonResponsible  `json:"responsible"`
		Initiator    *jsonInitiator    `json:"initiator"`
		Participants []jsonParticipant `json:"participants"`
		Certainty    jsonLevels        `json:"certainty"`
		Evidence     []jsonEvidence    `json:"evidence"`
		Alternatives []jsonAlternative `json:"alternatives"`
		Caveats      []Caveat          `json:"caveats"`
		Events       []Range           `json:"events"`
		EventsTotal  uint64            `json:"events_total"`
		Continues    string            `json:"continues"`
		ContinuedBy  string            `json:"continued_by"`
		Event        string            `json:"event"`
		Seq          *uint64           `json:"seq"`
		Execution    *jsonExecution    `json:"execution"`
		From         jsonTime          `json:"from"`
		To           jsonTime          `json:"to"`
		Missing      uint64            `json:"missing"`
		Why          string            `json:"why"`
		Rules        []jsonMatch       `json:"rules"`
	}
	jsonMatch struct {
		Name     string   `json:"name"`
		Severity Severity `json:"severity"`
		Message  string   `json:"message"`
		Tags     []string `json:"tags"`
	}
	jsonObject struct {
		Type   ObjectType  `json:"type"`
		Ino    string      `json:"ino"`
		Dev    int32       `json:"dev"`
		Size   *int64      `json:"size"`
		Volume *jsonVolume `json:"volume"`
	}
	jsonVolume struct {
		Mount string     `json:"mount"`
		Kind  VolumeKind `json:"kind"`
		FS    string     `json:"fs"`
	}
	jsonItem struct {
		Path       string      `json:"path"`
		SourcePath string      `json:"source_path"`
		Action     Action      `json:"action"`
		Object     *jsonObject `json:"object"`
	}
	jsonProcess struct {
		PID        int32    `json:"pid"`
		PIDVersion uint32   `json:"pidversion"`
		Path       string   `json:"path"`
		SigningID  string   `json:"signing_id"`
		TeamID     string   `json:"team_id"`
		Platform   *bool    `json:"platform"`
		Service    string   `json:"service"`
		StartTime  jsonTime `json:"start_time"`
		AUID       *uint32  `json:"auid"`
		UID        *uint32  `json:"uid"`
		EUID       *uint32  `json:"euid"`
		ASID       *uint32  `json:"asid"`
		TTY        string   `json:"tty"`
		CDHash     string   `json:"cdhash"`
		Args       []string `json:"args"`
		Script     string   `json:"script"`
		Parent     *jsonRef `json:"parent"`
	}
	jsonRef struct {
		PID        int32  `json:"pid"`
		PIDVersion uint32 `json:"pidversion"`
	}
	jsonResponsible struct {
		jsonProcess
		App    string `json:"app"`
		Basis  Basis  `json:"basis"`
		Status Status `json:"status"`
	}
	jsonInitiator struct {
		Class   Class        `json:"class"`
		UID     *uint32      `json:"uid"`
		User    string       `json:"user"`
		Session *jsonSession `json:"session"`
		Agent   *jsonAgent   `json:"agent"`
	}
	jsonSession struct {
		ASID          *uint32     `json:"asid"`
		Type          SessionType `json:"type"`
		RemoteAddress string      `json:"remote_address"`
	}
	jsonAgent struct {
		Name       string `json:"name"`
		PID        int32  `json:"pid"`
		PIDVersion uint32 `json:"pidversion"`
		SigningID  string `json:"signing_id"`
	}
	jsonParticipant struct {
		Role    string      `json:"role"`
		Process jsonProcess `json:"process"`
	}
	jsonLevels struct {
		Action      string `json:"action"`
		Actor       string `json:"actor"`
		Responsible string `json:"responsible"`
		Initiator   string `json:"initiator"`
	}
	jsonEvidence struct {
		For    Role     `json:"for"`
		Rule   string   `json:"rule"`
		Events []uint64 `json:"events"`
		Says   string   `json:"says"`
	}
	jsonAlternative struct {
		For       Role           `json:"for"`
		Process   *jsonProcess   `json:"process"`
		Initiator *jsonInitiator `json:"initiator"`
		Certainty string         `json:"certainty"`
		Rule      string         `json:"rule"`
		Action    Action         `json:"action"`
		Says      string         `json:"says"`
	}
	jsonExecution struct {
		Process     jsonProcess      `json:"process"`
		Origin      string           `json:"origin"`
		Parent      *jsonProcess     `json:"parent"`
		Responsible *jsonResponsible `json:"responsible"`
		Started     jsonTime         `json:"started"`
		Ended       jsonTime         `json:"ended"`
		ExitStatus  *int32           `json:"exit_status"`
		Next        *jsonRef         `json:"next"`
	}
	jsonTime string
)

// faults collects the first thing that is wrong with a line.
type faults struct{ err error }

func (x *faults) note(what, value string) {
	if x.err == nil {
		x.err = fmt.Errorf("%w: %s %q", ErrSchema, what, value)
	}
}

func (l *jsonFinding) finding() (*Finding, error) {
	var x faults
	f := &Finding{
		Kind: l.Kind, ID: l.ID, Host: l.Host, Boot: l.Boot, Time: x.time(l.Time), EndTime: x.time(l.EndTime),
		Action: l.Action, Method: l.Method, Path: l.Path, Object: x.object(l.Object),
		SourcePath: l.SourcePath, Source: x.object(l.Source), Replaced: x.object(l.Replaced), ItemsTotal: l.ItemsTotal,
		Event: l.Event, Reported: x.process(l.Reported),
		Actor: x.process(l.Actor), Responsible: x.responsible(l.Responsible), Initiator: initiator(l.Initiator),
		Certainty: Levels{
			Action: x.certainty(l.Certainty.Action), Actor: x.certainty(l.Certainty.Actor),
			Responsible: x.certainty(l.Certainty.Responsible), Initiator: x.certainty(l.Certainty.Initiator),
		},
		EventsTotal: l.EventsTotal, Continues: l.Continues, ContinuedBy: l.ContinuedBy, Execution: x.execution(l.Execution),
	}
	if l.Items != nil {
		f.Items = make([]Item, len(l.Items))
		for i, it := range l.Items {
			f.Items[i] = Item{Path: it.Path, SourcePath: it.SourcePath, Action: it.Action, Object: x.object(it.Object)}
		}
	}
	for i := range l.ReportedAs {
		f.ReportedAs = append(f.ReportedAs, *x.process(&l.ReportedAs[i]))
	}
	for i := range l.Participants {
		p := &l.Participants[i]
		f.Participants = append(f.Participants, Participant{Role: p.Role, Process: *x.process(&p.Process)})
	}
	for _, e := range l.Evidence {
		f.Evidence = append(f.Evidence, Evidence{For: e.For, Rule: e.Rule, Events: some(e.Events), Says: e.Says})
	}
	for i := range l.Alternatives {
		a := &l.Alternatives[i]
		f.Alternatives = append(f.Alternatives, Alternative{
			For: a.For, Action: a.Action, Process: x.process(a.Process), Initiator: initiator(a.Initiator),
			Certainty: x.certainty(a.Certainty), Rule: a.Rule, Says: a.Says,
		})
	}
	f.Caveats, f.Events = some(l.Caveats), some(l.Events)
	if l.Rules != nil {
		f.Rules = []Match{}
	}
	for _, m := range l.Rules {
		f.Rules = append(f.Rules, Match{Name: m.Name, Severity: m.Severity, Message: m.Message, Tags: some(m.Tags)})
	}
	switch l.Kind {
	case KindEvent:
		f.Seq = es.NoSeq
		if l.Seq != nil {
			f.Seq = *l.Seq
		}
	case KindGap:
		f.Gap = &Gap{From: x.time(l.From), To: x.time(l.To), Missing: l.Missing, Why: l.Why}
	case KindOperation, KindProcess:
	default:
		x.note("kind", string(l.Kind))
	}
	return f, x.err
}

// some is nil for an empty list: the two are written alike.
func some[T any](l []T) []T {
	if len(l) == 0 {
		return nil
	}
	return l
}

func (x *faults) object(o *jsonObject) *Object {
	if o == nil {
		return nil
	}
	out := &Object{Type: o.Type, Dev: o.Dev, Size: -1}
	if o.Ino != "" {
		n, err := strconv.ParseUint(o.Ino, 10, 64)
		if err != nil {
			x.note("ino", o.Ino)
		}
		out.Ino = n
	}
	if o.Size != nil {
		out.Size = *o.Size
	}
	if v := o.Volume; v != nil {
		out.Volume = &Volume{Mount: v.Mount, Kind: v.Kind, FS: v.FS}
	}
	return out
}

func (x *faults) process(p *jsonProcess) *Process {
	if p == nil {
		return nil
	}
	out := &Process{
		PID: p.PID, PIDVersion: p.PIDVersion, Path: p.Path, SigningID: p.SigningID, TeamID: p.TeamID,
		Service: p.Service, StartTime: x.time(p.StartTime), TTY: p.TTY, Args: p.Args, Script: p.Script,
		Parent: reference(p.Parent), AUID: id(p.AUID), UID: id(p.UID), EUID: id(p.EUID), ASID: id(p.ASID),
	}
	if p.Platform != nil {
		out.HasToken, out.Platform = true, *p.Platform
	}
	if p.CDHash != "" {
		b, err := hex.DecodeString(p.CDHash)
		if err != nil || len(b) != len(out.CDHash) {
			x.note("cdhash", p.CDHash)
		}
		copy(out.CDHash[:], b)
	}
	return out
}

func (x *faults) responsible(r *jsonResponsible) *Responsible {
	if r == nil {
		return nil
	}
	return &Responsible{Process: *x.process(&r.jsonProcess), App: r.App, Basis: r.Basis, Status: r.Status}
}

func (x *faults) execution(e *jsonExecution) *Execution {
	if e == nil {
		return nil
	}
	out := &Execution{
		Process: *x.process(&e.Process), Origin: e.Origin, Parent: x.process(e.Parent),
		Responsible: x.responsible(e.Responsible), Started: x.time(e.Started), Ended: x.time(e.Ended), Next: reference(e.Next),
	}
	if e.ExitStatus != nil {
		out.Exited, out.ExitStatus = true, *e.ExitStatus
	}
	return out
}

func (x *faults) certainty(s string) Certainty {
	for _, c := range Certainties {
		if c.String() == s {
			return c
		}
	}
	x.note("certainty", s)
	return Unknown
}

func (x *faults) time(t jsonTime) es.Time {
	if t == "" {
		return 0
	}
	at, err := time.Parse(time.RFC3339Nano, string(t))
	if err != nil || !strings.HasSuffix(string(t), "Z") {
		x.note("time", string(t))
		return 0
	}
	return es.Time(at.UnixNano())
}

func initiator(in *jsonInitiator) *Initiator {
	if in == nil {
		return nil
	}
	out := &Initiator{Class: in.Class, UID: id(in.UID), User: in.User}
	if s := in.Session; s != nil {
		out.Session = &Session{ASID: id(s.ASID), Type: s.Type, RemoteAddress: s.RemoteAddress}
	}
	if a := in.Agent; a != nil {
		out.Agent = &Agent{Name: a.Name, PID: a.PID, PIDVersion: a.PIDVersion, SigningID: a.SigningID}
	}
	return out
}

func reference(r *jsonRef) ProcessRef {
	if r == nil {
		return ProcessRef{}
	}
	return ProcessRef{PID: r.PID, PIDVersion: r.PIDVersion}
}

func id(n *uint32) uint32 {
	if n == nil {
		return es.Unset
	}
	return *n
}
