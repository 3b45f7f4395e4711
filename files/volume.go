package files

import (
	"cmp"
	"strings"
	"time"

	"ascribe.example/es"
)

// VolumeKind says where a volume comes from; the words of the findings.
type VolumeKind string

// The volume kinds.
const (
	Internal    VolumeKind = "internal"
	External    VolumeKind = "external"
	Network     VolumeKind = "network"
	Image       VolumeKind = "image"
	Virtual     VolumeKind = "virtual"
	UnknownKind VolumeKind = "unknown"
)

// VolumeOrigin says how a volume came to be known.
type VolumeOrigin uint8

// The origins, by rising authority.
const (
	VolumeInferred VolumeOrigin = iota // a device number that no mount told of; mount point and kind are read from paths
	VolumeSnapshot
	VolumeMounted
)

// Volume is one mount, from mount to unmount. A device number mounted again is another volume.
type Volume struct {
	Ref           VolumeRef
	Mount         string // canonical mount point; of the system and the data volume "/"
	Kind          VolumeKind
	FS            string // apfs, exfat, smbfs …; "" unknown
	Device        string // what was mounted: /dev/disk4s1, //alice@server/share; "" unknown
	Dev           int32
	Origin        VolumeOrigin
	ReadOnly      bool
	CaseSensitive bool      // as the file system's kind says, or files showed
	MadeUpInodes  bool      // FAT, exFAT, SMB and the like: identity falls back to the path
	From          es.Moment // mounted, or first seen
	Until         es.Moment // unmounted; meaningful only if Unmounted
	Unmounted     bool
}

// volume is a volume in the table.
type volume struct {
	V      Volume
	Files  int32 // that refer to it
	Gen    uint16
	Live   bool
	Lately bool // unmounted, and among the last to be so
}

const (
	keptClosed = 64          // volumes unmounted last, answered for even if no file refers to them
	mountLag   = time.Second // a device number in use for no longer when its mount is told is the volume of that mount
)

// The file systems whose inode numbers are no identity: FAT and exFAT number by place, shares and user-space file systems
// as they please [D: es_file_t; the rest general knowledge]. From macOS 13 FAT and exFAT may run as lifs.
var madeUp = map[string]bool{
	"msdos": true, "exfat": true, "lifs": true, "smbfs": true, "cifs": true, "webdav": true, "ftp": true,
	"osxfuse": true, "macfuse": true, "fuse": true, "fuse4x": true, "fskit": true,
}

var networkFS = map[string]bool{
	"smbfs": true, "cifs": true, "nfs": true, "afpfs": true, "webdav": true, "ftp": true,
}

var virtualFS = map[string]bool{
	"devfs": true, "autofs": true, "nullfs": true, "synthfs": true, "bindfs": true, "union": true, "fdesc": true, "volfs": true,
}

// What tells names apart by case whatever its format: Unix file systems served or mounted as they are.
var exactFS = map[string]bool{"nfs": true, "ufs": true, "devfs": true, "autofs": true, "ext2": true, "ext3": true, "ext4": true, "zfs": true}

func (t *Table) volRef(i int32) VolumeRef {
	if i == 0 {
		return 0
	}
	return VolumeRef(i | int32(t.vols.at(i).Gen)<<placeBits)
}

// volumeOn is the mounted volume with a device number, inferred if no mount told of it.
func (t *Table) volumeOn(dev int32, p string, at es.Moment) int32 {
	if dev == t.lastDev && t.lastVol != 0 {
		return t.lastVol
	}
	i := t.byDev[dev]
	if i == 0 {
		mount, kind := guessMount(Canonical(p))
		i = t.openVolume(Volume{Mount: strings.Clone(mount), Kind: kind, Dev: dev, Origin: VolumeInferred, From: at})
		t.stats.Inferred++
	}
	t.lastDev, t.lastVol = dev, i
	return i
}

// guessMount reads from a path on what it may lie. Only what macOS itself puts there is told: what stands in /Volumes may
// be anything.
func guessMount(p string) (mount string, kind VolumeKind) {
	for _, top := range [...]string{"/Volumes/", dataVolume[:len("/System/Volumes/")]} {
		if strings.HasPrefix(p, top) && len(p) > len(top) {
			end := len(p)
			if j := strings.IndexByte(p[len(top):], '/'); j >= 0 {
				end = len(top) + j
			}
			if p[:end] == dataVolume {
				return "/", Internal
			}
			if top == "/Volumes/" {
				return p[:end], UnknownKind
			}
			return p[:end], Internal
		}
	}
	switch {
	case under(p, "/dev"):
		return "/dev", Virtual
	case under(p, "/Network"), under(p, "/net"), under(p, "/home"):
		return "/", UnknownKind
	case p != "" && p[0] == '/':
		return "/", Internal
	}
	return "", UnknownKind
}

