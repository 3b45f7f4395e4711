package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files again")

// day are the operations of a short day, with the lineage of each.
func day(t testing.TB) []Entry {
	t.Helper()
	script, err := os.ReadFile("testdata/day.script")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("day", string(script))
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	var e *engine.Engine
	e = engine.New(engine.Options{}, func(f *finding.Finding) {
		if f.Kind != finding.KindOperation {
			return
		}
		x := Entry{Finding: small(f)}
		if f.Actor != nil {
			x.Ancestors = e.Ancestors(finding.ProcessRef{PID: f.Actor.PID, PIDVersion: f.Actor.PIDVersion}, 32)
		}
		entries = append(entries, x)
	})
	e.Begin(r.Header)
	e.Snapshot(r.Snapshot)
	for _, m := range r.Messages {
		e.Add(m)
	}
	e.Drain()
	return entries
}

// at is a model of that size that has been told the whole day.
func at(t testing.TB, width, height int) *model {
	t.Helper()
	m := newModel(Options{Title: "this Mac"})
	m.Update(tea.WindowSizeMsg{Width: width, Height: height})
	m.Update(newsMsg{entries: day(t), status: Status{Messages: 5000, Rate: 1234, Lag: 120 * time.Millisecond, HasLag: true, Newest: 1}})
	return m
}

func (m *model) press(keys ...string) *model {
	for _, k := range keys {
		m.Update(keyOf(k))
	}
	return m
}

func keyOf(k string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
		"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace,
	}
	if c, ok := special[k]; ok {
		return tea.KeyPressMsg{Code: c}
	}
	if k == "space" {
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	}
	return tea.KeyPressMsg{Code: []rune(k)[0], Text: k}
}

func (m *model) typed(words string) *model {
	m.press("/")
	for _, c := range words {
		if c == ' ' {
			m.press("space")
		} else {
			m.press(string(c))
		}
	}
	return m
}

// drawn is the screen without colours. It is checked for what must hold of every screen.
func drawn(t testing.TB, m *model) string {
	t.Helper()
	raw := m.screen()
	plain := ansi.Strip(raw)
	lines := strings.Split(plain, "\n")
	if m.width >= leastWidth && m.height >= leastHeight && len(lines) != m.height {
		t.Errorf("%d lines on a screen of %d", len(lines), m.height)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w > m.width {
			t.Errorf("line %d has %d columns of %d: %q", i, w, m.width, l)
		}
		if j := strings.IndexFunc(l, finding.Unprintable); j >= 0 {
			t.Errorf("raw %q in line %d: %q", l[j:j+1], i, l)
		}
	}
	return plain
}

func TestScreens(t *testing.T) {
	for name, m := range map[string]*model{
		"empty-80x24":      newModel(Options{Title: "this Mac"}),
		"list-80x24":       at(t, 80, 24),
		"list-120x30":      at(t, 120, 30),
		"top-80x24":        at(t, 80, 24).press("home"),
		"all-80x24":        at(t, 80, 24).press("a"),
		"why-100x40":       at(t, 100, 40).press("home", "enter"),
		"lineage-100x30":   at(t, 100, 30).press("home", "down", "t"),
		"help-80x24":       at(t, 80, 24).press("?"),
		"filter-80x24":     at(t, 80, 24).typed("pdf -action:trash"),
		"condition-80x24":  at(t, 80, 24).typed(`action == "copy"`),
		"wrong-80x24":      at(t, 80, 24).typed(`action == copied`),
		"nothing-80x24":    at(t, 80, 24).typed(`nosuchfile`),
		"paused-80x24":     paused(t),
		"long-title-80x24": titled(t, strings.Repeat("a long name ", 10)),
		"small-30x5":       at(t, 30, 5),
	} {
		t.Run(name, func(t *testing.T) {
			got := drawn(t, m)
			var b strings.Builder
			for line := range strings.Lines(got + "\n") {
				b.WriteString(strings.TrimRight(line, " \n") + "\n")
			}
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), b.String()); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
		})
	}
}

func paused(t *testing.T) *model {
	m := at(t, 80, 24).press("space")
	m.Update(newsMsg{entries: day(t)[:3], status: Status{Ended: "", Dropped: 12, Rate: 56789, HasLag: true, Lag: 90 * time.Second}})
	return m
}

func titled(t *testing.T, title string) *model {
	m := at(t, 80, 24)
	m.o.Title = title
	return m
}

// Whatever is pressed on a screen of whatever size: nothing breaks, and the selected is on the screen.
func TestAnyKeysOnAnyScreen(t *testing.T) {
	entries := day(t)
	keys := []string{
		"up", "down", "left", "right", "pgup", "pgdown", "home", "end", "enter", "t", "esc", "space", "a", "?", "/", "c", "o", ":",
		"=", "(", "backspace", "j", "k", "g", "G",
	}
	seed := uint64(1)
	next := func(n int) int { // a fixed sequence is as good as any, and fails the same way again
		seed = seed*6364136223846793005 + 1442695040888963407
		return int(seed>>33) % n
	}
	for range 60 {
		m := newModel(Options{Title: "x\x1b[31m"})
		for range 120 {
			switch next(8) {
			case 0:
				m.Update(tea.WindowSizeMsg{Width: 1 + next(200), Height: 1 + next(60)})
			case 1:
				i := next(len(entries))
				m.Update(newsMsg{entries: entries[i:min(i+5, len(entries))], status: Status{Says: "a\x07b", Dropped: uint64(next(3))}})
			case 2:
				m.Update(tea.BackgroundColorMsg{})
			default:
				m.press(keys[next(len(keys))])
			}
			drawn(t, m)
			if len(m.shown) > 0 && (m.at < 0 || m.at >= len(m.shown)) {
				t.Fatalf("%d of %d is selected", m.at, len(m.shown))
			}
		}
	}
}

