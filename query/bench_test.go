package query_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
)

// many yields n operations of a day, about as a recording has them: ten people and apps, a thousand folders, a file again
// and again. One finding is used for all, as an engine does.
func many(n int, take func(*finding.Finding)) {
	f := finding.Finding{
		Kind: finding.KindOperation, Boot: "1", Method: finding.ByReplace, ItemsTotal: 1,
		Object:     &finding.Object{Type: finding.ObjectFile, Ino: 1152921500312606511, Dev: 16777234, Size: 90210, Volume: &finding.Volume{Mount: "/", Kind: finding.VolumeInternal, FS: "apfs"}},
		Actor:      &finding.Process{PID: 700, PIDVersion: 102, HasToken: true, Platform: true, UID: 501, AUID: 501, EUID: 501, ASID: 7, SigningID: "com.apple.TextEdit", Args: []string{"/System/Applications/TextEdit.app/Contents/MacOS/TextEdit"}},
		Initiator:  &finding.Initiator{Class: finding.ClassConsole, UID: 501, Session: &finding.Session{ASID: 7, Type: finding.SessionConsole}},
		Certainty:  finding.Levels{Action: finding.Likely, Actor: finding.Certain, Responsible: finding.Certain, Initiator: finding.Likely},
		Evidence:   []finding.Evidence{{For: finding.RoleActor, Rule: "wrote-the-file", Events: []uint64{412, 413}, Says: "TextEdit wrote the file, 4 times"}},
		Events:     []finding.Range{{410, 413}, {420, 420}},
		ReportedAs: []finding.Process{{PID: 700, PIDVersion: 102, HasToken: true, Path: "/System/Applications/TextEdit.app/Contents/MacOS/TextEdit"}},
	}
	f.Actor.Path = f.Actor.Args[0]
	f.Responsible = &finding.Responsible{Process: *f.Actor, Basis: finding.BasisToken, Status: finding.StatusLive}
	actions := []finding.Action{finding.Save, finding.Create, finding.Rename, finding.Copy, finding.Delete}
	start := es.Time(1772359200e9)
	for i := range n {
		f.ID = finding.ID("", "1", "", uint64(i), f.Kind, "", 0)
		f.Time = start.Add(time.Duration(i*40-(i%7)*900) * time.Millisecond) // a little out of order, as they settle
		f.EndTime = f.Time + 1e9
		f.Action = actions[i%len(actions)]
		f.Path = fmt.Sprintf("/Users/u%d/folder-%d/file-%d.txt", i%10, i%1000, i%100000)
		f.SourcePath = ""
		if f.Action == finding.Rename || f.Action == finding.Copy {
			f.SourcePath = f.Path + ".old"
		}
		f.Responsible.App = fmt.Sprint("App ", i%10)
		f.Initiator.User = fmt.Sprint("u", i%10)
		take(&f)
	}
}

// What questions cost for each finding, and how much memory they hold at the end: the heap's growth, in MB.
func BenchmarkQuestions(b *testing.B) {
	const n = 200_000
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for name, ask := range map[string]func(*testing.B) any{
		"in order": func(b *testing.B) any {
			var s query.Sorter
			many(n, func(f *finding.Finding) {
				if err := s.Add(f); err != nil {
					b.Fatal(err)
				}
			})
			last := es.Time(0)
			for f, err := range s.All() {
				if err != nil || f.Time < last {
					b.Fatal(err, f.Time, last)
				}
				last = f.Time
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			return &s
		},
		"timeline": func(b *testing.B) any {
			t := query.NewTimeline(query.ByApp)
			many(n, func(f *finding.Finding) {
				if err := t.Add(f); err != nil {
					b.Fatal(err)
				}
			})
			return t.Stretches()
		},
		"diff": func(b *testing.B) any {
			d := query.NewDiff()
			many(n, func(f *finding.Finding) {
				if err := d.Add(f); err != nil {
					b.Fatal(err)
				}
			})
			return d.Changes()
		},
		"top": func(b *testing.B) any {
			t := query.NewTop(query.ByFolder)
			many(n, func(f *finding.Finding) {
				if err := t.Add(f); err != nil {
					b.Fatal(err)
				}
			})
			first, _, _ := t.Ranking(query.ByFiles, 10)
			return first
		},
	} {
		b.Run(name, func(b *testing.B) {
			before, grown := heap(), uint64(0)
			for b.Loop() {
				kept := ask(b)
				if now := heap(); now > before {
					grown = max(grown, now-before)
				}
				runtime.KeepAlive(kept)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/finding")
			b.ReportMetric(float64(grown)/1e6, "MB-held")
		})
	}
}
