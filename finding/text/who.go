package text

import (
	"path"
	"strconv"
	"strings"

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

// behind is who is behind it: a person, an agent, a schedule, with the certainty.
func behind(f *finding.Finding) paragraph {
	var p paragraph
	p.say(bold, shorten(Visible(InitiatorName(f.Initiator))))
	if f.Initiator != nil && (f.Initiator.Class != finding.ClassUnknown || f.Certainty.Initiator != finding.Unknown) {
		p.level(f.Certainty.Initiator)
	}
	return p
}

// hands are who did it for them: the program that did the work ← the app that it worked for, with their levels where they
// are not certain.
func hands(f *finding.Finding) paragraph {
	var p paragraph
	r := f.Responsible
	self := r != nil && f.Actor != nil && sameExecution(&r.Process, f.Actor)
	switch {
	case f.Actor == nil:
		p.say(plain, "unknown program")
	case self && r.App != "":
		p.name(plain, r.App)
	default:
		p.name(plain, ProcessName(f.Actor))
	}
	if f.Actor != nil && f.Certainty.Actor != finding.Certain {
		p.level(f.Certainty.Actor)
	}
	switch {
	case r == nil:
		p.arrowed(plain, "for nobody known")
	case self:
		if f.Certainty.Responsible < f.Certainty.Actor {
			p.arrowed(plain, "for itself")
			p.level(f.Certainty.Responsible)
		}
	default:
		p.arrow(plain, ResponsibleName(r))
		if f.Certainty.Responsible != finding.Certain {
			p.level(f.Certainty.Responsible)
		}
	}
	p.attach(plain, ":")
	return p
}

// home shortens a path in the home of whoever is behind it, as shells do.
func home(f *finding.Finding, path string) string {
	if f.Initiator == nil || !plainName(f.Initiator.User) {
		return path
	}
	if rest, ok := strings.CutPrefix(path, "/Users/"+f.Initiator.User); ok && strings.HasPrefix(rest, "/") {
		return "~" + rest
	}
	return path
}

// plainName reports whether a user's name has nothing that could make a path of it another.
func plainName(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && i > 0:
		default:
			return false
		}
	}
	return s != ""
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
