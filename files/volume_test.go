package files

import (
	"fmt"
	"testing"
	"time"

	"ascribe.example/es"
)

func statfs(dev int32, on, fs string, flags uint32) es.Statfs {
	return es.Statfs{FSID: [2]int32{dev, 1}, Type: fs, MntOn: on, MntFrom: "/dev/x", Flags: flags}
}

func TestVolumeKinds(t *testing.T) {
	none := es.MountDispositionMissing
	for _, c := range []struct {
		st   es.Statfs
		d    es.MountDisposition
		want VolumeKind
	}{
		{statfs(1, "/Volumes/U", "exfat", es.MntLocal), es.MountExternal, External},
		{statfs(1, "/Volumes/I", "apfs", es.MntLocal), es.MountInternal, Internal},
		{statfs(1, "/Volumes/S", "smbfs", 0), es.MountNetwork, Network},
		{statfs(1, "/Volumes/D", "apfs", es.MntLocal), es.MountVirtual, Image},
		{statfs(1, "/n", "nullfs", es.MntLocal), es.MountNullFS, Virtual},
		{statfs(1, "/Volumes/U", "exfat", es.MntLocal), es.MountUnknown, UnknownKind},
		{statfs(1, "/Volumes/U", "exfat", es.MntLocal), none, UnknownKind},
		{statfs(1, "/Volumes/S", "smbfs", 0), none, Network},
		{statfs(1, "/Volumes/F", "strange", es.MntReadOnly), none, Network}, // not local
		{statfs(1, "/dev", "devfs", es.MntLocal), none, Virtual},
		{statfs(1, "/", "apfs", es.MntLocal|es.MntRootFS), none, Internal},
		{statfs(1, "/System/Volumes/VM", "apfs", es.MntLocal), none, Internal},
	} {
		w := newMac(t)
		ch := w.do(1, &es.Mount{Which: es.KindMount, Statfs: c.st, Disposition: c.d})
		v, _ := w.tab.Volume(ch.Volume)
		w.is(fmt.Sprint(c.st.MntOn, c.st.Type, c.d), v.Kind, c.want)
		w.is("read-only", v.ReadOnly, c.st.Flags&es.MntReadOnly != 0)
	}
}

func TestInferredVolumes(t *testing.T) {
	for p, want := range map[string]Volume{
		"/Users/a/x":                    {Mount: "/", Kind: Internal},
		"/Volumes/Stick/x":              {Mount: "/Volumes/Stick", Kind: UnknownKind},
		"/Volumes/Stick":                {Mount: "/Volumes/Stick", Kind: UnknownKind},
		"/System/Volumes/Preboot/x":     {Mount: "/System/Volumes/Preboot", Kind: Internal},
		"/System/Volumes/Data/.Trashes": {Mount: "/", Kind: Internal},
		"/dev/null":                     {Mount: "/dev", Kind: Virtual},
		"/Network/x":                    {Mount: "/", Kind: UnknownKind},
		"":                              {Mount: "", Kind: UnknownKind},
	} {
		w := newMac(t)
		f := old(p, 20)
		ch := w.open(1, f, es.FRead)
		v, ok := w.tab.VolumeOf(ch.Target)
		if !ok || v.Mount != want.Mount || v.Kind != want.Kind || v.Origin != VolumeInferred || v.Dev != dataDev {
			t.Errorf("%q: %+v", p, v)
		}
	}
}

