package es

import "time"

// Time is nanoseconds since 1970 UTC; 0 is unknown.
type Time int64

// Std converts to [time.Time], in UTC.
func (t Time) Std() time.Time { return time.Unix(0, int64(t)).UTC() }

// Sub is the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// Add is the time d after t.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// NoSeq marks a sequence number that the source did not give.
const NoSeq = ^uint64(0)

// Message is one ES event as delivered.
type Message struct {
	Version      int    // message version: 6 on macOS 13 … 11 on macOS 27
	Time         Time   // wall clock; may step
	MachTime     uint64 // mach_absolute_time ticks: monotone within a boot, stops in sleep
	SeqNum       uint64 // per client and event type; [NoSeq] unknown
	GlobalSeqNum uint64 // per client; [NoSeq] unknown
	ThreadID     uint64 // 0 unknown
	Denied       bool   // an authorisation result said no: the operation did not happen
	Process      Process
	Event        Event // never nil

	// Place of the message in its input, for errors and for what has no sequence number: 1-based, 0 unknown.
	Place uint64
}

// Kind is short for m.Event.Kind().
func (m *Message) Kind() Kind { return m.Event.Kind() }

// Moment is where a message stands in one host's ordered stream.
type Moment struct {
	Seq   uint64        // global_seq_num; [NoSeq] unknown
	Time  Time          // wall clock, as the message had it
	Clock time.Duration // event time: monotone within a boot, from mach_time; what settling and bounds are measured in
}
