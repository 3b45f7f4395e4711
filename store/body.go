package store

import (
	"encoding/binary"

	"ascribe.example/finding"
)

// wordKind says what an entry of a segment's dictionary is.
type wordKind uint8

const (
	wordTerm    wordKind = iota // a short string that is asked for: an action, a user, a signing id
	wordPath                    // has a fold
	wordText                    // a sentence
	wordProcess                 // the rest is in a form of ours: see body.go
	wordInitiator
	wordVolume
)

// interner gives words their numbers within a segment; "" is 0.
type interner interface {
	intern(k wordKind, s string) uint32
	internBytes(k wordKind, b []byte) uint32
}

// bodyVersion stands first in each body. A later version that adds a field raises it, and still reads the earlier.
const bodyVersion = 1

// What is there at all.
const (
	hasObject = 1 << iota
	hasSource
	hasReplaced
	hasItems
	hasResponsible
	hasExecution
	hasGap
	hasParts
	hasSeq
	hasRules
)

// encoder writes findings as stores keep them: numbers of words for whatever repeats itself. Not in the body are kind, id,
// time and end time, which are columns.
type encoder struct {
	words   interner
	scratch []byte
}

func (e *encoder) append(b []byte, f *finding.Finding) []byte {
	var has uint64
	for _, x := range [...]struct {
		is  bool
		bit uint64
	}{
		{f.Object != nil, hasObject},
		{f.Source != nil, hasSource},
		{f.Replaced != nil, hasReplaced},
		{f.Items != nil, hasItems},
		{f.Responsible != nil, hasResponsible},
		{f.Execution != nil, hasExecution},
		{f.Gap != nil, hasGap},
		{f.Continues != "" || f.ContinuedBy != "", hasParts},
		{f.Seq != 0, hasSeq},
		{f.Rules != nil, hasRules},
	} {
		if x.is {
			has |= x.bit
		}
	}
	b = append(b, bodyVersion)
	b = binary.AppendUvarint(b, has)
	b = e.term(b, f.Host)
	b = e.term(b, f.Boot)
	b = e.term(b, string(f.Action))
	b = e.term(b, string(f.Method))
	b = e.term(b, f.Event)
	b = e.path(b, f.Path)
	b = e.path(b, f.SourcePath)
	if f.Object != nil {
		b = e.object(b, f.Object)
	}
	if f.Source != nil {
		b = e.object(b, f.Source)
	}
	if f.Replaced != nil {
		b = e.object(b, f.Replaced)
	}
	if f.Items != nil {
		b = binary.AppendUvarint(b, uint64(len(f.Items)))
		for i := range f.Items {
			b = e.item(b, &f.Items[i])
		}
	}
	b = binary.AppendUvarint(b, f.ItemsTotal)
	if f.Seq != 0 {
		b = binary.AppendUvarint(b, f.Seq)
	}
	b = e.process(b, f.Reported)
	b = binary.AppendUvarint(b, uint64(len(f.ReportedAs)))
	for i := range f.ReportedAs {
		b = e.process(b, &f.ReportedAs[i])
	}
	b = e.process(b, f.Actor)
	if f.Responsible != nil {
		b = e.responsible(b, f.Responsible)
	}
	b = e.initiator(b, f.Initiator)
	b = binary.AppendUvarint(b, uint64(len(f.Participants)))
	for i := range f.Participants {
		b = e.process(e.term(b, f.Participants[i].Role), &f.Participants[i].Process)
	}
	b = append(b, levels(f.Certainty))
	b = binary.AppendUvarint(b, uint64(len(f.Evidence)))
	for i := range f.Evidence {
		b = e.evidence(b, &f.Evidence[i])
	}
	b = binary.AppendUvarint(b, uint64(len(f.Alternatives)))
	for i := range f.Alternatives {
		b = e.alternative(b, &f.Alternatives[i])
	}
	b = binary.AppendUvarint(b, uint64(len(f.Caveats)))
	for _, c := range f.Caveats {
		b = e.term(b, string(c))
	}
	b = binary.AppendUvarint(b, uint64(len(f.Events)))
	var last uint64
	for _, r := range f.Events {
		b = appendStep(b, last, r[0])
		b = appendStep(b, r[0], r[1])
		last = r[1]
	}
	b = binary.AppendUvarint(b, f.EventsTotal)
	if has&hasParts != 0 {
		b = appendString(appendString(b, f.Continues), f.ContinuedBy)
	}
	if f.Execution != nil {
		b = e.execution(b, f.Execution)
	}
	if g := f.Gap; g != nil {
		b = binary.AppendVarint(b, int64(g.From))
		b = binary.AppendVarint(b, int64(g.To))
		b = binary.AppendUvarint(b, g.Missing)
		b = e.term(b, g.Why)
	}
	if f.Rules != nil {
		b = binary.AppendUvarint(b, uint64(len(f.Rules)))
		for i := range f.Rules {
			b = e.match(b, &f.Rules[i])
		}
	}
	return b
}

func (e *encoder) term(b []byte, s string) []byte {
	return binary.AppendUvarint(b, uint64(e.words.intern(wordTerm, s)))
}

func (e *encoder) path(b []byte, s string) []byte {
	return binary.AppendUvarint(b, uint64(e.words.intern(wordPath, s)))
}

func (e *encoder) text(b []byte, s string) []byte {
	return binary.AppendUvarint(b, uint64(e.words.intern(wordText, s)))
}

// levels packs a certainty into two bits each. What is no level is written as unknown, as the line does.
func levels(l finding.Levels) byte {
	var b byte
	for _, c := range [...]finding.Certainty{l.Action, l.Actor, l.Responsible, l.Initiator} {
		if c > finding.Certain {
			c = finding.Unknown
		}
		b = b<<2 | byte(c)
	}
	return b
}

