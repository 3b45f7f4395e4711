package operation

import (
	"path"
	"strings"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
)

// aClone, trace: CLONE of A, then CREATE of B on the same thread. The clone is told before the kernel tries; the create
// follows only a successful one [S; G that ES uses these hooks, so likely].
func (r *Recognizer) aClone(v *view) (verdict, bool) {
	if !v.Cloned && !v.Copied {
		return verdict{}, false
	}
	if catalog.PlaceOf(v.path) == catalog.VersionStore && !v.program.Has(catalog.Broker) {
		return verdict{IsNone: true, None: ReasonInternal}, true // a program that saves keeps the old version so [R]
	}
	x := verdict{
		Action: finding.Copy, Method: finding.ByClone, Level: finding.Likely, Rule: "clone-confirmed",
		Says: "a clone was asked for, and its creation followed", Source: v.Source, From: v.SourceAs,
	}
	if v.Sighted {
		x.Level, x.Rule, x.Says = finding.Possible, "clone-sighted", "a clone was asked for, and the file was seen soon after; no creation was told"
	}
	if v.Copied {
		x.Level, x.Method, x.Rule, x.Says = finding.Likely, finding.ByCopyfile, "copyfile-confirmed", "a copy was asked for by the system call, and the file is there"
	}
	return x, true
}

// aToolsCopy: what a copy tool makes is a copy; the source is what it read. [S: file_cmds]
func (r *Recognizer) aToolsCopy(v *view) (verdict, bool) {
	if !v.program.Has(catalog.CopyTool) || v.Cloned || v.Copied {
		return verdict{}, false
	}
	if !v.New && !v.Truncated && !v.Written {
		return verdict{}, false
	}
	src, _, ok := r.sourceOf(v, tool)
	if !ok {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Copy, Method: finding.ByReadWrite, Level: finding.Likely, Rule: "tool-read-and-wrote",
		Says: "a copy tool read the one and wrote the other", Source: src.Ref, From: r.readAs(&src),
	}, true
}

// aCopy, trace: one execution reads A and writes a new B with A's size, and with A's times, attributes or name. Equal size
// alone is chance. [R; part 5, case 12 of the field's hard cases]
func (r *Recognizer) aCopy(v *view) (verdict, bool) {
	if !v.New {
		return verdict{}, false
	}
	src, why, ok := r.sourceOf(v, strict)
	if !ok {
		return verdict{}, false
	}
	return verdict{
		Action: finding.Copy, Method: finding.ByReadWrite, Level: finding.Likely, Rule: "read-and-wrote-alike",
		Says:   "the same program read the source and wrote a new file with its size and its " + why,
		Source: src.Ref, From: r.readAs(&src),
	}, true
}

// aCopyOver, trace: who does file work for others reads A, makes a new file with A's size and times or name, and only then
// gives it the name of what is replaced: renamed over it, or after it was set aside or removed. It edits nothing, so this is
// no save. [R]
func (r *Recognizer) aCopyOver(v *view) (verdict, bool) {
	if !v.New || v.Cloned || v.Copied || !(v.Renamed || v.Vacated != 0) ||
		!v.program.Any(catalog.Broker|catalog.FileManager|catalog.Backup) || v.program.Has(catalog.Editor) {
		return verdict{}, false
	}
	return r.aCopy(v)
}

// strictness says how much must agree before what was read is taken for the source.
type strictness uint8

const (
	loose  strictness = iota // equal size
	tool                     // a copy tool: it reads only what it copies
	strict                   // equal size, and times, attributes or name
)

// reach is how long before a file was begun its source may have been opened.
const reach = 60e9 // ns

// sourceOf finds what a new file was made from among what its makers had read.
func (r *Recognizer) sourceOf(v *view, how strictness) (best files.Read, why string, ok bool) {
	top := 0
	if how != tool && (v.size < 0 || v.size == 0 && how != strict) {
		return best, why, ok // nothing is like it in size
	}
	if v.Read != nil {
		if score, reason := r.likeness(v, v.Read, how); score > 0 {
			return *v.Read, reason, true
		}
	}
	since := es.Moment{}
	if v.Began.Clock > reach {
		since.Clock = v.Began.Clock - reach
	}
	for i := -1; i < len(v.Case.Parts); i++ {
		by := v.Case.Root // of a tool made of several processes another one may have read
		if i >= 0 {
			by = v.Case.Parts[i].By
		}
		if by == 0 || how != tool && !r.files.ReadOfSize(by, v.size, v.partial) {
			continue
		}
		r.reads = r.files.ReadsBy(r.reads[:0], by, since)
		for _, c := range r.reads {
			score, reason := r.likeness(v, &c, how)
			if score > top {
				best, why, ok, top = c, reason, true, score
			}
		}
	}
	return best, why, ok
}

