package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"ascribe.example/query"
)

// timed asks a question several times, each time about something else.
func timed(ctx context.Context, src query.Source, question string, n int, want func(i int) query.Want) (times, error) {
	return repeated(question, n, func(i int) (int, error) {
		answers := 0
		for _, err := range src.Findings(ctx, want(i)) {
			if err != nil {
				return 0, err
			}
			answers++
		}
		return answers, nil
	})
}

// who asks for the history of documents, as ascribe who does: under all their names.
func (r *result) who(ctx context.Context, src query.Source) error {
	t, err := repeated("a path's history, as who tells it", 200, func(i int) (int, error) {
		trail, err := query.NewTrail(document(i * 37 % documents))
		if err != nil {
			return 0, err
		}
		if err := trail.Seek(ctx, src); err != nil {
			return 0, err
		}
		answers := 0
		for f, err := range src.Findings(ctx, trail.Touching()) {
			if err != nil {
				return 0, err
			}
			if trail.Has(f) {
				answers++
			}
		}
		return answers, nil
	})
	r.Times = append(r.Times, t)
	fmt.Fprintf(os.Stderr, "%s: %+v\n", r.Name, t)
	return err
}

func repeated(question string, n int, ask func(i int) (int, error)) (times, error) {
	t := times{Question: question}
	var l []time.Duration
	for i := range n {
		begun := time.Now()
		answers, err := ask(i)
		if err != nil {
			return t, err
		}
		l = append(l, time.Since(begun))
		t.Answers += answers
	}
	slices.Sort(l)
	t.Answers /= n
	t.Median, t.P99 = l[len(l)/2], l[len(l)*99/100]
	return t, nil
}

func table(n, size int, l []*result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s findings of 90 days and eight users, %d bytes a line of JSON; written by `make bench-store`.\n\n", million(n), size)
	b.WriteString("| what")
	for _, r := range l {
		b.WriteString(" | " + r.Name)
	}
	if len(l) == 2 {
		b.WriteString(" | ratio")
	}
	b.WriteString(" |\n|---" + strings.Repeat("|---", len(l)))
	if len(l) == 2 {
		b.WriteString("|---")
	}
	b.WriteString("|\n")
	line := func(what string, value func(*result) float64, format func(float64) string) {
		b.WriteString("| " + what)
		for _, r := range l {
			b.WriteString(" | " + format(value(r)))
		}
		if len(l) == 2 {
			fmt.Fprintf(&b, " | %.2f", value(l[0])/value(l[1]))
		}
		b.WriteString(" |\n")
	}
	rate := func(v float64) string { return fmt.Sprintf("%.0f k/s", v/1000) }
	line("findings in", func(r *result) float64 { return r.In }, rate)
	line("findings in that are known already", func(r *result) float64 { return r.Again }, rate)
	line("findings out, in order", func(r *result) float64 { return r.Out }, rate)
	line("bytes a finding, with indexes", func(r *result) float64 { return r.Bytes }, func(v float64) string { return fmt.Sprintf("%.0f", v) })
	ms := func(v float64) string { return fmt.Sprintf("%.2f ms", v) }
	line("memory of who puts them in, MB at most", func(r *result) float64 { return r.Memory }, func(v float64) string { return fmt.Sprintf("%.0f", v) })
	line("to open it", func(r *result) float64 { return float64(r.OpenTime) / 1e6 }, ms)
	for i := range l[0].Times {
		q := l[0].Times[i]
		line(fmt.Sprintf("%s (%d), median", q.Question, q.Answers), func(r *result) float64 { return float64(r.Times[i].Median) / 1e6 }, ms)
		line("– 99th of 100", func(r *result) float64 { return float64(r.Times[i].P99) / 1e6 }, ms)
	}
	return b.String()
}

func million(n int) string {
	if n%1_000_000 == 0 {
		return fmt.Sprintf("%d million", n/1_000_000)
	}
	return fmt.Sprint(n)
}

const (
	beginMark = "<!-- measured: written by make bench-store -->\n"
	endMark   = "<!-- end of what was measured -->\n"
)

// writePage puts what was measured between the marks of a page.
func writePage(name, text string) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok1 := strings.Cut(string(page), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok1 || !ok2 {
		return fmt.Errorf("%s has no marks to write between", name)
	}
	return os.WriteFile(name, []byte(before+beginMark+"\n"+text+"\n"+endMark+after), 0o644) //nolint:gosec // a page of the tree
}
