package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"ascribe.example/finding/text"
	"ascribe.example/pipeline"
)

// diagnoser tells what is wrong with the input, on standard error: the first of each trouble, and how many more there were.
type diagnoser struct {
	err   io.Writer
	kept  string // where the unreadable is kept; "" nowhere
	quiet bool
	bar   *progress
	told  map[pipeline.Trouble]uint64
}

// toldOfEach is how many diagnostics of one trouble are written out.
const toldOfEach = 10

func (d *diagnoser) diagnose(t pipeline.Diagnostic) {
	if d.quiet {
		return
	}
	if d.told == nil {
		d.told = map[pipeline.Trouble]uint64{}
	}
	d.told[t.Trouble]++
	if d.told[t.Trouble] > toldOfEach {
		return
	}
	var b strings.Builder
	if t.Input != "" {
		b.WriteString(text.Visible(t.Input) + ": ")
	}
	if t.Line > 0 {
		fmt.Fprintf(&b, "line %s, byte %s: ", thousands(uint64(t.Line)), thousands(uint64(t.Offset)))
	}
	b.WriteString(text.Visible(t.Says))
	if t.Trouble == pipeline.Unreadable && d.kept != "" {
		b.WriteString(" (kept in " + text.Visible(d.kept) + ")")
	}
	d.line(b.String())
}

func (d *diagnoser) line(s string) {
	if d.quiet {
		return
	}
	d.bar.clear()
	fmt.Fprintf(d.err, "ascribe: %s\n", s)
}

func (d *diagnoser) close() {
	d.bar.clear()
	var more uint64
	for _, n := range d.told {
		if n > toldOfEach {
			more += n - toldOfEach
		}
	}
	if more > 0 {
		d.line(fmt.Sprintf("and %s more of these", thousands(more)))
	}
}

// progress is a line on a terminal that is written again and again.
type progress struct {
	err   io.Writer
	shown bool
	began time.Time
	at    time.Time // when it was shown
}

// newProgress shows progress on standard error, if it is a terminal that nothing else is written to.
func newProgress(c console) *progress {
	_, err := terminalOf(c.err)
	_, out := terminalOf(c.out)
	if !err || out {
		return nil
	}
	return &progress{err: c.err, began: time.Now()}
}

func (p *progress) show(at pipeline.Progress) {
	now := time.Now()
	if now.Sub(p.began) < time.Second || now.Sub(p.at) < 100*time.Millisecond {
		return // most jobs are done by then, and nobody reads faster
	}
	p.at = now
	part := ""
	if at.Total > 0 {
		part = fmt.Sprintf("%3.0f %%  ", 100*float64(at.Read)/float64(at.Total))
	}
	fmt.Fprintf(p.err, "\r\x1b[K%s%s messages, %s a second", part, thousands(at.Messages), thousands(uint64(at.Rate)))
	p.shown = true
}

func (p *progress) clear() {
	if p != nil && p.shown {
		fmt.Fprint(p.err, "\r\x1b[K")
		p.shown = false
	}
}

// thousands writes a number with its thousands apart.
func thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
