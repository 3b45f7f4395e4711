// Command bench measures ascribe against yardsticks that run on the same machine at the same time, and writes
// docs/performance.md from what it measured. make bench calls it; see that page for what is measured, and why in ratios.
//
//	bench [FLAGS]                       measure, and write the page
//	bench generate MIX LINES            the first lines of a mix, to standard output
//	bench profile RECORDING FILE [N]    where the time of N runs goes, for go tool pprof
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// bench is one run of the command.
type bench struct {
	rounds   int
	bytes    int64 // of the mixes
	findings int   // of the stores
	long     bool
	only     string
	work     string
	page     string
	ascribe  string
	self     string
	dom      string // the yardstick, built; "" lacking
	why      string // it is lacking
	taskset  string
	core     string
	report   strings.Builder // of the part under way
}

func main() {
	if err := command1(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// command1 is what the first argument asks for. The verbs in the second half are this program's own children.
func command1(args []string) error {
	verb := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	number := func(i, otherwise int) int {
		if len(args) <= i {
			return otherwise
		}
		n, err := strconv.Atoi(args[i])
		if err != nil {
			return otherwise
		}
		return n
	}
	switch verb {
	case "":
		return measure(args)
	case "generate":
		if len(args) < 2 {
			return fmt.Errorf("generate needs a mix and how many lines")
		}
		return generate(os.Stdout, args[0], number(1, 0), number(1, 0), int64(number(2, 0)), 1)
	case "worst":
		return generate(os.Stdout, args[0], number(1, 0), 0, 0, 1)
	case "profile":
		if len(args) < 2 {
			return fmt.Errorf("profile needs a recording, and a file to write to")
		}
		return profile(args[0], args[1], number(2, 10), len(args) > 3)
	case "decode", "decode-sum":
		s, err := decode(args[0], verb == "decode-sum")
		if err == nil {
			fmt.Println(s)
		}
		return err
	case "encoding-json":
		s, err := decodePlain(args[0])
		if err == nil {
			fmt.Println(s)
		}
		return err
	case "every-field":
		ours, theirs, err := everyField(args[0])
		if err == nil {
			fmt.Printf("%016x %016x\n", ours, theirs)
		}
		return err
	}
	return fmt.Errorf("there is no verb %s", verb)
}

func measure(args []string) error {
	b := &bench{}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&b.rounds, "rounds", 5, "how often each is measured, in turn; medians are told")
	size := flags.Int("mb", 1000, "how large the mixes are, in MB")
	flags.BoolVar(&b.long, "long", false, "also 100 million events (half an hour or more)")
	flags.IntVar(&b.findings, "findings", 1_000_000, "how many findings the stores hold; 10000000 takes half an hour and 15 GB of disk")
	flags.StringVar(&b.only, "only", "", "measure only: ratios, growth, worst or store; what the page says of the others stays")
	flags.StringVar(&b.work, "work", filepath.Join("out", "bench"), "folder for recordings and programs")
	flags.StringVar(&b.page, "page", filepath.Join("docs", "performance.md"), "page to write what was measured into; empty: none")
	flags.StringVar(&b.core, "core", "0", "the core that runs of one core are pinned to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b.bytes = int64(*size) * 1_000_000
	if err := b.prepare(); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		run  func() error
	}{{"ratios", b.ratios}, {"growth", b.growth}, {"worst", b.worst}, {"store", b.store}} {
		if b.only != "" && b.only != part.name {
			continue
		}
		began := time.Now()
		b.report.Reset()
		b.machine(part.name)
		if err := part.run(); err != nil {
			return err
		}
		b.printf("\nMeasured in %v.\n", time.Since(began).Round(time.Second))
		if b.page == "" {
			continue
		}
		if err := b.write(part.name); err != nil {
			return err
		}
	}
	return nil
}

// prepare builds what is measured, and the yardstick where that can be.
func (b *bench) prepare() error {
	if err := os.MkdirAll(b.work, 0o755); err != nil {
		return err
	}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	b.ascribe = filepath.Join(b.work, "ascribe")
	if _, err := b.run(command{name: "build ascribe", args: []string{"go", "build", "-trimpath", "-o", b.ascribe, "./cmd/ascribe"}}); err != nil {
		return err
	}
	b.taskset = find("taskset")
	source := filepath.Join("internal", "bench", "simdjson", "dom.cpp")
	dom := filepath.Join(b.work, "dom")
	if find("g++") == "" {
		b.why = "there is no g++"
		return nil
	}
	_, err = b.run(command{name: "build simdjson", args: []string{"g++", "-O3", "-DNDEBUG", "-std=c++17", source, "-lsimdjson", "-o", dom}})
	if err != nil {
		b.why = "it could not be built (Debian: libsimdjson-dev)"
		return nil //nolint:nilerr // the report says that it is lacking
	}
	b.dom = dom
	return nil
}

func (b *bench) recording(name string) string { return filepath.Join(b.work, name+".jsonl") }

func (b *bench) generated(name string) error {
	f, err := os.Create(b.recording(name))
	if err != nil {
		return err
	}
	err = generate(f, name, 0, 0, b.bytes, 1)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func (b *bench) machine(part string) {
	commit := "?"
	var out strings.Builder
	if _, err := b.run(command{name: "git", args: []string{"git", "describe", "--always", "--dirty"}, out: &out}); err == nil {
		commit = strings.TrimSpace(out.String())
	}
	b.printf("%s, %d cores, %s, %s/%s; commit %s; %s.\n\n", processor(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, commit,
		time.Now().UTC().Format("2 January 2006, 15:04 UTC"))
	args, how := "-only "+part, fmt.Sprintf("%d rounds", b.rounds)
	if part == "store" {
		args, how = fmt.Sprintf("%s -findings %d", args, b.findings), "once"
	}
	b.printf("`make bench ARGS='%s'`, %s; load average of the machine when it began: %s.\n", args, how, load())
}

// load is how busy the machine was in the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not known"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// processor is what the machine calls its own.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
			}
		}
	}
	return "an unnamed processor"
}
