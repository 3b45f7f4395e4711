package files

import (
	"testing"
	"time"

	"ascribe.example/es"
)

func (w *mac) file(ref Ref) File {
	w.t.Helper()
	f, ok := w.tab.File(ref)
	if !ok {
		w.t.Errorf("file %d is not known", ref)
	}
	return f
}

// A device number is given to another volume after an unmount; the inode numbers on it mean other files.
func TestDeviceReusedAfterUnmount(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/A", "apfs", es.MountExternal)
	a := w.open(5, on(usbDev, old("/Volumes/A/x", 20)), es.FWrite)
	w.is("open on A", w.tab.OpenForWriting(a.Target), 1)
	u := w.unmount(usbDev, "/Volumes/A")
	w.is("the unmounted volume", u.Volume, a.Volume)
	w.is("open on A, unmounted", w.tab.OpenForWriting(a.Target), 0)
	w.mount(usbDev, "/Volumes/B", "apfs", es.MountVirtual)
	b := w.open(5, on(usbDev, old("/Volumes/B/x", 20)), es.FRead)
	if b.Target == a.Target || b.Known || b.Volume == a.Volume {
		t.Errorf("the file on the second volume is that on the first: %+v", b)
	}
	w.is("path on A", w.tab.Path(a.Target), "/Volumes/A/x")
	va, _ := w.tab.VolumeOf(a.Target)
	vb, _ := w.tab.VolumeOf(b.Target)
	w.is("A's kind", va.Kind, External)
	w.is("A unmounted", va.Unmounted, true)
	w.is("B's kind", vb.Kind, Image)
	w.is("B's origin", vb.Origin, VolumeMounted)
	w.is("found by identity", w.tab.FindIdentity(usbDev, 20), b.Target)
	w.is("found by path on A", w.tab.Find("/Volumes/A/x"), Ref(0))
}

// The same mount point, another stick, and the unmount was lost: the mount message tells.
func TestDeviceReusedUnmountLost(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/USB", "apfs", es.MountExternal)
	a := w.open(5, on(usbDev, old("/Volumes/USB/x", 20)), es.FRead)
	w.wait(time.Minute)
	w.mount(usbDev, "/Volumes/USB", "apfs", es.MountExternal)
	b := w.open(5, on(usbDev, old("/Volumes/USB/x", 20)), es.FRead)
	if b.Target == a.Target {
		t.Error("two mounts, one file")
	}
	w.is("now at the path", w.tab.Find("/Volumes/USB/x"), b.Target)
}

// FAT numbers empty files 999999999 and others by place: the path is all there is.
func TestMadeUpInodes(t *testing.T) {
	w := newMac(t)
	w.mount(usbDev, "/Volumes/USB", "exfat", es.MountExternal)
	empty := on(usbDev, w.born("/Volumes/USB/a", es.SyntheticIno))
	a := w.create(5, empty)
	w.is("identity", a.Identity, ByPath)
	w.open(5, empty, es.FWrite)
	b := w.create(5, on(usbDev, w.born("/Volumes/USB/b", es.SyntheticIno)))
	if a.Target == b.Target {
		t.Fatal("two empty files are one")
	}
	full := on(usbDev, sized(w.born("/Volumes/USB/a", 4711), 90))
	full.Stat.BirthTime = empty.Stat.BirthTime
	w.is("written", w.write(5, full).Target, a.Target)
	w.is("closed", w.close(5, full, true).Target, a.Target)
	w.is("holders", w.tab.OpenForWriting(a.Target), 0)
	w.is("number", w.file(a.Target).Ino, uint64(4711))

	root := on(usbDev, dir("/Volumes/USB", 1))
	r := w.rename(5, full, root, "c")
	w.is("renamed", r.Target, a.Target)
	full.Path = "/Volumes/USB/c"
	full.Stat.Ino = 4712 // numbers may change with the place in the folder
	w.is("after the rename", w.open(5, full, es.FRead).Target, a.Target)
	w.is("the other one", w.tab.Find("/Volumes/USB/b"), b.Target)
	w.is("found by number", w.tab.FindIdentity(usbDev, 4712), Ref(0))
	// Deleted and made again under the same name: another file.
	w.unlink(5, full, root)
	again := w.create(6, on(usbDev, w.born("/Volumes/USB/c", es.SyntheticIno)))
	if again.Target == a.Target || !again.New {
		t.Errorf("the new file is the deleted one: %+v", again)
	}
}

