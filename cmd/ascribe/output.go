package main

import (
	"bufio"
	"io"
	"os"
	"time"

	"ascribe.example/finding"
	"ascribe.example/finding/ecs"
	"ascribe.example/finding/ocsf"
	"ascribe.example/finding/text"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// outputFlags say how findings are written.
type outputFlags struct {
	format string
	color  string
	width  int
	all    bool
	zone   *time.Location // of text; nil is UTC
}

// add defines the flags; all is only for what counts the daemons' rest.
func (o *outputFlags) add(cmd *cobra.Command, all bool) {
	f := cmd.Flags()
	f.StringVar(&o.format, "format", "", "`FORMAT`: text; json, ecs or ocsf, one object a line; none (default: text to a terminal, json to a pipe or file)")
	f.StringVar(&o.color, "color", "auto", "`WHEN` to colour: auto, always or never; auto is colour on a terminal, unless NO_COLOR is set")
	f.IntVar(&o.width, "width", 0, "`COLUMNS` of text (default: the terminal's, else 100)")
	if all {
		f.BoolVar(&o.all, "all", false, "text: show what macOS, schedules and other devices did, too")
	}
	complete(cmd, "format", "text", "json", "ecs", "ocsf", "none")
	complete(cmd, "color", "auto", "always", "never")
}

func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was defined a line above
	}
}

// check refuses what the flags cannot mean.
func (o *outputFlags) check() error {
	switch o.format {
	case "", "text", "none":
	default:
		if formats[o.format] == nil {
			return usagef("--format %s: it is text, json, ecs, ocsf or none", o.format)
		}
	}
	switch o.color {
	case "auto", "always", "never":
	default:
		return usagef("--color %s: it is auto, always or never", o.color)
	}
	if o.width < 0 || o.width > 0 && o.width < 40 {
		return usagef("--width %d: at least 40 columns are needed", o.width)
	}
	return nil
}

// formats are those of one JSON object a line.
var formats = map[string]func([]byte, *finding.Finding) []byte{
	"json": finding.Append,
	"ecs":  ecs.Append,
	"ocsf": ocsf.Append,
}

// lines is how lines of JSON are written, nil for text: what was asked for, else what the output is.
func (o *outputFlags) lines(c console) func([]byte, *finding.Finding) []byte {
	format := o.format
	if format == "" {
		if _, terminal := terminalOf(c.out); terminal {
			return nil
		}
		format = "json"
	}
	if format == "json" {
		return new(finding.Encoder).Append
	}
	return formats[format]
}

// json reports whether lines of JSON are written, of whatever schema.
func (o *outputFlags) json(c console) bool { return o.lines(c) != nil }

// text is how text is written on that console.
func (o *outputFlags) text(c console) text.Options {
	width, terminal := terminalOf(c.out)
	t := text.Options{Width: width, All: o.all, Color: o.color == "always", Location: o.zone}
	if o.width > 0 {
		t.Width = o.width
	}
	if o.color == "auto" {
		t.Color = terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	return t
}

// terminalOf is the width of w, if it is a terminal.
func terminalOf(w any) (width int, terminal bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, true
	}
	return max(width, 0), true
}

// sink takes findings.
type sink interface {
	Write(*finding.Finding) error
	Flush() error // what is buffered
	Close() error // the end
}

// newSink writes findings as the flags say.
func (o *outputFlags) newSink(c console) sink {
	if o.format == "none" {
		return silent{}
	}
	if appendLine := o.lines(c); appendLine != nil {
		return &lineSink{out: c.out, append: appendLine}
	}
	w := bufio.NewWriterSize(c.out, 64<<10)
	return &textSink{Writer: text.NewWriter(w, o.text(c)), w: w}
}

// silent is for findings that go elsewhere only.
type silent struct{}

func (silent) Write(*finding.Finding) error { return nil }
func (silent) Flush() error                 { return nil }
func (silent) Close() error                 { return nil }

// lineSink writes lines into its own buffer, which is written out by the 64 KiB.
type lineSink struct {
	out    io.Writer
	append func([]byte, *finding.Finding) []byte
	lines  []byte
}

func (s *lineSink) Write(f *finding.Finding) error {
	s.lines = append(s.append(s.lines, f), '\n')
	if len(s.lines) < 64<<10 {
		return nil
	}
	return s.Flush()
}

func (s *lineSink) Flush() error {
	if len(s.lines) == 0 {
		return nil
	}
	_, err := s.out.Write(s.lines)
	s.lines = s.lines[:0]
	return err
}

func (s *lineSink) Close() error { return s.Flush() }

type textSink struct {
	*text.Writer
	w *bufio.Writer
}

func (s *textSink) Flush() error { return s.w.Flush() }

func (s *textSink) Close() error {
	if err := s.Writer.Close(); err != nil {
		return err
	}
	return s.w.Flush()
}
