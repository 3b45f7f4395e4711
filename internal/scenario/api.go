package scenario

import (
	"time"

	"ascribe.example/es"
)

// Options change how a script's activity is recorded, never what happens. The zero value records as the script's own
// "recorded …" sentences say, and where they say nothing: message version 8, object tokens, everything subscribed, in
// order, nothing lost, from the beginning, with a header and a snapshot. A set field wins over the script.
type Options struct {
	Version    int       // message version, 6 to 11; 0: not set
	Tokens     TokenForm // how audit tokens are written in lines
	KeySeed    uint64    // shuffles the keys of every JSON object; 0: the writer's own order
	Pretty     bool      // lines become pretty-printed values
	Bare       bool      // no control lines: Header and Snapshot are nil, as eslogger alone records
	Subscribed string    // "everything", "close only", "close exec", "edr", or short names separated by spaces; "": not set
	Shuffle    Shuffle
	Loss       Loss
	Duplicate  Duplicate
	Start      Start
	Noise      Noise
	Retries    Rate // VFS retries: CREATE, RENAME, UNLINK told twice for one call, under two numbers [D]
}

// TokenForm is how an audit token is written.
type TokenForm uint8

// The token forms.
const (
	TokensDefault TokenForm = iota // not set
	TokensObject                   // {"pid":…,"pidversion":…,…}
	TokensArray                    // eight numbers, as an early beta wrote them [R]
)

// Shuffle moves each message at most Window places from where it belongs.
type Shuffle struct {
	Window int
	Seed   uint64
}

// Loss removes messages after they were numbered, as a full queue does.
type Loss struct {
	Rate float64 // 0 to 1
	Seed uint64
	Seqs []uint64 // these global_seq_nums for certain
}

// Duplicate delivers some messages twice, under the same numbers.
type Duplicate struct {
	Rate float64
	Seed uint64
}

// Rate is a share of chances, drawn by a seed.
type Rate struct {
	Rate float64
	Seed uint64
}

// Start lets the client begin late. Numbers start at 0 with the first message that it gets.
type Start struct {
	Message    uint64        // skip so many subscribed messages; 0: none
	After      time.Duration // skip what happened before this much event time had passed
	NoSnapshot bool          // nothing is known of what already ran
}

// Noise puts other processes' messages among the script's own: Ratio noise messages for one of the script's.
type Noise struct {
	Ratio float64
	Seed  uint64
}

// Result is what a script yields.
type Result struct {
	Name     string
	Header   *es.Header     // nil: bare
	Snapshot *es.Snapshot   // nil: bare, or a start without snapshot
	Messages []*es.Message  // as delivered: in this order, with these numbers
	Lost     []uint64       // global_seq_nums that were given and never delivered, ascending
	End      es.Time        // wall clock after the last sentence
	Truth    []Truth        // every operation that truly happened, in order of its first message
	Expected []Expected     // what the script says the findings must be, in the script's order
	People   []Identity     // every execution that ever was, in order of creation
	Users    []es.User      // declared users
	options  Options        // as applied
	index    map[uint64]int // global_seq_num → place in acts
	acts     []Act
}

// Truth is one operation that truly happened: known to the simulator, whatever the recording shows of it.
type Truth struct {
	Line       int      // of the sentence in the script
	Action     string   // finding.Action's words: copy, save, …
	Also       []string // other actions that are as true: a program that saves a new file by renaming also creates it
	Method     string   // finding.Method's words; "" where none applies
	Path       string   // under its final name
	SourcePath string
	Links      []string // other names, by hard links, of what Path and SourcePath name: a message may show any of them
	Replaced   bool     // it overwrote a file that was not its own
	Items      []TruthItem
	Noise      bool // not of the script: noise

	Actor       es.Key   // the execution that did it
	Parts       []es.Key // other executions that any careful reader could name as the actor: mv's cp, a tool's worker
	Responsible es.Key   // zero: nobody
	Initiator   Initiator

	Events  []uint64 // global_seq_nums of its members, ascending; lost ones too
	Missing int      // members without a number: not subscribed, or before the start
	Failed  bool     // an attempt that changed nothing: no operation must be told of it
}

