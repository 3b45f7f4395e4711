//go:build !race

package engine_test

const (
	stride      = 1
	everyScript = 1
)
