package eslogger

import "fmt"

// Error says why a value is not a message that this package reads.
type Error struct {
	// Offset is the 0-based place in the value of the byte that is wrong, or the value's length if it ends too early.
	// It is 0 where the value is valid JSON and something is missing from it.
	Offset int
	Reason string
}

func (e *Error) Error() string {
	if e.Offset > 0 {
		return fmt.Sprintf("at byte %d: %s", e.Offset, e.Reason)
	}
	return e.Reason
}

func notMessage(format string, args ...any) *Error {
	return &Error{Reason: "not an Endpoint Security message: " + fmt.Sprintf(format, args...)}
}
