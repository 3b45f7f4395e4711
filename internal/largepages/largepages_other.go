//go:build !linux

package largepages

// Decline does nothing: the system has large pages by itself, or none.
func Decline() {}
