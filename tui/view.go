package tui

import (
	"fmt"
	"strings"
	"time"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// The least that anything can be drawn on.
const (
	leastWidth  = 40
	leastHeight = 6
)

// View draws the whole screen.
func (m *model) View() tea.View {
	v := tea.NewView(m.screen())
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "ascribe"
	return v
}

func (m *model) screen() string {
	if m.width < leastWidth || m.height < leastHeight {
		return m.fit(fmt.Sprintf("%d × %d is too small; at least %d × %d, please", m.width, m.height, leastWidth, leastHeight))
	}
	var lines []string
	lines = append(lines, m.head(), m.filterLine())
	body := m.height - 3
	switch {
	case m.help:
		lines = append(lines, pad(m.wrap(helpText), body)...)
	case m.panel != panelNone && m.selected() != nil:
		upper := m.listHeight()
		lines = append(lines, pad(m.list(upper), upper)...)
		lines = append(lines, m.style.rule.Render(strings.Repeat("─", m.width)))
		lines = append(lines, pad(m.lower(body-upper-1), body-upper-1)...)
	default:
		lines = append(lines, pad(m.list(body), body)...)
	}
	lines = append(lines, m.foot())
	for i := range lines {
		lines[i] = m.fit(lines[i])
	}
	return strings.Join(lines, "\n")
}

// listHeight is how many lines the list has.
func (m *model) listHeight() int {
	body := m.height - 3
	if m.panel == panelNone || m.selected() == nil {
		return body
	}
	return max(body/3, 1)
}

// page is how far a page goes.
func (m *model) page() int {
	if m.panel != panelNone {
		return max(m.height-3-m.listHeight()-2, 1)
	}
	return max(m.listHeight()-1, 1)
}

func pad(lines []string, n int) []string {
	if len(lines) > n {
		return lines[:max(n, 0)]
	}
	for len(lines) < n {
		lines = append(lines, "")
	}
	return lines
}

// fit cuts a line at the screen's width.
func (m *model) fit(line string) string { return ansi.Truncate(line, m.width, "…") }

// sides puts something at the left and something at the right of one line; the left is cut where both do not fit.
func (m *model) sides(left, right string) string {
	w := ansi.StringWidth(right)
	if room := m.width - w - 1; ansi.StringWidth(left) > room {
		left = ansi.Truncate(left, max(room, 0), "…")
	}
	return left + strings.Repeat(" ", max(m.width-w-ansi.StringWidth(left), 0)) + right
}

func (m *model) head() string {
	st := m.status
	left := m.style.title.Render("ascribe") + " " + ansi.Truncate(text.Visible(m.o.Title), max(m.width/3, 12), "…")
	switch {
	case m.paused:
		left += m.style.warn.Render("  paused")
		if n := len(m.held); n > 0 {
			left += m.style.warn.Render(fmt.Sprintf(", %d new", n))
		}
	case st.Ended != "":
		left += m.style.dim.Render("  " + text.Visible(st.Ended))
	}
	right := fmt.Sprintf("%s msg/s", short(st.Rate))
	if st.HasLag {
		right += "  lag " + duration(st.Lag)
	} else if st.Newest != 0 {
		right += "  at " + time.Unix(0, int64(st.Newest)).In(m.o.Location).Format(time.TimeOnly)
	}
	if st.Dropped > 0 {
		right += m.style.bad.Render(fmt.Sprintf("  dropped %d", st.Dropped))
	} else {
		right += "  dropped 0"
	}
	return m.sides(left, right)
}

func (m *model) filterLine() string {
	of := fmt.Sprintf("%d of %d", len(m.shown), m.total)
	if n := m.total - uint64(len(m.rows)); n > 0 {
		of += fmt.Sprintf(", %d older ones gone", n)
	}
	if m.missed > 0 {
		of += fmt.Sprintf(", %d came too fast", m.missed)
	}
	switch {
	case m.wrong != "":
		return m.sides(m.inputView(), m.style.bad.Render(text.Visible(firstLine(m.wrong))))
	case m.typing || m.input.Value() != "":
		return m.sides(m.inputView(), m.style.dim.Render(of))
	case m.status.Says != "":
		return m.sides(m.style.warn.Render(text.Visible(m.status.Says)), m.style.dim.Render(of))
	}
	what := "people, agents and remote sessions; a shows the rest, too"
	if m.all {
		what = "everything"
	}
	return m.sides(m.style.dim.Render(what), m.style.dim.Render(of))
}

// inputView is what was typed. It may have been pasted, so it is shown as everything else from outside is.
func (m *model) inputView() string {
	typed := []rune(m.input.Value())
	if !m.typing {
		return "/ " + text.Visible(string(typed))
	}
	at := min(m.input.Position(), len(typed))
	under, rest := " ", ""
	if at < len(typed) {
		under, rest = text.Visible(string(typed[at])), text.Visible(string(typed[at+1:]))
	}
	return "/ " + text.Visible(string(typed[:at])) + m.style.selected.Render(under) + rest
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// list draws n lines of operations.
func (m *model) list(n int) []string {
	if len(m.shown) == 0 {
		switch {
		case m.total == 0 && m.status.Ended != "":
			return []string{"", "  Nothing happened to any file."}
		case m.total == 0:
			return []string{"", "  Nothing has settled yet."}
		case m.input.Value() != "":
			return []string{"", "  Nothing fits the filter. esc clears it."}
		}
		return []string{"", fmt.Sprintf("  All %d so far are of macOS itself, schedules and other devices. a shows them.", m.total)}
	}
	m.top = min(m.top, m.at)
	m.top = max(m.top, m.at-n+1, 0)
	lines := make([]string, 0, n)
	for i := m.top; i < len(m.shown) && len(lines) < n; i++ {
		lines = append(lines, m.line(m.shown[i], i == m.at))
	}
	return lines
}

// Widths of the list's columns.
const (
	clockWidth  = 9
	actionWidth = 14
)

func (m *model) line(r *row, selected bool) string {
	f := r.finding
	clock := time.Unix(0, int64(f.Time)).In(m.o.Location).Format(time.TimeOnly)
	action := string(f.Action)
	if f.ItemsTotal > 1 {
		action += fmt.Sprintf(" ×%s", short(float64(f.ItemsTotal)))
	}
	action += mark(f.Certainty.Action)
	rest := m.width - clockWidth - actionWidth
	whoWidth := min(max(rest/2, 24), 70)
	pathWidth := rest - whoWidth - 1
	path := text.Visible(f.Path)
	if f.SourcePath != "" && f.SourcePath != f.Path {
		if with := path + " ← " + text.Visible(f.SourcePath); ansi.StringWidth(with) <= pathWidth {
			path = with
		}
	}
	c := func(s string, width int) string { return cell(s, width, false) }
	line := c(clock, clockWidth) + c(action, actionWidth) + cell(path, pathWidth, true) + " " + behindCell(r.who, whoWidth)
	if selected {
		return m.style.selected.Render(line)
	}
	st := m.style.plain
	if !text.OfInterest(f) {
		st = m.style.dim
	} else if f.Initiator != nil && f.Initiator.Class == finding.ClassAgent {
		st = m.style.agent
	} else if f.Initiator != nil && f.Initiator.Class == finding.ClassRemote {
		st = m.style.remote
	}
	return st.Render(line)
}

// behindCell is a chain of names in exactly so many columns. Where it is too long the hands are cut first: the head is what
// people look for.
func behindCell(names []string, width int) string {
	const arrow = " ← "
	all := strings.Join(names, arrow)
	if over := ansi.StringWidth(all) - width; over > 0 && len(names) > 1 {
		first := max(ansi.StringWidth(names[0])-over, 6)
		all = ansi.Truncate(names[0], first, "…") + arrow + strings.Join(names[1:], arrow)
	}
	return cell(all, width, false)
}

// cell is s in exactly so many columns; what is too long is cut at its end, or at its beginning.
func cell(s string, width int, beginning bool) string {
	w := ansi.StringWidth(s)
	switch {
	case w > width && beginning:
		s = ansi.TruncateLeft(s, w-width+1, "…")
	case w > width:
		s = ansi.Truncate(s, width, "…")
	}
	return s + strings.Repeat(" ", max(width-ansi.StringWidth(s), 0))
}

// lower draws n lines of the open panel.
func (m *model) lower(n int) []string {
	r := m.selected()
	var lines []string
	if m.panel == panelWhy {
		lines = m.why(r)
	} else {
		lines = m.lineage(r)
	}
	m.scroll = min(m.scroll, max(len(lines)-n, 0))
	return lines[m.scroll:]
}

func (m *model) foot() string {
	keys := "↑↓ move  enter why  t lineage  / filter  space pause  a all  ? help  q leave"
	switch {
	case m.help:
		keys = "any key goes back"
	case m.typing:
		keys = "words, path: action: app: user: agent:, -not, or CEL   enter keeps  esc clears"
	case m.panel != panelNone:
		keys = "↑↓ scroll  ←→ other operation  enter why  t lineage  esc close  ? help  q leave"
	}
	return m.style.dim.Render(keys)
}

func (m *model) wrap(s string) []string {
	return strings.Split(ansi.Wordwrap(s, m.width, ""), "\n")
}

const helpText = `
  ↑ ↓  j k       move; scroll a panel     enter  why: the answers argued
  ← →  [ ]       operation before, after  t      lineage of who did it
  PgUp PgDn      a page                   esc    close, clear the filter
  Home End  g G  first, newest (follow)   space  pause: what comes is held
  /              filter as you type       a      all, or people and agents
  ?              this                     q      leave

  How sure: no mark is certain, ~ likely, ? possible. Who is read from the
  hands to the head: the program ← the app it worked for ← the person or the
  agent behind both.

  A filter is words that must all be there: report alice. path: action:
  actor: app: user: agent: class: certainty: look in one place, - asks for
  those without. What compares is a condition, as rules have them:
  action == "copy" && object.size > 1000000

  Lag: the age of the newest message. Dropped: lost by Endpoint Security.`

// short writes a number in at most five letters.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.1fM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.0fk", v/1e3)
	case v >= 1e3:
		return fmt.Sprintf("%.1fk", v/1e3)
	case v > 0 && v < 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return fmt.Sprintf("%.0f", v)
}

func duration(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
