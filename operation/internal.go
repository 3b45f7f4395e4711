package operation

import (
	"path"

	"ascribe.example/catalog"
	"ascribe.example/finding"
)

// ownBooks reports whether what a draft came to is a program's own book about its work, no act that a person would name:
//
//	an editor's lock, journal or autosave beside the document: .#name, .name.swp, ~$name, #name#
//	Finder's record in a Trash folder of where things came from: .DS_Store with put-back names
//	a browser's package around a download that is under way: X.download and its Info.plist
//
// Only a program that is known by its signature may have such books: a name alone would let anything hide. [R]
func (r *Recognizer) ownBooks(v *view, x *verdict) bool {
	switch x.Action {
	case finding.Create, finding.Write, finding.Delete, finding.Save, finding.EmptyTrash:
	default:
		return false
	}
	if v.program.Has(catalog.Editor) {
		if t, ok := catalog.SaveTemp(v.path); ok && (t.Kind == catalog.EditorSwap || t.Kind == catalog.EditorProbe) {
			return true
		}
	}
	if v.program.Any(catalog.FileManager|catalog.Broker) && baseOf(v.path) == ".DS_Store" {
		if t, ok := catalog.TrashOf(v.path); ok && t.Name == ".DS_Store" {
			return true
		}
	}
	if v.does(catalog.Browser) {
		if b, ok := catalog.BundleOf(v.path); ok && path.Ext(b) == ".download" && (v.path == b || baseOf(v.path) == "Info.plist") {
			return true
		}
	}
	return false
}
