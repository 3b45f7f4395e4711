package text

import (
	"ascribe.example/es"
	"ascribe.example/finding"
)

// heldEvent is an event line that waits for its like: the same event on the same path by the same one, told again and again.
type heldEvent struct {
	key   string
	times uint64
	last  es.Time
	f     *finding.Finding
}

func (w *Writer) event(f *finding.Finding) {
	key := f.Event + "\x00" + f.Path + "\x00" + f.SourcePath + "\x00" + f.Host + "\x00" + behind(f).key() + "\x00" + hands(f).key()
	if f.Reported != nil {
		key += "\x00" + ProcessName(f.Reported) + pids(f.Reported)
	}
	for i := range f.Rules {
		key += "\x00" + f.Rules[i].Name
	}
	if w.held != nil && w.held.key == key {
		w.held.times++
		w.held.last = f.Time
		return
	}
	w.release()
	w.held = &heldEvent{key: key, times: 1, last: f.Time, f: f.Clone()}
}

// release writes the event that is held back.
func (w *Writer) release() {
	h := w.held
	if h == nil {
		return
	}
	w.held = nil
	w.heading(h.f, behind(h.f))
	p := append(hands(h.f), eventWhat(h.f)...)
	if h.times > 1 {
		p.attach(plain, ",")
		p.say(plain, count(h.times)+" times")
		if h.last != 0 {
			p.say(plain, "until "+w.local(h.last).Format("15:04:05"))
		}
	}
	w.entry(h.f.Time, p, shortID(h.f))
	w.matches(h.f)
	w.why(h.f)
}

// eventWhat says what one message told.
func eventWhat(f *finding.Finding) paragraph {
	var p paragraph
	p.name(plain, f.Event)
	p.paths(f)
	if v := volume(f.Object); v != "" {
		p.attach(plain, ",")
		p.say(plain, "on "+v)
	}
	return p
}

// paths adds the paths of an event.
func (p *paragraph) paths(f *finding.Finding) {
	switch {
	case f.SourcePath != "":
		p.name(plain, home(f, f.SourcePath))
		p.target(home(f, f.Path))
	case f.Path != "":
		p.name(plain, home(f, f.Path))
	}
}
