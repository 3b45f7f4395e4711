// Package follow picks, of all findings, those of one process and what it begot, or of one AI agent.
package follow

import (
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
)

// mostLives bounds how many processes of a tree are remembered; the oldest go first. A finding comes at most a minute
// after its process, which no tree of that many processes outlasts.
const mostLives = 1 << 16

// Tree is a process and all that it begets. It stands between the pipeline and an engine, and sees who forks whom.
type Tree struct {
	pipeline.Engine
	lives map[es.Life]struct{}
	order []es.Life
}

// NewTree follows the process of that life.
func NewTree(root es.Life, to pipeline.Engine) *Tree {
	t := &Tree{Engine: to, lives: map[es.Life]struct{}{}}
	t.add(root)
	return t
}

// lifeOf names a process as messages and findings do: with a start time in microseconds.
func lifeOf(pid int32, start es.Time) es.Life {
	return es.Life{PID: pid, StartTime: start - start%es.Time(time.Microsecond)}
}

func (t *Tree) add(l es.Life) {
	l = lifeOf(l.PID, l.StartTime)
	if _, is := t.lives[l]; is {
		return
	}
	if len(t.order) == mostLives {
		delete(t.lives, t.order[0])
		t.order = t.order[:copy(t.order, t.order[1:])]
	}
	t.lives[l] = struct{}{}
	t.order = append(t.order, l)
}

// Add looks at a message on its way to the engine.
func (t *Tree) Add(m *es.Message) {
	if f, is := m.Event.(*es.Fork); is {
		if _, ours := t.lives[lifeOf(m.Process.AuditToken.PID, m.Process.StartTime)]; ours {
			t.add(es.Life{PID: f.Child.AuditToken.PID, StartTime: f.Child.StartTime})
		}
	}
	t.Engine.Add(m)
}

// Has reports whether one of the tree's processes did it, took part in it, or is what was reported.
func (t *Tree) Has(f *finding.Finding) bool {
	is := func(p *finding.Process) bool {
		if p == nil {
			return false
		}
		_, ours := t.lives[lifeOf(p.PID, p.StartTime)]
		return ours
	}
	if is(f.Actor) || is(f.Reported) {
		return true
	}
	if f.Responsible != nil && is(&f.Responsible.Process) {
		return true
	}
	for i := range f.Participants {
		if is(&f.Participants[i].Process) {
			return true
		}
	}
	return false
}

// Agent reports whether a finding is of the AI agent of that name or signing id, as far as is known.
func Agent(f *finding.Finding, name string) bool {
	if f.Initiator == nil || f.Initiator.Agent == nil {
		return false
	}
	a := f.Initiator.Agent
	return strings.Contains(strings.ToLower(a.Name), strings.ToLower(name)) || a.SigningID == name
}
