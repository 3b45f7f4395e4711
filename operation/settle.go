package operation

import (
	"slices"
	"strings"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
)

// settle ends a draft, or one part of it: it is judged, and its item goes to a batch.
func (r *Recognizer) settle(h int32, cut bool) {
	d := r.drafts.at(h)
	if d.Chain.Parts > 0 && d.Members.Changing == 0 && d.Form == formContent {
		// Nothing came after the last part.
		if cut && r.heldForWriting(d) {
			r.nextPart(h)
			return
		}
		r.dropAs(h, ReasonAfter)
		return
	}
	a := r.Acts[d.Act]
	partial := cut && d.Form == formContent && r.heldForWriting(d)
	v := &r.looked
	r.look(v, d, partial)
	var x verdict
	switch d.Form {
	case formContent:
		r.asItsOwnAct(v)
		x = r.judge(v)
	case formFolder:
		x = r.aFolder(v)
	case formRename:
		x = r.aRename(v)
	case formUnlink:
		x = r.anUnlink(v)
	case formLink:
		x = verdict{
			Action: finding.Link, Method: finding.ByHardLink, Level: finding.Certain, Rule: "link-message",
			Says: "the file was given a second name", From: d.From,
		}
		v.path = d.To
		if o := r.folderAbove(d, d.To); o != nil && (o.Renamed || o.Swapped) {
			v.path = r.files.Path(o.File) + d.To[len(o.From):]
		}
	case formProtect:
		x = r.aProtection(v)
	case formUnquarantine:
		x = verdict{
			Action: finding.Unquarantine, Method: finding.ByAttribute, Level: finding.Certain, Rule: "quarantine-removed",
			Says: "the quarantine attribute was removed",
		}
	case formMount:
		x = r.aMount(v)
	case formRead:
		x = r.aRead(v)
	}
	switch {
	case x.IsNone:
	case r.ownBooks(v, &x):
		x.IsNone, x.None = true, ReasonInternal
	default:
		r.asPart(v, &x)
	}
	if x.IsNone {
		r.dropAs(h, x.None)
		return
	}
	it := r.itemOf(v, &x)
	it.Of.Case.Asker = r.Fetches.askerOf(it.Path, it.Last)
	if !x.Part {
		r.joinHalves(v, &x, &it)
	}
	if r.lineage.GapBetween(d.Began, d.Last) {
		it.Of.Members.Gap, it.Of.Case.Gap = true, true
	}
	it.Partial, it.More, it.Of.Chain = partial, d.More, d.Chain
	if d.Early {
		it.Level, it.Caveat = it.Level.AtMost(finding.Likely), finding.CaveatSettledEarly
	}
	if partial {
		it.Of.Case.Parts, it.Of.Case.Named = slices.Clone(it.Of.Case.Parts), slices.Clone(it.Of.Case.Named) // the draft goes on with its own
		if d.Chain.Parts == 0 {
			d.Chain = chain{First: it.Began, Seq: it.Of.Members.first(), Action: it.Action}
			it.Of.Chain = d.Chain
		}
		d.Chain.Parts++
		r.nextPart(h)
	} else {
		r.drop(h)
	}
	r.gather(a, &it)
	if len(a.Open) == 0 && len(a.Batches) == 0 {
		r.forget(a)
	}
}

// asItsOwnAct: an empty file that nobody wrote, or a symbolic link, is there by its creation alone.
func (r *Recognizer) asItsOwnAct(v *view) {
	if !v.New || v.Written || v.Mapped || v.size > 0 || v.Cloned || v.Copied {
		return
	}
	if r.draining && max(r.Now, r.Clock) < v.Last.Clock+Quiet {
		return // the recording ends here, and what came next is not known
	}
	if !r.recorded.Has(es.KindWrite) || v.Members.Late || r.lineage.GapBetween(v.Began, es.Moment{Seq: es.NoSeq, Clock: max(r.Now, r.Clock)}) {
		return // somebody may have written it unseen, through a descriptor that was passed on
	}
	for i := range v.Case.Parts {
		if p := &v.Case.Parts[i]; p.Did&attribution.DidCreate != 0 {
			p.Did |= attribution.DidAct
			return
		}
	}
}