// An empty FAT file on a volume nobody told of still has no number.
func TestSyntheticInodeOnUnknownVolume(t *testing.T) {
	w := newMac(t)
	a := w.open(5, on(usbDev, old("/Volumes/S/a", es.SyntheticIno)), es.FRead)
	b := w.open(5, on(usbDev, old("/Volumes/S/b", es.SyntheticIno)), es.FRead)
	if a.Target == b.Target || a.Identity != ByPath {
		t.Errorf("%+v, %+v", a, b)
	}
}

func TestInodeReused(t *testing.T) {
	w := newMac(t)
	folder := dir("/tmp/d", 9)
	a := w.create(5, w.born("/private/tmp/d/a", 77))
	w.unlink(5, old("/private/tmp/d/a", 77), folder)
	b := w.create(6, w.born("/private/tmp/d/b", 77))
	if a.Target == b.Target || !b.Reused || !b.New {
		t.Errorf("created over an unlinked number: %+v", b)
	}
	w.is("the old one's path", w.tab.Path(a.Target), "/private/tmp/d/a")

	// Unlink and create were lost: its birth lies after the old one was last seen.
	w.wait(time.Second)
	newer := w.born("/private/tmp/d/c", 77)
	w.wait(time.Second)
	c := w.open(7, newer, es.FRead)
	if c.Target == b.Target || !c.Reused || c.Known {
		t.Errorf("born after the old one was seen: %+v", c)
	}
	w.is("existence", w.file(c.Target).Existence, BornUnseen)
	w.is("the old one is gone", w.file(b.Target).Gone, true)

	// A folder cannot become a file.
	d := w.open(7, dir("/private/tmp/d/c", 77), es.FRead)
	if d.Target == c.Target {
		t.Error("a file became a folder")
	}
}

// Copying tools set the creation date back to the source's: that is the same file.
func TestBirthTimeSetBack(t *testing.T) {
	w := newMac(t)
	f := w.born("/Users/a/copy", 31)
	a := w.create(5, f)
	w.open(5, f, es.FWrite)
	w.write(5, f)
	f.Stat.BirthTime, f.Stat.MTime = start-day, start-day
	c := w.close(5, f, true)
	w.is("closed", c.Target, a.Target)
	w.is("reused", c.Reused, false)
	w.is("existence", w.file(a.Target).Existence, CreatedInView)
	w.is("birth as created", w.file(a.Target).FirstStat.BirthTime != start-day, true)
}

func TestExistence(t *testing.T) {
	w := newMac(t)
	w.open(1, old("/x", 1), es.FRead)
	changed := old("/y", 2)
	changed.Stat.CTime = start + day
	unknown := old("/z", 3)
	unknown.Stat.BirthTime, unknown.Stat.CTime = 0, 0
	for _, c := range []struct {
		f    es.File
		want Existence
	}{
		{old("/w", 4), ExistedBefore},
		{changed, LikelyBefore},
		{w.born("/v", 5), BornUnseen},
		{unknown, ExistenceUnknown},
	} {
		got := w.open(1, c.f, es.FRead)
		w.is(c.f.Path, w.file(got.Target).Existence, c.want)
	}
}

// Others may see a new file before its create message is made.
func TestSeenJustBeforeItsCreate(t *testing.T) {
	w := newMac(t)
	w.open(9, old("/x", 1), es.FRead)
	f := w.born("/Users/a/new", 31)
	a := w.open(9, f, es.FRead)
	c := w.create(5, f)
	w.is("created", c.Target, a.Target)
	w.is("existence", w.file(a.Target).Existence, CreatedInView)
	w.is("maker", int(w.file(a.Target).MadeBy), 5)
}

