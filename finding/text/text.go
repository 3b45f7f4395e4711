// Package text writes findings for people: what happened, who did it, how sure that is, and what Endpoint Security said
// where it said something else.
//
// Operations stand in groups under the one who is behind them: a person, an agent, a schedule. Each is one line where it
// fits: when, by which program, for which app, what, and how sure that is. A program or app without a level beside it is
// certain; a path that begins with ~ lies in the home of whoever the group is about. Nothing from outside reaches the reader
// raw: see [Visible].
package text

import (
	"io"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Options say how text looks. The zero value is 100 columns without colour, in UTC.
type Options struct {
	Width    int            // columns; 0 is 100, and what is below 40 is 40
	Color    bool           // for a terminal that was asked for colour
	All      bool           // show what macOS, schedules, other devices and nobody known did, too, instead of counting it
	Reasons  bool           // say why for every answer; else only for those that differ from Endpoint Security's or are weak
	Location *time.Location // of times; nil is UTC
}

func (o Options) normal() Options {
	if o.Width == 0 {
		o.Width = 100
	}
	o.Width = max(o.Width, 40)
	if o.Location == nil {
		o.Location = time.UTC
	}
	return o
}

// Writer writes findings as they come. It holds back at most one event, to see whether the same follows.
type Writer struct {
	w    io.Writer
	o    Options
	c    canvas
	err  error
	rest rest

	day, host, who string            // what the last heading said
	said           map[string]bool   // reasons that stand in this group
	parts          map[string]string // what the last part of a long operation told, by its id
	held           *heldEvent
	begun          bool
	shown          int
}

// NewWriter writes to w; every finding is one write or none.
func NewWriter(w io.Writer, o Options) *Writer {
	o = o.normal()
	return &Writer{w: w, o: o, c: canvas{width: o.Width, color: o.Color}, said: map[string]bool{}, parts: map[string]string{}}
}

// Write writes one finding, or counts it. f may change as soon as Write returns.
func (w *Writer) Write(f *finding.Finding) error {
	if w.err != nil {
		return w.err
	}
	switch f.Kind {
	case finding.KindOperation:
		if !w.o.All && !OfInterest(f) {
			w.rest.count(f)
			return nil
		}
		if !w.o.All && w.goesOn(f) {
			w.rest.parts++
			return nil
		}
		w.release()
		w.operation(f)
	case finding.KindEvent:
		if !w.o.All && !OfInterest(f) {
			w.rest.count(f)
			return nil
		}
		w.event(f)
	case finding.KindProcess:
		w.release()
		w.process(f)
	case finding.KindGap:
		w.release()
		w.gap(f)
	}
	return w.flush()
}

// Flush writes what is held back.
func (w *Writer) Flush() error {
	w.release()
	return w.flush()
}

// Close writes what is held back, and counts the rest in one line. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	w.release()
	if w.shown == 0 && w.rest.any() {
		var p paragraph
		p.say(plain, "Nothing was found that a person, an agent or a remote session did.")
		w.c.line(nil, 0, p)
	}
	if w.rest.any() {
		if w.begun {
			w.c.blank()
		}
		w.c.line(nil, 0, w.rest.line())
		w.rest = rest{}
	}
	return w.flush()
}

func (w *Writer) flush() error {
	if w.c.buf.Len() > 0 {
		_, w.err = w.w.Write(w.c.buf.Bytes())
		w.c.buf.Reset()
	}
	return w.err
}

// OfInterest reports whether a person, an agent, or somebody remote is behind it, or a rule of the user's matched.
func OfInterest(f *finding.Finding) bool {
	if len(f.Rules) > 0 {
		return true
	}
	if f.Initiator == nil {
		return false
	}
	switch f.Initiator.Class {
	case finding.ClassAgent, finding.ClassRemote, finding.ClassConsole:
		return true
	}
	return false
}

// goesOn reports whether an operation is another part of a long one that was shown, and tells nothing new: a log that is
// written all day is one line.
func (w *Writer) goesOn(f *finding.Finding) bool {
	if f.Continues == "" && f.ContinuedBy == "" && !slices.Contains(f.Caveats, finding.CaveatPart) {
		return false
	}
	told := string(f.Action) + "\x00" + f.Path + "\x00" + behind(f).key() + "\x00" + hands(f).key()
	before, seen := w.parts[f.Continues]
	delete(w.parts, f.Continues)
	if len(w.parts) >= mostParts {
		clear(w.parts)
	}
	w.parts[f.ID] = told
	return seen && f.Continues != "" && before == told && len(f.Rules) == 0
}

