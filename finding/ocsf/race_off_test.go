//go:build !race

package ocsf_test

// Validating a line costs a hundred times what writing it does: each stride-th finding is taken.
const stride = 4
