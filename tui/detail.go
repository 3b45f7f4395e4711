package tui

import (
	"bytes"
	"fmt"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/query"
)

// why is the whole argument for one operation.
func (m *model) why(r *row) []string {
	var b bytes.Buffer
	w := text.NewWriter(&b, text.Options{Width: m.width, Color: !m.o.NoColor, Location: m.o.Location})
	settle := func(role finding.Role) []string { return query.Settle(r.finding, role) }
	if err := w.Explain(text.Explanation{Finding: r.finding, Settle: settle}); err != nil {
		return []string{err.Error()}
	}
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

// lineage is where the actor came from, and who else took part.
func (m *model) lineage(r *row) []string {
	f := r.finding
	var lines []string
	if f.Actor == nil {
		lines = append(lines, "Nobody can say who did it, so there is no lineage of it.")
	} else {
		up := r.ancestors
		depth := 0
		for i := len(up) - 1; i >= 0; i-- {
			lines = append(lines, branch(depth, &up[i], ""))
			depth++
		}
		lines = append(lines, branch(depth, f.Actor, m.style.title.Render(" did it")+mark(f.Certainty.Actor)))
		if len(up) == 0 && f.Actor.Parent.PID != 0 {
			lines = append(lines, m.style.dim.Render(fmt.Sprintf("   its creator was pid %d, of which no more is known", f.Actor.Parent.PID)))
		}
	}
	if x := f.Responsible; x != nil {
		lines = append(lines, "", "for "+text.Visible(text.ResponsibleName(x))+mark(f.Certainty.Responsible)+
			m.style.dim.Render(fmt.Sprintf("  pid %d/%d, by %s, %s", x.PID, x.PIDVersion, x.Basis, x.Status)))
	}
	if in := f.Initiator; in != nil {
		lines = append(lines, "whose doing: "+text.Visible(text.InitiatorName(in))+mark(f.Certainty.Initiator))
	}
	for i := range f.Participants {
		p := &f.Participants[i]
		lines = append(lines, m.style.dim.Render("also: ")+p.Role+" "+name(&p.Process))
	}
	for i := range f.ReportedAs {
		lines = append(lines, m.style.dim.Render("Endpoint Security named: ")+name(&f.ReportedAs[i]))
	}
	return lines
}

func branch(depth int, p *finding.Process, tail string) string {
	before := ""
	if depth > 0 {
		before = strings.Repeat("  ", min(depth-1, 20)) + "└ "
	}
	return before + called(p) + tail + whereOf(p)
}

func called(p *finding.Process) string {
	return text.Visible(text.ProcessName(p)) + fmt.Sprintf(" (pid %d/%d)", p.PID, p.PIDVersion)
}

func whereOf(p *finding.Process) string {
	if p.Path == "" {
		return ""
	}
	return "  " + text.Visible(p.Path)
}

func name(p *finding.Process) string { return called(p) + whereOf(p) }
