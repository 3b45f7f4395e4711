package main

import (
	"fmt"
	"strings"
	"time"
)

// table is what was measured, the databases side by side.
func table(o *options, l []*result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s findings in %d segments\n\n| what |", million(o.findings), l[0].segments)
	for _, r := range l {
		b.WriteString(" " + r.name + " |")
	}
	if len(l) == 2 {
		b.WriteString(" ratio |")
	}
	b.WriteString("\n|---" + strings.Repeat("|--:", len(l)+len(l)/2) + "|\n")
	line := func(what string, value func(*result) float64, format string) {
		b.WriteString("| " + what)
		for _, r := range l {
			fmt.Fprintf(&b, " | "+format, value(r))
		}
		if len(l) == 2 {
			fmt.Fprintf(&b, " | %.2f", value(l[0])/value(l[1]))
		}
		b.WriteString(" |\n")
	}
	for _, q := range []struct {
		what string
		rate func(*result) rate
	}{
		{"in", func(r *result) rate { return r.in }},
		{"in that are known already", func(r *result) rate { return r.again }},
		{"out, in order", func(r *result) rate { return r.out }},
	} {
		if q.rate(l[0]).each == 0 {
			continue // only asked
		}
		line("findings "+q.what+", 1,000 a second", func(r *result) float64 { return 1e-3 / q.rate(r).each }, "%.0f")
		line("– processor time a finding, µs", func(r *result) float64 { return 1e6 * q.rate(r).cpu }, "%.1f")
	}
	line("bytes a finding, with indexes", func(r *result) float64 { return r.bytes }, "%.0f")
	ms := func(d time.Duration) float64 { return float64(d) / 1e6 }
	for i, q := range l[0].times {
		line(fmt.Sprintf("%s (%d), median ms", q.question, q.answers), func(r *result) float64 { return ms(r.times[i].median) }, "%.2f")
		line("– 99th of 100, ms", func(r *result) float64 { return ms(r.times[i].p99) }, "%.2f")
		line("– processor time of each, ms, mean", func(r *result) float64 { return 1e3 * r.times[i].cpu }, "%.2f")
	}
	fmt.Fprintf(&b, "\nMemory of the process that puts them into the folder: %.0f MB at most.\n", l[0].memory)
	return b.String()
}

func million(n int) string {
	if n%1_000_000 == 0 {
		return fmt.Sprintf("%d million", n/1_000_000)
	}
	return fmt.Sprint(n)
}
