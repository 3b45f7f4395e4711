package lineage

import (
	"encoding/gob"
	"iter"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Limits bound what a tracker remembers. Zero fields mean the defaults.
type Limits struct {
	Live        int           // executions that have not ended; default 65,536
	Past        int           // executions that have; default 32,768
	Bytes       int           // counted bytes of all executions with their strings; default 48 MiB
	Connections int           // default 16,384
	Sessions    int           // default 4,096
	Tombstone   time.Duration // event time for which an ended execution stays even if nothing refers to it; default and least 5 s
}

// Tracker is the lineage of one host. It is fed in order and has no clock, no goroutine and no I/O.
type Tracker struct{}

// New makes a tracker; it stands in boot 1 until [Tracker.NewBoot].
func New(l Limits) *Tracker { return &Tracker{} }

// NewBoot says that what comes next is of boot n: every execution of the boot before has ended.
func (t *Tracker) NewBoot(n uint32) {}

// Boot is the current boot's number.
func (t *Tracker) Boot() uint32 { return 0 }

// Watch says that the stream is known to carry the given kinds, beyond those that it has shown.
func (t *Tracker) Watch(ks es.Kinds) {}

// Observe takes one message and returns the acting execution, created if it was not known. For a fork or exec, the child
// or target is found by its key afterwards. late marks a message whose place was already given up: it fills what is not
// known and corrects no later fact. 0 only for a message that names no process at all.
func (t *Tracker) Observe(m *es.Message, at es.Moment, late bool) Ref { return 0 }

// Snapshot takes what the host ran at the given moment.
func (t *Tracker) Snapshot(s *es.Snapshot, at es.Moment) {}

// Gap says that messages are missing before this moment: exits may have been among them.
func (t *Tracker) Gap(at es.Moment, why string) {}

// GapBetween reports whether messages were missing after from and up to to.
func (t *Tracker) GapBetween(from, to es.Moment) bool { return false }

// Find is the execution with the given key; 0 unknown.
func (t *Tracker) Find(key es.Key) Ref { return 0 }

// ByToken is the execution that a token of the current boot names; 0 unknown.
func (t *Tracker) ByToken(tok es.AuditToken) Ref { return 0 }

// ByPID is the execution that was alive under a bare pid at the given wall-clock time, where one such is known; else 0.
func (t *Tracker) ByPID(pid int32, at es.Time) Ref { return 0 }

// At is the execution of a handle; nil for 0 and for what was forgotten. Good until the tracker is fed again.
func (t *Tracker) At(ref Ref) *Execution { return nil }

// Executions are the remembered executions, in order of first sight.
func (t *Tracker) Executions() iter.Seq[Ref] { return func(func(Ref) bool) {} }

// NamedAs says how a message's description of a process stands to what is known of the execution.
func (t *Tracker) NamedAs(ref Ref, p *es.Process) Naming { return NamedAsKnown }

// Successor is the newest known image of the execution's life; itself where nothing followed.
func (t *Tracker) Successor(ref Ref) Ref { return ref }

// First is the oldest known image of the execution's life.
func (t *Tracker) First(ref Ref) Ref { return ref }

// Forgotten reports whether an execution with this key may have been known and evicted.
func (t *Tracker) Forgotten(key es.Key) bool { return false }

// Retain keeps an execution from eviction while a draft refers to it; [Tracker.Release] undoes it. Both count.
func (t *Tracker) Retain(ref Ref)  {}
func (t *Tracker) Release(ref Ref) {}

// StatusAt says whether the execution's process was alive at the given moment.
func (t *Tracker) StatusAt(ref Ref, at es.Moment) finding.Status { return finding.StatusUnknown }

// TokenAt is the execution's token as it was at the given moment.
func (t *Tracker) TokenAt(ref Ref, at es.Moment) es.AuditToken { return es.AuditToken{} }

// Responsible is what is known of who answered for an execution.
type Responsible struct {
	Now     Responsibility   // valid at the moment asked for; zero key: no token known
	Self    bool             // Now names the process itself
	First   Responsibility   // the earliest foreign value of the life; zero key: none
	Foreign []Responsibility // all distinct foreign values of the life up to the moment, oldest first; good until the next call
}

// ResponsibleAt says who answered for the execution at the given moment, and before.
func (t *Tracker) ResponsibleAt(ref Ref, at es.Moment) Responsible { return Responsible{} }

// Edge is how one execution came from another.
type Edge uint8

// The edges.
const (
	EdgeNone      Edge = iota
	EdgeExec           // the image before, in the same process
	EdgeFork           // the process that forked it
	EdgeForgotten      // there was one, and it was evicted
)

// Step is one step up a lineage.
type Step struct {
	Ref    Ref
	Edge   Edge
	Origin Origin
}

// Above is what the execution came from: the image before, else its forker. It resolves parents that became known later.
// The zero Step is the end; with [EdgeForgotten] (Ref 0) the end is ours, not the Mac's.
func (t *Tracker) Above(ref Ref) Step { return Step{} }

// ParentOf is the forker of the execution's life, past all its images.
func (t *Tracker) ParentOf(ref Ref) Step { return Step{} }

// Ancestors walks from the execution upwards, itself not included: no execution comes twice, no life is entered twice, and
// it ends after [MaxSteps].
func (t *Tracker) Ancestors(ref Ref) iter.Seq[Step] { return func(func(Step) bool) {} }

// MaxSteps bounds a walk.
const MaxSteps = 256

// UnseenBetween estimates how many forks and execs between two pidversions (exclusive) no message told of. It counts only
// above the first pidversion of the recording.
func (t *Tracker) UnseenBetween(a, b uint32) uint32 { return 0 }

// Session is a login session.
type Session struct {
	ASID          uint32
	Boot          uint32
	Type          finding.SessionType // as the evidence has it; unknown where it has nothing
	UID           uint32              // audit user id; [es.Unset] none
	User          string
	RemoteAddress string
	Began         es.Moment // its login event, else first seen
	BeganSeen     bool      // there was a login event
	Ended         es.Moment // zero: not seen to end
	First         Ref       // the first execution seen in it
	Graphical     []uint32  // graphical session ids linked to it
	Evidence      []SessionEvidence
}

// SessionEvidence is one event that told of a session.
type SessionEvidence struct {
	Kind    es.Kind // KindOther: a process that only graphical sessions have
	At      es.Moment
	By      Ref
	User    string
	UID     uint32 // [es.Unset] unknown
	Address string
	Success bool
}

// SessionOf is the login session with the audit session id, in the current boot.
func (t *Tracker) SessionOf(asid uint32) (Session, bool) { return Session{}, false }

// ScreenSharing is an interval in which somebody was connected to a screen.
type ScreenSharing struct {
	GraphicalID   uint32
	ASID          uint32    // 0: not known which session
	From, To      es.Moment // zero: began before the recording; still open
	Address       string
	ViewerAppleID string
	User          string
}

// ScreenSharingAt is the newest screen sharing interval of the session that covers the moment. An interval whose session is not known
// covers every one (its ASID is then 0).
func (t *Tracker) ScreenSharingAt(asid uint32, at es.Moment) (ScreenSharing, bool) {
	return ScreenSharing{}, false
}

// Become is a sudo or su.
type Become struct {
	Kind     es.Kind
	By       Ref // the sudo or su itself
	At       es.Moment
	Success  bool
	FromUID  uint32 // [es.Unset] unknown
	FromUser string
	ToUID    uint32
	ToUser   string
	Command  string
}

// Becomes appends who became whom on the way to the execution: its own and its ancestors' sudo and su events, nearest first.
func (t *Tracker) Becomes(dst []Become, ref Ref) []Become { return dst }

// UserName is the account name of a user id, as snapshots and login events told it; "" unknown.
func (t *Tracker) UserName(uid uint32) string { return "" }

// Served says how a service was tied to the life that serves it.
type Served uint8

// The ties, by rising strength.
const (
	ServedNone    Served = iota
	ServedByLabel        // its launchd label is the service's name
	ServedByJob          // the snapshot's job of that label offers the service
	ServedCheckIn        // it checked in for the name
	ServedTarget         // a look-up was answered with it
)

// Connection is a client's link to a named service.
type Connection struct {
	Client    Ref    // 0 where only its key is known
	ClientKey es.Key
	Service   string
	Domain    int32     // es_xpc_domain_type_t of a connect; 0 of a look-up
	LookUp    bool      // bootstrap_look_up: asked for, not known to be used
	First     es.Moment // of all
	At        es.Moment // the latest at or before the moment asked for
	Ended     es.Moment // an end exited; zero: open
	Count     uint32
	Served    Served // how the service was tied to the execution asked about
	Instances int32  // live processes that could serve this name; more than one: which one is not known
}

// ClientsOf appends who was connected to the services of the execution's life at the given moment, or had connected or
// looked one up not longer than within before it: newest first, at most [MaxClients].
func (t *Tracker) ClientsOf(dst []Connection, ref Ref, at es.Moment, within time.Duration) []Connection {
	return dst
}

// MaxClients bounds one answer of [Tracker.ClientsOf].
const MaxClients = 64

// ServersOf appends the live executions known to serve a name, oldest first.
func (t *Tracker) ServersOf(dst []Ref, service string) []Ref { return dst }

// Stats is the tracker's balance.
type Stats struct {
	Live, Past    int    // remembered now
	Bytes         int    // counted
	Created       uint64 // executions ever
	Evicted       uint64 // executions forgotten
	EvictedLive   uint64 // of these, not known to have ended
	Conflicts     uint64 // executions with two images under one key
	Reused        uint64 // pids seen to name a second life
	Inferred      uint64 // links, ends and parents that were bridged
	Unseen        uint64 // forks and execs that no message told of, as pidversions show
	Nameless      uint64 // messages that named no process
	AfterExit     uint64 // messages of executions that had exited
	Contradictory uint64 // forks and execs that cannot be (a pid that changes over exec, a process that forks itself)
	Connections   int
	Sessions      int
	Dropped       uint64 // connections, sessions and history entries forgotten
}

// Stats counts.
func (t *Tracker) Stats() Stats { return Stats{} }

// Save writes the tracker's state; [Restore] reads it. A restored tracker answers as the saved one would have.
func (t *Tracker) Save(w *gob.Encoder) error { return nil }

// Restore fills a new tracker from what [Tracker.Save] wrote.
func (t *Tracker) Restore(d *gob.Decoder) error { return nil }