// mostParts bounds how many long operations are remembered; beyond, a part may be shown again.
const mostParts = 1024

// narrow is the width below which entries are indented by little.
const narrow = 60

// indent is where the lines of an entry after its first begin: behind its time, where there is room.
func (w *Writer) indent() int {
	if w.o.Width < narrow {
		return 2
	}
	return len("15:04:05  ")
}

// entry lays out one paragraph behind its time.
func (w *Writer) entry(at es.Time, p paragraph, tail ...segment) {
	clock := "--:--:--"
	if at != 0 {
		clock = w.local(at).Format(time.TimeOnly)
	}
	gap := " "
	if w.o.Width >= narrow {
		gap = "  "
	}
	w.c.line(word{{clock, dim}, {gap, plain}}, w.indent(), p, tail...)
	w.shown++
}

// below lays out a line that belongs to the entry above it.
func (w *Writer) below(p paragraph) {
	w.c.line(word{{strings.Repeat(" ", w.indent()), plain}}, w.indent(), p)
}

// shortID is as much of an id as tells the findings of one recording apart, mostly.
func shortID(f *finding.Finding) segment {
	const most = len("op_") + 6
	id := Visible(f.ID)
	return segment{id[:min(len(id), most)], dim}
}

func (w *Writer) local(t es.Time) time.Time { return t.Std().In(w.o.Location) }

// heading says the day, the host and who it is, where they are not those of the entry above.
func (w *Writer) heading(f *finding.Finding, who paragraph) {
	host, day := f.Host, ""
	if f.Time != 0 {
		day = w.local(f.Time).Format("Monday 2 January 2006, MST")
	}
	var p paragraph
	if day != w.day && day != "" {
		p.say(plain, day)
	}
	if host != w.host && host != "" {
		if p != nil {
			p.attach(plain, ", on")
		} else {
			p.say(plain, "On")
		}
		p.name(plain, host)
	}
	if p != nil {
		if w.begun {
			w.c.blank()
		}
		w.c.line(nil, 0, p)
		w.begun, w.who = true, ""
		w.day, w.host = or(day, w.day), or(host, w.host)
	}
	if key := who.key(); who != nil && key != w.who {
		if w.begun {
			w.c.blank()
		}
		w.c.line(nil, 2, who)
		w.begun, w.who = true, key
		clear(w.said)
	}
}

// key tells one heading from another.
func (p paragraph) key() string {
	var b []byte
	for _, w := range p {
		for _, s := range w {
			b = append(b, s.text...)
		}
		b = append(b, ' ')
	}
	return string(b)
}

func (w *Writer) operation(f *finding.Finding) {
	w.heading(f, behind(f))
	w.entry(f.Time, append(hands(f), what(f, true)...), shortID(f))
	w.matches(f)
	w.why(f)
}

func (w *Writer) process(f *finding.Finding) {
	e := f.Execution
	if e == nil {
		return
	}
	var who paragraph
	who.say(plain, "Processes")
	w.heading(f, who)
	w.entry(f.Time, execution(e))
	w.matches(f)
}

func (w *Writer) gap(f *finding.Finding) {
	g := f.Gap
	if g == nil {
		return
	}
	var who paragraph
	who.say(yellow, "Gaps")
	w.heading(f, who)
	w.entry(f.Time, w.gapWords(g))
	w.matches(f)
}

func gapReason(why string) string {
	switch why {
	case "lost":
		return "lost on the way"
	case "unsubscribed":
		return "never subscribed to"
	case "restart":
		return "while the recorder started anew"
	case "downtime":
		return "while nothing was recorded"
	}
	return Visible(why)
}

// gapWords says how many messages are missing, when, and why.
func (w *Writer) gapWords(g *finding.Gap) paragraph {
	var p paragraph
	switch {
	case g.Missing == 1:
		p.say(yellow, "1 message is missing,")
	case g.Missing > 1:
		p.say(yellow, count(g.Missing)+" messages are missing,")
	default:
		p.say(yellow, "messages are missing,")
	}
	p.say(plain, gapReason(g.Why))
	if g.From != 0 && g.To != 0 {
		p.say(plain, "between")
		p.say(plain, w.local(g.From).Format("15:04:05.000"))
		p.say(plain, "and")
		p.say(plain, w.local(g.To).Format("15:04:05.000"))
	}
	return p
}
