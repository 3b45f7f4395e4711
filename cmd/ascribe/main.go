// Command ascribe says what happened to files on a Mac, who did it, how sure that is, and why, from Endpoint Security
// messages.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "ascribe.example/internal/largepages" // the heap lies on them
)

func main() {
	// A reader that has seen enough closes the pipe: the write then fails, and the run ends quietly.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first interrupt ends the run with what is known; the second one kills.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], console{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
