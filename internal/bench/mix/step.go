package mix

// kind is an event's kind, as far as the mixes tell it.
type kind uint8

const (
	fork kind = iota
	exec
	exit
	open
	closing
	create
	write
	mmap
	rename
	unlink
	clone
	setextattr
	setmode
	utimes
	xpcConnect
)

// kinds are the names and numbers that eslogger gives them.
var kinds = [...]struct{ name, number string }{
	fork: {"fork", "11"}, exec: {"exec", "9"}, exit: {"exit", "15"}, open: {"open", "10"}, closing: {"close", "12"},
	create: {"create", "13"}, write: {"write", "33"}, mmap: {"mmap", "20"}, rename: {"rename", "25"}, unlink: {"unlink", "32"},
	clone: {"clone", "61"}, setextattr: {"setextattr", "27"}, setmode: {"setmode", "29"}, utimes: {"utimes", "59"},
	xpcConnect: {"xpc_connect", "145"},
}

// step is one message to come.
type step struct {
	kind  kind
	by    *execution
	child *execution // forked, or what was exec-ed
	file  *node
	other *node   // overwritten, or a clone's target
	to    *folder // a rename's or a clone's
	name  string  // a new name, an attribute, a service
	args  []byte  // of an exec, as JSON
	n     int64   // open flags; bytes written; modified
	extra string  // the value of a key that nobody knows
	after *node   // no act is at work on it after this step
}

// act is some messages that belong together.
type act struct {
	steps []step
	next  int
}

func (a *act) add(s step) { a.steps = append(a.steps, s) }

// Open flags.
const (
	forReading = 1
	forWriting = 2
	forBoth    = 3
)

func (a *act) opens(by *execution, f *node, flags int64) {
	a.add(step{kind: open, by: by, file: f, n: flags})
}

func (a *act) closes(by *execution, f *node, modified bool) {
	s := step{kind: closing, by: by, file: f}
	if modified {
		s.n = 1
	}
	a.add(s)
}

func (a *act) writes(by *execution, f *node, times int, size int64) {
	for range times {
		a.add(step{kind: write, by: by, file: f, n: size / int64(times)})
	}
}

func (a *act) makes(by *execution, f *node) { a.add(step{kind: create, by: by, file: f}) }

func (a *act) renames(by *execution, f *node, to *folder, name string, over *node) {
	a.add(step{kind: rename, by: by, file: f, to: to, name: name, other: over})
}

func (a *act) removes(by *execution, f *node) { a.add(step{kind: unlink, by: by, file: f}) }

func (a *act) labels(by *execution, f *node, attribute string) {
	a.add(step{kind: setextattr, by: by, file: f, name: attribute})
}

// done lets the last step end the work on a file.
func (a *act) done(f *node) { a.steps[len(a.steps)-1].after = f }

// eventBody writes the members of a step's event into m.body, and lets the step happen.
func (m *Mix) eventBody(s *step) {
	o := &m.body
	o.reset()
	target := func(name string) {
		m.fileText = m.appendNode(m.fileText[:0], s.file)
		o.raw(name, m.fileText)
	}
	folderOf := func(name string, f *folder) {
		m.fileText = m.appendFolder(m.fileText[:0], f)
		o.raw(name, m.fileText)
	}
	switch s.kind {
	case fork:
		m.value = m.appendProcess(m.value[:0], s.child)
		o.raw("child", m.value)
	case exec:
		m.execBody(s)
	case exit:
		o.int("stat", 0)
	case open:
		o.int("fflag", s.n)
		target("file")
	case closing:
		o.bool("modified", s.n != 0)
		o.bool("was_mapped_writable", false)
		target("target")
	case create:
		s.file.stat.birth, s.file.stat.modified = m.now, m.now
		m.fileText = append(m.appendNode(append(m.fileText[:0], `{"existing_file":`...), s.file), '}')
		o.raw("destination", m.fileText)
		o.literal("destination_type", "0")
		o.literal("acl", "null")
	case write:
		s.file.stat.size += s.n
		s.file.stat.modified = m.now
		target("target")
	case mmap:
		o.int("protection", 1)
		o.int("max_protection", 5)
		o.int("flags", 2)
		o.int("file_pos", 0)
		target("source")
	case rename:
		target("source")
		if s.other != nil {
			m.fileText = append(m.appendNode(append(m.fileText[:0], `{"existing_file":`...), s.other), '}')
			o.literal("destination_type", "0")
		} else {
			m.fileText = append(m.fileText[:0], `{"new_path":{"filename":"`...)
			m.fileText = append(append(m.fileText, s.name...), `","dir":`...)
			m.fileText = append(m.appendFolder(m.fileText, s.to), "}}"...)
			o.literal("destination_type", "1")
		}
		o.raw("destination", m.fileText)
		s.file.in, s.file.name = s.to, s.name
	case unlink:
		target("target")
		folderOf("parent_dir", s.file.in)
	case clone:
		target("source")
		folderOf("target_dir", s.other.in)
		o.string("target_name", s.other.name)
		s.other.stat.size = s.file.stat.size
	case setextattr:
		target("target")
		o.string("extattr", s.name)
	case setmode:
		target("target")
		o.int("mode", 0o644)
	case utimes:
		target("target")
		o.time("atime", s.other.stat.modified, &m.calendar)
		o.time("mtime", s.other.stat.modified, &m.calendar)
		s.file.stat.modified = s.other.stat.modified
	case xpcConnect:
		o.string("service_name", s.name)
		o.int("service_domain_type", 8)
	}
}

func (m *Mix) execBody(s *step) {
	o := &m.body
	m.value = m.appendProcess(m.value[:0], s.child)
	o.raw("target", m.value)
	o.string("dyld_exec_path", s.child.image.path)
	o.literal("script", "null")
	m.fileText = m.appendFile(m.fileText[:0], `\/Users\/alice\/src\/project`, "", &stat{ino: 20481, mode: 0o40755, uid: 501, size: 960, birth: m.epoch - 9*nanosADay, modified: m.epoch})
	o.raw("cwd", m.fileText)
	o.int("last_fd", 2)
	o.int("image_cputype", 16777228)
	o.int("image_cpusubtype", -2147483646)
	o.raw("args", s.args)
	o.raw("env", environments[m.below(len(environments))])
	o.literal("fds", `[{"fd":0,"fdtype":1},{"fd":1,"fdtype":6,"pipe":{"pipe_id":11736412583142517001}},{"fd":2,"fdtype":1}]`)
}
