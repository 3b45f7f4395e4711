package score

import (
	"slices"

	"ascribe.example/finding"
)

// Board counts answers over recordings.
type Board struct {
	Tool   string // whose answers
	sheets []*sheet
}

// sheet is what came of one recording.
type sheet struct {
	truth   *Truth                       // without its operations
	reached Count                        // operations that some answer speaks of
	whole   Count                        // operations that are told wholly and rightly
	found   Count                        // answers with an action: those that are right
	roles   [4]struct{ right, of Count } // of operations, by their answer; index: finding.Roles
	levels  [4][4]Count                  // of answers, by role and level
	actions map[string]*actionCount
	wrong   int // answers that say certain and are not so, of noise too
}

type actionCount struct{ told, found Count }

// Add judges the answers that a tool gave for one recording.
func (b *Board) Add(t *Truth, answers []Answer) {
	about := *t
	about.Operations, about.at = nil, nil
	s := &sheet{truth: &about, actions: map[string]*actionCount{}}
	of := make([][]*Answer, len(t.Operations))
	for i := range answers {
		a := &answers[i]
		at := t.Of(a)
		o := (*Operation)(nil)
		if at >= 0 {
			o = &t.Operations[at]
			s.wrong += len(o.Mistakes(a, finding.Certain))
			of[at] = append(of[at], a)
		} else if a.Leveled && a.Action != "" && a.Levels.Action == finding.Certain {
			s.wrong++ // certain of an operation that was none
		}
		if o == nil || !o.Noise {
			s.answer(a, o)
		}
	}
	for i := range t.Operations {
		if o := &t.Operations[i]; o.Due() {
			s.operation(o, of[i])
		}
	}
	b.sheets = append(b.sheets, s)
}

// answer counts one answer; o is what it speaks of, nil if that is no operation.
func (s *sheet) answer(a *Answer, o *Operation) {
	if a.answered(finding.RoleAction) {
		right := o != nil && a.right(finding.RoleAction, o)
		s.found.add(right)
		s.of(a.Action).found.add(right)
		if a.Leveled {
			s.levels[0][a.Levels.Action].add(right)
		}
	}
	if o == nil || !a.Leveled {
		return
	}
	for i, r := range finding.Roles[1:] {
		if a.answered(r) {
			s.levels[i+1][a.Levels.Of(r)].add(a.right(r, o))
		}
	}
}

// operation counts one operation; the answers are those that speak of it.
func (s *sheet) operation(o *Operation, answers []*Answer) {
	s.reached.add(slices.ContainsFunc(answers, func(a *Answer) bool { return a.answered(finding.RoleAction) }))
	whole := o.whole(answers)
	s.whole.add(whole)
	s.of(o.Action).told.add(whole)
	main := mainOf(o, answers)
	for i, r := range finding.Roles {
		c := &s.roles[i]
		answered := main != nil && main.answered(r)
		right := answered && main.right(r, o)
		if r == finding.RoleAction && whole {
			right = true
		}
		if answered || !o.nobody(r) {
			c.of.add(answered)
		}
		if answered {
			c.right.add(right)
		}
	}
}

// mainOf is the answer that an operation is judged by: one that names an action before one that does not, the one with most
// of its messages, of several the last.
func mainOf(o *Operation, answers []*Answer) *Answer {
	var best *Answer
	most := -1
	for _, a := range answers {
		n := 0
		for _, g := range a.Events {
			n += shared(o.Events, g)
		}
		if a.Action != "" {
			n += 1 << 30
		}
		if n >= most {
			best, most = a, n
		}
	}
	return best
}

// shared is how many numbers of g are among the ranges.
func shared(ranges []Range, g Range) int {
	n := 0
	for _, r := range ranges {
		if lo, hi := max(r[0], g[0]), min(r[1], g[1]); lo <= hi {
			n += int(hi - lo + 1)
		}
	}
	return n
}

func (s *sheet) of(action string) *actionCount {
	c := s.actions[action]
	if c == nil {
		c = &actionCount{}
		s.actions[action] = c
	}
	return c
}

