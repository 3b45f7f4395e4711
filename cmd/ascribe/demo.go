package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"ascribe.example/cmd/ascribe/demo"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/pipeline"
	"github.com/spf13/cobra"
)

func newDemo(c console) *cobra.Command {
	var (
		out  outputFlags
		save string
	)
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Tell the story of a shipped recording",
		Long: `demo runs a recording that ships with the program: ten minutes on one Mac, with a
person at the console, an AI agent in her terminal, somebody over ssh and a USB stick.
Its first file is the case that ascribe began with: Endpoint Security says that
xpcproxy closed it.`,
		Example: `  ascribe demo
  ascribe demo --save demo.jsonl.zst && ascribe tree demo.jsonl.zst`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := out.check(); err != nil {
				return err
			}
			if save != "" {
				if err := os.WriteFile(save, demo.Recording(), 0o644); err != nil {
					return fmt.Errorf("save the recording: %w", err)
				}
				fmt.Fprintf(c.err, "wrote %s: try ascribe run, inspect, who, tree and explain with it\n", save)
				return nil
			}
			j, err := newJob(c, &inputFlags{}, nil)
			if err != nil {
				return err
			}
			j.inputs = []pipeline.Input{pipeline.Stream(demo.Name, io.NopCloser(bytes.NewReader(demo.Recording())))}
			if out.format == "" {
				out.format = "text" // a story is told, whoever listens
			}
			s := out.newSink(c)
			var story []*finding.Finding
			var misled *finding.Finding
			j.options.Events = true
			j.take = func(f *finding.Finding) error {
				switch {
				case f.Kind == finding.KindOperation || f.Kind == finding.KindGap:
					story = append(story, f.Clone())
				case misled == nil && misleading(f):
					misled = f.Clone()
				}
				return nil
			}
			if err := j.run(cmd.Context()); err != nil {
				return err
			}
			if t, ok := s.(*textSink); ok && misled != nil {
				err := t.Section("Endpoint Security said", "", fmt.Sprintf("%s of %s by %s (pid %d, a child of launchd)",
					misled.Event, misled.Path, misled.Reported.Path, misled.Reported.PID))
				if err == nil {
					err = t.Section("ascribe says", "")
				}
				if err != nil {
					return err
				}
			}
			ask := ""
			for _, f := range story {
				if err := s.Write(f); err != nil {
					return err
				}
				if misled != nil && f.Path == misled.Path {
					ask = f.ID
				}
			}
			if err := s.Close(); err != nil {
				return err
			}
			if !out.json(c) && ask != "" {
				fmt.Fprintf(c.err, "\nWhy? ascribe demo --save demo.jsonl.zst, then ascribe explain %.9s demo.jsonl.zst\n", ask)
			}
			return j.status()
		},
	}
	out.add(cmd, true)
	cmd.Flags().StringVar(&save, "save", "", "write the recording to `FILE` instead, to ask it questions")
	markFile(cmd, "save")
	return cmd
}

// misleading reports whether a message names the starter for what another program did.
func misleading(f *finding.Finding) bool {
	return f.Kind == finding.KindEvent && f.Event == "close" && f.Reported != nil && f.Actor != nil &&
		strings.HasPrefix(f.Path, "/Volumes/") && text.ProcessName(f.Reported) != text.ProcessName(f.Actor)
}
