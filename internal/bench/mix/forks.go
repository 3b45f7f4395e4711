package mix

import (
	"fmt"
)

// forks is what a build does to process events: a shell forks, the child becomes a tool, closes what it inherited, exits.
// Half of the children never exec [R].
type forks struct {
	shells []*execution
	tools  []*image
	files  []*node
}

func newForks(m *Mix) *forks {
	w := &forks{}
	terminal := m.exec(m.fork(nil, 501, 100019, false), m.program("/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal", "com.apple.Terminal", ""))
	zsh := m.program("/bin/zsh", "com.apple.zsh", "")
	m.kept[terminal.pid] = true
	for range 12 {
		e := m.exec(m.fork(terminal, 501, 100019, true), zsh)
		m.kept[e.pid] = true
		w.shells = append(w.shells, e)
	}
	for i := range 80 {
		w.tools = append(w.tools, m.program(fmt.Sprintf("/Library/Developer/CommandLineTools/usr/bin/tool%d", i), fmt.Sprintf("com.apple.tool%d", i), ""))
	}
	in := m.folder("/private/tmp/build/intermediates")
	for range 500 {
		w.files = append(w.files, m.file(in, m.fresh("", ".o"), int64(m.below(90_000)), m.epoch-nanosADay))
	}
	return w
}

func (w *forks) plan(m *Mix, a *act) bool {
	shell := w.shells[m.below(len(w.shells))]
	e := m.fork(shell, 501, 100019, true)
	a.add(step{kind: fork, by: shell, child: e})
	if m.below(2) == 0 {
		image := w.tools[m.below(len(w.tools))]
		next := m.exec(e, image)
		a.add(step{kind: exec, by: e, child: next, args: fmt.Appendf(nil, `["%s","-c","-O2","%s"]`, image.path, m.fresh("unit-", ".c"))})
		e = next
	}
	for range m.below(4) {
		a.closes(e, w.files[m.below(len(w.files))], m.below(8) == 0)
	}
	a.add(step{kind: exit, by: e})
	return true
}

// environments are what programs are started with: a developer's shell, some kilobytes.
var environments = func() [][]byte {
	var all [][]byte
	for i := range 8 {
		b := fmt.Appendf(nil, `["PATH=\/opt\/homebrew\/bin:\/opt\/homebrew\/sbin:\/usr\/local\/bin:\/usr\/bin:\/bin:\/usr\/sbin:\/sbin:\/Users\/alice\/go\/bin:\/Users\/alice\/.cargo\/bin"`)
		b = fmt.Appendf(b, `,"HOME=\/Users\/alice","USER=alice","LOGNAME=alice","SHELL=\/bin\/zsh","TERM=xterm-256color","TERM_PROGRAM=Apple_Terminal","TERM_SESSION_ID=6A1B0F5C-0000-4E1C-9C2B-00000000000%d"`, i)
		b = fmt.Appendf(b, `,"TMPDIR=\/var\/folders\/zz\/zyxvpxvq6csfxvn_n0000000000000\/T\/","SSH_AUTH_SOCK=\/private\/tmp\/com.apple.launchd.kQ3xYz%d\/Listeners","XPC_FLAGS=0x0","XPC_SERVICE_NAME=0","__CF_USER_TEXT_ENCODING=0x1F5:0x0:0x0","__CFBundleIdentifier=com.apple.Terminal"`, i)
		b = fmt.Appendf(b, `,"LANG=de_DE.UTF-8","PWD=\/Users\/alice\/src\/project","OLDPWD=\/Users\/alice","SHLVL=%d","_=\/usr\/bin\/make"`, i)
		for j := range 14 {
			b = fmt.Appendf(b, `,"PROJECT_SETTING_%d=\/Users\/alice\/src\/project\/configurations\/environment-%d\/module-%d\/settings.json"`, j, i, j*7)
		}
		all = append(all, append(b, ']'))
	}
	return all
}()
