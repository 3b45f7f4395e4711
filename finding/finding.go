// Package finding is the vocabulary of ascribe's answers and the contract of how they are written: one finding, one JSON
// line, every key always there, null where unknown.
package finding

import "ascribe.example/es"

// Schema names the contract's version; it stands in every line.
const Schema = "ascribe.finding/1"

// Kind is what a finding is about.
type Kind string

// The kinds of finding.
const (
	KindOperation Kind = "operation" // a high-level act, made of one or more messages
	KindEvent     Kind = "event"     // one message, attributed
	KindProcess   Kind = "process"   // one execution with both its edges
	KindGap       Kind = "gap"       // messages that are missing where they could have changed an answer
)

// Action is what was done.
type Action string

// The actions.
const (
	Copy         Action = "copy"
	Move         Action = "move"
	Rename       Action = "rename"
	Save         Action = "save"
	Write        Action = "write"
	Create       Action = "create"
	Trash        Action = "trash"
	Restore      Action = "restore"
	EmptyTrash   Action = "empty_trash"
	Delete       Action = "delete"
	Download     Action = "download"
	Extract      Action = "extract"
	Archive      Action = "archive"
	Receive      Action = "receive"
	Sync         Action = "sync"
	Install      Action = "install"
	Mount        Action = "mount"
	Unmount      Action = "unmount"
	Link         Action = "link"
	Protect      Action = "protect"
	Unquarantine Action = "unquarantine"
	Read         Action = "read"
	Send         Action = "send"
)

// Method is how it was done.
type Method string

// The methods.
const (
	ByClone      Method = "clone"
	ByCopyfile   Method = "copyfile"
	ByReadWrite  Method = "read-write"
	ByRename     Method = "rename"
	ByCopyDelete Method = "copy-delete"
	ByReplace    Method = "replace"
	BySwap       Method = "swap"
	ByBackup     Method = "backup"
	ByInPlace    Method = "in-place"
	ByMMap       Method = "mmap"
	ByStream     Method = "stream"
	ByDirectory  Method = "directory"
	BySymlink    Method = "symlink"
	ByHardLink   Method = "hard-link"
	ByUnlink     Method = "unlink"
	ByMode       Method = "mode"
	ByOwner      Method = "owner"
	ByACL        Method = "acl"
	ByFlags      Method = "flags"
	ByAttribute  Method = "attribute"
)

// Certainty is a promise about the proposition, not about the evidence.
type Certainty uint8

// The levels. What each promises: certain ≥ 99.9 % right, likely ≥ 95 %, possible ≥ 60 %.
const (
	Unknown Certainty = iota
	Possible
	Likely
	Certain
)

var certainties = [...]string{"unknown", "possible", "likely", "certain"}

func (c Certainty) String() string { return certainties[c] }

// AtMost is the lower of c and limit.
func (c Certainty) AtMost(limit Certainty) Certainty { return min(c, limit) }

// Lower is one level down, but not below [Possible] for what was at least possible.
func (c Certainty) Lower() Certainty {
	if c > Possible {
		return c - 1
	}
	return c
}

// Role is what a piece of evidence speaks for.
type Role string

// The roles, and the action beside them.
const (
	RoleAction      Role = "action"
	RoleActor       Role = "actor"
	RoleResponsible Role = "responsible"
	RoleInitiator   Role = "initiator"
)

// Basis says how the responsible execution was found.
type Basis string

// The bases.
const (
	BasisToken     Basis = "token"     // the responsible token valid at the message's time
	BasisRecorded  Basis = "recorded"  // an earlier foreign token, the app having exited
	BasisRequested Basis = "requested" // who asked the service
	BasisLineage   Basis = "lineage"   // who launched it
	BasisDisclaim  Basis = "disclaimed"
	BasisOwn       Basis = "own" // it answers for itself
	BasisNone      Basis = "none"
)

// Status says whether the responsible execution was alive at the time.
type Status string

// The statuses.
const (
	StatusLive    Status = "live"
	StatusExited  Status = "exited"
	StatusUnknown Status = "unknown"
)

// Class is the class of an initiator; in order of precedence.
type Class string

// The classes.
const (
	ClassAgent     Class = "agent"     // an AI agent
	ClassRemote    Class = "remote"    // a person on another machine
	ClassScheduled Class = "scheduled" // cron, at, launchd timers
	ClassConsole   Class = "console"   // a person at this machine
	ClassDevice    Class = "device"    // another device of the same person: AirDrop, iCloud
	ClassSystem    Class = "system"    // macOS itself
	ClassUnknown   Class = "unknown"
)

