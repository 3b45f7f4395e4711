package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/query"
)

// times are those of one question.
type times struct {
	question    string
	answers     int
	median, p99 time.Duration
	cpu         float64 // seconds each, ours and the server's
}

// question is asked many times, each time about something else.
type question struct {
	asks  string
	times int
	ask   func(ctx context.Context, src query.Source, i int) (answers int, err error)
}

// ask asks one after the other, each time until the last finding of the answer is there.
func (r *result) ask(ctx context.Context, o *options, src query.Source, name string, server func() float64) error {
	l := questions(o.findings)
	if o.ascribe != "" {
		l = append(l, question{"`ascribe who`, the whole program", 50, func(_ context.Context, _ query.Source, i int) (int, error) {
			out, err := exec.Command(o.ascribe, "who", document(i*37%documents), "--store", name, "--format", "json").Output() //nolint:gosec // our own
			return bytes.Count(out, []byte("\n")), err
		}})
	}
	for _, q := range l {
		if !strings.Contains(q.asks, o.question) {
			continue
		}
		t := times{question: q.asks}
		var took []time.Duration
		cpu := allTime() + server()
		for i := range q.times {
			begun := time.Now()
			answers, err := q.ask(ctx, src, i)
			if err != nil {
				return err
			}
			took = append(took, time.Since(begun))
			t.answers += answers
		}
		t.cpu = (allTime() + server() - cpu) / float64(q.times)
		slices.Sort(took)
		t.answers /= q.times
		t.median, t.p99 = took[len(took)/2], took[len(took)*99/100]
		r.times = append(r.times, t)
		fmt.Fprintf(os.Stderr, "%s: %+v\n", r.name, t)
	}
	return nil
}

// theFirst is what came first, as many as n of all.
func theFirst(n, all int) query.Want {
	return query.Want{To: begin + quarter/es.Time(all)*es.Time(min(n, all))}
}

func questions(n int) []question {
	end := theFirst(n, n).To
	samples := newSampler(n)
	user := func(i int) []string { return []string{userList[i%len(userList)]} }
	wanted := func(want func(i int) query.Want) func(context.Context, query.Source, int) (int, error) {
		return func(ctx context.Context, src query.Source, i int) (answers int, err error) {
			for _, err := range src.Findings(ctx, want(i)) {
				if err != nil {
					return answers, err
				}
				answers++
			}
			return answers, nil
		}
	}
	return []question{
		{"a path's history, under all its names", 200, who},
		{"the last hour of one user", 200, wanted(func(i int) query.Want {
			return query.Want{Users: user(i), From: end - 3600e9}
		})},
		{"an hour of one user, somewhere", 200, wanted(func(i int) query.Want {
			from := begin + quarter/200*es.Time(i*61%200)
			return query.Want{Users: user(i), From: from, To: from + 3600e9}
		})},
		{"one finding, by its id", 200, wanted(func(i int) query.Want {
			return query.Want{ID: samples.make(i * 7919 * 101 % n).ID[:15]}
		})},
		{"everything in one folder", 200, wanted(func(i int) query.Want {
			folder := fmt.Sprintf("/Users/%s/Documents/Projects/Report %d", userList[i%len(userList)], i)
			return query.Want{Paths: []query.PathWant{{Match: query.UnderPath, Key: query.Fold(folder), Path: true, Source: true, Items: true}}}
		})},
	}
}

// who asks for the history of a document, as ascribe who does.
func who(ctx context.Context, src query.Source, i int) (answers int, err error) {
	trail, err := query.NewTrail(document(i * 37 % documents))
	if err != nil {
		return 0, err
	}
	if err := trail.Seek(ctx, src); err != nil {
		return 0, err
	}
	for f, err := range trail.Found(ctx, src) {
		if err != nil {
			return 0, err
		}
		if trail.Has(f) {
			answers++
		}
	}
	return answers, nil
}
