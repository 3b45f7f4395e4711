package operation

import (
	"strings"

	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/lineage"
)

// attribute names that browsers and receivers set on what came from elsewhere [D].
const (
	quarantineAttr = "com.apple.quarantine"
	whereFromAttr  = "com.apple.metadata:kMDItemWhereFroms"
)

// ordinary reports whether a mode is of something that operations are told of: a file, a folder, a symlink.
func ordinary(mode uint16) bool {
	switch mode & es.ModeType {
	case es.ModeRegular, es.ModeDir, es.ModeSymlink, 0:
		return true
	}
	return false
}

// created: a file, a folder or a symlink is there; also the confirmation of a clone.
func (r *Recognizer) created(s *Seen, e *es.Create) {
	if e.DestinationType != es.DestinationExistingFile {
		r.without(ReasonDenied, 1)
		return
	}
	mode := e.ExistingFile.Stat.Mode
	if !ordinary(mode) {
		r.without(ReasonNotAFile, 1)
		return
	}
	f := s.Change.Target
	if h, d := r.contentOf(f); d != nil {
		if r.sameAct(d, s.By) && d.New {
			r.join(d, s, attribution.DidCreate)
			return
		}
		r.settle(h, false)
	}
	kind, did := formContent, attribution.DidCreate
	switch mode & es.ModeType {
	case es.ModeDir:
		kind, did = formFolder, attribution.DidAct
	case es.ModeSymlink:
		did |= attribution.DidAct
	}
	id, _ := r.actOf(s.By)
	vacated := r.pending(id, s.Change.After, formRename, formUnlink)
	h, d := r.begin(s, kind, f)
	d.New, d.Mode, d.From, d.Folder = true, mode, strings.Clone(s.Change.After), kind == formFolder
	d.Vacated = vacated
	d.OldSize = 0
	if o := e.ExistingFile.Stat.UID; e.ExistingFile.Stat.Ino != 0 {
		d.Case.Owner = o
	}
	r.join(d, s, did)
	if (s.Change.Made == files.MadeByClone || s.Change.Made == files.MadeByCopyfile) && r.isCopyOf(s, e) {
		r.madeFrom(d, s)
	}
	if s.Change.Replaced != 0 {
		d.Replaced = r.replacedBy(d, s.Change.Replaced)
	}
	if f != 0 {
		r.byFile[f] = h
	}
}

// contentChanged: a write or a truncation.
func (r *Recognizer) contentChanged(s *Seen, did attribution.Did, f *es.File) {
	if f.Stat.Mode&es.ModeType != es.ModeRegular && f.Stat.Mode&es.ModeType != 0 {
		r.without(ReasonNotAFile, 1)
		return
	}
	h, d := r.contentFor(s, f)
	if did&attribution.DidWrite != 0 {
		d.Written = true
	} else {
		d.Truncated = true
	}
	r.join(d, s, did)
	_ = h
}

// contentFor is the draft that a change of content belongs to: the open one of the file, unless its act is over and another
// program has begun its own work on the file.
func (r *Recognizer) contentFor(s *Seen, f *es.File) (int32, *draft) {
	ref := s.Change.Target
	if h, d := r.contentOf(ref); d != nil {
		if r.sameAct(d, s.By) || !r.beganAnew(d, s.By, ref) {
			return h, d
		}
		r.settle(h, false)
	}
	h, d := r.begin(s, formContent, ref)
	d.From, d.Mode, d.OldSize = strings.Clone(s.Change.After), f.Stat.Mode, f.Stat.Size
	if d.From == "" {
		d.From = strings.Clone(s.Change.Before)
	}
	r.addOpeners(d, ref)
	if ref != 0 {
		r.byFile[ref] = h
	}
	return h, d
}

// beganAnew reports whether an execution that opened the file for writing itself works on what another act has finished.
func (r *Recognizer) beganAnew(d *draft, by lineage.Ref, ref files.Ref) bool {
	if d.letGoOfNothing() {
		return true // it was opened anew, seen or not
	}
	own := false
	r.deeds = r.files.DeedsBy(r.deeds[:0], ref, by)
	for i := range r.deeds {
		if r.deeds[i].Did == files.DidOpenWrite {
			own = true
		}
	}
	return own && r.files.OpenForWriting(ref) <= 1
}

// letGoOfNothing: a clone leaves no descriptor that could have been passed on.
func (d *draft) letGoOfNothing() bool {
	return d.Cloned && !d.Written && !d.did(attribution.DidOpen)
}

// did reports whether anybody did any of the given in the draft.
func (d *draft) did(what attribution.Did) bool {
	for i := range d.Case.Parts {
		if d.Case.Parts[i].Did&what != 0 {
			return true
		}
	}
	return false
}

