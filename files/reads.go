package files

import (
	"slices"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Read is a file as it was when an execution opened it for reading, or created it.
type Read struct {
	Ref  Ref
	By   lineage.Ref // the execution, or one before it whose descriptor it was born with
	At   es.Moment
	Stat Stat
}

// keep remembers a file in a bounded list: the file's own place if it is there, else the oldest one's.
func (t *Table) keep(list []touched, most int, v touched) []touched {
	oldest := 0
	for i := range list {
		if list[i].File == v.File {
			list[i] = v
			return list
		}
		if list[i].At.before(list[oldest].At) {
			oldest = i
		}
	}
	if len(list) < most {
		return append(list, v)
	}
	t.stats.ReadsDropped++
	list[oldest] = v
	return list
}

// ReadsBy appends the regular files that an execution opened for reading since the moment, and those that it was born with
// the descriptors of: latest first, at most [MaxReads] of each execution. Files that were forgotten are left out.
func (t *Table) ReadsBy(dst []Read, by lineage.Ref, since es.Moment) []Read {
	n, k := len(dst), markOf(since)
	var cut mark
	for step := 0; step < maxInherited && by != 0; step++ {
		x := t.known(by)
		if x == nil {
			break
		}
		for i := range x.Reads {
			r := &x.Reads[i]
			e := t.entry(r.File)
			if e == nil || r.At.before(k) {
				continue
			}
			if step > 0 {
				if d := t.findDeed(e, DidOpenRead, by); d == nil || !t.openAt(e, d, cut) {
					continue
				}
			}
			dst = append(dst, Read{Ref: r.File, By: by, At: r.At.moment(), Stat: r.Stat})
		}
		cut, by = x.Began, x.From
	}
	sortReads(dst[n:])
	return dst
}

// ReadOfSize reports whether [Table.ReadsBy] may have a file of the size, or with orMore a larger one. It is quicker than to
// look at each.
func (t *Table) ReadOfSize(by lineage.Ref, size int64, orMore bool) bool {
	for step := 0; step < maxInherited && by != 0; step++ {
		x := t.known(by)
		if x == nil {
			return false
		}
		for i := range x.Reads {
			if s := x.Reads[i].Stat.Size; s == size || orMore && s > size {
				return true
			}
		}
		by = x.From
	}
	return false
}

// MadeBy appends the files that an execution created since the moment: latest first, at most [MaxMade]. Files that were
// forgotten are left out.
func (t *Table) MadeBy(dst []Read, by lineage.Ref, since es.Moment) []Read {
	x := t.known(by)
	if x == nil {
		return dst
	}
	n, k := len(dst), markOf(since)
	for i := range x.Made {
		if m := &x.Made[i]; t.entry(m.File) != nil && !m.At.before(k) {
			dst = append(dst, Read{Ref: m.File, By: by, At: m.At.moment(), Stat: m.Stat})
		}
	}
	sortReads(dst[n:])
	return dst
}

func sortReads(l []Read) {
	slices.SortStableFunc(l, func(a, b Read) int {
		x, y := markOf(a.At), markOf(b.At)
		switch {
		case y.before(x):
			return -1
		case x.before(y):
			return 1
		}
		return int(b.Ref - a.Ref)
	})
}
