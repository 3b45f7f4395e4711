package operation

import (
	"path"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
)

// aDownload, traces:
//
//	Chrome, Edge: CREATE "Unconfirmed 1.crdownload", WRITE…, RENAME to the final name, SETEXTATTR quarantine, where-from
//	Firefox:      CREATE final (empty), CREATE "x.part", WRITE…, RENAME over the empty one
//	Safari:       mkdir X.download, CREATE inside it, WRITE…, RENAME out of it
//	curl -O:      CREATE, WRITE… under the final name, by the downloader itself; a shell's redirection is no download
//
// [R]
func (r *Recognizer) aDownload(v *view) (verdict, bool) {
	if !v.New || !v.does(catalog.Browser|catalog.Downloader) {
		return verdict{}, false
	}
	x := verdict{Action: finding.Download, Method: finding.ByStream, Level: finding.Likely}
	_, temp := catalog.DownloadTemp(v.From)
	_, still := catalog.DownloadTemp(v.path)
	switch {
	case temp && v.Renamed && !still:
		x.Method, x.Rule = finding.ByRename, "download-name"
		x.Says = "a browser's temporary download got its final name"
	case v.Attrs&(attrQuarantine|attrWhereFrom) != 0 && !v.program.Any(catalog.Archiver|catalog.CopyTool):
		x.Rule = "marked-as-downloaded"
		x.Says = "a browser made the file and marked it as coming from elsewhere"
	case temp && still && v.partial:
		x.Rule, x.Level = "download-name", finding.Possible
		x.Says = "a browser's download is under way"
	case v.program.Has(catalog.Downloader) && v.madeByDoer():
		x.Rule = "downloader-made-it"
		x.Says = "a program that only fetches made the file itself"
	default:
		return verdict{}, false
	}
	return x, true
}

// madeByDoer reports whether who wrote the file also created it, under its present program.
func (v *view) madeByDoer() bool {
	for i := range v.Case.Parts {
		if p := &v.Case.Parts[i]; p.By == v.doer {
			return p.Did&didCreate != 0
		}
	}
	return false
}

// aReceipt, traces: AirDrop: sharingd CREATE, WRITE…, SETEXTATTR quarantine, RENAME to Downloads; Mail and Messages: a new
// file with quarantine; a share's server: smbd CREATE, WRITE… [R, G]
func (r *Recognizer) aReceipt(v *view) (verdict, bool) {
	if !v.New {
		return verdict{}, false
	}
	switch {
	case v.program.Has(catalog.FileServer):
		return verdict{
			Action: finding.Receive, Method: finding.ByStream, Level: finding.Likely, Rule: "share-server",
			Says: "a file sharing server made the file for a client elsewhere",
		}, true
	case v.does(catalog.Receiver) && v.Attrs&attrQuarantine != 0:
		return verdict{
			Action: finding.Receive, Method: finding.ByStream, Level: finding.Likely, Rule: "marked-as-received",
			Says: "a program that receives made the file and marked it as coming from elsewhere",
		}, true
	}
	return verdict{}, false
}

// aSync: a file provider's daemon makes, replaces or changes a file. [G]
func (r *Recognizer) aSync(v *view) (verdict, bool) {
	if !v.program.Has(catalog.Sync) || !(v.New || v.Written || v.Truncated) || v.ownState() {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Sync, Method: finding.ByStream, Level: finding.Likely, Rule: "sync-service",
		Says: "a sync service brought the content",
	}, true
}

// ownState reports whether a sync app of a third party wrote among its own settings, not among what it syncs: apps keep those
// in the user's Library, and what comes from elsewhere in folders that people see, or that macOS made for clouds. [R]
func (v *view) ownState() bool {
	_, rest, in := strings.Cut(v.path, "/Library/")
	return in && v.program.Strength != catalog.Platform && !strings.HasPrefix(rest, "CloudStorage/") && !strings.HasPrefix(rest, "Mobile Documents/")
}

