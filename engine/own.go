package engine

import (
	"time"

	"ascribe.example/es"
)

// mostOwn bounds how many processes of ascribe's own are known at a time. It starts a handful.
const mostOwn = 1024

// ownLives are the recorder's own processes that live: those that the header names, and every child of theirs from its
// fork on. They are known by pid and start time, which stay over an exec and name one process [S]; the pidversion that a
// process had when the recording began is not known to every recorder.
type ownLives []es.Life

func (o *ownLives) add(l es.Life) {
	if l.PID <= es.LaunchdPID || o.index(l) >= 0 {
		return
	}
	if len(*o) == mostOwn {
		*o = (*o)[:copy(*o, (*o)[1:])]
	}
	*o = append(*o, l)
}

func (o ownLives) index(l es.Life) int {
	for i := range o {
		if o[i].PID == l.PID && sameStart(o[i].StartTime, l.StartTime) {
			return i
		}
	}
	return -1
}

// sameStart compares start times as ES has them, in microseconds. One that is not known tells nothing.
func sameStart(a, b es.Time) bool {
	const us = es.Time(time.Microsecond)
	return a == 0 || b == 0 || a/us == b/us
}

// take reports whether m is of one of the processes, and follows what it begets and how it ends.
func (o *ownLives) take(m *es.Message) bool {
	i := o.index(es.Life{PID: m.Process.AuditToken.PID, StartTime: m.Process.StartTime})
	if i < 0 {
		return false
	}
	switch ev := m.Event.(type) {
	case *es.Fork:
		o.add(es.Life{PID: ev.Child.AuditToken.PID, StartTime: ev.Child.StartTime})
	case *es.Exit:
		*o = append((*o)[:i], (*o)[i+1:]...)
	}
	return true
}
