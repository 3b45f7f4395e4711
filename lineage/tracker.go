package lineage

import (
	"iter"
	"slices"
	"time"

	"ascribe.example/es"
)

// Limits bound what a tracker remembers. Zero fields mean the defaults, which hold several times what a Mac can run
// (kern.maxproc lies between 2,000 and 16,000).
type Limits struct {
	Live        int           // executions that have not ended; default 32,768
	Past        int           // executions that have; default 16,384
	Bytes       int           // counted bytes of executions with their strings (not heap size); default 40 MiB
	Connections int           // default 16,384
	Sessions    int           // default 2,048
	Tombstone   time.Duration // event time for which an ended execution stays even if nothing refers to it; default and least 5 s
}

// withDefaults fills in what is not set; the least values keep one message's own parties from evicting one another.
func (l Limits) withDefaults() Limits {
	pick := func(v, def, least int) int {
		if v == 0 {
			return def
		}
		return max(v, least)
	}
	l.Live = pick(l.Live, 32768, 16)
	l.Past = pick(l.Past, 16384, 16)
	l.Bytes = pick(l.Bytes, 40<<20, 64<<10)
	l.Connections = pick(l.Connections, 16384, 16)
	l.Sessions = pick(l.Sessions, 2048, 16)
	l.Tombstone = max(l.Tombstone, 5*time.Second)
	return l
}

// Tracker is the lineage of one host. It is fed in order and has no clock, no goroutine and no I/O. It is not safe for
// use by several goroutines at once.
type Tracker struct {
	limits Limits
	boot   uint32
	now    es.Moment // the newest moment fed in this boot
	turn   uint64    // feedings so far
	told   uint64    // see Told
	kinds  es.Kinds  // kinds the stream is known to carry

	slots    slots
	refs     refTable
	keys     map[es.Key]int32
	pids     map[pidKey]int32 // newest execution under a pid
	recent   recent
	next     Ref
	nextLife LifeID
	fresh    Ref // the execution that began the newest life, while its message is read
	live     int
	past     int
	bytes    int
	strings  interner
	stats    Stats

	forgotten forgotten
	holes     holes
	gaps      []gap

	sessions  []session
	sessionIx map[sessionKey]int32
	logins    []remoteLogin
	loginIx   map[LifeID]int32
	screens   []screen
	sharing   []ScreenSharing
	users     map[uint32]string
	links     []link
	linkIx    map[linkKey]int32
	services  map[string]*service
	labels    map[string][]Ref // live lives by launchd label
	jobs      map[string][]string
	jobsOf    map[string][]string
	jobNames  int
	foreign   []Responsibility // scratch of ResponsibleAt
	found     []Connection     // scratch of ClientsOf
	names     []tie            // scratch of ClientsOf
	scratch   scratch
	news      news
}

// New makes a tracker; it stands in boot 1 until [Tracker.NewBoot].
func New(l Limits) *Tracker {
	return &Tracker{
		limits:    l.withDefaults(),
		told:      1,
		boot:      1,
		keys:      make(map[es.Key]int32),
		pids:      make(map[pidKey]int32),
		sessionIx: make(map[sessionKey]int32),
		loginIx:   make(map[LifeID]int32),
		users:     make(map[uint32]string),
		linkIx:    make(map[linkKey]int32),
		services:  make(map[string]*service),
		labels:    make(map[string][]Ref),
		jobs:      make(map[string][]string),
		jobsOf:    make(map[string][]string),
	}
}

// NewBoot says that what comes next is of boot n: every execution of the boot before has ended.
func (t *Tracker) NewBoot(n uint32) {
	if n == t.boot {
		return
	}
	t.told++
	for i := int32(1); i <= t.slots.top; i++ {
		if s := t.slots.at(i); s.e.Ref != 0 && s.e.Alive() {
			t.end(s, s.e.Last, OriginInferred, true)
		}
	}
	t.endSessions()
	t.boot, t.now = n, es.Moment{}
	t.holes, t.gaps = holes{}, nil
}

