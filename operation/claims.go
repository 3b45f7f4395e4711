package operation

import (
	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// verdict is what a recogniser says of a draft.
type verdict struct {
	Action finding.Action
	Method finding.Method
	Level  finding.Certainty
	Rule   string
	Says   string
	Source files.Ref // what it was made from; 0 none
	From   string    // its path, or the name before
	Else   *finding.Alternative
	Caveat finding.Caveat
	Part   bool   // a part of a package that is told as one
	None   Reason // of a draft that is no operation
	IsNone bool
}

// view is a draft with what its claims read again and again.
type view struct {
	*draft
	path    string // final name
	file    files.File
	known   bool
	size    int64
	program catalog.Program // of who did most
	doer    lineage.Ref
	behind  catalog.Program // of the responsible token's execution
	partial bool            // it is cut by a bound, not by its end
}

// claim is one recogniser's question.
type claim struct {
	name string
	of   func(*Recognizer, *view) (verdict, bool)
}

// claims is the arbiter's table: the first that holds wins. From the most specific to the plainest; a claim stands above
// another where everything that fits it could be taken for the other.
var claims = [...]claim{
	{"download", (*Recognizer).aDownload},
	{"receive", (*Recognizer).aReceipt},
	{"sync", (*Recognizer).aSync},
	{"archive", (*Recognizer).anArchive},
	{"extract", (*Recognizer).anExtraction},
	{"copy-tool", (*Recognizer).aToolsCopy},
	{"copy-over", (*Recognizer).aCopyOver},
	{"save-exchange", (*Recognizer).anExchangeSave},
	{"save-swap", (*Recognizer).aSwapSave},
	{"save-replace", (*Recognizer).aReplaceSave},
	{"save-aside", (*Recognizer).anAsideSave},
	{"save-backup", (*Recognizer).aBackupSave},
	{"save-first", (*Recognizer).aFirstSave},
	{"clone", (*Recognizer).aClone},
	{"copy", (*Recognizer).aCopy},
	{"install", (*Recognizer).anInstallation},
	{"copier", (*Recognizer).aCopiersFile},
	{"create", (*Recognizer).aCreation},
	{"write", (*Recognizer).aWrite},
}

// judge names what a draft of content was.
func (r *Recognizer) judge(v *view) verdict {
	for i := range claims {
		if x, ok := claims[i].of(r, v); ok {
			return x
		}
	}
	return verdict{IsNone: true, None: ReasonUnconfirmed}
}

// viewOf is a draft with what the claims read.
func (r *Recognizer) viewOf(d *draft, partial bool) *view {
	v := new(view)
	r.look(v, d, partial)
	return v
}

// look gathers what the claims read.
func (r *Recognizer) look(v *view, d *draft, partial bool) {
	*v = view{draft: d, partial: partial}
	r.lookAtFile(v)
	r.lookAtDoer(v)
	if x := r.lineage.ResponsibleAt(v.doer, d.Last); !x.Self {
		v.behind = r.attr.Program(r.lineage.Find(x.Now.Key))
	}
}

func (r *Recognizer) lookAtFile(v *view) {
	d := v.draft
	v.file, v.known = r.files.File(d.File)
	v.path = r.files.Path(d.File)
	if v.path == "" {
		v.path = d.From
	}
	v.size = r.files.Size(d.File)
}

func (r *Recognizer) lookAtDoer(v *view) {
	d := v.draft
	v.doer = d.By
	var most uint32
	for i := range d.Case.Parts {
		if p := &d.Case.Parts[i]; p.Did&attribution.DidWrite != 0 && p.Writes > most {
			v.doer, most = p.By, p.Writes
		}
	}
	v.program = r.attr.Program(v.doer)
	if d.Case.Root != 0 {
		if p := r.attr.Program(d.Case.Root); p.Any(beginsParts) {
			v.program = p
		}
	}
}

// does reports whether the program, or the app it answers to, is of a class.
func (v *view) does(c catalog.Class) bool { return v.program.Any(c) || v.behind.Any(c) }

// anInstallation: an installer's new file.
func (r *Recognizer) anInstallation(v *view) (verdict, bool) {
	if !v.New || !v.program.Has(catalog.Installer) {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Install, Method: finding.ByStream, Level: finding.Likely, Rule: "installer-made-it",
		Says: "an installer put the new file there",
	}, true
}

// aCreation: a new file that is none of the others.
func (r *Recognizer) aCreation(v *view) (verdict, bool) {
	if !v.New {
		return verdict{}, false
	}
	x := verdict{
		Action: finding.Create, Method: finding.ByStream, Level: finding.Likely, Rule: "new-file",
		Says: "the file was made here, and nothing shows that it was made from another",
	}
	if r.unfinished(v) {
		x.Level, x.Says = finding.Unknown, "a browser's download that never got its final name"
		return x, true
	}
	if v.Mode&es.ModeType == es.ModeSymlink {
		x.Method, x.Level, x.Says = finding.BySymlink, finding.Certain, "a symbolic link was made"
		return x, true
	}
	switch lost, recorded := r.lostAround(v), r.recorded.Has(es.KindOpen); {
	case lost && v.does(catalog.FileManager) || !recorded:
		x.Level, x.Caveat = finding.Possible, unseen(lost)
	}
	if src, _, ok := r.sourceOf(v, loose); ok {
		p := r.readAs(&src)
		x.Else = &finding.Alternative{
			For: finding.RoleAction, Action: finding.Copy, Certainty: finding.Possible, Rule: "equal-size",
			Says: "the same program had read " + p + ", which has the same size",
		}
	}
	return x, true
}

// filesHelper is what the catalogue calls the program that does Finder's copies: known by its signature. Other brokers make
// files of their own.
const filesHelper = "DesktopServicesHelper"

// aCopiersFile: a program that makes files only by copying made one, and what it read was not seen, because opens are not
// recorded or messages were lost. It is a copy of something, or of mv the end of a move [S: file_cmds; R for the helper].
func (r *Recognizer) aCopiersFile(v *view) (verdict, bool) {
	copies := v.program.Has(catalog.CopyTool) || v.program.Name == filesHelper
	if !v.New || v.Mode&es.ModeType == es.ModeSymlink || !copies && !v.program.Has(catalog.Mover) {
		return verdict{}, false
	}
	lost := r.lostAround(v)
	if !lost && r.recorded.Has(es.KindOpen) {
		return verdict{}, false
	}
	x := verdict{
		Action: finding.Copy, Method: finding.ByReadWrite, Level: finding.Possible, Rule: "copier-made-it",
		Says: "a program that makes files by copying made it; what it read was not seen", Caveat: unseen(lost),
	}
	if v.program.Has(catalog.Mover) {
		x.Action, x.Method = finding.Move, finding.ByCopyDelete
	}
	return x, true
}

// unseen is the caveat of what was lost, else of what was not recorded.
func unseen(lost bool) finding.Caveat {
	if lost {
		return finding.CaveatGapBefore
	}
	return finding.CaveatUnsubscribed
}

// unseenWhy is why a file's making was not seen: messages were lost, or the recording began after it.
func (r *Recognizer) unseenWhy() finding.Caveat {
	if r.lineage.GapBetween(es.Moment{Seq: es.NoSeq}, es.Moment{Seq: es.NoSeq, Clock: max(r.Now, r.Clock)}) {
		return finding.CaveatGapBefore
	}
	return finding.CaveatLateStart
}

// lostAround reports whether messages were lost shortly before the draft began, or while it was open.
func (r *Recognizer) lostAround(v *view) bool {
	from := v.Began
	from.Seq, from.Clock = es.NoSeq, from.Clock-Quiet
	return r.lineage.GapBetween(from, v.Last)
}

// aWrite: an existing file was changed in place. A write is told before the kernel tries [S]; a modified close, or another
// size or time afterwards, confirms it.
func (r *Recognizer) aWrite(v *view) (verdict, bool) {
	if v.New || !(v.Written || v.Truncated || v.Mapped || v.CloseOnly) {
		return verdict{}, false
	}
	x := verdict{
		Action: finding.Write, Method: finding.ByInPlace, Level: finding.Likely, Rule: "changed-in-place",
		Says: "an existing file was opened for writing and changed",
	}
	if v.Mapped && !v.Written && !v.Truncated {
		x.Method = finding.ByMMap
		x.Says = "an existing file was mapped writable and changed"
	}
	switch {
	case v.program.Has(catalog.Sync) && !v.ownState():
		x.Action, x.Rule, x.Says = finding.Sync, "sync-service", "a sync service changed the file"
	case !v.confirmed() && r.letGoUnmodified(v):
		return verdict{IsNone: true, None: ReasonUnconfirmed}, true
	case !v.confirmed():
		x.Level, x.Caveat = finding.Possible, finding.CaveatUnconfirmed
	case v.known && v.file.MadeUnseen:
		// It was just made, and how was not seen: the writes that are left may be a copy's, a save's or a download's end.
		x.Level, x.Caveat = finding.Unknown, r.unseenWhy()
		x.Else = &finding.Alternative{
			For: finding.RoleAction, Action: finding.Create, Certainty: finding.Possible, Rule: "new-file",
			Says: "the file had just been made; how was not seen",
		}
	}
	return x, true
}

// letGoUnmodified reports whether everybody who was told to write has let the file go, unmodified: then no write succeeded,
// for the mark stays on the open file once one has [S: FWASWRITTEN].
func (r *Recognizer) letGoUnmodified(v *view) bool {
	if r.files.OpenForWriting(v.File) > 0 || v.Case.Gap || v.Members.Late || r.lineage.GapBetween(v.Began, v.Last) {
		return false
	}
	for i := range v.Case.Parts {
		if p := &v.Case.Parts[i]; p.Did&attribution.DidWrite != 0 && (p.Did&attribution.DidClose == 0 || p.Did&attribution.DidOpen == 0) {
			return false
		}
	}
	return !v.Mapped
}

// confirmed reports whether anything shows that a write succeeded.
func (v *view) confirmed() bool {
	for i := range v.Case.Parts {
		if v.Case.Parts[i].Did&attribution.DidModified != 0 {
			return true
		}
	}
	if v.Truncated || v.partial {
		return true
	}
	return v.known && (v.file.Stat.Size != v.OldSize || v.file.Stat.MTime != v.file.FirstStat.MTime)
}
