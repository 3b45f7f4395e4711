// Package baseline has the answers of three simple tools, computed on the same messages as any other tool's, to compare
// with: the reported process as it stands, the momentary responsible token, and the parent chain. Each answers message by
// message, as rules in the field do, and puts nothing together.
package baseline

import (
	"path"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/score"
)

// Tool is one of the baselines.
type Tool struct {
	Name string // in file names and tables
	Says string // what it answers, in a few words

	responsible func(*table, *es.Process) es.AuditToken
}

// Tools are the baselines. All name as the actor the process that ES reports, and as the initiator the audit user of the
// execution that they hold responsible, where that has one, else its effective user.
var Tools = []Tool{
	{Name: "reported", Says: "the reported process as it stands", responsible: func(_ *table, p *es.Process) es.AuditToken { return p.AuditToken }},
	{Name: "token", Says: "the momentary responsible token", responsible: func(t *table, p *es.Process) es.AuditToken {
		if p.ResponsibleAuditToken.IsZero() {
			return p.AuditToken
		}
		return p.ResponsibleAuditToken
	}},
	{Name: "parents", Says: "the parent chain, launchd skipped", responsible: (*table).top},
}

// Answers are what the tool says of a recording: one answer for each message that changes what is at a path.
func (t Tool) Answers(snapshot *es.Snapshot, messages []*es.Message) []score.Answer {
	seen := &table{parent: map[pid]es.AuditToken{}, name: map[pid]string{}}
	if snapshot != nil {
		for i := range snapshot.Processes {
			seen.note(&snapshot.Processes[i].Process)
		}
	}
	var l []score.Answer
	for _, m := range messages {
		seen.note(&m.Process)
		switch e := m.Event.(type) {
		case *es.Fork:
			seen.note(&e.Child)
		case *es.Exec:
			seen.note(&e.Target)
		}
		a := changed(m)
		if a.Action == "" {
			continue
		}
		r := t.responsible(seen, &m.Process)
		uid := r.AUID
		if uid == es.Unset {
			uid = r.EUID
		}
		a.Events = []score.Range{{m.GlobalSeqNum, m.GlobalSeqNum}}
		a.Time = m.Time.Std()
		a.Actor, a.Responsible = seen.process(m.Process.AuditToken), seen.process(r)
		a.Initiator = &score.Initiator{UID: uid}
		l = append(l, a)
	}
	return l
}

func (t *table) process(k es.AuditToken) *score.Process {
	return &score.Process{PID: k.PID, PIDVersion: k.PIDVersion, Path: t.name[pid{k.PID, k.PIDVersion}]}
}

// changed is what one message says that happened, taken at its word.
func changed(m *es.Message) score.Answer {
	a := func(action finding.Action, where, source string) score.Answer {
		return score.Answer{Action: string(action), Path: where, Source: source}
	}
	if m.Denied {
		return score.Answer{}
	}
	switch e := m.Event.(type) {
	case *es.Create:
		if e.DestinationType == es.DestinationExistingFile {
			return a(finding.Create, e.ExistingFile.Path, "")
		}
		return a(finding.Create, path.Join(e.Dir.Path, e.Filename), "")
	case *es.Close:
		if e.Modified {
			return a(finding.Write, e.Target.Path, "")
		}
	case *es.Rename:
		to := path.Join(e.Dir.Path, e.Filename)
		if e.DestinationType == es.DestinationExistingFile {
			to = e.ExistingFile.Path
		}
		if path.Dir(to) == path.Dir(e.Source.Path) {
			return a(finding.Rename, to, e.Source.Path)
		}
		return a(finding.Move, to, e.Source.Path)
	case *es.Unlink:
		return a(finding.Delete, e.Target.Path, "")
	case *es.Link:
		return a(finding.Link, path.Join(e.TargetDir.Path, e.TargetFilename), e.Source.Path)
	case *es.Clone:
		return a(finding.Copy, path.Join(e.TargetDir.Path, e.TargetName), e.Source.Path)
	case *es.Copyfile:
		return a(finding.Copy, path.Join(e.TargetDir.Path, e.TargetName), e.Source.Path)
	case *es.Truncate:
		return a(finding.Write, e.Target.Path, "")
	case *es.SetMode:
		return a(finding.Protect, e.Target.Path, "")
	case *es.SetOwner:
		return a(finding.Protect, e.Target.Path, "")
	case *es.SetFlags:
		return a(finding.Protect, e.Target.Path, "")
	case *es.SetACL:
		return a(finding.Protect, e.Target.Path, "")
	case *es.Mount:
		switch e.Which {
		case es.KindMount:
			return a(finding.Mount, e.Statfs.MntOn, "")
		case es.KindUnmount:
			return a(finding.Unmount, e.Statfs.MntOn, "")
		}
	}
	return score.Answer{}
}

type pid struct {
	pid     int32
	version uint32
}

// table is who is whose parent, as messages show it.
type table struct {
	parent map[pid]es.AuditToken
	name   map[pid]string // executable, as the last message showed it
}

func (t *table) note(p *es.Process) {
	k := pid{p.AuditToken.PID, p.AuditToken.PIDVersion}
	t.parent[k], t.name[k] = p.ParentAuditToken, p.Executable.Path
}

// most is how many parents are followed: more than any real chain has.
const most = 64

// top goes up from parent to parent, until launchd or an unknown one.
func (t *table) top(p *es.Process) es.AuditToken {
	at := p.AuditToken
	for range most {
		up, ok := t.parent[pid{at.PID, at.PIDVersion}]
		if !ok || up.IsZero() || up.PID <= 1 {
			break
		}
		at = up
	}
	return at
}
