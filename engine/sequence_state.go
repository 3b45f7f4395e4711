package engine

import (
	"encoding/gob"
	"errors"
	"time"

	"ascribe.example/es"
)

// sequenceState is a sequencer as plain data.
type sequenceState struct {
	Clock      clockState
	Boot       uint32
	BootID     string
	Launchd    es.Time
	Earlier    []es.Time
	PIDVersion uint32
	Lines      []lineState // the current one, then the past ones
	Newcomers  []newcomersState
	Last       es.Moment
	Waited     time.Duration
	Pending    watermark
	Told       uint8
	Odd        []passage
	Counts     sequenceCounts
}

type lineState struct {
	Boot                  uint32
	N                     int
	Client                string
	Numbered, Began       bool
	Restarted             bool
	First, Next           uint64
	Origin, Front, Newest stampState
	Held                  []heldState
	Holes                 []hole
	Floor                 uint64
	At                    []uint16 // of each passage, its slot in the ring
	Ring                  []passage
	HasRing               bool
	Marks                 []mark
	Every, Due            uint64
	Kinds                 []uint64
	Came                  uint64
}

type newcomersState struct {
	Why                   stranger
	Numbered              bool
	Held                  []heldState
	Least, Newest, Opened stampState
	Low, High             uint64
	Launchd               es.Time
	PIDVersion            uint32
}

// heldState is a message that waits. It is written field by field and not as JSON: paths that are not UTF-8, and fields
// that a message's version does not have, must come back as they were.
type heldState struct {
	Message es.Message
	// What gob cannot say: slices that are empty but known, and an event without fields.
	NoArgs, NoEnv, NoFDs, NoRaw bool
	CSInvalidated               bool
}

func init() {
	for _, e := range []es.Event{
		&es.Fork{}, &es.Exec{}, &es.Exit{}, &es.Signal{}, &es.GetTask{}, &es.RemoteThreadCreate{}, &es.Trace{}, &es.SetID{}, &es.Open{},
		&es.Close{}, &es.Create{}, &es.Write{}, &es.Truncate{}, &es.MMap{}, &es.Rename{}, &es.Unlink{}, &es.Link{},
		&es.Clone{}, &es.Copyfile{}, &es.ExchangeData{}, &es.ExtAttr{}, &es.SetMode{}, &es.SetOwner{}, &es.SetFlags{},
		&es.SetACL{}, &es.UTimes{}, &es.Mount{}, &es.XPCConnect{}, &es.BootstrapLookUp{}, &es.BootstrapCheckIn{},
		&es.UIPCConnect{}, &es.Session{}, &es.Authentication{}, &es.Become{}, &es.FileProviderMaterialize{},
		&es.FileProviderUpdate{}, &es.BTMLaunchItemAdd{}, &es.TCCModify{}, &es.GatekeeperUserOverride{}, &es.Other{},
	} {
		gob.Register(e)
	}
}

func (h *heldMessages) save() []heldState {
	l := make([]heldState, len(h.list))
	for i, m := range h.list {
		l[i].Message = *m
		switch e := m.Event.(type) {
		case *es.Exec:
			l[i].NoArgs = e.Args != nil && len(e.Args) == 0
			l[i].NoEnv = e.Env != nil && len(e.Env) == 0
			l[i].NoFDs = e.FDs != nil && len(e.FDs) == 0
		case *es.Other:
			l[i].NoRaw = e.Raw != nil && len(e.Raw) == 0
		case *es.CSInvalidated:
			l[i].Message.Event, l[i].CSInvalidated = nil, true
		}
	}
	return l
}

var errHeld = errors.New("restore the sequence: a held message has no event: the state is damaged, begin without it")

func (h *heldMessages) restore(l []heldState) error {
	*h = heldMessages{}
	for i := range l {
		m := &l[i].Message
		switch e := m.Event.(type) {
		case nil:
			if !l[i].CSInvalidated {
				return errHeld
			}
			m.Event = &es.CSInvalidated{}
		case *es.Exec:
			if l[i].NoArgs {
				e.Args = []string{}
			}
			if l[i].NoEnv {
				e.Env = []string{}
			}
			if l[i].NoFDs {
				e.FDs = []es.FD{}
			}
		case *es.Other:
			if l[i].NoRaw {
				e.Raw = []byte{}
			}
		}
		h.list = append(h.list, m)
		h.bytes += sizeOf(m)
	}
	return nil
}

