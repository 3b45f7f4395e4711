package scenario

import (
	"fmt"
	"slices"
	"strings"

	"ascribe.example/es"
)

// volume is a mounted file system.
type volume struct {
	path      string
	fs        string
	kind      string // internal, external, network, image, virtual
	dev       int32
	fsid      int32
	from      string
	owner     uint32
	readOnly  bool
	sensitive bool
	root      *node
	lastIno   uint64
	blocks    uint64
}

var dispositions = map[string]es.MountDisposition{
	"external": es.MountExternal, "internal": es.MountInternal, "network": es.MountNetwork, "image": es.MountVirtual,
	"virtual": es.MountNullFS, "unknown": es.MountUnknown,
}

func (v *volume) fat() bool { return v.fs == "msdos" }

// clones reports whether clonefile works there.
func (v *volume) clones() bool { return v.fs == "apfs" }

// owners reports whether the volume keeps owners and modes of its own.
func (v *volume) owners() bool { return v.fs == "apfs" || v.fs == "hfs" }

// makeVolumes: the sealed system volume with the Data volume firmlinked into it (one device, told apart by bit 60 of the
// inode, as real messages show), and devfs.
func (m *mac) makeVolumes() {
	m.pathGen = 1
	m.lastDev++
	m.root = &volume{path: "/", fs: "apfs", kind: "internal", dev: m.lastDev, fsid: m.lastDev, from: "/dev/disk3s1s1", lastIno: 20_480_000, blocks: 242837545}
	m.root.root = &node{vol: m.root, mode: es.ModeDir | 0o755, ino: 2, flags: 0x100000, hidden: 14}
	m.devs = &volume{path: "/dev", fs: "devfs", kind: "unknown", dev: 1064390898, fsid: 1064390898, from: "devfs"}
	m.devs.root = &node{vol: m.devs, mode: es.ModeDir | 0o555, ino: 301, hidden: 380}
	m.vols = append(m.vols, m.root, m.devs)
	t := es.Time(startOfTime - 3*3600e9)
	for _, v := range m.vols {
		n := v.root
		n.atime, n.mtime, n.ctime, n.birth = t, t, t, t
	}
}

func (m *mac) newIno(v *volume) uint64 {
	switch v.fs {
	case "apfs", "hfs":
		v.lastIno += 1 + m.rng.next()%7
		return v.lastIno
	case "smbfs", "nfs", "afpfs":
		return mix(hash(v.path)+m.rng.next()) | 1<<63 // made up by the server or the client: all 64 bits
	default:
		v.lastIno += 1 + m.rng.next()%40
		return v.lastIno
	}
}

// mount makes a volume; it tells nothing.
func (m *mac) mount(path, kind, fs string, readOnly bool, owner uint32) *volume {
	v := &volume{path: path, fs: fs, kind: kind, readOnly: readOnly, owner: owner, lastIno: 20480, blocks: 15_000_000}
	v.dev = m.freeDev(fs)
	v.fsid = v.dev
	switch kind {
	case "network":
		host := strings.ToLower(base(path))
		v.from = "//" + host + ".local/" + base(path)
	default:
		v.from = fmt.Sprintf("/dev/disk%ds1", 4+len(m.vols))
	}
	v.root = &node{vol: v, mode: es.ModeDir | 0o755, ino: 2, uid: owner, gid: 20, hidden: 3}
	if !v.owners() {
		v.root.mode = es.ModeDir | 0o700
	}
	t := m.wallNow() - 86400e9
	v.root.atime, v.root.mtime, v.root.ctime, v.root.birth = t, t, t, t
	m.vols = append(m.vols, v)
	m.pathGen++
	return v
}

// freeDev is the lowest device number that is not in use: numbers come back after an unmount.
func (m *mac) freeDev(fs string) int32 {
	d := m.lastDev + 6
	if fs == "smbfs" || fs == "nfs" || fs == "afpfs" {
		d = 754974720 + 3
	}
	for slices.ContainsFunc(m.vols, func(v *volume) bool { return v.dev == d }) {
		d++
	}
	return d
}

func (m *mac) volumeAt(path string) *volume {
	path = canonical(path)
	for _, v := range m.vols {
		if v.path == path {
			return v
		}
	}
	return nil
}

func (m *mac) unmount(v *volume) {
	m.vols = slices.DeleteFunc(m.vols, func(o *volume) bool { return o == v })
	m.pathGen++
}

func (m *mac) statfs(v *volume) es.Statfs {
	s := es.Statfs{
		FSID: [2]int32{v.fsid, 26}, Type: v.fs, MntOn: v.path, MntFrom: v.from, Owner: v.owner, Blocks: v.blocks, BlockSize: 4096,
	}
	if v.kind != "network" {
		s.Flags |= es.MntLocal
	}
	if v.readOnly || v.path == "/" {
		s.Flags |= es.MntReadOnly
	}
	if v.path == "/" {
		s.Flags |= es.MntRootFS
	}
	if v.fs == "devfs" {
		s.Flags |= es.MntDontBrowse
	}
	return s
}

func (v *volume) disposition() es.MountDisposition { return dispositions[v.kind] }

// mounts is the mount table, for a snapshot. The Data volume stands in it under its own place; its files do not show it.
func (m *mac) mounts() []es.SnapshotMount {
	var l []es.SnapshotMount
	for _, v := range m.vols {
		l = append(l, es.SnapshotMount{Statfs: m.statfs(v), Disposition: v.disposition()})
		if v == m.root {
			data := m.statfs(v)
			data.FSID[0]--
			data.MntOn, data.MntFrom = "/System/Volumes/Data", "/dev/disk3s5"
			data.Flags = es.MntLocal | es.MntDontBrowse
			l = append(l, es.SnapshotMount{Statfs: data, Disposition: es.MountInternal})
		}
	}
	return l
}
