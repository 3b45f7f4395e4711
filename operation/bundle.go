package operation

import (
	"slices"

	"ascribe.example/catalog"
	"ascribe.example/finding"
)

// A document that is a folder, which people see as one, is saved like any other: made in a temporary place with all its
// parts, then swapped with the old one, or renamed to its name after the old one was set aside. What was taken over unchanged
// is cloned or linked from the old one; the old one's parts are unlinked one by one. All of it is one save. An installer
// puts programs in place the same way. [R]

// aFolder: a folder was made; or a document package or a program was made and put in place.
func (r *Recognizer) aFolder(v *view) verdict {
	if x, ok := r.aPackage(v); ok {
		return x
	}
	if v.Cloned {
		return verdict{
			Action: finding.Copy, Method: finding.ByClone, Level: finding.Likely, Rule: "clone-confirmed",
			Says: "a clone of the folder was asked for, and its creation followed", Source: v.Source, From: v.SourceAs,
		}
	}
	return verdict{
		Action: finding.Create, Method: finding.ByDirectory, Level: finding.Likely, Rule: "folder-made",
		Says: "a folder was made",
	}
}

// aPackage: a new package took its final place.
func (r *Recognizer) aPackage(v *view) (verdict, bool) {
	if !v.New || !v.Renamed && !v.Swapped {
		return verdict{}, false
	}
	if p, ok := catalog.BundleOf(v.path); !ok || p != v.path {
		return verdict{}, false
	}
	x, ok := verdict{
		Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "renamed-over",
		Says: "the program made a new document package and put it in the old one's place",
	}, true
	switch {
	case v.Swapped:
		x.Method, x.Rule = finding.BySwap, "swapped-in"
	case v.Replaced == nil:
		if x, ok = r.anAsideSave(v); !ok {
			x, ok = r.aFirstSave(v)
		}
	}
	if ok && v.program.Has(catalog.Installer) {
		x.Action, x.Rule, x.Says = finding.Install, "installer-made-it", "an installer put the new one there"
	}
	return x, ok
}

// packageOf is the verdict about the package of the same act that a path lies in, if it has been put in place and is not
// told yet: what is a part of it is told with it.
func (r *Recognizer) packageOf(v *view) (verdict, bool) {
	b, ok := catalog.BundleOf(v.path)
	if !ok || b == v.path {
		return verdict{}, false
	}
	a := r.Acts[v.Act]
	for i := len(a.Open) - 1; i >= 0; i-- {
		d := r.drafts.at(a.Open[i])
		if d.Form == formFolder && (d.Renamed || d.Swapped) && r.files.Path(d.File) == b {
			return r.aPackage(r.viewOf(d, false))
		}
	}
	// Told already, or about to be.
	for i := range a.Batches {
		for j := range a.Batches[i].Items {
			if it := &a.Batches[i].Items[j]; it.Folder && it.Path == b && (it.Action == finding.Save || it.Action == finding.Install) {
				return verdict{Action: it.Action, Method: it.Method, Level: it.Level, Rule: it.Rule, Says: it.Says}, true
			}
		}
	}
	return verdict{}, false
}

// asPart turns what was found of a file into its share of the package that it lies in.
func (r *Recognizer) asPart(v *view, x *verdict) {
	if v.Form != formContent && v.Form != formLink {
		return
	}
	switch x.Action {
	case finding.Create, finding.Copy, finding.Link, finding.Save, finding.Write, finding.Install:
		if p, ok := r.packageOf(v); ok {
			*x = p
			x.Part = true
		}
	}
}

// partOfDisplaced is the open draft of a package that took the place of the one that an unlinked path lies in; 0 none.
func (r *Recognizer) partOfDisplaced(s *Seen) int32 {
	id, _ := r.actOf(s.By)
	a := r.Acts[id]
	if a == nil {
		return 0
	}
	for i := len(a.Open) - 1; i >= 0 && i >= len(a.Open)-pendingReach; i-- {
		d := r.drafts.at(a.Open[i])
		switch {
		case d.Form != formFolder:
		case d.Displaced != 0:
			if under(s.Change.Before, r.files.Path(d.Displaced)) {
				return a.Open[i]
			}
		case d.Vacated != 0:
			if o := r.drafts.at(d.Vacated); o.Live && o.Form == formRename && o.Folder && under(s.Change.Before, o.To) {
				return a.Open[i]
			}
		}
	}
	return 0
}

// oneBundle is the document that all items are parts of.
func (r *Recognizer) oneBundle(b *batch) (string, bool) {
	first, ok := catalog.BundleOf(b.Items[0].Path)
	if !ok {
		return "", false
	}
	for i := range b.Items {
		if p, ok := catalog.BundleOf(b.Items[i].Path); !ok || p != first {
			return "", false
		}
	}
	if catalog.IsLibrary(first) && !slices.ContainsFunc(b.Folders, func(f item) bool { return f.Path == first }) {
		return "", false // what goes into a library is not the library
	}
	return first, true
}
