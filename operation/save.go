package operation

import (
	"path"
	"strings"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/finding"
)

const (
	didCreate = attribution.DidCreate
	didClose  = attribution.DidClose
)

// aSwapSave, trace: the program made a new file, then RENAME_SWAPped it with the document: two renames, there and back, and
// mostly an unlink of the old content under the temporary name. [S: mac_vfs.c, R]
func (r *Recognizer) aSwapSave(v *view) (verdict, bool) {
	if !v.Swapped || !v.New {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Save, Method: finding.BySwap, Level: finding.Likely, Rule: "swapped-in",
		Says: "the program made a new file and swapped it with the document",
	}, true
}

// aReplaceSave, trace: the program made a new file, under whatever temporary name, and renamed it over the document. A
// rename of what was there before is no save: that is a move onto a file. [R, S: swift-foundation]
func (r *Recognizer) aReplaceSave(v *view) (verdict, bool) {
	if !v.New || !v.Renamed {
		return verdict{}, false
	}
	if v.Replaced == nil {
		return firstSave(v)
	}
	return verdict{
		Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "renamed-over",
		Says: "the program made a new file and renamed it over the document",
	}, true
}

// firstSave, trace: the program made a file under a name, or in a folder, that only saving gives, and renamed it to where no
// document was before: a document saved for the first time. [R, S: swift-foundation _amkrtemp, .dat.nosync]
func firstSave(v *view) (verdict, bool) {
	if !beingSaved(v.From) || beingSaved(v.path) {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "save-name-made",
		Says: "the program made a new file under a name that saving gives and renamed it to its final one",
	}, true
}

// aBackupSave, trace: the program renamed the document aside, made it anew under its own name, wrote it, and mostly
// unlinked the backup. Rotated logs look alike: there the new file begins empty, and the old one is kept. [R]
func (r *Recognizer) aBackupSave(v *view) (verdict, bool) {
	if !v.New || v.Vacated == 0 {
		return verdict{}, false
	}
	o := &r.Drafts[v.Vacated]
	if !o.Live || o.Form != formRename || o.From != v.From && o.From != v.path {
		return verdict{}, false
	}
	if !v.Written && v.size <= 0 {
		return verdict{}, false
	}
	if v.Displaced != o.File && !v.program.Has(catalog.Editor) && !backupName(o.To, o.From) {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Save, Method: finding.ByBackup, Level: finding.Likely, Rule: "made-anew",
		Says: "the program set the document aside and wrote it anew under its name",
	}, true
}

// backupName reports whether a name is the other's, marked as a backup.
func backupName(backup, document string) bool {
	if t, ok := catalog.SaveTemp(backup); ok && t.Kind == catalog.EditorBackup && t.Final == document {
		return true
	}
	b, d := path.Base(backup), path.Base(document)
	return path.Dir(backup) == path.Dir(document) &&
		(strings.EqualFold(b, d+".bak") || strings.EqualFold(b, d+".backup") || strings.EqualFold(b, d+".orig"))
}
