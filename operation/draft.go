package operation

import (
	"cmp"
	"slices"
	"time"

	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// form is what a draft began as.
type form uint8

const (
	formContent form = iota // a file's content: created, cloned, written
	formFolder              // a folder was made
	formRename
	formUnlink
	formLink
	formProtect // mode, owner, ACL, flags
	formUnquarantine
	formMount
	formRead
)

// draft is one file in one act. Handles into the table are its name.
type draft struct {
	Live bool
	Form form
	File files.Ref // 0: a volume, or a file that messages gave no identity
	Act  lineage.LifeID
	By   lineage.Ref    // who began it
	Part lineage.LifeID // the beginner's life, where the act is another's; see parts
	Case attribution.Case

	Members     Members
	Began, Last es.Moment
	Due         time.Duration // when it is looked at next
	Chain       chain
	More        bool // another part is known to follow
	Early       bool // it is cut to stay within bounds
	Idle        bool // nothing has come since the last part
	Done        bool // over for a reason of its own: nothing more can come

	// Paths, as far as the files table cannot tell them any more.
	Text    int    // bytes of them, as they were counted last
	From    string // of a rename, unlink, link: the name before; of content: the name it was made under
	To      string // of a rename, link: the name after
	Mode    uint16 // file type, from the status
	OldSize int64  // of written files: size when the draft began; -1 unknown
	Folder  bool   // the file is a folder

	// Of content.
	New       bool // created in view by this act
	Cloned    bool
	Sighted   bool // the clone or copy was merely seen afterwards
	Copied    bool // by the copyfile system call
	Source    files.Ref
	SourceAs  string // the source's path then
	Confirmed bool
	Truncated bool
	Written   bool
	Mapped    bool
	CloseOnly bool        // nothing but modified closes told of it
	Renamed   bool        // it has moved to its final name
	Swapped   bool        // by a swap
	Displaced files.Ref   // what had the name before: swapped out, or renamed away as a backup
	Vacated   int32       // the rename or unlink draft that had freed its name
	Replaced  *replaced   // what it overwrote
	Exchange  *exchange   // what it was to change contents with
	Exchanged bool        // and did
	Attrs     attrs       // what was set on it
	SetMTime  es.Time     // by utimes
	Read      *files.Read // what it was made from, as far as that could be told when it was let go of
	Method    finding.Method
	Volume    files.VolumeRef
	Mount     string
	Disposed  bool
}

// replaced is a file that lost its name to another.
type replaced struct {
	File files.Ref
	Obj  finding.Object
}

// attrs is a set of attributes that were set on a file in its draft.
type attrs uint16

const (
	attrQuarantine attrs = 1 << iota
	attrWhereFrom
	attrOther
	attrMode
	attrOwner
	attrACL
	attrFlags
	attrTimes
)

// schedule says when a draft is looked at next.
func (r *Recognizer) schedule(h int32, at time.Duration) {
	r.drafts.at(h).Due = at
	if len(r.Queue) > 4*MostDrafts {
		r.Queue = slices.DeleteFunc(r.Queue, func(x due) bool { return r.drafts.at(x.Draft).Due != x.At })
		r.Queue.order()
	}
	r.Queue.push(due{At: at, Draft: h})
}

// begin opens a draft.
func (r *Recognizer) begin(s *Seen, f form, file files.Ref) (int32, *draft) {
	for r.drafts.open() >= r.mostDrafts() || r.Text > MostText {
		if !r.settleOldest() {
			break
		}
	}
	h := r.drafts.take()
	id, root := r.actOf(s.By)
	a := r.act(id, s.By, root)
	a.Open = append(a.Open, h)
	d := r.drafts.at(h)
	*d = draft{Live: true, Form: f, File: file, Act: id, By: s.By, Case: attribution.NewCase(), Began: s.At, OldSize: -1}
	if root != 0 {
		d.Case.Root = root
	}
	d.Case.From = s.At
	if e := r.lineage.At(s.By); e != nil && e.Life != id {
		d.Part = e.Life
		r.parts[e.Life] = append(r.parts[e.Life], h)
	}
	r.files.Retain(file)
	r.lineage.Retain(s.By)
	wait := Quiet
	if f != formContent && f != formFolder {
		wait = Instant
	}
	r.schedule(h, s.At.Clock+wait)
	return h, d
}

// join takes a message into a draft.
func (r *Recognizer) join(d *draft, s *Seen, did attribution.Did) {
	k := s.M.Kind()
	if did&(attribution.DidWrite|attribution.DidTruncate) != 0 {
		r.cutBefore(d, s.At)
	}
	if d.Idle {
		d.Idle = false
		d.Began = s.At
		if h, o := r.contentOf(d.File); o == d {
			r.schedule(h, s.At.Clock+Quiet)
		}
	}
	d.Members.add(s.At, Changing(k), s.Late)
	d.Last = s.At
	if s.Late {
		d.Case.Late = true
	}
	d.Case.Add(s.By, did, s.At)
	d.Case.AddName(s.By, s.Path, did)
	text := len(d.From) + len(d.To) + len(d.SourceAs) + len(d.Mount)
	r.Text += text - d.Text
	d.Text = text
}

// drop closes a draft whose messages are accounted for.
func (r *Recognizer) drop(h int32) {
	d := r.drafts.at(h)
	if r.byFile[d.File] == h {
		delete(r.byFile, d.File)
	}
	r.files.Release(d.File)
	if d.Exchange != nil {
		r.files.Release(d.Exchange.With)
	}
	if d.Read != nil {
		r.files.Release(d.Read.Ref)
	}
	r.lineage.Release(d.By)
	r.Text -= d.Text
	if a := r.Acts[d.Act]; a != nil {
		a.Open = remove(a.Open, h)
	}
	if d.Part != 0 {
		if r.parts[d.Part] = remove(r.parts[d.Part], h); len(r.parts[d.Part]) == 0 {
			delete(r.parts, d.Part)
		}
	}
	if r.unlinks[d.File] == h {
		delete(r.unlinks, d.File)
	}
	r.drafts.give(h, r.draining)
}

// remove takes a draft out of a list.
func remove(list []int32, h int32) []int32 {
	switch i := slices.Index(list, h); {
	case i == 0:
		return list[1:] // the oldest: nothing to shift
	case i > 0:
		return slices.Delete(list, i, i+1)
	}
	return list
}

// dropAs closes a draft that is no operation, for a named reason.
func (r *Recognizer) dropAs(h int32, why Reason) {
	d := r.drafts.at(h)
	r.without(why, d.Members.Changing)
	a := r.Acts[d.Act]
	r.drop(h)
	if a != nil {
		r.forget(a)
	}
}

// contentOf is the open draft of a file's content; 0 none.
func (r *Recognizer) contentOf(f files.Ref) (int32, *draft) {
	if f == 0 {
		return 0, nil
	}
	h := r.byFile[f]
	if h == 0 {
		return 0, nil
	}
	return h, r.drafts.at(h)
}

// sameAct reports whether an execution's doings belong to the draft's act.
func (r *Recognizer) sameAct(d *draft, by lineage.Ref) bool {
	id, _ := r.actOf(by)
	return id == d.Act
}

// pending finds an open draft of the act with the given form whose freed name is path.
func (r *Recognizer) pending(id lineage.LifeID, path string, forms ...form) int32 {
	a := r.Acts[id]
	if a == nil || path == "" {
		return 0
	}
	for i := len(a.Open) - 1; i >= 0 && i >= len(a.Open)-pendingReach; i-- {
		d := r.drafts.at(a.Open[i])
		if slices.Contains(forms, d.Form) && d.From == path {
			return a.Open[i]
		}
	}
	return 0
}

// pendingReach bounds how far back an act's open drafts are searched for the other half of a pair.
const pendingReach = 64

func (d *draft) isContent() bool { return d.Form == formContent || d.Form == formFolder }

// Advance moves event time on: what is over settles.
func (r *Recognizer) Advance(clock time.Duration) {
	if !r.Begun {
		r.Begun, r.Origin = true, clock
	}
	if clock <= r.Clock {
		return
	}
	r.Now = clock
	// Time goes on from one due to the next, so that what settles does not depend on how often messages of others came.
	for {
		drafts := len(r.Queue) > 0 && r.Queue[0].At <= clock
		batches := len(r.Looks) > 0 && r.Looks[0].At <= clock
		switch {
		case batches && (!drafts || r.Looks[0].At <= r.Queue[0].At):
			x := r.Looks.pop()
			r.Clock = max(r.Clock, x.At)
			if a := r.Acts[x.Batch]; a != nil && a.Due == x.At {
				a.Due = 0
				r.lookAtBatches(a)
			}
		case drafts:
			x := r.Queue.pop()
			r.Clock = max(r.Clock, x.At)
			if r.drafts.at(x.Draft).Due == x.At {
				r.lookAt(x.Draft)
			}
		default:
			r.Clock = clock
			return
		}
	}
}

// lookAt settles a draft that is over, or puts it back until it can be.
func (r *Recognizer) lookAt(h int32) {
	d := r.drafts.at(h)
	if !d.Live {
		return
	}
	if d.Idle {
		if r.Clock >= d.Began.Clock+longestIdle {
			r.settle(h, false)
		}
		return
	}
	wait := Quiet
	if d.Form != formContent && d.Form != formFolder {
		wait = Instant
	}
	over := d.Last.Clock + wait
	if over <= r.Clock && r.waits(d) {
		over = max(over, r.Clock+wait)
		if d.Form == formContent && !d.Written && r.holdsThePlace(d) {
			r.schedule(h, over) // however long the download takes
			return
		}
	}
	if limit := d.Began.Clock + Longest; d.Form == formContent && over > limit {
		if busy := d.Last.Clock + Quiet; r.Clock >= limit && r.Clock >= busy {
			r.settle(h, true)
			return
		} else {
			over = max(limit, busy) // in mid stream: the next write shows that there is another part
		}
	}
	if over > r.Clock {
		r.schedule(h, over)
		return
	}
	r.settle(h, false)
}

// settleOldest makes room: the draft that would have been looked at next settles now. Batches are let be: time does not go
// on here, so that to look at one again would be to do so for ever. It reports whether there was one.
func (r *Recognizer) settleOldest() bool {
	for len(r.Queue) > 0 {
		x := r.Queue.pop()
		if d := r.drafts.at(x.Draft); d.Live && d.Due == x.At {
			r.Dropped++
			d.Early = true
			r.settle(x.Draft, false)
			return true
		}
	}
	return false
}

// Exited settles what an execution's act has left when the execution is gone. The files table must know of the exit.
func (r *Recognizer) Exited(by lineage.Ref) {
	e := r.lineage.At(by)
	if e == nil {
		return
	}
	id, _ := r.actOf(by)
	a := r.Acts[id]
	if a == nil {
		return
	}
	root := r.lineage.At(a.Root)
	whole := root == nil || root.Life == e.Life
	// Content first: the rename or unlink that is its other half must not settle by itself.
	open := r.parts[e.Life] // where the act goes on, nothing else is looked at: it may have very many drafts, and parts
	if whole {
		open = a.Open
	}
	open = slices.Clone(open)
	for _, content := range [...]bool{true, false} {
		for _, h := range open {
			d := r.drafts.at(h)
			if !d.Live || d.Act != id || d.isContent() != content || (d.Form == formContent && r.heldForWriting(d)) {
				continue
			}
			r.settle(h, false)
		}
	}
	if whole {
		a.Ended = true
		r.flush(a)
	}
}

// Drain settles everything: the stream is over.
func (r *Recognizer) Drain() {
	r.draining = true
	defer func() { r.draining = false }()
	var open []int32
	r.drafts.all(func(h int32, _ *draft) { open = append(open, h) })
	slices.SortFunc(open, func(x, y int32) int {
		p, q := r.drafts.at(x), r.drafts.at(y)
		return cmp.Or(cmp.Compare(p.Began.Clock, q.Began.Clock), cmp.Compare(p.Members.first(), q.Members.first()), cmp.Compare(x, y))
	})
	for _, content := range [...]bool{true, false} {
		for _, h := range open {
			if d := r.drafts.at(h); d.Live && d.isContent() == content {
				r.settle(h, false)
			}
		}
	}
	r.flushAll()
}

// mayHoldThePlace reports whether the file is new, and nothing tells of content: what another wrote who was given the descriptor is
// told by its close, where writes are not recorded.
func (d *draft) mayHoldThePlace() bool {
	for i := range d.Case.Parts {
		if p := &d.Case.Parts[i]; p.By != d.By && p.Did&attribution.DidModified != 0 {
			return false
		}
	}
	return d.New && !d.Written
}
