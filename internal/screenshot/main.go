// Command screenshot draws what a terminal shows as SVG: text from standard input, with the escapes for colour that
// tmux capture-pane -e writes, to standard output.
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

func main() {
	in, err := io.ReadAll(os.Stdin)
	if err == nil {
		w := bufio.NewWriter(os.Stdout)
		_, err = w.WriteString(draw(string(in)))
		if err == nil {
			err = w.Flush()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshot:", err)
		os.Exit(1)
	}
}

// The picture's measures, and its colours where the terminal named none.
const (
	cellWidth, cellHeight = 8.4, 18.0
	margin                = 12.0
	paper, ink            = "#1c1c1c", "#e4e4e4"
)

// look is how a piece of text looks.
type look struct {
	color, ground string
	bold, reverse bool
}

// the sixteen colours of a terminal.
var sixteen = []string{
	"#3a3a3a", "#d75f5f", "#87af5f", "#d7af5f", "#5f87d7", "#af87d7", "#5fafaf", "#d0d0d0",
	"#767676", "#ff8787", "#afd787", "#ffd75f", "#87afff", "#d7afff", "#87d7d7", "#ffffff",
}

func draw(screen string) string {
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	columns := 0
	for _, l := range lines {
		columns = max(columns, ansi.StringWidth(l))
	}
	var b strings.Builder
	width, height := 2*margin+float64(columns)*cellWidth, 2*margin+float64(len(lines))*cellHeight
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" width="%.0f" height="%.0f" font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace" font-size="14">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	var s look // goes on over the ends of lines
	for i, l := range lines {
		s = drawLine(&b, s, l, margin+float64(i)*cellHeight)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func drawLine(b *strings.Builder, s look, line string, y float64) look {
	column := 0
	for line != "" {
		if rest, ok := strings.CutPrefix(line, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return s
			}
			if rest[end] == 'm' {
				s.apply(rest[:end])
			}
			line = rest[end+1:]
			continue
		}
		end := strings.IndexByte(line, '\x1b')
		if end == 0 { // an escape that is no colour
			line = line[1:]
			continue
		}
		if end < 0 {
			end = len(line)
		}
		piece(b, s, line[:end], column, y)
		column += ansi.StringWidth(line[:end])
		line = line[end:]
	}
	return s
}

func piece(b *strings.Builder, s look, text string, column int, y float64) {
	color, ground := s.color, s.ground
	if color == "" {
		color = ink
	}
	if s.reverse {
		if ground == "" {
			ground = paper
		}
		color, ground = ground, color
	}
	x, width := margin+float64(column)*cellWidth, float64(ansi.StringWidth(text))*cellWidth
	if ground != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, width, cellHeight, ground)
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	weight := ""
	if s.bold {
		weight = ` font-weight="bold"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="%s"%s>%s</text>`+"\n",
		x, y+cellHeight*0.75, width, color, weight, html.EscapeString(text))
}

// apply changes the look as the parameters of one escape say.
func (s *look) apply(parameters string) {
	n := strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ':' })
	if len(n) == 0 {
		*s = look{}
	}
	for i := 0; i < len(n); i++ {
		v, err := strconv.Atoi(n[i])
		switch {
		case err != nil:
		case v == 0:
			*s = look{}
		case v == 1:
			s.bold = true
		case v == 22:
			s.bold = false
		case v == 7:
			s.reverse = true
		case v == 27:
			s.reverse = false
		case v >= 30 && v <= 37:
			s.color = sixteen[v-30]
		case v >= 90 && v <= 97:
			s.color = sixteen[v-90+8]
		case v >= 40 && v <= 47:
			s.ground = sixteen[v-40]
		case v == 39:
			s.color = ""
		case v == 49:
			s.ground = ""
		case v == 38, v == 48:
			c, used := extended(n[i+1:])
			i += used
			if v == 38 {
				s.color = c
			} else {
				s.ground = c
			}
		}
	}
}

// extended reads a colour of 256 (5;N) or of all (2;R;G;B), and says how many parameters it took.
func extended(n []string) (string, int) {
	at := func(i int) int {
		if i >= len(n) {
			return 0
		}
		v, _ := strconv.Atoi(n[i])
		return min(max(v, 0), 255)
	}
	switch {
	case at(0) == 2:
		return fmt.Sprintf("#%02x%02x%02x", at(1), at(2), at(3)), 4
	case at(0) != 5:
		return "", 1
	case at(1) < 16:
		return sixteen[at(1)], 2
	case at(1) >= 232:
		g := 8 + 10*(at(1)-232)
		return fmt.Sprintf("#%02x%02x%02x", g, g, g), 2
	}
	v := at(1) - 16
	level := func(k int) int {
		if k == 0 {
			return 0
		}
		return 55 + 40*k
	}
	return fmt.Sprintf("#%02x%02x%02x", level(v/36), level(v/6%6), level(v%6)), 2
}
