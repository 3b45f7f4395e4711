package scenario

import (
	"slices"
	"strings"

	"ascribe.example/es"
)

// node is a vnode: one file, directory, link or device, whatever names it has.
type node struct {
	vol    *volume
	parent *node
	name   string
	links  []link // names besides the first
	kids   map[string]*node
	hidden int // entries of a directory that the simulation does not hold

	ino        uint64
	mode       uint16
	nlink      uint16
	uid, gid   uint32
	rdev       int32
	flags      uint32
	size       int64
	atime      es.Time
	mtime      es.Time
	ctime      es.Time
	birth      es.Time
	xattrs     []string
	target     string   // of symlinks
	mapped     bool     // was_mapped_writable: stays with the vnode [D]
	writers    []es.Key // every execution that changed the content
	gone       bool
	cache      string
	cacheGen   uint32
	implicit   bool // made because a sentence spoke of it, not by one
	compressed bool
}

type link struct {
	parent *node
	name   string
}

func (n *node) isDir() bool { return n.mode&es.ModeType == es.ModeDir }

func (n *node) isLink() bool { return n.mode&es.ModeType == es.ModeSymlink }

func (n *node) isFile() bool { return n.mode&es.ModeType == es.ModeRegular }

// path is the node's first name, as F_GETPATH gives it; the last one it had once it is gone.
func (m *mac) path(n *node) string {
	if n.cacheGen == m.pathGen && n.cache != "" {
		return n.cache
	}
	if n.parent == nil {
		n.cache = n.vol.path
	} else {
		n.cache = join(m.path(n.parent), n.name)
	}
	n.cacheGen = m.pathGen
	return n.cache
}

// file is es_file_t of a node, now.
func (m *mac) file(n *node) es.File {
	f := es.File{Path: m.path(n), Stat: n.stat()}
	if len(f.Path) > 16384 {
		f.Path, f.PathTruncated = f.Path[:16384], true
	}
	return f
}

func (n *node) stat() es.Stat {
	s := es.Stat{
		Dev: n.vol.dev, Mode: n.mode, Nlink: n.nlink, Ino: n.ino, UID: n.uid, GID: n.gid, Rdev: n.rdev, ATime: n.atime, MTime: n.mtime,
		CTime: n.ctime, BirthTime: n.birth, Size: n.size, BlkSize: 4096, Flags: n.flags,
	}
	switch {
	case n.isDir():
		entries := len(n.kids) + n.hidden + 2
		s.Nlink = uint16(min(entries, 65535))
		s.Size = int64(entries) * 32
	case n.isFile():
		s.Blocks = (n.size + 4095) / 4096 * 8
		if n.compressed {
			s.Blocks = (s.Blocks + 3) / 4
		}
		if n.vol.fat() && n.size == 0 {
			s.Ino = es.SyntheticIno // every empty file on FAT [D]
		}
	}
	return s
}

// fold is a name as its volume compares it.
func (v *volume) fold(name string) string {
	if v.sensitive {
		return name
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c >= 'A' && c <= 'Z' || c >= 0x80 {
			return strings.ToLower(name)
		}
	}
	return name
}

func (n *node) kid(name string) *node { return n.kids[n.vol.fold(name)] }

func (n *node) put(name string, k *node) {
	if n.kids == nil {
		n.kids = make(map[string]*node, 4)
	}
	n.kids[n.vol.fold(name)] = k
}

func (n *node) remove(name string) { delete(n.kids, n.vol.fold(name)) }

// entry is one name in a directory.
type entry struct {
	name string
	*node
}

