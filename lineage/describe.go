package lineage

import (
	"time"

	"ascribe.example/es"
)

// see takes one description of a process and returns its execution, created if it was not known. from says what the
// description came with; replaced is the slot of the image that an exec replaced. nil for a description of nothing.
func (t *Tracker) see(p *es.Process, at es.Moment, from Origin, replaced int32) *slot {
	if p.AuditToken.IsZero() && p.Executable.Path == "" {
		return nil
	}
	key := p.AuditToken.Key(t.boot)
	i := t.lookup(key)
	if i == 0 && from != OriginFork && replaced == 0 {
		i = t.rekey(p, key)
	}
	if i == 0 {
		t.told++
		return t.create(p, key, at, from, replaced)
	}
	s := t.slots.at(i)
	s.turn = t.turn
	if from == OriginActing && s.e.unchanged(p, at) {
		s.e.Last = at
		return s
	}
	t.told++
	t.update(s, p, at, from)
	return s
}

// unchanged reports whether a description, in order, says nothing new. This is the whole cost of most messages.
func (e *Execution) unchanged(p *es.Process, at es.Moment) bool {
	return e.EndOrigin == OriginNone && e.Token == p.AuditToken &&
		e.Responsible.Token == p.ResponsibleAuditToken &&
		e.ParentKey.PID == p.ParentAuditToken.PID && e.ParentKey.PIDVersion == p.ParentAuditToken.PIDVersion &&
		e.PPID == p.PPID && e.OriginalPPID == p.OriginalPPID && e.Start == p.StartTime &&
		e.GroupID == p.GroupID && e.SessionID == p.SessionID &&
		e.Image.CSFlags == p.CodesigningFlags && e.Image.CDHash == p.CDHash && e.Image.Path == p.Executable.Path &&
		(p.TTY == nil && e.TTY == "" || p.TTY != nil && e.TTY == p.TTY.Path) && !before(at, e.Last)
}

// rekey finds an execution that a snapshot gave without pidversion and that this description completes: same pid, same
// start, same program.
func (t *Tracker) rekey(p *es.Process, key es.Key) int32 {
	bare := es.Key{Boot: key.Boot, PID: key.PID}
	if key == bare {
		return 0
	}
	i := t.keys[bare]
	if i == 0 {
		return 0
	}
	s := t.slots.at(i)
	if s.e.Key.PIDVersion != 0 || !sameStart(s.e.Start, p.StartTime) || s.e.Image.Path != clip(p.Executable.Path, MaxPath) {
		return 0
	}
	t.told++
	t.unlist(bare)
	t.keys[key] = i
	s.e.Key = key
	s.e.Token.PIDVersion = key.PIDVersion
	t.takeOut(i, s)
	t.chain(i, s)
	return i
}

// sameStart reports whether two start times are one. Some hosts print whole seconds only.
func sameStart(a, b es.Time) bool {
	if a == b {
		return true
	}
	const s = es.Time(time.Second)
	return (a%s == 0 || b%s == 0) && a/s == b/s
}

func (t *Tracker) create(p *es.Process, key es.Key, at es.Moment, from Origin, replaced int32) *slot {
	i, s := t.slots.take()
	e := &s.e
	*e = Execution{
		Ref: t.newRef(), Key: key, Origin: from, Token: p.AuditToken, Image: t.image(p),
		Start: p.StartTime, Seen: at, Last: at,
		OriginalPPID: p.OriginalPPID, PPID: p.PPID, ParentKey: t.keyOf(p.ParentAuditToken),
		SessionID: p.SessionID, GroupID: p.GroupID, TTY: t.tty(p),
	}
	if tok := p.ResponsibleAuditToken; !tok.IsZero() {
		e.Responsible = Responsibility{Key: tok.Key(t.boot), Token: tok, At: at, Until: at, Origin: from}
	}
	s.turn = t.turn
	t.refs.put(e.Ref, i)
	t.keys[key] = i
	t.live++
	t.stats.Created++
	t.weigh(s)
	t.holes.note(key.PIDVersion, at, from >= OriginFork)
	t.fresh = 0
	if t.place(i, s, at, from, replaced) {
		t.fresh = e.Ref // nothing came from its life yet
	}
	if e.Parent == 0 && from != OriginFork {
		t.adoptForker(s)
	}
	if from == OriginActing {
		e.ExecUnseen = t.hasExeced(e)
	}
	t.orphan(s, at)
	t.enter(s, at)
	return s
}

