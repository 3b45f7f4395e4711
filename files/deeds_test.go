package files

import (
	"fmt"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// who lists the executions of deeds, in order.
func who(l []Deed) []lineage.Ref {
	var r []lineage.Ref
	for i := range l {
		r = append(r, l[i].By)
	}
	return r
}

func TestDeeds(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(5, f, es.FRead).Target
	w.open(6, f, es.FWrite|es.FRead)
	w.write(6, f)
	w.write(6, f)
	since := w.moment()
	w.write(6, f)
	w.do(7, &es.SetMode{Target: f, Mode: 0o600})
	w.do(7, &es.SetOwner{Target: f, UID: 501, GID: 20})
	w.do(7, &es.SetFlags{Target: f, Flags: 2})
	w.do(7, &es.SetACL{Target: f, SetClear: 1})
	w.do(7, &es.UTimes{Target: f, MTime: 99})
	w.do(8, &es.Truncate{Target: f})
	w.do(9, &es.MMap{Protection: es.ProtRead | es.ProtWrite, Flags: es.MapShared, Source: f})
	w.do(10, &es.MMap{Protection: es.ProtRead | es.ProtWrite, Flags: 2, Source: f}) // private
	w.do(11, &es.MMap{Protection: es.ProtRead, Flags: es.MapShared, Source: f})
	w.close(6, f, true)
	w.close(5, f, false)
	w.close(12, f, true)

	one := func(did Did) Deed {
		t.Helper()
		l := w.tab.Deeds(nil, a, did, es.Moment{})
		if len(l) != 1 {
			t.Fatalf("deeds %d: %+v", did, l)
		}
		return l[0]
	}
	d := one(DidWrite)
	w.is("writes", d.Count, uint32(3))
	w.is("first write", d.First.Seq, uint64(3))
	w.is("last write", d.Last.Seq, uint64(5))
	d = one(DidSetMode)
	w.is("mode", d.Mode(), uint16(0o600))
	d = one(DidSetOwner)
	uid, gid := d.Owner()
	w.is("owner", uid, uint32(501))
	w.is("group", gid, uint32(20))
	d = one(DidSetFlags)
	w.is("flags", d.FileFlags(), uint32(2))
	d = one(DidSetTimes)
	w.is("mtime", d.MTime(), es.Time(99))
	d = one(DidOpenWrite)
	w.is("fflags", d.FFlags(), int32(es.FWrite|es.FRead))
	w.is("mapper", one(DidMap).By, lineage.Ref(9))
	w.is("truncated by", one(DidTruncate).By, lineage.Ref(8))
	w.same("closers", who(w.tab.Deeds(nil, a, DidClose|DidCloseModified, es.Moment{})), []lineage.Ref{6, 12})
	w.same("content since", who(w.tab.Deeds(nil, a, DidContent, since)), []lineage.Ref{6, 6, 8, 9})
	w.is("by 7", len(w.tab.DeedsBy(nil, a, 7)), 5)
	w.is("none of nothing", len(w.tab.Deeds(nil, 0, ^Did(0), es.Moment{})), 0)
}

// Whose is the content? Who worked on it since it began.
func TestContent(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(4, f, es.FRead).Target
	w.is("not in view", w.tab.ContentSince(a), es.Moment{})
	w.is("nobody's", len(w.tab.ContentDeeds(nil, a)), 0)
	w.open(5, f, es.FWrite)
	began := w.n
	w.write(5, f)
	w.is("opened for writing", w.tab.ContentSince(a).Seq, began)
	w.open(6, f, es.FWrite)
	w.write(6, f)
	w.same("both", who(w.tab.ContentDeeds(nil, a)), []lineage.Ref{5, 5, 6, 6})
	w.close(5, f, true)
	w.close(6, f, true)
	w.wait(time.Minute)
	// A new session of writing.
	w.open(7, f, es.FWrite)
	w.write(7, f)
	w.same("the third", who(w.tab.ContentDeeds(nil, a)), []lineage.Ref{7, 7})
	// Truncated under it: what was there before is gone, who holds it may write on.
	w.open(8, f, es.FWrite|es.OTrunc)
	w.same("after the truncation", who(w.tab.ContentDeeds(nil, a)), []lineage.Ref{7, 8, 8})
	w.do(9, &es.Truncate{Target: f})
	w.same("after another", who(w.tab.ContentDeeds(nil, a)), []lineage.Ref{7, 8, 9})
}

func TestDeedsBounded(t *testing.T) {
	w := newMac(t)
	f := w.born("/Users/a/log", 20)
	a := w.create(2, f).Target
	w.open(3, f, es.FWrite)
	for by := range 100 {
		w.open(lineage.Ref(1000+by), f, es.FRead)
		w.close(lineage.Ref(1000+by), f, false)
	}
	got, _ := w.tab.File(a)
	w.is("readers forgotten", got.Forgot, DidOpenRead)
	w.is("maker", int(got.MadeBy), 2)
	w.is("still held", w.tab.OpenForWriting(a), 2)
	for by := range 100 {
		g := lineage.Ref(2000 + by)
		w.open(g, f, es.FWrite)
		w.write(g, f)
		w.close(g, f, true)
	}
	l := w.tab.Deeds(nil, a, ^Did(0), es.Moment{})
	w.is("bounded", len(l) <= MaxDeeds && len(l) > MaxDeeds/2, true)
	got, _ = w.tab.File(a)
	w.is("told", got.Forgot&DidWrite != 0, true)
	w.is("maker", int(got.MadeBy), 2)
	w.is("holder", len(w.tab.DeedsBy(nil, a, 3)), 1)
	w.is("the latest", l[len(l)-1].By, lineage.Ref(2099))
}

// Files that everybody uses do not take more memory than a table may: the longest unused are forgotten.
func TestDeedsOfAllBounded(t *testing.T) {
	w := newMac(t)
	w.tab = New(Limits{Files: 64})
	for by := range 30 {
		for ino := range 60 {
			f := old(fmt.Sprintf("/Users/a/%d", ino), uint64(20+ino))
			w.open(lineage.Ref(1000+by), f, es.FRead)
		}
		if n := w.tab.deeds.used(); n > deedsAFile*64 {
			t.Fatalf("%d deeds", n)
		}
	}
	w.is("forgotten", w.tab.Stats().Evicted > 0, true)
	w.is("which is told", w.tab.ForgottenSince(es.Moment{}, false), true)
}

func TestAttributes(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	const q = "com.apple.quarantine"
	a := w.do(5, &es.ExtAttr{Which: es.KindSetExtAttr, Target: f, Name: q}).Target
	w.is("set", w.tab.HasAttribute(a, q), true)
	w.is("other", w.tab.HasAttribute(a, "other"), false)
	w.do(6, &es.ExtAttr{Which: es.KindDeleteExtAttr, Target: f, Name: q})
	w.is("deleted", w.tab.HasAttribute(a, q), false)
	l := w.tab.Attributes(nil, a)
	w.is("by", l[0].By, lineage.Ref(6))
	for i := range 40 {
		w.do(5, &es.ExtAttr{Which: es.KindSetExtAttr, Target: f, Name: fmt.Sprint("attr", i)})
	}
	l = w.tab.Attributes(nil, a)
	w.is("bounded", len(l), MaxAttributes)
	w.is("last", l[len(l)-1].Name, "attr39")
	w.is("told", w.file(a).Forgot&DidSetAttr != 0, true)
}

func TestClone(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	src := old("/Users/a/src", 20)
	clone := func(name string) Change { return w.do(5, &es.Clone{Source: src, TargetDir: folder, TargetName: name}) }
	c := clone("copy")
	w.is("awaiting", c.Awaiting, true)
	w.is("target", c.Target, Ref(0))
	w.is("after", c.After, "/Users/a/copy")
	at := w.moment()
	made := w.create(5, w.born("/Users/a/copy", 21))
	w.is("made", made.Made, MadeByClone)
	w.is("from", made.Source, c.Source)
	w.is("when", made.MadeAt, at)
	f := w.file(made.Target)
	w.is("made", f.Made, MadeByClone)
	w.is("source", f.Source, c.Source)
	w.is("holds nothing", w.tab.OpenForWriting(made.Target), 0)
	w.is("cloner", int(w.tab.Deeds(nil, c.Source, DidClone, es.Moment{})[0].By), 5)

	// It failed, and something else is created there by another: no clone.
	clone("failed")
	other := w.create(6, w.born("/Users/a/failed", 22))
	w.is("another's", other.Made, MadeHere)

	// Creations are not recorded: the file is seen soon after.
	clone("seen")
	seen := w.open(9, w.born("/Users/a/seen", 23), es.FRead)
	w.is("sighted", seen.Made, CloneSighted)
	w.is("source", seen.Source, c.Source)
	clone("later")
	w.wait(time.Minute)
	w.is("too late", w.open(9, w.born("/Users/a/later", 24), es.FRead).Made, MadeUnknown)

	// The folder that it is made in moves before the create is told: that is another thread's doing, and still one place.
	clone("x")
	w.do(8, &es.Rename{Source: folder, DestinationType: es.DestinationNewPath, Dir: dir("/Users", 2), Filename: "b"})
	w.is("moved folder", w.create(5, w.born("/Users/b/x", 25)).Made, MadeByClone)
	for i := range 2 * MaxPending {
		w.do(5, &es.Clone{Source: src, TargetDir: dir("/Users/b", 3), TargetName: fmt.Sprint("never", i)})
	}
	if n := w.tab.Stats().Unconfirmed; n < MaxPending {
		t.Errorf("unconfirmed clones: %d", n)
	}
}

func TestCopyfile(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/S", "smbfs", es.MountNetwork)
	folder := on(usbDev, dir("/Volumes/S", 3))
	src, dst := on(usbDev, old("/Volumes/S/a", 20)), on(usbDev, old("/Volumes/S/b", 21))
	c := w.do(5, &es.Copyfile{Source: src, TargetDir: folder, TargetName: "b"})
	w.is("awaiting", c.Awaiting, true)
	seen := w.do(5, &es.SetMode{Target: dst, Mode: 0o644})
	w.is("made", seen.Made, MadeByCopyfile)
	w.is("source", seen.Source, c.Source)
	over := w.do(5, &es.Copyfile{Source: src, TargetFile: &dst, TargetDir: folder, TargetName: "b"})
	w.is("over", over.Target, seen.Target)
	w.is("content", who(w.tab.ContentDeeds(nil, seen.Target))[0], lineage.Ref(5))
	w.is("as it was", w.open(6, dst, es.FRead).Made, MadeUnknown)
	after := w.open(6, sized(dst, 4096), es.FRead)
	w.is("written over", after.Made, MadeByCopyfile)
	w.is("from", after.Source, c.Source)
	w.is("once", w.open(6, sized(dst, 4097), es.FRead).Made, MadeUnknown)
	w.is("source's content", len(w.tab.ContentDeeds(nil, c.Source)), 0)
}

func TestExchange(t *testing.T) {
	w := newMac(t)
	c := w.do(5, &es.ExchangeData{File1: old("/a", 1), File2: old("/b", 2)})
	w.is("first", w.tab.Path(c.Target), "/a")
	w.is("second", w.tab.Path(c.Source), "/b")
	w.is("told before", c.Awaiting, true)
}

func TestFileProvider(t *testing.T) {
	w := newMac(t)
	c := w.do(5, &es.FileProviderMaterialize{Source: old("/p/src", 1), Target: old("/p/dst", 2)})
	w.is("target", w.tab.Path(c.Target), "/p/dst")
	w.is("source", w.tab.Path(c.Source), "/p/src")
	c = w.do(5, &es.FileProviderUpdate{Source: old("/p/src", 1), TargetPath: "/tmp/x"})
	w.is("source", w.tab.Path(c.Target), "/p/src")
	w.is("target", c.After, "/private/tmp/x")
	w.is("nothing of files", w.do(5, &es.Exit{}), Change{})
}

func TestReads(t *testing.T) {
	w := newMac(t)
	src, dst := sized(old("/Users/a/src", 20), 4096), w.born("/Users/a/dst", 21)
	a := w.open(5, src, es.FRead).Target
	began := w.moment()
	w.open(5, old("/Users/a/watched", 22), es.FRead|es.OEvtOnly)
	w.open(5, dir("/Users/a", 3), es.FRead)
	w.open(5, old("/Users/a/db", 23), es.FRead|es.FWrite)
	b := w.create(5, dst).Target
	l := w.tab.ReadsBy(nil, 5, es.Moment{})
	if len(l) != 1 || l[0].Ref != a || l[0].Stat.Size != 4096 || l[0].At.Seq != 1 {
		t.Errorf("reads: %+v", l)
	}
	w.is("since then", len(w.tab.ReadsBy(nil, 5, w.moment())), 0)
	w.is("since it", len(w.tab.ReadsBy(nil, 5, began)), 1)
	m := w.tab.MadeBy(nil, 5, es.Moment{})
	if len(m) != 1 || m[0].Ref != b {
		t.Errorf("made: %+v", m)
	}
	w.is("by nobody", len(w.tab.ReadsBy(nil, 99, es.Moment{})), 0)
	// "cat < src": the shell's child opens, cat reads.
	w.tab.Forked(5, 6, w.moment())
	in := w.open(6, old("/Users/a/in", 24), es.FRead).Target
	w.tab.Execed(6, 7, w.moment())
	w.close(6, old("/Users/a/in", 24), false)
	l = w.tab.ReadsBy(nil, 7, es.Moment{})
	if len(l) != 2 || l[0].Ref != in || l[0].By != 6 || l[1].Ref != a || l[1].By != 5 {
		t.Errorf("reads of cat: %+v", l)
	}
	for i := range 100 {
		w.open(5, old(fmt.Sprintf("/Users/a/r%d", i), uint64(100+i)), es.FRead)
		w.open(5, old("/Users/a/often", 90), es.FRead)
	}
	l = w.tab.ReadsBy(nil, 5, es.Moment{})
	w.is("bounded", len(l), MaxReads)
	w.is("latest", w.tab.Path(l[0].Ref), "/Users/a/often")
	w.is("before", w.tab.Path(l[1].Ref), "/Users/a/r99")
}
