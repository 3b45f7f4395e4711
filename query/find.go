package query

import (
	"fmt"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Finder looks for findings by their id, or by the begin of one.
type Finder struct {
	prefix string
	kind   finding.Kind
	found  []*finding.Finding
	total  int
}

// maxFound is how many findings of one prefix are kept; the others are counted.
const maxFound = 16

// minDigits is how many digits of an id must be given.
const minDigits = 4

// NewFinder takes an id as findings carry it, or its prefix of at least four digits.
func NewFinder(id string) (*Finder, error) {
	id = strings.ToLower(strings.TrimSpace(id))
	q := &Finder{prefix: id}
	switch {
	case strings.HasPrefix(id, "op_"):
		q.kind = finding.KindOperation
	case strings.HasPrefix(id, "ev_"):
		q.kind = finding.KindEvent
	case strings.HasPrefix(id, "pr_"):
		q.kind = finding.KindProcess
	case strings.HasPrefix(id, "gp_"):
		q.kind = finding.KindGap
	default:
		return nil, fmt.Errorf("%q is no id of a finding: ids begin with op_, ev_, pr_ or gp_, and stand at the end of each entry that run shows", id)
	}
	digits := id[len("op_"):]
	if strings.Trim(digits, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("%q is no id of a finding: after %s come only the digits 0-9 and a-f", id, id[:3])
	}
	if len(digits) < minDigits {
		return nil, fmt.Errorf("%q is too short: give at least %d digits after %s", id, minDigits, id[:3])
	}
	return q, nil
}

// Kind is the kind of finding that is looked for; an engine tells events and processes only when it is asked to.
func (q *Finder) Kind() finding.Kind { return q.kind }

// Want is what the finder needs to see.
func (q *Finder) Want() Want { return Want{Kinds: SetOf(q.kind), ID: q.prefix} }

// Add looks at one finding.
func (q *Finder) Add(f *finding.Finding) {
	if !strings.HasPrefix(f.ID, q.prefix) {
		return
	}
	for i, o := range q.found {
		if o.ID == f.ID { // told again, with more known
			q.found[i] = f.Clone()
			return
		}
	}
	q.total++
	if len(q.found) < maxFound {
		q.found = append(q.found, f.Clone())
	}
}

// Found is the one finding that was looked for. If there is none, or more than one, the error says so.
func (q *Finder) Found() (*finding.Finding, error) {
	switch {
	case q.total == 0:
		return nil, fmt.Errorf("no finding has the id %s", q.prefix)
	case q.total == 1:
		return q.found[0], nil
	}
	var ids []string
	for _, f := range q.found {
		ids = append(ids, f.ID)
	}
	more := ""
	if q.total > len(q.found) {
		more = fmt.Sprintf(" and %d more", q.total-len(q.found))
	}
	return nil, fmt.Errorf("%d findings have ids that begin with %s; give more digits of one: %s%s", q.total, q.prefix, strings.Join(ids, ", "), more)
}

// Members collects the messages that a finding was made of.
type Members struct {
	of       *finding.Finding
	messages []*finding.Finding
}

// MaxMembers is how many messages are collected.
const MaxMembers = 200

// NewMembers collects the members of f, as far as f lists them.
func NewMembers(f *finding.Finding) *Members { return &Members{of: f} }

// slack is how far from an operation's time a member may lie.
const slack = es.Time(time.Second)

// Want is what the collector needs to see.
func (q *Members) Want() Want {
	w := Want{Kinds: SetOf(finding.KindEvent)}
	if q.of.Time != 0 {
		w.From = max(q.of.Time-slack, 1)
	}
	if q.of.EndTime != 0 {
		w.To = q.of.EndTime + slack + 1
	}
	return w
}

// Add looks at one finding, which may be an event.
func (q *Members) Add(f *finding.Finding) {
	if f.Kind != finding.KindEvent || f.Seq == es.NoSeq || len(q.messages) >= MaxMembers ||
		f.Host != q.of.Host || f.Boot != q.of.Boot {
		return
	}
	// A boot may hold several clients that each number from 0: a member lies in the operation's time, too.
	if q.of.Time != 0 && f.Time < q.of.Time-slack || q.of.EndTime != 0 && f.Time > q.of.EndTime+slack {
		return
	}
	for _, r := range q.of.Events {
		if r[0] <= f.Seq && f.Seq <= r[1] {
			q.messages = append(q.messages, f.Clone())
			return
		}
	}
}

// Messages are the members that were found, in the order in which they were told.
func (q *Members) Messages() []*finding.Finding { return q.messages }
