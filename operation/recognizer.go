// Package operation turns attributed messages into operations: what a person would say was done.
//
// Two stages. A draft follows one file through one act: created here, written there, renamed to its final name. When the
// draft settles, the recognisers look at it, from the most specific claim to the plainest ([claims] is the written table),
// and the first that holds names the action. A batch then gathers what one execution did in one go, and comes out as one
// operation with items.
//
// Each message is in one draft, each draft in one batch, so each message is in at most one operation; the [Ledger] accounts
// for the rest by reason.
package operation

import (
	"path"
	"time"

	"ascribe.example/attribution"
	"ascribe.example/catalog"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
	"ascribe.example/lineage"
)

// Times and bounds of settling, in event time.
const (
	Quiet      = 2 * time.Second        // nothing happened and nobody holds it open for writing: it is over
	Instant    = 500 * time.Millisecond // what an unlink or a rename waits for its other half, and for its batch
	BatchPause = time.Second            // a longer pause ends a batch of what lives on
	Longest    = 60 * time.Second       // then it comes out as a part
	MostItems  = 10000                  // then it comes out as a part
	MostDrafts = 1 << 15                // open drafts; the oldest settles early beyond
	MostText   = 16 << 20               // bytes of the paths that open drafts keep; likewise
	MostActs   = 1 << 13                // acts of which anything is open; what is due next is told early beyond
	mostActs   = 1 << 12                // acts that are kept for the chains of their parts only
	mostOpen   = 64                     // batches of one act at once
	mostKept   = finding.MaxItems       // items a batch keeps whole; beyond, it counts
	keptText   = 2 << 20                // bytes of their paths, likewise: as many items with paths as long as macOS has them
)

// Options say what is told beyond changes.
type Options struct {
	Reads bool // reads of files by what people, agents and remote sessions ran
	Send  bool // reads by programs that upload
}

// Operation is one recognised act: the finding, but for the roles, and the case that attribution is asked about.
type Operation struct {
	Finding  finding.Finding
	Case     attribution.Case
	FirstSeq uint64 // number of the first member of the first part; [es.NoSeq] unknown
	First    es.Moment

	// Of a part of a longer operation: its id is made from the first part's first message and action. What the first part
	// was called may have been another action, where a later part knew more.
	Part int            // 0: the only or first part
	As   finding.Action // the first part's action
	More bool           // another part is known to follow
}

// Recognizer holds the drafts and batches of one host.
type Recognizer struct {
	lineage  *lineage.Tracker
	files    *files.Table
	attr     *attribution.Attributor
	catalog  *catalog.Catalog
	opts     Options
	out      func(*Operation)
	recorded es.Kinds
	draining bool // the recording has ended; nothing saves that

	state
	drafts   drafts
	byFile   map[files.Ref]int32        // open draft of a file's content
	unlinks  map[files.Ref]int32        // open draft of a file's unlink
	parts    map[lineage.LifeID][]int32 // open drafts of a life that works for another's act, in order of their beginning
	deeds    []files.Deed               // scratch
	shown    *finding.Volume            // see volume
	reads    []files.Read               // scratch
	prepared Operation                  // scratch
	parted   parted                     // scratch
	looked   view                       // scratch
	brought  gathered                   // scratch
	actsOf   [256]actBy
}

// state is what [Recognizer.Save] writes.
type state struct {
	Clock   time.Duration // of what is looked at
	Now     time.Duration // of the newest message or watermark
	Origin  time.Duration // event time of the first message
	Begun   bool
	Text    int   // bytes of paths that open drafts keep
	Queue   queue // when drafts are looked at
	Looks   queue // when batches are
	Acts    map[lineage.LifeID]*act
	Asked   asked
	Fetches fetches
	Ledger  Ledger
	Dropped uint64 // drafts that settled early to stay within bounds
	Held    int    // more drafts there may not be, since others took the room; 0 that is not so
}