// anExtraction: an archiver makes files while it has an archive open. [R]
func (r *Recognizer) anExtraction(v *view) (verdict, bool) {
	if !v.New || !v.does(catalog.Archiver) {
		return verdict{}, false
	}
	r.reads = r.files.ReadsBy(r.reads[:0], v.doer, es.Moment{})
	for i := range r.reads {
		p := r.readAs(&r.reads[i])
		if !r.oldOf(v, &r.reads[i], p) && catalog.ArchiveName(p) && r.openAt(&r.reads[i], v.Began, v.Last) {
			return verdict{
				Action: finding.Extract, Method: finding.ByStream, Level: finding.Likely, Rule: "archive-open",
				Says:   "an archiver made the file while it had " + p + " open",
				Source: r.reads[i].Ref, From: p,
			}, true
		}
	}
	if !v.program.Has(catalog.Archiver) || v.program.Has(catalog.CopyTool) {
		return verdict{}, false
	}
	if catalog.ArchiveName(v.path) {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Extract, Method: finding.ByStream, Level: finding.Possible, Rule: "archiver-made-it",
		Says: "an archiver made the file; the archive itself was not seen",
	}, true
}

// anArchive: an archiver makes an archive from files. [R]
func (r *Recognizer) anArchive(v *view) (verdict, bool) {
	if !v.New || !v.does(catalog.Archiver|catalog.FileManager) || !catalog.ArchiveName(v.path) {
		return verdict{}, false
	}
	x := verdict{
		Action: finding.Archive, Method: finding.ByStream, Level: finding.Likely, Rule: "archive-made",
		Says: "an archiver made an archive",
	}
	from, one, n, other := r.archived(v)
	if other {
		return verdict{}, false // from one archive to another: an extraction or a copy
	}
	if n == 0 && !v.does(catalog.Archiver) {
		return verdict{}, false // a file manager that read nothing compressed nothing
	}
	x.Source, x.From = one, from
	return x, true
}

// archived is what an archive was made from: what its maker held open for reading while it was made. one is the file where
// it is a single one, n how many there were; another archive among them says that this is no archiving.
func (r *Recognizer) archived(v *view) (from string, one files.Ref, n int, other bool) {
	r.reads = r.files.ReadsBy(r.reads[:0], v.doer, es.Moment{})
	for i := range r.reads {
		p := r.readAs(&r.reads[i])
		if r.oldOf(v, &r.reads[i], p) || strings.HasPrefix(p, "/System/") || strings.HasPrefix(p, "/usr/") || strings.HasPrefix(p, "/Library/") {
			continue
		}
		if !r.openAt(&r.reads[i], v.Began, v.Last) {
			continue
		}
		if catalog.ArchiveName(p) {
			return "", 0, n, true
		}
		one = r.reads[i].Ref
		if n++; n == 1 {
			from = p
		} else {
			from, one = commonFolder(from, p), 0
		}
	}
	if whole, ok := catalog.BundleOf(from); ok && n > 1 {
		from = whole // its parts were read: the program or document was packed
	}
	return from, one, n, false
}

// oldOf reports whether what was read is the new file itself, or what had its name before: an archive that is updated.
func (r *Recognizer) oldOf(v *view, x *files.Read, p string) bool {
	return x.Ref == v.File || p == v.path || v.Replaced != nil && v.Replaced.File == x.Ref
}

// openAt reports whether a file that was opened for reading was open at any time between two moments: what is read later, or
// was let go of before, has nothing to do with what was made then. Where closes are not recorded it stays open.
func (r *Recognizer) openAt(x *files.Read, from, to es.Moment) bool {
	if x.At.Clock > to.Clock {
		return false
	}
	if x.At.Clock >= from.Clock {
		return true
	}
	r.deeds = r.files.DeedsBy(r.deeds[:0], x.Ref, x.By)
	for i := range r.deeds {
		if d := &r.deeds[i]; d.Did == files.DidOpenRead && (d.Open > 0 || d.Last.Clock >= from.Clock) {
			return true
		}
	}
	return false
}

// commonFolder is the nearest folder that holds both paths.
func commonFolder(a, b string) string {
	if a == b {
		return a
	}
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n = i
		}
	}
	switch {
	case len(a) < len(b) && strings.HasPrefix(b, a) && b[len(a)] == '/':
		return a
	case len(b) < len(a) && strings.HasPrefix(a, b) && a[len(b)] == '/':
		return b
	case n == 0:
		return "/"
	}
	return path.Clean(a[:n])
}
