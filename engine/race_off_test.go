//go:build !race

package engine_test

const (
	stride      = 1
	everyScript = 1
)

var processors = []int{1, 2, 8}
