package mix

import (
	"fmt"
	"strings"
)

// image is a program on disk.
type image struct {
	path     string // escaped
	id, team string
	platform bool
	ino      uint64
	hash     string
}

// execution is one program image in one process.
type execution struct {
	image       *image
	pid         int32
	pidversion  uint32
	ppid        int32
	parent      *execution // nil: launchd
	responsible *execution // nil: itself
	uid         uint32
	asid        uint32
	tty         bool
	start       int64
	members     [variants]object // of the process object; inner objects differ in the order of their keys
	version     uint32           // of the parent's, when it was made
}

const variants = 3

// slashes escapes a path as eslogger does.
func slashes(s string) string { return strings.ReplaceAll(s, "/", `\/`) }

// program makes an image.
func (m *Mix) program(path, id, team string) *image {
	m.ino++
	return &image{path: slashes(path), id: id, team: team, platform: team == "", ino: m.ino, hash: fmt.Sprintf("%016X%016X%08X", m.next(), m.next(), uint32(m.next()))}
}

// fork makes a child of an execution, or of launchd.
func (m *Mix) fork(parent *execution, uid, asid uint32, tty bool) *execution {
	m.pidversion++
	m.pid++
	for m.pid > 99998 || m.kept[m.pid] {
		if m.pid++; m.pid > 99998 {
			m.pid = 400
		}
	}
	e := &execution{image: m.launchd, pid: m.pid, pidversion: m.pidversion, ppid: 1, parent: parent, uid: uid, asid: asid, tty: tty, start: m.now / 1000 * 1000}
	if parent != nil {
		e.image, e.ppid, e.responsible, e.version = parent.image, parent.pid, parent.responsible, parent.pidversion
		if e.responsible == nil {
			e.responsible = parent
		}
	}
	m.describe(e)
	return e
}

// exec makes the execution that follows e in its process.
func (m *Mix) exec(e *execution, to *image) *execution {
	m.pidversion++
	next := *e
	next.image, next.pidversion = to, m.pidversion
	next.members = [variants]object{}
	m.describe(&next)
	return &next
}

// describe writes the members of the process object.
func (m *Mix) describe(e *execution) {
	for i := range e.members {
		m.processMembers(&e.members[i], e)
	}
}

// appendProcess appends the process object.
func (m *Mix) appendProcess(dst []byte, e *execution) []byte {
	return m.appendObject(dst, &e.members[m.below(variants)])
}

func (m *Mix) appendToken(dst []byte, pid int32, version, uid, asid uint32) []byte {
	o := &m.inner
	o.reset()
	auid := uint64(uid)
	if uid == 0 {
		auid = 4294967295
	}
	o.int("pid", int64(pid))
	o.uint("pidversion", uint64(version))
	o.uint("auid", auid)
	o.uint("euid", uint64(uid))
	o.uint("ruid", uint64(uid))
	o.uint("egid", 20)
	o.uint("rgid", 20)
	o.uint("asid", uint64(asid))
	return m.appendObject(dst, o)
}

func (m *Mix) processMembers(o *object, e *execution) {
	o.reset()
	m.value = m.appendToken(m.value[:0], e.pid, e.pidversion, e.uid, e.asid)
	o.raw("audit_token", m.value)
	if e.parent == nil {
		m.value = m.appendToken(m.value[:0], 1, 1, 0, 100000)
	} else {
		m.value = m.appendToken(m.value[:0], e.ppid, e.version, e.parent.uid, e.parent.asid)
	}
	o.raw("parent_audit_token", m.value)
	r := e.responsible
	if r == nil {
		r = e
	}
	m.value = m.appendToken(m.value[:0], r.pid, r.pidversion, r.uid, r.asid)
	o.raw("responsible_audit_token", m.value)
	o.int("ppid", int64(e.ppid))
	o.int("original_ppid", int64(e.ppid))
	o.int("group_id", int64(e.pid))
	o.int("session_id", 1)
	o.uint("codesigning_flags", 570522385)
	o.bool("is_platform_binary", e.image.platform)
	o.bool("is_es_client", false)
	o.string("cdhash", e.image.hash)
	o.string("signing_id", e.image.id)
	if e.image.team == "" {
		o.literal("team_id", "null")
	} else {
		o.string("team_id", e.image.team)
	}
	m.value = m.appendFile(m.value[:0], e.image.path, "", &stat{ino: e.image.ino, mode: 0o100755, size: 1 << 20, birth: m.epoch - 30*nanosADay, modified: m.epoch - 20*nanosADay})
	o.raw("executable", m.value)
	if e.tty {
		m.value = m.appendFile(m.value[:0], `\/dev\/ttys002`, "", &stat{ino: 731, mode: 0o20620, uid: e.uid, birth: m.epoch - nanosADay, modified: m.epoch})
		o.raw("tty", m.value)
	} else {
		o.literal("tty", "null")
	}
	o.key("start_time")
	o.text = m.calendar.append(o.text, e.start, 6)
	o.end()
	o.int("cs_validation_category", 1)
}
