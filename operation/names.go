package operation

import (
	"strings"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// renamed: a temporary name becomes the final one, or something moves.
func (r *Recognizer) renamed(s *Seen, e *es.Rename) {
	if !ordinary(e.Source.Stat.Mode) {
		r.without(ReasonNotAFile, 1)
		return
	}
	if s.Change.Swapped && r.otherHalf(s) {
		return
	}
	f := s.Change.Target
	if h, d := r.contentOf(f); d != nil {
		if d.New && (r.sameAct(d, s.By) || r.handsOver(d, s)) && !toldOf(d, s.Change.Before) {
			r.renamedDraft(h, d, s)
			return
		}
		r.settle(h, false)
	}
	_, d := r.begin(s, formRename, f)
	d.From, d.To, d.Mode, d.Folder = strings.Clone(s.Change.Before), strings.Clone(s.Change.After), e.Source.Stat.Mode, e.Source.IsDir()
	if s.Change.Replaced != 0 {
		d.Replaced = r.replacedBy(d, s.Change.Replaced)
	}
	r.join(d, s, attribution.DidAct)
}

// toldOf reports whether a file that is still held open was told of as made: a new name is then an act of its own, unless the
// old one was a name for the meantime.
func toldOf(d *draft, name string) bool {
	if d.Chain.Parts == 0 {
		return false
	}
	_, temp := catalog.DownloadTemp(name)
	return !temp && !beingSaved(name)
}

// renamedDraft: what this act made gets another name; mostly its final one.
func (r *Recognizer) renamedDraft(h int32, d *draft, s *Seen) {
	d.Renamed = true
	// Who gave the name is a part; who wrote is still who put the content there.
	r.join(d, s, attribution.DidName)
	if s.Change.Replaced != 0 {
		if repl := r.replacedBy(d, s.Change.Replaced); repl != nil {
			d.Replaced = repl
		}
	}
	if d.Vacated == 0 {
		d.Vacated = r.pending(d.Act, s.Change.After, formRename, formUnlink)
	}
	r.schedule(h, s.At.Clock+Quiet)
}

// handsOver reports whether a program gives its final name to what another made for it under a temporary one: Safari to what
// its network service fetched, an app to what its helper saved. One of the two answers for the other, or one answers for
// both [D].
func (r *Recognizer) handsOver(d *draft, s *Seen) bool {
	if _, ok := catalog.DownloadTemp(s.Change.Before); !ok && !beingSaved(s.Change.Before) {
		return false
	}
	return r.workTogether(d, s)
}

// workTogether reports whether one of two executions answers for the other, or a third for both.
func (r *Recognizer) workTogether(d *draft, s *Seen) bool {
	mine, own := r.answers(s.By, s.At)
	for i := range d.Case.Parts {
		theirs, alone := r.answers(d.Case.Parts[i].By, s.At)
		if mine != (es.Key{}) && mine == theirs && !(own && alone) {
			return true
		}
	}
	return false
}

// answers is the execution that answers for one; alone: it does so itself.
func (r *Recognizer) answers(by lineage.Ref, at es.Moment) (key es.Key, alone bool) {
	e := r.lineage.At(by)
	if e == nil {
		return es.Key{}, true
	}
	if x := r.lineage.ResponsibleAt(by, at); !x.Self {
		return x.Now.Key, false
	}
	return e.Key, true
}

// otherHalf: a swap is told as two renames, there and back [S: mac_vfs.c]. The second half belongs to the first's draft.
func (r *Recognizer) otherHalf(s *Seen) bool {
	id, _ := r.actOf(s.By)
	a := r.Acts[id]
	if a == nil {
		return false
	}
	for i := len(a.Open) - 1; i >= 0; i-- {
		d := r.drafts.at(a.Open[i])
		if d.Replaced == nil || d.Replaced.File != s.Change.Target {
			continue
		}
		d.Swapped = true
		d.Displaced = s.Change.Target
		r.join(d, s, attribution.DidName)
		return true
	}
	return false
}

// replacedBy is the file that lost its name, unless the same act had made it to hold the place: an empty file, as Firefox
// makes one for a download.
func (r *Recognizer) replacedBy(d *draft, f files.Ref) *replaced {
	if h, o := r.contentOf(f); o != nil {
		if o.Act == d.Act && o.mayHoldThePlace() {
			d.Members.merge(&o.Members)
			prior := o.Replaced
			r.drop(h)
			return prior
		}
		r.settle(h, false)
	}
	return &replaced{File: f, Obj: r.Object(f)}
}

// unlinked: a temporary file ends, the source of a move goes, or something is deleted.
func (r *Recognizer) unlinked(s *Seen, e *es.Unlink) {
	if !ordinary(e.Target.Stat.Mode) {
		r.without(ReasonNotAFile, 1)
		return
	}
	f := s.Change.Target
	if h, d := r.contentOf(f); d != nil {
		same := r.sameAct(d, s.By)
		switch {
		case same && !s.Change.Gone && d.Chain.Parts == 0:
			r.join(d, s, attribution.DidName) // another name of it stays: a link was its final name
			return
		case same && r.exchangedAway(d, s, &e.Target.Stat):
			return
		case same && d.New && !d.Renamed && d.Chain.Parts == 0:
			r.join(d, s, 0)
			r.dropAs(h, ReasonTemporary)
			return
		}
		r.settle(h, false)
	}
	if h := r.displacedBy(s); h != 0 {
		r.join(r.drafts.at(h), s, attribution.DidName)
		return
	}
	if h := r.partOfDisplaced(s); h != 0 {
		r.join(r.drafts.at(h), s, attribution.DidName)
		return
	}
	if r.movedAway(s) {
		return
	}
	h, d := r.begin(s, formUnlink, f)
	if f != 0 {
		r.unlinks[f] = h
	}
	d.From, d.Mode, d.Folder = strings.Clone(s.Change.Before), e.Target.Stat.Mode, e.Target.IsDir()
	if st := e.Target.Stat; st.Size > 0 || d.Mode != 0 {
		d.OldSize = st.Size
	}
	r.join(d, s, attribution.DidAct)
}

// displacedBy is the open draft of the same act whose old content this is: swapped out, or set aside as a backup.
func (r *Recognizer) displacedBy(s *Seen) int32 {
	id, _ := r.actOf(s.By)
	a := r.Acts[id]
	if a == nil || s.Change.Target == 0 {
		return 0
	}
	for i := len(a.Open) - 1; i >= 0 && i >= len(a.Open)-pendingReach; i-- {
		d := r.drafts.at(a.Open[i])
		if d.Displaced == s.Change.Target {
			return a.Open[i]
		}
		if d.Vacated != 0 {
			if v := r.drafts.at(d.Vacated); v.Live && v.Form == formRename && v.File == s.Change.Target {
				d.Displaced = s.Change.Target
				return a.Open[i]
			}
		}
	}
	return 0
}

// movedAway: the source of a copy that this act has made and that waits in a batch goes: it was a move.
func (r *Recognizer) movedAway(s *Seen) bool {
	id, _ := r.actOf(s.By)
	a := r.Acts[id]
	if a == nil {
		return false
	}
	for i := range a.Batches {
		b := &a.Batches[i]
		if b.Action != finding.Copy && b.Action != finding.Move {
			continue
		}
		it, ok := b.Sources[s.Change.Target]
		if !ok || s.Change.Target == 0 {
			if b.Gone > 0 && takenFrom(b, s.Change.Before) {
				// The emptied folder that the moved files were in.
				b.Members.add(s.At, true, s.Late)
				b.Last = s.At
				r.scheduleAct(a, s.At.Clock+Instant)
				return true
			}
			continue
		}
		b.Members.add(s.At, true, s.Late)
		b.Last = s.At
		b.Gone++
		b.Case.AddName(s.By, s.Path, attribution.DidAct)
		if it >= 0 && int(it) < len(b.Items) {
			b.Items[it].Moved = true
		}
		r.scheduleAct(a, s.At.Clock+Instant)
		return true
	}
	return false
}

// takenFrom reports whether files of the batch were copied out of the folder.
func takenFrom(b *batch, folder string) bool {
	for i := range b.Items {
		if under(b.Items[i].Source, folder) {
			return true
		}
	}
	return false
}

// Object is a file as it is now, as far as known.
func (r *Recognizer) Object(f files.Ref) finding.Object {
	o := finding.Object{Type: finding.ObjectFile, Size: -1}
	x, ok := r.files.File(f)
	if !ok {
		return o
	}
	o.Dev, o.Size, o.Type = x.Dev, x.Stat.Size, typeOf(x.Stat.Mode)
	if x.Identity == files.ByInode {
		o.Ino = x.Ino
	}
	if v, ok := r.files.Volume(x.Volume); ok {
		o.Volume = r.volume(v)
	}
	return o
}

// volume is a volume as findings show it: the same one again where the same is shown again.
func (r *Recognizer) volume(v files.Volume) *finding.Volume {
	shown := finding.Volume{Mount: v.Mount, Kind: finding.VolumeKind(v.Kind), FS: v.FS}
	if r.shown == nil || *r.shown != shown {
		kept := shown
		r.shown = &kept
	}
	return r.shown
}

func typeOf(mode uint16) finding.ObjectType {
	switch mode & es.ModeType {
	case es.ModeDir:
		return finding.ObjectDirectory
	case es.ModeSymlink:
		return finding.ObjectSymlink
	case es.ModeRegular, 0:
		return finding.ObjectFile
	}
	return finding.ObjectOther
}