func TestVolumeSnapshot(t *testing.T) {
	w := newMac(t)
	stick := w.open(5, on(usbDev, old("/Volumes/Stick/x", 20)), es.FWrite)
	gone := w.open(5, on(usbDev+9, old("/Volumes/Old/x", 20)), es.FWrite)
	x := old("/Users/a/x", 20)
	before := w.open(5, x, es.FRead)
	w.tab.Snapshot(nil, w.moment())
	w.is("nothing told", w.tab.OpenForWriting(gone.Target), 1)
	w.tab.Snapshot([]es.SnapshotMount{
		{Statfs: statfs(dataDev, "/", "apfs", es.MntLocal|es.MntRootFS|es.MntReadOnly), Disposition: es.MountInternal},
		{Statfs: statfs(dataDev, "/System/Volumes/Data", "apfs", es.MntLocal), Disposition: es.MountInternal},
		{Statfs: statfs(usbDev, "/Volumes/Stick", "exfat", es.MntLocal), Disposition: es.MountExternal},
	}, w.moment())
	w.check()
	v, _ := w.tab.VolumeOf(stick.Target)
	w.is("kind", v.Kind, External)
	w.is("origin", v.Origin, VolumeSnapshot)
	w.is("made up", v.MadeUpInodes, true)
	w.is("the same file", w.open(5, on(usbDev, old("/Volumes/Stick/x", 21)), es.FRead).Target, stick.Target)
	w.is("by path now", w.file(stick.Target).Identity, ByPath)
	w.is("what was not told of is gone", w.tab.OpenForWriting(gone.Target), 0)
	w.is("root stays", w.open(5, x, es.FRead).Target, before.Target)
	root, _ := w.tab.VolumeOf(before.Target)
	w.is("the data volume can be written", root.ReadOnly, false)
	at, _ := w.tab.VolumeAt("/Volumes/Stick/some/where")
	w.is("at", at.Ref, v.Ref)
	at, _ = w.tab.VolumeAt("/tmp/x")
	w.is("at", at.Ref, root.Ref)
	// Told again, the same: nothing changes.
	w.tab.Snapshot([]es.SnapshotMount{
		{Statfs: statfs(dataDev, "/", "apfs", es.MntLocal), Disposition: es.MountInternal},
		{Statfs: statfs(usbDev, "/Volumes/Stick", "exfat", es.MntLocal), Disposition: es.MountExternal},
	}, w.moment())
	w.is("again", w.open(5, on(usbDev, old("/Volumes/Stick/x", 21)), es.FRead).Target, stick.Target)
}

func TestMountShortlyAfterItsFiles(t *testing.T) {
	w := newMac(t)
	a := w.open(5, on(usbDev, old("/Volumes/A/x", 20)), es.FRead)
	m := w.mount(usbDev, "/Volumes/A", "apfs", es.MountExternal)
	w.is("the same volume", m.Volume, a.Volume)
	w.is("twice", w.mount(usbDev, "/Volumes/A", "apfs", es.MountExternal).Volume, a.Volume)
	w.is("the same file", w.open(5, on(usbDev, old("/Volumes/A/x", 20)), es.FRead).Target, a.Target)
	w.do(1, &es.Mount{Which: es.KindRemount, Disposition: es.MountExternal, Statfs: statfs(usbDev, "/Volumes/A", "apfs", es.MntLocal|es.MntReadOnly)})
	v, _ := w.tab.Volume(a.Volume)
	w.is("remounted", v.ReadOnly, true)
	w.is("the same file", w.open(5, on(usbDev, old("/Volumes/A/x", 20)), es.FRead).Target, a.Target)
	// Unmounted under another number than its files have: by its mount point.
	w.unmount(usbDev+7, "/Volumes/A")
	v, _ = w.tab.Volume(a.Volume)
	w.is("unmounted", v.Unmounted, true)
	w.is("nothing there", w.unmount(usbDev+8, "/Volumes/Z").Volume, VolumeRef(0))
	w.is("remounted, never mounted", w.do(1, &es.Mount{Which: es.KindRemount, Statfs: statfs(50, "/Volumes/R", "apfs", es.MntLocal)}).Volume != 0, true)
}

