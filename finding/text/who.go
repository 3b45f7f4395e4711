package text

import (
	"path"
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// levelStyle is the colour of a certainty; the word always stands beside it.
func levelStyle(c finding.Certainty) style {
	switch c {
	case finding.Certain:
		return green
	case finding.Likely:
		return cyan
	case finding.Possible:
		return yellow
	}
	return red
}

// level attaches a certainty to the last word of p.
func (p *paragraph) level(c finding.Certainty) {
	p.attach(plain, " (")
	p.attach(levelStyle(c), c.String())
	p.attach(plain, ")")
}

// chain is who did it, from the hands to the head: actor ← responsible ← initiator, each with its certainty.
func chain(f *finding.Finding) paragraph {
	var p paragraph
	if f.Actor == nil {
		p.say(plain, "unknown program")
	} else {
		p.name(plain, ProcessName(f.Actor))
		p.level(f.Certainty.Actor)
	}
	switch r := f.Responsible; {
	case r == nil:
		p.arrowed(plain, "for nobody known")
	case f.Actor != nil && sameExecution(&r.Process, f.Actor):
		if f.Certainty.Responsible != f.Certainty.Actor {
			p.arrowed(plain, "for itself")
			p.level(f.Certainty.Responsible)
		}
	default:
		p.arrow(plain, ResponsibleName(r))
		p.level(f.Certainty.Responsible)
	}
	p.arrowed(bold, shorten(Visible(InitiatorName(f.Initiator))))
	if f.Initiator != nil && (f.Initiator.Class != finding.ClassUnknown || f.Certainty.Initiator != finding.Unknown) {
		p.level(f.Certainty.Initiator)
	}
	return p
}

// arrow adds a name behind an arrow, so that no line ends with the arrow.
func (p *paragraph) arrow(s style, name string) {
	*p = append(*p, word{{"← ", plain}, {shorten(Visible(name)), s}})
}

// arrowed adds words, the first of them behind an arrow.
func (p *paragraph) arrowed(s style, text string) {
	at := len(*p)
	p.say(s, text)
	if at < len(*p) {
		(*p)[at] = append(word{{"← ", plain}}, (*p)[at]...)
	}
}

func sameExecution(a, b *finding.Process) bool {
	return a.PID == b.PID && a.PIDVersion == b.PIDVersion
}

// sameImage reports whether a and b are one execution under one name: a message may give an execution the path of the image
// that it was before.
func sameImage(a, b *finding.Process) bool {
	return sameExecution(a, b) && (a.Path == b.Path || a.Path == "" || b.Path == "")
}

// ProcessName is what people call an execution: its program, with the script that it runs.
func ProcessName(p *finding.Process) string {
	var name string
	switch {
	case p == nil:
		return "an unknown program"
	case p.Path != "":
		name = path.Base(p.Path)
	case p.SigningID != "":
		name = p.SigningID
	case p.Service != "":
		name = p.Service
	case p.PID != 0 || p.HasToken:
		name = "pid " + strconv.Itoa(int(p.PID))
	default:
		return "an unknown program"
	}
	if p.Script != "" && path.Base(p.Script) != name {
		name += " " + path.Base(p.Script)
	}
	return name
}

// ResponsibleName is the app's name, or the execution's.
func ResponsibleName(r *finding.Responsible) string {
	if r == nil {
		return "nobody known"
	}
	if r.App != "" {
		return r.App
	}
	return ProcessName(&r.Process)
}

// InitiatorName says in words who is behind an operation.
func InitiatorName(in *finding.Initiator) string {
	if in == nil {
		return "nobody known"
	}
	user := userName(in)
	switch in.Class {
	case finding.ClassAgent:
		name := "an AI agent"
		if in.Agent != nil && in.Agent.Name != "" {
			name = in.Agent.Name + ", an AI agent"
		}
		if user != "" {
			name += ", for " + user
		}
		return name + overSession(in.Session, false)
	case finding.ClassRemote:
		return or(user, "somebody") + overSession(in.Session, true)
	case finding.ClassScheduled:
		if user != "" {
			return "a schedule of " + user
		}
		return "a schedule"
	case finding.ClassConsole:
		return or(user, "somebody") + " at the console"
	case finding.ClassDevice:
		if user != "" {
			return "another device of " + user
		}
		return "another device"
	case finding.ClassSystem:
		return "macOS itself"
	}
	if user != "" {
		return "nobody known, as " + user
	}
	return "nobody known"
}

// overSession says how somebody came in; remote is known even where the session is not.
func overSession(s *finding.Session, remote bool) string {
	how := ""
	if s != nil {
		switch s.Type {
		case finding.SessionSSH:
			how = " over ssh"
		case finding.SessionScreenSharing:
			how = " by screen sharing"
		case finding.SessionFileSharing:
			how = " by file sharing"
		}
		if s.RemoteAddress != "" {
			return how + " from " + s.RemoteAddress
		}
	}
	if how == "" && remote {
		return " from another machine"
	}
	return how
}

func userName(in *finding.Initiator) string {
	switch {
	case in.User != "":
		return in.User
	case in.UID == es.Unset:
		return ""
	case in.UID == 0:
		return "root"
	}
	return "user " + strconv.FormatUint(uint64(in.UID), 10)
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// pids names an execution by its numbers.
func pids(p *finding.Process) string {
	if p.PID == 0 && !p.HasToken {
		return "pid unknown"
	}
	s := "pid " + strconv.Itoa(int(p.PID))
	if p.PIDVersion != 0 {
		s += "/" + strconv.FormatUint(uint64(p.PIDVersion), 10)
	}
	return s
}