// noteSource finds what a new file was made from while that is remembered: who copies thousands of files a second has read
// as many others by the time that this one is known to be over.
func (r *Recognizer) noteSource(d *draft) {
	if d.Form != formContent || !d.New || d.Cloned || d.Copied || d.Read != nil {
		return
	}
	v := &r.looked
	*v = view{draft: d, size: r.files.Size(d.File)}
	r.lookAtDoer(v)
	how := strict
	if v.program.Has(catalog.CopyTool) {
		how = tool
	} else if !r.readAlike(v) {
		return
	}
	r.lookAtFile(v)
	if src, _, ok := r.sourceOf(v, how); ok {
		d.Read = &src
		r.files.Retain(src.Ref)
	}
}

// readAlike reports whether any of a new file's makers may have read a file of its size: all but a tool's copy are of such.
func (r *Recognizer) readAlike(v *view) bool {
	if v.size < 0 {
		return false
	}
	if by := v.Case.Root; by != 0 && r.files.ReadOfSize(by, v.size, v.partial) {
		return true
	}
	for i := range v.Case.Parts {
		if r.files.ReadOfSize(v.Case.Parts[i].By, v.size, v.partial) {
			return true
		}
	}
	return false
}

// likeness counts how much of a file that was read agrees with the one that was written; 0 is not its source.
func (r *Recognizer) likeness(v *view, c *files.Read, how strictness) (score int, why string) {
	if c.Ref == v.File || c.At.Clock > v.Last.Clock || c.Stat.Type() != es.ModeRegular {
		return 0, ""
	}
	if v.Replaced != nil && v.Replaced.File == c.Ref {
		return 0, "" // the old content of the same document: a save
	}
	sameSize := c.Stat.Size == v.size && v.size > 0
	if c.Stat.Size == 0 && v.size == 0 && how == strict {
		// Empty files are all alike: name and times must both agree, or the name where the program does nothing but copy.
		return r.emptyAlike(v, c)
	}
	growing := v.partial && c.Stat.Size >= v.size && v.size > 0
	if how != tool && !sameSize && !growing {
		return 0, ""
	}
	from, to := baseOf(r.readAs(c)), baseOf(v.path)
	sameName := alikeName(from, to)
	sameTime := v.SetMTime != 0 && c.Stat.MTime/1000 == v.SetMTime/1000
	if sameSize || growing {
		score += 8
	}
	if sameName {
		score += 2
		why = "name"
	}
	if sameTime {
		score += 4
		why = "times"
	}
	switch how {
	case tool:
		if !sameSize && !growing && v.size > 0 && v.sizeIsFinal() {
			return 0, ""
		}
		return score + 1, why
	case strict:
		if !sameName && !sameTime {
			if v.Attrs&(attrQuarantine|attrOther) == 0 || v.Attrs&(attrMode|attrTimes|attrFlags|attrOwner) == 0 {
				return 0, ""
			}
			why = "attributes"
		}
		return score, why
	}
	if !sameSize {
		return 0, ""
	}
	return score, why
}

// emptyAlike is the likeness of two empty files.
func (r *Recognizer) emptyAlike(v *view, c *files.Read) (score int, why string) {
	if !alikeName(baseOf(r.readAs(c)), baseOf(v.path)) || v.Written {
		return 0, ""
	}
	if v.SetMTime != 0 && c.Stat.MTime/1000 == v.SetMTime/1000 {
		return 6, "times"
	}
	if v.program.Has(catalog.Broker) && v.Attrs&(attrMode|attrFlags|attrOwner|attrOther) != 0 {
		return 2, "name"
	}
	return 0, ""
}

// readAs is the name that a file had when it was read: it may have got another since.
func (r *Recognizer) readAs(x *files.Read) string {
	if p := r.files.NameAt(x.Ref, x.At); p != "" {
		return p
	}
	return r.files.Path(x.Ref)
}

// sizeIsFinal reports whether the size was seen after the last write: in a close or any later status.
func (v *view) sizeIsFinal() bool {
	for i := range v.Case.Parts {
		if v.Case.Parts[i].Did&didClose != 0 {
			return true
		}
	}
	return false
}

// alikeName reports whether a copy has its source's name, or one that macOS makes of it: "x copy", "x 2".
func alikeName(from, to string) bool {
	if strings.EqualFold(from, to) {
		return true
	}
	stem := strings.TrimSuffix(from, path.Ext(from))
	other := strings.TrimSuffix(to, path.Ext(to))
	return stem != "" && path.Ext(from) == path.Ext(to) &&
		(strings.HasPrefix(other, stem+" copy") || strings.HasPrefix(other, stem+" ") && isNumber(other[len(stem)+1:]))
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
