package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"ascribe.example/internal/bench/mix"
)

// growth measures what an event costs when many came before it, and what memory is held: the mix is streamed into run.
func (b *bench) growth() error {
	b.printf("\nThe mix `edr`, streamed into `ascribe run --format json -`.\n\n")
	b.printf("| events | GB | CPU s | µs an event | × 1 M | wall s | anonymous memory, MB |\n|--:|--:|--:|--:|--:|--:|--:|\n")
	var first float64
	sizes := []int{1_000_000, 10_000_000}
	if b.long {
		sizes = append(sizes, 100_000_000)
	}
	for _, n := range sizes {
		rounds := 1
		if n <= 1_000_000 {
			rounds = max(3, b.rounds/2*2+1)
		} else if n <= 10_000_000 {
			rounds = min(3, b.rounds)
		}
		var cpu, wall []time.Duration
		var most int64
		for range rounds {
			k, err := b.run(command{
				name: "ascribe run", args: []string{b.ascribe, "run", "--format", "json", "-"},
				from: &command{name: "generate", args: []string{b.self, "generate", "edr", strconv.Itoa(n)}},
			})
			if err != nil {
				return err
			}
			cpu, wall, most = append(cpu, k.cpu), append(wall, k.wall), max(most, k.anonymous)
		}
		each := median(cpu).Seconds() / float64(n) * 1e6
		if first == 0 {
			first = each
		}
		b.printf("| %s | %.1f | %.1f | %.2f | %.2f | %.1f | %.0f |\n", thousands(uint64(n)), float64(n)*2190/1e9, median(cpu).Seconds(), each, each/first,
			median(wall).Seconds(), float64(most)/1e6)
	}
	return nil
}

// cases say how large a worst case is, what is counted, and what is hard in it.
var cases = map[string]struct {
	size  int
	count string
}{
	"one-file":        {1_000_000, "events on one file"},
	"open-files":      {1_000_000, "events of files that stay open"},
	"fork-bomb":       {200_000, "forks of forks, none exits"},
	"one-life":        {1_000_000, "execs in one process"},
	"long-paths":      {20_000, "events with paths of 16 KiB"},
	"long-lines":      {20, "lines of 10 MB"},
	"deep-nesting":    {50_000, "lines with a value nested 4,000 deep"},
	"live-executions": {400_000, "acts by 100,000 live executions"},
	"sessions":        {300_000, "events of 50 sessions"},
	"one-batch":       {300_000, "items of one batch"},
}

// worst measures each worst case at half its size and at its size: what is linear costs the same for each.
func (b *bench) worst() error {
	b.printf("\nEach at half its size and at its size; 1.00 × is linear.\n\n")
	b.printf("| what | case | MB | CPU s | µs each | × half the size | anonymous memory, MB |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, name := range mix.Worst {
		c := cases[name]
		file := b.recording(name)
		var each [2]float64
		var last cost
		var size int64
		for i, n := range []int{c.size / 2, c.size} {
			f, err := os.Create(file)
			if err != nil {
				return err
			}
			err = generate(f, name, n, 0, 0, 1)
			if cerr := f.Close(); err == nil {
				err = cerr
			}
			if err != nil {
				return err
			}
			info, err := os.Stat(file)
			if err != nil {
				return err
			}
			size = info.Size()
			var costs []float64
			for range min(b.rounds, 3) {
				if last, err = b.run(command{name: name, args: []string{b.ascribe, "run", "--format", "json", file}}); err != nil {
					return err
				}
				costs = append(costs, last.cpu.Seconds())
			}
			each[i] = median(costs) / float64(n) * 1e6
		}
		_ = os.Remove(file)
		b.printf("| %s %s | %s | %.0f | %.2f | %.2f | %.2f | %.0f |\n", thousands(uint64(c.size)), c.count, fmt.Sprintf("`%s`", name), float64(size)/1e6,
			each[1]*float64(c.size)/1e6, each[1], each[1]/each[0], float64(last.anonymous)/1e6)
	}
	return nil
}
