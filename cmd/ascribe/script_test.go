package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/fakeeslogger"
	"ascribe.example/internal/scenario"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ascribe": main, "eslogger": func() { os.Exit(fakeeslogger.Main()) }, "launchctl": launchctl, "until": until,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"record":   record,
			"exits":    exits,
			"validate": validate,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", os.Getenv("GORACE")) // how the race detector behaves, in the programs as in the test
			return nil
		},
	})
}

// record SCRIPT RECORDING [bare] [pretty]: writes the recording of a scenario.
func record(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: record SCRIPT RECORDING [bare] [pretty]")
	}
	s, err := scenario.Parse(args[0], ts.ReadFile(args[0]))
	ts.Check(err)
	var o scenario.Options
	for _, word := range args[2:] {
		switch word {
		case "bare":
			o.Bare = true
		case "pretty":
			o.Pretty = true
		default:
			ts.Fatalf("record: unknown word %q", word)
		}
	}
	r, err := scenario.Build(s, o)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), r.Recording(), 0o644))
}

// exits STATUS COMMAND...: runs a command and compares its exit status; output is there for stdout and stderr.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	status := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		status = exit.ExitCode()
	}
	if want := args[0]; strconv.Itoa(status) != want {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}

// validate FILE [KIND N]...: each line of a file is a finding of the contract; there are N of each named kind.
func validate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: validate FILE [KIND N]...")
	}
	kinds := map[string]int{}
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if err := findingtest.Check([]byte(line)); err != nil {
			ts.Fatalf("not a line of the contract: %v\n%s", err, line)
		}
		var f struct{ Kind string }
		ts.Check(json.Unmarshal([]byte(line), &f))
		kinds[f.Kind]++
	}
	if len(kinds) == 0 {
		ts.Fatalf("%s is empty", args[0])
	}
	for i := 1; i+1 < len(args); i += 2 {
		var want int
		ts.Check(json.Unmarshal([]byte(args[i+1]), &want))
		if kinds[args[i]] != want {
			ts.Fatalf("%d findings of kind %s, want %d: %v", kinds[args[i]], args[i], want, kinds)
		}
	}
}
