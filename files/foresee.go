package files

import "ascribe.example/es"

// mostForeseen is how many messages are looked at together.
const mostForeseen = 16

// Foresee is shown messages that will be observed soon. What is known of their files is brought near from memory for all of
// them at once, a step at a time, where [Table.Observe] would wait for each step of each. It changes nothing, and whether it
// brings the right things it does not ask: a question would have to wait for its answer.
func (t *Table) Foresee(ms []es.Message) {
	if t.byInode.n == 0 || t.names.n == 0 || t.deeds.n == 0 {
		return
	}
	var hashes [mostForeseen]uint32
	var files, names, deeds [mostForeseen]int32
	n := 0
	for i := range ms[:min(len(ms), mostForeseen)] {
		if f := subject(&ms[i]); f != nil && f.Stat.Dev == t.lastDev {
			hashes[n] = hashWords(f.Stat.Ino, uint64(t.lastVol))
			n++
		}
	}
	mask := uint32(len(t.byInode.slots) - 1)
	for k, h := range hashes[:n] {
		at := h & mask
		s := t.byInode.slots[at]
		for range 3 {
			at = (at + 1) & mask
			if next := t.byInode.slots[at]; s.hash != h {
				s = next
			}
		}
		files[k] = s.id
	}
	read := uint64(0)
	for k, i := range files[:n] {
		e := t.entries.at(i)
		names[k], deeds[k] = e.Names, e.Deeds
		read += e.Ino + uint64(e.Last.MTime) + uint64(e.Cont.Clock) + uint64(e.Prev) // one of each line of memory
	}
	for k, i := range names[:n] {
		d := t.deeds.at(deeds[k])
		read += d.First.Seq + uint64(d.By) + lastByte(t.names.at(i).Base)
		names[k] = t.names.at(i).Folder
	}
	for _, i := range names[:n] {
		read += lastByte(t.folders.at(i).Path)
	}
	t.foreseen = read
}

// subject is the file that a message of the commonest kinds is about; nil: it is of another kind.
func subject(m *es.Message) *es.File {
	switch ev := m.Event.(type) {
	case *es.Open:
		return &ev.File
	case *es.Close:
		return &ev.Target
	case *es.Write:
		return &ev.Target
	case *es.MMap:
		return &ev.Source
	}
	return nil
}

func lastByte(s string) uint64 {
	if s == "" {
		return 0
	}
	return uint64(s[len(s)-1])
}