func (l *line) save() lineState {
	st := lineState{
		Boot: l.boot, N: l.n, Client: l.client, Numbered: l.numbered, Began: l.began, Restarted: l.restarted,
		First: l.first, Next: l.next, Origin: stamp(l.origin), Front: stamp(l.front), Newest: stamp(l.newest),
		Held: l.held.save(), Holes: l.holes, Floor: l.floor, HasRing: l.ring != nil,
		Marks: l.marks, Every: l.every, Due: l.due, Came: l.came, Kinds: l.kinds[:],
	}
	for i, p := range l.ring {
		if p.Seq != es.NoSeq {
			st.At = append(st.At, uint16(i))
			st.Ring = append(st.Ring, p)
		}
	}
	return st
}

func (st *lineState) restore() (*line, error) {
	l := &line{
		boot: st.Boot, n: st.N, client: st.Client, numbered: st.Numbered, began: st.Began, restarted: st.Restarted,
		first: st.First, next: st.Next, origin: st.Origin.point(), front: st.Front.point(), newest: st.Newest.point(),
		came: st.Came, holes: st.Holes, floor: st.Floor, marks: st.Marks, every: st.Every, due: st.Due,
	}
	copy(l.kinds[:], st.Kinds)
	if st.HasRing || l.began {
		l.ring = newRing()
		if !l.numbered {
			l.prints = make(map[uint64]struct{}, ringSize)
		}
		for i, at := range st.At {
			if int(at) < ringSize && i < len(st.Ring) {
				l.ring[at] = st.Ring[i]
				if l.prints != nil {
					l.prints[st.Ring[i].Seq] = struct{}{}
				}
			}
		}
	}
	return l, l.held.restore(st.Held)
}

// Save writes the sequencer's state, held messages included. Its limits and its sink are not part of it.
func (s *sequencer) Save(w *gob.Encoder) error {
	st := sequenceState{
		Clock: s.clock.clockState, Boot: s.boot, BootID: s.bootID, Launchd: s.launchd, Earlier: s.earlier,
		PIDVersion: s.pidversion, Lines: []lineState{s.line.save()}, Last: s.last, Waited: s.waited,
		Pending: s.pending, Told: s.told, Odd: s.odd, Counts: s.counts,
	}
	for _, l := range s.past {
		st.Lines = append(st.Lines, l.save())
	}
	if g := s.newcomers; g != nil {
		st.Newcomers = []newcomersState{{
			Why: g.why, Numbered: g.numbered, Held: g.held.save(), Least: stamp(g.least), Newest: stamp(g.newest),
			Opened: stamp(g.opened), Low: g.low, High: g.high, Launchd: g.launchd, PIDVersion: g.pidversion,
		}}
	}
	return w.Encode(&st)
}

// Restore reads what Save wrote, into a sequencer with the same limits.
func (s *sequencer) Restore(d *gob.Decoder) error {
	var st sequenceState
	if err := d.Decode(&st); err != nil {
		return err
	}
	r := newSequencer(s.limits, s.out)
	r.clock.clockState = st.Clock
	r.boot, r.bootID, r.launchd, r.earlier, r.pidversion = st.Boot, st.BootID, st.Launchd, st.Earlier, st.PIDVersion
	r.last, r.pending, r.told, r.odd, r.counts = st.Last, st.Pending, st.Told, st.Odd, st.Counts
	r.waited = st.Waited
	for i := range st.Lines {
		l, err := st.Lines[i].restore()
		if err != nil {
			return err
		}
		if i == 0 {
			r.line = l
		} else {
			r.past = append(r.past, l)
		}
	}
	if len(st.Newcomers) > 0 {
		n := &st.Newcomers[0]
		g := &newcomers{
			why: n.Why, numbered: n.Numbered, least: n.Least.point(), newest: n.Newest.point(), opened: n.Opened.point(),
			low: n.Low, high: n.High, launchd: n.Launchd, pidversion: n.PIDVersion,
		}
		if err := g.held.restore(n.Held); err != nil {
			return err
		}
		if len(g.held.list) == 0 {
			return errHeld
		}
		r.newcomers = g
	}
	*s = *r
	return nil
}
