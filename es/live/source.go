package live

import (
	"context"
	"fmt"

	"ascribe.example/es"
)

// Source is where messages come from.
type Source interface {
	// Open starts a client. An error that is an [*End] says what to do.
	Open(ctx context.Context) (Client, error)
}

// Client is one life of an Endpoint Security client.
type Client interface {
	// Read reads the client's lines as eslogger writes them. After the client's end, and only then, it returns [io.EOF].
	// It is called from one goroutine.
	Read(p []byte) (int, error)

	Kinds() (es.Kinds, bool) // what it subscribed to, if that is known
	PIDs() []int             // processes that the client runs in, other than this one
	Room() int               // how many bytes may come while nobody reads, before the client has to wait

	// Stop asks the client to end and to hand on what it still holds. It does not wait.
	Stop()
	// Wait waits for the end and says why. It is called after Read has returned io.EOF.
	Wait() *End
}

// Why says why a client ended, or did not begin.
type Why string

// The reasons that are told apart, because each has another remedy.
const (
	WhyStopped   Why = "stopped"        // we asked for it
	WhyNoProgram Why = "no-program"     // there is no eslogger
	WhyNotRoot   Why = "not-root"       //
	WhyNoAccess  Why = "no-full-access" // the responsible app has no Full Disk Access
	WhyTooMany   Why = "too-many"       // other clients took all places
	WhyNoEvents  Why = "no-events"      // it knows none of the engine's events
	WhyNoOutput  Why = "no-output"      // no pipe or pseudo-terminal could be had
	WhyKilled    Why = "killed"         // by a signal
	WhyExited    Why = "exited"         // by itself
)

// End is a client's end.
type End struct {
	Why    Why
	Says   string // what happened, in a line
	Remedy string // the one thing to do; "" nothing
	// Again says that another try may do better. The others fail in the same way until somebody acts.
	Again bool
}

func (e *End) Error() string {
	if e.Remedy == "" {
		return e.Says
	}
	return fmt.Sprintf("%s: %s", e.Says, e.Remedy)
}

// Taker takes a live recording. Its methods are called from one goroutine, in the order of the recording.
type Taker interface {
	Begin(*es.Header) error
	Snapshot(*es.Snapshot) error
	Lines(raw []byte, at es.Time) error // whole lines, each with its newline, which came by that time
	Watermark(es.Time) error
	Gap(*es.Gap) error
	Fact(*es.Fact) error
	// Idle is called when nothing more is at hand: what was taken may be made readable.
	Idle(at es.Time) error
	End(at es.Time) error
}
