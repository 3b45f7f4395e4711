package rules

import (
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// counts is how many files were in matching findings lately, for each key.
type counts struct {
	byKey map[string]*tally
	key   []byte
}

// tally is what one key did lately: the oldest first.
type tally struct {
	lately []step
	sum    uint64
	last   es.Time
}

type step struct {
	at es.Time
	n  uint64
}

// Bounds of what is remembered for one rule. Beyond them the oldest is forgotten: a rule may then hold later than it would.
const (
	maxKeys  = 4096
	maxSteps = 1024
)

// reached counts a finding, and reports whether the rule's number is reached.
func (r *Rule) reached(f *finding.Finding) bool {
	c := &r.counts
	c.key = append(append(c.key[:0], f.Host...), 0)
	c.key = r.per.Append(c.key, f)
	t := c.byKey[string(c.key)]
	if t == nil {
		if c.byKey == nil {
			c.byKey = map[string]*tally{}
		}
		if len(c.byKey) == maxKeys {
			c.forget()
		}
		t = &tally{}
		c.byKey[string(c.key)] = t
	}
	at := max(f.Time, t.last)
	t.last = at
	t.drop(at, r.Within)
	n := max(f.ItemsTotal, 1)
	if k := len(t.lately); k > 0 && (t.lately[k-1].at == at || k == maxSteps) {
		t.lately[k-1].n += n
	} else {
		t.lately = append(t.lately, step{at, n})
	}
	if t.sum += n; t.sum < r.Many {
		return false
	}
	t.lately, t.sum = t.lately[:0], 0
	return true
}

// drop forgets what is older than the window.
func (t *tally) drop(now es.Time, within time.Duration) {
	i := 0
	for i < len(t.lately) && now.Sub(t.lately[i].at) > within {
		t.sum -= t.lately[i].n
		i++
	}
	if i > 0 {
		t.lately = append(t.lately[:0], t.lately[i:]...)
	}
}

// forget makes room: the key that rested longest goes, of two the one whose name is less.
func (c *counts) forget() {
	oldest := ""
	for k, t := range c.byKey {
		if o := c.byKey[oldest]; o == nil || t.last < o.last || t.last == o.last && k < oldest {
			oldest = k
		}
	}
	delete(c.byKey, oldest)
}
