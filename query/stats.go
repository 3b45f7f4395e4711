package query

import (
	"cmp"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Stats is what findings are in numbers.
type Stats struct {
	First, Last es.Time // of what has a time
	Kinds       map[finding.Kind]uint64
	Actions     map[finding.Action]uint64
	Classes     map[finding.Class]uint64 // of operations; "none" is no initiator
	Hosts       map[string]uint64
	Volumes     map[finding.VolumeKind]uint64 // of what operations acted on
	Caveats     map[finding.Caveat]uint64
	Severities  map[finding.Severity]uint64 // of matches of rules
	Levels      map[finding.Role]*[4]uint64 // of operations, by certainty
	Missing     uint64                      // messages that gaps count
	Operations  Count
}

// NewStats has counted nothing.
func NewStats() *Stats {
	s := &Stats{
		Kinds: map[finding.Kind]uint64{}, Actions: map[finding.Action]uint64{}, Classes: map[finding.Class]uint64{},
		Hosts: map[string]uint64{}, Volumes: map[finding.VolumeKind]uint64{}, Caveats: map[finding.Caveat]uint64{},
		Severities: map[finding.Severity]uint64{}, Levels: map[finding.Role]*[4]uint64{},
	}
	for _, r := range finding.Roles {
		s.Levels[r] = new([4]uint64)
	}
	return s
}

// Add counts a finding.
func (s *Stats) Add(f *finding.Finding) {
	s.Kinds[f.Kind]++
	if _, ok := s.Hosts[f.Host]; ok {
		s.Hosts[f.Host]++
	} else {
		s.Hosts[strings.Clone(f.Host)] = 1
	}
	if f.Time != 0 && (s.First == 0 || f.Time < s.First) {
		s.First = f.Time
	}
	s.Last = max(s.Last, f.Time, f.EndTime)
	for i := range f.Rules {
		s.Severities[f.Rules[i].Severity]++
	}
	if f.Gap != nil {
		s.Missing += f.Gap.Missing
	}
	if f.Kind != finding.KindOperation {
		return
	}
	files, size := filesOf(f)
	s.Operations.add(f, files, size)
	s.Actions[f.Action]++
	class := finding.Class("none")
	if f.Initiator != nil {
		class = cmp.Or(f.Initiator.Class, finding.ClassUnknown)
	}
	s.Classes[class]++
	if f.Object != nil && f.Object.Volume != nil {
		s.Volumes[f.Object.Volume.Kind]++
	}
	for _, c := range f.Caveats {
		s.Caveats[c]++
	}
	for _, r := range finding.Roles {
		s.Levels[r][f.Certainty.Of(r)&3]++
	}
}
