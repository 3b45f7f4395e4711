package mix

import (
	"fmt"
	"strings"
)

// Worst are the names of the worst cases.
var Worst = []string{
	"one-file", "open-files", "fork-bomb", "one-life", "long-paths", "long-lines", "deep-nesting", "live-executions", "sessions", "one-batch",
}

// worst is a case that is told one small act after another, so many times.
type worst struct {
	left int
	each func(m *Mix, a *act, i int)
	i    int
}

func (w *worst) plan(m *Mix, a *act) bool {
	if w.left == 0 {
		return false
	}
	w.left--
	w.each(m, a, w.i)
	w.i++
	return true
}

func newWorst(m *Mix, name string, size int) (*worst, error) {
	shell := m.exec(m.fork(nil, 501, 100019, true), m.program("/bin/zsh", "com.apple.zsh", ""))
	m.kept[shell.pid] = true
	tool := m.program("/usr/bin/tool", "com.example.tool", "TEAM000001")
	in := m.folder("/Users/alice/Documents/All")
	one := m.file(in, "one.data", 4096, m.epoch)
	w := &worst{left: size}
	switch name {
	case "one-file": // lines: a million events on one file, by many
		w.left = size / 4
		w.each = func(m *Mix, a *act, _ int) {
			a.opens(shell, one, forBoth)
			a.writes(shell, one, 2, 10)
			a.closes(shell, one, true)
		}
	case "open-files": // files that are made, written, and never closed
		m.step = 10_000
		w.left = size / 3
		w.each = func(m *Mix, a *act, i int) {
			f := m.file(in, m.fresh("", ".data"), 0, 0)
			a.makes(shell, f)
			a.opens(shell, f, forWriting)
			a.writes(shell, f, 1, 100)
		}
	case "fork-bomb": // executions: every child forks two more, none exits
		m.step = 10_000
		parents := []*execution{shell}
		w.each = func(m *Mix, a *act, i int) {
			by := parents[i/2]
			child := m.fork(by, 501, 100019, true)
			a.add(step{kind: fork, by: by, child: child})
			parents = append(parents, child)
			if i%2 == 1 {
				parents[i/2] = nil
			}
		}
	case "one-life": // execs in one process
		e := shell
		w.each = func(m *Mix, a *act, _ int) {
			next := m.exec(e, tool)
			a.add(step{kind: exec, by: e, child: next, args: []byte(`["tool"]`)})
			e = next
		}
	case "long-paths": // lines with paths of 16 KiB
		long := m.folder("/Users/alice/" + strings.Repeat("a-folder-in-a-folder/", 780) + "x")
		w.left = size / 4
		w.each = func(m *Mix, a *act, _ int) {
			f := m.file(long, m.fresh("", ".data"), 0, 0)
			a.makes(shell, f)
			a.opens(shell, f, forWriting)
			a.writes(shell, f, 1, 100)
			a.closes(shell, f, true)
		}
	case "long-lines": // lines of 10 MB: an exec with that much of an environment
		args := []byte(`["` + strings.Repeat(`an argument that goes on and on, \"quoted\", `, 10<<20/46) + `"]`)
		w.each = func(m *Mix, a *act, _ int) {
			child := m.fork(shell, 501, 100019, true)
			a.add(step{kind: exec, by: child, child: m.exec(child, tool), args: args})
		}
	case "deep-nesting": // lines with a value that is nested 4,000 deep
		deep := strings.Repeat(`{"a":[`, 2000) + strings.Repeat("]}", 2000)
		w.each = func(m *Mix, a *act, _ int) {
			a.add(step{kind: closing, by: shell, file: one, extra: deep})
		}
	case "live-executions": // so many programs that stay, each at work now and then
		m.step = 20_000
		var live []*execution
		w.left = size
		w.each = func(m *Mix, a *act, i int) {
			if len(live) < 100_000 {
				child := m.fork(shell, 501, 100019, true)
				a.add(step{kind: fork, by: shell, child: child})
				e := m.exec(child, tool)
				a.add(step{kind: exec, by: child, child: e, args: []byte(`["tool"]`)})
				live = append(live, m.lean(e))
				return
			}
			by := live[m.below(len(live))]
			m.describe(by)
			f := m.file(in, m.fresh("", ".data"), 0, 0)
			a.makes(by, f)
			a.closes(by, f, true)
		}
	case "sessions": // lines of fifty people logged in
		var people []*execution
		for i := range 50 {
			uid, asid := uint32(501+i), uint32(100019+i)
			people = append(people, m.exec(m.fork(nil, uid, asid, true), m.program("/bin/zsh", "com.apple.zsh", "")))
		}
		w.left = size / 3
		w.each = func(m *Mix, a *act, i int) {
			by := people[i%len(people)]
			f := m.file(in, m.fresh("", ".data"), 0, 0)
			a.makes(by, f)
			a.writes(by, f, 1, 100)
			a.closes(by, f, true)
		}
	case "one-batch": // items: files that one execution copies in one go
		m.step = 20_000
		e := m.exec(m.fork(shell, 501, 100019, true), m.program("/bin/cp", "com.apple.cp", ""))
		to := m.folder("/Users/alice/Documents/Copy")
		w.each = func(m *Mix, a *act, i int) {
			from := m.file(in, m.fresh("", ".data"), 4096, m.epoch-nanosADay)
			f := m.file(to, from.name, 0, 0)
			a.opens(e, from, forReading)
			a.makes(e, f)
			a.writes(e, f, 1, 4096)
			a.add(step{kind: utimes, by: e, file: f, other: from})
			a.closes(e, f, true)
			a.closes(e, from, false)
		}
	default:
		return nil, fmt.Errorf("no mix is called %q: there are %s", name, strings.Join(Names, ", "))
	}
	return w, nil
}

// lean drops an execution's text, so that very many can be kept.
func (m *Mix) lean(e *execution) *execution {
	kept := *e
	kept.members = [variants]object{}
	return &kept
}
