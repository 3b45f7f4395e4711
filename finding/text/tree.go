package text

import (
	"iter"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Tree writes process lives as a tree, given in the order of its lines: how deep each stands, and its executions, the first
// one first. The branches are one edge, who created whom; the other stands behind each, who is responsible for it. at is the
// moment that is shown; 0 is the whole recording.
func (w *Writer) Tree(at es.Time, lives iter.Seq2[int, []*finding.Execution]) error {
	type row struct {
		depth int
		last  bool // nothing follows under the same parent
		life  []*finding.Execution
	}
	var rows []row
	for depth, life := range lives {
		if len(life) > 0 {
			rows = append(rows, row{depth: max(depth, 0), life: life})
		}
	}
	var seen []bool // from the end: whether a row of that depth was met under the same parent
	for i := len(rows) - 1; i >= 0; i-- {
		d := rows[i].depth
		for len(seen) <= d {
			seen = append(seen, false)
		}
		seen = seen[:d+1]
		rows[i].last = !seen[d]
		seen[d] = true
	}
	if len(rows) == 0 {
		var p paragraph
		p.say(plain, "No process is known.")
		w.c.line(nil, 0, p)
		return w.flush()
	}
	var p paragraph
	if at != 0 {
		p.say(plain, "At "+w.local(at).Format("2006-01-02 15:04:05.000 MST")+".")
	}
	p.say(plain, "Branches show who created whom.")
	w.c.line(nil, 0, p)
	w.c.blank()
	var bars []bool // for each depth, whether a line goes on
	for i := range rows {
		r := &rows[i]
		d := min(r.depth, (w.o.Width-24)/3)
		for len(bars) <= d {
			bars = append(bars, false)
		}
		var stem strings.Builder
		for k := 1; k < d; k++ {
			stem.WriteString(pick(bars[k], "│  ", "   "))
		}
		head := stem.String()
		w.c.margin = head
		if d > 0 {
			head += pick(r.last, "└─ ", "├─ ")
			w.c.margin += pick(r.last, "   ", "│  ")
		}
		bars[d] = !r.last
		w.c.line(word{{head, dim}}, 3*d+2, life(r.life))
		w.c.margin = ""
		if w.c.buf.Len() > 1<<16 {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

// life names the executions of one process life, and who is responsible for the last of them.
func life(l []*finding.Execution) paragraph {
	var p paragraph
	last := l[len(l)-1]
	p.name(bold, ProcessName(&last.Process))
	p.attach(dim, " ("+pids(&last.Process)+")")
	first := 0
	if by := l[0].Parent; by != nil && by.Path == l[0].Process.Path && len(l) > 1 {
		first = 1 // a child is its parent's image until it execs: nothing to tell
	}
	for i := len(l) - 2; i >= first; i-- {
		p.attach(plain, ",")
		p.say(plain, "was")
		p.name(plain, ProcessName(&l[i].Process))
		p.attach(dim, " ("+pids(&l[i].Process)+")")
	}
	p.attach(plain, ",")
	p.say(plain, "responsible:")
	p.answers(last)
	if last.Origin == "inferred" {
		p.say(yellow, "(concluded, not seen)")
	}
	return p
}