// hasExeced reports whether an execution that was met acting must have come about by exec: a forked child's image is its
// parent's, so one with another image has exec-ed, whether that was seen or not.
func (t *Tracker) hasExeced(e *Execution) bool {
	if e.Prev != 0 {
		return true
	}
	p := t.At(e.Parent)
	return p != nil && p.Image.Path != "" && e.Image.Path != "" && p.Image.Path != e.Image.Path &&
		newerPIDV(e.Key.PIDVersion, p.Key.PIDVersion)
}

func (t *Tracker) image(p *es.Process) Image {
	return Image{
		Path: t.strings.get(clip(p.Executable.Path, MaxPath)), SigningID: t.strings.name(p.SigningID), TeamID: t.strings.name(p.TeamID),
		CDHash: p.CDHash, CSFlags: p.CodesigningFlags, ValidationCategory: p.CSValidationCategory,
		Platform: p.IsPlatformBinary, IsESClient: p.IsESClient,
	}
}

func (t *Tracker) tty(p *es.Process) string {
	if p.TTY == nil {
		return ""
	}
	return t.strings.name(p.TTY.Path)
}

func (t *Tracker) keyOf(tok es.AuditToken) es.Key {
	if tok.IsZero() {
		return es.Key{}
	}
	return tok.Key(t.boot)
}

// update takes a description of a known execution that says something new, comes after its time, or comes from a better
// source.
func (t *Tracker) update(s *slot, p *es.Process, at es.Moment, from Origin) {
	e := &s.e
	inOrder := !before(at, e.Last)
	t.holes.note(e.Key.PIDVersion, at, from >= OriginFork)
	t.updateImage(s, p, at, from)
	e.Origin = max(e.Origin, from)
	if e.Start == 0 {
		e.Start = p.StartTime
	}
	if e.OriginalPPID == 0 {
		e.OriginalPPID = p.OriginalPPID
	}
	t.answersTo(e, p.ResponsibleAuditToken, at, from, inOrder)
	if inOrder {
		t.updateToken(s, p.AuditToken, at)
		moved := p.PPID != e.PPID
		e.PPID, e.SessionID, e.GroupID = p.PPID, p.SessionID, p.GroupID
		if !p.ParentAuditToken.IsZero() {
			e.ParentKey = p.ParentAuditToken.Key(t.boot)
		}
		if tty := t.tty(p); tty != "" || p.TTY == nil {
			e.TTY = tty
		}
		e.Image.CSFlags = p.CodesigningFlags
		t.afterEnd(s, at)
		if moved {
			t.orphan(s, at)
		}
		e.Last = at
	} else if before(at, e.Seen) {
		e.Seen = at
	}
	if e.Parent == 0 && from != OriginFork {
		t.adoptForker(s)
	}
	t.weigh(s)
}

// updateImage takes the image of a description. An exec, a fork or a snapshot outranks what a message merely said of its
// actor; of two equal sources the first stays. The other is kept beside it.
func (t *Tracker) updateImage(s *slot, p *es.Process, at es.Moment, from Origin) {
	e := &s.e
	if p.Executable.Path == "" {
		return
	}
	if e.Image.Path == "" {
		e.Image = t.image(p)
		return
	}
	naming := t.namedAs(e, p)
	if naming == NamedAsKnown {
		t.completeImage(&e.Image, p)
		return
	}
	if from > e.Origin && from >= OriginSnapshot {
		old := e.Image
		e.Image = t.image(p)
		t.otherImage(e, old, naming, e.Seen, at)
		return
	}
	t.otherImage(e, t.image(p), naming, at, at)
}

