//go:build race

package store

// Under the race detector SQLite, which is Go, is some ten times as slow: fewer cases are taken then.
const slow = 6
