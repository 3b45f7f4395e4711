// Package engine is the whole inference as a state machine: messages of one host go in, findings come out.
//
// It has no clock, no goroutine and no I/O. The same messages and watermarks give the same findings, in the same order, on
// every machine; a run that is cut anywhere, saved, restored and continued gives what an uncut one gives.
//
//	e := engine.New(engine.Options{}, func(f *finding.Finding) {
//		line = finding.Append(line[:0], f)
//	})
//	e.Add(m)     // for each message
//	e.Drain()    // at the end
//
// A message passes through: [sequencer] (order, holes, duplicates, boots), lineage (who begat whom), files (what was where),
// operation (what was done), attribution (who did it). A [es.Message] belongs to the engine only during Add; a
// [finding.Finding] to the callback only while it runs.
package engine

import (
	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
	"ascribe.example/operation"
)

// Options say what is told, and what is known beforehand.
type Options struct {
	Host      string           // host id, where no header names one; "" unknown
	Catalog   *catalog.Catalog // nil: the embedded one
	Events    bool             // tell every file event, not only those that no operation could hold
	Processes bool             // tell every execution
	Reads     bool             // tell reads of files
	Send      bool             // tell reads by programs that upload

	// Subscribed are the kinds that the client is known to have subscribed to. Without it and without a header a kind counts
	// as recorded from its first message on.
	Subscribed    es.Kinds
	HasSubscribed bool

	// Redact hides secrets in arguments before findings carry them; nil shows them.
	Redact func(args []string) []string
}

// Engine is the state machine of one host.
type Engine struct {
	opts Options
	emit func(*finding.Finding)

	sequence *sequencer
	retries  retries
	lineage  *lineage.Tracker
	files    *files.Table
	attr     *attribution.Attributor
	ops      *operation.Recognizer
	state
	out finding.Finding // scratch

	bootName, clientName names

	// What events are made of, and scratch for the case of one.
	ranges  finding.Shelf[finding.Range]
	objects finding.Shelf[finding.Object]
	asked   attribution.Case
	deeds   []files.Deed
	room    int // in bytes; mostMemory but in tests
}

// state is the engine's own part of what [Engine.Save] writes.
type state struct {
	Host       string
	Boot       uint32
	BootID     string
	Client     int
	ClientID   string
	Recorded   es.Kinds
	Declared   bool // the kinds are known from a header or the options: what is not among them was not recorded
	FirstSeq   uint64
	LateStart  bool
	Counts     Summary
	LastMoment es.Moment
	Own        ownLives // processes of ascribe itself: counted and left out
	Facts      []es.Fact
	Looked     uint64 // messages; see keepRoom
	Full       bool   // there is no room for more
}

// New makes an engine. emit is called for each finding, in order, from within Add, Advance and Drain.
func New(o Options, emit func(*finding.Finding)) *Engine {
	if o.Catalog == nil {
		o.Catalog = catalog.Default()
	}
	e := &Engine{opts: o, emit: emit, room: mostMemory}
	e.sequence = newSequencer(limits{}, e)
	e.lineage = lineage.New(lineage.Limits{})
	e.files = files.New(files.Limits{})
	e.attr = attribution.New(e.lineage, o.Catalog)
	e.attr.Redact(o.Redact)
	e.ops = operation.New(e.lineage, e.files, e.attr, o.Catalog, operation.Options{Reads: o.Reads, Send: o.Send}, e.operation)
	e.Host = o.Host
	if o.HasSubscribed {
		e.declare(o.Subscribed)
	}
	return e
}

// Begin takes a header: what a stream says of itself.
func (e *Engine) Begin(h *es.Header) {
	if h.Host != "" {
		e.Host = h.Host
	}
	e.sequence.Begin(h)
	for _, l := range h.Own {
		e.Own.add(l)
	}
	if h.Client != "" {
		e.ClientID = h.Client
	}
	if h.HasKinds {
		e.declare(h.Subscribed)
	}
}

func (e *Engine) declare(ks es.Kinds) {
	e.Recorded = e.Recorded.Union(ks)
	e.Declared = true
	e.tellRecorded()
}

func (e *Engine) tellRecorded() {
	e.lineage.Watch(e.Recorded)
	e.attr.Recorded(e.Recorded)
	e.ops.Recorded(e.Recorded)
}

// Snapshot takes what the host ran when the recording began.
func (e *Engine) Snapshot(s *es.Snapshot) {
	if e.Boot == 0 {
		e.sequence.Begin(&es.Header{})
	}
	at := e.moment(s.Time)
	e.lineage.Snapshot(s, at)
	e.files.Snapshot(s.Mounts, at)
}

// Gap takes a gap that the source knows of.
func (e *Engine) Gap(g *es.Gap) {
	e.sequence.toldRestart()
	from, to := e.moment(g.From), e.moment(g.To)
	e.gapped(from, to, g.Missing, g.Why)
}

// Add takes the next message, as it arrived.
func (e *Engine) Add(m *es.Message) {
	e.sequence.Add(m)
}

// Foresee is shown some messages that will be added soon. It makes adding them faster, and changes nothing else.
func (e *Engine) Foresee(ms []es.Message) { e.files.Foresee(ms) }