// addOpeners notes who already held the file open for writing when the draft began.
func (r *Recognizer) addOpeners(d *draft, ref files.Ref) {
	if ref == 0 {
		return
	}
	r.deeds = r.files.Deeds(r.deeds[:0], ref, files.DidOpenWrite|files.DidMap, es.Moment{})
	for i := range r.deeds {
		x := &r.deeds[i]
		if x.Open <= 0 && x.Last.Clock < d.Began.Clock-Quiet {
			continue
		}
		did := attribution.DidOpen
		if x.Did == files.DidMap {
			did = attribution.DidMap
		}
		from := d.Case.From
		d.Case.Add(x.By, did, x.First)
		d.Case.From = from
	}
}

// mapped: stores through memory are not reported; the close tells whether anything could have changed.
func (r *Recognizer) mapped(s *Seen, e *es.MMap) {
	if e.Protection&es.ProtWrite == 0 || e.Flags&es.MapShared == 0 {
		return
	}
	if _, d := r.contentOf(s.Change.Target); d != nil {
		d.Mapped = true
		r.join(d, s, attribution.DidMap)
	}
}

// opened: an open for writing belongs to the draft of the file, if there is one; with O_TRUNC it changes the content.
func (r *Recognizer) opened(s *Seen, e *es.Open) {
	if e.FFlag&es.FWrite == 0 {
		if r.opts.Reads || r.opts.Send {
			r.readBy(s, &e.File)
		}
		return
	}
	if e.File.Stat.Mode&es.ModeType != es.ModeRegular {
		return
	}
	if h, d := r.contentOf(s.Change.Target); d != nil {
		if r.sameAct(d, s.By) || r.files.OpenForWriting(s.Change.Target) > 1 {
			r.join(d, s, attribution.DidOpen)
			return
		}
		// Another program begins its own work on what the draft's act has let go of.
		r.settle(h, false)
	}
	if e.FFlag&es.OTrunc != 0 {
		_, d := r.contentFor(s, &e.File)
		d.Truncated = true
		r.join(d, s, attribution.DidOpen|attribution.DidTruncate)
	}
}

// closed: a close tells about the file. Modified closes with no draft are the only trace of a change where neither writes nor
// creations were recorded.
func (r *Recognizer) closed(s *Seen, e *es.Close) (unheld bool) {
	if e.Target.Stat.Mode&es.ModeType != es.ModeRegular {
		return false
	}
	did := attribution.DidClose
	if e.Modified {
		did |= attribution.DidModified
	}
	var h int32
	var d *draft
	if r.files.Retained(s.Change.Target) { // most closes are of files that were only read
		h, d = r.contentOf(s.Change.Target)
	}
	if d != nil && e.Modified && d.letGoOfNothing() && !r.sameAct(d, s.By) {
		r.settle(h, false) // somebody else has opened and changed what was cloned
		_, d = r.contentOf(s.Change.Target)
	}
	if d != nil {
		if !e.Modified && !r.sameAct(d, s.By) {
			return false // a reader's
		}
		if e.WasMappedWritable && !d.Mapped {
			d.Case.Mapped = true
		}
		r.join(d, s, did)
		r.noteSource(d)
		return false
	}
	mappedHere := r.mapChanged(s, e)
	if !e.Modified && !mappedHere {
		return false
	}
	if r.recorded.Has(es.KindWrite) && !mappedHere {
		// Writes are recorded and none was seen since the last draft settled: the bit is an old one, shared by all who hold
		// the open file [S: FWASWRITTEN]; or the writes were before the recording.
		return false
	}
	if !mappedHere && !r.openedForWriting(s) {
		return !r.recorded.Has(es.KindOpen) && !r.recorded.Has(es.KindCreate)
	}
	_, d = r.contentFor(s, &e.Target)
	d.CloseOnly = true
	if mappedHere {
		d.Mapped = true
	}
	r.join(d, s, did)
	return false
}

// openedForWriting reports whether anybody was seen to open the file for writing.
func (r *Recognizer) openedForWriting(s *Seen) bool {
	r.deeds = r.files.Deeds(r.deeds[:0], s.Change.Target, files.DidOpenWrite|files.DidCreate, es.Moment{})
	return len(r.deeds) > 0
}

// mapChanged reports whether a file that this life mapped shared and writable has changed since it was opened.
func (r *Recognizer) mapChanged(s *Seen, e *es.Close) bool {
	if !e.WasMappedWritable {
		return false
	}
	// The mark stays on the file for everybody once anybody has mapped it: only a mapper's own close tells of a change [D].
	mine := false
	r.deeds = r.files.Deeds(r.deeds[:0], s.Change.Target, files.DidMap, es.Moment{})
	for i := range r.deeds {
		mine = mine || r.sameLife(r.deeds[i].By, s.By)
	}
	if !mine {
		return false
	}
	f, ok := r.files.File(s.Change.Target)
	return ok && (f.FirstStat.MTime != e.Target.Stat.MTime || f.FirstStat.Size != e.Target.Stat.Size)
}

