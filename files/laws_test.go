package files

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ascribe.example/es"
	"ascribe.example/lineage"
)

// soup draws messages without sense: few names, few numbers, every event, every flag.
type soup struct {
	tab  *Table
	seq  uint64
	now  time.Duration
	refs []Ref
}

var soupNames = []string{"a", "A", "b", "\u00e9", "e\u0301", "c d", "x.part", "..", "", "deep/er", "\xff\xfe"}

func drawPath(t *rapid.T) string {
	if rapid.IntRange(0, 30).Draw(t, "odd") == 0 {
		return rapid.SampledFrom([]string{"", "/", "rel/x", "//", "/System/Volumes/Data/Users/a", "/tmp", "/Volumes/U", "/Volumes/U/"}).Draw(t, "oddpath")
	}
	p := rapid.SampledFrom([]string{"/Users", "/Volumes/U", "/private/tmp", "/tmp", ""}).Draw(t, "top")
	for range rapid.IntRange(1, 4).Draw(t, "depth") {
		p += "/" + rapid.SampledFrom(soupNames).Draw(t, "base")
	}
	return p
}

func drawFile(t *rapid.T) es.File {
	f := es.File{Path: drawPath(t), PathTruncated: rapid.IntRange(0, 40).Draw(t, "cut") == 0}
	if rapid.IntRange(0, 20).Draw(t, "bare") == 0 {
		return f
	}
	f.Stat = es.Stat{
		Dev:       rapid.Int32Range(1, 4).Draw(t, "dev"),
		Ino:       rapid.SampledFrom([]uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, es.SyntheticIno, 1 << 63}).Draw(t, "ino"),
		Mode:      rapid.SampledFrom([]uint16{es.ModeRegular, es.ModeRegular, es.ModeDir, es.ModeSymlink, 0}).Draw(t, "mode"),
		Nlink:     rapid.Uint16Range(0, 3).Draw(t, "nlink"),
		Size:      rapid.Int64Range(0, 3).Draw(t, "size"),
		BirthTime: es.Time(rapid.SampledFrom([]int64{0, 1, 2, 1 << 40, 1 << 62}).Draw(t, "birth")),
	}
	return f
}

func drawEvent(t *rapid.T) es.Event {
	f := drawFile(t)
	base := rapid.SampledFrom(soupNames).Draw(t, "filename")
	switch rapid.IntRange(0, 17).Draw(t, "kind") {
	case 0, 1:
		return &es.Open{FFlag: rapid.Int32Range(0, 3).Draw(t, "fflag") | rapid.SampledFrom([]int32{0, es.OTrunc, es.OCloexec}).Draw(t, "oflag"), File: f}
	case 2:
		return &es.Close{Target: f, Modified: rapid.Bool().Draw(t, "modified")}
	case 3:
		return &es.Create{DestinationType: es.DestinationType(rapid.IntRange(0, 1).Draw(t, "new")), ExistingFile: f, Dir: drawFile(t), Filename: base}
	case 4:
		return &es.Write{Target: f}
	case 5:
		return &es.Truncate{Target: f}
	case 6:
		return &es.MMap{Protection: 3, Flags: 1, Source: f}
	case 7, 8:
		return &es.Rename{Source: f, DestinationType: es.DestinationExistingFile, ExistingFile: drawFile(t)}
	case 9, 10:
		return &es.Rename{Source: f, DestinationType: es.DestinationNewPath, Dir: drawFile(t), Filename: base}
	case 11:
		return &es.Unlink{Target: f, ParentDir: drawFile(t)}
	case 12:
		return &es.Link{Source: f, TargetDir: drawFile(t), TargetFilename: base}
	case 13:
		return &es.Clone{Source: f, TargetDir: drawFile(t), TargetName: base}
	case 14:
		var over *es.File
		if rapid.Bool().Draw(t, "over") {
			o := drawFile(t)
			over = &o
		}
		return &es.Copyfile{Source: f, TargetFile: over, TargetDir: drawFile(t), TargetName: base}
	case 15:
		return &es.ExtAttr{Which: rapid.SampledFrom([]es.Kind{es.KindSetExtAttr, es.KindDeleteExtAttr}).Draw(t, "attr"), Target: f, Name: base}
	case 16:
		return &es.Mount{
			Which: rapid.SampledFrom([]es.Kind{es.KindMount, es.KindUnmount, es.KindRemount}).Draw(t, "mount"),
			Statfs: es.Statfs{
				FSID: [2]int32{rapid.Int32Range(1, 4).Draw(t, "dev")}, MntOn: rapid.SampledFrom([]string{"/", "/Volumes/U", ""}).Draw(t, "on"),
				Type: rapid.SampledFrom([]string{"apfs", "exfat", "nfs", ""}).Draw(t, "fs"),
			},
		}
	default:
		return &es.ExchangeData{File1: f, File2: drawFile(t)}
	}
}

