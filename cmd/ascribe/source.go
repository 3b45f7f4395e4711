package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
	"ascribe.example/query"
	"ascribe.example/store"
	"github.com/spf13/cobra"
)

// sourceFlags say what a question is asked of: recordings, or a store.
type sourceFlags struct {
	inputFlags
	store string
}

func (s *sourceFlags) add(cmd *cobra.Command) {
	s.inputFlags.add(cmd)
	addStore(cmd, &s.store, "`STORE` to ask in place of recordings: a folder, or postgres://…")
}

func addStore(cmd *cobra.Command, name *string, usage string) {
	cmd.Flags().StringVar(name, "store", "", usage)
	if err := cmd.MarkFlagDirname("store"); err != nil {
		panic(err) // the flag was defined a line above
	}
}

// asked is what questions are asked of.
type asked interface {
	query.Source
	again() bool   // it can be asked more than once
	looksUp() bool // it finds what is wanted without going through everything
	status() error // [errIncomplete] where part of it could not be read
	// now is what "-2h" is reckoned from: the clock, and of recordings their end.
	now(context.Context) (time.Time, error)
	close() error
}

// open opens the store, or checks the recordings. options says what engines are to tell beyond what is wanted.
func (s *sourceFlags) open(ctx context.Context, c console, verb string, recordings []string, options func(*engine.Options)) (asked, error) {
	if s.store != "" {
		if len(recordings) > 0 {
			return nil, usagef("%s asks recordings or a store, not both", verb)
		}
		st, err := store.Open(ctx, s.store, store.Options{})
		if err != nil {
			return nil, err
		}
		return &askedStore{st}, nil
	}
	if len(recordings) == 0 {
		return nil, usagef("%s needs a recording, - for standard input, or a --store", verb)
	}
	j, err := newJob(c, &s.inputFlags, recordings)
	if err != nil {
		return nil, err
	}
	return &askedRecordings{job: j, options: options}, nil
}

// name is what is asked, as errors name it.
func (s *sourceFlags) name(recordings []string) string {
	if s.store != "" {
		return "the store"
	}
	return recordings[0]
}

type askedStore struct{ *store.Store }

func (s *askedStore) again() bool   { return true }
func (s *askedStore) looksUp() bool { return true }
func (s *askedStore) status() error { return nil }
func (s *askedStore) close() error  { return s.Close() }

func (s *askedStore) now(context.Context) (time.Time, error) { return time.Now(), nil }

// askedRecordings infers the findings anew for each question.
type askedRecordings struct {
	job     *job
	asked   bool
	options func(*engine.Options)
}

func (r *askedRecordings) again() bool   { return r.job.readable() }
func (r *askedRecordings) looksUp() bool { return false }
func (r *askedRecordings) status() error { return r.job.status() }
func (r *askedRecordings) close() error  { return nil }

var errEnough = errors.New("the question has seen enough")

// Findings runs the recordings. Processes are told where the question names them among what it wants.
func (r *askedRecordings) Findings(ctx context.Context, w query.Want) iter.Seq2[*finding.Finding, error] {
	return func(yield func(*finding.Finding, error) bool) {
		if r.asked {
			if !r.again() {
				yield(nil, fmt.Errorf("a stream can be read only once: write it to a file first"))
				return
			}
			r.job = r.job.again()
		}
		r.asked = true
		j := r.job
		if r.options != nil {
			r.options(&j.options)
		}
		if w.Kinds != nil {
			j.options.Processes = w.Kinds.Has(finding.KindProcess)
		}
		j.take = func(f *finding.Finding) error {
			if w.Has(f) && !yield(f, nil) {
				return errEnough
			}
			return nil
		}
		if err := j.run(ctx); err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}

// now reads the recordings once to find their latest time.
func (r *askedRecordings) now(ctx context.Context) (time.Time, error) {
	if !r.again() {
		return time.Time{}, usagef(`times such as "10:00" or "-2h" are reckoned from a recording's end, which a stream does not have yet: give the time in full, as 2026-03-01T10:00:00Z`)
	}
	var end latest
	j := r.job.again()
	j.watch = func(*engine.Engine) pipeline.Engine { return &end }
	j.take = func(*finding.Finding) error { return nil }
	if err := j.run(ctx); err != nil {
		return time.Time{}, err
	}
	if end.time == 0 {
		return time.Time{}, usagef("the recording tells no time to reckon from: give the time in full, as 2026-03-01T10:00:00Z")
	}
	return end.time.Std(), nil
}

// latest is an engine that infers nothing: it remembers the latest time.
type latest struct{ time es.Time }

func (l *latest) Begin(*es.Header)      {}
func (l *latest) Snapshot(*es.Snapshot) {}
func (l *latest) Gap(*es.Gap)           {}
func (l *latest) Fact(*es.Fact)         {}
func (l *latest) Add(m *es.Message)     { l.time = max(l.time, m.Time) }
func (l *latest) Advance(t es.Time)     { l.time = max(l.time, t) }
func (l *latest) Drain()                {}

// nowIsTheClock is what a live stream's conditions reckon from. It has no findings yet.
type nowIsTheClock struct{ asked }

func (nowIsTheClock) now(context.Context) (time.Time, error) { return time.Now(), nil }
