package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// sampler makes the findings of a quarter of a year on a Mac that several people use: the same ones every time. A finding is
// good until the next one.
type sampler struct {
	n         int
	r         *rand.Rand
	processes []finding.Process
	people    []finding.Initiator
	f         finding.Finding
	object    finding.Object
	resp      finding.Responsible
	exec      finding.Execution
	gap       finding.Gap
}

const (
	begin   = es.Time(1_760_000_000_000_000_000)
	quarter = es.Time(90 * 24 * 3600 * 1e9)

	documents = 1000 // that are worked on again and again: each hundredth finding is about one
)

var (
	apps     = []string{"Finder", "TextEdit", "Preview", "Xcode", "Safari", "Mail", "Pages", "Numbers", "Terminal", "Photos"}
	userList = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"}
	volumes  = []finding.Volume{{Mount: "/", Kind: finding.VolumeInternal, FS: "apfs"}, {Mount: "/Volumes/USB", Kind: finding.VolumeExternal, FS: "exfat"}}
)

func newSampler(n int) *sampler {
	s := &sampler{n: n, r: rand.New(rand.NewPCG(1, 2))}
	for i := range 5000 {
		app := apps[i%len(apps)]
		uid := uint32(501 + i/len(apps)%len(userList))
		p := finding.Process{
			PID: int32(300 + i), PIDVersion: uint32(1000 + 3*i), HasToken: true, Platform: i%2 == 0, AUID: uid, UID: uid, EUID: uid,
			ASID: 100000 + uid, Path: "/Applications/" + app + ".app/Contents/MacOS/" + app, SigningID: "com.apple." + app,
			StartTime: begin + es.Time(i)*1e9, Args: []string{"/Applications/" + app + ".app/Contents/MacOS/" + app, "--session", strconv.Itoa(i)},
			Parent: finding.ProcessRef{PID: 1, PIDVersion: 524},
		}
		p.CDHash[0], p.CDHash[1], p.CDHash[2] = byte(i%len(apps)+1), 7, 9
		s.processes = append(s.processes, p)
	}
	for i, u := range userList {
		uid := uint32(501 + i)
		s.people = append(s.people, finding.Initiator{Class: finding.ClassConsole, UID: uid, User: u, Session: &finding.Session{ASID: 100000 + uid, Type: finding.SessionConsole}})
	}
	return s
}

func document(i int) string {
	return fmt.Sprintf("/Users/%s/Documents/Projects/Report %d/final draft.pages", userList[i%len(userList)], i)
}

// make makes finding i.
func (s *sampler) make(i int) *finding.Finding {
	at := begin + quarter/es.Time(s.n)*es.Time(i)
	k := i * 2654435761 % len(s.processes)
	p := &s.processes[k]
	in := &s.people[p.UID-501]
	var path string
	if i%100 == 0 {
		path = document(i / 100 % documents)
	} else {
		n := i * 40503 % (s.n/4 + 1)
		path = "/Users/" + in.User + "/Library/Application Support/" + apps[n%len(apps)] + "/Data/" + strconv.Itoa(n%1000) + "/item-" + strconv.Itoa(n) + ".dat"
	}
	s.object = finding.Object{Type: finding.ObjectFile, Ino: uint64(1<<60 + i), Dev: 16777234, Size: int64(i % 1_000_000), Volume: &volumes[i%11/10]}
	s.f = finding.Finding{
		Host: "B0A1C2D3-0000-5000-8000-00000000A5C1", Boot: "5E550000-0000-4000-8000-00000000B007", Time: at, EndTime: at + 40e6,
		Path: path, Object: &s.object, ItemsTotal: 1, ReportedAs: s.processes[k : k+1], Actor: p, Initiator: in,
		Certainty: finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence: []finding.Evidence{
			{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{uint64(3 * i), uint64(3*i + 1)}, Says: apps[k%len(apps)] + " wrote it"},
			{For: finding.RoleResponsible, Rule: "own", Says: apps[k%len(apps)] + " answers for itself"},
			{For: finding.RoleInitiator, Rule: "user-of-the-app", Says: apps[k%len(apps)] + " runs as " + in.User},
		},
		Events: []finding.Range{{uint64(3 * i), uint64(3*i + 2)}}, EventsTotal: 3, Seq: es.NoSeq,
	}
	f := &s.f
	s.resp = finding.Responsible{Process: *p, App: apps[k%len(apps)], Basis: finding.BasisOwn, Status: finding.StatusLive}
	f.Responsible = &s.resp
	switch {
	case i%100 < 60:
		f.Kind, f.Action, f.Method = finding.KindOperation, finding.Save, finding.ByReplace
		switch i % 7 {
		case 1:
			f.Action, f.Method = finding.Create, finding.ByStream
		case 2:
			f.Action, f.Method = finding.Delete, finding.ByUnlink
		case 3:
			f.Action, f.Method, f.SourcePath = finding.Copy, finding.ByClone, path+".original"
		}
	case i%100 < 90:
		f.Kind, f.Event, f.Seq, f.Reported = finding.KindEvent, "close", uint64(3*i), p
	case i%1000 < 999:
		f.Kind, f.Path, f.Object, f.Actor, f.ReportedAs, f.ItemsTotal = finding.KindProcess, "", nil, nil, nil, 0
		s.exec = finding.Execution{Process: *p, Origin: "exec", Responsible: f.Responsible, Started: at, Ended: at + 40e6}
		s.exec.Process.PIDVersion = uint32(i)
		f.Execution = &s.exec
	default:
		*f = finding.Finding{Kind: finding.KindGap, Host: f.Host, Boot: f.Boot, Time: at, EndTime: at, Seq: es.NoSeq}
		s.gap = finding.Gap{From: at - 1e9, To: at, Missing: 5, Why: "lost"}
		f.Gap = &s.gap
	}
	f.ID = finding.ID(f.Host, f.Boot, "1", uint64(i), f.Kind, f.Action, 0)
	return f
}
