// Package fakeeslogger stands in for /usr/bin/eslogger where there is no Mac. It takes the same arguments and writes the
// same kind of lines, of a Mac that it makes up as it goes; and it does what the real one is known to do to whoever reads
// it: it buffers by the block when its output is no terminal and the environment does not ask for lines, flushes when it is
// interrupted, refuses without root or Full
// Disk Access, and hides the events of its own process group.
//
// The one thing that it really sees is ascribe's probe: files that are renamed in a folder of $TMPDIR, by the process whose
// pid stands in the folder's name.
//
// What it does is a plan in $FAKE_ESLOGGER, statements separated by semicolons:
//
//	emit N [RATE]    N messages, RATE a second; 0 or none: as fast as they are taken
//	save N EVERY     N files are made and closed, one EVERY so often, each by a program of its own: save-I-NANOSECONDS.txt
//	busy N RATE EVERY  as emit, with such a file made every so often
//	day N            N messages as fast as they are taken, by the block, whose times are spread over 24 hours
//	wait D           nothing happens, but what the probe shows is told
//	until FILE [RATE]  as wait, until the file is there; or messages at a rate
//	stall D          nothing is told; it is afterwards
//	drop N           N numbers are left out
//	restart          numbers begin at 0 again
//	junk TEXT        a line that is no message
//	partial          the first half of a message
//	say TEXT         on standard error
//	quarantine PATH  a file is marked as downloaded
//	tell-from FILE   for each line "PID PATH" that comes in FILE: process PID, which is real, runs a program and makes PATH;
//	                 FILE.told is there when it was told
//	exit N, kill     ends
//	forever          as wait, until it is interrupted; the default, and the end of every plan
//
// Before the statements may stand: refuse-root, refuse-access, deaf (it does not end when it is interrupted), blind (it does
// not see the probe), blocks (it buffers by the block whatever the environment asks) and list EVENTS. The file $FAKE_ESLOGGER_LOG gets the number of messages that were written.
package fakeeslogger

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"

	"ascribe.example/es"
)

// Main is the program; it returns its exit status.
func Main() int { return run(os.Args[1:]) }

func run(args []string) int {
	plan := parsePlan(os.Getenv("FAKE_ESLOGGER"))
	listed := plan.listed
	if listed == nil {
		for _, k := range es.AllKinds().List() {
			listed = append(listed, k.String())
		}
	}
	if slices.Contains(args, "--list-events") {
		fmt.Println(strings.Join(append(listed, "lookup", "proc_check"), "\n"))
		return 0
	}
	switch {
	case plan.refuseRoot:
		fmt.Fprintln(os.Stderr, "Not privileged to create an ES Client: must be run as root (ES_NEW_CLIENT_RESULT_ERR_NOT_PRIVILEGED)")
		return 1
	case plan.refuseAccess:
		fmt.Fprintln(os.Stderr, "Not permitted to create an ES Client, responsible process needs TCC Full Disk Access authorization (ES_NEW_CLIENT_RESULT_ERR_NOT_PERMITTED)")
		return 1
	}
	var kinds es.Kinds
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			continue
		}
		if !slices.Contains(listed, a) {
			fmt.Fprintf(os.Stderr, "Unknown event: %s\n", a)
			return 1
		}
		kinds.Add(es.KindOf(a))
	}
	ends := make(chan os.Signal, 1)
	if !plan.deaf {
		signal.Notify(ends, os.Interrupt)
	} else {
		signal.Ignore(os.Interrupt)
	}
	w := newWorld()
	c := newClient(kinds, w, ends, plan)
	defer c.flush()
	for _, s := range plan.steps {
		if status, over := c.do(s); over {
			return status
		}
	}
	return 0
}