// TruthItem is one file of a batch.
type TruthItem struct {
	Path       string
	SourcePath string
	Action     string // "" as the batch
}

// Initiator is who is truly behind an act.
type Initiator struct {
	Class   string // finding.Class's words: agent, remote, scheduled, console, device, system, unknown
	UID     uint32 // of a daemon that works for nobody: its own
	User    string
	ASID    uint32
	Session string // finding.SessionType's words
	Address string // of remote ones
	Agent   es.Key // zero: none
}

// Act is the truth about one message.
type Act struct {
	Seq     uint64   // global_seq_num
	Doer    es.Key   // the execution that made the system call, or whose death closed the file
	Writers []es.Key // of a close: every execution that made the file or changed its content, up to then
	Truth   int      // index into Result.Truth; -1 none
}

// Identity is one execution under the name that the script gave it.
type Identity struct {
	Name  string // "DSH"; the executable's last element for what the script did not name
	Key   es.Key
	Path  string // executable
	Image string // what it is within its life: "fork", "xpcproxy", "program"
	Boot  uint32
	From  es.Time // created
	To    es.Time // exec-ed away or exited; 0 still running at the end
}

// Expected is one expectation of the block after "---": an operation, an event, a gap, or that there is none.
//
// Only what is said is to be checked: empty strings and nil pointers say nothing.
type Expected struct {
	Line     int    // in the script
	Text     string // as written
	No       bool   // no finding may match
	Nothing  bool   // "nothing else": no operation but those expected; all else is empty
	Kind     string // "operation", "event", "gap", "process"
	Action   string // of operations
	Method   string
	Path     string
	Source   string
	Replaced string // "yes", "no"
	Items    int    // -1: not said
	Item     []TruthItem
	Event    string // of events: ES's short name
	Reported string // of events: a declared name, or the last element of the executable ES names
	Why      string // of gaps

	Certainty   Level // the action's
	Actor       *Who
	Responsible *Who
	Initiator   *Who

	Participants []Who // Role and Name
	Alternatives []Who // Role and Name (or User, Class)
	Caveats      []string
	NoCaveats    []string
	Rules        []string // names that must stand in the evidence
}

// Level is a certainty that is asked for.
type Level struct {
	Word  string // certain, likely, possible, unknown; "" not said
	Bound string // "at least", "at most"; "" exactly
}

// Who is one role's expected holder.
type Who struct {
	Role    string // actor, responsible, initiator; of participants closer, opener, …
	Name    string // of processes: a name of Result.People; of initiators the user
	Unknown bool   // "(unknown)": nobody may be named
	Level   Level
	Basis   string // of responsible: token, recorded, requested, lineage, disclaimed, own, none
	Status  string // of responsible: live, exited
	Class   string // of initiators
	Session string // of initiators: session type
	Address string // of initiators
	Agent   string // of initiators: a name of Result.People
}

// Script is a parsed script. It can be built any number of times, by any number of goroutines.
type Script struct {
	Name     string // file name, for errors
	Text     string
	sentence []sentence
	expected []Expected
}

// Parse reads a script. Errors name the file, the line and the word, and what was expected there.
func Parse(name, text string) (*Script, error) { return parse(name, text) }

// Build lets the script happen on a fresh Mac and records it. The same script and options give the same messages.
func Build(s *Script, o Options) (*Result, error) { return build(s, o) }

// Is reports whether name means the execution (pid, pidversion): a name that the script declared, or the last element of
// the path that a message showed for it.
func (r *Result) Is(name string, pid int32, pidversion uint32, path string) bool {
	declared := false
	for i := range r.People {
		p := &r.People[i]
		if p.Name != name {
			continue
		}
		declared = true
		if p.Key.PID == pid && p.Key.PIDVersion == pidversion {
			return true
		}
	}
	return !declared && base(path) == name
}

// ActOf is the truth about the message with that global_seq_num; false if the recording never numbered it.
func (r *Result) ActOf(seq uint64) (Act, bool) {
	i, ok := r.index[seq]
	if !ok {
		return Act{}, false
	}
	return r.acts[i], true
}
