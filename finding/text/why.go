package text

import (
	"strings"

	"ascribe.example/finding"
)

// why lays out what stands below an operation: what Endpoint Security said, why we say something else, what weakens it, what
// else it could have been. A reason that stands in this group already is not said again.
func (w *Writer) why(f *finding.Finding) {
	differs := false
	if p := w.named(f); p != nil {
		differs = true
		w.below(p)
	}
	for _, role := range finding.Roles {
		level := f.Certainty.Of(role)
		if f.Kind == finding.KindEvent && role == finding.RoleAction {
			continue
		}
		if w.o.Reasons || level <= finding.Possible || differs && role == finding.RoleActor {
			w.reason(f, role)
		}
	}
	w.caveats(f)
	if p := alternatives(f); p != nil {
		w.below(p)
	}
}

// named says which executions Endpoint Security named, and for what, if any of them is not the actor.
func (w *Writer) named(f *finding.Finding) paragraph {
	reported := f.ReportedAs
	if f.Reported != nil {
		reported = []finding.Process{*f.Reported}
	}
	var others []*finding.Process
	also := false
	for i := range reported {
		if f.Actor != nil && sameImage(&reported[i], f.Actor) {
			also = true
		} else {
			others = append(others, &reported[i])
		}
	}
	if others == nil {
		return nil
	}
	es := "Endpoint Security"
	if w.o.Width < 80 {
		es = "ES"
	}
	var p paragraph
	for i, o := range others {
		if i == namedShown {
			p.say(dim, "and "+count(uint64(len(others)-i))+" more")
			break
		}
		part := partOf(f, o)
		switch {
		case i > 0 && part == "":
			p.attach(dim, ",")
		case i > 0:
			p.attach(dim, ",")
			p.say(dim, part)
		case part != "":
			p.say(dim, es+" said: "+part)
		case also:
			p.say(dim, es+" also named")
		case f.Actor == nil:
			p.say(dim, es+" named")
		default:
			p.say(dim, es+" named only")
		}
		p.name(dim, ProcessName(o))
		if o.Path != "" || o.SigningID != "" {
			p.attach(dim, " ("+pids(o)+")")
		}
	}
	return p
}

// partOf says in words what Endpoint Security named an execution for; "" where the finding does not keep it.
func partOf(f *finding.Finding, o *finding.Process) string {
	if f.Kind == finding.KindEvent {
		return Visible(f.Event) + " by"
	}
	for i := range f.Participants {
		p := &f.Participants[i]
		if !sameImage(&p.Process, o) {
			continue
		}
		switch p.Role {
		case "closer":
			return "closed by"
		case "opener":
			return "opened by"
		case "creator":
			return "created by"
		case "writer":
			return "written by"
		case "reader":
			return "read by"
		}
	}
	return ""
}

// namedShown is how many executions one line names.
const namedShown = 4

// reason says the first thing that speaks for a role.
func (w *Writer) reason(f *finding.Finding, role finding.Role) {
	for i := range f.Evidence {
		e := &f.Evidence[i]
		if e.For != role || e.Says == "" {
			continue
		}
		if w.said[e.Says] {
			return
		}
		w.said[e.Says] = true
		var p paragraph
		p.say(plain, "why:")
		p.sentence(plain, e.Says)
		w.below(p)
		return
	}
}

// sentence adds a sentence of ours that may hold names from outside.
func (p *paragraph) sentence(s style, says string) {
	p.say(s, shorten(Visible(strings.TrimSuffix(says, "."))))
}

func (w *Writer) caveats(f *finding.Finding) {
	var p paragraph
	for i, c := range f.Caveats {
		if i == 0 {
			p.say(yellow, "but:")
		} else {
			p.attach(plain, ";")
		}
		p.say(plain, CaveatWords(c))
	}
	if p == nil {
		return
	}
	if key := p.key(); !w.said[key] {
		w.said[key] = true
		w.below(p)
	}
}

// CaveatWords says a caveat in words.
func CaveatWords(c finding.Caveat) string {
	switch c {
	case finding.CaveatGapBefore:
		return "messages were lost before or within it"
	case finding.CaveatLateStart:
		return "the recording began after something that matters"
	case finding.CaveatUnsubscribed:
		return "events that could have changed the answer were not recorded"
	case finding.CaveatEvicted:
		return "something was forgotten to stay within memory"
	case finding.CaveatLate:
		return "a message came after its place was given up"
	case finding.CaveatInjected:
		return "another process could have acted inside this one"
	case finding.CaveatConflict:
		return "two programs were seen under one pid and pidversion"
	case finding.CaveatSharedService:
		return "the service works for several programs at once"
	case finding.CaveatUnconfirmed:
		return "only the attempt was seen, nothing confirms that it succeeded"
	case finding.CaveatInferredParent:
		return "part of the ancestry was concluded, not seen"
	case finding.CaveatTruncatedPath:
		return "a path was longer than Endpoint Security carries"
	case finding.CaveatSettledEarly:
		return "it was cut by a limit, not by its end"
	case finding.CaveatPart:
		return "this is one part of a longer operation"
	case finding.CaveatScreenSharing:
		return "somebody was connected to this screen"
	case finding.CaveatGuest:
		return "a virtual machine or container may have asked"
	}
	return Visible(string(c))
}

// alternatives says what else it could have been, in one line.
func alternatives(f *finding.Finding) paragraph {
	var p paragraph
	for i := range f.Alternatives {
		a := &f.Alternatives[i]
		if i == 0 {
			p.say(dim, "or:")
		} else {
			p.attach(plain, ";")
		}
		p.alternative(a)
	}
	return p
}

func (p *paragraph) alternative(a *finding.Alternative) {
	switch a.For {
	case finding.RoleAction:
		verb, _ := verbOf(&finding.Finding{Action: a.Action})
		p.say(plain, verb)
	case finding.RoleActor:
		p.say(plain, "by")
		p.name(plain, ProcessName(a.Process))
	case finding.RoleResponsible:
		p.say(plain, "for")
		p.name(plain, ProcessName(a.Process))
	default:
		p.say(plain, shorten(Visible(InitiatorName(a.Initiator))))
	}
	p.level(a.Certainty)
}