func (t *Table) openVolume(v Volume) int32 {
	if len(t.byDev) >= MaxVolumes {
		t.closeOldest(v.From)
	}
	i := t.vols.add()
	s := t.vols.at(i)
	s.V, s.Live = v, true
	s.V.Ref = t.volRef(i)
	s.V.MadeUpInodes = madeUp[v.FS]
	s.V.CaseSensitive = exactFS[v.FS]
	t.byDev[v.Dev] = i
	t.lastVol = 0
	return i
}

// closeOldest makes room: no Mac has a thousand volumes, an input may claim it.
func (t *Table) closeOldest(at es.Moment) {
	oldest := int32(0)
	for _, i := range t.byDev { // the answer does not depend on the order
		if oldest != 0 {
			a, b := markOf(t.vols.at(i).V.From), markOf(t.vols.at(oldest).V.From)
			if b.before(a) || !a.before(b) && i > oldest {
				continue
			}
		}
		oldest = i
	}
	if oldest != 0 {
		t.closeVolume(oldest, at)
	}
}

func (t *Table) closeVolume(i int32, at es.Moment) {
	v := t.vols.at(i)
	v.V.Unmounted, v.V.Until = true, at
	delete(t.byDev, v.V.Dev)
	t.lastVol = 0
	v.Lately = true
	t.unmounted = append(t.unmounted, i)
	if len(t.unmounted) > keptClosed {
		old := t.unmounted[0]
		t.unmounted = append(t.unmounted[:0], t.unmounted[1:]...)
		t.vols.at(old).Lately = false
		t.freeVolume(old)
	}
}

func (t *Table) freeVolume(i int32) {
	v := t.vols.at(i)
	if v.Files > 0 || !v.V.Unmounted || v.Lately {
		return
	}
	gen := v.Gen
	t.vols.drop(i)
	t.vols.at(i).Gen = (gen + 1) & genMask
}

func (t *Table) leaveVolume(i int32) {
	if i != 0 {
		t.vols.at(i).Files--
		t.freeVolume(i)
	}
}

// mounted takes one mount as a message or a snapshot tells of it.
func (t *Table) mounted(st *es.Statfs, disposition es.MountDisposition, from VolumeOrigin, at es.Moment) int32 {
	v := Volume{
		Mount: strings.Clone(Canonical(st.MntOn)), FS: strings.Clone(st.Type), Device: strings.Clone(st.MntFrom),
		Dev: st.FSID[0], Origin: from, ReadOnly: st.Flags&es.MntReadOnly != 0, From: at,
	}
	v.Kind = kindOf(st, disposition)
	i := t.byDev[v.Dev]
	if i == 0 {
		return t.openVolume(v)
	}
	// Files on the device were seen before: of the same mount, whose message came a little after them or whose snapshot
	// was taken later, or of one whose unmount was missed.
	old := &t.vols.at(i).V
	same := old.Mount == v.Mount
	switch {
	case from == VolumeSnapshot && (same || old.Origin == VolumeInferred),
		from == VolumeMounted && same && old.Device == v.Device && at.Clock-old.From.Clock <= mountLag,
		from == VolumeMounted && old.Origin == VolumeInferred && at.Clock-old.From.Clock <= mountLag:
		if same && old.Origin != VolumeInferred {
			v.ReadOnly = v.ReadOnly && old.ReadOnly // the system and the data volume share a device number
		}
		t.describe(i, v)
		return i
	}
	t.closeVolume(i, at)
	return t.openVolume(v)
}

// describe replaces what is known of a volume, which stays the same one.
func (t *Table) describe(i int32, v Volume) {
	old := &t.vols.at(i).V
	v.Ref, v.From = old.Ref, old.From
	if v.Origin < old.Origin {
		v.Origin = old.Origin
	}
	if v.Kind == UnknownKind && old.Origin != VolumeInferred {
		v.Kind = old.Kind
	}
	v.MadeUpInodes = madeUp[v.FS]
	v.CaseSensitive = exactFS[v.FS] || old.CaseSensitive
	*old = v
}

func kindOf(st *es.Statfs, d es.MountDisposition) VolumeKind {
	switch d {
	case es.MountExternal:
		return External
	case es.MountInternal:
		return Internal
	case es.MountNetwork:
		return Network
	case es.MountVirtual:
		return Image
	case es.MountNullFS:
		return Virtual
	}
	switch {
	case virtualFS[st.Type]:
		return Virtual
	case networkFS[st.Type]:
		return Network
	case st.Flags&es.MntRootFS != 0, st.MntOn == "/", under(st.MntOn, "/System/Volumes"):
		return Internal
	case st.Flags != 0 && st.Flags&es.MntLocal == 0:
		return Network
	}
	return UnknownKind
}

