package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ascribe.example/es"
)

// tools are command lines: who runs one, and what it does is read from its words as the tool would.
var tools = []spec{
	{
		pattern: "<name:who> runs <cmd:cmd...>",
		clauses: []string{"as: as <new:as>", "files: touching <num:files> files", "stays: staying", "status: failing with <num:status>", "in: in <path:in>"},
		does:    (*run).runs,
	},
}

// command is one simple command of a pipeline.
type command struct {
	argv   []string
	out    string // > or >>
	append bool
	in     string
}

// pipeline cuts words at "|" and takes the redirections out.
func pipeline(w []string) ([]command, error) {
	l := []command{{}}
	for i := 0; i < len(w); i++ {
		c := &l[len(l)-1]
		switch w[i] {
		case "|":
			l = append(l, command{})
		case ">", ">>", "<":
			if i+1 == len(w) {
				return nil, &wrong{word: w[i], want: "a file after it"}
			}
			i++
			if w[i-1] == "<" {
				c.in = w[i]
			} else {
				c.out, c.append = w[i], w[i-1] == ">>"
			}
		default:
			c.argv = append(c.argv, w[i])
		}
	}
	for i := range l {
		if len(l[i].argv) == 0 {
			return nil, &wrong{word: strings.Join(w, " "), want: "a command on both sides of |"}
		}
	}
	return l, nil
}

func (r *run) runs(a *args) error {
	cmds, err := pipeline(a.list("cmd"))
	if err != nil {
		return err
	}
	p, m := r.who(a), r.m
	if a.has("in") {
		kept := p.cwd
		p.cwd = m.folder(a.get("in"))
		defer func() { p.cwd = kept }()
	}
	var pipe *glob
	group := int32(0)
	var started []*toolRun
	for i := range cmds {
		t := &toolRun{r: r, m: m, cmd: cmds[i], files: a.num("files", 0), name: a.get("as")}
		if i < len(cmds)-1 {
			t.name = ""
		}
		var next *glob
		if i < len(cmds)-1 {
			m.lastPipe++
			next = &glob{pipe: m.lastPipe, flags: es.FRead | es.FWrite}
		}
		if err := t.start(p, pipe, next, &group); err != nil {
			return err
		}
		pipe = next
		started = append(started, t)
	}
	for i, t := range started {
		if err := t.work(); err != nil {
			return err
		}
		if i == len(started)-1 && a.has("as") {
			r.names[a.get("as")] = t.p
			if a.has("stays") {
				continue
			}
		}
		t.finish(int32(a.num("status", 0)) << 8)
	}
	return nil
}

// toolRun is one command that runs.
type toolRun struct {
	r     *run
	m     *mac
	cmd   command
	name  string
	files int64
	p     *proc
	above []*proc // sudo, su: exit after it
}

// start makes the process as its parent would: a shell forks, opens the redirections in the child, and execs; an agent
// asks a shell of its own; anything else spawns.
func (t *toolRun) start(parent *proc, in, out *glob, group *int32) error {
	m := t.m
	switch parent.kind {
	case "shell":
		t.p = m.fork(parent)
		if *group == 0 {
			*group = t.p.pid
		}
		t.p.cur.pgid = *group
	case "agent":
		t.p = m.spawn(parent, m.program("/bin/zsh", "", ""), execHow{args: []string{"/bin/zsh", "-c", "-l", strings.Join(t.cmd.argv, " ")}, name: "zsh"})
		t.p.cur.sid, t.p.cur.pgid, t.p.cur.tty = t.p.pid, t.p.pid, nil
	default:
		t.p = m.fork(parent)
	}
	t.p.kind = "tool"
	if in != nil {
		t.p.dropFD(0)
		t.p.giveFD(in, 0, false)
	}
	if out != nil {
		t.p.dropFD(1)
		t.p.giveFD(out, 1, false)
	}
	if t.cmd.in != "" {
		n := m.openPath(t.p, t.abs(t.cmd.in), es.FRead, 0, false)
		t.dup(n, 0)
	}
	if t.cmd.out != "" {
		return t.redirected(parent)
	}
	t.become(parent.kind == "shell" || parent.kind == "agent")
	return nil
}

// dup puts a descriptor at another number, as dup2 and close do.
func (t *toolRun) dup(from, to int32) {
	g := t.p.fd(from).g
	if d := t.p.fd(to); d != nil {
		t.m.closeFD(t.p, d)
	}
	t.p.giveFD(g, to, false)
	t.m.closeFD(t.p, t.p.fd(from))
}

// redirected: the forked shell opens the file, the tool writes it, and both close it.
func (t *toolRun) redirected(parent *proc) error {
	m, path := t.m, t.abs(t.cmd.out)
	truth := Truth{Action: "create", Method: "stream", Path: path}
	if m.find(path) != nil {
		truth.Action, truth.Method = "write", "in-place"
	}
	flags := int32(es.FWrite | es.OCreat | es.OTrunc)
	if t.cmd.append {
		flags = es.FWrite | es.OCreat | es.FAppend
	}
	shell := t.p.cur
	o := m.act(t.p, truth, func() {
		d := m.openPath(t.p, path, flags, 0o644, false)
		t.dup(d, 1)
		t.become(true)
		g := t.p.fd(1).g
		for range 3 {
			m.write(t.p, g, 2048, false)
		}
		m.closeFD(t.p, t.p.fd(1))
	})
	if o != nil {
		o.Actor = t.p.cur.key()
		o.Parts = append(o.Parts, shell.key())
	}
	_ = parent
	return nil
}