// Advance says that no message before the watermark will come.
func (e *Engine) Advance(w es.Time) { e.sequence.Advance(w) }

// Drain says that the stream is over: everything that is open settles.
func (e *Engine) Drain() {
	e.sequence.Drain()
	e.ops.Drain()
	e.tellRest()
}

func (e *Engine) moment(t es.Time) es.Moment {
	at := e.LastMoment
	at.Seq, at.Time = es.NoSeq, t
	return at
}

// message is the next message in order (sink).
func (e *Engine) message(m *es.Message, at es.Moment, late bool) {
	// Left out here and not before: its number must be seen, or it would be a gap; and it shows that time went on.
	if len(e.Own) > 0 && e.Own.take(m) {
		e.Counts.Own++
		e.LastMoment.Clock = max(e.LastMoment.Clock, at.Clock)
		e.ops.Advance(at.Clock)
		return
	}
	e.LastMoment = at
	k := m.Kind()
	e.Counts.count(k)
	if !e.Recorded.Has(k) {
		e.Recorded.Add(k)
		e.tellRecorded()
	}
	// What is over by now settles as things stood before this message.
	e.ops.Advance(at.Clock)
	// What was attempted and refused did not happen; a retry happened once.
	retry := e.retries.isRetry(m, e.Boot, at)
	told := e.lineage.Told()
	by := e.lineage.Observe(m, at, late)
	var s operation.Seen // field by field: made as a whole it would be copied once more, and waited for
	s.M, s.At, s.By, s.Late, s.Retry = m, at, by, late, retry
	switch ev := m.Event.(type) {
	case *es.Fork:
		e.files.Forked(by, e.lineage.Find(ev.Child.Key(e.Boot)), at)
	case *es.Exec:
		e.files.Execed(by, e.lineage.Find(ev.Target.Key(e.Boot)), at)
	}
	if !retry && !m.Denied {
		e.files.ObserveInto(&s.Change, m, by, at, late)
	}
	if e.lineage.Told() != told { // otherwise the message describes its process as it is known, by name too
		if ex := e.lineage.At(by); ex != nil && ex.Image.Path != m.Process.Executable.Path {
			s.Path = m.Process.Executable.Path
		}
	}
	unheld := e.ops.Observe(&s)
	if _, is := m.Event.(*es.Exit); is {
		e.files.Exited(by, at)
		e.ops.Exited(by)
	}
	if isFileEvent(k) && (e.opts.Events || unheld) && !retry {
		e.event(&s)
	}
	e.tellEnded(by, k)
	e.keepRoom()
}

// gap comes before the first message after it (sink).
func (e *Engine) gap(from, to es.Moment, missing uint64, why string) {
	e.gapped(from, to, missing, why)
}

// boot begins a boot (sink).
func (e *Engine) boot(n uint32, id string) {
	if n == e.Boot {
		e.BootID = id
		return
	}
	if e.Boot != 0 {
		e.ops.Drain()
		e.tellRest()
	}
	e.Boot, e.BootID = n, id
	e.lineage.NewBoot(n)
	e.files.NewBoot(e.LastMoment)
	e.retries = retries{}
	e.Own = nil
}

// client begins an ES client's life (sink).
func (e *Engine) client(n int, first uint64) {
	e.Client = n
	e.FirstSeq = first
	if first != 0 {
		e.LateStart = true
	}
}

// watermark moves time without a message (sink).
func (e *Engine) watermark(at es.Moment) {
	e.LastMoment.Clock = max(e.LastMoment.Clock, at.Clock)
	e.ops.Advance(at.Clock)
}

// conflict tells of messages that contradict each other (sink).
func (e *Engine) conflict(kind string, m *es.Message) {
	if len(e.Counts.Contradictions) < mostContradictions {
		e.Counts.Contradictions = append(e.Counts.Contradictions, Contradiction{Kind: kind, Place: m.Place, Seq: m.GlobalSeqNum})
	}
}

func (e *Engine) gapped(from, to es.Moment, missing uint64, why string) {
	e.lineage.Gap(to, why)
	e.files.Gap(to)
	e.Counts.Gaps++
	e.Counts.Missing += missing
	f := &e.out
	*f = finding.Finding{
		Kind: finding.KindGap, Time: from.Time, EndTime: to.Time, Seq: es.NoSeq,
		Gap: &finding.Gap{From: from.Time, To: to.Time, Missing: missing, Why: why},
	}
	e.finish(f, firstMember(to), "", 0)
}

// operation completes a recognised operation with its roles and sends it on.
func (e *Engine) operation(op *operation.Operation) {
	f := &op.Finding
	f.Seq = es.NoSeq
	e.attr.Attribute(&op.Case, f)
	e.addFacts(f)
	e.Counts.Operations++
	first := firstMember(op.First)
	first.seq = op.FirstSeq
	as := string(op.As)
	if op.Part > 0 {
		f.Continues = e.id(f.Kind, first, as, op.Part-1)
	}
	if op.More {
		f.ContinuedBy = e.id(f.Kind, first, as, op.Part+1)
	}
	e.finish(f, first, as, op.Part)
}
