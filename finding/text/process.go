package text

import "ascribe.example/finding"

// execution says how an execution began, and both its edges.
func execution(e *finding.Execution) paragraph {
	var p paragraph
	p.name(bold, ProcessName(&e.Process))
	p.attach(dim, " ("+pids(&e.Process)+")")
	p.attach(plain, ",")
	p.edges(e)
	return p
}

// edges labels both edges: who created it, and who answers for it.
func (p *paragraph) edges(e *finding.Execution) {
	p.say(plain, "created by")
	switch {
	case e.Parent != nil:
		p.name(plain, ProcessName(e.Parent))
		p.attach(dim, " ("+pids(e.Parent)+")")
	case e.Process.Parent != (finding.ProcessRef{}):
		ref := e.Process.Parent
		p.say(dim, pids(&finding.Process{PID: ref.PID, PIDVersion: ref.PIDVersion, HasToken: true}))
	default:
		p.say(plain, "nobody known")
	}
	p.attach(plain, ",")
	p.say(plain, "responsible:")
	p.answers(e)
}

func (p *paragraph) answers(e *finding.Execution) {
	r := e.Responsible
	switch {
	case r == nil:
		p.say(plain, "not known")
	case sameExecution(&r.Process, &e.Process):
		p.say(plain, "itself")
	default:
		p.name(plain, ResponsibleName(r))
		p.attach(dim, " ("+pids(&r.Process)+")")
	}
}
