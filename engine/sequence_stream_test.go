package engine

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"time"

	"ascribe.example/es"
)

// ms is milliseconds of event time.
const ms = time.Millisecond

// t0 is when the streams of these tests begin.
var t0 = es.Time(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano())

// machine makes messages as one Mac would: stamps that agree, pidversions that rise.
type machine struct {
	timebase es.Timebase
	launchd  es.Time
	booted   es.Time // wall time at which mach_time was 0
	place    uint64
}

func newMachine(booted es.Time, t es.Timebase) *machine {
	return &machine{timebase: t, launchd: booted.Add(time.Second), booted: booted}
}

// at makes a message at a wall time.
func (m *machine) at(seq uint64, wall es.Time, pid int32, pidversion uint32) *es.Message {
	m.place++
	p := es.Process{AuditToken: es.AuditToken{PID: pid, PIDVersion: pidversion, AUID: es.Unset}, StartTime: wall}
	if pid == es.LaunchdPID {
		p.StartTime = m.launchd
	}
	return &es.Message{
		Version: 8, Time: wall, MachTime: uint64(wall-m.booted) * uint64(m.timebase.Denom) / uint64(m.timebase.Numer),
		SeqNum: es.NoSeq, GlobalSeqNum: seq, ThreadID: uint64(pid), Process: p, Place: m.place,
		Event: &es.Write{Target: es.File{Path: fmt.Sprintf("/f%d", m.place)}},
	}
}

// told writes down all that a sequencer says.
type told struct {
	log    []string
	places []uint64
	clock  time.Duration
	back   bool // the clock went back
}

func (t *told) say(format string, a ...any) { t.log = append(t.log, fmt.Sprintf(format, a...)) }

func (t *told) tick(at es.Moment) {
	t.back = t.back || at.Clock < t.clock
	t.clock = at.Clock
}

func (t *told) message(m *es.Message, at es.Moment, late bool) {
	t.tick(at)
	t.places = append(t.places, m.Place)
	if late {
		t.say("late %s %d/%d", seqName(at.Seq), m.MachTime, m.Process.AuditToken.PIDVersion)
		return
	}
	t.say("message %s %d/%d at %v", seqName(at.Seq), m.MachTime, m.Process.AuditToken.PIDVersion, at.Clock)
}

func (t *told) gap(from, to es.Moment, missing uint64, why string) {
	t.tick(to)
	t.say("gap %s %v to %s %v: %d %s", seqName(from.Seq), from.Clock, seqName(to.Seq), to.Clock, missing, why)
}

func (t *told) boot(n uint32, id string)         { t.say("boot %d %q", n, id) }
func (t *told) client(n int, first uint64)       { t.say("client %d from %s", n, seqName(first)) }
func (t *told) conflict(k string, m *es.Message) { t.say("conflict %s %s", k, seqName(m.GlobalSeqNum)) }
func (t *told) watermark(at es.Moment)           { t.tick(at); t.say("watermark %v", at.Clock) }

func seqName(n uint64) string {
	if n == es.NoSeq {
		return "-"
	}
	return fmt.Sprint(n)
}

// reborn is the sequencer as it is after a save and a restore.
func reborn(t interface{ Fatal(...any) }, s *sequencer) *sequencer {
	var b bytes.Buffer
	if err := s.Save(gob.NewEncoder(&b)); err != nil {
		t.Fatal(err)
	}
	r := newSequencer(s.limits, s.out)
	if err := r.Restore(gob.NewDecoder(&b)); err != nil {
		t.Fatal(err)
	}
	return r
}

// run feeds messages to a new sequencer and drains it.
func run(msgs []*es.Message) (*told, *sequencer) {
	out := &told{}
	s := newSequencer(limits{}, out)
	for _, m := range msgs {
		s.Add(m)
	}
	s.Drain()
	return out, s
}

// seqs lists, for each message handed on, its number, with a star if it was late.
func (t *told) seqs() string {
	var b bytes.Buffer
	for _, l := range t.log {
		var n string
		if _, err := fmt.Sscanf(l, "message %s", &n); err == nil {
			fmt.Fprintf(&b, "%s ", n)
		} else if _, err := fmt.Sscanf(l, "late %s", &n); err == nil {
			fmt.Fprintf(&b, "%s* ", n)
		} else {
			var w string
			fmt.Sscanf(l, "%s", &w)
			if w != "client" && w != "boot" || l != "boot 1 \"\"" && l != "client 1 from 0" {
				fmt.Fprintf(&b, "[%s] ", l)
			}
		}
	}
	return string(bytes.TrimSpace(b.Bytes()))
}
