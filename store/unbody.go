package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// errBody is what a body that was not written by an encoder is answered with.
var errBody = errors.New("its body is damaged")

// lookup gives the words of a segment; ok is false where the number is not known.
type lookup interface {
	word(id uint32) (w word, ok bool)
}

// word is an entry of a dictionary as readers hold it.
type word struct {
	kind      wordKind
	text      string
	process   *finding.Process
	initiator *finding.Initiator
	volume    *finding.Volume
}

// decoder reads what an encoder wrote. What it gives shares processes, initiators and volumes with the dictionary.
type decoder struct {
	words   lookup
	missing []uint32 // words that were not known: the finding is not whole
	b       []byte
	err     error
}

// decode fills f from a body; kind, id and times are the caller's. It reports whether all words were known.
func (d *decoder) decode(body []byte, f *finding.Finding) error {
	d.b, d.err = body, nil
	if v := d.byte(); d.err == nil && v != bodyVersion {
		return fmt.Errorf("%w: it is of version %d, and this ascribe reads %d", errBody, v, bodyVersion)
	}
	has := d.uvarint()
	f.Host = d.string()
	f.Boot = d.string()
	f.Action = finding.Action(d.string())
	f.Method = finding.Method(d.string())
	f.Event = d.string()
	f.Path = d.string()
	f.SourcePath = d.string()
	if has&hasObject != 0 {
		f.Object = d.object()
	}
	if has&hasSource != 0 {
		f.Source = d.object()
	}
	if has&hasReplaced != 0 {
		f.Replaced = d.object()
	}
	if has&hasItems != 0 {
		f.Items = make([]finding.Item, d.count())
		for i := range f.Items {
			f.Items[i] = d.item()
		}
	}
	f.ItemsTotal = d.uvarint()
	if has&hasSeq != 0 {
		f.Seq = d.uvarint()
	}
	f.Reported = d.process()
	if n := d.count(); n > 0 {
		f.ReportedAs = make([]finding.Process, n)
		for i := range f.ReportedAs {
			f.ReportedAs[i] = d.whole()
		}
	}
	f.Actor = d.process()
	if has&hasResponsible != 0 {
		f.Responsible = d.responsible()
	}
	f.Initiator = d.initiator()
	if n := d.count(); n > 0 {
		f.Participants = make([]finding.Participant, n)
		for i := range f.Participants {
			f.Participants[i] = finding.Participant{Role: d.string(), Process: d.whole()}
		}
	}
	f.Certainty = unpack(d.byte())
	if n := d.count(); n > 0 {
		f.Evidence = make([]finding.Evidence, n)
		for i := range f.Evidence {
			f.Evidence[i] = d.evidence()
		}
	}
	if n := d.count(); n > 0 {
		f.Alternatives = make([]finding.Alternative, n)
		for i := range f.Alternatives {
			f.Alternatives[i] = d.alternative()
		}
	}
	if n := d.count(); n > 0 {
		f.Caveats = make([]finding.Caveat, n)
		for i := range f.Caveats {
			f.Caveats[i] = finding.Caveat(d.string())
		}
	}
	if n := d.count(); n > 0 {
		f.Events = make([]finding.Range, n)
		var last uint64
		for i := range f.Events {
			from := d.step(last)
			last = d.step(from)
			f.Events[i] = finding.Range{from, last}
		}
	}
	f.EventsTotal = d.uvarint()
	if has&hasParts != 0 {
		f.Continues, f.ContinuedBy = string(d.bytes()), string(d.bytes())
	}
	if has&hasExecution != 0 {
		f.Execution = d.execution()
	}
	if has&hasGap != 0 {
		f.Gap = &finding.Gap{From: d.time(), To: d.time(), Missing: d.uvarint(), Why: d.string()}
	}
	if has&hasRules != 0 {
		f.Rules = make([]finding.Match, d.count())
		for i := range f.Rules {
			f.Rules[i] = d.match()
		}
	}
	if d.err == nil && len(d.b) > 0 {
		d.err = fmt.Errorf("%w: %d bytes are left over", errBody, len(d.b))
	}
	return d.err
}

func unpack(b byte) finding.Levels {
	level := func(shift int) finding.Certainty { return finding.Certainty(b >> shift & 3) }
	return finding.Levels{Action: level(6), Actor: level(4), Responsible: level(2), Initiator: level(0)}
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("%w: it ends too early", errBody)
	}
	d.b = nil
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) step(from uint64) uint64 { return from + uint64(d.varint()) }

func (d *decoder) time() es.Time { return es.Time(d.varint()) }

// count is the length of a list: each element takes a byte at least, so a longer one is damage.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) bytes() []byte {
	n := d.count()
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

func (d *decoder) entry() word {
	id := d.uvarint()
	if id == 0 || d.err != nil {
		return word{}
	}
	if id > math.MaxUint32 {
		d.fail()
		return word{}
	}
	w, ok := d.words.word(uint32(id))
	if !ok {
		d.missing = append(d.missing, uint32(id))
	}
	return w
}

func (d *decoder) string() string { return d.entry().text }

func (d *decoder) process() *finding.Process { return d.entry().process }