// Names with whatever bytes in them neither steer the terminal nor break a line.
func TestHostileNames(t *testing.T) {
	e := day(t)[0]
	for _, name := range []string{"/a\x1b[2Jb", "/line\nbreak", "/\u202egnp.exe", "/\xff\xfe", "/wide 図図図図図図図図図図図図図図図図図図図図図図図図図図図図", "/😀😀", "/tab\there", "/\u009b31m"} {
		f := e.Finding.Clone()
		f.Path, f.SourcePath, f.Actor.Path, f.Initiator.User, f.Responsible.App = name, name, name, name, name
		m := newModel(Options{Title: name})
		m.Update(tea.WindowSizeMsg{Width: 80, Height: 30})
		m.Update(newsMsg{entries: []Entry{{f, []finding.Process{*f.Actor}}}, status: Status{Ended: name}})
		drawn(t, m)
		drawn(t, m.press("enter"))
		drawn(t, m.press("t"))
		drawn(t, m.press("esc").typed(name))
	}
}

// What is kept is bounded, the newest is there, and what is selected stays selected while older ones go.
func TestWhatIsKeptIsBounded(t *testing.T) {
	m := newModel(Options{All: true})
	e := day(t)[0]
	for i := range 3 * maxKept {
		f := *e.Finding
		f.Path = fmt.Sprintf("/f%d", i)
		m.Update(newsMsg{entries: []Entry{{&f, nil}}})
		if i == 2*maxKept {
			m.press("up")
		}
	}
	if len(m.rows) != maxKept || len(m.shown) != maxKept || m.total != 3*maxKept {
		t.Errorf("%d kept, %d shown, %d in all", len(m.rows), len(m.shown), m.total)
	}
	if last := m.rows[len(m.rows)-1].finding.Path; last != fmt.Sprintf("/f%d", 3*maxKept-1) {
		t.Errorf("the newest is %s", last)
	}
	if got := m.selected().finding.Path; got != fmt.Sprintf("/f%d", 2*maxKept) && got != fmt.Sprintf("/f%d", 2*maxKept-1) {
		t.Errorf("selected is %s", got)
	}
	m.press("space")
	for range maxKept + 10 {
		m.Update(newsMsg{entries: []Entry{e}})
	}
	if len(m.held) != maxKept || m.missed != 10 {
		t.Errorf("%d held, %d missed", len(m.held), m.missed)
	}
	m.press("space")
	if m.total != 4*maxKept || len(m.held) != 0 {
		t.Errorf("%d in all after the pause", m.total)
	}
}

func TestNoColor(t *testing.T) {
	m := at(t, 80, 24)
	m.o.NoColor = true
	m.style = newStyle(true, true)
	for _, s := range []string{m.screen(), m.press("home", "enter").screen()} {
		for _, sgr := range []string{"\x1b[3", "\x1b[38", "\x1b[9"} {
			if strings.Contains(s, sgr) {
				t.Errorf("colour %q without colour", sgr)
			}
		}
		if !strings.Contains(s, "\x1b[7m") {
			t.Error("the selected cannot be seen")
		}
	}
	dark, light := newStyle(true, false), newStyle(false, false)
	if dark.dim.Render("x") == light.dim.Render("x") {
		t.Error("dark and light look alike")
	}
}

func TestFollowing(t *testing.T) {
	m := at(t, 80, 24)
	n := len(m.shown)
	one := []Entry{{m.shown[0].finding, nil}}
	m.Update(newsMsg{entries: one})
	if m.at != n {
		t.Errorf("the newest is not followed: %d of %d", m.at, len(m.shown))
	}
	m.press("up")
	at := m.at
	m.Update(newsMsg{entries: one})
	if m.at != at {
		t.Errorf("what was selected moved from %d to %d", at, m.at)
	}
	m.press("G")
	m.Update(newsMsg{entries: one})
	if m.at != len(m.shown)-1 {
		t.Error("after G the newest is not followed")
	}
}

func TestFilters(t *testing.T) {
	m := at(t, 80, 24)
	count := func(typed string) int {
		m.clear()
		m.typed(typed).press("enter")
		return len(m.shown)
	}
	all := count("")
	if all == 0 || all > len(m.rows) {
		t.Fatalf("%d shown of %d", all, len(m.rows))
	}
	copies := count("action:copy")
	if copies == 0 || copies == all || count("-action:copy") != all-copies {
		t.Errorf("%d copies, %d others, %d in all", copies, count("-action:copy"), all)
	}
	if n := count(`action == "copy"`); n != copies {
		t.Errorf("%d by condition, %d by word", n, copies)
	}
	if n := count("ACTION:Copy"); n != copies {
		t.Errorf("case matters: %d of %d", n, copies)
	}
	if n := count("user:alice"); n == 0 {
		t.Error("nothing of alice")
	}
	if n := count("path:alice user:nobodyatall"); n != 0 {
		t.Errorf("%d of nobody", n)
	}
	m.clear()
	m.typed("action:copy")
	m.press("esc")
	if len(m.shown) != all || m.typing {
		t.Errorf("esc leaves %d of %d", len(m.shown), all)
	}
}
