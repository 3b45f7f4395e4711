package engine

import (
	"slices"
	"strconv"

	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
	"ascribe.example/operation"
)

// member names the first message of a finding.
type member struct {
	seq  uint64
	time es.Time
}

func firstMember(at es.Moment) member { return member{at.Seq, at.Time} }

// number is what an id is made from: the message's number, else its time, which tells messages without numbers apart.
func (m member) number() uint64 {
	if m.seq == es.NoSeq {
		return uint64(m.time)
	}
	return m.seq
}

// names are what things are called: by the id that a header gave, else by their number in input order.
type names struct {
	of   int
	said string // of that number; "" not made yet
}

func (n *names) name(id string, number int) string {
	if id != "" {
		return id
	}
	if n.said == "" || n.of != number {
		n.of, n.said = number, strconv.Itoa(number)
	}
	return n.said
}

func (e *Engine) bootSaid() string { return e.bootName.name(e.BootID, int(e.Boot)) }

// clientSaid tells one ES client's life from another.
func (e *Engine) clientSaid() string { return e.clientName.name(e.ClientID, e.Client) }

func (e *Engine) id(k finding.Kind, first member, action string, part int) string {
	return finding.ID(e.Host, e.bootSaid(), e.clientSaid(), first.number(), k, finding.Action(action), part)
}

// finish gives a finding its name and place, and sends it on.
func (e *Engine) finish(f *finding.Finding, first member, action string, part int) {
	f.Host, f.Boot = e.Host, e.bootSaid()
	f.ID = e.id(f.Kind, first, action, part)
	sortCaveats(f)
	e.Counts.Findings++
	e.emit(f)
}

// sortCaveats puts caveats into their published order, each once.
func sortCaveats(f *finding.Finding) {
	if len(f.Caveats) < 2 {
		return
	}
	slices.SortFunc(f.Caveats, func(a, b finding.Caveat) int {
		return slices.Index(finding.Caveats, a) - slices.Index(finding.Caveats, b)
	})
	f.Caveats = slices.Compact(f.Caveats)
}

func isFileEvent(k es.Kind) bool {
	return operation.Changing(k) || k == es.KindOpen || k == es.KindClose || k == es.KindMMap
}

// event tells one message with its attribution.
func (e *Engine) event(s *operation.Seen) {
	m := s.M
	e.ranges.Clear()
	e.objects.Clear()
	f := &e.out
	*f = finding.Finding{
		Kind: finding.KindEvent, Time: m.Time, EndTime: m.Time, Event: m.Kind().String(), Seq: m.GlobalSeqNum, EventsTotal: 1,
		ItemsTotal: 1,
	}
	if m.GlobalSeqNum != es.NoSeq {
		f.Events = append(e.ranges.List(1), finding.Range{m.GlobalSeqNum, m.GlobalSeqNum})
	}
	f.Path = s.Change.After
	if f.Path == "" {
		f.Path = s.Change.Before
	}
	if f.Path == "" {
		if t := targetOf(m.Event); t != nil {
			f.Path = files.Canonical(t.Path)
		}
	}
	if m.Kind() == es.KindRename || m.Kind() == es.KindLink {
		f.SourcePath = s.Change.Before
	}
	if s.Change.Target != 0 {
		f.Object = e.objects.New(e.ops.Object(s.Change.Target))
	}
	e.attr.Attribute(e.caseOf(s), f)
	if len(f.ReportedAs) > 0 {
		f.Reported = &f.ReportedAs[0]
	}
	f.Certainty.Action = finding.Unknown
	e.Counts.Events++
	e.finish(f, member{m.GlobalSeqNum, m.Time}, f.Event, 0)
}

// caseOf gathers who is behind one message: of an act the one that did it; of a close, and of other messages about content,
// who put the present content there.
func (e *Engine) caseOf(s *operation.Seen) *attribution.Case {
	c := &e.asked
	parts, named := c.Parts[:0], c.Named[:0]
	*c = attribution.NewCase()
	c.Parts, c.Named = parts, named
	c.Late = s.Late
	switch s.M.Kind() {
	case es.KindClose:
		did := attribution.DidClose
		ev := s.M.Event.(*es.Close)
		if ev.Modified {
			did |= attribution.DidModified
		}
		c.Mapped = ev.WasMappedWritable
		since := e.files.ContentSince(s.Change.Target)
		e.deeds = e.files.ContentDeeds(e.deeds[:0], s.Change.Target)
		for i := range e.deeds {
			d := &e.deeds[i]
			switch d.Did {
			case files.DidWrite:
				c.AddPart(attribution.Part{By: d.By, Did: attribution.DidWrite, Writes: d.Count, First: d.First, Last: d.Last})
			case files.DidOpenWrite:
				c.AddPart(attribution.Part{By: d.By, Did: attribution.DidOpen, First: d.First, Last: d.Last})
			case files.DidCreate:
				c.AddPart(attribution.Part{By: d.By, Did: attribution.DidCreate, First: d.First, Last: d.Last})
			case files.DidMap:
				c.Mapped = false
				c.AddPart(attribution.Part{By: d.By, Did: attribution.DidMap, First: d.First, Last: d.Last})
			case files.DidTruncate:
				c.AddPart(attribution.Part{By: d.By, Did: attribution.DidTruncate, First: d.First, Last: d.Last})
			}
		}
		if since != (es.Moment{}) {
			c.Gap = e.lineage.GapBetween(since, s.At)
		}
		c.Add(s.By, did, s.At)
	case es.KindOpen:
		c.Add(s.By, attribution.DidAct|attribution.DidOpen, s.At)
	case es.KindWrite:
		c.Add(s.By, attribution.DidWrite, s.At)
	default:
		c.Add(s.By, attribution.DidAct, s.At)
	}
	c.From, c.To = s.At, s.At
	did := attribution.DidAct
	if s.M.Kind() == es.KindClose {
		did = attribution.DidClose
	}
	c.AddName(s.By, s.Path, did)
	if cr, is := s.M.Event.(*es.Create); is && cr.ExistingFile.Stat.Ino != 0 {
		c.Owner = cr.ExistingFile.Stat.UID
	}
	return c
}