// whole is a process that must be there.
func (d *decoder) whole() finding.Process {
	if p := d.entry().process; p != nil {
		return *p
	}
	return finding.Process{}
}

func (d *decoder) initiator() *finding.Initiator { return d.entry().initiator }

func (d *decoder) object() *finding.Object {
	return &finding.Object{
		Type: finding.ObjectType(d.string()), Ino: d.uvarint(), Dev: int32(d.varint()), Size: d.varint(), Volume: d.entry().volume,
	}
}

func (d *decoder) item() finding.Item {
	it := finding.Item{Path: d.string(), SourcePath: d.string(), Action: finding.Action(d.string())}
	if d.byte() != 0 {
		it.Object = d.object()
	}
	return it
}

func (d *decoder) responsible() *finding.Responsible {
	return &finding.Responsible{
		Process: d.whole(), App: d.string(), Basis: finding.Basis(d.string()), Status: finding.Status(d.string()),
	}
}

func (d *decoder) evidence() finding.Evidence {
	v := finding.Evidence{For: finding.Role(d.string()), Rule: d.string()}
	if n := d.count(); n > 0 {
		v.Events = make([]uint64, n)
		var last uint64
		for i := range v.Events {
			last = d.step(last)
			v.Events[i] = last
		}
	}
	v.Says = d.string()
	return v
}

func (d *decoder) alternative() finding.Alternative {
	return finding.Alternative{
		For: finding.Role(d.string()), Action: finding.Action(d.string()), Process: d.process(), Initiator: d.initiator(),
		Certainty: finding.Certainty(d.byte()), Rule: d.string(), Says: d.string(),
	}
}

func (d *decoder) execution() *finding.Execution {
	x := &finding.Execution{Process: d.whole(), Origin: d.string(), Parent: d.process()}
	if d.byte() != 0 {
		x.Responsible = d.responsible()
	}
	x.Started, x.Ended = d.time(), d.time()
	x.Exited = d.byte() != 0
	x.ExitStatus = int32(d.varint())
	x.Next = d.ref()
	return x
}

func (d *decoder) match() finding.Match {
	m := finding.Match{Name: d.string(), Severity: finding.Severity(d.string()), Message: d.string()}
	if n := d.count(); n > 0 {
		m.Tags = make([]string, n)
		for i := range m.Tags {
			m.Tags[i] = d.string()
		}
	}
	return m
}

func (d *decoder) ref() finding.ProcessRef {
	return finding.ProcessRef{PID: int32(d.varint()), PIDVersion: uint32(d.uvarint())}
}

// decodeWord reads an entry of a dictionary.
func decodeWord(k wordKind, value []byte) (word, error) {
	w := word{kind: k}
	d := decoder{b: value}
	switch k {
	case wordTerm, wordPath, wordText:
		w.text = string(value)
		return w, nil
	case wordProcess:
		w.process = d.processEntry()
	case wordInitiator:
		w.initiator = d.initiatorEntry()
	case wordVolume:
		w.volume = &finding.Volume{
			Mount: string(d.bytes()), Kind: finding.VolumeKind(d.bytes()), FS: string(d.bytes()),
		}
	default:
		return w, fmt.Errorf("%w: a word of kind %d", errBody, k)
	}
	if d.err == nil && len(d.b) > 0 {
		d.err = fmt.Errorf("%w: %d bytes of a word are left over", errBody, len(d.b))
	}
	return w, d.err
}

func (d *decoder) processEntry() *finding.Process {
	has := d.byte()
	p := &finding.Process{
		Platform: has&processPlatform != 0, HasToken: has&processToken != 0, PID: int32(d.varint()), PIDVersion: uint32(d.uvarint()),
	}
	for _, s := range [...]*string{&p.Path, &p.SigningID, &p.TeamID, &p.Service, &p.TTY, &p.Script} {
		*s = string(d.bytes())
	}
	p.StartTime = d.time()
	for _, id := range [...]*uint32{&p.AUID, &p.UID, &p.EUID, &p.ASID} {
		*id = uint32(d.uvarint())
	}
	if has&processHash != 0 {
		if len(d.b) < len(p.CDHash) {
			d.fail()
			return p
		}
		d.b = d.b[copy(p.CDHash[:], d.b):]
	}
	if has&processArgs != 0 {
		p.Args = make([]string, d.count())
		for i := range p.Args {
			p.Args[i] = string(d.bytes())
		}
	}
	p.Parent = d.ref()
	return p
}

func (d *decoder) initiatorEntry() *finding.Initiator {
	in := &finding.Initiator{Class: finding.Class(d.bytes()), UID: uint32(d.uvarint()), User: string(d.bytes())}
	if d.byte() != 0 {
		in.Session = &finding.Session{
			ASID: uint32(d.uvarint()), Type: finding.SessionType(d.bytes()), RemoteAddress: string(d.bytes()),
		}
	}
	if d.byte() != 0 {
		name, ref := string(d.bytes()), d.ref()
		in.Agent = &finding.Agent{Name: name, PID: ref.PID, PIDVersion: ref.PIDVersion, SigningID: string(d.bytes())}
	}
	return in
}
