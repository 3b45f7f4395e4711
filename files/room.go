package files

// room is how many of each there are, or may be.
type room struct{ Entries, Names, Past, Firsts, Deeds, Attrs, Folders int32 }

// leastRoom is what a table may come to though others took all the room.
var leastRoom = room{
	Entries: 16 << 10, Names: 16 << 10, Past: 8 << 10, Firsts: 8 << 10, Deeds: 64 << 10, Attrs: 8 << 10, Folders: 8 << 10,
}

// spare is how many of each one message may take.
const spare = 16

// What each counts for, in bytes, as it lies in memory on 64-bit machines: constants, so that what is forgotten is the same on
// every machine. A file is counted with its places in the indexes, an execution with what it read and made.
const (
	costEntry     = 176 + 24
	costName      = 48
	costPast      = 64
	costFirst     = 40
	costDeed      = 56
	costAttribute = 48
	costFolder    = 64
	costExecution = 1024
)

func (t *Table) taken() room {
	l := &leastRoom
	return room{
		Entries: max(l.Entries, t.entries.n), Names: max(l.Names, t.names.n), Past: max(l.Past, t.past.n), Firsts: max(l.Firsts, t.firsts.n),
		Deeds: max(l.Deeds, t.deeds.n), Attrs: max(l.Attrs, t.attrs.n), Folders: max(l.Folders, t.folders.n),
	}
}

// Taken is how many bytes files take, counted as they were at most, or are kept for them.
func (t *Table) Taken() int {
	r := t.taken()
	return int(r.Entries)*costEntry + int(r.Names)*costName + int(r.Past)*costPast + int(r.Firsts)*costFirst + int(r.Deeds)*costDeed +
		int(r.Attrs)*costAttribute + int(r.Folders)*costFolder + int(t.execs.n)*costExecution + t.bytes
}

// Hold says that there is no room for more than [Table.Taken], but for what a quarter more files need than drafts may hold: else
// each new one would take the place of one that is held.
func (t *Table) Hold(drafts int) {
	t.held = t.taken()
	h, n := &t.held, int32(drafts+drafts/4)
	for _, most := range []*int32{&h.Entries, &h.Names, &h.Past, &h.Firsts, &h.Attrs} {
		*most = max(*most, n)
	}
	h.Deeds = max(h.Deeds, 3*n)
}

// cramped reports whether the next message might need more than there is room for.
func (t *Table) cramped() bool {
	h := &t.held
	return t.entries.over(h.Entries) || t.names.over(h.Names) || t.past.over(h.Past) || t.firsts.over(h.Firsts) ||
		t.deeds.over(h.Deeds) || t.attrs.over(h.Attrs) || t.folders.over(h.Folders)
}

// over reports whether a slab is near its bound: elements that nobody uses any more may be.
func (s *slab[T]) over(most int32) bool { return s.n+spare > most && len(s.free) < spare }