func (r *Recognizer) sameLife(a, b lineage.Ref) bool {
	p, q := r.lineage.At(a), r.lineage.At(b)
	return p != nil && q != nil && p.Life == q.Life
}

// linked: a second name.
func (r *Recognizer) linked(s *Seen, e *es.Link) {
	// What was already told of as made is a file like any other: another name for it is an act of its own.
	if _, d := r.contentOf(s.Change.Target); d != nil && r.sameAct(d, s.By) && d.New && d.Chain.Parts == 0 {
		r.join(d, s, attribution.DidName)
		return
	}
	_, d := r.begin(s, formLink, s.Change.Target)
	d.From, d.To, d.Mode = strings.Clone(s.Change.Before), strings.Clone(s.Change.After), e.Source.Stat.Mode
	r.join(d, s, attribution.DidAct)
}

// attributed: extended attributes, mode, owner, ACL, flags, times.
func (r *Recognizer) attributed(s *Seen, f *es.File) {
	if !ordinary(f.Stat.Mode) {
		r.without(ReasonNotAFile, 1)
		return
	}
	set, mtime := attrsOf(s.M.Event)
	if _, d := r.contentOf(s.Change.Target); d != nil && (r.sameAct(d, s.By) || d.New && isMark(set) && r.workTogether(d, s)) {
		d.Attrs |= set
		if mtime != 0 {
			d.SetMTime = mtime
		}
		if o, is := s.M.Event.(*es.SetOwner); is && d.New {
			d.Case.Owner = o.UID // the owner that it is given says for whom it was made
		}
		r.join(d, s, 0)
		return
	}
	if h := r.pendingFile(s); h != 0 {
		d := r.drafts.at(h)
		d.Attrs |= set
		r.join(d, s, 0)
		return
	}
	kind := formProtect
	if x, is := s.M.Event.(*es.ExtAttr); is {
		if x.Which != es.KindDeleteExtAttr || x.Name != quarantineAttr {
			r.without(ReasonAttributeOnly, 1)
			return
		}
		kind = formUnquarantine
	} else if set&attrTimes != 0 {
		r.without(ReasonAttributeOnly, 1)
		return
	}
	_, d := r.begin(s, kind, s.Change.Target)
	d.From, d.To, d.Mode, d.Attrs, d.Folder = strings.Clone(s.Change.After), strings.Clone(s.Change.After), f.Stat.Mode, set, f.IsDir()
	r.join(d, s, attribution.DidAct)
}

// pendingFile is an open draft of the same act about the same file: several attributes, or attributes of a new folder.
func (r *Recognizer) pendingFile(s *Seen) int32 {
	id, _ := r.actOf(s.By)
	a := r.Acts[id]
	if a == nil || s.Change.Target == 0 {
		return 0
	}
	for i := len(a.Open) - 1; i >= 0 && i >= len(a.Open)-pendingReach; i-- {
		d := r.drafts.at(a.Open[i])
		if d.File != s.Change.Target {
			continue
		}
		switch d.Form {
		case formFolder, formProtect, formRename:
			return a.Open[i]
		}
	}
	return 0
}

// isMark reports whether all that was set are marks that do not change who has the file: extended attributes, times.
func isMark(set attrs) bool { return set&^(attrQuarantine|attrWhereFrom|attrOther|attrTimes) == 0 }

func attrsOf(e es.Event) (set attrs, mtime es.Time) {
	switch e := e.(type) {
	case *es.ExtAttr:
		switch {
		case e.Which == es.KindDeleteExtAttr:
			return attrOther, 0
		case e.Name == quarantineAttr:
			return attrQuarantine, 0
		case e.Name == whereFromAttr:
			return attrWhereFrom, 0
		}
		return attrOther, 0
	case *es.SetMode:
		return attrMode, 0
	case *es.SetOwner:
		return attrOwner, 0
	case *es.SetACL:
		return attrACL, 0
	case *es.SetFlags:
		return attrFlags, 0
	case *es.UTimes:
		return attrTimes, e.MTime
	}
	return 0, 0
}

// mounted: a volume came or went.
func (r *Recognizer) mounted(s *Seen, e *es.Mount) {
	_, d := r.begin(s, formMount, 0)
	d.From = strings.Clone(e.Statfs.MntOn)
	if e.Which == es.KindUnmount {
		d.Form = formMount
		d.Disposed = true
	}
	d.Volume = s.Change.Volume
	d.Mount = d.From
	d.Done = true
	r.join(d, s, attribution.DidAct)
}

// readBy: asked for by option only.
func (r *Recognizer) readBy(s *Seen, f *es.File) {
	if f.Stat.Mode&es.ModeType != es.ModeRegular {
		return
	}
	_, d := r.begin(s, formRead, s.Change.Target)
	d.From, d.To, d.Mode = strings.Clone(s.Change.After), strings.Clone(s.Change.After), f.Stat.Mode
	r.join(d, s, attribution.DidAct|attribution.DidRead)
}