// list is a directory's entries by name.
func (n *node) list() []entry {
	keys := make([]string, 0, len(n.kids))
	for k := range n.kids {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	l := make([]entry, len(keys))
	for i, k := range keys {
		l[i] = entry{n.spelt(k), n.kids[k]}
	}
	return l
}

// spelt is an entry's name as it was given, from its folded form.
func (n *node) spelt(key string) string {
	k := n.kids[key]
	if k.parent == n && n.vol.fold(k.name) == key {
		return k.name
	}
	for _, l := range k.links {
		if l.parent == n && n.vol.fold(l.name) == key {
			return l.name
		}
	}
	return key
}

// canonical is the path that F_GETPATH would give for one that a script writes: without the private symlinks and the
// Data volume's firmlinks.
func canonical(path string) string {
	if len(path) > 1 && path[len(path)-1] == '/' {
		path = path[:len(path)-1]
	}
	if rest, ok := strings.CutPrefix(path, "/System/Volumes/Data"); ok && rest != "" && rest[0] == '/' {
		path = rest
	}
	for _, p := range [...]string{"/tmp", "/var", "/etc"} {
		if strings.HasPrefix(path, p) && (len(path) == len(p) || path[len(p)] == '/') {
			return "/private" + path
		}
	}
	return path
}

// volumeOf is the volume that holds a canonical path, and the path below its root.
func (m *mac) volumeOf(path string) (*volume, string) {
	best, n := m.root, 0
	for _, v := range m.vols[1:] {
		if len(v.path) > n && strings.HasPrefix(path, v.path) && (len(path) == len(v.path) || path[len(v.path)] == '/') {
			best, n = v, len(v.path)
		}
	}
	return best, strings.TrimPrefix(path[n:], "/")
}

// find is the node at a path; nil if there is none.
func (m *mac) find(path string) *node { return m.findBelow(path, 0) }

// deepest is how many symbolic links one path may lead through, as MAXSYMLINKS.
const deepest = 32

func (m *mac) findBelow(path string, links int) *node {
	v, rest := m.volumeOf(canonical(path))
	n := v.root
	for rest != "" && n != nil {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		if n = n.kid(name); n != nil && rest != "" && n.isLink() {
			if links == deepest {
				return nil
			}
			return m.findBelow(join(m.leadsTo(n), rest), links+1)
		}
	}
	return n
}

// leadsTo is the path that a symbolic link stands for.
func (m *mac) leadsTo(n *node) string {
	if strings.HasPrefix(n.target, "/") {
		return n.target
	}
	return join(m.path(n.parent), strings.TrimPrefix(n.target, "./"))
}

// real is a path without symbolic links on the way, and at its end if last: the path that messages show.
func (m *mac) real(path string, last bool) string {
	path = canonical(path)
	if m.symlinks == 0 {
		return path
	}
	for range deepest {
		end := len(path)
		if !last {
			end = max(strings.LastIndexByte(path, '/'), 1)
		}
		again := false
		for i := 1; i <= end; i++ {
			if i < len(path) && path[i] != '/' {
				continue
			}
			if n := m.find(path[:i]); n != nil && n.isLink() {
				path, again = canonical(m.leadsTo(n)+path[i:]), true
				break
			}
		}
		if !again {
			break
		}
	}
	return path
}

// folder is the directory at a path, made silently if need be: a script speaks of what is there.
func (m *mac) folder(path string) *node { return m.folderBelow(path, 0) }

func (m *mac) folderBelow(path string, links int) *node {
	v, rest := m.volumeOf(canonical(path))
	n := v.root
	at := v.path
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, "/")
		at = join(at, name)
		k := n.kid(name)
		if k != nil && k.isLink() {
			if links == deepest {
				return n
			}
			k = m.folderBelow(m.leadsTo(k), links+1)
		}
		if k == nil {
			k = m.add(n, name, es.ModeDir|0o755)
			m.dress(k, at)
			k.implicit = true
			k.hidden = int(hash(at) % 23)
		}
		n = k
	}
	return n
}

// there is the file at a path, made silently if need be.
func (m *mac) there(path string) *node {
	path = canonical(path)
	if n := m.find(path); n != nil {
		return n
	}
	dir := m.folder(dirOf(path))
	n := m.add(dir, base(path), es.ModeRegular|0o644)
	m.dress(n, path)
	n.implicit = true
	h := hash(path)
	n.size = int64(512 + h%900_000)
	return n
}

// add makes a node in a directory, now, with a new inode.
func (m *mac) add(dir *node, name string, mode uint16) *node {
	n := &node{vol: dir.vol, parent: dir, name: name, mode: mode, nlink: 1, uid: dir.uid, gid: dir.gid}
	n.ino = m.newIno(dir.vol)
	t := m.wallNow()
	n.atime, n.mtime, n.ctime, n.birth = t, t, t, t
	dir.put(name, n)
	return n
}