// step is one thing that happens to a table, as data: it can happen to another one too.
type step struct {
	m          es.Message
	by, other  lineage.Ref
	at         es.Moment
	late       bool
	what, pick int
}

func drawStep(t *rapid.T, s *soup) step {
	s.seq++
	s.now += time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "pass"))
	st := step{
		by: lineage.Ref(rapid.IntRange(0, 90).Draw(t, "by")), other: lineage.Ref(rapid.IntRange(0, 90).Draw(t, "other")),
		at:   es.Moment{Seq: s.seq, Time: es.Time(1<<41) + es.Time(s.now), Clock: s.now},
		late: rapid.IntRange(0, 15).Draw(t, "late") == 0,
		what: rapid.IntRange(0, 40).Draw(t, "what"),
		pick: rapid.IntRange(0, 1<<20).Draw(t, "pick"),
	}
	st.m = es.Message{Time: st.at.Time, ThreadID: uint64(st.by), Denied: rapid.IntRange(0, 30).Draw(t, "denied") == 0}
	if st.what > 10 {
		st.m.Event = drawEvent(t)
	}
	return st
}

func (s *soup) apply(st step) Change {
	pick := func() Ref {
		if len(s.refs) == 0 {
			return 0
		}
		return s.refs[st.pick%len(s.refs)]
	}
	switch st.what {
	case 0, 1:
		s.tab.Forked(st.by, st.other, st.at)
	case 2, 3:
		s.tab.Execed(st.by, st.other, st.at)
	case 4:
		s.tab.Exited(st.by, st.at)
	case 5:
		s.tab.Gap(st.at)
	case 6:
		if st.pick%50 == 0 {
			s.tab.NewBoot(st.at)
		}
	case 7, 8:
		s.tab.Retain(pick())
	case 9:
		s.tab.Release(pick())
	case 10:
		s.tab.Snapshot([]es.SnapshotMount{{Statfs: es.Statfs{FSID: [2]int32{int32(st.pick % 5)}, MntOn: "/Volumes/U"}}}, st.at)
	default:
		c := s.tab.Observe(&st.m, st.by, st.at, st.late)
		for _, r := range []Ref{c.Target, c.Source, c.Replaced} {
			if r != 0 {
				s.refs = append(s.refs, r)
			}
		}
		return c
	}
	return Change{}
}

// answers is everything that a table says of a file.
func (t *Table) answers(r Ref, by lineage.Ref, at es.Moment) string {
	f, ok := t.File(r)
	v, _ := t.VolumeOf(r)
	return fmt.Sprintln(f, ok, v, t.Path(r), t.FirstName(r), t.NameAt(r, at), t.History(nil, r), t.Deeds(nil, r, ^Did(0), es.Moment{}),
		t.ContentSince(r), t.ContentDeeds(nil, r), t.OpenForWriting(r), t.MayHold(r, by), t.HeldFrom(r, by), t.Attributes(nil, r),
		t.Parent(r), t.ReadsBy(nil, by, es.Moment{}), t.MadeBy(nil, by, es.Moment{}), t.ForgottenSince(at, true), t.Find(t.Path(r)), t.Stats())
}

func newSoup() *soup { return &soup{tab: New(Limits{Files: 64, Executions: 64, Bytes: 64 << 10})} }

func saveAndRestore(t interface{ Fatal(...any) }, a *Table) *Table {
	var b bytes.Buffer
	if err := a.Save(gob.NewEncoder(&b)); err != nil {
		t.Fatal(err)
	}
	n := New(a.limits)
	if err := n.Restore(gob.NewDecoder(&b)); err != nil {
		t.Fatal(err)
	}
	return n
}

