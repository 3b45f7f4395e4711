package operation

import (
	"reflect"

	"ascribe.example/es"
)

// Reason is why a path-changing message is in no operation.
type Reason uint8

// The reasons, as the summary names them.
const (
	ReasonTemporary     Reason = iota // a name that came and went within one act
	ReasonUnconfirmed                 // ES told of an attempt; nothing showed that it succeeded
	ReasonDenied                      // an authorisation result said no
	ReasonRetry                       // the same call told again
	ReasonAttributeOnly               // times or extended attributes that change nothing a person would name
	ReasonUnsubscribed                // what would have told the operation was not recorded
	ReasonNotAFile                    // a device, a pipe, a socket, a terminal
	ReasonAfter                       // it came when its operation had been told
	ReasonEvicted                     // forgotten to stay within memory
	ReasonInternal                    // a file system's or a database's own bookkeeping inside a document's operation
	reasonCount
)

var reasons = [reasonCount]string{
	"temporary", "unconfirmed", "denied", "retry", "attribute-only", "unsubscribed", "not-a-file", "after-settling",
	"evicted", "internal",
}

func (r Reason) String() string { return reasons[r] }

// Ledger is the balance of path-changing messages: Seen = InOperations + the Without of each reason + what is still open.
type Ledger struct {
	Seen         uint64
	InOperations uint64
	Without      [reasonCount]uint64
	Open         uint64
}

// Balanced reports whether every message seen is accounted for.
func (l *Ledger) Balanced() bool {
	sum := l.InOperations + l.Open
	for _, n := range l.Without {
		sum += n
	}
	return sum == l.Seen
}

// Reasons lists each reason that has a count, in a fixed order.
func (l *Ledger) Reasons(yield func(name string, n uint64) bool) {
	for r, n := range l.Without {
		if n > 0 && !yield(Reason(r).String(), n) {
			return
		}
	}
}

// Changing reports whether messages of this kind change what a path names or holds.
func Changing(k es.Kind) bool { return changing.Has(k) }

var changing = es.NewKinds(
	es.KindCreate, es.KindWrite, es.KindTruncate, es.KindRename, es.KindUnlink, es.KindLink, es.KindClone, es.KindCopyfile,
	es.KindExchangeData, es.KindSetExtAttr, es.KindDeleteExtAttr, es.KindSetMode, es.KindSetOwner, es.KindSetFlags,
	es.KindSetACL, es.KindUTimes, es.KindMount, es.KindUnmount, es.KindRemount,
)

// Drafts counts what is under way.
type Drafts struct {
	Open  int    // now
	Most  int    // at a time, so far
	Bytes int    // of the table of drafts, what they point to left out
	Early uint64 // settled early to make room
}

// Open counts what is under way.
func (r *Recognizer) Open() Drafts {
	return Drafts{
		Open: r.drafts.open(), Most: r.drafts.most(),
		Bytes: len(r.drafts.chunks) * int(reflect.TypeFor[draftChunk]().Size()), Early: r.Dropped,
	}
}