// item is a draft that has settled: one file of a batch.
type item struct {
	Action   finding.Action
	Method   finding.Method
	Level    finding.Certainty
	Rule     string
	Says     string
	Path     string
	Source   string
	File     files.Ref
	From     files.Ref // the source
	Object   finding.Object
	SrcObj   *finding.Object
	Replaced *finding.Object
	Folder   bool
	Link     bool
	Moved    bool
	Partial  bool
	More     bool
	Caveat   finding.Caveat
	Else     *finding.Alternative
	Of       *gathered // nil once it is an item of its batch
	Began    es.Moment
	Last     es.Moment
}

// gathered is what an item brings to its batch, which keeps it for all of its items together.
type gathered struct {
	Case    attribution.Case
	Members Members
	Chain   chain
}

func (r *Recognizer) itemOf(v *view, x *verdict) item {
	r.brought = gathered{Case: v.Case, Members: v.Members}
	it := item{
		Action: x.Action, Method: x.Method, Level: x.Level, Rule: x.Rule, Says: x.Says, Path: v.path, Source: x.From,
		File: v.File, From: x.Source, Object: r.Object(v.File), Folder: v.Folder, Caveat: x.Caveat, Else: x.Else,
		Of: &r.brought, Began: v.Began, Last: v.Last,
	}
	if it.Object.Type == finding.ObjectFile && v.Mode != 0 {
		it.Object.Type = typeOf(v.Mode)
	}
	if it.Object.Volume == nil {
		if vol, ok := r.files.Volume(v.Volume); ok {
			it.Object.Volume = r.volume(vol)
		} else if vol, ok := r.files.VolumeAt(v.path); ok {
			it.Object.Volume = r.volume(vol)
		}
	}
	if it.Source != "" {
		o := r.Object(x.Source)
		if x.Source == 0 || x.Source == v.File {
			o = it.Object
		}
		if o.Volume == nil || x.Source == v.File {
			if vol, ok := r.files.VolumeAt(it.Source); ok {
				o.Volume = r.volume(vol)
			}
		}
		it.SrcObj = &o
	}
	if v.Replaced != nil {
		it.Replaced = &v.Replaced.Obj
	} else if x.Action == finding.Copy && !v.New {
		o := it.Object
		o.Size = v.OldSize
		it.Replaced = &o
	}
	return it // its members' ranges were the draft's, which ends here or begins anew
}

// joinHalves takes in the drafts that are the other half of what was judged: the unlink of a moved source, the rename that
// set a document aside, the unlink that freed the name.
func (r *Recognizer) joinHalves(v *view, x *verdict, it *item) {
	take := func(h int32) {
		o := r.drafts.at(h)
		if !o.Live || o.Act != v.Act {
			return
		}
		it.Of.Members.merge(&o.Members)
		it.Of.Case.Merge(&attribution.Case{Named: o.Case.Named, Owner: es.Unset})
		if o.Began.Clock < it.Began.Clock || it.Began.Seq == es.NoSeq || (o.Began.Clock == it.Began.Clock && o.Began.Seq < it.Began.Seq) {
			it.Began = o.Began
		}
		if o.Last.Clock > it.Last.Clock {
			it.Last = o.Last
		}
		r.drop(h)
	}
	if x.Action == finding.Copy && x.Source != 0 {
		if h := r.unlinks[x.Source]; h != 0 && r.drafts.at(h).Act == v.Act && r.drafts.at(h).Began.Clock >= v.Began.Clock {
			it.Moved = true
			take(h)
		}
	}
	if (x.Action == finding.Create || x.Rule == "copier-made-it") && v.New && (v.program.Has(catalog.Mover) || v.program.Name == filesHelper) &&
		!r.madeFor(v) {
		// What mv read was not recorded, but it made a file and removed one of the same name: that is its one way to move.
		if a := r.Acts[v.Act]; a != nil {
			for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
				o := r.drafts.at(h)
				alike := v.Folder || o.OldSize == v.size || o.OldSize < 0 || !v.sizeIsFinal()
				if o.Form == formUnlink && o.Folder == v.Folder && alike && baseOf(o.From) == baseOf(v.path) {
					it.Action, it.Method, it.Moved = finding.Copy, finding.ByReadWrite, true
					it.Rule, it.Says = "tool-read-and-wrote", "a program that moves by copying made the file and removed one of the same name elsewhere"
					it.Source = o.From
					obj := r.Object(o.File)
					it.SrcObj = &obj
					take(h)
					break
				}
			}
		}
	}
	if v.Vacated != 0 {
		o := r.drafts.at(v.Vacated)
		if !o.Live || o.Act != v.Act {
			return
		}
		switch {
		case o.Form == formRename && (x.Method == finding.ByBackup || x.Action == finding.Copy && v.Displaced == o.File):
			obj := r.Object(o.File)
			it.Replaced = &obj
			take(v.Vacated)
		case o.Form == formUnlink && v.isContent() && o.From == v.path:
			obj := r.Object(o.File)
			if obj.Size < 0 {
				obj.Size = o.OldSize
			}
			it.Replaced = &obj
			take(v.Vacated)
		}
	}
}