// Whatever comes, nothing panics, the table contradicts itself nowhere and stays within its bounds; a table that was saved
// and restored anywhere answers every later question as the one that was not, and so does one that was shown what comes.
func TestSoup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := newSoup(), newSoup()
		for i := range rapid.IntRange(1, 120).Draw(t, "n") {
			st := drawStep(t, a)
			ca := a.apply(st)
			if rapid.IntRange(0, 30).Draw(t, "cut") == 0 {
				b.tab = saveAndRestore(t, b.tab)
				if err := b.tab.consistent(); err != nil {
					t.Fatalf("restored before step %d: %v", i, err)
				}
			}
			b.tab.Foresee([]es.Message{st.m, {Event: drawEvent(t)}})
			cb := b.apply(st)
			if d := cmp.Diff(ca, cb); d != "" {
				t.Fatalf("step %d, restored table differs:\n%s", i, d)
			}
			if err := a.tab.consistent(); err != nil {
				t.Fatalf("step %d, %+v: %v", i, st, err)
			}
			for _, r := range []Ref{ca.Target, ca.Source, ca.Replaced} {
				if x, y := a.tab.answers(r, st.by, st.at), b.tab.answers(r, st.by, st.at); x != y {
					t.Fatalf("step %d, restored table answers\n%s, not\n%s", i, y, x)
				}
			}
			if s := a.tab.Stats(); s.Files > 128 || s.Bytes > 64<<10 || s.Executions > 64 || s.Folders > 65 {
				t.Fatalf("out of bounds: %+v", s)
			}
		}
		for _, r := range a.refs {
			if x, y := a.tab.answers(r, 5, es.Moment{}), b.tab.answers(r, 5, es.Moment{}); x != y {
				t.Fatalf("restored table answers\n%s, not\n%s", y, x)
			}
		}
	})
}

// The truth about a small disk: what the table must say if it saw every message.
type disk struct {
	*mac
	paths map[string]uint64 // path → inode
	first map[uint64]string
	ref   map[uint64]Ref
	next  uint64
}

// With every message in view, each file has exactly the name the disk has for it, under the handle it had from the first.
func TestNamesAreTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := &disk{mac: &mac{t: nil, tab: New(Limits{}), step: time.Millisecond}, paths: map[string]uint64{}, first: map[uint64]string{}, ref: map[uint64]Ref{}, next: 100}
		d.now = time.Hour
		send := func(ev es.Event) Change {
			d.n++
			d.now += time.Second
			at := d.moment()
			return d.tab.Observe(&es.Message{Time: at.Time, ThreadID: 5, Event: ev}, 5, at, false)
		}
		folders := []string{"/Users/u", "/Users/u/d1", "/Users/u/d2"}
		names := []string{"a", "b", "c"}
		top := dir("/Users", 2)
		send(&es.Open{FFlag: 1, File: top})
		for i, f := range folders {
			send(&es.Open{FFlag: 1, File: dir(f, uint64(10+i))})
		}
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			k := rapid.IntRange(0, len(folders)-1).Draw(t, "folder")
			p := folders[k] + "/" + rapid.SampledFrom(names).Draw(t, "name")
			k2 := rapid.IntRange(0, len(folders)-1).Draw(t, "into")
			base := rapid.SampledFrom(names).Draw(t, "to")
			q := folders[k2] + "/" + base
			ino := d.paths[p]
			switch op := rapid.IntRange(0, 5).Draw(t, "op"); {
			case ino == 0:
				d.next++
				f := d.born(p, d.next)
				c := send(&es.Create{ExistingFile: f})
				d.paths[p], d.ref[d.next] = d.next, c.Target
			case op == 0:
				send(&es.Unlink{Target: old(p, ino), ParentDir: dir(folders[k], uint64(10+k))})
				delete(d.paths, p)
			case op <= 2:
				if q == p {
					continue
				}
				if over := d.paths[q]; over != 0 {
					send(&es.Rename{Source: old(p, ino), DestinationType: es.DestinationExistingFile, ExistingFile: old(q, over)})
				} else {
					send(&es.Rename{Source: old(p, ino), DestinationType: es.DestinationNewPath, Dir: dir(folders[k2], uint64(10+k2)), Filename: base})
				}
				delete(d.paths, p)
				d.paths[q] = ino
			case op == 3 && k > 0:
				// Move a folder: everything in it moves.
				to := fmt.Sprintf("/Users/u/d%d", rapid.IntRange(1, 9).Draw(t, "dir"))
				taken := false
				for _, f := range folders {
					taken = taken || f == to
				}
				if taken {
					continue
				}
				send(&es.Rename{Source: dir(folders[k], uint64(10+k)), DestinationType: es.DestinationNewPath, Dir: dir("/Users/u", 10), Filename: to[len("/Users/u/"):]})
				for old, ino := range d.paths {
					if under(old, folders[k]) {
						delete(d.paths, old)
						d.paths[to+old[len(folders[k]):]] = ino
					}
				}
				folders[k] = to
			case op == 4 && q != p && d.paths[q] != 0:
				// Swap.
				send(&es.Rename{Source: old(p, ino), DestinationType: es.DestinationExistingFile, ExistingFile: old(q, d.paths[q])})
				d.n++
				at := d.moment()
				d.tab.Observe(&es.Message{Time: at.Time, ThreadID: 5, Event: &es.Rename{Source: old(q, d.paths[q]), DestinationType: es.DestinationExistingFile, ExistingFile: old(p, ino)}}, 5, at, false)
				d.paths[p], d.paths[q] = d.paths[q], ino
			default:
				send(&es.Open{FFlag: 1, File: old(p, ino)})
			}
			if err := d.tab.consistent(); err != nil {
				t.Fatal(err)
			}
			there := map[Ref]string{}
			for p, ino := range d.paths {
				there[d.ref[ino]] = p
				if got := d.tab.Find(p); got != d.ref[ino] {
					t.Fatalf("%s is file %d, want %d", p, got, d.ref[ino])
				}
				if got := d.tab.Path(d.ref[ino]); got != p {
					t.Fatalf("file %d is %s, want %s", d.ref[ino], got, p)
				}
			}
			for _, r := range d.ref {
				f, _ := d.tab.File(r)
				if _, is := there[r]; is == f.Gone {
					t.Fatalf("file %d %s: gone %v", r, d.tab.Path(r), f.Gone)
				}
			}
			if m := d.tab.Stats().Moved; m != 0 {
				t.Fatalf("%d unseen moves", m)
			}
		}
	})
}

