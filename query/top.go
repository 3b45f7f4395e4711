package query

import (
	"cmp"
	"slices"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Count is what is counted of a group.
type Count struct {
	Name        string // "" is nobody known
	Operations  uint64
	Files       uint64
	Bytes       int64 // of those files whose size is known
	First, Last es.Time
}

// Measure is what a ranking goes by.
type Measure string

// The measures.
const (
	ByOperations Measure = "operations"
	ByFiles      Measure = "files"
	ByBytes      Measure = "bytes"
)

// Measures are all of them.
var Measures = []Measure{ByOperations, ByFiles, ByBytes}

// Top counts operations by group.
type Top struct {
	by    Group
	count map[string]*Count
	names []string
	whole Count
}

// maxNames bounds how many names are counted, each exactly.
const maxNames = 1 << 20

// NewTop counts by g.
func NewTop(g Group) *Top { return &Top{by: g, count: map[string]*Count{}} }

// Add takes a finding; those that are no operations are passed over.
func (t *Top) Add(f *finding.Finding) error {
	if f.Kind != finding.KindOperation {
		return nil
	}
	files, size := filesOf(f)
	t.names = t.by.Of(t.names[:0], f)
	if len(t.names) > 0 {
		t.whole.add(f, files, size)
	}
	for _, name := range t.names {
		c := t.count[name]
		if c == nil {
			if len(t.count) == maxNames {
				return ErrTooMany
			}
			name = strings.Clone(name)
			c = &Count{Name: name}
			t.count[name] = c
		}
		c.add(f, files, size)
	}
	return nil
}

func (c *Count) add(f *finding.Finding, files uint64, size int64) {
	c.Operations++
	c.Files += files
	c.Bytes = sum(c.Bytes, size)
	if f.Time != 0 && (c.First == 0 || f.Time < c.First) {
		c.First = f.Time
	}
	c.Last = max(c.Last, f.Time, f.EndTime)
}

func (c *Count) of(m Measure) uint64 {
	switch m {
	case ByFiles:
		return c.Files
	case ByBytes:
		return uint64(max(c.Bytes, 0))
	}
	return c.Operations
}

// Ranking is the first names by a measure, the greatest first; rest is what the others have together, and how many they are.
func (t *Top) Ranking(m Measure, most int) (first []*Count, rest Count, others int) {
	for _, c := range t.count {
		first = append(first, c)
	}
	slices.SortFunc(first, func(a, b *Count) int {
		return cmp.Or(cmp.Compare(b.of(m), a.of(m)), cmp.Compare(b.Operations, a.Operations), cmp.Compare(a.Name, b.Name))
	})
	if most <= 0 || len(first) <= most {
		return first, rest, 0
	}
	for _, c := range first[most:] {
		rest.Operations += c.Operations
		rest.Files += c.Files
		rest.Bytes = sum(rest.Bytes, c.Bytes)
	}
	return first[:most], rest, len(first) - most
}

// Whole is what was counted in all, each operation once.
func (t *Top) Whole() Count { return t.whole }