// targetOf is the file an event is about.
func targetOf(ev es.Event) *es.File {
	switch ev := ev.(type) {
	case *es.Open:
		return &ev.File
	case *es.Close:
		return &ev.Target
	case *es.Write:
		return &ev.Target
	case *es.Truncate:
		return &ev.Target
	case *es.Create:
		return &ev.ExistingFile
	case *es.Rename:
		return &ev.Source
	case *es.Unlink:
		return &ev.Target
	case *es.Link:
		return &ev.Source
	case *es.Clone:
		return &ev.Source
	case *es.Copyfile:
		return &ev.Source
	case *es.MMap:
		return &ev.Source
	case *es.ExtAttr:
		return &ev.Target
	case *es.SetMode:
		return &ev.Target
	case *es.SetOwner:
		return &ev.Target
	case *es.SetFlags:
		return &ev.Target
	case *es.SetACL:
		return &ev.Target
	case *es.UTimes:
		return &ev.Target
	}
	return nil
}

// tellRest tells the executions whose end was not told by a message, and that were therefore not told yet.
func (e *Engine) tellRest() {
	if !e.opts.Processes {
		return
	}
	for ref := range e.lineage.Executions() {
		x := e.lineage.At(ref)
		if x == nil || x.ExitSeen || x.EndOrigin == lineage.OriginExec || x.Image.Path == "" && x.Origin == lineage.OriginInferred {
			continue
		}
		e.process(ref, x)
	}
}

// tellEnded tells the execution that a message has ended: the image before an exec, the process that exits.
func (e *Engine) tellEnded(ref lineage.Ref, k es.Kind) {
	if !e.opts.Processes || k != es.KindExec && k != es.KindExit {
		return
	}
	if x := e.lineage.At(ref); x != nil && (x.ExitSeen || x.EndOrigin == lineage.OriginExec) {
		e.process(ref, x)
	}
}

// process tells one execution with both its edges.
func (e *Engine) process(ref lineage.Ref, x *lineage.Execution) {
	last := x.Last
	if x.End != (es.Moment{}) {
		last = x.End
	}
	began := x.Begin
	if began == (es.Moment{}) {
		began = x.Seen
	}
	f := &e.out
	*f = finding.Finding{Kind: finding.KindProcess, Time: began.Time, EndTime: last.Time, Seq: es.NoSeq}
	ex := &finding.Execution{
		Process: e.attr.Process(ref, last), Origin: x.Origin.String(), ExitStatus: x.ExitStat, Exited: x.Exited,
		Ended: x.End.Time,
	}
	if x.BeginOrigin != lineage.OriginNone {
		ex.Started = x.Begin.Time
	}
	if up := e.lineage.ParentOf(ref); up.Ref != 0 {
		p := e.attr.Process(up.Ref, last)
		ex.Parent = &p
	}
	if n := e.lineage.At(x.Next); n != nil {
		ex.Next = finding.ProcessRef{PID: n.Key.PID, PIDVersion: n.Key.PIDVersion}
	}
	c := attribution.NewCase()
	c.Add(ref, attribution.DidAct, last)
	c.From, c.To = began, last
	e.attr.Attribute(&c, f)
	ex.Responsible = f.Responsible
	f.Execution = ex
	// A process is no act: who acted is not the question.
	f.ReportedAs, f.Participants, f.Actor, f.Certainty.Actor = nil, nil, nil, finding.Unknown
	f.Evidence = slices.DeleteFunc(f.Evidence, func(ev finding.Evidence) bool { return ev.For == finding.RoleActor })
	e.Counts.Processes++
	e.finish(f, member{seq: uint64(uint32(x.Key.PID))<<32 | uint64(x.Key.PIDVersion)}, "", 0)
}