// New makes a recognizer over tables that somebody else feeds before it.
func New(t *lineage.Tracker, f *files.Table, a *attribution.Attributor, c *catalog.Catalog, o Options, out func(*Operation)) *Recognizer {
	r := &Recognizer{lineage: t, files: f, attr: a, catalog: c, opts: o, out: out, byFile: make(map[files.Ref]int32), unlinks: make(map[files.Ref]int32), parts: make(map[lineage.LifeID][]int32)}
	r.drafts.restore(savedDrafts{})
	r.Acts = make(map[lineage.LifeID]*act)
	return r
}

// Balance is the ledger, with what is open counted.
func (r *Recognizer) Balance() Ledger {
	l := r.Ledger
	l.Open = 0
	r.drafts.all(func(_ int32, d *draft) { l.Open += d.Members.Changing })
	for _, a := range r.Acts {
		for i := range a.Batches {
			l.Open += a.Batches[i].Members.Changing
		}
	}
	return l
}

// Recorded says which kinds the stream is known to carry.
func (r *Recognizer) Recorded(ks es.Kinds) { r.recorded = ks }

// Seen is one message with what lineage and files made of it.
type Seen struct {
	M      *es.Message
	At     es.Moment
	By     lineage.Ref
	Change files.Change
	Path   string // executable that ES named, where it is not the execution's own; "" else
	Late   bool
	Retry  bool
}

// Observe takes one message in; [Recognizer.Advance] to its time must come before the tables see it. It reports whether the message could belong to no operation because of what was not
// recorded; then it should be told by itself.
func (r *Recognizer) Observe(s *Seen) (unheld bool) {
	k := s.M.Kind()
	change := Changing(k)
	if change {
		r.Ledger.Seen++
		switch {
		case s.M.Denied:
			r.without(ReasonDenied, 1)
			return false
		case s.Retry || s.Change.Retry:
			r.without(ReasonRetry, 1)
			return false
		}
	}
	if s.Change.Maker != 0 && k != es.KindCreate && k != es.KindCopyfile {
		r.sighted(s)
	}
	switch e := s.M.Event.(type) {
	case *es.Create:
		r.created(s, e)
	case *es.Write:
		r.contentChanged(s, attribution.DidWrite, &e.Target)
	case *es.Truncate:
		r.contentChanged(s, attribution.DidTruncate, &e.Target)
	case *es.MMap:
		r.mapped(s, e)
	case *es.Open:
		r.opened(s, e)
	case *es.Close:
		return r.closed(s, e)
	case *es.Clone:
		r.awaiting(s)
	case *es.Copyfile:
		r.awaiting(s)
	case *es.ExchangeData:
		r.exchanged(s)
	case *es.Rename:
		r.renamed(s, e)
	case *es.Unlink:
		r.unlinked(s, e)
	case *es.Link:
		r.linked(s, e)
	case *es.ExtAttr:
		r.attributed(s, &e.Target)
	case *es.SetMode:
		r.attributed(s, &e.Target)
	case *es.SetOwner:
		r.attributed(s, &e.Target)
	case *es.SetFlags:
		r.attributed(s, &e.Target)
	case *es.SetACL:
		r.attributed(s, &e.Target)
	case *es.UTimes:
		r.attributed(s, &e.Target)
	case *es.Mount:
		r.mounted(s, e)
	case *es.FileProviderMaterialize:
		r.fetching(s, e)
	}
	return false
}

func (r *Recognizer) without(why Reason, n uint64) { r.Ledger.Without[why] += n }

// actOf is the act that an execution's doings belong to: its own life, or that of the tool that began all parts (mv forking
// cp and rm, git its helpers), whose execution is then root.
func (r *Recognizer) actOf(by lineage.Ref) (id lineage.LifeID, root lineage.Ref) {
	x := &r.actsOf[uint32(by)%uint32(len(r.actsOf))]
	if told := r.lineage.Told(); x.told != told || x.by != by {
		x.by, x.told = by, told
		x.id, x.root = r.actAbove(by)
	}
	return x.id, x.root
}

