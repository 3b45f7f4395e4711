package operation

import (
	"ascribe.example/catalog"
	"ascribe.example/es"
)

// waits reports whether a draft cannot be over yet: its file is held open for writing, an older new file of the same act may
// turn out to be the copy that it is the other half of, or a file took the name that it freed.
func (r *Recognizer) waits(d *draft) bool {
	if d.Done {
		return false
	}
	switch d.Form {
	case formContent:
		return r.heldForWriting(d) || r.namedForNow(d) || r.holdsThePlace(d)
	case formFolder:
		return r.namedForNow(d) || r.holdsWhatIsSaved(d)
	case formLink:
		o := r.folderAbove(d, d.To)
		return o != nil && !o.Renamed && !o.Swapped && beingSaved(d.To) && r.Clock < d.Began.Clock+Longest
	case formUnlink, formRename:
		if r.Clock > d.Last.Clock+5*Quiet {
			return false
		}
		a := r.Acts[d.Act]
		if a == nil {
			return false
		}
		for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
			o := r.drafts.at(h)
			if o.Vacated != 0 && r.drafts.at(o.Vacated) == d {
				return true // the file that took the freed name decides
			}
			if o.Form == formContent && o.New && o.Began.Clock <= d.Began.Clock {
				return true
			}
			if o.Form == formFolder && o.New && d.Folder && o.Began.Clock <= d.Began.Clock && baseOf(o.From) == baseOf(d.From) {
				return true // an empty folder that was moved to another volume
			}
		}
	}
	return false
}

// namedForNow reports whether a new file or folder still has a name that only stands for a while: it is under way to its
// final one, which may take longer than a pause.
func (r *Recognizer) namedForNow(d *draft) bool {
	if !d.New || d.Renamed || r.Clock >= d.Began.Clock+Longest {
		return false
	}
	p := d.From
	if !r.files.IsAt(d.File, p) {
		if now := r.files.Path(d.File); now != "" {
			p = now
		}
	}
	if beingSaved(p) {
		return true
	}
	if _, ok := catalog.DownloadTemp(p); ok {
		return r.attr.Program(d.By).Any(catalog.Browser | catalog.Downloader)
	}
	return false
}

// holdsWhatIsSaved reports whether a new folder that only stands while something is saved still holds what the same act
// makes in it, however long that takes: a screen recording.
func (r *Recognizer) holdsWhatIsSaved(d *draft) bool {
	if !d.New || d.Renamed || !beingSaved(d.From) {
		return false
	}
	a := r.Acts[d.Act]
	if a == nil {
		return false
	}
	for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
		if o := r.drafts.at(h); o.Form == formContent && o.New && under(r.files.Path(o.File), d.From) {
			return true
		}
	}
	return false
}

// holdsThePlace reports whether a new empty file keeps the final name of a download that the same act has under way: Firefox
// makes one first. [R]
func (r *Recognizer) holdsThePlace(d *draft) bool {
	if !d.mayHoldThePlace() || d.Form != formContent {
		return false
	}
	a := r.Acts[d.Act]
	if a == nil || !r.attr.Program(d.By).Has(catalog.Browser) {
		return false
	}
	for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
		o := r.drafts.at(h)
		if o == d || !o.New || o.Form != formContent || folderOf(o.From) != folderOf(d.From) {
			continue
		}
		if _, ok := catalog.DownloadTemp(o.From); ok && o.Began.Clock >= d.Began.Clock {
			return true
		}
	}
	return false
}

// folderAbove is the open draft of a folder that the same act made, in which a path lay when the folder was made.
func (r *Recognizer) folderAbove(d *draft, p string) *draft {
	a := r.Acts[d.Act]
	if a == nil {
		return nil
	}
	for i := len(a.Open) - 1; i >= 0 && i >= len(a.Open)-pendingReach; i-- {
		if o := r.drafts.at(a.Open[i]); o.Form == formFolder && o.New && under(p, o.From) {
			return o
		}
	}
	return nil
}

// heldForWriting reports whether anybody holds the draft's file open for writing, as far as closes are recorded at all.
func (r *Recognizer) heldForWriting(d *draft) bool {
	return r.recorded.Has(es.KindClose) && r.files.OpenForWriting(d.File) > 0
}
