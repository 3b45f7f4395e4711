package files

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"runtime"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// workload is a working set: n files in folders of twenty, and one message of each common kind about each.
func workload(n int) []es.Message {
	var l []es.Message
	at := start
	for i := range n {
		f := old(fmt.Sprintf("/Users/alice/Projects/ascribe/pkg%d/internal/file%d.go", i/20, i), uint64(1000+i))
		f.Stat.Size = 4000
		for _, ev := range []es.Event{
			&es.Open{FFlag: es.FRead, File: f}, &es.Close{Target: f}, &es.Open{FFlag: es.FWrite, File: f}, &es.Write{Target: f},
			&es.Write{Target: f}, &es.Close{Target: f, Modified: true}, &es.SetMode{Target: f, Mode: 0o644},
		} {
			at += 1000
			l = append(l, es.Message{Time: at, ThreadID: 7, Event: ev})
		}
	}
	return l
}

func feed(t *Table, l []es.Message, seq *uint64) {
	for i := range l {
		*seq++
		t.Observe(&l[i], lineage.Ref(5+i/7%3), es.Moment{Seq: *seq, Time: l[i].Time, Clock: time.Duration(*seq) * 1000}, false)
	}
}

// A message about a known file leaves nothing behind to collect.
func TestNoAllocation(t *testing.T) {
	l := workload(100)
	f := old("/Users/alice/Projects/ascribe/pkg1/internal/file30.go", 1030)
	data := f
	data.Path = "/System/Volumes/Data" + f.Path
	other := f
	other.Path = "/Users/ALICE/Projects/ascribe/pkg1/internal/FILE30.go"
	usb := on(usbDev, old("/Volumes/USB/x", 9))
	l = append(l,
		es.Message{Event: &es.Open{FFlag: es.FRead, File: data}}, es.Message{Event: &es.Open{FFlag: es.FRead, File: other}},
		es.Message{Event: &es.MMap{Protection: 3, Flags: 1, Source: f}}, es.Message{Event: &es.ExtAttr{Which: es.KindSetExtAttr, Target: f, Name: "q"}},
		es.Message{Event: &es.UTimes{Target: f}}, es.Message{Event: &es.Exit{}}, es.Message{Event: &es.Open{FFlag: es.FRead, File: usb}})
	tab := New(Limits{})
	tab.Snapshot([]es.SnapshotMount{{Statfs: statfs(usbDev, "/Volumes/USB", "exfat", es.MntLocal)}, {Statfs: statfs(dataDev, "/", "apfs", es.MntLocal)}}, es.Moment{})
	seq := uint64(0)
	feed(tab, l, &seq)
	if n := testing.AllocsPerRun(20, func() { feed(tab, l, &seq) }); n != 0 {
		t.Errorf("%v allocations for %d messages", n, len(l))
	}
	var deeds []Deed
	var reads []Read
	ref := tab.Find(f.Path)
	ask := func() {
		deeds = tab.Deeds(deeds[:0], ref, DidContent, es.Moment{})
		deeds = tab.ContentDeeds(deeds[:0], ref)
		reads = tab.ReadsBy(reads[:0], 5, es.Moment{})
		tab.OpenForWriting(ref)
		tab.MayHold(ref, 6)
		tab.File(ref)
		tab.VolumeOf(ref)
		tab.Retain(ref)
		tab.Release(ref)
	}
	ask()
	if n := testing.AllocsPerRun(20, ask); n != 0 {
		t.Errorf("%v allocations for the questions", n)
	}
}

// A remembered file costs a few hundred bytes.
func TestMemoryOfAFile(t *testing.T) {
	const n = 20_000
	l := workload(n)
	for _, c := range []struct {
		what string
		some func(int) bool
		most uint64
	}{
		{"read", func(i int) bool { return i%7 < 2 }, 370},
		{"changed", func(int) bool { return true }, 600},
	} {
		before := heap()
		tab := New(Limits{})
		seq := uint64(0)
		for i := range l {
			if c.some(i) {
				seq++
				tab.Observe(&l[i], 5, es.Moment{Seq: seq, Time: l[i].Time, Clock: time.Duration(seq) * 1000}, false)
			}
		}
		used := (heap() - before) / n
		t.Logf("%s: %d bytes a file", c.what, used)
		if used > c.most {
			t.Errorf("%s: %d bytes a file, want at most %d", c.what, used, c.most)
		}
		runtime.KeepAlive(tab)
	}
	runtime.KeepAlive(l)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkObserve(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		l := workload(n)
		b.Run(fmt.Sprintf("known/files=%d", n), func(b *testing.B) {
			tab := New(Limits{})
			seq := uint64(0)
			feed(tab, l, &seq)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				seq++
				tab.Observe(&l[i], lineage.Ref(5+i/7%3), es.Moment{Seq: seq, Time: l[i].Time, Clock: time.Duration(seq) * 1000}, false)
				if i++; i == len(l) {
					i = 0
				}
			}
		})
	}
	b.Run("new and evicted", func(b *testing.B) {
		tab := New(Limits{Files: 1000})
		l := workload(50_000)
		b.ReportAllocs()
		seq := uint64(0)
		i := 0
		for b.Loop() {
			seq++
			tab.Observe(&l[i], 5, es.Moment{Seq: seq, Time: l[i].Time, Clock: time.Duration(seq) * 1000}, false)
			if i += 7; i >= len(l) {
				i = 0
			}
		}
	})
	b.Run("create, write, rename, unlink", func(b *testing.B) {
		tab := New(Limits{Files: 1000})
		b.ReportAllocs()
		folder := dir("/Users/alice/Documents", 3)
		seq, ino := uint64(0), uint64(100)
		create, write := &es.Create{ExistingFile: old("/Users/alice/Documents/.tmp", 1)}, &es.Write{Target: old("/Users/alice/Documents/.tmp", 1)}
		rename := &es.Rename{Source: old("/Users/alice/Documents/.tmp", 1), DestinationType: es.DestinationNewPath, Dir: folder, Filename: "final"}
		unlink := &es.Unlink{Target: old("/Users/alice/Documents/final", 1), ParentDir: folder}
		for b.Loop() {
			ino++
			create.ExistingFile.Stat.Ino, write.Target.Stat.Ino, rename.Source.Stat.Ino, unlink.Target.Stat.Ino = ino, ino, ino, ino
			for _, ev := range [...]es.Event{create, write, rename, unlink} {
				seq++
				tab.Observe(&es.Message{Time: start, ThreadID: 7, Event: ev}, 5, es.Moment{Seq: seq, Clock: time.Duration(seq) * 1000}, false)
			}
		}
	})
}

func BenchmarkSave(b *testing.B) {
	tab := New(Limits{})
	seq := uint64(0)
	feed(tab, workload(20_000), &seq)
	for b.Loop() {
		var buf bytes.Buffer
		if err := tab.Save(gob.NewEncoder(&buf)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(buf.Len())/20_000, "B/file")
	}
}