// madeFor reports whether a folder was made for what the same act put in it: that was moved, and the folders go along.
func (r *Recognizer) madeFor(v *view) bool {
	a := r.Acts[v.Act]
	if !v.Folder || a == nil {
		return false
	}
	for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
		if o := r.drafts.at(h); o.isContent() && o.New && o.File != v.File && under(r.files.Path(o.File), v.path) {
			return true
		}
	}
	for i := range a.Batches {
		if holdsUnder(&a.Batches[i], v.path) {
			return true
		}
	}
	return false
}

// aRename: what was there before got another name.
func (r *Recognizer) aRename(v *view) verdict {
	v.path = v.To
	x := verdict{Method: finding.ByRename, Level: finding.Certain, From: v.draft.From, Source: v.File, Rule: "rename-message"}
	_, wasTrash := catalog.TrashOf(v.draft.From)
	_, isTrash := catalog.TrashOf(v.To)
	_, temp := catalog.DownloadTemp(v.draft.From)
	_, still := catalog.DownloadTemp(v.To)
	saved := beingSaved(v.draft.From)
	switch {
	case isTrash && !wasTrash:
		x.Action, x.Level, x.Rule, x.Says = finding.Trash, finding.Likely, "into-trash", "it was renamed into a Trash folder"
	case wasTrash && !isTrash:
		x.Action, x.Level, x.Rule, x.Says = finding.Restore, finding.Likely, "out-of-trash", "it was renamed out of a Trash folder"
	case temp && !still && v.does(catalog.Browser|catalog.Downloader):
		x.Action, x.Level, x.Rule = finding.Download, finding.Likely, "download-name"
		x.Says, x.From, x.Source = "a browser's temporary download got its final name", "", 0
	case v.Replaced != nil && saved:
		x.Action, x.Level, x.Rule = finding.Save, finding.Likely, "save-name"
		x.Method, x.From, x.Source = finding.ByReplace, "", 0
		x.Says = "a file with a name that saving gives was renamed over the document"
	case v.Swapped && saved:
		x.Action, x.Level, x.Rule = finding.Save, finding.Likely, "save-name"
		x.Method, x.From, x.Source = finding.BySwap, "", 0
		x.Says = "a file with a name that saving gives was swapped with the document"
	case folderOf(v.draft.From) == folderOf(v.To):
		x.Action, x.Says = finding.Rename, "it was renamed within its folder"
	default:
		x.Action, x.Says = finding.Move, "it was renamed to another folder"
	}
	if v.Swapped {
		// What the program did not make changed places with something: neither of the two renames is all that happened.
		x.Method, x.Level = finding.BySwap, x.Level.AtMost(finding.Likely)
		v.Replaced = nil
	}
	r.halfSeen(v, &x)
	if v.Replaced != nil {
		if f, ok := r.files.File(v.Replaced.File); ok && (f.Names > 1 || f.Stat.Nlink > 1) {
			x.Level = x.Level.AtMost(finding.Likely) // of a file with several names, which one is shown is undefined [D]
		}
	}
	return x
}

// halfSeen takes the name away from what is plainly one step of something whose other steps were not seen: what is done to
// a file that had just been made unseen, or what leads into a place or a name that only saving gives.
func (r *Recognizer) halfSeen(v *view, x *verdict) {
	switch {
	case x.Action == finding.Save || x.Action == finding.Download:
		return // the names tell what the whole was
	case beingSaved(v.path) && !beingSaved(v.draft.From) || x.Action == finding.Delete && (beingSaved(v.path) || r.unfinished(v)):
	case v.known && v.file.MadeUnseen:
	default:
		return
	}
	x.Level, x.Caveat = finding.Unknown, r.unseenWhy()
}

