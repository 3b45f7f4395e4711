package text

import "ascribe.example/finding"

// severityStyle is the colour of a severity; the word always stands beside it.
func severityStyle(s finding.Severity) style {
	switch s {
	case finding.High, finding.Critical:
		return red
	case finding.Medium:
		return yellow
	}
	return cyan
}

// matches says below an entry which of the user's rules it matches.
func (w *Writer) matches(f *finding.Finding) {
	for i := range f.Rules {
		m := &f.Rules[i]
		var p paragraph
		p.say(severityStyle(m.Severity), "! "+or(string(m.Severity), string(finding.Info)))
		p.attach(plain, ":")
		if m.Message != "" {
			p.say(plain, shorten(Visible(m.Message)))
		}
		p.say(dim, "(rule "+Visible(m.Name)+")")
		w.below(p)
	}
}
