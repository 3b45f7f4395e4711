package text

import "ascribe.example/finding"

// rest counts what is not shown.
type rest struct {
	operations map[finding.Class]uint64
	total      uint64
	parts      uint64 // of long operations, but for what told something new
	events     uint64
}

func (r *rest) count(f *finding.Finding) {
	if f.Kind == finding.KindEvent {
		r.events++
		return
	}
	class := finding.ClassUnknown
	if f.Initiator != nil {
		class = f.Initiator.Class
	}
	if r.operations == nil {
		r.operations = map[finding.Class]uint64{}
	}
	r.operations[class]++
	r.total++
}

func (r *rest) any() bool { return r.total > 0 || r.parts > 0 || r.events > 0 }

// line is the one line about the rest.
func (r *rest) line() paragraph {
	var p paragraph
	p.say(plain, "Not shown:")
	parts := 0
	for _, class := range finding.Classes {
		n := r.operations[class]
		if n == 0 {
			continue
		}
		if parts > 0 {
			p.attach(plain, ",")
		}
		parts++
		noun := "operations"
		if n == 1 {
			noun = "operation"
		}
		if parts > 1 {
			noun = ""
		}
		p.say(plain, count(n)+" "+noun+" "+restOf(class))
	}
	if r.parts > 0 {
		if parts > 0 {
			p.attach(plain, ",")
		}
		parts++
		p.say(plain, plural(r.parts, "later part")+" of long operations")
	}
	if r.events > 0 {
		if parts > 0 {
			p.attach(plain, ",")
		}
		noun := "single events"
		if r.events == 1 {
			noun = "single event"
		}
		p.say(plain, count(r.events)+" "+noun)
	}
	p.attach(plain, ".")
	p.say(plain, "--all shows them.")
	return p
}

func restOf(c finding.Class) string {
	switch c {
	case finding.ClassScheduled:
		return "on a schedule"
	case finding.ClassDevice:
		return "by other devices"
	case finding.ClassSystem:
		return "by macOS itself"
	}
	return "by nobody known"
}
