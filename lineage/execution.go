package lineage

import (
	"ascribe.example/es"
)

// Ref is the handle of an execution; 0 is none. Refs are given in order of first sight and never again to another
// execution, across [Tracker.Save] and [Restore] too: the Ref of a forgotten execution leads to nothing, not to a stranger.
type Ref int32

// LifeID names a process life: the executions that share a pid and a start time, joined by exec. 0 is none.
type LifeID int32

// Origin says how a fact came to be known. The higher of two outranks the lower where they differ.
type Origin uint8

// The origins, by rising authority.
const (
	OriginNone     Origin = iota // not known
	OriginInferred               // bridged: nothing showed it, other facts leave no other reading
	OriginActing                 // a message described the process, as its actor or as a party
	OriginSnapshot               // the host said so when the recording began
	OriginFork                   // the fork told it
	OriginExec                   // the exec told it
)

// String is the origin as findings write it; "" for none.
func (o Origin) String() string {
	return [...]string{"", "inferred", "acting", "snapshot", "fork", "exec"}[min(o, OriginExec)]
}

// Image is the program of an execution. Paths, names and identifiers are claims; SigningID with TeamID or Platform, or
// CDHash, is what a rule may trust.
type Image struct {
	Path               string
	CDHash             es.CDHash
	CSFlags            uint32
	ValidationCategory int32 // -1 unknown
	Platform           bool
	IsESClient         bool
	SigningID          string
	TeamID             string
}

// Execution is one program image in one process: plain data, as far as it is known. Nothing in it may be changed by a
// reader, and a pointer to it is good until the tracker is fed again.
type Execution struct {
	// First, close together, what each message of the execution is compared with.
	Ref          Ref
	Key          es.Key
	Life         LifeID
	OriginalPPID int32         // never changes
	PPID         int32         // current
	Token        es.AuditToken // the latest; its user and session words may change while the execution lives

	Start     es.Time   // when the process was forked, by the wall clock; the same for the whole life; 0 unknown
	Last      es.Moment // latest message that described it
	ParentKey es.Key    // current parent; zero before message version 4
	SessionID int32     // POSIX session
	GroupID   int32

	Origin      Origin // the best source that this execution has: exec, fork, snapshot, acting
	BeginOrigin Origin // fork, exec; none where the beginning was not seen
	EndOrigin   Origin // exec, OriginActing for a seen exit, inferred for an end that was concluded (End is then its latest moment)
	Exited      bool   // the process is gone; false where this image was only replaced by another
	TTY         string
	Image       Image
	Responsible Responsibility   // the current value
	Earlier     []Responsibility // values before it, oldest first; nil mostly; see [Tracker.ResponsibleAt]

	Begin es.Moment // when this image began: its fork or exec; zero not seen
	Seen  es.Moment // first message that told of it
	End   es.Moment // exec of the successor, or exit; zero still running as far as known

	ExitStat int32 // wait(2) status; meaningful only if ExitSeen
	ExitSeen bool  // there was an exit message

	Prev       Ref    // the image before, in the same life; 0 none known
	PrevOrigin Origin // exec, or inferred: then images between may be unknown
	Next       Ref    // the image after
	Parent     Ref    // the execution that forked this life, as it was then; 0 not known yet (ask [Tracker.ParentOf])
	ParentFrom Origin // fork, snapshot, or inferred

	Args      []string // of the exec, up to [MaxArgs] and [MaxArgBytes]; nil where none was seen
	ArgsTotal int32    // how many there were
	ArgsKnown bool
	Script    string
	CWD       string
	CPUType   int32 // of the image, as its exec told; 0 not known

	Label     string // launchd's label for this life; "" none known
	LabelFrom LabelSource
	BundleID  string // __CFBundleIdentifier at exec: a claim, inherited by children

	Tokens []TokenChange // earlier tokens, oldest first, where user or session words changed; nil mostly

	Injections  []Injection // what could have made it act for another; nil mostly
	OtherImages []OtherImage
	Conflict    bool // two images were seen under this key, and neither is the other renamed
	ExecUnseen  bool // its image is not its parent's and no exec of it was seen: it has exec-ed all the same
}

// Limits on what one execution keeps.
const (
	MaxArgs            = 32
	MaxArgBytes        = 2048 // of all arguments, and of script and working directory each
	MaxResponsibility  = 8    // values in one execution's history; the first of all and the first foreign one stay
	MaxTokenChanges    = 8
	MaxInjections      = 4
	MaxOtherImages     = 4
	MaxBecome          = 4
	MaxSessionEvidence = 16
	MaxPath            = 16 << 10 // of an executable; ES itself cuts there [D]
	MaxName            = 256      // of a user, an address, a service, a label, an identifier
)

// LabelSource says where a launchd label was read.
type LabelSource uint8

// The sources of a label, by rising authority.
const (
	LabelNone        LabelSource = iota
	LabelEnvironment             // XPC_SERVICE_NAME of a child of launchd that no xpcproxy was seen to start
	LabelSnapshot                // the snapshot's launchd jobs or environment
	LabelService                 // XPC_SERVICE_NAME of the image that xpcproxy made
	LabelStarter                 // the argument that launchd gave to xpcproxy
)

// LaunchedByLaunchd reports whether launchd itself forked the process: a daemon, an agent, an app, an XPC service.
func (e *Execution) LaunchedByLaunchd() bool { return e.OriginalPPID == es.LaunchdPID }

// Orphaned reports whether launchd took the process over after its parent's exit: its launcher is lineage.
func (e *Execution) Orphaned() bool {
	return e.PPID == es.LaunchdPID && e.OriginalPPID != es.LaunchdPID && e.OriginalPPID != 0
}

// InferredParent reports whether the forker was concluded, not seen.
func (e *Execution) InferredParent() bool { return e.Parent != 0 && e.ParentFrom == OriginInferred }

// Injected reports whether another process could have acted inside this one.
func (e *Execution) Injected() bool { return len(e.Injections) > 0 }

// Alive reports whether this image is still running as far as known.
func (e *Execution) Alive() bool { return e.EndOrigin == OriginNone }

// Responsibility is one value of the responsible token, and when it was valid.
type Responsibility struct {
	Key    es.Key        // zero: no token (before message version 4)
	Token  es.AuditToken // user words of the responsible process, also where its execution is not known
	At     es.Moment     // first seen
	Until  es.Moment     // last seen; of the current value see [Execution.Last]
	Origin Origin        // fork, exec, acting, snapshot
}

// TokenChange is a token that was replaced by another of the same execution: setuid, setaudit and the like.
type TokenChange struct {
	Token es.AuditToken
	At    es.Moment // first seen
	Until es.Moment // when the next was first seen
}

// Injection is an act by which another process could have acted inside this one.
type Injection struct {
	Kind  es.Kind   // get_task, remote_thread_create, trace, cs_invalidated
	By    Ref       // 0 for cs_invalidated
	First es.Moment // the first time
	Last  es.Moment
	Count uint32
}

// Naming says how a message's image stands to what is known of the execution with that key.
type Naming uint8

// The namings.
const (
	NamedAsKnown       Naming = iota // the image of this execution
	NamedRenamed                     // another path, the same code: the executable was moved
	NamedAsPredecessor               // the image that this life had before: a pre-exec name on the successor's key
	NamedOtherwise                   // some other image: a conflict
)

// OtherImage is another image that messages gave under the execution's key.
type OtherImage struct {
	Image       Image
	Naming      Naming
	First, Last es.Moment
	Count       uint32
}
