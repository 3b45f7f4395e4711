package text

import "strings"

// Column is a column of a table.
type Column struct {
	Title string
	Right bool // numbers
}

// Table writes rows below their titles. The last column takes what the others leave; nothing is cut off.
func (w *Writer) Table(columnsOf []Column, rows [][]string) error {
	widths := make([]int, len(columnsOf))
	for i, c := range columnsOf {
		widths[i] = columns(c.Title)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(Visible(cell)))
		}
	}
	if w.begun {
		w.c.blank()
	}
	w.begun = true
	titles := make([]string, len(columnsOf))
	for i, c := range columnsOf {
		titles[i] = c.Title
	}
	w.row(columnsOf, widths, titles, dim)
	for _, row := range rows {
		w.row(columnsOf, widths, row, plain)
	}
	return w.flush()
}

func (w *Writer) row(columnsOf []Column, widths []int, cells []string, s style) {
	var head word
	at := 0
	last := len(cells) - 1
	for i, cell := range cells[:last] {
		text := Visible(cell)
		pad := strings.Repeat(" ", widths[i]-columns(text))
		if columnsOf[i].Right {
			text = pad + text
		} else {
			text += pad
		}
		head = append(head, segment{text, s}, segment{"  ", plain})
		at += widths[i] + 2
	}
	var p paragraph
	if strings.HasPrefix(cells[last], "/") {
		p.name(s, cells[last])
	} else {
		p.say(s, shorten(Visible(cells[last])))
	}
	w.c.line(head, at, p)
}

// Count writes a number with its thousands apart, as tables and sentences do.
func Count(n uint64) string { return count(n) }

// Size writes a size as Finder does; "" is none.
func Size(n int64) string {
	if n <= 0 {
		return ""
	}
	return strings.ReplaceAll(bytesOf(n), glue, " ")
}
