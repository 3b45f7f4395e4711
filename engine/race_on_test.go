//go:build race

package engine_test

// The race detector makes these tests ten times slower, and the plain run of the same tests takes every case. With it on,
// only each stride-th message is taken in turn, and only each everyScript-th script where all are recorded in many ways. What
// two engines share it sees on two processors as on more.
const (
	stride      = 64
	everyScript = 6
)

var processors = []int{2}