// Boot is the current boot's number.
func (t *Tracker) Boot() uint32 { return t.boot }

// Watch says that the stream is known to carry the given kinds, beyond those that it has shown. Only where exits are told
// does silence mean that a process lives.
func (t *Tracker) Watch(ks es.Kinds) {
	t.told++
	t.kinds = t.kinds.Union(ks)
}

// Find is the execution with the given key; 0 unknown.
func (t *Tracker) Find(key es.Key) Ref {
	if i := t.lookup(key); i != 0 {
		return t.slots.at(i).e.Ref
	}
	return 0
}

// ByToken is the execution that a token of the current boot names; 0 unknown.
func (t *Tracker) ByToken(tok es.AuditToken) Ref {
	if tok.IsZero() {
		return 0
	}
	return t.Find(tok.Key(t.boot))
}

// ByPID is the execution that was alive under a bare pid at the given wall-clock time, where one such is known; else 0.
// Pids are reused: a process that started later, or was seen to exit earlier, is not it.
func (t *Tracker) ByPID(pid int32, at es.Time) Ref {
	i := t.pids[pidKey{t.boot, pid}]
	for n := 0; i != 0 && n < MaxSteps; n++ {
		e := &t.slots.at(i).e
		switch {
		case e.Start != 0 && e.Start > at, e.Begin.Time > at:
			i = t.slots.at(i).older
		case e.Exited && e.End.Time < at:
			return 0
		default:
			return e.Ref
		}
	}
	return 0
}

// At is the execution of a handle; nil for 0 and for what was forgotten. Good until the tracker is fed again.
func (t *Tracker) At(ref Ref) *Execution {
	if i := t.refs.get(ref); i != 0 {
		return &t.slots.at(i).e
	}
	return nil
}

// Executions are the remembered executions, in order of first sight.
func (t *Tracker) Executions() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for _, r := range t.inOrder() {
			if !yield(r) {
				return
			}
		}
	}
}

func (t *Tracker) inOrder() []Ref {
	refs := make([]Ref, 0, len(t.keys))
	for i := int32(1); i <= t.slots.top; i++ {
		if r := t.slots.at(i).e.Ref; r != 0 {
			refs = append(refs, r)
		}
	}
	slices.Sort(refs)
	return refs
}

// Retain keeps an execution from eviction while a draft refers to it; [Tracker.Release] undoes it. Both count.
func (t *Tracker) Retain(ref Ref) {
	if s := t.slotOf(ref); s != nil {
		s.retained++
	}
}

// Release undoes one [Tracker.Retain].
func (t *Tracker) Release(ref Ref) {
	if s := t.slotOf(ref); s != nil && s.retained > 0 {
		s.retained--
	}
}

// Stats is the tracker's balance.
type Stats struct {
	Live, Past    int    // remembered now
	Bytes         int    // counted
	Most          int    // of them at a time, so far
	Held          int    // more of them there may not be, since others took the room; 0 that is not so
	Connections   int    // remembered now
	Sessions      int    // remembered now
	Created       uint64 // executions ever
	Evicted       uint64 // executions forgotten
	EvictedLive   uint64 // of these, not known to have ended
	Conflicts     uint64 // executions with two images under one key
	Reused        uint64 // pids seen to name a second life
	Inferred      uint64 // links, ends and parents that were bridged
	Unseen        uint64 // forks and execs that no message told of, as pidversions show
	Nameless      uint64 // messages and snapshot entries that named no process
	Late          uint64 // messages that came after their place was given up
	AfterExit     uint64 // messages of processes that had exited
	Contradictory uint64 // forks, execs and exits that cannot be: a pid that changes over exec, a process that forks itself
	Dropped       uint64 // connections, sessions and history entries forgotten
}

// Stats counts.
func (t *Tracker) Stats() Stats {
	st := t.stats
	st.Live, st.Past, st.Bytes = t.live, t.past, t.bytes
	st.Connections, st.Sessions = len(t.linkIx), len(t.sessions)
	st.Unseen = t.holes.total()
	return st
}
