package lineage_test

import (
	"fmt"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// A shell under a terminal runs cp; the terminal exits, and cp's token then names cp itself.
func Example() {
	t := lineage.New(lineage.Limits{})
	process := func(pid int32, version uint32, path string) es.Process {
		return es.Process{
			AuditToken: es.AuditToken{AUID: 501, PID: pid, PIDVersion: version},
			Executable: es.File{Path: path}, StartTime: es.Time(pid) * 1e9, PPID: pid - 1, OriginalPPID: pid - 1,
		}
	}
	term, shell, cp := process(500, 900, "/A/Terminal"), process(501, 902, "/bin/zsh"), process(501, 903, "/bin/cp")
	shell.ResponsibleAuditToken, cp.ResponsibleAuditToken = term.AuditToken, term.AuditToken

	clock := time.Duration(0)
	tell := func(p es.Process, ev es.Event) (lineage.Ref, es.Moment) {
		clock += time.Millisecond
		at := es.Moment{Seq: uint64(clock / time.Millisecond), Clock: clock}
		return t.Observe(&es.Message{Process: p, Event: ev}, at, false), at
	}
	tell(term, &es.Fork{Child: shell})
	tell(shell, &es.Exec{Target: cp, Args: []string{"cp", "a", "b"}})
	tell(term, &es.Exit{})
	cp.ResponsibleAuditToken = cp.AuditToken
	ref, at := tell(cp, &es.Write{Target: es.File{Path: "/tmp/b"}})

	fmt.Println(t.At(ref).Image.Path)
	for up := range t.Ancestors(ref) {
		fmt.Println(up.Edge, t.At(up.Ref).Image.Path)
	}
	r := t.ResponsibleAt(ref, at)
	first := t.Find(r.First.Key)
	fmt.Println("answers for itself:", r.Self)
	fmt.Println("answered to:", t.At(first).Image.Path, t.StatusAt(first, at))
	// Output:
	// /bin/cp
	// exec /bin/zsh
	// fork /A/Terminal
	// answers for itself: true
	// answered to: /A/Terminal exited
}