// mount takes a mount, unmount or remount message.
func (t *Table) mount(ev *es.Mount, at es.Moment) int32 {
	switch ev.Which {
	case es.KindUnmount:
		i := t.mountedAs(&ev.Statfs)
		if i != 0 {
			t.closeVolume(i, at)
		}
		return i
	case es.KindRemount:
		if i := t.mountedAs(&ev.Statfs); i != 0 {
			st := &ev.Statfs
			v := t.vols.at(i).V
			v.ReadOnly = st.Flags&es.MntReadOnly != 0
			if k := kindOf(st, ev.Disposition); k != UnknownKind {
				v.Kind = k
			}
			if st.Type != "" {
				v.FS = strings.Clone(st.Type)
			}
			v.Origin = VolumeMounted
			t.describe(i, v)
			return i
		}
	}
	return t.mounted(&ev.Statfs, ev.Disposition, VolumeMounted, at)
}

// mountedAs is the mounted volume that a statfs speaks of: by its device number, else by its mount point.
func (t *Table) mountedAs(st *es.Statfs) int32 {
	on := Canonical(st.MntOn)
	if i := t.byDev[st.FSID[0]]; i != 0 {
		if v := &t.vols.at(i).V; v.Mount == on || v.Origin == VolumeInferred {
			return i
		}
	}
	found := int32(0)
	for _, i := range t.byDev { // the answer does not depend on the order
		if t.vols.at(i).V.Mount == on && on != "/" && (found == 0 || i < found) {
			found = i
		}
	}
	return found
}

// Snapshot takes what was mounted at the given moment: what is not among it is mounted no more. No mounts, nothing learnt.
func (t *Table) Snapshot(mounts []es.SnapshotMount, at es.Moment) {
	if len(mounts) == 0 {
		return
	}
	told := make(map[int32]bool, len(mounts))
	for i := range mounts {
		m := &mounts[i]
		if dev := m.FSID[0]; told[dev] {
			// A second mount of one device number: the data volume beside the system's, a snapshot of it. The first stays.
			if v := &t.vols.at(t.byDev[dev]).V; v.Mount == Canonical(m.MntOn) {
				v.ReadOnly = v.ReadOnly && m.Flags&es.MntReadOnly != 0
			}
			continue
		}
		if len(told) == MaxVolumes {
			break
		}
		told[m.FSID[0]] = true
		t.mounted(&m.Statfs, m.Disposition, VolumeSnapshot, at)
	}
	for i := int32(1); i < t.vols.n; i++ {
		if v := t.vols.at(i); v.Live && !v.V.Unmounted && !told[v.V.Dev] {
			t.closeVolume(i, at)
		}
	}
}

// Volume is a volume by its handle; false for 0 and for one that is forgotten.
func (t *Table) Volume(ref VolumeRef) (Volume, bool) {
	i := int32(ref) & placeMask
	if ref <= 0 || i == 0 || i >= t.vols.n {
		return Volume{}, false
	}
	v := t.vols.at(i)
	if !v.Live || int32(v.Gen) != int32(ref)>>placeBits {
		return Volume{}, false
	}
	return v.V, true
}

// VolumeOf is the volume that a file lies on.
func (t *Table) VolumeOf(ref Ref) (Volume, bool) {
	e := t.entry(ref)
	if e == nil || e.Vol == 0 {
		return Volume{}, false
	}
	return t.vols.at(e.Vol).V, true
}

// VolumeAt is the mounted volume that a path lies on, by the longest mount point above it; of equal ones the best known.
func (t *Table) VolumeAt(p string) (Volume, bool) {
	if i := t.volumeAbove(Canonical(p)); i != 0 {
		return t.vols.at(i).V, true
	}
	return Volume{}, false
}

func (t *Table) volumeAbove(p string) int32 {
	best := int32(0)
	for _, i := range t.byDev { // the answer does not depend on the order
		v := &t.vols.at(i).V
		if v.Mount == "" || v.Mount != "/" && !under(p, v.Mount) {
			continue
		}
		if best != 0 {
			b := &t.vols.at(best).V
			if d := cmp.Or(cmp.Compare(len(v.Mount), len(b.Mount)), cmp.Compare(v.Origin, b.Origin), cmp.Compare(best, i)); d < 0 {
				continue
			}
		}
		best = i
	}
	return best
}
