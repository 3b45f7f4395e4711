package files

import (
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// mac feeds a table with messages as a Mac would send them: one message each millisecond, a thread for each execution.
type mac struct {
	t    testing.TB
	tab  *Table
	n    uint64 // messages sent
	late bool
	lost uint64 // the message that never arrives, by number; 0 none
	step time.Duration
	now  time.Duration
}

const (
	dataDev = 16777234
	usbDev  = 16777240
	start   = es.Time(1_770_000_000_000_000_000)
	day     = es.Time(24 * time.Hour)
)

func newMac(t testing.TB) *mac {
	t.Helper()
	return &mac{t: t, tab: New(Limits{}), step: time.Millisecond}
}

func (w *mac) moment() es.Moment { return es.Moment{Seq: w.n, Time: start.Add(w.now), Clock: w.now} }

func (w *mac) wait(d time.Duration) { w.now += d }

// do sends one message.
func (w *mac) do(by lineage.Ref, ev es.Event) Change {
	w.n++
	w.now += w.step
	if w.n == w.lost {
		w.tab.Gap(w.moment())
		return Change{}
	}
	at := w.moment()
	m := es.Message{Version: 8, Time: at.Time, GlobalSeqNum: w.n, ThreadID: uint64(by) + 1000, Event: ev}
	c := w.tab.Observe(&m, by, at, w.late)
	w.check()
	return c
}

// old is a regular file that was there a day before the recording.
func old(p string, ino uint64) es.File {
	return es.File{Path: p, Stat: es.Stat{
		Dev: dataDev, Ino: ino, Mode: es.ModeRegular | 0o644, Nlink: 1, Size: 10,
		BirthTime: start - day, CTime: start - day, MTime: start - day,
	}}
}

// born is a regular file that is made now.
func (w *mac) born(p string, ino uint64) es.File {
	f := old(p, ino)
	f.Stat.BirthTime, f.Stat.CTime, f.Stat.MTime, f.Stat.Size = start.Add(w.now), start.Add(w.now), start.Add(w.now), 0
	return f
}

// dir is a directory that was there.
func dir(p string, ino uint64) es.File {
	f := old(p, ino)
	f.Stat.Mode, f.Stat.Nlink = es.ModeDir|0o755, 3
	return f
}

// on puts a file on another device.
func on(dev int32, f es.File) es.File {
	f.Stat.Dev = dev
	return f
}

func sized(f es.File, size int64) es.File {
	f.Stat.Size = size
	return f
}

func linked(f es.File, n uint16) es.File {
	f.Stat.Nlink = n
	return f
}

func (w *mac) open(by lineage.Ref, f es.File, flags int32) Change {
	return w.do(by, &es.Open{FFlag: flags, File: f})
}

func (w *mac) close(by lineage.Ref, f es.File, modified bool) Change {
	return w.do(by, &es.Close{Target: f, Modified: modified})
}

func (w *mac) create(by lineage.Ref, f es.File) Change { return w.do(by, &es.Create{ExistingFile: f}) }
func (w *mac) write(by lineage.Ref, f es.File) Change  { return w.do(by, &es.Write{Target: f}) }

// rename moves f to a new path in a folder; over replaces a file.
func (w *mac) rename(by lineage.Ref, f, into es.File, base string) Change {
	return w.do(by, &es.Rename{Source: f, DestinationType: es.DestinationNewPath, Dir: into, Filename: base})
}

func (w *mac) over(by lineage.Ref, f, target es.File) Change {
	return w.do(by, &es.Rename{Source: f, DestinationType: es.DestinationExistingFile, ExistingFile: target})
}

func (w *mac) unlink(by lineage.Ref, f, parent es.File) Change {
	return w.do(by, &es.Unlink{Target: f, ParentDir: parent})
}

func (w *mac) link(by lineage.Ref, f, into es.File, base string) Change {
	return w.do(by, &es.Link{Source: f, TargetDir: into, TargetFilename: base})
}

func (w *mac) mount(dev int32, on, fs string, d es.MountDisposition) Change {
	return w.do(1, &es.Mount{
		Which: es.KindMount, Disposition: d,
		Statfs: es.Statfs{FSID: [2]int32{dev, 1}, Type: fs, MntOn: on, MntFrom: "/dev/disk4s1", Flags: es.MntLocal},
	})
}

func (w *mac) unmount(dev int32, on string) Change {
	return w.do(1, &es.Mount{
		Which: es.KindUnmount, Disposition: es.MountDispositionMissing,
		Statfs: es.Statfs{FSID: [2]int32{dev, 1}, MntOn: on},
	})
}

func (w *mac) is(what string, got, want any) {
	w.t.Helper()
	if got != want {
		w.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// check holds the table to what must always be true of it.
func (w *mac) check() {
	w.t.Helper()
	if err := w.tab.consistent(); err != nil {
		w.t.Fatalf("message %d: %v", w.n, err)
	}
}
