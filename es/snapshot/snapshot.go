// Package snapshot says what a host runs now: its processes, users, volumes and launchd jobs, and which host, boot and
// system it is. A recording begins with it, so that who launched what before is not all unknown.
//
// On macOS it asks by system calls, without C: each answer has a fallback, and what nobody answers is unknown, never
// invented. What the calls return is decoded in this package's portable part ([Apple]), which is tested everywhere against
// the documented layouts. On Linux the same snapshot is made of /proc, so that all that stands on it can be tried there.
package snapshot

import (
	"slices"

	"ascribe.example/es"
)

// System is one kind of system.
type System interface {
	// Header says which host, boot and OS this is.
	Header() es.Header
	// Life names a running process; its start time is 0 where that is not known.
	Life(pid int) es.Life
	Processes() ([]es.SnapshotProcess, error)
	Users() ([]es.User, error)
	Mounts() ([]es.SnapshotMount, error)
	Jobs() ([]es.Job, error)
}

// Lack is a part of a snapshot that could not be had.
type Lack struct {
	What string
	Err  error
}

// Take takes a snapshot at a time. What could not be had is left out and told.
func Take(s System, at es.Time) (*es.Snapshot, []Lack) {
	snap := &es.Snapshot{Time: at}
	var lacks []Lack
	lack := func(what string, err error) {
		if err != nil {
			lacks = append(lacks, Lack{what, err})
		}
	}
	var err error
	snap.Processes, err = s.Processes()
	lack("processes", err)
	snap.Users, err = s.Users()
	lack("users", err)
	snap.Mounts, err = s.Mounts()
	lack("mounts", err)
	snap.Jobs, err = s.Jobs()
	lack("launchd jobs", err)
	slices.SortFunc(snap.Processes, func(a, b es.SnapshotProcess) int {
		return int(a.AuditToken.PID) - int(b.AuditToken.PID)
	})
	slices.SortFunc(snap.Users, func(a, b es.User) int {
		switch {
		case a.UID < b.UID:
			return -1
		case a.UID > b.UID:
			return 1
		}
		return 0
	})
	byPID := map[int32]*es.SnapshotProcess{}
	for i := range snap.Processes {
		byPID[snap.Processes[i].AuditToken.PID] = &snap.Processes[i]
	}
	for i := range snap.Processes {
		relate(&snap.Processes[i], byPID)
	}
	return snap, lacks
}

// relate gives a process the tokens of those it names by pid: they run now, and a pid names one process at a time. The
// system said the pids a moment ago, so a process that began after its supposed parent or app is not believed.
func relate(p *es.SnapshotProcess, byPID map[int32]*es.SnapshotProcess) {
	older := func(pid int32) es.AuditToken {
		q := byPID[pid]
		if q == nil || p.StartTime != 0 && q.StartTime > p.StartTime {
			return es.AuditToken{}
		}
		return q.AuditToken
	}
	if p.ParentAuditToken.IsZero() {
		p.ParentAuditToken = older(p.PPID)
	}
	switch r := p.ResponsibleAuditToken; {
	case r.PID == p.AuditToken.PID:
		p.ResponsibleAuditToken = p.AuditToken
	case r.PID != 0 && r.PIDVersion == 0: // known by its pid
		p.ResponsibleAuditToken = es.AuditToken{}
		if q := byPID[r.PID]; q != nil {
			p.ResponsibleAuditToken = q.AuditToken
		}
	}
}
