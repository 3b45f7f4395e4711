package lineage

import (
	"bytes"
	"encoding/gob"
	"testing"

	"pgregory.net/rapid"

	"ascribe.example/es"
)

// While Told stays, nothing that the tracker knows changes but when executions were last heard of.
func TestNothingChangesUntold(t *testing.T) {
	known := func(rt *rapid.T, tr *Tracker) []byte {
		st := tr.state()
		st.Now, st.Stats = es.Moment{}, Stats{}
		for i := range st.Executions {
			st.Executions[i].E.Last = es.Moment{}
		}
		var b bytes.Buffer
		if err := gob.NewEncoder(&b).Encode(st); err != nil {
			rt.Fatal(err)
		}
		return b.Bytes()
	}
	untold := 0
	rapid.Check(t, func(rt *rapid.T) {
		m := anyMac(rt, rapid.IntRange(1, 120).Draw(rt, "steps"))
		m.spoil(rt)
		lim := Limits{Live: 16, Past: 16, Connections: 16, Sessions: 16, Bytes: 64 << 10}
		if rapid.Bool().Draw(rt, "roomy") {
			lim = Limits{}
		}
		tr := New(lim)
		before := known(rt, tr)
		for i, s := range m.sent {
			told := tr.Told()
			switch {
			case i%29 == 28:
				tr.Gap(s.at, "lost")
			case i%31 == 30:
				tr.Watch(es.AllKinds())
			case i%37 == 36:
				tr.NewBoot(tr.Boot() + 1)
			case i%41 == 40:
				bare := s.m.Process
				bare.AuditToken.PIDVersion = 0
				tr.Snapshot(&es.Snapshot{Processes: []es.SnapshotProcess{{Process: bare}}}, s.at)
			case i%43 == 42:
				tr.Snapshot(&es.Snapshot{Users: []es.User{{UID: uint32(i), Name: "u"}}}, s.at)
			default:
				tr.Observe(s.m, s.at, s.late)
			}
			after := known(rt, tr)
			if tr.Told() == told {
				untold++
				if !bytes.Equal(before, after) {
					rt.Fatalf("message %d changed what is known, untold", i)
				}
			}
			before = after
		}
	})
	if untold == 0 {
		t.Error("no message told nothing new: nothing was tested")
	}
}
