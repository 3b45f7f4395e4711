package tui

import (
	"slices"
	"time"

	"ascribe.example/finding/text"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// newsMsg is what came since the last one.
type newsMsg struct {
	entries []Entry
	missed  uint64
	status  Status
}

// panel is what the lower part shows.
type panel int

const (
	panelNone panel = iota
	panelWhy
	panelLineage
)

// model is the state of the view.
type model struct {
	width, height int
	o             Options
	style         style

	rows  []*row // kept, oldest first
	total uint64 // operations ever
	shown []*row // of rows: those that match
	at    int    // selected, of shown
	top   int    // first line of the list, of shown
	tail  bool   // the newest is selected, and stays so

	paused bool
	held   []Entry // came meanwhile
	missed uint64  // could not be kept for it

	all bool // what nobody of interest did, too

	typing  bool
	input   textinput.Model
	matcher matcher
	wrong   string // what is wrong with the filter

	panel  panel
	scroll int // of the panel
	help   bool

	status Status
}

func newModel(o Options) *model {
	if o.Location == nil {
		o.Location = time.UTC
	}
	m := &model{o: o, all: o.All, tail: true, width: 80, height: 24, style: newStyle(true, o.NoColor)}
	m.input = textinput.New()
	m.input.CharLimit = 500
	return m
}

// Init asks whether the terminal is dark.
func (m *model) Init() tea.Cmd { return tea.RequestBackgroundColor }

// Update changes the state by one message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.style = newStyle(msg.IsDark(), m.o.NoColor)
	case newsMsg:
		m.take(msg)
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			m.move(-3)
		case tea.MouseWheelDown:
			m.move(3)
		}
	case tea.PasteMsg:
		if m.typing {
			return m, m.edit(msg)
		}
	case tea.KeyPressMsg:
		return m, m.key(msg)
	}
	return m, nil
}

// take adds what is new, or holds it back while the view is paused.
func (m *model) take(n newsMsg) {
	m.status = n.status
	m.missed += n.missed
	if m.paused {
		m.held = append(m.held, n.entries...)
		if over := len(m.held) - maxKept; over > 0 {
			m.missed += uint64(over)
			m.held = slices.Delete(m.held, 0, over)
		}
		return
	}
	for _, e := range n.entries {
		m.total++
		r := newRow(m.total, e)
		m.rows = append(m.rows, r)
		if m.visible(r) {
			m.shown = append(m.shown, r)
		}
	}
	if over := len(m.rows) - maxKept; over > 0 {
		last := m.rows[over-1].n
		gone := 0
		for gone < len(m.shown) && m.shown[gone].n <= last {
			gone++
		}
		m.rows = slices.Delete(m.rows, 0, over)
		m.shown = slices.Delete(m.shown, 0, gone)
		m.at, m.top = max(m.at-gone, 0), max(m.top-gone, 0)
	}
	m.follow()
}

func (m *model) visible(r *row) bool {
	if !m.all && !text.OfInterest(r.finding) {
		return false
	}
	return m.matcher.match(r)
}

// follow keeps the newest selected, if that is wanted.
func (m *model) follow() {
	if m.tail {
		m.at = len(m.shown) - 1
	}
	m.at = min(max(m.at, 0), max(len(m.shown)-1, 0))
}

// filter chooses anew what is shown, and keeps the selected if it still is.
func (m *model) filter() {
	var selected uint64
	if r := m.selected(); r != nil {
		selected = r.n
	}
	m.shown = m.shown[:0]
	m.at = 0
	for _, r := range m.rows {
		if m.visible(r) {
			if r.n <= selected {
				m.at = len(m.shown)
			}
			m.shown = append(m.shown, r)
		}
	}
	m.top = 0
	m.follow()
}

func (m *model) selected() *row {
	if m.at < 0 || m.at >= len(m.shown) {
		return nil
	}
	return m.shown[m.at]
}

// move moves the selection, or the panel if one is open.
func (m *model) move(by int) {
	if m.panel != panelNone {
		m.scroll = max(m.scroll+by, 0) // its end is known when it is drawn
		return
	}
	m.step(by)
}

// step moves the selection.
func (m *model) step(by int) {
	m.at += by
	m.tail = m.at >= len(m.shown)-1
	m.scroll = 0
	m.follow()
}

// edit changes the filter by what was typed.
func (m *model) edit(msg tea.Msg) tea.Cmd {
	before := m.input.Value()
	var cmd tea.Cmd
	m.input, cmd = m.input.Update(msg)
	if typed := m.input.Value(); typed != before {
		matcher, err := newMatcher(typed)
		m.wrong = ""
		if err != nil { // it may become right as it is typed on: until then everything is shown
			m.wrong = err.Error()
		}
		m.matcher = matcher
		m.filter()
	}
	return cmd
}

func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		return tea.Quit
	}
	if m.typing {
		return m.keyTyping(k)
	}
	if m.help {
		m.help = false
		if k.String() != "q" {
			return nil
		}
	}
	switch k.String() {
	case "q":
		return tea.Quit
	case "?", "h", "f1":
		m.help = true
	case "/":
		m.typing = true
		m.input.Focus() // its command would make the cursor blink
	case "esc":
		switch {
		case m.panel != panelNone:
			m.panel = panelNone
		case m.input.Value() != "":
			m.clear()
		}
	case "space", "p":
		m.pause()
	case "a":
		m.all = !m.all
		m.filter()
	case "enter":
		m.open(panelWhy)
	case "t", "l":
		m.open(panelLineage)
	case "up", "k":
		m.move(-1)
	case "down", "j":
		m.move(1)
	case "left", "[":
		m.step(-1)
	case "right", "]":
		m.step(1)
	case "pgup":
		m.move(-m.page())
	case "pgdown":
		m.move(m.page())
	case "home", "g":
		m.step(-len(m.shown))
	case "end", "G":
		m.step(len(m.shown))
	}
	return nil
}

func (m *model) keyTyping(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter", "down", "up":
		m.typing = false
		m.input.Blur()
		return nil
	case "esc":
		m.typing = false
		m.input.Blur()
		m.clear()
		return nil
	}
	return m.edit(k)
}

func (m *model) clear() {
	m.input.Reset()
	m.matcher, m.wrong = matcher{}, ""
	m.filter()
}

func (m *model) pause() {
	m.paused = !m.paused
	if !m.paused {
		held := m.held
		m.held = nil
		m.take(newsMsg{entries: held, status: m.status})
	}
}

// open opens a panel, or closes it if it is open.
func (m *model) open(p panel) {
	m.scroll = 0
	if m.panel == p || m.selected() == nil {
		m.panel = panelNone
		return
	}
	m.panel = p
	m.tail = false // what is read stays
}