// unfinished reports whether a browser removes what it keeps of a download under way.
func (r *Recognizer) unfinished(v *view) bool {
	_, ok := catalog.DownloadTemp(v.path)
	return ok && v.does(catalog.Browser)
}

// beingSaved reports whether a name is one that saving gives to new content.
func beingSaved(name string) bool {
	t, ok := catalog.SaveTemp(name)
	if !ok {
		return false
	}
	switch t.Kind {
	case catalog.ItemReplacement, catalog.BeingSaved, catalog.SafeSave, catalog.AtomicWrite, catalog.EditorTemp, catalog.Lock:
		return true
	}
	return false
}

// anUnlink: a name went.
func (r *Recognizer) anUnlink(v *view) verdict {
	v.path = v.draft.From
	x := verdict{
		Action: finding.Delete, Method: finding.ByUnlink, Level: finding.Certain, Rule: "unlink-message",
		Says: "the name was removed",
	}
	if v.program.Has(catalog.Mover) {
		// mv removes only what it has copied: the copy was not seen.
		x.Level = finding.Unknown
		x.Else = &finding.Alternative{
			For: finding.RoleAction, Action: finding.Move, Certainty: finding.Possible, Rule: "unlink-message",
			Says: "mv removes what it has copied to another volume; the copy was not seen",
		}
	}
	if t, ok := catalog.TrashOf(v.path); ok && t.Name != "" {
		x.Action, x.Level, x.Rule, x.Says = finding.EmptyTrash, finding.Likely, "unlink-in-trash", "it was removed from a Trash folder"
	}
	r.halfSeen(v, &x)
	return x
}

func (r *Recognizer) aProtection(v *view) verdict {
	x := verdict{Action: finding.Protect, Level: finding.Certain, Rule: "attribute-message"}
	if v.draft.From != "" && r.folderAbove(v.draft, v.draft.From) == nil {
		v.path = v.draft.From // its name when that was done: it may have been moved since, by whomever
	}
	switch {
	case v.Attrs&attrMode != 0:
		x.Method, x.Says = finding.ByMode, "the mode was set"
	case v.Attrs&attrOwner != 0:
		x.Method, x.Says = finding.ByOwner, "the owner was set"
	case v.Attrs&attrACL != 0:
		x.Method, x.Says = finding.ByACL, "the access control list was set"
	default:
		x.Method, x.Says = finding.ByFlags, "the flags were set"
	}
	return x
}

func (r *Recognizer) aMount(v *view) verdict {
	x := verdict{Action: finding.Mount, Level: finding.Certain, Rule: "mount-message", Says: "a volume was mounted"}
	if v.Disposed {
		x.Action, x.Rule, x.Says = finding.Unmount, "unmount-message", "a volume was unmounted"
	}
	v.path = v.Mount
	v.Folder = true
	v.Mode = es.ModeDir
	return x
}

// aRead is told on request; by a program that uploads it may be a sending, at most possible.
func (r *Recognizer) aRead(v *view) verdict {
	if r.opts.Send && v.does(catalog.Uploader) {
		return verdict{
			Action: finding.Send, Level: finding.Possible, Rule: "read-by-uploader",
			Says: "a program that uploads read the file; what it sent is not seen",
		}
	}
	if !r.opts.Reads {
		return verdict{IsNone: true, None: ReasonAttributeOnly}
	}
	return verdict{Action: finding.Read, Level: finding.Likely, Rule: "opened-for-reading", Says: "the file was opened for reading"}
}

// under reports whether a path lies in a folder.
func under(p, folder string) bool {
	return folder != "" && len(p) > len(folder) && strings.HasPrefix(p, folder) && (folder == "/" || p[len(folder)] == '/')
}

// folderOf is the folder of a canonical path, as path.Dir says it, which would look for what canonical paths do not have.
func folderOf(p string) string {
	switch i := strings.LastIndexByte(p, '/'); {
	case i < 0:
		return "."
	case i == 0:
		return "/"
	default:
		return p[:i]
	}
}

// baseOf is the last component of a canonical path.
func baseOf(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }
