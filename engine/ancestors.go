package engine

import (
	"ascribe.example/es"
	"ascribe.example/finding"
)

// Ancestors are the executions from which one came, nearest first: the images before it, who forked those, and so on up.
// Of an execution that is not remembered there are none. At most limit are given.
func (e *Engine) Ancestors(of finding.ProcessRef, limit int) []finding.Process {
	ref := e.lineage.Find(es.Key{Boot: e.lineage.Boot(), PID: of.PID, PIDVersion: of.PIDVersion})
	var up []finding.Process
	for step := range e.lineage.Ancestors(ref) {
		if step.Ref == 0 || len(up) == limit {
			break
		}
		up = append(up, e.attr.Process(step.Ref, e.lineage.Clock()))
	}
	return up
}