func (t *Tracker) completeImage(m *Image, p *es.Process) {
	if m.SigningID == "" {
		m.SigningID = t.strings.name(p.SigningID)
	}
	if m.TeamID == "" {
		m.TeamID = t.strings.name(p.TeamID)
	}
	if m.CDHash.IsZero() {
		m.CDHash = p.CDHash
	}
	if m.ValidationCategory < 0 {
		m.ValidationCategory = p.CSValidationCategory
	}
}

// otherImage keeps an image that messages gave under the execution's key and that is not its own.
func (t *Tracker) otherImage(e *Execution, m Image, naming Naming, first, last es.Moment) {
	if naming != NamedRenamed && !e.Conflict {
		e.Conflict = true
		t.stats.Conflicts++
	}
	for i := range e.OtherImages {
		o := &e.OtherImages[i]
		if o.Image.Path != m.Path || o.Image.CDHash != m.CDHash {
			continue
		}
		if before(o.Last, last) {
			o.Last = last
		}
		if before(first, o.First) {
			o.First = first
		}
		o.Count++
		o.Naming = naming
		return
	}
	if len(e.OtherImages) == MaxOtherImages {
		t.stats.Dropped++
		return
	}
	e.OtherImages = append(e.OtherImages, OtherImage{m, naming, first, last, 1})
}

// NamedAs says how a message's description of a process stands to what is known of the execution. The founding case in one
// of its readings is [NamedAsPredecessor]: the service's own pid and pidversion under the path of xpcproxy, which is the
// image that this process had before.
func (t *Tracker) NamedAs(ref Ref, p *es.Process) Naming {
	e := t.At(ref)
	if e == nil || p.Executable.Path == "" || e.Image.Path == "" {
		return NamedAsKnown
	}
	return t.namedAs(e, p)
}

func (t *Tracker) namedAs(e *Execution, p *es.Process) Naming {
	m, path := &e.Image, clip(p.Executable.Path, MaxPath)
	sameHash := !m.CDHash.IsZero() && m.CDHash == p.CDHash
	if m.Path == path {
		if !sameHash && !m.CDHash.IsZero() && !p.CDHash.IsZero() {
			return NamedOtherwise
		}
		return NamedAsKnown
	}
	prev := t.At(e.Prev)
	for n := 0; prev != nil && n < MaxSteps; n++ {
		if prev.Image.Path == path {
			return NamedAsPredecessor
		}
		prev = t.At(prev.Prev)
	}
	if sameHash || m.CDHash.IsZero() && p.CDHash.IsZero() && m.SigningID != "" &&
		m.SigningID == p.SigningID && m.TeamID == p.TeamID {
		return NamedRenamed
	}
	return NamedOtherwise
}

// updateToken keeps the token that was valid until now where user or session words changed: setuid and its kin leave
// pidversion alone [S], setaudit moves a process into another login session.
func (t *Tracker) updateToken(s *slot, tok es.AuditToken, at es.Moment) {
	e := &s.e
	if tok == e.Token || tok.IsZero() {
		return
	}
	from := e.Seen
	if n := len(e.Tokens); n > 0 {
		from = e.Tokens[n-1].Until
	}
	if len(e.Tokens) == MaxTokenChanges {
		// The first stays: whom a process was started as says most.
		copy(e.Tokens[1:], e.Tokens[2:])
		e.Tokens = e.Tokens[:MaxTokenChanges-1]
		t.stats.Dropped++
	}
	e.Tokens = append(e.Tokens, TokenChange{e.Token, from, at})
	moved := tok.ASID != e.Token.ASID || tok.AUID != e.Token.AUID
	e.Token = tok
	if moved {
		t.enter(s, at)
		t.moveScreens(s, at)
	}
}

// TokenAt is the execution's token as it was at the given moment; the earliest known before that.
func (t *Tracker) TokenAt(ref Ref, at es.Moment) es.AuditToken {
	e := t.At(ref)
	if e == nil {
		return es.AuditToken{}
	}
	for _, c := range e.Tokens {
		if before(at, c.Until) {
			return c.Token
		}
	}
	return e.Token
}