func (c *Count) add(right bool) {
	c.Of++
	if right {
		c.Right++
	}
}

// Leveled reports whether any answer said how sure it is.
func (b *Board) Leveled() bool {
	return slices.ContainsFunc(b.sheets, func(s *sheet) bool {
		for _, l := range s.levels {
			for _, n := range l {
				if n.Of > 0 {
					return true
				}
			}
		}
		return false
	})
}

// Only is the board of those recordings for which keep holds.
func (b *Board) Only(keep func(*Truth) bool) *Board {
	c := &Board{Tool: b.Tool}
	for _, s := range b.sheets {
		if keep(s.truth) {
			c.sheets = append(c.sheets, s)
		}
	}
	return c
}

// Recordings is how many were judged.
func (b *Board) Recordings() int { return len(b.sheets) }

// Operations is how many an answer was due for.
func (b *Board) Operations() int { return b.share(func(s *sheet) Count { return s.whole }).Of }

func (b *Board) share(f func(*sheet) Count) Share {
	counts := make([]Count, len(b.sheets))
	for i, s := range b.sheets {
		counts[i] = f(s)
	}
	return ShareOf(counts)
}

// Precision is the share of right answers among those given: for the action among all that name one, operations or not; for
// a role among the operations for which it is answered.
func (b *Board) Precision(r finding.Role) Share {
	if r == finding.RoleAction {
		return b.share(func(s *sheet) Count { return s.found })
	}
	i := slices.Index(finding.Roles, r)
	return b.share(func(s *sheet) Count { return s.roles[i].right })
}

// Recall is the share of operations that are rightly answered.
func (b *Board) Recall(r finding.Role) Share {
	if r == finding.RoleAction {
		return b.share(func(s *sheet) Count { return s.whole })
	}
	i := slices.Index(finding.Roles, r)
	return b.share(func(s *sheet) Count { return Count{s.roles[i].right.Right, s.roles[i].of.Of} })
}

// Coverage is the share of operations that are answered, rightly or not.
func (b *Board) Coverage(r finding.Role) Share {
	if r == finding.RoleAction {
		return b.share(func(s *sheet) Count { return s.reached })
	}
	i := slices.Index(finding.Roles, r)
	return b.share(func(s *sheet) Count { return s.roles[i].of })
}

// Level is how often a role's answers at a level are right.
func (b *Board) Level(r finding.Role, c finding.Certainty) Share {
	i := slices.Index(finding.Roles, r)
	return b.share(func(s *sheet) Count { return s.levels[i][c] })
}

// WrongCertain is how many answers say certain and are not so, those about noise among them.
func (b *Board) WrongCertain() int {
	n := 0
	for _, s := range b.sheets {
		n += s.wrong
	}
	return n
}

// Action is how an action fares: the share of its operations that are told, and the share of answers with it that are right.
func (b *Board) Action(word finding.Action) (recall, precision Share) {
	get := func(f func(*actionCount) Count) Share {
		return b.share(func(s *sheet) Count {
			if c := s.actions[string(word)]; c != nil {
				return f(c)
			}
			return Count{}
		})
	}
	return get(func(c *actionCount) Count { return c.told }), get(func(c *actionCount) Count { return c.found })
}

// Join takes over the recordings of another board.
func (b *Board) Join(o *Board) { b.sheets = append(b.sheets, o.sheets...) }

// Pool puts boards of the same scenarios together, recorded in several ways: the answers of one scenario stay one unit. Only
// levels can be asked of it.
func Pool(boards ...*Board) *Board {
	p := &Board{}
	at := map[string]*sheet{}
	for _, b := range boards {
		p.Tool = b.Tool
		for _, s := range b.sheets {
			sum := at[s.truth.Name]
			if sum == nil {
				sum = &sheet{truth: s.truth}
				at[s.truth.Name] = sum
				p.sheets = append(p.sheets, sum)
			}
			sum.wrong += s.wrong
			for r := range s.levels {
				for c, n := range s.levels[r] {
					sum.levels[r][c].Right += n.Right
					sum.levels[r][c].Of += n.Of
				}
			}
		}
	}
	return p
}
