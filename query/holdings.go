package query

import (
	"fmt"
	"strings"

	"ascribe.example/es"
)

// Holdings is what a recording was found to hold.
type Holdings struct {
	Kinds     [es.KindCount]uint64 // messages of each kind
	Recorded  es.Kinds             // what the recording carries, as far as it says or shows
	Declared  bool                 // it says so: what is not in Recorded was not recorded
	Version   int                  // the highest message version; 0 unknown
	Snapshot  int                  // processes that it says already ran
	LateStart bool                 // the client had delivered messages before the first one
	Missing   uint64               // messages that are known to be lost
	Gaps      uint64

	Messages    uint64
	Unreadable  uint64
	Hosts       []string // "" has no name
	Boots       uint64
	Clients     uint64
	OS          string // of a begin line
	First, Last es.Time
	Oldest      int // the lowest message version; 0 unknown
}

// Begin notes a begin line.
func (h *Holdings) Begin(b *es.Header) {
	if b.OS != "" {
		h.OS = b.OS
	}
}

// Ran notes a snapshot.
func (h *Holdings) Ran(s *es.Snapshot) { h.Snapshot += len(s.Processes) }

// Message notes a message: its time and version.
func (h *Holdings) Message(m *es.Message) {
	if h.First == 0 || m.Time != 0 && m.Time < h.First {
		h.First = m.Time
	}
	h.Last = max(h.Last, m.Time)
	h.Version = max(h.Version, m.Version)
	if h.Oldest == 0 || m.Version != 0 && m.Version < h.Oldest {
		h.Oldest = m.Version
	}
}

// Verdict says how well a question can be answered.
type Verdict uint8

// The verdicts.
const (
	Cannot Verdict = iota
	InPart
	Can
)

// Answer is a question about a Mac, and how well a recording can answer it.
type Answer struct {
	Question string
	Verdict  Verdict
	Why      string // what is missing; "" for Can
}

// question is answered by events: by all of full, or in part by those of part.
type question struct {
	asks string
	full []es.Kind
	part []es.Kind // any of them; nil: nothing else helps
}

var questions = []question{
	{"which files were renamed, moved or put into the Trash", []es.Kind{es.KindRename}, nil},
	{"which files were deleted", []es.Kind{es.KindUnlink}, nil},
	{
		"which files were created, saved or changed",
		[]es.Kind{es.KindCreate, es.KindOpen, es.KindWrite, es.KindTruncate, es.KindRename, es.KindClose},
		[]es.Kind{es.KindClose, es.KindCreate, es.KindWrite},
	},
	{
		"which files were copied, and from where",
		[]es.Kind{es.KindClone, es.KindCopyfile, es.KindCreate, es.KindOpen, es.KindWrite, es.KindClose},
		[]es.Kind{es.KindClone, es.KindCopyfile},
	},
	{
		"which files were downloaded or received",
		[]es.Kind{es.KindCreate, es.KindRename, es.KindSetExtAttr},
		[]es.Kind{es.KindRename, es.KindSetExtAttr},
	},
	{
		"which program did it, not only which one Endpoint Security named",
		[]es.Kind{es.KindOpen, es.KindWrite, es.KindCreate, es.KindExec, es.KindFork},
		[]es.Kind{es.KindExec, es.KindOpen, es.KindWrite, es.KindCreate},
	},
	{
		"for which app it worked",
		[]es.Kind{es.KindFork, es.KindExec, es.KindExit, es.KindXPCConnect},
		[]es.Kind{es.KindFork, es.KindExec, es.KindXPCConnect, es.KindBootstrapLookUp, es.KindClose, es.KindOpen, es.KindRename},
	},
	{
		"which person is behind it, and from where",
		[]es.Kind{es.KindExec, es.KindFork, es.KindLWSessionLogin, es.KindOpenSSHLogin, es.KindLoginLogin, es.KindScreenSharingAttach, es.KindSudo, es.KindSu},
		[]es.Kind{es.KindExec, es.KindFork, es.KindOpenSSHLogin, es.KindLWSessionLogin, es.KindClose, es.KindOpen, es.KindRename},
	},
	{"whether it was an AI agent's doing", []es.Kind{es.KindFork, es.KindExec}, nil},
	{"whether a file went to an external disk or a share", []es.Kind{es.KindMount, es.KindUnmount}, nil},
	{"who created which process", []es.Kind{es.KindFork, es.KindExec, es.KindExit}, []es.Kind{es.KindExec, es.KindFork}},
}

