package main

import (
	"bufio"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
	"ascribe.example/pipeline"
	"ascribe.example/query"
	"github.com/spf13/cobra"
)

func newInspect(c console) *cobra.Command {
	var (
		in  inputFlags
		out outputFlags
	)
	cmd := &cobra.Command{
		Use:   "inspect [flags] RECORDING...",
		Short: "Say what a recording holds and lacks, and what it can answer",
		Long: `inspect reads a recording and says what it holds, what it lacks, which questions it can
answer and how well, and which eslogger command would record more.`,
		Example: `  ascribe inspect recording.jsonl
  sudo eslogger close | head -n 1000 | ascribe inspect -`,
		Args: recordings("inspect"),
		RunE: func(cmd *cobra.Command, args []string) error {
			out.format = "text"
			if err := out.check(); err != nil {
				return err
			}
			j, err := newJob(c, &in, args)
			if err != nil {
				return err
			}
			var h query.Holdings
			j.take = func(*finding.Finding) error { return nil }
			j.watch = func(e *engine.Engine) pipeline.Engine { return watched{e, &h} }
			if err := j.run(cmd.Context()); err != nil {
				return err
			}
			j.complete(&h)
			w := bufio.NewWriter(c.out)
			t := text.NewWriter(w, out.text(c))
			for _, section := range query.Report(&h) {
				if err := t.Section(section.Title, section.Command, section.Points...); err != nil {
					return err
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return j.status()
		},
	}
	in.add(cmd)
	f := cmd.Flags()
	f.StringVar(&out.color, "color", "auto", "`WHEN` to colour: auto, always or never")
	f.IntVar(&out.width, "width", 0, "`COLUMNS` of text (default: the terminal's, else 100)")
	complete(cmd, "color", "auto", "always", "never")
	return cmd
}

// watched is an engine that is watched being fed.
type watched struct {
	*engine.Engine
	h *query.Holdings
}

func (w watched) Begin(b *es.Header) {
	w.h.Begin(b)
	w.Engine.Begin(b)
}

func (w watched) Snapshot(s *es.Snapshot) {
	w.h.Ran(s)
	w.Engine.Snapshot(s)
}

func (w watched) Add(m *es.Message) {
	w.h.Message(m)
	w.Engine.Add(m)
}

// complete adds what the engines and the pipeline counted.
func (j *job) complete(h *query.Holdings) {
	h.Messages, h.Unreadable, h.Hosts = j.summary.Messages, j.summary.Unreadable, j.summary.Hosts
	h.Declared = len(j.engines) > 0
	for _, e := range j.engines {
		s := e.Summary()
		for k, n := range s.Kinds {
			h.Kinds[k] += n
		}
		h.Recorded = h.Recorded.Union(s.Recorded)
		h.Declared = h.Declared && s.Declared
		h.LateStart = h.LateStart || s.LateStart
		h.Missing += s.Missing
		h.Gaps += s.Gaps
		h.Boots += s.Boots
		h.Clients += s.Clients
	}
}
