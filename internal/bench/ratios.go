package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"ascribe.example/internal/bench/mix"
)

// contender is one row of a mix's table.
type contender struct {
	command
	rounds int   // 0: as the rest
	share  int64 // bytes of the part of the mix that it reads; 0: all
	wall   bool  // it is compared by wall time: it uses both cores
	none   string

	first  []cost    // after somebody else
	costs  []cost    // right after itself
	ratios []float64 // to the yardstick, round by round
	colds  []float64 // the same of the first times
}

// took is the time that a contender is compared by.
func (c *contender) took(k cost) time.Duration {
	if c.wall {
		return k.wall
	}
	return k.cpu
}

// ratios measures the mixes: everybody in turn, round after round, so that what the machine does meanwhile meets all. Each runs
// twice in a row and counts the second time: what memory costs that nobody has used for a while is the machine's own, see the page.
func (b *bench) ratios() error {
	for _, name := range []string{"edr", "forks", "edr" + mix.OneOrder} {
		if err := b.mix(name); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) mix(name string) error {
	if err := b.generated(name); err != nil {
		return err
	}
	all := b.recording(name)
	defer func() { _ = os.Remove(all) }()
	info, err := os.Stat(all)
	if err != nil {
		return err
	}
	// The slow ones read a part.
	part := b.recording(name + "-part")
	if err := cut(all, part, 24_000_000); err != nil {
		return err
	}
	defer func() { _ = os.Remove(part) }()
	small, err := os.Stat(part)
	if err != nil {
		return err
	}
	lines, err := b.agree(all, part)
	if err != nil {
		return err
	}
	run := []string{b.ascribe, "run", "--format", "json", all}
	events := append(run[:len(run):len(run)], "--events")
	rows := []*contender{
		{command: command{name: "simdjson (C++), DOM of every line", args: []string{b.dom, all}, cores: 1}},
		{command: command{name: "`wc -l`", args: []string{"wc", "-l", all}, cores: 1}},
		{command: command{name: "decode", args: []string{b.self, "decode", all}, cores: 1}},
		{command: command{name: "`run`, one core", args: run, cores: 1}},
		{command: command{name: "`run`, two cores", args: run, cores: 2}, wall: true},
		{command: command{name: "`run --events`, one core", args: events, cores: 1}},
		{command: command{name: "`run --events`, two cores", args: events, cores: 2}, wall: true},
		{command: command{name: "`encoding/json`", args: []string{b.self, "encoding-json", part}, cores: 1}, share: small.Size()},
		{command: command{name: "jq, a few fields", args: []string{"jq", "-rn", jqSums, part}, cores: 1}, share: small.Size(), rounds: 1},
	}
	if b.dom == "" {
		rows[0].none = b.why
	}
	if find("jq") == "" {
		rows[len(rows)-1].none = "there is no jq"
	}
	for round := range b.rounds {
		for _, c := range rows {
			if c.none != "" || c.rounds > 0 && round >= c.rounds {
				continue
			}
			for _, costs := range []*[]cost{&c.first, &c.costs} {
				k, err := b.run(c.command)
				if err != nil {
					return err
				}
				*costs = append(*costs, k)
			}
			if rows[0].none == "" {
				size := c.share
				if size == 0 {
					size = info.Size()
				}
				share := float64(size) / float64(info.Size())
				c.ratios = append(c.ratios, share*c.took(rows[0].costs[round]).Seconds()/c.took(c.costs[round]).Seconds())
				c.colds = append(c.colds, share*c.took(rows[0].first[round]).Seconds()/c.took(c.first[round]).Seconds())
			}
		}
	}
	b.tabulate(name, info.Size(), lines, rows)
	return nil
}

// tabulate writes a mix's table.
func (b *bench) tabulate(name string, size int64, lines uint64, rows []*contender) {
	b.printf("\n### The mix `%s`: %s lines of %.2f KB\n\n", name, thousands(lines), float64(size)/float64(lines)/1000)
	b.printf("| what | MB/s | events/s | × simdjson | – the first time | CPU s | wall s |\n|---|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range rows {
		if c.none != "" {
			b.printf("| %s | left out: %s ||||||\n", c.name, c.none)
			continue
		}
		read := c.share
		if read == 0 {
			read = size
		}
		var cpu, wall, took []time.Duration
		for _, k := range c.costs {
			cpu, wall, took = append(cpu, k.cpu), append(wall, k.wall), append(took, c.took(k))
		}
		rate := float64(read) / median(took).Seconds()
		ratio, cold := "–", "–"
		if len(c.ratios) > 0 {
			ratio, cold = fmt.Sprintf("%.2f", median(c.ratios)), fmt.Sprintf("%.2f", median(c.colds))
		}
		b.printf("| %s | %s | %s | %s | %s | %.2f | %.2f |\n", c.name, thousands(uint64(rate/1e6)), thousands(uint64(rate*float64(lines)/float64(size))), ratio, cold,
			median(cpu).Seconds(), median(wall).Seconds())
	}
	decoding, json := rows[2], rows[7]
	var times []float64
	for i := range json.costs {
		times = append(times, json.costs[i].cpu.Seconds()/float64(json.share)*float64(size)/decoding.costs[i].cpu.Seconds())
	}
	b.printf("\nOne core is CPU time, two cores is wall time; medians, and ratios taken round by round, of what ran right after itself. Decoding is %.1f × `encoding/json` into the same fields.\n", median(times))
	for _, c := range rows[3:7:7] {
		if c.cores == 1 {
			k := c.costs[len(c.costs)-1]
			found := foundOf(k.err)
			b.printf("%s: %.1f findings for 1,000 events", strings.TrimSuffix(c.name, ", one core"), float64(found)/float64(lines)*1000)
			b.printf(", %.0f MB of anonymous memory. ", float64(k.anonymous)/1e6)
		}
	}
	b.printf("\n")
}

// foundOf adds up what run says that it found.
func foundOf(summary string) (n uint64) {
	for line := range strings.Lines(summary) {
		found, ok := strings.CutPrefix(line, "found ")
		if !ok {
			continue
		}
		for _, kind := range strings.Split(found, ", ") {
			count, _, _ := strings.Cut(kind, " ")
			v, err := strconv.ParseUint(strings.ReplaceAll(count, ",", ""), 10, 64)
			if err == nil {
				n += v
			}
		}
	}
	return n
}

var errDisagree = errors.New("the decoders disagree")

// agree lets all decoders read the same lines, and compares what they read. It returns how many lines there are.
func (b *bench) agree(all, part string) (uint64, error) {
	say := func(name string, args ...string) (string, error) {
		var out bytes.Buffer
		_, err := b.run(command{name: name, args: args, out: &out})
		return strings.TrimSpace(out.String()), err
	}
	ours, err := say("decode", b.self, "decode-sum", all)
	if err != nil {
		return 0, err
	}
	var lines uint64
	if _, err := fmt.Sscanf(ours, "lines %d", &lines); err != nil {
		return 0, fmt.Errorf("read what decode says, %q: %w", ours, err)
	}
	if b.dom != "" {
		theirs, err := say("simdjson", b.dom, "--sum", all)
		if err != nil {
			return 0, err
		}
		if ours != theirs {
			return 0, fmt.Errorf("%w: decode says %s, simdjson %s", errDisagree, ours, theirs)
		}
	}
	ours, err = say("decode", b.self, "decode-sum", part)
	if err != nil {
		return 0, err
	}
	others := map[string][]string{"encoding/json": {b.self, "encoding-json", part}}
	if find("jq") != "" {
		others["jq"] = []string{"jq", "-rn", jqSums, part}
	}
	for name, args := range others {
		theirs, err := say(name, args...)
		if err != nil {
			return 0, err
		}
		if ours != theirs {
			return 0, fmt.Errorf("%w: decode says %s, %s %s", errDisagree, ours, name, theirs)
		}
	}
	fields, err := say("every field", b.self, "every-field", part)
	if err != nil {
		return 0, err
	}
	if a, z, ok := strings.Cut(fields, " "); !ok || a != z {
		return 0, fmt.Errorf("%w: hash of every field: decode %s, encoding/json %s", errDisagree, a, z)
	}
	return lines, nil
}

// cut copies whole lines, up to so many bytes.
func cut(from, to string, most int64) error {
	data := make([]byte, most)
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	n, err := f.Read(data)
	if err != nil {
		return err
	}
	data = data[:n]
	return os.WriteFile(to, data[:bytes.LastIndexByte(data, '\n')+1], 0o644)
}