func (e *encoder) object(b []byte, o *finding.Object) []byte {
	b = e.term(b, string(o.Type))
	b = binary.AppendUvarint(b, o.Ino)
	b = binary.AppendVarint(b, int64(o.Dev))
	b = binary.AppendVarint(b, o.Size)
	if o.Volume == nil {
		return append(b, 0)
	}
	v := appendString(e.scratch[:0], o.Volume.Mount)
	v = appendString(v, string(o.Volume.Kind))
	v = appendString(v, o.Volume.FS)
	e.scratch = v
	return binary.AppendUvarint(b, uint64(e.words.internBytes(wordVolume, v)))
}

func (e *encoder) item(b []byte, it *finding.Item) []byte {
	b = e.path(b, it.Path)
	b = e.path(b, it.SourcePath)
	b = e.term(b, string(it.Action))
	if it.Object == nil {
		return append(b, 0)
	}
	return e.object(append(b, 1), it.Object)
}

// Flags of a process.
const (
	processPlatform = 1 << iota
	processToken
	processArgs
	processHash
)

func (e *encoder) process(b []byte, p *finding.Process) []byte {
	if p == nil {
		return append(b, 0)
	}
	var has byte
	if p.Platform {
		has |= processPlatform
	}
	if p.HasToken {
		has |= processToken
	}
	if p.Args != nil {
		has |= processArgs
	}
	if !p.CDHash.IsZero() {
		has |= processHash
	}
	v := append(e.scratch[:0], has)
	v = binary.AppendVarint(v, int64(p.PID))
	v = binary.AppendUvarint(v, uint64(p.PIDVersion))
	for _, s := range [...]string{p.Path, p.SigningID, p.TeamID, p.Service, p.TTY, p.Script} {
		v = appendString(v, s)
	}
	v = binary.AppendVarint(v, int64(p.StartTime))
	for _, id := range [...]uint32{p.AUID, p.UID, p.EUID, p.ASID} {
		v = binary.AppendUvarint(v, uint64(id))
	}
	if has&processHash != 0 {
		v = append(v, p.CDHash[:]...)
	}
	if p.Args != nil {
		v = binary.AppendUvarint(v, uint64(len(p.Args)))
		for _, a := range p.Args {
			v = appendString(v, a)
		}
	}
	v = appendRef(v, p.Parent)
	e.scratch = v
	return binary.AppendUvarint(b, uint64(e.words.internBytes(wordProcess, v)))
}

func (e *encoder) responsible(b []byte, r *finding.Responsible) []byte {
	b = e.process(b, &r.Process)
	b = e.term(b, r.App)
	b = e.term(b, string(r.Basis))
	return e.term(b, string(r.Status))
}

func (e *encoder) initiator(b []byte, in *finding.Initiator) []byte {
	if in == nil {
		return append(b, 0)
	}
	v := appendString(e.scratch[:0], string(in.Class))
	v = binary.AppendUvarint(v, uint64(in.UID))
	v = appendString(v, in.User)
	if s := in.Session; s == nil {
		v = append(v, 0)
	} else {
		v = binary.AppendUvarint(append(v, 1), uint64(s.ASID))
		v = appendString(v, string(s.Type))
		v = appendString(v, s.RemoteAddress)
	}
	if a := in.Agent; a == nil {
		v = append(v, 0)
	} else {
		v = appendString(append(v, 1), a.Name)
		v = appendRef(v, finding.ProcessRef{PID: a.PID, PIDVersion: a.PIDVersion})
		v = appendString(v, a.SigningID)
	}
	e.scratch = v
	return binary.AppendUvarint(b, uint64(e.words.internBytes(wordInitiator, v)))
}

func (e *encoder) evidence(b []byte, v *finding.Evidence) []byte {
	b = e.term(b, string(v.For))
	b = e.term(b, v.Rule)
	b = binary.AppendUvarint(b, uint64(len(v.Events)))
	var last uint64
	for _, seq := range v.Events {
		b = appendStep(b, last, seq)
		last = seq
	}
	return e.text(b, v.Says)
}

func (e *encoder) alternative(b []byte, a *finding.Alternative) []byte {
	b = e.term(b, string(a.For))
	b = e.term(b, string(a.Action))
	b = e.process(b, a.Process)
	b = e.initiator(b, a.Initiator)
	b = append(b, byte(a.Certainty))
	b = e.term(b, a.Rule)
	return e.text(b, a.Says)
}

func (e *encoder) execution(b []byte, x *finding.Execution) []byte {
	b = e.process(b, &x.Process)
	b = e.term(b, x.Origin)
	b = e.process(b, x.Parent)
	if x.Responsible == nil {
		b = append(b, 0)
	} else {
		b = e.responsible(append(b, 1), x.Responsible)
	}
	b = binary.AppendVarint(b, int64(x.Started))
	b = binary.AppendVarint(b, int64(x.Ended))
	if x.Exited {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	b = binary.AppendVarint(b, int64(x.ExitStatus))
	return appendRef(b, x.Next)
}

func (e *encoder) match(b []byte, m *finding.Match) []byte {
	b = e.term(b, m.Name)
	b = e.term(b, string(m.Severity))
	b = e.text(b, m.Message)
	b = binary.AppendUvarint(b, uint64(len(m.Tags)))
	for _, tag := range m.Tags {
		b = e.term(b, tag)
	}
	return b
}

func appendRef(b []byte, r finding.ProcessRef) []byte {
	return binary.AppendUvarint(binary.AppendVarint(b, int64(r.PID)), uint64(r.PIDVersion))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendStep appends to as its distance from the number before it, which is mostly short.
func appendStep(b []byte, from, to uint64) []byte { return binary.AppendVarint(b, int64(to-from)) }