// become execs the tool; sudo and su put a process of another user below it.
func (t *toolRun) become(byShell bool) {
	m := t.m
	argv := t.cmd.argv
	for {
		cmd := base(argv[0])
		if (cmd == "sudo" || cmd == "su") && len(argv) > 1 {
			u, rest := t.switchUser(argv)
			if len(rest) == 0 {
				break
			}
			c := t.p
			t.above = append(t.above, c)
			t.p = m.become(c, u, cmd == "su", argv)
			t.p.kind = "tool"
			argv = rest
			continue
		}
		break
	}
	home := t.p.home()
	path := toolPath(argv[0], home)
	how := execHow{args: argv, name: t.name}
	if strings.HasPrefix(argv[0], "./") || strings.HasSuffix(path, ".sh") {
		script := t.m.there(t.abs(argv[0]))
		script.mode |= 0o111
		how.script = script
		how.args = append([]string{"/bin/sh", t.abs(argv[0])}, argv[1:]...)
		if how.name == "" {
			how.name = base(argv[0])
		}
		m.exec(t.p, m.program("/bin/sh", "", ""), how)
		how.script = nil
		m.exec(t.p, m.program("/bin/bash", "", ""), how) // /bin/sh execs bash [R]
	} else {
		how.spawn = !byShell && len(t.above) == 0
		m.exec(t.p, m.program(path, "", ""), how)
	}
	t.cmd.argv = argv
}

func (t *toolRun) switchUser(argv []string) (*user, []string) {
	rest := argv[1:]
	var u *user
	for len(rest) > 0 {
		switch {
		case rest[0] == "-u" && len(rest) > 1:
			u, rest = t.m.userNamed(rest[1]), rest[2:]
		case rest[0] == "-c" && len(rest) > 1:
			return u, append([]string{}, strings.Fields(rest[1])...)
		case strings.HasPrefix(rest[0], "-"):
			rest = rest[1:]
		case base(argv[0]) == "su":
			u, rest = t.m.userNamed(rest[0]), rest[1:]
		default:
			return u, rest
		}
	}
	return u, nil
}

func (t *toolRun) finish(stat int32) {
	t.m.exit(t.p, stat)
	for _, p := range slices.Backward(t.above) {
		t.m.exit(p, stat)
	}
}

// abs is the path that a word of a command means.
func (t *toolRun) abs(w string) string {
	switch {
	case strings.HasPrefix(w, "/"):
		return canonical(w)
	case w == "~":
		return t.p.home()
	case strings.HasPrefix(w, "~/"):
		return join(t.p.home(), w[2:])
	case w == ".":
		return t.m.path(t.p.cwd)
	}
	return canonical(join(t.m.path(t.p.cwd), strings.TrimPrefix(w, "./")))
}

// flagsAndFiles parts a command's words.
func flagsAndFiles(argv []string, withValue string) (flags map[string]string, files []string) {
	flags = map[string]string{}
	for i := 1; i < len(argv); i++ {
		w := argv[i]
		if len(w) < 2 || w[0] != '-' {
			files = append(files, w)
			continue
		}
		if strings.HasPrefix(w, "--") {
			k, v, _ := strings.Cut(w[2:], "=")
			flags[k] = v
			continue
		}
		for j := 1; j < len(w); j++ {
			f := w[j : j+1]
			flags[f] = ""
			if strings.Contains(withValue, f) && j == len(w)-1 && i+1 < len(argv) {
				i++
				flags[f] = argv[i]
			}
		}
	}
	return flags, files
}

// work does what the tool is known to do. What is not known does nothing but run.
func (t *toolRun) work() error {
	f, ok := toolWork[base(t.cmd.argv[0])]
	if !ok || t.cmd.out != "" {
		return nil
	}
	return f(t)
}

func (t *toolRun) need(n int, files []string, usage string) error {
	if len(files) >= n {
		return nil
	}
	return &wrong{word: t.cmd.argv[0], want: "words as in " + strconv.Quote(usage)}
}

// pairs are sources and where each goes.
func (t *toolRun) pairs(files []string) ([][2]string, error) {
	to := t.abs(files[len(files)-1])
	if strings.HasSuffix(files[len(files)-1], "/") {
		t.m.folder(to)
	}
	var l [][2]string
	for _, f := range files[:len(files)-1] {
		from := t.abs(f)
		if _, err := t.r.source(from); err != nil {
			return nil, err
		}
		end := to
		if n := t.m.find(to); n != nil && n.isDir() {
			end = join(to, base(from))
		} else if len(files) > 2 {
			return nil, &wrong{word: files[len(files)-1], want: "a folder, for several files"}
		}
		l = append(l, [2]string{from, end})
	}
	return l, nil
}

func (t *toolRun) String() string { return fmt.Sprint(t.cmd.argv) }
