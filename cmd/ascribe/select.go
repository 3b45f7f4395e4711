package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones by name, wherever the program runs

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"ascribe.example/query/filter"
	"ascribe.example/query/when"
	"github.com/spf13/cobra"
)

// selectFlags say which findings are meant.
type selectFlags struct {
	where, since, until, on, zone string
	user, app, agent, under       string
	process                       string
}

// add defines the flags that every question has: a condition, and a time.
func (s *selectFlags) add(cmd *cobra.Command) {
	s.addWhere(cmd)
	f := cmd.Flags()
	f.StringVar(&s.since, "since", "", "`TIME` from which on: 10:00, \"yesterday 14:30\", -2h, monday, 2026-03-01T10:00:00Z (docs/filter.md)")
	f.StringVar(&s.until, "until", "", "`TIME` before which")
	f.StringVar(&s.on, "on", "", "`TIME` as a whole: yesterday, \"last hour\", 2026-03-01, 10:00 (that minute)")
	f.StringVar(&s.zone, "tz", "UTC", "time `ZONE` of what is typed and of text: UTC, local, Europe/Berlin")
}

// addWhere defines the flag for a condition alone.
func (s *selectFlags) addWhere(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.where, "where", "", "`CONDITION` that a finding must meet (docs/filter.md): 'action == \"copy\" && certainty.actor >= likely'")
}

// addWho defines the flags that say whose findings are meant.
func (s *selectFlags) addWho(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.user, "user", "", "what the user of that `NAME` or uid did")
	f.StringVar(&s.app, "app", "", "what the app of that `NAME` or signing id is responsible for")
	f.StringVar(&s.agent, "agent", "", "what the AI agent of that `NAME` did; any: what any did")
	f.StringVar(&s.under, "under", "", "what was done below that `FOLDER`")
	f.StringVar(&s.process, "process", "", "what the processes of that `PID` or program name did, and all below them")
}

// selection is what the flags mean.
type selection struct {
	filters []*filter.Filter
	from    es.Time
	to      es.Time
	zone    *time.Location
	did     func(*finding.Finding) bool // nil: anybody
	want    query.Want

	looked, has uint64
}

// resolve reads the flags. src is asked for its now, and for its processes, only if a flag needs it.
func (s *selectFlags) resolve(ctx context.Context, src asked) (*selection, error) {
	sel := &selection{zone: time.UTC}
	switch strings.ToLower(s.zone) {
	case "", "utc":
	case "local":
		sel.zone = time.Local
	default:
		zone, err := time.LoadLocation(s.zone)
		if err != nil {
			return nil, usagef("--tz %s: there is no such time zone: write UTC, local, or a name such as Europe/Berlin", s.zone)
		}
		sel.zone = zone
	}
	span := func(words string) (when.Span, error) { return s.span(ctx, words, sel.zone, src) }
	for _, bound := range []struct {
		flag, words string
		set         func(when.Span)
	}{
		{"since", s.since, func(m when.Span) { sel.from = es.Time(m.From.UnixNano()) }},
		{"until", s.until, func(m when.Span) { sel.to = es.Time(m.From.UnixNano()) }},
		{"on", s.on, func(m when.Span) { sel.from, sel.to = es.Time(m.From.UnixNano()), es.Time(m.To.UnixNano()) }},
	} {
		if bound.words == "" {
			continue
		}
		m, err := span(bound.words)
		if err != nil {
			return nil, told("--"+bound.flag, err)
		}
		bound.set(m)
	}
	if s.on != "" && (s.since != "" || s.until != "") {
		return nil, usagef("--on is a whole time: give it alone, or --since and --until")
	}
	if sel.to != 0 && sel.to <= sel.from {
		return nil, usagef("nothing lies between %s and %s", sel.from.Std().In(sel.zone).Format(time.RFC3339), sel.to.Std().In(sel.zone).Format(time.RFC3339))
	}
	sel.want = query.Want{From: sel.from, To: sel.to}
	conditions := s.conditions()
	if s.where != "" {
		conditions = append(conditions, s.where)
	}
	var now error
	o := filter.Options{When: func(words string) (time.Time, error) {
		m, err := span(words)
		var usage usageError
		if err != nil && !errors.As(err, &usage) {
			now = err
		}
		return m.From, err
	}}
	for _, c := range conditions {
		f, err := filter.Compile(c, o)
		if now != nil {
			return nil, now
		}
		if err != nil {
			return nil, told("--where", usageError{err})
		}
		sel.filters = append(sel.filters, f)
		sel.want = sel.want.And(f.Want())
	}
	if s.process != "" {
		if err := sel.below(ctx, s.process, src); err != nil {
			return nil, err
		}
	}
	return sel, nil
}