// A volume that was unmounted is answered for while anybody may ask, then its place is used again under another handle.
func TestManyVolumes(t *testing.T) {
	w := newMac(t)
	first := w.mount(1, "/Volumes/V", "apfs", es.MountExternal).Volume
	w.unmount(1, "/Volumes/V")
	_, ok := w.tab.Volume(first)
	w.is("just unmounted", ok, true)
	for i := range int32(3000) {
		w.tab.Observe(&es.Message{Event: &es.Mount{Which: es.KindMount, Statfs: statfs(100+i, fmt.Sprint("/Volumes/", i), "apfs", 0)}}, 1, w.moment(), false)
	}
	w.check()
	if n := w.tab.Stats().Volumes; n > MaxVolumes+keptClosed {
		t.Errorf("%d volumes", n)
	}
	_, ok = w.tab.Volume(first)
	w.is("forgotten", ok, false)
	_, ok = w.tab.Volume(-1)
	w.is("nonsense", ok, false)
}

func TestRetain(t *testing.T) {
	w := newMac(t)
	w.tab = New(Limits{Files: 64})
	kept := w.open(5, old("/a/kept", 1), es.FRead).Target
	w.tab.Retain(kept)
	w.tab.Retain(kept)
	changed := w.open(5, old("/a/changed", 2), es.FWrite).Target
	lost := w.open(5, old("/a/lost", 3), es.FRead).Target
	mid := w.moment()
	for i := range uint64(100) {
		w.open(5, old(fmt.Sprint("/a/", i), 100+i), es.FRead)
	}
	w.is("kept", w.tab.Path(kept), "/a/kept")
	w.is("changed", w.tab.Path(changed), "/a/changed")
	w.is("lost", w.tab.Path(lost), "")
	_, ok := w.tab.File(lost)
	w.is("lost", ok, false)
	s := w.tab.Stats()
	w.is("evicted", s.Evicted, s.Seen-uint64(s.Files))
	w.is("changed evicted", s.EvictedChanged, uint64(0))
	w.is("forgotten since", w.tab.ForgottenSince(mid, false), true)
	w.is("forgotten since now", w.tab.ForgottenSince(w.moment(), false), false)
	w.is("changes forgotten", w.tab.ForgottenSince(es.Moment{}, true), false)
	for i := range uint64(100) {
		w.open(5, old(fmt.Sprint("/b/", i), 300+i), es.FWrite)
	}
	w.is("changes forgotten", w.tab.ForgottenSince(mid, true), true)
	w.tab.Release(kept)
	w.is("held once more", w.tab.Stats().Retained, 1)
	w.tab.Release(kept)
	w.tab.Release(kept)
	w.check()
	for i := range uint64(100) {
		w.open(5, old(fmt.Sprint("/c/", i), 500+i), es.FRead)
	}
	w.is("released", w.tab.Path(kept), "")
	// The place is given to others under other handles.
	for i := range uint64(200) {
		if w.open(5, old(fmt.Sprint("/d/", i), 700+i), es.FRead).Target == kept {
			t.Fatal("a handle came back")
		}
	}
}

// However much is retained, there is an end.
func TestRetainEverything(t *testing.T) {
	w := newMac(t)
	w.tab = New(Limits{Files: 64})
	for i := range uint64(500) {
		w.tab.Retain(w.open(5, old(fmt.Sprint("/a/", i), 100+i), es.FRead).Target)
	}
	s := w.tab.Stats()
	if s.Files > 129 || s.EvictedRetained == 0 {
		t.Errorf("%+v", s)
	}
}

func TestBoundsOfText(t *testing.T) {
	w := newMac(t)
	w.tab = New(Limits{Bytes: 64 << 10})
	long := string(make([]byte, 200))
	for i := range uint64(2000) {
		w.tab.Observe(&es.Message{Event: &es.Open{FFlag: 1, File: old(fmt.Sprintf("/a%d/%s/%s", i, long, long), i+1)}}, 5, w.moment(), false)
		w.n++
		w.now += time.Millisecond
	}
	w.check()
	if s := w.tab.Stats(); s.Bytes > 64<<10 || s.Evicted == 0 {
		t.Errorf("%+v", s)
	}
}
