//go:build terminal

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// terminal is a program in a real terminal: tmux.
type terminal struct {
	t      *testing.T
	socket string
}

func inTerminal(t *testing.T, width, height int, env []string, program ...string) *terminal {
	t.Helper()
	w := &terminal{t, filepath.Join(t.TempDir(), "tmux")}
	// What it ends with stays on the screen.
	shell := strings.Join(env, " ") + " " + strings.Join(program, " ") + `; echo "exit status $?"; cat`
	w.tmux("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), "sh", "-c", shell)
	t.Cleanup(func() { w.tmux("kill-server") })
	return w
}

func (w *terminal) tmux(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", w.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (w *terminal) screen() string { return w.tmux("capture-pane", "-p") }

// see waits until all of it is on the screen at once, and gives the screen back.
func (w *terminal) see(all ...string) string {
	w.t.Helper()
	var s string
	for began := time.Now(); time.Since(began) < endOfHang; time.Sleep(30 * time.Millisecond) {
		s = w.screen()
		missing := ""
		for _, want := range all {
			if !strings.Contains(s, want) {
				missing = want
			}
		}
		if missing == "" {
			return s
		}
	}
	w.t.Fatalf("never saw all of %q together:\n%s", all, s)
	return ""
}

func (w *terminal) press(keys ...string) {
	w.t.Helper()
	w.tmux(append([]string{"send-keys"}, keys...)...)
}

// program is where testscript put ascribe, or the stand-in for eslogger: this test binary under another name.
func program(t *testing.T, name string) string {
	t.Helper()
	file, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// shortDay is the recording of a short day.
func shortDay(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile("../../tui/testdata/day.script")
	if err != nil {
		t.Fatal(err)
	}
	return recordingOf(t, string(script))
}

func recordingOf(t *testing.T, script string) string {
	t.Helper()
	s, err := scenario.Parse("script", script)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "day.jsonl")
	if err := os.WriteFile(name, r.Recording(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheLiveViewInATerminal(t *testing.T) {
	w := inTerminal(t, 100, 30, nil, program(t, "ascribe"), "watch", "--replay", shortDay(t), "--speed", "0")
	w.see("a replay of ", "day.jsonl  ended", "of 14", "dropped 0", "DesktopServicesHelp… ← Finder ← alice~", "? help  q leave")

	w.press("Home", "Enter")
	w.see("Who did it (actor): DesktopServicesHelper (certain)", "←→ other operation")
	w.press("PageDown")
	w.see("On whose behalf (responsible): Finder (certain)")
	w.press("t")
	w.see("└ xpcproxy", "did it", "whose doing: alice at the console~")
	w.press("Escape")
	w.see("of 14", "↑↓ move")

	w.press("/")
	w.press("action:copy")
	w.see("/ action:copy", "3 of 14")
	w.press("Escape")
	w.see("11 of 14")
	w.press("/")
	w.press("action == 'copy'", "Enter")
	w.see("3 of 14", "↑↓ move")
	w.press("Escape")
	w.see("11 of 14") // an escape and a letter at once are another key
	w.press("a")
	w.see("everything", "14 of 14")
	w.press("?")
	w.see("How sure: no mark is certain")
	w.press("x")

	// Narrower and lower, while a panel is open: nothing is left of the larger screen.
	w.press("Home", "Enter")
	w.see("What happened")
	w.tmux("resize-window", "-x", "80", "-y", "20")
	w.see("What happened", "esc close")
	for _, l := range strings.Split(strings.TrimRight(w.screen(), "\n"), "\n") {
		if n := len([]rune(l)); n > 80 {
			t.Errorf("%d columns: %q", n, l)
		}
	}
	w.press("q")
	// The screen from before is back, and what was said meanwhile is said now.
	s := w.see("exit status 0", "found 14 operations")
	if strings.Contains(s, "↑↓") {
		t.Errorf("the view is still there:\n%s", s)
	}
}

func TestTheLiveViewIsInterrupted(t *testing.T) {
	w := inTerminal(t, 80, 24, nil, program(t, "ascribe"), "watch", "--replay", shortDay(t), "--speed", "0.01") // so slow that it stays so
	w.see("Nothing has settled yet", "q leave")
	w.press("C-c")
	w.see("exit status 0")
}

// Names of files cannot draw, move or colour anything, in any of the panels.
func TestHostileNamesInATerminal(t *testing.T) {
	recording := recordingOf(t, `
user    alice 501 console
app     Terminal com.apple.Terminal of alice
shell   zsh in Terminal
zsh     runs cp /Users/alice/a.txt "/Users/alice/\x1b[2J\x1b[31m\x07b\u202etxt.exe"
`)
	w := inTerminal(t, 100, 30, nil, program(t, "ascribe"), "watch", "--replay", recording, "--speed", "0")
	w.see("ended", `\x1b[2J\x1b[31m\x07b\u202etxt.exe`)
	for _, key := range []string{"Enter", "t"} {
		w.press(key)
		got := w.see("ascribe", "esc close", `\x1b[2J`)
		if i := strings.IndexFunc(strings.ReplaceAll(got, "\n", ""), finding.Unprintable); i >= 0 {
			t.Errorf("raw control character:\n%q", got)
		}
	}
}

func TestTheLiveViewWithoutColour(t *testing.T) {
	ascribe := program(t, "ascribe")
	for _, c := range []struct {
		env    string
		colour bool
	}{{"NO_COLOR=1", false}, {"COLORTERM=truecolor", true}} {
		w := inTerminal(t, 100, 30, []string{c.env}, ascribe, "watch", "--replay", shortDay(t), "--speed", "0")
		w.see("ended", "of 14")
		raw := w.tmux("capture-pane", "-p", "-e")
		if got := strings.Contains(raw, "\x1b[38;") || strings.Contains(raw, ";38;"); got != c.colour {
			t.Errorf("%s: coloured %v\n%q", c.env, got, raw)
		}
		if !strings.Contains(raw, "\x1b[7m") && !strings.Contains(raw, ";7m") {
			t.Errorf("%s: the selected cannot be seen\n%q", c.env, raw)
		}
	}
}

// A live stream: rates, lag and drops are shown, and what settles comes by itself.
func TestTheLiveViewOfALiveStream(t *testing.T) {
	w := inTerminal(t, 120, 30, []string{"FAKE_ESLOGGER='emit 2000; drop 5; emit 500 2000; save 3 100ms; wait 60s'", "TMPDIR=" + t.TempDir()},
		program(t, "ascribe"), "watch", "--all", "--eslogger", program(t, "eslogger"))
	w.see("this Mac", "dropped 5", "lag ", "save ×", "/Users/alice/Documents")
	w.press("space")
	w.see("paused")
	w.press("space")
	w.press("q")
	w.see("exit status", "5 lost, 1 gap")
}
