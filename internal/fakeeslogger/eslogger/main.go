// Command eslogger is package fakeeslogger as a program.
package main

import (
	"os"

	"ascribe.example/internal/fakeeslogger"
)

func main() { os.Exit(fakeeslogger.Main()) }
