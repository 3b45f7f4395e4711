package engine

import (
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/lineage"
	"ascribe.example/operation"
)

// Summary is what an engine counted. Its parts balance: Messages = the sum of Kinds + Duplicates + Held, and every
// path-changing message is in the ledger.
type Summary struct {
	Messages   uint64 // taken by Add, without Own
	Own        uint64 // of ascribe itself, left out
	Duplicates uint64 // recorded twice, counted once
	Late       uint64 // came after their place was given up
	Held       uint64 // still waiting for a hole to fill
	Gaps       uint64
	Missing    uint64 // numbers that never came
	Facts      uint64
	Kinds      [es.KindCount]uint64

	Findings   uint64
	Operations uint64
	Events     uint64
	Processes  uint64

	Boots   uint64
	Clients uint64

	// First is the number of the first message of the newest client: more than 0 where the recording began late.
	First          uint64
	LateStart      bool
	Recorded       es.Kinds        // kinds that the stream carries, as far as it said or showed
	Declared       bool            // it said so
	Conflicts      uint64          // messages that cannot be right together with others
	Contradictions []Contradiction // the first of each kind and client, up to mostContradictions

	Ledger  operation.Ledger
	Lineage lineage.Stats
	Files   files.Stats
	Drafts  operation.Drafts
}

const mostContradictions = 64

// Contradiction is a message that cannot be right together with others.
type Contradiction struct {
	Kind  string // number, order, clients, hosts, time
	Place uint64
	Seq   uint64
}

func (s *Summary) count(k es.Kind) { s.Kinds[k]++ }

// Summary counts what was done so far.
func (e *Engine) Summary() Summary {
	s := e.Counts
	c := &e.sequence.counts
	s.Messages, s.Duplicates, s.Late = c.In-e.Counts.Own, c.Duplicates, c.Late
	s.Held, s.Conflicts = uint64(e.sequence.held()), c.Conflicts
	s.Boots, s.Clients = c.Boots, c.Clients
	s.First, s.LateStart = e.FirstSeq, e.LateStart
	s.Recorded, s.Declared = e.Recorded, e.Declared
	s.Ledger = e.ops.Balance()
	s.Lineage = e.lineage.Stats()
	s.Files = e.files.Stats()
	s.Drafts = e.ops.Open()
	return s
}

// Balanced reports whether every message and every path-changing message is accounted for.
func (s *Summary) Balanced() bool {
	sum := s.Duplicates + s.Held
	for _, n := range s.Kinds {
		sum += n
	}
	return sum == s.Messages && s.Ledger.Balanced()
}
