package pipeline

import (
	"fmt"
	"strconv"

	"ascribe.example/es"
)

const (
	// maxMerged is how many inputs are merged at a time: each holds some memory and an open file.
	maxMerged = 64
	// bootSlack is how far, in ticks of mach_time, an input's begin may be from those it is merged with: a second on Apple
	// silicon. Two boots are hardly ever at the same uptime to the second.
	bootSlack = 24_000_000
)

// merger runs the inputs of one host.
type merger struct {
	*run
	group   *group
	pending []*prospect
	active  []*cursor // in the order they were begun
	last    mark      // of what was delivered last, since any was active
	ended   []life
	clients int // that were given a number
	since   int // messages since progress was told
}

// life is a client's, as far as an input that is done told.
type life struct {
	who  identity
	last mark
}

// merge runs the inputs of a group. An input is begun when the others have reached its first message: inputs that follow
// each other are read one after the other, and those that overlap are merged. Between messages the one with the lowest
// mach_time goes first, then the one with the lowest number, then the one of the input that was begun first.
func (r *run) merge(g *group) error {
	m := &merger{run: r, group: g, pending: g.inputs}
	for {
		if err := m.settle(); err != nil {
			return err
		}
		if len(m.active) == 0 {
			if len(m.pending) == 0 {
				return nil
			}
			m.last = mark{}
			if err := m.begin(m.pending[0], nil); err != nil {
				return err
			}
			continue
		}
		c := m.first()
		head := c.message()
		if p := m.due(c, head); p != nil {
			if err := m.join(p, c, head); err != nil {
				return err
			}
			continue
		}
		m.last = markOf(head)
		c.last = m.last
		if err := m.deliver(c, 0); err != nil {
			return err
		}
		if m.since++; m.since == 1024 {
			m.since = 0
			m.progress(false)
			if err := m.ctx.Err(); err != nil {
				return err
			}
		}
	}
}

