package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
	"ascribe.example/pipeline/metrics"
	"ascribe.example/pipeline/otlp"
	"github.com/spf13/cobra"
)

// telemetryFlags say to whom else a job tells its findings, and how it goes.
type telemetryFlags struct {
	otlp     string
	metrics  string
	anywhere bool
}

func (t *telemetryFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&t.otlp, "otlp", "", "send findings as OpenTelemetry logs to this `URL`, too: https://HOST, or http://127.0.0.1:4318; headers come from OTEL_EXPORTER_OTLP_HEADERS")
	f.StringVar(&t.metrics, "metrics", "", "serve metrics for Prometheus at this `ADDRESS` while it runs, 127.0.0.1:9301 for example")
	f.BoolVar(&t.anywhere, "metrics-anywhere", false, "let --metrics name an address that other machines reach")
}

// telemetry is what the flags asked for, at work on a job.
type telemetry struct {
	metrics  *metrics.Metrics
	server   *metrics.Server
	exporter *otlp.Exporter
}

// begin attaches to a job. What cannot begin is an error before anything was read.
func (t *telemetryFlags) begin(j *job) (*telemetry, error) {
	w := &telemetry{}
	if t.otlp != "" {
		header, err := otlpHeader(os.Getenv("OTEL_EXPORTER_OTLP_HEADERS"))
		if err != nil {
			return nil, err
		}
		w.exporter, err = otlp.New(otlp.Options{
			URL: t.otlp, Header: header, Version: versionOf(),
			Tell: func(says string) { fmt.Fprintln(j.console.err, "ascribe: "+says) },
		})
		if err != nil {
			return nil, usageError{err}
		}
	}
	if t.metrics != "" {
		w.metrics = metrics.New(versionOf())
		if w.exporter != nil {
			w.metrics.Export(w.exporter.Counts)
		}
		var err error
		if w.server, err = w.metrics.Listen(t.metrics, t.anywhere); err != nil {
			if errors.Is(err, metrics.ErrAddress) {
				err = usageError{err}
			}
			return nil, errors.Join(err, w.end(context.Background()))
		}
		before := j.progress
		j.progress = func(p pipeline.Progress) {
			if before != nil {
				before(p)
			}
			w.metrics.Update(state(p, j.engines))
		}
	}
	if w.metrics != nil || w.exporter != nil {
		take := j.take
		j.take = func(f *finding.Finding) error {
			if w.metrics != nil {
				w.metrics.Finding(f)
			}
			if w.exporter != nil {
				if err := w.exporter.Write(f); err != nil {
					return err
				}
			}
			return take(f)
		}
	}
	return w, nil
}

func state(p pipeline.Progress, engines []*engine.Engine) metrics.State {
	s := metrics.State{Progress: p}
	for _, e := range engines {
		s.Engines = append(s.Engines, e.Summary())
	}
	return s
}

// lastWord is how long an interrupted job goes on trying to send what it has.
const lastWord = 10 * time.Second

// end sends what was not sent yet. The error says what was not taken.
func (t *telemetry) end(ctx context.Context) (err error) {
	if t.exporter != nil {
		to, cancel := context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastWord, cancel) })
		defer stop()
		err = t.exporter.Close(to)
	}
	if t.server != nil {
		err = errors.Join(err, t.server.Close())
	}
	return err
}

// otlpHeader reads headers as OpenTelemetry writes them in the environment: key=value, with commas between. An error
// shows no value: they are secrets.
func otlpHeader(s string) (map[string]string, error) {
	header := map[string]string{}
	for i, pair := range strings.Split(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		k, v, ok := strings.Cut(pair, "=")
		if k = strings.TrimSpace(k); !ok || k == "" || strings.ContainsAny(k, " \t\r\n:") {
			return nil, usagef("OTEL_EXPORTER_OTLP_HEADERS: part %d is not KEY=VALUE", i+1)
		}
		if plain, err := url.PathUnescape(strings.TrimSpace(v)); err == nil {
			v = plain
		}
		header[k] = v
	}
	return header, nil
}
