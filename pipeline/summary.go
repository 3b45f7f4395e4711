package pipeline

import (
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// Summary is what a run read, and what it could not read. It balances: Values = Messages + Control + Unreadable.
type Summary struct {
	Bytes  int64 // read, as stored
	Text   int64 // after decompression
	Values uint64

	Messages   uint64
	Skipped    uint64 // of Messages: left out by [Options.Skip]
	Control    uint64 // control lines
	Unknown    uint64 // of Control: of a later version of the format
	Unreadable uint64 // values, and runs of text between them
	Cut        uint64 // inputs that could not be read to their end

	Hosts    []string // in the order of their engines; "" has no name
	Findings uint64

	// Decoded is what the decoder met: unknown keys, events and versions.
	Decoded eslogger.Stats

	// Diagnostics are the first of what was told; Told is how many there were.
	Diagnostics []Diagnostic
	Told        uint64
}

// Balanced reports whether everything that was read is accounted for.
func (s *Summary) Balanced() bool { return s.Values == s.Messages+s.Control+s.Unreadable }

// Incomplete reports whether part of the input could not be read.
func (s *Summary) Incomplete() bool { return s.Unreadable > 0 || s.Cut > 0 }

// maxDiagnostics is how many diagnostics a summary keeps.
const maxDiagnostics = 100

// Trouble is the kind of a diagnostic.
type Trouble string

// The kinds of diagnostic.
const (
	Unreadable     Trouble = "unreadable"      // a value or text that is no message and no control line
	Cut            Trouble = "cut"             // an input could not be read to its end
	UnknownControl Trouble = "unknown-control" // a control line of a later version; it was passed over
	WrongCount     Trouble = "wrong-count"     // an end line counts other messages than there are
	MixedHosts     Trouble = "mixed-hosts"     // one stream holds two hosts, or two boots of one, that alternate
	MixedClients   Trouble = "mixed-clients"   // one stream holds two clients that alternate
	Overlap        Trouble = "overlap"         // recordings of one host overlap in time and cannot be merged
	Nameless       Trouble = "nameless"        // an input does not say its host, where others do
	ManyHosts      Trouble = "many-hosts"      // more hosts than are followed at a time
	HostAgain      Trouble = "host-again"      // a host comes again after it was ended
)

// Diagnostic is something about the input that its owner should know.
type Diagnostic struct {
	Trouble Trouble
	Input   string // its name
	Offset  int64  // byte of the decompressed input, from 0
	Line    int64  // from 1; 0: it is about the whole input
	Says    string
}

// add adds what another decoder counted.
func add(to *eslogger.Stats, s eslogger.Stats) {
	to.Messages += s.Messages
	to.Errors += s.Errors
	to.Fallbacks += s.Fallbacks
	to.Unnamed += s.Unnamed
	addCounts(&to.UnknownKeys, s.UnknownKeys)
	addCounts(&to.UnknownEvents, s.UnknownEvents)
	addCounts(&to.UnknownVersions, s.UnknownVersions)
	addCounts(&to.Mismatched, s.Mismatched)
}

func addCounts[K comparable](to *map[K]uint64, from map[K]uint64) {
	if *to == nil && len(from) > 0 {
		*to = make(map[K]uint64, len(from))
	}
	for k, n := range from {
		(*to)[k] += n
	}
}

// place is where in an input something stands.
type place struct{ offset, line int64 }

func placeOf(p *recording.Piece) place { return place{p.Offset, p.Line} }
