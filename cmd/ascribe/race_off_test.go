//go:build !race

package main

const (
	everyScenario = 1
	imports       = 4 // that are killed
)
