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

// touched are the files that an execution took up, and as what. Each list holds one thing of all of them: nearly every
// message asks only which files are there, which so is a cache line or two and not one for each file.
type touched struct {
	Files []Ref
	At    []mark
	Stats []Stat
}

func (l *touched) emptied() touched { return touched{l.Files[:0], l.At[:0], l.Stats[:0]} }

// keep remembers a file in a bounded list: in the file's own place if it is there, else in the oldest one's.
func (t *Table) keep(l *touched, most int, file Ref, at mark, st *Stat) {
	i := slices.Index(l.Files, file)
	if i < 0 && len(l.Files) < most {
		if l.Files == nil {
			l.Files = make([]Ref, 0, most)
		}
		l.Files, l.At, l.Stats = append(l.Files, file), append(l.At, at), append(l.Stats, *st)
		return
	}
	if i < 0 {
		t.stats.ReadsDropped++
		i = l.oldest()
	}
	l.Files[i], l.At[i], l.Stats[i] = file, at, *st
}

// oldest is the place of the file that was taken up first.
func (l *touched) oldest() int {
	i, least := 0, l.At[0].Clock
	for j := range l.At {
		if at := l.At[j].Clock; at <= least && (at < least || l.At[j].before(l.At[i])) {
			i, least = j, at
		}
	}
	return i
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
		for i, file := range x.Reads.Files {
			at := x.Reads.At[i]
			if at.before(k) {
				continue
			}
			e := t.entry(file)
			if e == nil {
				continue
			}
			if step > 0 {
				if d := t.findDeed(e, DidOpenRead, by); d == nil || !t.openAt(e, d, cut) {
					continue
				}
			}
			dst = append(dst, Read{Ref: file, By: by, At: at.moment(), Stat: x.Reads.Stats[i]})
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
		for i := range x.Reads.Stats {
			if s := x.Reads.Stats[i].Size; s == size || orMore && s > size {
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
	for i, file := range x.Made.Files {
		if at := x.Made.At[i]; !at.before(k) && t.entry(file) != nil {
			dst = append(dst, Read{Ref: file, By: by, At: at.moment(), Stat: x.Made.Stats[i]})
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
