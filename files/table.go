package files

import (
	"time"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// Ref is the handle of a remembered file; 0 is none. It stays the same across [Table.Save] and [Table.Restore]. The Ref of
// a forgotten file leads to nothing: its place in the table is given to another file only under another Ref.
type Ref int32

// A Ref is a place in the table and, above it, how often the place was given out before.
const (
	placeBits = 20
	placeMask = 1<<placeBits - 1
	genMask   = 1<<(31-placeBits) - 1
)

// VolumeRef is the handle of a volume, made like a [Ref]; 0 is none.
type VolumeRef int32

// Limits bound what a table remembers. Zero fields mean the defaults.
type Limits struct {
	Files      int // remembered files; default 65,536, at least 64, at most 500,000; 350 bytes each where only read, 600 where changed
	Bytes      int // counted bytes of names and folders' paths; default 16 MiB, at least 64 KiB
	Executions int // executions whose descriptors and reads are followed; default 4,096, at least 64
}

// Bounds of what one file, one execution or one table remembers beside [Limits].
const (
	MaxDeeds      = 32   // of one file; the oldest readers' go first, then the oldest others', a quarter at a time
	deedsAFile    = 8    // of all files together, times [Limits.Files]: a disk has few that many programs use
	MaxNames      = 12   // of one file: the first, and the latest others
	MaxMoves      = 8    // earlier places of one folder
	MaxAttributes = 16   // names of extended attributes of one file
	MaxReads      = 24   // files that one execution opened for reading, the latest
	MaxMade       = 24   // files that one execution created, the latest
	MaxPending    = 256  // clones and copyfiles that wait for their confirmation
	MaxVolumes    = 1024 // mounted at a time
)

func (l Limits) orDefault() Limits {
	or := func(v, def, least, most int) int {
		if v <= 0 {
			v = def
		}
		return min(max(v, least), most)
	}
	return Limits{
		Files:      or(l.Files, 1<<16, 64, 500_000),
		Bytes:      or(l.Bytes, 16<<20, 64<<10, 1<<40),
		Executions: or(l.Executions, 4096, 64, 1<<20),
	}
}

// Table is what is known of the files of one host. It is fed in order and has no clock, no goroutine and no I/O.
//
// Moments that a table gives back of files carry Seq and Clock; their wall-clock Time is 0, unknown.
type Table struct {
	limits Limits

	entries slab[entry]
	names   slab[name]
	past    slab[pastName]
	firsts  slab[Stat]
	deeds   slab[deed]
	attrs   slab[attribute]
	folders slab[folder]
	places  slab[place]
	vols    slab[volume]
	execs   slab[execution]

	held room // since others took what there was; zero: that is not so

	byInode  index // entries by volume and inode
	byName   index // present names by folder and folded name
	byFolder index // folders by parent and folded name
	byPath   index // folders by their whole path: a cache
	byExec   index // executions
	byDev    map[int32]int32

	lastDev  int32 // the cache of byDev
	lastVol  int32
	lastBy   lineage.Ref // the cache of byExec
	lastExec int32

	lists   [classCount]list // of entries, by what may be forgotten first
	running list             // of executions, the latest used first
	uses    uint32
	ticks   uint32 // uses of executions
	epoch   uint32 // steps whenever a folder that holds folders moves
	bytes   int

	unmounted []int32 // volumes unmounted lately, the earliest first

	pending     [MaxPending]pending
	pendingNext int
	pendingLive int
	recent      [recentCount]recent
	recentNext  int

	began   es.Time // wall clock of the first message of this boot
	horizon [2]mark // of what was forgotten, the latest that happened to it: to any file; to changed files
	forgot  [2]bool
	bare    bool // messages without status were seen
	opens   bool // opens were seen: they are recorded
	stats   Stats

	folding  folding
	scratch  []byte
	foreseen uint64 // what [Table.Foresee] read, so that it is read
}

// New makes an empty table.
func New(l Limits) *Table {
	t := &Table{limits: l.orDefault(), byDev: map[int32]int32{}}
	t.makeRoot()
	return t
}

// mark is a moment as it is remembered: a third of the size saved, and nothing compares by the wall clock.
type mark struct {
	Seq   uint64
	Clock int64
}

func markOf(at es.Moment) mark { return mark{at.Seq, int64(at.Clock)} }

func (k mark) moment() es.Moment { return es.Moment{Seq: k.Seq, Clock: time.Duration(k.Clock)} }

// before orders marks of one boot: by event time, then by sequence number where both have one.
func (k mark) before(o mark) bool {
	if k.Clock != o.Clock {
		return k.Clock < o.Clock
	}
	return k.Seq != es.NoSeq && o.Seq != es.NoSeq && k.Seq < o.Seq
}

func latest(a, b mark) mark {
	if a.before(b) {
		return b
	}
	return a
}

// NewBoot says that what comes next is of another boot: nothing is open or mounted any more, and device numbers mean other
// volumes. Files of the boot before stay until they are forgotten.
func (t *Table) NewBoot(at es.Moment) {
	for i := int32(1); i < t.vols.n; i++ {
		if v := t.vols.at(i); v.Live && !v.V.Unmounted {
			t.closeVolume(i, at)
		}
	}
	for i := int32(1); i < t.execs.n; i++ {
		if x := t.execs.at(i); x.Ref != 0 && x.End == endNone {
			x.End, x.Ended = endExit, markOf(at)
		}
	}
	t.dropPending()
	t.recent = [recentCount]recent{}
	t.began = 0
	t.horizon, t.forgot = [2]mark{}, [2]bool{}
}

// Gap says that messages are missing before this moment: what comes next repeats or completes nothing that came before.
// Whether a gap lies in an interval that an answer rests on, lineage knows.
func (t *Table) Gap(es.Moment) {
	t.stats.Gaps++
	t.recent = [recentCount]recent{} // a repetition on the far side of a gap is none
}

// Stats is the table's balance.
type Stats struct {
	Files           int    // remembered now
	Retained        int    // of these, held by drafts
	Folders         int    // in the tree of names
	Volumes         int    // mounted now, and gone ones that are still answered for
	Executions      int    // whose descriptors and reads are followed
	Bytes           int    // counted bytes of names and paths
	Memory          int    // bytes of all tables, indexes and names left out
	Seen            uint64 // files ever remembered
	Evicted         uint64 // files forgotten
	EvictedChanged  uint64 // of these, files that something but reading had happened to
	EvictedRetained uint64 // of these, files that drafts still held: only at twice the limit
	DeedsDropped    uint64 // facts forgotten for one file's own bound
	NamesDropped    uint64
	ReadsDropped    uint64 // reads and creations of one execution, forgotten for its own bound or with it
	Reused          uint64 // inode numbers seen to name another file
	Unconfirmed     uint64 // clones and copyfiles that nothing confirmed
	Retries         uint64 // messages that repeated the one before
	Moved           uint64 // files found under another name with no rename in view
	Inferred        uint64 // volumes that no mount and no snapshot told of
	Gaps            uint64
}

// Stats counts.
func (t *Table) Stats() Stats {
	s := t.stats
	s.Files = t.entries.used()
	s.Retained = int(t.lists[classHeld].N)
	s.Folders = t.folders.used()
	s.Volumes = t.vols.used()
	s.Executions = t.execs.used()
	s.Bytes = t.bytes
	s.Memory = t.entries.memory() + t.names.memory() + t.past.memory() + t.firsts.memory() + t.deeds.memory() + t.attrs.memory() +
		t.folders.memory() + t.places.memory() + t.vols.memory() + t.execs.memory()
	return s
}
