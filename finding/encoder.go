package finding

import (
	"strings"

	"ascribe.example/es"
)

// Encoder writes findings as [Append] does, the same bytes. It remembers how it wrote the executions that it met lately: many
// findings are about few of them, and most of a line is what they are. The zero value is ready; it is for one goroutine.
type Encoder struct {
	second int64 // clock is of it
	clock  clockText
	said   [rememberedProcesses]said
}

// Bounds of an encoder's memory.
const (
	rememberedProcesses = 128
	longestRemembered   = 4 << 10 // bytes of what is written of one, and of its strings
)

// said is how a process was written.
type said struct {
	process Process // its strings are one
	text    []byte
}

// Append appends f as one JSON object, as the function [Append] does.
func (e *Encoder) Append(dst []byte, f *Finding) []byte {
	w := written{memory: e}
	return w.append(dst, f)
}

// appendKeys is [appendProcessKeys], from memory where that can be.
func (e *Encoder) appendKeys(dst []byte, p *Process) []byte {
	s := &e.said[(p.PIDVersion^uint32(p.PID)<<3)%rememberedProcesses]
	if len(s.text) > 0 && p.equal(&s.process) {
		return append(dst, s.text...)
	}
	from := len(dst)
	dst = appendProcessKeys(dst, p)
	s.keep(p, dst[from:])
	return dst
}

// keep remembers how p was written. Its strings are copied: they may be somebody's who writes over them.
func (s *said) keep(p *Process, text []byte) {
	s.text = s.text[:0]
	n := len(p.Path) + len(p.SigningID) + len(p.TeamID) + len(p.Service) + len(p.TTY) + len(p.Script)
	for _, a := range p.Args {
		n += len(a)
	}
	if n > longestRemembered || len(text) > longestRemembered {
		return
	}
	s.text = append(s.text, text...)
	args := s.process.Args[:0]
	s.process = *p
	q := &s.process
	if p.Args != nil {
		q.Args = append(args, p.Args...)
		if q.Args == nil {
			q.Args = []string{}
		}
	}
	var words strings.Builder
	words.Grow(n)
	own := func(text *string) {
		from := words.Len()
		words.WriteString(*text)
		*text = words.String()[from:]
	}
	for _, text := range [...]*string{&q.Path, &q.SigningID, &q.TeamID, &q.Service, &q.TTY, &q.Script} {
		own(text)
	}
	for i := range q.Args {
		own(&q.Args[i])
	}
}

// appendTime is [appendTime] with the second remembered: what is written in a row lies close together.
func (w *written) appendTime(dst []byte, t es.Time) []byte {
	e := w.memory
	if e == nil || t == 0 {
		return appendTime(dst, t)
	}
	sec, ns := seconds(t)
	if e.clock[0] == 0 || e.second != sec {
		e.second, e.clock = sec, clockOf(sec)
	}
	return appendFraction(append(dst, e.clock[:]...), ns)
}