// span reads a time. It asks for now only if another now would make another time of it.
func (s *selectFlags) span(ctx context.Context, words string, zone *time.Location, src asked) (when.Span, error) {
	m, err := when.ParseSpan(words, time.Date(2001, 2, 3, 4, 5, 6, 7, zone))
	if err != nil {
		return m, usageError{err}
	}
	other, err := when.ParseSpan(words, time.Date(2012, 11, 29, 13, 14, 15, 16, zone))
	if err == nil && m.From.Equal(other.From) && m.To.Equal(other.To) {
		return m, nil
	}
	now, err := src.now(ctx)
	if err != nil {
		return m, err
	}
	m, err = when.ParseSpan(words, now.In(zone))
	if err != nil {
		return m, usageError{err}
	}
	return m, nil
}

// conditions are the flags that stand for a condition.
func (s *selectFlags) conditions() []string {
	var l []string
	if s.user != "" {
		l = append(l, "initiator.is("+quote(s.user)+")")
	}
	if s.app != "" {
		app := quote(s.app)
		l = append(l, "responsible.app == "+app+" || responsible.signing_id == "+app+" || responsible.path.base() == "+app)
	}
	switch s.agent {
	case "":
	case "any":
		l = append(l, `initiator.class == "agent"`)
	default:
		l = append(l, `initiator.class == "agent" && initiator.agent.name == `+quote(s.agent))
	}
	if s.under != "" {
		folder := quote(s.under)
		l = append(l, "path.under("+folder+") || source_path.under("+folder+") || items.exists(i, i.path.under("+folder+") || i.source_path.under("+folder+"))")
	}
	return l
}

// quote writes text as the filter language does.
func quote(s string) string { return strconv.Quote(strings.ToValidUTF8(s, "\uFFFD")) }

// told puts the name of a flag before what is wrong with it.
func told(flag string, err error) error {
	var (
		usage usageError
		place *filter.Error
	)
	switch {
	case errors.As(err, &place):
		place.Says = flag + ": " + place.Says
		return usageError{place}
	case errors.As(err, &usage):
		return usagef("%s: %w", flag, usage.error)
	}
	return err
}

// below selects what a process and those below it did. It asks for all processes first.
func (sel *selection) below(ctx context.Context, process string, src asked) error {
	if !src.again() {
		return usagef("--process reads a recording twice: write the stream to a file first")
	}
	forest := query.NewForest()
	for f, err := range src.Findings(ctx, query.Want{Kinds: query.SetOf(finding.KindProcess)}) {
		if err != nil {
			return err
		}
		forest.Add(f)
	}
	pid, err := strconv.ParseInt(process, 10, 32)
	byPID := err == nil
	did, n := forest.Below(func(e *finding.Execution) bool {
		p := &e.Process
		if byPID {
			return p.PID == int32(pid)
		}
		return p.Path[strings.LastIndexByte(p.Path, '/')+1:] == process || p.SigningID == process
	})
	if n == 0 {
		return fmt.Errorf("there is no process %q: ascribe tree shows those that there are", process)
	}
	sel.did = did
	return nil
}

// Has reports whether a finding is meant.
func (sel *selection) Has(f *finding.Finding) (bool, error) {
	sel.looked++
	if !sel.want.Has(f) || sel.did != nil && !sel.did(f) {
		return false, nil
	}
	for _, c := range sel.filters {
		if ok, err := c.Evaluate(f); err != nil || !ok {
			return false, err
		}
	}
	sel.has++
	return true, nil
}

// each calls take for each finding of the source that is meant and wanted.
func (sel *selection) each(ctx context.Context, src asked, w query.Want, take func(*finding.Finding) error) error {
	for f, err := range src.Findings(ctx, w.And(sel.want)) {
		if err != nil {
			return err
		}
		ok, err := sel.Has(f)
		if err == nil && ok {
			err = take(f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// any reports whether something is left out.
func (sel *selection) any() bool {
	return sel.filters != nil || sel.from != 0 || sel.to != 0 || sel.did != nil
}

// before lets only what is meant through to where a job's findings go.
func (sel *selection) before(j *job) {
	if !sel.any() {
		return
	}
	take := j.take
	j.take = func(f *finding.Finding) error {
		if ok, err := sel.Has(f); err != nil || !ok {
			return err
		}
		return take(f)
	}
}
