package tui

import "charm.land/lipgloss/v2"

// style is how things look, on a dark or a light terminal.
type style struct {
	title, dim, warn, bad, selected, plain, agent, remote, rule lipgloss.Style
}

// newStyle chooses colours that can be read on the background. Without colour nothing but reverse video is left: what is
// selected must be seen.
func newStyle(dark, noColor bool) style {
	s := style{selected: lipgloss.NewStyle().Reverse(true)}
	if noColor {
		return s
	}
	pick := lipgloss.LightDark(dark)
	color := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	s.title = lipgloss.NewStyle().Bold(true)
	s.dim = color("#5f5f5f", "#949494")
	s.warn = color("#875f00", "#ffd75f")
	s.bad = color("#af0000", "#ff8787").Bold(true)
	s.agent = color("#5f00af", "#d7afff")
	s.remote = color("#005f87", "#87d7ff")
	s.rule = s.dim
	return s
}
