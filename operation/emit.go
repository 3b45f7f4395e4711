package operation

import (
	"slices"

	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

type lineageLife = lineage.LifeID

// emit sends a batch on as one operation and takes it out of its act.
func (r *Recognizer) emit(a *act, i int) {
	r.send(a, i)
	a.Batches = slices.Delete(a.Batches, i, i+1)
}

// parted is where the parts of one finding come from: they are the recogniser's until the next.
type parted struct {
	object   finding.Object
	evidence []finding.Evidence
	events   [mostShown]uint64
}

func (r *Recognizer) send(a *act, i int) {
	b := &a.Batches[i]
	r.Ledger.InOperations += b.Members.Changing
	op := &r.prepared
	*op = Operation{Case: b.whole(), First: b.Began, FirstSeq: b.Members.first()}
	if op.FirstSeq == es.NoSeq {
		op.FirstSeq = b.Began.Seq
	}
	f := &op.Finding
	f.Kind = finding.KindOperation
	f.Time, f.EndTime = b.Began.Time, b.Last.Time
	f.Events, f.EventsTotal = b.Members.Ranges, b.Members.Total
	op.Case.From, op.Case.To = b.Began, b.Last
	op.Case.Gap = op.Case.Gap || b.Members.Gap || r.lineage.GapBetween(b.Began, b.Last)
	op.Case.Late = op.Case.Late || b.Members.Late
	r.fill(f, b)
	r.weigh(f, b, op)
	if b.Chain.Parts == 0 && b.Chain.Action == "" {
		b.Chain = chain{First: op.First, Seq: op.FirstSeq, Action: f.Action}
	}
	op.First, op.FirstSeq, op.As, op.Part, op.More = b.Chain.First, b.Chain.Seq, b.Chain.Action, b.Chain.Parts, b.More
	if !b.Alone && (b.More || a.Whole && !a.Ended && r.isFull(b)) {
		c := b.Chain
		c.Parts++
		a.remember(b.For, c)
	}
	if b.Chain.Parts > 0 || b.More || b.Alone {
		f.Caveats = append(f.Caveats, finding.CaveatPart)
	}
	if b.Early {
		f.Caveats = append(f.Caveats, finding.CaveatSettledEarly)
	}
	r.out(op)
	r.parted.evidence = f.Evidence
}

// fill writes what was done, under its final name.
func (r *Recognizer) fill(f *finding.Finding, b *batch) {
	lead := r.leadOf(b)
	f.Action, f.Method = lead.Action, lead.Method
	if b.For.Action == "" {
		f.Action = commonest(b.Counts, lead.Action)
		for i := range b.Items {
			if b.Items[i].Action == f.Action {
				f.Method = b.Items[i].Method
				break
			}
		}
	}
	if f.Action == finding.Copy && b.Gone > 0 && b.Gone*2 >= b.Total {
		f.Action, f.Method = finding.Move, finding.ByCopyDelete
	}
	f.ItemsTotal = max(b.Total, 1)
	obj := &r.parted.object
	*obj = lead.Object
	f.Path, f.SourcePath, f.Replaced = lead.Path, lead.Source, lead.Replaced
	f.Object = obj
	f.Source = lead.SrcObj
	if b.Total == 0 {
		// Only folders.
		if t, ok := catalog.TrashOf(lead.Path); ok && f.Action == finding.EmptyTrash {
			f.Path = t.Root
		}
		tops := topFolders(b.Folders)
		f.ItemsTotal = uint64(len(tops))
		if len(tops) > 1 {
			r.fillItems(f, tops)
		}
		return
	}
	if bundle, ok := r.oneBundle(b); ok {
		f.Path, f.ItemsTotal = bundle, 1
		obj.Type, obj.Size, obj.Ino = finding.ObjectBundle, -1, 0
		if src, ok := catalog.BundleOf(lead.Source); ok {
			f.SourcePath = src
		}
		return
	}
	if t, ok := catalog.TrashOf(lead.Path); ok && f.Action == finding.EmptyTrash {
		// What is emptied is the Trash; the files are its items, be it one.
		items := make([]*item, 0, len(b.Items))
		for i := range b.Items {
			items = append(items, &b.Items[i])
		}
		r.fillItems(f, items)
		f.Path = t.Root
		f.Object = &finding.Object{Type: finding.ObjectDirectory, Size: -1, Dev: obj.Dev, Volume: obj.Volume}
		return
	}
	if b.Total > 1 || (len(b.Folders) > 0 && b.Total == 1 && holdsUnder(b, b.Folders[0].Path)) {
		items := make([]*item, 0, len(b.Items))
		for i := range b.Items {
			items = append(items, &b.Items[i])
		}
		r.fillItems(f, items)
		f.Path, f.SourcePath = r.span(b)
		f.Object = &finding.Object{Type: finding.ObjectDirectory, Size: -1, Dev: obj.Dev, Volume: obj.Volume}
		for i := range b.Folders {
			if b.Folders[i].Path == f.Path {
				f.Object.Ino = b.Folders[i].Object.Ino
			}
		}
		if f.Source != nil && f.SourcePath != "" {
			f.Source = &finding.Object{Type: finding.ObjectDirectory, Size: -1, Dev: lead.SrcObj.Dev, Volume: lead.SrcObj.Volume}
		}
		f.Replaced = nil
	}
}

func (r *Recognizer) fillItems(f *finding.Finding, items []*item) {
	f.Items = make([]finding.Item, 0, len(items))
	for _, it := range items {
		own := finding.Item{Path: it.Path, SourcePath: it.Source, Object: &it.Object}
		action := it.Action
		if it.Moved {
			action = finding.Move
		}
		if action != f.Action {
			own.Action = action
		}
		f.Items = append(f.Items, own)
	}
}

// leadOf is the item that names a batch: the document that all are parts of, the first file, else the topmost folder.
func (r *Recognizer) leadOf(b *batch) *item {
	if len(b.Items) > 0 {
		for i := range b.Items {
			if it := &b.Items[i]; it.Folder {
				if p, ok := r.oneBundle(b); ok && p == it.Path {
					return it
				}
				break
			}
		}
		return &b.Items[0]
	}
	return topFolders(b.Folders)[0]
}

func topFolders(fs []item) []*item {
	var tops []*item
	for i := range fs {
		top := true
		for j := range fs {
			if under(fs[i].Path, fs[j].Path) || (fs[i].Path == fs[j].Path && j < i) {
				top = false
				break
			}
		}
		if top {
			tops = append(tops, &fs[i])
		}
		if len(tops) == 64 {
			break
		}
	}
	return tops
}

// tally counts actions. There are few in a batch, mostly one.
type tally []counted

type counted struct {
	Action finding.Action
	N      uint64
}

func (t *tally) add(a finding.Action, n uint64) {
	for i := range *t {
		if c := &(*t)[i]; c.Action == a {
			c.N += n
			return
		}
	}
	*t = append(*t, counted{a, n})
}

func (t tally) of(a finding.Action) uint64 {
	for i := range t {
		if t[i].Action == a {
			return t[i].N
		}
	}
	return 0
}

func commonest(counts tally, lead finding.Action) finding.Action {
	best, n := lead, counts.of(lead)
	for _, a := range []finding.Action{
		finding.Create, finding.Save, finding.Copy, finding.Install, finding.Extract, finding.Download, finding.Move,
		finding.Rename, finding.Write, finding.Delete, finding.Link, finding.Protect, finding.Archive,
	} {
		if m := counts.of(a); m > n {
			best, n = a, m
		}
	}
	return best
}

// span is the folder that was made for all items, or the nearest that holds them; and the same of their sources.
func (r *Recognizer) span(b *batch) (to, from string) {
	for i := range b.Folders {
		top := b.Folders[i].Path
		all := true
		for j := range b.Items {
			if !under(b.Items[j].Path, top) {
				all = false
				break
			}
		}
		if all && (to == "" || len(top) < len(to)) {
			to = top
		}
	}
	made := to != ""
	for i := range b.Items {
		it := &b.Items[i]
		if !made {
			in := folderOf(it.Path)
			if it.Folder && it.Action == finding.Protect {
				in = it.Path // what is set on a folder and on all in it is set on the folder
			}
			if i == 0 {
				to = in
			} else {
				to = commonFolder(to, in)
			}
		}
		if it.Source == "" {
			continue
		}
		dir := folderOf(it.Source)
		if it.Action == finding.Extract {
			dir = it.Source
		}
		if from == "" {
			from = dir
		} else {
			from = commonFolder(from, dir)
		}
	}
	if made && from != "" && len(b.Items) == 1 && b.Items[0].Action != finding.Extract {
		// One file in a folder that was made: the source folder is as far up as the file lies deep.
		rel := b.Items[0].Path[len(to):]
		if s := b.Items[0].Source; len(s) > len(rel) && s[len(s)-len(rel):] == rel {
			from = s[:len(s)-len(rel)]
		}
	}
	return to, from
}

// mostShown is how many members an operation's evidence names.
const mostShown = 4

// weigh sets the action's certainty, evidence and alternatives. What lost, unrecorded or earlier messages could change
// lowers it.
func (r *Recognizer) weigh(f *finding.Finding, b *batch, op *Operation) {
	lead := r.leadOf(b)
	level := lead.Level
	says, rule := lead.Says, lead.Rule
	for i := range b.Items {
		level = min(level, b.Items[i].Level)
		if c := b.Items[i].Caveat; c != "" && !slices.Contains(f.Caveats, c) {
			f.Caveats = append(f.Caveats, c)
		}
	}
	if f.Action == finding.Move && f.Method == finding.ByCopyDelete {
		rule, says = "copied-then-unlinked", "the files were copied, and their sources removed by the same act"
		level = level.AtMost(finding.Likely)
	}
	if level == finding.Certain {
		level = r.doubt(f, b, level)
	}
	if op.Case.Gap {
		level = level.AtMost(finding.Likely)
	}
	f.Certainty.Action = level
	ev := finding.Evidence{For: finding.RoleAction, Rule: rule, Says: says}
	if len(b.Members.Ranges) > 0 {
		ev.Events = r.parted.events[:0]
	}
	for _, g := range b.Members.Ranges {
		for s := g[0]; s <= g[1] && len(ev.Events) < mostShown; s++ {
			ev.Events = append(ev.Events, s)
		}
	}
	f.Evidence = append(r.parted.evidence[:0], ev)
	if lead.Else != nil && b.Total == 1 {
		f.Alternatives = append(f.Alternatives, *lead.Else)
	}
}

// doubt lowers what would be certain where a part of the same act could lie before the recording, in a gap, or in kinds of
// message that were not recorded: an unlink may be a move's second half, a rename a save's.
func (r *Recognizer) doubt(f *finding.Finding, b *batch, level finding.Certainty) finding.Certainty {
	switch f.Action {
	case finding.Mount, finding.Unmount:
		return level
	}
	if !r.recorded.Has(es.KindCreate) || !r.recorded.Has(es.KindOpen) {
		f.Caveats = append(f.Caveats, finding.CaveatUnsubscribed)
		return finding.Likely
	}
	before := b.Began
	before.Clock -= Longest
	before.Seq = es.NoSeq
	if since, whole := r.knownSince(b); !whole {
		return finding.Likely
	} else if since.Clock < before.Clock {
		before = since
	}
	until := es.Moment{Seq: es.NoSeq, Clock: max(r.Now, r.Clock)} // what was lost since could have been its other half
	if r.lineage.GapBetween(before, until) {
		f.Caveats = append(f.Caveats, finding.CaveatGapBefore)
		return finding.Likely
	}
	if b.Began.Clock-r.Origin < Longest && len(b.Case.Parts) > 0 {
		if e := r.lineage.At(b.Case.Parts[0].By); e == nil || e.BeginOrigin == lineage.OriginNone {
			// It ran before the recording began, and may have begun this before too.
			return finding.Likely
		}
	}
	if r.madeSomething(b, before) {
		return finding.Likely // what it made may be the other half
	}
	if r.files.ForgottenSince(before, true) {
		f.Caveats = append(f.Caveats, finding.CaveatEvicted)
		return finding.Likely
	}
	return level
}

// madeSomething reports whether an execution of the batch created files shortly before: then an unlink, a rename or a new
// mode may be one step of a copy, a move or a save that was not recognised.
func (r *Recognizer) madeSomething(b *batch, since es.Moment) bool {
	for i := range b.Case.Parts {
		if r.reads = r.files.MadeBy(r.reads[:0], b.Case.Parts[i].By, since); len(r.reads) > 0 {
			return true
		}
	}
	return false
}

// knownSince is when what could have begun the act for its own work began: the parent, which may be a tool that does its
// work through children. whole is false where what stands above is not known.
func (r *Recognizer) knownSince(b *batch) (since es.Moment, whole bool) {
	if len(b.Case.Parts) == 0 {
		return es.Moment{}, false
	}
	e := r.lineage.At(b.Case.Parts[0].By)
	if e == nil || e.Image.Path == "" {
		return es.Moment{}, false
	}
	if e.LaunchedByLaunchd() {
		return b.Began, true
	}
	up := r.lineage.At(r.lineage.ParentOf(e.Ref).Ref)
	if up == nil || up.Image.Path == "" || e.ParentFrom == lineage.OriginInferred || up.ExecUnseen {
		return es.Moment{}, false
	}
	if up.BeginOrigin == lineage.OriginNone {
		return up.Seen, true
	}
	return up.Begin, true
}
