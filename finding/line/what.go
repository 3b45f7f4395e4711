package line

import (
	"strings"

	"ascribe.example/finding"
)

// Other schemas have no place for how sure an answer is beside the answer. So a field of theirs holds an answer that is at
// least possible; a mere hint, whose certainty is unknown, stands in the finding alone.

// Actor is who did it, where somebody can say.
func Actor(f *finding.Finding) *finding.Process {
	if f.Certainty.Actor == finding.Unknown {
		return nil
	}
	return f.Actor
}

// Responsible is for whom it was done, where somebody can say.
func Responsible(f *finding.Finding) *finding.Responsible {
	if f.Certainty.Responsible == finding.Unknown {
		return nil
	}
	return f.Responsible
}

// Initiator is whose doing it was, where somebody can say.
func Initiator(f *finding.Finding) *finding.Initiator {
	if f.Certainty.Initiator == finding.Unknown {
		return nil
	}
	return f.Initiator
}

// Worst is the most severe of the user's rules that matched, the first of these if there are several, and how severe it is:
// from 1 to 5 in the order of [finding.Severities]. nil, 1: none matched.
func Worst(f *finding.Finding) (*finding.Match, uint64) {
	var worst *finding.Match
	level := uint64(0)
	for i := range f.Rules {
		for j, s := range finding.Severities {
			if s == f.Rules[i].Severity && uint64(j)+1 > level {
				worst, level = &f.Rules[i], uint64(j)+1
			}
		}
	}
	return worst, max(level, 1)
}

// Same reports whether the responsible execution is the actor itself.
func Same(p *finding.Process, r *finding.Responsible) bool {
	return p != nil && r != nil && p.PID == r.PID && p.PIDVersion == r.PIDVersion
}

// Base is the last part of a path.
func Base(path string) string {
	path = strings.TrimRight(path, "/")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// Dir is the folder of a path: what stands before its last part.
func Dir(path string) string {
	path = strings.TrimRight(path, "/")
	switch i := strings.LastIndexByte(path, '/'); i {
	case -1:
		return ""
	case 0:
		return "/"
	default:
		return path[:i]
	}
}

// Extension is what follows the last dot of a path's last part, without the dot; a name that begins with its only dot has none.
func Extension(path string) string {
	name := Base(path)
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i+1:]
	}
	return ""
}

// Message writes one sentence for a person: what happened, by whom, for whom, whose doing, and how sure each is.
func (w *Writer) Message(k string, f *finding.Finding) {
	w.key(k)
	w.B = append(w.B, '"')
	switch f.Kind {
	case finding.KindGap:
		w.part("messages are missing: ")
		if f.Gap != nil {
			w.part(f.Gap.Why)
		}
	case finding.KindProcess:
		w.part("process")
		if f.Execution != nil {
			w.named(" ", f.Execution.Process.Path, f.Execution.Process.SigningID)
		}
	case finding.KindEvent:
		w.part(f.Event)
		w.named(" ", f.Path, "")
	case finding.KindOperation:
		w.part(string(f.Action))
		w.named(" ", f.Path, "")
		w.named(" from ", f.SourcePath, "")
		w.sure(f.Certainty.Action)
	}
	if p := Actor(f); p != nil {
		w.named(", by ", Base(p.Path), p.SigningID)
		w.sure(f.Certainty.Actor)
	}
	if r := Responsible(f); r != nil {
		name := r.App
		if name == "" {
			name = Base(r.Path)
		}
		w.named(", for ", name, r.SigningID)
		w.sure(f.Certainty.Responsible)
	}
	if in := Initiator(f); in != nil {
		w.part(", initiated by ")
		w.part(string(in.Class))
		w.named(" ", in.User, "")
		w.sure(f.Certainty.Initiator)
	}
	w.B = append(w.B, '"')
}

func (w *Writer) named(before, name, otherwise string) {
	if name == "" {
		name = otherwise
	}
	if name != "" {
		w.part(before)
		w.part(name)
	}
}

func (w *Writer) sure(c finding.Certainty) {
	w.part(" (")
	w.part(c.String())
	w.part(")")
}
