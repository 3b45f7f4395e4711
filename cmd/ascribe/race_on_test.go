//go:build race

package main

// Under the race detector every scenario takes ten times as long: fewer are taken then.
const (
	everyScenario = 12
	imports       = 2 // that are killed: one into each database
)
