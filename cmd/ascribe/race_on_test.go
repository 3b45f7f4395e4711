//go:build race

package main

// Under the race detector every scenario takes ten times as long: fewer are taken then.
const everyScenario = 12
