package follow

import (
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
)

type nothing struct{ pipeline.Engine }

func (nothing) Add(*es.Message) {}

func TestTree(t *testing.T) {
	tree := NewTree(es.Life{PID: 10, StartTime: 1000}, nothing{})
	process := func(pid int32, start es.Time) es.Process {
		return es.Process{AuditToken: es.AuditToken{PID: pid, PIDVersion: uint32(pid)}, StartTime: start}
	}
	fork := func(parent, child es.Process) {
		tree.Add(&es.Message{Process: parent, Event: &es.Fork{Child: child}})
	}
	fork(process(10, 1000), process(11, 2000))
	fork(process(11, 2000), process(12, 3000))
	fork(process(10, 5000), process(13, 6000)) // another process of that pid
	has := func(pid int32, start es.Time) bool {
		return tree.Has(&finding.Finding{Actor: &finding.Process{PID: pid, StartTime: start}})
	}
	for pid, start := range map[int32]es.Time{10: 1000, 11: 2000, 12: 3000} {
		if !has(pid, start) {
			t.Errorf("process %d is not of the tree", pid)
		}
	}
	if has(13, 6000) || has(10, 5000) || tree.Has(&finding.Finding{}) {
		t.Error("others are of the tree")
	}
	if f := (&finding.Finding{Participants: []finding.Participant{{Role: "closer", Process: finding.Process{PID: 12, StartTime: 3000}}}}); !tree.Has(f) {
		t.Error("who takes part is not of the tree")
	}
}

func TestAgent(t *testing.T) {
	f := &finding.Finding{Initiator: &finding.Initiator{Agent: &finding.Agent{Name: "Claude Code", SigningID: "com.anthropic.claude-code"}}}
	if !Agent(f, "claude") || !Agent(f, "com.anthropic.claude-code") || Agent(f, "codex") || Agent(&finding.Finding{}, "claude") {
		t.Error("the agent is not told from others")
	}
}