// A message without a status names a file by its path, until one with a status tells its number.
func TestWithoutStatus(t *testing.T) {
	w := newMac(t)
	a := w.write(5, es.File{Path: "/Users/a/doc"})
	w.is("identity", a.Identity, ByPath)
	b := w.open(5, old("/Users/a/doc", 8), es.FRead)
	w.is("the same", b.Target, a.Target)
	w.is("identity", b.Identity, ByInode)
	w.is("bare again", w.write(5, es.File{Path: "/Users/a/doc"}).Target, a.Target)
	none := w.write(5, es.File{})
	w.is("nothing at all", none, Change{})
	cut := old("/Users/a/"+string(make([]byte, 50)), 12)
	cut.PathTruncated = true
	c := w.open(5, cut, es.FRead)
	if c.Target == 0 || w.tab.Path(c.Target) != "" {
		t.Errorf("truncated path: %+v, path %q", c, w.tab.Path(c.Target))
	}
	w.is("named later", w.open(5, old("/Users/a/short", 12), es.FRead).Target, c.Target)
	w.is("its path", w.tab.Path(c.Target), "/Users/a/short")
}

// What comes late fills in and takes nothing back.
func TestLate(t *testing.T) {
	w := newMac(t)
	folder := dir("/Users/a", 3)
	f := w.born("/Users/a/t", 31)
	w.create(5, f)
	w.rename(5, f, folder, "final")
	at := w.n
	w.late = true
	w.n = 1 // before the rename
	c := w.write(6, f)
	w.is("path", w.tab.Path(c.Target), "/Users/a/final")
	if len(w.tab.Deeds(nil, c.Target, DidWrite, es.Moment{})) != 1 {
		t.Error("the late write is lost")
	}
	w.late, w.n = false, at
	w.is("still", w.open(5, old("/Users/a/final", 31), es.FRead).Target, c.Target)

	// A late create tells that a file seen already was made in view.
	g := w.born("/Users/a/g", 32)
	seen := w.open(5, g, es.FWrite)
	w.late = true
	made := w.create(5, g)
	w.is("late create", made.Target, seen.Target)
	w.is("made in view", w.file(seen.Target).Existence, CreatedInView)
}

func TestNewBoot(t *testing.T) {
	w := newMac(t)
	a := w.open(5, old("/Users/a/x", 20), es.FWrite)
	w.tab.NewBoot(w.moment())
	w.is("open after the boot", w.tab.OpenForWriting(a.Target), 0)
	b := w.open(5, old("/Users/a/x", 20), es.FRead)
	if b.Target == a.Target {
		t.Error("a device number outlived the boot")
	}
	w.is("mounted", w.file(a.Target).Mounted, false)
}

func TestDenied(t *testing.T) {
	w := newMac(t)
	f := old("/Users/a/x", 20)
	a := w.open(5, f, es.FRead)
	for _, ev := range []es.Event{
		&es.Open{FFlag: es.FWrite, File: f}, &es.Unlink{Target: f, ParentDir: dir("/Users/a", 3)}, &es.Truncate{Target: f},
		&es.Rename{Source: f, DestinationType: es.DestinationNewPath, Dir: dir("/Users/a", 3), Filename: "y"},
		&es.Create{DestinationType: es.DestinationNewPath, Dir: dir("/Users/a", 3), Filename: "new"},
		&es.Clone{Source: f, TargetDir: dir("/Users/a", 3), TargetName: "c"}, &es.ExtAttr{Which: es.KindSetExtAttr, Target: f, Name: "q"},
	} {
		w.n++
		c := w.tab.Observe(&es.Message{Time: start, ThreadID: 5, Denied: true, Event: ev}, 5, w.moment(), false)
		w.is("denied", c.Denied, true)
		w.check()
	}
	w.is("path", w.tab.Path(a.Target), "/Users/a/x")
	if d := w.tab.Deeds(nil, a.Target, ^Did(0), es.Moment{}); len(d) != 1 {
		t.Errorf("deeds after denials: %+v", d)
	}
	w.is("not made", w.tab.Find("/Users/a/new"), Ref(0))
}