// actBy is what actOf said of an execution. It stands until lineage is told something new.
type actBy struct {
	told uint64
	by   lineage.Ref
	id   lineage.LifeID
	root lineage.Ref
}

func (r *Recognizer) actAbove(by lineage.Ref) (id lineage.LifeID, root lineage.Ref) {
	e := r.lineage.At(by)
	if e == nil {
		return 0, 0
	}
	id = e.Life
	below, steps := by, 0 // below: the life that the walk came from, as it was at the fork
	for s := range r.lineage.Ancestors(by) {
		if steps++; steps > 12 {
			break
		}
		q := r.lineage.At(s.Ref)
		if q == nil || q.Key.PID == es.LaunchdPID {
			break
		}
		if q.Life == e.Life {
			continue
		}
		p := r.attr.Program(s.Ref)
		script := r.attr.Program(below).Any(catalog.Shell | catalog.Interpreter)
		if script && p.Has(catalog.Installer) {
			break // a package's own script is the package's doing, not the installer's
		}
		if q.Life != r.lineage.At(below).Life {
			below = s.Ref
		}
		if p.Has(catalog.PackageManager) && runsPrograms(q.Args) {
			break // what it runs does its own work, as an agent started by npx does
		}
		if p.Any(beginsParts) || p.Has(catalog.CopyTool) && p.Name == r.attr.Program(by).Name && p.Name != "" {
			id, root = q.Life, s.Ref // the second: rsync forks its own receiver
		} else if p.Any(catalog.Terminal | catalog.Agent | catalog.RemoteDaemon | catalog.Scheduler) {
			break
		}
	}
	return id, root
}

// runsPrograms reports whether a package manager was told to run a program, and not to install one.
func runsPrograms(args []string) bool {
	for i := 0; i < len(args) && i < 5; i++ {
		switch path.Base(args[i]) {
		case "npx", "npx-cli.js", "bunx", "pnpx", "uvx":
			return true
		case "run", "run-script", "exec", "x", "start", "test", "dlx":
			if i > 0 {
				return true
			}
		}
	}
	return false
}

// beginsParts are tools that do their own work through children.
const beginsParts = catalog.Mover | catalog.VersionControl | catalog.PackageManager | catalog.Installer

// act is what one life does.
type act struct {
	Life    lineage.LifeID
	Root    lineage.Ref // the execution that stands for it
	Whole   bool        // all it does is one batch: copy tools, archivers, version control, package managers
	Open    []int32     // open drafts, in order of their beginning
	Batches []batch
	Chains  []keyedChain  // of a whole act: what was cut by a bound
	Due     time.Duration // when the batches are looked at next; 0 not
	Ended   bool
}

func (r *Recognizer) act(id lineage.LifeID, by, root lineage.Ref) *act {
	a := r.Acts[id]
	if a == nil {
		for len(r.Acts) >= MostActs && r.tellNext() {
		}
		if root == 0 {
			root = by
		}
		a = &act{Life: id, Root: root, Whole: r.isWhole(root)}
		r.Acts[id] = a
		r.lineage.Retain(root)
	}
	return a
}

// isWhole reports whether all that an execution does is one batch.
func (r *Recognizer) isWhole(by lineage.Ref) bool {
	e := r.lineage.At(by)
	if e == nil {
		return false
	}
	p := r.attr.Program(by)
	if p.Any(beginsParts) {
		return true
	}
	return !e.LaunchedByLaunchd() && p.Any(catalog.CopyTool|catalog.Archiver|catalog.Remover)
}

// forget lets an act go when nothing of it is open.
func (r *Recognizer) forget(a *act) {
	if r.Acts[a.Life] != a {
		return // its last draft let it go already
	}
	if len(a.Open) == 0 && len(a.Batches) == 0 && (len(a.Chains) == 0 || a.Ended || len(r.Acts) > mostActs) {
		r.lineage.Release(a.Root)
		delete(r.Acts, a.Life)
	}
}