// settle brings every active input to a message, and ends those that have none left.
func (m *merger) settle() error {
	for i := 0; i < len(m.active); {
		c := m.active[i]
		if c.message() != nil {
			i++
			continue
		}
		it, err := c.head()
		switch {
		case err != nil:
			return err
		case it == nil:
			if err := m.finish(c); err != nil {
				return err
			}
			if c.last.has {
				m.ended = append(m.ended, life{c.who, c.last})
			}
			m.active = append(m.active[:i], m.active[i+1:]...)
		case it.kind != itemMessage:
			if err := m.deliver(c, m.until(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

// until is the time from which on other inputs than c may have messages; 0 if there are none.
func (m *merger) until(c *cursor) es.Time {
	t := es.Time(0)
	limit := func(u es.Time) {
		u = max(u, 1) // unknown: nothing can be said
		if t == 0 || u < t {
			t = u
		}
	}
	for _, o := range m.active {
		if o == c {
			continue
		}
		if head := o.message(); head != nil {
			limit(head.Time)
		} else {
			limit(o.last.time)
		}
	}
	for _, p := range m.pending {
		if !p.apart {
			limit(p.time)
			break
		}
	}
	return t
}

// first is the active input whose message goes first.
func (m *merger) first() *cursor {
	c := m.active[0]
	if len(m.active) == 1 {
		return c
	}
	head := c.message()
	for _, o := range m.active[1:] {
		if other := o.message(); before(other, head) {
			c, head = o, other
		}
	}
	return c
}

// before reports that a goes before b.
func before(a, b *es.Message) bool {
	switch {
	case a.MachTime != b.MachTime && a.MachTime != 0 && b.MachTime != 0:
		return a.MachTime < b.MachTime
	case a.Time != b.Time && (a.MachTime == 0 || b.MachTime == 0):
		return a.Time < b.Time
	}
	return a.GlobalSeqNum < b.GlobalSeqNum
}

// due is the next pending input if the active ones have reached it.
func (m *merger) due(c *cursor, head *es.Message) *prospect {
	for _, p := range m.pending {
		switch {
		case p.apart:
			continue
		case p.boot != "" && p.boot == c.who.boot && p.first.mach != 0 && head.MachTime != 0:
			if p.first.mach <= head.MachTime {
				return p
			}
		case p.time <= head.Time:
			return p
		}
		return nil
	}
	return nil
}

// join begins an input that overlaps the active ones, unless it cannot be merged with them.
func (m *merger) join(p *prospect, c *cursor, head *es.Message) error {
	switch {
	case p.first.has && !m.sameBoot(p, c, head):
		m.apart(p, c, "but its boot is another: it is read after it")
	case len(m.active) == maxMerged:
		m.apart(p, c, fmt.Sprintf("like %d others: it is read after them", maxMerged-1))
	default:
		return m.begin(p, c)
	}
	return nil
}

func (m *merger) apart(p *prospect, c *cursor, says string) {
	p.apart = true
	m.diagnose(Diagnostic{Trouble: Overlap, Input: p.input.Name, Says: fmt.Sprintf("it overlaps %s in time, %s", c.input, says)})
}

// sameBoot reports whether an input's first message belongs between the last that was delivered and the next. Where the
// begin lines do not tell boots apart, mach_time does: it begins anew with each.
func (m *merger) sameBoot(p *prospect, c *cursor, head *es.Message) bool {
	if p.boot != "" && c.who.boot != "" {
		return p.boot == c.who.boot
	}
	at := p.first.mach
	if at == 0 || head.MachTime == 0 {
		return true
	}
	low := head.MachTime
	if m.last.has && m.last.mach != 0 {
		low = min(low, m.last.mach)
	}
	return at+bootSlack >= low && at <= head.MachTime+bootSlack
}

// begin begins a pending input, beside the cursor with or alone.
func (m *merger) begin(p *prospect, with *cursor) error {
	c, err := m.start(p)
	if err != nil {
		return err
	}
	for i, q := range m.pending {
		if q == p {
			m.pending = append(m.pending[:i:i], m.pending[i+1:]...)
			break
		}
	}
	c.who = m.identify(p, with)
	m.active = append(m.active, c)
	return nil
}

// identify says whose messages an input holds that is about to begin.
func (m *merger) identify(p *prospect, with *cursor) identity {
	who := identity{p.boot, p.client}
	if p.client != "" || !p.first.has || p.first.seq == es.NoSeq {
		return who
	}
	for _, a := range m.active {
		// Where only one of the two says its boot, their numbers tell: parts of one stream fit into each other.
		if (a.who.boot == p.boot || p.boot == "") && a.goesOn(p.first) {
			return a.who
		}
	}
	if with != nil && !m.group.named {
		// Two clients after all, which their numbers did not show at first.
		m.group.named = true
		m.clients = 1
		for _, a := range m.active {
			if a.who.client == "" {
				a.who.client, m.current = "1", nil
			}
		}
	}
	if !m.group.named {
		return who
	}
	// The client among those that are done whose numbers it goes on from.
	best := -1
	for i, l := range m.ended {
		if l.who.boot == p.boot && l.last.seq < p.first.seq && (best < 0 || l.last.seq > m.ended[best].last.seq) && !m.isActive(l.who) {
			best = i
		}
	}
	if best >= 0 {
		return m.ended[best].who
	}
	m.clients++
	who.client = strconv.Itoa(m.clients)
	return who
}

func (m *merger) isActive(who identity) bool {
	for _, a := range m.active {
		if a.who == who {
			return true
		}
	}
	return false
}

// goesOn reports whether a message between the cursor's last and its next is of the cursor's client: its number then lies
// between theirs, and the number of one of them only if it is the same message.
func (c *cursor) goesOn(at mark) bool {
	fits := func(m mark, number func(a, b uint64) bool) bool {
		return !m.has || m.seq == es.NoSeq || number(m.seq, at.seq) || m.seq == at.seq && m.mach == at.mach
	}
	next := mark{}
	if head := c.message(); head != nil {
		next = markOf(head)
	}
	return (c.last.has || next.has) &&
		fits(c.last, func(a, b uint64) bool { return a < b }) &&
		fits(next, func(a, b uint64) bool { return a > b })
}
