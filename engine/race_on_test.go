//go:build race

package engine_test

// stride is how many messages the tests that take each message in turn go on by: under the race detector, which is about
// ten times slower, every sixteenth; the plain run of the same tests takes each.
const stride = 16
