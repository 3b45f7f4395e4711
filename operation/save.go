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
	if !v.New || !v.Renamed || v.Replaced == nil {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "renamed-over",
		Says: "the program made a new file and renamed it over the document",
	}, true
}

// aFirstSave, trace: the program made a file under a name, or in a folder, that only saving gives, and renamed it to where no
// document was before: a document saved for the first time. What is written there for longer than a part is on its way to a
// name that nothing tells yet. [R, S: swift-foundation _amkrtemp, .dat.nosync]
func (r *Recognizer) aFirstSave(v *view) (verdict, bool) {
	if v.New && !v.Renamed && v.partial && beingSaved(v.path) {
		return verdict{
			Action: finding.Save, Method: finding.ByStream, Level: finding.Possible, Rule: "save-name-made",
			Says: "the program is writing a new file under a name that saving gives",
		}, true
	}
	if !v.New || !v.Renamed || v.Replaced != nil || !beingSaved(v.From) || beingSaved(v.path) {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "save-name-made",
		Says: "the program made a new file under a name that saving gives and renamed it to its final one",
	}, true
}

// anAsideSave, traces: the program made a new file under a temporary name, and
//
//	renamed the document aside, renamed the new file to its name, and mostly unlinked the old one: JetBrains, Office, and
//	documents on volumes that know no swap
//	unlinked the document and renamed the new file to its name; or, an editor or version control, made it anew at once
//
// Rotated logs look alike: there the old one is kept under a name of its own, and the new one had no temporary name. [R]
func (r *Recognizer) anAsideSave(v *view) (verdict, bool) {
	if !v.New || v.Replaced != nil {
		return verdict{}, false
	}
	o := r.vacatedFor(v.draft, v.path)
	switch {
	case o == nil:
		return verdict{}, false
	case o.Form == formRename && v.Renamed && (v.Displaced == o.File || beingSaved(v.From) || beingSaved(o.To) || backupName(o.To, v.path)):
		return verdict{
			Action: finding.Save, Method: finding.ByBackup, Level: finding.Likely, Rule: "put-in-its-place",
			Says: "the program set the document aside and put a new file that it had made in its place",
		}, true
	case o.Form == formUnlink && (v.Renamed || v.Written && v.program.Any(catalog.Editor|catalog.VersionControl)):
		return verdict{
			Action: finding.Save, Method: finding.ByReplace, Level: finding.Likely, Rule: "put-in-its-place",
			Says: "the program removed the document and put a new file that it had made in its place",
		}, true
	}
	return verdict{}, false
}

// vacatedFor is the open draft of the same act that had freed a path for the draft: a rename away or an unlink.
func (r *Recognizer) vacatedFor(d *draft, path string) *draft {
	if d.Vacated == 0 {
		return nil
	}
	if o := r.drafts.at(d.Vacated); o.Live && o.Act == d.Act && o.From == path {
		return o
	}
	return nil
}

// aBackupSave, trace: the program renamed the document aside, made it anew under its own name, wrote it, and mostly
// unlinked the backup. Rotated logs look alike: there the new file begins empty, and the old one is kept. [R]
func (r *Recognizer) aBackupSave(v *view) (verdict, bool) {
	if !v.New || v.Vacated == 0 {
		return verdict{}, false
	}
	o := r.drafts.at(v.Vacated)
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
