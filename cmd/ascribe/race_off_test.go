//go:build !race

package main

const everyScenario = 1