// A save by way of a temporary file, with each message lost in turn: the table may know less, and says nothing false.
func TestLossAtEachMessage(t *testing.T) {
	run := func(lost uint64) (*mac, Ref, Ref) {
		w := newMac(t)
		w.lost = lost
		docs := dir("/Users/a", 3)
		doc := old("/Users/a/doc", 10)
		w.open(5, doc, es.FRead)
		w.close(5, doc, false)
		tmp := w.born("/Users/a/.doc.sb", 11)
		w.create(5, tmp)
		w.open(5, tmp, es.FWrite)
		w.write(5, tmp)
		w.write(6, tmp) // a helper with a passed descriptor
		tmp = sized(tmp, 100)
		w.do(5, &es.ExtAttr{Which: es.KindSetExtAttr, Target: tmp, Name: "q"})
		w.close(5, tmp, true)
		w.over(5, tmp, doc)
		final := tmp
		final.Path = "/Users/a/doc"
		w.open(7, final, es.FRead)
		w.unlink(8, old("/Users/a/other", 12), docs)
		return w, w.tab.FindIdentity(dataDev, 11), w.tab.FindIdentity(dataDev, 10)
	}
	all, _, _ := run(0)
	for lost := uint64(0); lost <= all.n; lost++ {
		w, f, replaced := run(lost)
		w.is(fmt.Sprintf("lost %d: path", lost), w.tab.Path(f), "/Users/a/doc")
		w.is(fmt.Sprintf("lost %d: at the path", lost), w.tab.Find("/Users/a/doc"), f)
		for _, by := range who(w.tab.Deeds(nil, f, DidWrite, es.Moment{})) {
			if by != 5 && by != 6 {
				t.Errorf("lost %d: %d wrote", lost, by)
			}
		}
		if n := w.tab.OpenForWriting(f); n > 2 {
			t.Errorf("lost %d: %d hold it", lost, n)
		}
		if got, ok := w.tab.File(f); ok && got.Existence == ExistedBefore {
			t.Errorf("lost %d: the new file is old", lost)
		}
		if got, ok := w.tab.File(replaced); ok && !got.Gone {
			t.Errorf("lost %d: the old file stays under %q", lost, w.tab.Path(replaced))
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(struct{ Version int }{99}); err != nil {
		t.Fatal(err)
	}
	if err := New(Limits{}).Restore(gob.NewDecoder(&b)); err == nil {
		t.Error("a state of another version was taken")
	}
	if err := New(Limits{}).Restore(gob.NewDecoder(&b)); err == nil {
		t.Error("nothing was taken for a state")
	}
}