// SessionType is the type of a login session.
type SessionType string

// The session types.
const (
	SessionConsole       SessionType = "console"
	SessionSSH           SessionType = "ssh"
	SessionLogin         SessionType = "login"
	SessionScreenSharing SessionType = "screen-sharing"
	SessionFileSharing   SessionType = "file-sharing"
	SessionBackground    SessionType = "background"
	SessionUnknown       SessionType = "unknown"
)

// VolumeKind says where a volume comes from.
type VolumeKind string

// The volume kinds.
const (
	VolumeInternal VolumeKind = "internal"
	VolumeExternal VolumeKind = "external"
	VolumeNetwork  VolumeKind = "network"
	VolumeImage    VolumeKind = "image"
	VolumeVirtual  VolumeKind = "virtual"
	VolumeUnknown  VolumeKind = "unknown"
)

// ObjectType is the type of what was acted on.
type ObjectType string

// The object types.
const (
	ObjectFile      ObjectType = "file"
	ObjectDirectory ObjectType = "directory"
	ObjectSymlink   ObjectType = "symlink"
	ObjectBundle    ObjectType = "bundle" // a folder that people see as one document
	ObjectOther     ObjectType = "other"
)

// Finding is one conclusion. Empty strings, zero times and nil pointers are written as null.
type Finding struct {
	Kind    Kind
	ID      string // see [ID]
	Host    string
	Boot    string  // boot session UUID where known, else the boot's number in input order
	Time    es.Time // the first member's
	EndTime es.Time // the last member's

	// Of operations; of events only the object.
	Action     Action
	Method     Method
	Path       string
	Object     *Object
	SourcePath string
	Source     *Object
	Replaced   *Object // what the operation overwrote
	Items      []Item  // nil for a single file; capped at [MaxItems]
	ItemsTotal uint64

	// Of events: ES's short name, global_seq_num, the one process that ES names.
	Event    string
	Seq      uint64 // [es.NoSeq] unknown
	Reported *Process

	// Who.
	ReportedAs   []Process // every execution that ES named for a member, in order of appearance
	Actor        *Process
	Responsible  *Responsible
	Initiator    *Initiator
	Participants []Participant

	// How sure, and why.
	Certainty    Levels
	Evidence     []Evidence
	Alternatives []Alternative
	Caveats      []Caveat
	Events       []Range // of global_seq_num, ascending; capped at [MaxRanges]
	EventsTotal  uint64

	// A long operation comes out in parts.
	Continues   string // id of the part before
	ContinuedBy string // id of the part after

	// Of process findings.
	Execution *Execution

	// Of gaps.
	Gap *Gap

	// Rules are the user's rules that matched, in their order; nil: none were asked for. They are no part of what was
	// inferred, and change nothing of it.
	Rules []Match
}

// Caps on what one line carries; totals are exact.
const (
	MaxItems  = 1000
	MaxRanges = 64
)

// Object is a file as it was when last seen in the operation.
type Object struct {
	Type   ObjectType
	Ino    uint64 // 0 unknown; written as a string
	Dev    int32
	Size   int64 // -1 unknown
	Volume *Volume
}

// Volume is what a file lies on.
type Volume struct {
	Mount string
	Kind  VolumeKind
	FS    string
}

// Item is one file of a batch.
type Item struct {
	Path       string
	SourcePath string
	Action     Action // its own, where it differs from the batch's
	Object     *Object
}

// Process is an execution as findings show it.
type Process struct {
	PID        int32
	PIDVersion uint32
	Path       string
	SigningID  string
	TeamID     string
	Platform   bool
	Service    string // launchd label or Mach service it is
	StartTime  es.Time
	AUID       uint32 // [es.Unset] is written as null
	UID        uint32 // real
	EUID       uint32
	ASID       uint32
	TTY        string
	CDHash     es.CDHash
	Args       []string // nil unknown; redacted by default
	Script     string
	Parent     ProcessRef // who created it; zero unknown
	HasToken   bool       // false: only pid and pidversion (or less) are known, the rest is null
}

// ProcessRef names an execution.
type ProcessRef struct {
	PID        int32
	PIDVersion uint32 // 0 unknown
}

