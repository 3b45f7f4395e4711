package text

import "ascribe.example/es"

// Name is a name that a file had. The times are 0 where it had it before, or after, all that is known.
type Name struct {
	Path     string
	From, To es.Time
}

// Names writes the names of one file, one of which was asked for. Nothing is written where that is its only one.
func (w *Writer) Names(asked string, names []Name) error {
	if len(names) < 2 {
		return nil
	}
	w.begun = true
	var p paragraph
	p.name(bold, asked)
	p.say(plain, "had these names:")
	w.c.line(nil, 2, p)
	for _, n := range names {
		var p paragraph
		p.name(plain, n.Path)
		if n.From != 0 {
			p.say(dim, "from "+w.local(n.From).Format("2006-01-02 15:04:05"))
		}
		if n.To != 0 {
			p.say(dim, "until "+w.local(n.To).Format("2006-01-02 15:04:05"))
		}
		w.point(p)
	}
	return w.flush()
}

// Section writes a title and points below it: what there is to say about a recording as a whole. A command stands first, on
// one line however long it is, so that it can be copied.
func (w *Writer) Section(title, command string, points ...string) error {
	if w.begun {
		w.c.blank()
	}
	w.begun = true
	var p paragraph
	p.say(bold, Visible(title))
	w.c.line(nil, 2, p)
	if command != "" {
		w.c.put(segment{"  " + Visible(command), plain})
		w.c.blank()
	}
	for _, s := range points {
		var p paragraph
		p.say(plain, Visible(s))
		w.point(p)
	}
	return w.flush()
}
