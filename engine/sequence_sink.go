package engine

import (
	"time"

	"ascribe.example/es"
)

// limits bound what a sequencer waits for and keeps.
type limits struct {
	window    time.Duration // how much event time a hole is waited for
	held      int           // how many messages a hole is waited for; also how many are held at most
	heldBytes int           // about how much memory held messages may take; above it holes are given up early
}

// defaultLimits is the reorder window of the design, and room for 4,096 ordinary messages of a few KiB.
var defaultLimits = limits{window: 200 * time.Millisecond, held: 4096, heldBytes: 24 << 20}

// The reasons of gaps that a sequencer tells.
const (
	gapLost    = "lost"    // numbers are missing
	gapRestart = "restart" // another client took over; what happened between the two is not known
)

// conflict is a contradiction between messages: none of them is dropped, but one of them is wrong.
type conflict uint8

const (
	conflictNumber  conflict = iota // two messages have one number
	conflictOrder                   // number and mach_time disagree about the order
	conflictClients                 // two clients' messages are mixed
	conflictHosts                   // two hosts', or two boots', messages are mixed
	conflictTime                    // mach_time leapt, or fell without another sign of a new boot
)

func (c conflict) String() string {
	return [...]string{"number", "order", "clients", "hosts", "time"}[c]
}

// sink takes what a sequencer hands on. Messages belong to it only during the call.
type sink interface {
	// message is the next message in order, or, if late, one whose place was given up or contradicts what was said.
	message(m *es.Message, at es.Moment, late bool)
	// gap comes before the first message after the gap. missing is exact for gapLost, 0 (not known) for gapRestart.
	gap(from, to es.Moment, missing uint64, why string)
	// boot begins boot n, counted from 1. It is told again, with the same n, when a boot's id becomes known later.
	boot(n uint32, id string)
	// client begins the host's n-th client, counted from 1, whose first number is first: 0 when it was seen from its
	// start, more when the recording began late, es.NoSeq when its messages have no numbers. It is told again, with the
	// same n, when overlapping recordings return to a client.
	client(n int, first uint64)
	// watermark moves the clock without a message. at.Seq is es.NoSeq.
	watermark(at es.Moment)
	// conflict tells a contradiction, each kind once a client (conflictHosts once), just before the message that shows it.
	conflict(kind string, m *es.Message)
}

// sequenceCounts is a sequencer's part of the summary. In = Out + Duplicates + what is held.
type sequenceCounts struct {
	In         uint64
	Out        uint64
	Duplicates uint64 // recorded twice, counted once
	Late       uint64 // of Out: handed on after their place was given up, or in contradiction
	Held       uint64 // had to wait
	Gaps       uint64
	Missing    uint64 // numbers that had not come when their hole was given up; Late may hold some of them
	Conflicts  uint64
	Unsure     uint64 // of Late: could have been duplicates, but what would tell had been forgotten
	Forgotten  uint64 // holes that are no longer remembered
	Early      uint64 // holes that were given up for lack of memory
	Boots      uint64
	Clients    uint64
}
