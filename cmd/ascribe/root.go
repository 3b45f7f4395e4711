package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"ascribe.example/finding/text"
	"github.com/spf13/cobra"
)

// Exit statuses.
const (
	exitDone       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitIncomplete = 3
	exitMatched    = 4
)

// errIncomplete ends a job that is done, but for a part of the input that could not be read. It was told already.
var errIncomplete = errors.New("part of the input could not be read")

// usageError is what the user can mend by another command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
func (e usageError) told() error   { return e.error } // as a whole: it has nothing before it

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// console is what a command reads from and writes to.
type console struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// run runs one command line and returns its exit status.
func run(ctx context.Context, args []string, c console) int {
	root := newRoot(c)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errMatched):
		return exitMatched
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.Is(err, syscall.EPIPE):
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(c.err, "ascribe: %s\nSee %s --help.\n", visible(err), cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(c.err, "ascribe: %s\n", visible(err))
	return exitFailed
}

// visible is what an error says. It may hold names of files and arguments, which must not steer the terminal. Only errors
// that were joined stand on lines of their own.
func visible(err error) string {
	if usage, ok := err.(interface{ told() error }); ok {
		return visible(usage.told())
	}
	if place, ok := err.(interface{ Lines() []string }); ok {
		lines := place.Lines()
		for i := range lines {
			lines[i] = text.Visible(lines[i])
		}
		return strings.Join(lines, "\n")
	}
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, e := range all.Unwrap() {
			lines = append(lines, visible(e))
		}
		return strings.Join(lines, "\nascribe: ")
	}
	says := err.Error()
	if plain := strings.ReplaceAll(says, `\`, ""); text.Visible(plain) == plain {
		return says // backslashes are of names that were quoted already
	}
	return text.Visible(says)
}

func newRoot(c console) *cobra.Command {
	root := &cobra.Command{
		Use:   "ascribe",
		Short: "What happened to files on a Mac, who did it, how sure, and why",
		Long: `ascribe reads Endpoint Security messages, as eslogger(1) writes them, and says for
every file operation what happened, who did it (the program, the app it worked for,
the person or agent behind both), how sure that is, and why.

It is inference: "certain" promises to be right 999 times in 1,000, "likely" 95 in
100, "possible" 60 in 100, and "unknown" is an honest answer.`,
		Example: `  ascribe demo                                     the story of a shipped recording
  ascribe run recording.jsonl                      what happened, for people
  ascribe run recording.jsonl | jq .               the same as JSON lines
  sudo eslogger close rename exec | ascribe run -  live
  ascribe who /Users/alice/plan.pdf recording.jsonl
  ascribe explain op_715d37 recording.jsonl`,
		Args:          noArguments,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:       versionOf(),
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetVersionTemplate("ascribe {{.Version}}\n")
	root.AddCommand(newScore(c))
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveDefault)
	root.AddCommand(
		newRun(c), newInspect(c), newExplain(c), newWho(c), newTimeline(c), newDiff(c), newTop(c), newStats(c), newTree(c),
		newRules(c), newImport(c), newExport(c), newStore(c), newWatch(c), newRecord(c), newService(c), newDoctor(c), newHeld(), newDemo(c),
		newSchema(c), newVersion(c), newMan(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return usagef("there is no completion for %q: there is for bash, zsh, fish and powershell", args[0])
		}
		completion.Args = cobra.ArbitraryArgs
	}
	return root
}

// noArguments refuses arguments, and says what was probably meant.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasParent() {
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			return usagef("there is no command %q: did you mean %s?", args[0], strings.Join(near, " or "))
		}
		return usagef("there is no command %q", args[0])
	}
	return usagef("%s takes no arguments, but got %q", cmd.Name(), args[0])
}
