//go:build race

package ocsf_test

// The race detector makes validation ten times slower, and can find nothing in it.
const stride = 40