// dress gives what was there before the recording an owner and an age that fit its place.
func (m *mac) dress(n *node, path string) {
	h := hash(path)
	age := es.Time(3600e9 + h%(300*24*3600)*1e9 + h>>33)
	t := es.Time(startOfTime) - age
	n.atime, n.mtime, n.ctime, n.birth = t, t, t, t
	if n.vol != m.root {
		n.uid, n.gid = n.vol.owner, 20
		if n.vol.owner == 0 && n.vol.fs == "devfs" {
			n.gid = 0
		}
		return
	}
	n.uid, n.gid = 0, 0
	switch {
	case strings.HasPrefix(path, "/Users/"):
		name, _, _ := strings.Cut(path[len("/Users/"):], "/")
		n.uid, n.gid = 501, 20
		if u := m.userNamed(name); u != nil {
			n.uid, n.gid = u.uid, 20
		}
		if n.isDir() && path == "/Users/"+name {
			n.mode = es.ModeDir | 0o750
		}
	case strings.HasPrefix(path, "/System/"), strings.HasPrefix(path, "/bin/"), strings.HasPrefix(path, "/sbin/"),
		strings.HasPrefix(path, "/usr/") && !strings.HasPrefix(path, "/usr/local/"):
		n.ino |= 1 << 60 // the sealed system volume's inodes
		n.flags = 0x80020
		if n.isDir() {
			n.flags = 0x80000
		}
	case strings.HasPrefix(path, "/Applications/"):
		n.gid = 80
	case strings.HasPrefix(path, "/private/tmp"), strings.HasPrefix(path, "/private/var/folders/"):
		if n.isDir() {
			n.mode = es.ModeDir | 0o1777
		}
	}
}

// attach, detach: a node's names.
func (m *mac) attach(n, dir *node, name string) {
	if n.parent == nil || n.gone {
		n.parent, n.name, n.gone = dir, name, false
	} else {
		n.links = append(n.links, link{dir, name})
	}
	dir.put(name, n)
	n.cache = ""
}

// detach takes one name away; the node is gone with the last.
func (m *mac) detach(n, dir *node, name string) {
	dir.remove(name)
	if n.parent == dir && n.vol.fold(n.name) == n.vol.fold(name) {
		if len(n.links) == 0 {
			m.path(n) // stays its last known name
			n.gone = true
			return
		}
		n.parent, n.name = n.links[0].parent, n.links[0].name
		n.links = n.links[1:]
		n.cache = ""
		return
	}
	for i, l := range n.links {
		if l.parent == dir && n.vol.fold(l.name) == n.vol.fold(name) {
			n.links = slices.Delete(n.links, i, i+1)
			return
		}
	}
}

// moveNode gives a node another place.
func (m *mac) moveNode(n, from *node, fromName string, to *node, toName string) {
	from.remove(fromName)
	to.put(toName, n)
	if n.parent == from && n.vol.fold(n.name) == n.vol.fold(fromName) {
		n.parent, n.name = to, toName
	} else {
		for i, l := range n.links {
			if l.parent == from && n.vol.fold(l.name) == n.vol.fold(fromName) {
				n.links[i] = link{to, toName}
			}
		}
	}
	n.cache = ""
	if n.isDir() {
		m.pathGen++
	}
}

// lookedUp makes the name by which a file was found the one that it is shown under, mostly: with several hard links it is
// not defined which that is [D].
func (m *mac) lookedUp(n *node, path string) {
	if len(n.links) == 0 || m.silent > 0 || m.rng.n(4) == 0 {
		return
	}
	dir, name := m.find(dirOf(path)), base(path)
	for i, l := range n.links {
		if l.parent == dir && n.vol.fold(l.name) == n.vol.fold(name) {
			n.links[i] = link{n.parent, n.name}
			n.parent, n.name, n.cache = dir, name, ""
			return
		}
	}
}

// wrote records who changed a node's content.
func (n *node) wrote(k es.Key) {
	if len(n.writers) == 0 || !slices.Contains(n.writers, k) {
		n.writers = append(n.writers, k)
	}
}

func (m *mac) writersOf(n *node) []es.Key { return n.writers }
