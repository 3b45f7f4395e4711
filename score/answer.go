package score

import (
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Answer is what a tool says of one operation, or of one message.
type Answer struct {
	Events []Range   // the messages that it speaks of; nil: matched by path and time
	Time   time.Time // of the first

	Action string // "": it says only who, not what
	Method string // "" not said
	Path   string
	Source string
	Items  int      // files of a batch; 0 not said
	Files  []string // their paths, as far as they are said

	Actor       *Process // nil: not answered; so with the others
	Responsible *Process
	Initiator   *Initiator

	Levels  finding.Levels
	Leveled bool // the tool says how sure it is; without, every answer that is given counts as answered
}

// FromFinding is the answer of an operation or event finding; false for other kinds.
func FromFinding(f *finding.Finding) (Answer, bool) {
	a := Answer{
		Time: f.Time.Std(), Action: string(f.Action), Method: string(f.Method), Path: f.Path, Source: f.SourcePath,
		Items: int(f.ItemsTotal), Levels: f.Certainty, Leveled: true, Events: f.Events,
	}
	switch f.Kind {
	case finding.KindOperation:
	case finding.KindEvent:
		a.Action, a.Levels.Action = "", finding.Unknown
		a.Events = []Range{{f.Seq, f.Seq}}
		if f.Seq == es.NoSeq {
			a.Events = nil
		}
	default:
		return Answer{}, false
	}
	for i := range f.Items {
		a.Files = append(a.Files, f.Items[i].Path)
	}
	if f.Actor != nil {
		a.Actor = processOf(f.Actor)
	}
	if f.Responsible != nil {
		a.Responsible = processOf(&f.Responsible.Process)
	}
	if f.Initiator != nil {
		a.Initiator = &Initiator{Class: string(f.Initiator.Class), UID: f.Initiator.UID}
	}
	return a, true
}

func processOf(p *finding.Process) *Process {
	return &Process{PID: p.PID, PIDVersion: p.PIDVersion, Path: p.Path}
}

// answered reports whether an answer is given for a role, at any level but unknown.
func (a *Answer) answered(r finding.Role) bool {
	given := false
	switch r {
	case finding.RoleAction:
		given = a.Action != ""
	case finding.RoleActor:
		given = a.Actor != nil
	case finding.RoleResponsible:
		given = a.Responsible != nil
	case finding.RoleInitiator:
		given = a.Initiator != nil
	}
	return given && (!a.Leveled || a.Levels.Of(r) != finding.Unknown)
}

// right reports whether an answer that is given for a role is so.
func (a *Answer) right(r finding.Role, o *Operation) bool {
	switch r {
	case finding.RoleAction:
		return o.told(a)
	case finding.RoleActor:
		return a.Actor.Same(o.Actor) || among(o.Parts, *a.Actor)
	case finding.RoleResponsible:
		return a.Responsible.Same(o.Responsible)
	}
	return a.Initiator.UID == o.Initiator.UID && (a.Initiator.Class == "" || a.Initiator.Class == o.Initiator.Class)
}
