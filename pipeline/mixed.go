package pipeline

import (
	"ascribe.example/es"
)

// mixed finds streams in which two others alternate, as two recorders make that write to one file. One change is a new boot
// or a new client; going back and forth is not.
type mixed struct {
	tracks  [2]track
	current int
	returns [2]int // to a track that was left: by another launchd, and by other numbers alone
	told    [2]bool
}

// track is where one stream of messages stands.
type track struct {
	began   bool
	launchd es.Time // start time of pid 1; 0 not seen
	seq     uint64
	mach    uint64
}

const (
	// A message continues a track if its number is near: gaps and reordering are no other stream.
	nearSeq = 1 << 16
	// and its mach_time: ten minutes on Apple silicon, 14 s on Intel.
	nearMach = 14_400_000_000
	// enoughReturns is how often a stream must go back and forth before it is told.
	enoughReturns = 3
)

var mixedSays = map[Trouble]string{
	MixedHosts:   "messages of two hosts, or of two boots, alternate in this stream: launchd has two start times; record each host to a file of its own",
	MixedClients: "messages of two clients alternate in this stream: global_seq_num goes back and forth; record each client to a file of its own",
}

// see takes the next message and says what it shows; "" nothing new.
func (x *mixed) see(m *es.Message) Trouble {
	t := &x.tracks[x.current]
	launchd := m.Process.AuditToken.PID == es.LaunchdPID && m.Process.StartTime != 0
	if t.continues(m) && (!launchd || t.launchd == 0 || near(t.launchd, m.Process.StartTime)) {
		t.take(m, launchd)
		return ""
	}
	other := &x.tracks[1-x.current]
	back := other.began && other.continues(m) && (!launchd || other.launchd == 0 || near(other.launchd, m.Process.StartTime))
	x.current = 1 - x.current
	if !back {
		*other = track{}
		other.take(m, launchd)
		return ""
	}
	two := other.launchd != 0 && t.launchd != 0 && !near(other.launchd, t.launchd)
	other.take(m, launchd)
	kind, trouble := 1, MixedClients
	if two {
		kind, trouble = 0, MixedHosts
	}
	if x.returns[kind]++; x.returns[kind] >= enoughReturns && !x.told[kind] {
		x.told[kind] = true
		return trouble
	}
	return ""
}

// continues reports whether m may follow on the track.
func (t *track) continues(m *es.Message) bool {
	if !t.began {
		return true
	}
	return (m.GlobalSeqNum == es.NoSeq || t.seq == es.NoSeq || distance(m.GlobalSeqNum, t.seq) <= nearSeq) &&
		(m.MachTime == 0 || t.mach == 0 || distance(m.MachTime, t.mach) <= nearMach)
}

func (t *track) take(m *es.Message, launchd bool) {
	t.began, t.seq, t.mach = true, m.GlobalSeqNum, m.MachTime
	if launchd {
		t.launchd = m.Process.StartTime
	}
}

func distance(a, b uint64) uint64 {
	if a < b {
		return b - a
	}
	return a - b
}

// near: start times are written with different precision.
func near(a, b es.Time) bool { return distance(uint64(a), uint64(b)) < 1_000_000_000 }