// Responsible is the execution, mostly an app, on whose behalf the actor worked.
type Responsible struct {
	Process
	App    string // the bundle's name: "Finder"; "" not an app
	Basis  Basis
	Status Status
}

// Initiator is who is behind it.
type Initiator struct {
	Class   Class
	UID     uint32 // [es.Unset] unknown
	User    string
	Session *Session
	Agent   *Agent
}

// Session is a login session.
type Session struct {
	ASID          uint32
	Type          SessionType
	RemoteAddress string
}

// Agent is an AI agent.
type Agent struct {
	Name       string
	PID        int32
	PIDVersion uint32
	SigningID  string
}

// Participant is another execution that took part: role is closer, opener, creator, writer, reader, starter, requester, helper.
type Participant struct {
	Role    string
	Process Process
}

// Levels holds a certainty for each proposition.
type Levels struct {
	Action, Actor, Responsible, Initiator Certainty
}

// Evidence is a rule that applied, and the messages it applied to.
type Evidence struct {
	For    Role
	Rule   string
	Events []uint64 // global_seq_num of up to [MaxEvidenceEvents] messages
	Says   string   // one plain sentence
}

// MaxEvidenceEvents caps the messages that one piece of evidence lists.
const MaxEvidenceEvents = 8

// Alternative is what else it could have been.
type Alternative struct {
	For       Role
	Action    Action // for the action
	Process   *Process
	Initiator *Initiator
	Certainty Certainty
	Rule      string
	Says      string
}

// Range is an inclusive range of global_seq_num.
type Range [2]uint64

// Execution is the body of a process finding.
type Execution struct {
	Process     Process
	Origin      string // fork, exec, acting, snapshot, inferred
	Parent      *Process
	Responsible *Responsible
	Started     es.Time // fork or exec; zero unknown
	Ended       es.Time // exec of a successor, or exit; zero still running or unknown
	ExitStatus  int32   // wait(2) status; meaningful only if Exited
	Exited      bool
	Next        ProcessRef // the execution that exec made of it
}

// Gap is the body of a gap finding.
type Gap struct {
	From, To es.Time
	Missing  uint64 // 0 unknown how many
	Why      string // lost, unsubscribed, restart, downtime
}

// Match is a rule of the user's whose condition held.
type Match struct {
	Name     string
	Severity Severity
	Message  string
	Tags     []string
}

// Severity is how much a rule's match matters to whoever wrote the rule.
type Severity string

// The severities, the least first.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Caveat is a published reason why an answer is weaker than it could be.
type Caveat string

// The caveats.
const (
	CaveatGapBefore      Caveat = "gap-before"       // messages were lost before or within it
	CaveatLateStart      Caveat = "late-start"       // the recording began after something that matters
	CaveatUnsubscribed   Caveat = "unsubscribed"     // event types that could have changed the answer were not recorded
	CaveatEvicted        Caveat = "evicted"          // something was forgotten to stay within memory
	CaveatLate           Caveat = "late"             // a member came after its place was given up
	CaveatInjected       Caveat = "injected"         // another process could have acted inside this one
	CaveatConflict       Caveat = "conflict"         // two images were seen under one key
	CaveatSharedService  Caveat = "shared-service"   // a daemon that serves several clients at once
	CaveatUnconfirmed    Caveat = "unconfirmed"      // ES tells of the attempt only; nothing confirmed that it succeeded
	CaveatInferredParent Caveat = "inferred-lineage" // part of the ancestry was bridged, not seen
	CaveatTruncatedPath  Caveat = "truncated-path"   // a path was longer than ES carries
	CaveatSettledEarly   Caveat = "settled-early"    // it was cut by a bound, not by its end
	CaveatPart           Caveat = "part"             // one part of a longer operation
	CaveatScreenSharing  Caveat = "screen-sharing"   // somebody was connected to this screen
	CaveatGuest          Caveat = "guest"            // a virtual machine or container may have asked
)

// Caveats is the published list, in the order of the constants.
var Caveats = []Caveat{
	CaveatGapBefore, CaveatLateStart, CaveatUnsubscribed, CaveatEvicted, CaveatLate, CaveatInjected, CaveatConflict,
	CaveatSharedService, CaveatUnconfirmed, CaveatInferredParent, CaveatTruncatedPath, CaveatSettledEarly, CaveatPart,
	CaveatScreenSharing, CaveatGuest,
}
