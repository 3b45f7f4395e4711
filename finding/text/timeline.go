package text

import (
	"path"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Moment writes an operation as one entry of a timeline: when, who, what. Entries stand below their day.
func (w *Writer) Moment(f *finding.Finding) error {
	if w.err != nil {
		return w.err
	}
	if f.Kind != finding.KindOperation {
		return w.Write(f)
	}
	if !w.o.All && !OfInterest(f) {
		w.rest.count(f)
		return nil
	}
	w.heading(f, nil)
	p := short(f)
	p.attach(plain, ":")
	p = append(p, what(f, false)...)
	w.entry(f.Time, p, shortID(f))
	w.begun = true
	w.matches(f)
	return w.flush()
}

// short is who did it, in a few words: the person or agent, and the app.
func short(f *finding.Finding) paragraph {
	var p paragraph
	p.say(bold, shorten(Visible(InitiatorName(f.Initiator))))
	if f.Responsible != nil {
		p.attach(plain, ",")
		p.name(plain, ResponsibleName(f.Responsible))
	} else if f.Actor != nil {
		p.attach(plain, ",")
		p.name(plain, ProcessName(f.Actor))
	}
	return p
}

// Stretch is what somebody did without a long pause.
type Stretch struct {
	Name       string // "" is nobody known
	Host       string
	From, To   es.Time
	Operations uint64
	Files      uint64
	Bytes      int64
	Actions    map[finding.Action]uint64
	Folder     string
	Path       string // of the first operation
	First      string // its id
}

// Stretch writes a stretch as one entry: from when to when, who, what, and where.
func (w *Writer) Stretch(s *Stretch) error {
	w.heading(&finding.Finding{Host: s.Host, Time: s.From}, nil)
	var p paragraph
	if s.From != 0 && s.To.Std().Unix() != s.From.Std().Unix() {
		layout := "15:04:05"
		if from, to := w.local(s.From), w.local(s.To); from.YearDay() != to.YearDay() || from.Year() != to.Year() {
			layout = "2 January 15:04:05"
		}
		p.say(dim, "to")
		p.say(dim, strings.ReplaceAll(w.local(s.To).Format(layout), " ", glue))
	}
	p.say(bold, shorten(Visible(or(s.Name, "nobody known"))))
	p.attach(plain, ":")
	parts := 0
	for _, a := range finding.Actions {
		n := s.Actions[a]
		if n == 0 {
			continue
		}
		if parts > 0 {
			p.attach(plain, ",")
		}
		parts++
		verb, _ := verbOf(&finding.Finding{Action: a})
		p.say(plain, strings.TrimSuffix(verb, ":"))
		if n > 1 || len(s.Actions) > 1 {
			p.say(plain, count(n)+"×")
		}
	}
	if s.Operations == 1 && s.Path != "" {
		p.name(plain, s.Path)
	} else if s.Folder != "" && s.Folder != "/" {
		p.say(plain, "in")
		p.name(plain, s.Folder)
	}
	if s.Files > 1 {
		p.attach(plain, ",")
		p.say(plain, plural(s.Files, "file"))
	}
	if s.Bytes > 0 {
		p.attach(plain, ",")
		p.say(plain, bytesOf(s.Bytes))
	}
	w.entry(s.From, p, shortID(&finding.Finding{ID: s.First}))
	w.begun = true
	return w.flush()
}

// Change is the net effect on one file.
type Change struct {
	Path      string
	Was       string // "" the same
	Notes     []string
	Certainty finding.Certainty
}

// Changes writes the files of one effect below a heading that counts them.
func (w *Writer) Changes(effect string, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	if w.begun {
		w.c.blank()
	}
	w.begun = true
	var p paragraph
	p.say(bold, effect)
	p.say(plain, plural(uint64(len(changes)), "file"))
	w.c.line(nil, 2, p)
	for i := range changes {
		c := &changes[i]
		var p paragraph
		switch {
		case c.Was != "" && path.Dir(c.Was) == path.Dir(c.Path):
			p.name(plain, c.Was)
			p.target(path.Base(c.Path))
		case c.Was != "":
			p.name(plain, c.Was)
			p.target(c.Path)
		default:
			p.name(plain, c.Path)
		}
		for _, n := range c.Notes {
			p.attach(plain, ",")
			p.say(plain, n)
		}
		if c.Certainty < finding.Likely {
			p.level(c.Certainty)
		}
		w.point(p)
		if w.c.buf.Len() > 64<<10 {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return w.flush()
}

// Say writes one paragraph in plain words.
func (w *Writer) Say(words string) error {
	if w.begun {
		w.c.blank()
	}
	w.begun = true
	var p paragraph
	p.say(plain, Visible(words))
	w.c.line(nil, 2, p)
	return w.flush()
}
