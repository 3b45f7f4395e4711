package rules

import (
	"fmt"
	"slices"

	"ascribe.example/finding"
	"ascribe.example/query"
)

// Set is rules in an order. It belongs to one goroutine: rules with Many remember what they counted.
type Set struct {
	rules   []*Rule
	byName  map[string]*Rule
	likely  map[sort][]*Rule
	matches []finding.Match
	faults  map[string]error
	Matched [len(severities)]uint64 // matches by severity, as [finding.Severities]
}

var severities = [...]finding.Severity{finding.Info, finding.Low, finding.Medium, finding.High, finding.Critical}

// sort is what most rules are passed over by.
type sort struct {
	kind   finding.Kind
	action finding.Action
	class  finding.Class
}

// Rules are all rules, in their order.
func (s *Set) Rules() []*Rule { return s.rules }

func (s *Set) add(r *Rule) error {
	if o := s.byName[r.Name]; o != nil {
		return fmt.Errorf("there is a rule %q already, in %s, line %d", r.Name, o.File, o.Line)
	}
	if s.byName == nil {
		s.byName, s.likely, s.faults = map[string]*Rule{}, map[sort][]*Rule{}, map[string]error{}
		s.matches = []finding.Match{}
	}
	s.byName[r.Name] = r
	s.rules = append(s.rules, r)
	return nil
}

// Mark says in a finding which rules hold of it. What it says is good until the next call.
func (s *Set) Mark(f *finding.Finding) {
	clear(s.matches)
	s.matches = s.matches[:0]
	f.Rules = nil // a condition that asks for rules must not see those of another finding
	for _, r := range s.candidates(f) {
		if !r.want.Has(f) {
			continue
		}
		ok, err := r.filter.Evaluate(f)
		if err != nil && s.faults[r.Name] == nil {
			s.faults[r.Name] = err
		}
		if !ok || r.Many > 0 && !r.reached(f) {
			continue
		}
		s.matches = append(s.matches, finding.Match{Name: r.Name, Severity: r.Severity, Message: r.say(f), Tags: r.Tags})
		s.Matched[slices.Index(severities[:], r.Severity)]++
	}
	f.Rules = s.matches
}

// candidates are the rules whose condition may hold of findings of this sort.
func (s *Set) candidates(f *finding.Finding) []*Rule {
	k := sort{kind: f.Kind, action: f.Action}
	if f.Initiator != nil {
		k.class = f.Initiator.Class
		if k.class == "" {
			k.class = finding.ClassUnknown
		}
	}
	l, ok := s.likely[k]
	if !ok && s.likely != nil {
		for _, r := range s.rules {
			if w := r.filter.Want(); w.Kinds.Has(k.kind) && w.Actions.Has(k.action) && w.Classes.Has(k.class) {
				l = append(l, r)
			}
		}
		const most = 4096 // findings of a contract have fewer sorts
		if len(s.likely) < most {
			k.action, k.kind, k.class = finding.Action([]byte(k.action)), finding.Kind([]byte(k.kind)), finding.Class([]byte(k.class))
			s.likely[k] = l
		}
	}
	return l
}

// Faults are the rules whose condition itself failed, on the first such finding.
func (s *Set) Faults() []error {
	var l []error
	for _, r := range s.rules {
		if err := s.faults[r.Name]; err != nil {
			l = append(l, fmt.Errorf("%s, line %d: rule %s: %w", r.File, r.Line, r.Name, err))
		}
	}
	return l
}

// rest is what of a want is not in the sort.
func rest(w query.Want) query.Want {
	return query.Want{Users: w.Users, Paths: w.Paths, ID: w.ID, From: w.From, To: w.To}
}
