package mix

import "strconv"

// folder holds files.
type folder struct {
	path string // escaped
	stat stat
}

// node is a file.
type node struct {
	in   *folder
	name string // escaped
	stat stat
	busy bool // an act is at work on it
}

// stat is what a file's stat shows.
type stat struct {
	ino             uint64
	mode            uint16
	uid             uint32
	size            int64
	birth, modified int64
}

func (m *Mix) folder(path string) *folder {
	m.ino++
	return &folder{path: slashes(path), stat: stat{ino: m.ino, mode: 0o40755, uid: 501, size: 640, birth: m.epoch - 9*nanosADay, modified: m.epoch - nanosADay}}
}

// file makes a file that is there already, or (size 0, now) a new one.
func (m *Mix) file(in *folder, name string, size, birth int64) *node {
	m.ino++
	return &node{in: in, name: name, stat: stat{ino: m.ino, mode: 0o100644, uid: 501, size: size, birth: birth, modified: birth}}
}

// fresh is a name that was not there before.
func (m *Mix) fresh(prefix, suffix string) string {
	m.names++
	var b [64]byte
	t := append(b[:0], prefix...)
	t = strconv.AppendUint(t, m.names*0x9e3779b97f4a7c15, 36)
	return string(append(t, suffix...))
}

// appendFile writes a file object. The path is one, or a folder's and a name.
func (m *Mix) appendFile(dst []byte, path, name string, s *stat) []byte {
	o := &m.inner
	o.reset()
	o.literal("st_dev", "16777234")
	o.uint("st_mode", uint64(s.mode))
	o.literal("st_nlink", "1")
	o.uint("st_ino", s.ino)
	o.uint("st_uid", uint64(s.uid))
	o.literal("st_gid", "20")
	o.literal("st_rdev", "0")
	o.time("st_atimespec", s.modified, &m.calendar)
	o.time("st_mtimespec", s.modified, &m.calendar)
	o.time("st_ctimespec", s.modified, &m.calendar)
	o.time("st_birthtimespec", s.birth, &m.calendar)
	o.int("st_size", s.size)
	o.int("st_blocks", (s.size+511)/512)
	o.literal("st_blksize", "4096")
	o.literal("st_flags", "0")
	o.literal("st_gen", "0")
	m.statText = m.appendObject(m.statText[:0], o)
	o.reset()
	o.raw("stat", m.statText)
	o.key("path")
	o.text = append(append(o.text, '"'), path...)
	if name != "" {
		o.text = append(append(o.text, '\\', '/'), name...)
	}
	o.text = append(o.text, '"')
	o.end()
	o.literal("path_truncated", "false")
	return m.appendObject(dst, o)
}

func (m *Mix) appendNode(dst []byte, n *node) []byte {
	return m.appendFile(dst, n.in.path, n.name, &n.stat)
}

func (m *Mix) appendFolder(dst []byte, f *folder) []byte {
	return m.appendFile(dst, f.path, "", &f.stat)
}
