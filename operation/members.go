package operation

import (
	"ascribe.example/es"
	"ascribe.example/finding"
)

// Members counts the messages of one draft or batch, and keeps their numbers as ranges, capped.
type Members struct {
	Ranges   []finding.Range // ascending, adjacent numbers joined; capped at [finding.MaxRanges]
	Total    uint64
	Changing uint64 // those that changed what a path names or holds: what the balance speaks of
	Gap      bool   // messages were lost while it was open
	Late     bool   // one of them came after its place was given up
}

// add takes one message in.
func (m *Members) add(at es.Moment, changing, late bool) {
	m.Total++
	if changing {
		m.Changing++
	}
	m.Late = m.Late || late
	if at.Seq != es.NoSeq {
		m.addRange(finding.Range{at.Seq, at.Seq})
	}
}

func (m *Members) addRange(r finding.Range) {
	if n := len(m.Ranges); n > 0 {
		last := &m.Ranges[n-1]
		if r[0] == last[1]+1 {
			last[1] = r[1]
			return
		}
		if r[0] >= last[0] && r[1] <= last[1] {
			return
		}
		if r[0] < last[0] { // it came late
			m.Ranges = union(m.Ranges, []finding.Range{r})
			return
		}
	}
	if m.Ranges == nil {
		m.Ranges = make([]finding.Range, 0, 4)
	}
	if len(m.Ranges) < finding.MaxRanges {
		m.Ranges = append(m.Ranges, r)
	}
}

// take is merge where o is nobody's any more.
func (m *Members) take(o *Members) {
	if m.Total == 0 && len(m.Ranges) == 0 {
		gap, late := m.Gap, m.Late
		*m = *o
		m.Gap, m.Late = m.Gap || gap, m.Late || late
		return
	}
	m.merge(o)
}

// merge takes in all of o.
func (m *Members) merge(o *Members) {
	m.Total += o.Total
	m.Changing += o.Changing
	m.Gap = m.Gap || o.Gap
	m.Late = m.Late || o.Late
	if len(m.Ranges) == 0 {
		m.Ranges = append(m.Ranges, o.Ranges...)
		return
	}
	// What settles in order comes in order: then it is put behind what is there, which is nearly always.
	if n := len(m.Ranges); len(o.Ranges) == 0 {
		return
	} else if o.Ranges[0][0] > m.Ranges[n-1][1] {
		for _, r := range o.Ranges {
			m.addRange(r)
		}
		return
	}
	m.Ranges = union(m.Ranges, o.Ranges)
}

// union merges two ascending lists of ranges into one, joined and capped.
func union(a, b []finding.Range) []finding.Range {
	out := make([]finding.Range, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		var r finding.Range
		if len(b) == 0 || (len(a) > 0 && a[0][0] <= b[0][0]) {
			r, a = a[0], a[1:]
		} else {
			r, b = b[0], b[1:]
		}
		if n := len(out); n > 0 && r[0] <= out[n-1][1]+1 {
			out[n-1][1] = max(out[n-1][1], r[1])
			continue
		}
		out = append(out, r)
	}
	if len(out) > finding.MaxRanges {
		out = out[:finding.MaxRanges]
	}
	return out
}

// first is the number of the first member; [es.NoSeq] unknown.
func (m *Members) first() uint64 {
	if len(m.Ranges) == 0 {
		return es.NoSeq
	}
	return m.Ranges[0][0]
}