// Judge says what a recording can answer, and how well.
func Judge(h *Holdings) []Answer {
	var l []Answer
	for i := range questions {
		q := &questions[i]
		a := Answer{Question: q.asks, Verdict: Can}
		var lacks []string
		for _, k := range q.full {
			if !h.Recorded.Has(k) && offered(k, h.Version) && !(k == es.KindMount || k == es.KindUnmount) {
				lacks = append(lacks, k.String())
			}
			if k == es.KindMount && !h.Recorded.Has(k) && h.Snapshot == 0 {
				lacks = append(lacks, k.String())
			}
		}
		if lacks != nil {
			a.Verdict = Cannot
			for _, k := range q.part {
				if h.Recorded.Has(k) {
					a.Verdict = InPart
				}
			}
			a.Why = "without " + list(lacks)
		}
		if a.Verdict == Can && h.Missing > 0 {
			a.Verdict, a.Why = InPart, fmt.Sprintf("%d messages were lost", h.Missing)
		}
		l = append(l, a)
	}
	return l
}

// list writes words one after another: a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// since is the message version that an event came with, for those that came after macOS 13 [D].
var since = map[es.Kind]int{
	es.KindXPCConnect: 7, es.KindSu: 7, es.KindSudo: 7, es.KindGatekeeperUserOverride: 8, es.KindTCCModify: 9,
	es.KindBootstrapLookUp: 11, es.KindBootstrapCheckIn: 11,
}

// offered reports whether a Mac of that message version knows the event; an unknown version counts as macOS 13.
func offered(k es.Kind, version int) bool { return since[k] <= max(version, 6) }

// wanted are the events that answers rest on most, in the order of the command line. Signals and task ports are not among
// them: they only lower what an answer promises, and are many.
var wanted = []es.Kind{
	es.KindFork, es.KindExec, es.KindExit,
	es.KindOpen, es.KindClose, es.KindCreate, es.KindWrite, es.KindTruncate, es.KindMMap, es.KindRename, es.KindUnlink, es.KindLink,
	es.KindClone, es.KindCopyfile, es.KindExchangeData, es.KindSetExtAttr, es.KindDeleteExtAttr,
	es.KindSetMode, es.KindSetOwner, es.KindSetFlags, es.KindSetACL, es.KindUTimes,
	es.KindMount, es.KindUnmount, es.KindRemount,
	es.KindXPCConnect, es.KindBootstrapLookUp, es.KindBootstrapCheckIn,
	es.KindOpenSSHLogin, es.KindOpenSSHLogout, es.KindLoginLogin, es.KindLoginLogout,
	es.KindLWSessionLogin, es.KindLWSessionLogout, es.KindLWSessionLock, es.KindLWSessionUnlock,
	es.KindScreenSharingAttach, es.KindScreenSharingDetach, es.KindSu, es.KindSudo,
	es.KindFileProviderMaterialize, es.KindFileProviderUpdate, es.KindRemoteThreadCreate, es.KindTrace,
}

// Lacks lists the events that a recording does not have, though its Mac could have told them.
func Lacks(h *Holdings) []es.Kind {
	var l []es.Kind
	for _, k := range wanted {
		if !h.Recorded.Has(k) && offered(k, h.Version) {
			l = append(l, k)
		}
	}
	return l
}

// Command is the eslogger command that records everything that answers rest on, on a Mac of that message version.
func Command(version int) string {
	var b strings.Builder
	b.WriteString("sudo eslogger")
	for _, k := range wanted {
		if offered(k, version) {
			b.WriteByte(' ')
			b.WriteString(k.String())
		}
	}
	b.WriteString(" > recording.jsonl")
	return b.String()
}
