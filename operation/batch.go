package operation

import (
	"cmp"
	"slices"
	"time"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// batch is what one act did in one go: it comes out as one operation.
type batch struct {
	Action  finding.Action
	For     batchKey
	Items   []item // up to mostKept
	Folders []item // folders that were made, for the items to lie in
	Text    int    // bytes of the paths of both
	Total   uint64 // files, folders not counted
	Gone    uint64 // of copies: sources that went
	Case    attribution.Case
	Made    *attribution.Case // of the folders; nil there were none
	Members Members
	Sources map[files.Ref]int32 // of copies: source → item; -1 not kept
	Counts  tally
	Began   es.Moment
	Last    es.Moment
	Opened  time.Duration // when the first item came, by event time
	Chain   chain
	More    bool // another part is known to follow
	Alone   bool // one part of one file: nothing joins it
	Early   bool // it is cut by a bound, and what follows is not known
}

// batchKey is what all items of a batch share: without it a daemon's work for two people would be one operation.
type batchKey struct {
	Action      finding.Action // "" for tools whose work is one batch whatever it is
	Responsible es.Key
	Owner       uint32
	Asker       lineage.Ref
}

// isEverything reports whether all that the act does is one batch, whatever it is: folders that hold none of its files too.
func (k *batchKey) isEverything() bool { return k.Action == "" }

// gather puts a settled item into its batch, or begins one.
func (r *Recognizer) gather(a *act, it *item) {
	key := r.keyOf(a, it)
	if it.Folder && it.Action == finding.Delete {
		for i := range a.Batches {
			if b := &a.Batches[i]; b.Gone > 0 && takenFrom(b, it.Path) {
				b.Members.merge(&it.Of.Members)
				b.stretch(it)
				return
			}
		}
	}
	if it.Folder && it.Action == finding.Create {
		r.gatherFolder(a, it, key)
		return
	}
	b := r.batchFor(a, it, key)
	if it.Folder && it.Action == finding.Protect {
		for i := range a.Batches {
			if &a.Batches[i] == b {
				b = r.unite(a, i, it.Path)
				break
			}
		}
	}
	r.add(b, it)
	r.scheduleBatch(a, b)
}

func (r *Recognizer) keyOf(a *act, it *item) batchKey {
	k := batchKey{Action: it.Action, Owner: es.Unset, Asker: it.Of.Case.Asker}
	if k.Action == finding.Move && it.Method == finding.ByCopyDelete {
		k.Action = finding.Copy
	}
	if a.Whole && r.attr.Program(a.Root).Any(catalog.VersionControl|catalog.PackageManager|catalog.Installer) {
		k.Action = ""
	}
	if len(it.Of.Case.Parts) > 0 {
		p := it.Of.Case.Parts[0]
		if x := r.lineage.ResponsibleAt(p.By, it.Last); !x.Self {
			k.Responsible = x.Now.Key
		}
		if r.attr.Program(p.By).Any(catalog.Broker | catalog.FileServer) {
			k.Owner = it.Of.Case.Owner
		}
	}
	return k
}

// batchFor is the open batch that an item belongs to.
func (r *Recognizer) batchFor(a *act, it *item, key batchKey) *batch {
	where := placeOf(it)
	for i := range a.Batches {
		b := &a.Batches[i]
		if b.For != key || b.Alone || it.Partial || it.Of.Chain.Parts > 0 || len(b.Items) == 0 {
			continue
		}
		pause := BatchPause
		if isInstant(it.Action) {
			pause = Instant
		}
		switch {
		case r.isFull(b) && b.Total > 0 && it.Folder && removes(it.Action) && b.Began.Clock+Longest > r.Clock && a.Whole:
			return b // the folder that held them is no item: it begins no other part
		case r.isFull(b) && (a.Whole || it.Began.Clock <= b.Last.Clock+pause && where.related(b)):
			b.More = true
			r.emit(a, i)
		case a.Whole:
			return b
		case it.Began.Clock > b.Last.Clock+pause:
			r.emit(a, i)
		case where.related(b):
			return b
		default:
			continue
		}
		break
	}
	if len(a.Batches) >= mostOpen {
		r.emit(a, 0) // files scattered over many folders: the oldest group is told, a latecomer to it will stand alone
	}
	a.Batches = append(a.Batches, batch{
		Action: it.Action, For: key, Case: attribution.NewCase(), Began: it.Began, Last: it.Last, Opened: r.Clock,
		Chain: it.Of.Chain, More: it.More, Alone: it.Partial || it.Of.Chain.Parts > 0,
	})
	b := &a.Batches[len(a.Batches)-1]
	if b.Alone {
		return b
	}
	b.Chain = a.chainOf(key)
	// Folders that were made for it, by the same act just before.
	for i := range a.Batches[:len(a.Batches)-1] {
		o := &a.Batches[i]
		if len(o.Items) > 0 || len(o.Folders) == 0 {
			continue
		}
		if b.For.isEverything() && o.For.Responsible == b.For.Responsible {
			for j := range o.Folders {
				r.addFolder(b, &o.Folders[j])
			}
			o.Folders = nil
		} else {
			r.adopt(b, o, it)
		}
		if len(o.Folders) == 0 {
			a.Batches = slices.Delete(a.Batches, i, i+1)
			return &a.Batches[len(a.Batches)-1]
		}
		break
	}
	return b
}

// again bounds how many items back a file is looked for that may be back.
const again = 16

// place is where an item lies, as related asks it of one batch after the other.
type place struct {
	*item
	folder, sourceFolder string
	bundle               string // the outermost that it lies in
	looked, inBundle     bool
}

func placeOf(it *item) place {
	p := place{item: it, folder: folderOf(it.Path)}
	if it.Source != "" {
		p.sourceFolder = folderOf(it.Source)
	}
	return p
}

// related reports whether an item may be of one go with a batch's: it lies in the same folder and came from the same one, or
// in a folder that the batch made; of removals also above or below.
func (it *place) related(b *batch) bool {
	first := &b.Items[0]
	// The same file again is another operation: a document saved twice, a name changed and changed again.
	for i := max(0, len(b.Items)-again); i < len(b.Items); i++ {
		if o := &b.Items[i]; !it.Folder && (o.Path == it.Path || it.Source != "" && o.Path == it.Source) {
			return false
		}
	}
	for i := range b.Folders {
		if under(it.Path, b.Folders[i].Path) {
			return true
		}
	}
	if it.folder == folderOf(first.Path) && (it.Source == "" || it.sourceFolder == folderOf(first.Source)) {
		return true
	}
	switch it.Action {
	case finding.Delete, finding.EmptyTrash, finding.Extract:
		return true
	case finding.Protect:
		if b.ofOneTree(it.item) {
			return true
		}
	}
	if !it.looked {
		it.looked = true
		it.bundle, it.inBundle = catalog.BundleOf(it.Path)
	}
	if it.inBundle {
		q, _ := catalog.BundleOf(first.Path)
		return it.bundle == q
	}
	return false
}

// ofOneTree reports whether an item lies in a folder that the batch is about, or is the folder that the batch's lie in: a tree
// is walked from the top, as chmod -R does, or from the bottom, as chown -R does [S: file_cmds].
func (b *batch) ofOneTree(it *item) bool {
	for i := range b.Items {
		if i == again {
			break
		}
		if o := &b.Items[i]; o.Folder && under(it.Path, o.Path) {
			return true
		}
	}
	for i := max(0, len(b.Items)-again); i < len(b.Items); i++ {
		if o := &b.Items[i]; o.Folder && under(it.Path, o.Path) || it.Folder && under(o.Path, it.Path) {
			return true
		}
	}
	return false
}

// adopt moves the folders that an item lies in from a batch of mere folders to its own.
func (r *Recognizer) adopt(b, o *batch, it *item) {
	top := ""
	for i := range o.Folders {
		if f := &o.Folders[i]; under(it.Path, f.Path) && (top == "" || len(f.Path) < len(top)) {
			top = f.Path
		}
	}
	if top == "" {
		return
	}
	keep := o.Folders[:0]
	for _, f := range o.Folders {
		if f.Path == top || under(f.Path, top) {
			r.addFolder(b, &f)
			continue
		}
		keep = append(keep, f)
	}
	o.Folders = keep
	o.Members, o.Text = Members{}, 0
	for i := range keep {
		o.Text += keep[i].text()
		o.Members.merge(&keep[i].Of.Members)
	}
}

// gatherFolder puts a folder that was made where its files are, or keeps it until they come.
func (r *Recognizer) gatherFolder(a *act, it *item, key batchKey) {
	for i := range a.Batches {
		b := &a.Batches[i]
		if len(b.Items) > 0 && !b.Alone && (key.isEverything() && b.For == key || holdsUnder(b, it.Path)) {
			r.addFolder(b, it)
			b = r.unite(a, i, it.Path)
			r.scheduleBatch(a, b)
			return
		}
	}
	for i := range a.Batches {
		b := &a.Batches[i]
		if len(b.Items) == 0 && b.For == key && (a.Whole || it.Began.Clock <= b.Last.Clock+BatchPause) {
			r.addFolder(b, it)
			r.scheduleBatch(a, b)
			return
		}
	}
	a.Batches = append(a.Batches, batch{
		Action: it.Action, For: key, Case: attribution.NewCase(), Began: it.Began, Last: it.Last, Opened: r.Clock,
	})
	b := &a.Batches[len(a.Batches)-1]
	r.addFolder(b, it)
	r.scheduleBatch(a, b)
}

func holdsUnder(b *batch, folder string) bool {
	for i := range b.Items {
		if under(b.Items[i].Path, folder) {
			return true
		}
	}
	for i := range b.Folders {
		if under(folder, b.Folders[i].Path) {
			return true
		}
	}
	return false
}

func (r *Recognizer) addFolder(b *batch, it *item) {
	b.Members.merge(&it.Of.Members)
	if b.Made == nil {
		made := attribution.NewCase()
		b.Made = &made
	}
	b.Made.Merge(&it.Of.Case)
	b.stretch(it)
	if len(b.Folders) < mostKept && (b.Text < keptText || len(b.Folders) == 0) {
		b.Text += it.text()
		kept, m := *it, &it.Of.Members
		kept.Of = &gathered{Case: it.Of.Case, Members: Members{Ranges: m.Ranges, Total: m.Total, Changing: m.Changing}}
		b.Folders = append(b.Folders, kept)
	}
}

func (r *Recognizer) add(b *batch, it *item) {
	if it.Folder && it.Action != finding.Copy && it.Action != finding.Save {
		// Folders of a deletion or a move by parts: not items, but part of it.
		if removes(it.Action) {
			r.addFolder(b, it)
			return
		}
	}
	b.Total++
	b.Counts.add(it.Action, 1)
	if b.Total == 1 {
		b.Case = it.Of.Case // its lists change hands
	} else {
		b.Case.Merge(&it.Of.Case)
	}
	b.Members.take(&it.Of.Members)
	b.stretch(it)
	if it.Moved {
		b.Gone++
	}
	at := int32(-1)
	if len(b.Items) < mostKept && (b.Text < keptText || len(b.Items) == 0) {
		b.Text += it.text()
		at = int32(len(b.Items))
		b.Items = append(b.Items, *it)
		b.Items[at].Of = nil
	}
	if it.Action == finding.Copy && it.From != 0 && !it.Moved && len(b.Sources) < MostItems {
		if b.Sources == nil {
			b.Sources = make(map[files.Ref]int32)
		}
		b.Sources[it.From] = at
	}
}

// text is how many bytes an item's paths take.
func (it *item) text() int { return len(it.Path) + len(it.Source) }

// whole is the case of all that the batch did. Who made or removed the folders is not thereby who made the files in them.
func (b *batch) whole() attribution.Case {
	if b.Made == nil {
		return b.Case
	}
	made := *b.Made
	if b.Total > 0 {
		made.Parts = slices.Clone(made.Parts)
		for i := range made.Parts {
			made.Parts[i].Did &^= attribution.DidAct
		}
	}
	b.Case.Merge(&made)
	return b.Case
}

func (b *batch) stretch(it *item) {
	if it.Began.Clock < b.Began.Clock || b.Began == (es.Moment{}) {
		b.Began = it.Began
	}
	if it.Last.Clock > b.Last.Clock {
		b.Last = it.Last
	}
}

func removes(a finding.Action) bool { return a == finding.Delete || a == finding.EmptyTrash }

func isInstant(a finding.Action) bool {
	switch a {
	case finding.Rename, finding.Move, finding.Trash, finding.Restore, finding.Delete, finding.EmptyTrash, finding.Link,
		finding.Protect, finding.Unquarantine, finding.Mount, finding.Unmount:
		return true
	}
	return false
}

// scheduleBatch says when a batch should be looked at next.
func (r *Recognizer) scheduleBatch(a *act, b *batch) {
	r.scheduleAct(a, r.batchDue(a, b))
}

// isFull reports whether a batch has reached a bound: its next item begins another part.
func (r *Recognizer) isFull(b *batch) bool {
	return b.Total >= MostItems || r.Clock >= b.Opened+Longest
}

// scheduleAct says when the batches of an act should be looked at next: once for all of them.
func (r *Recognizer) scheduleAct(a *act, at time.Duration) {
	if a.Due == 0 || at < a.Due {
		a.Due = at
		r.Looks.push(due{At: at, Batch: a.Life})
	}
}

func (r *Recognizer) batchDue(a *act, b *batch) time.Duration {
	switch {
	case b.Alone:
		return r.Clock
	case a.Whole && !a.Ended && !r.isFull(b):
		return b.Opened + Longest
	case len(b.Items) > 0 && isInstant(b.Action):
		return b.Last.Clock + Instant
	case len(b.Items) == 0:
		return b.Last.Clock + Quiet + BatchPause // folders wait for what may lie in them
	}
	return b.Last.Clock + BatchPause
}

// lookAtBatches sends on what is over.
func (r *Recognizer) lookAtBatches(a *act) {
	var next time.Duration
	for i := 0; i < len(a.Batches); {
		b := &a.Batches[i]
		at := r.batchDue(a, b)
		if at <= r.Clock && !b.Alone && r.mayGrow(a, b) {
			at = r.Clock + Instant
		}
		if r.Clock >= b.Opened+longestBusy && at > r.Clock {
			at, b.Early = r.Clock, true
		}
		if at > r.Clock {
			if next == 0 || at < next {
				next = at
			}
			i++
			continue
		}
		r.emit(a, i)
	}
	if next > 0 {
		r.scheduleAct(a, next)
	}
	r.forget(a)
}

// tellNext makes room: the batches that would have been looked at next are sent on now. It reports whether there were any.
func (r *Recognizer) tellNext() bool {
	for len(r.Looks) > 0 {
		x := r.Looks.pop()
		a := r.Acts[x.Batch]
		if a == nil || a.Due != x.At {
			continue
		}
		a.Due = 0
		r.Dropped++
		for len(a.Batches) > 0 {
			i := earliest(a.Batches)
			a.Batches[i].Early = true
			r.emit(a, i)
		}
		r.forget(a)
		return true
	}
	return false
}

// mayGrow reports whether an open draft of the act could still become an item of the batch.
func (r *Recognizer) mayGrow(a *act, b *batch) bool {
	quick := len(b.Items) > 0 && isInstant(b.Action)
	pause := BatchPause
	if quick {
		pause = Instant
	}
	for _, h := range a.Open[:min(len(a.Open), pendingReach)] {
		d := r.drafts.at(h)
		if d.Began.Clock > b.Last.Clock+pause {
			return false
		}
		switch {
		case d.Form == formUnlink, d.New && (!quick || b.Action == finding.Delete), quick && !d.isContent():
			return true
		}
	}
	return false
}

// flush sends on all batches of an act that is over.
func (r *Recognizer) flush(a *act) {
	for len(a.Batches) > 0 && !r.anyOpen(a) {
		r.emit(a, earliest(a.Batches))
	}
	r.forget(a)
}

func (r *Recognizer) anyOpen(a *act) bool { return len(a.Open) > 0 }

func earliest(bs []batch) int {
	best := 0
	for i := range bs {
		if bs[i].Began.Clock < bs[best].Began.Clock {
			best = i
		}
	}
	return best
}

// flushAll sends on everything, in the order of what came first.
func (r *Recognizer) flushAll() {
	type place struct {
		began es.Moment
		act   lineageLife
		at    int
	}
	var all []place
	for id, a := range r.Acts {
		for i := range a.Batches {
			all = append(all, place{a.Batches[i].Began, id, i})
		}
	}
	slices.SortFunc(all, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.began.Clock, y.began.Clock), cmp.Compare(x.began.Seq, y.began.Seq),
			cmp.Compare(x.act, y.act), cmp.Compare(x.at, y.at))
	})
	for _, p := range all {
		r.send(r.Acts[p.act], p.at)
	}
	acts := make([]lineageLife, 0, len(r.Acts))
	for id := range r.Acts {
		acts = append(acts, id)
	}
	slices.Sort(acts)
	for _, id := range acts {
		a := r.Acts[id]
		a.Batches = nil
		r.forget(a)
	}
}
