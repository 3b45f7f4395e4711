// Command livedemo runs the live path with the fake eslogger: what it shows, how soon, at what cost, and what it drops.
//
//	go run ./internal/livedemo             shows the story and measures; -write puts the figures into docs/live.md
//	go run ./internal/livedemo -day        100 million messages, as fast as they are taken: memory over a day
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

var (
	write = flag.Bool("write", false, "write the figures into docs/live.md")
	lasts = flag.Duration("for", 60*time.Second, "how long each rate lasts")
	day   = flag.Bool("day", false, "memory over a day, instead of the rest")
	count = flag.Int("messages", 100_000_000, "with -day, how many messages a day has")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "livedemo:", err)
		os.Exit(1)
	}
}

// tools are the programs that are run.
type tools struct{ folder, ascribe, eslogger string }

func run() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("the figures are read from /proc: run it on Linux; on a Mac, ascribe watch --eslogger shows the live path")
	}
	folder, err := os.MkdirTemp("", "livedemo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	t := tools{folder, filepath.Join(folder, "ascribe"), filepath.Join(folder, "eslogger")}
	for program, pkg := range map[string]string{t.ascribe: "./cmd/ascribe", t.eslogger: "./internal/fakeeslogger/eslogger"} {
		if out, err := exec.Command("go", "build", "-o", program, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	if *day {
		return t.day()
	}
	if err := t.story(); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s with %d processors and a load of %s from others, eslogger being the stand-in.\n\n", runtime.GOOS+"/"+runtime.GOARCH, runtime.NumCPU(), load())
	b.WriteString("| what | p50 | p99 | worst | budget |\n|---|---|---|---|---|\n")
	for _, x := range []struct {
		name, plan string
		args       []string
		most       time.Duration
	}{
		{"from settling to the line, quiet Mac", "wait 1s; save 60 333ms; wait 3s; exit 0", nil, 26 * time.Second},
		{"the same, by a pipe", "wait 1s; save 60 333ms; wait 3s; exit 0", []string{"--pipe"}, 26 * time.Second},
		{"the same, at 5,000 messages a second", "busy 100000 5000 333ms; wait 3s; exit 0", nil, 25 * time.Second},
	} {
		l, err := t.latency(x.plan, x.most, x.args...)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | 50 ms |\n", x.name, ms(l.at(0.5)), ms(l.at(0.99)), ms(l.at(1)))
		fmt.Printf("%s: p50 %s, p99 %s, worst %s of %d\n", x.name, ms(l.at(0.5)), ms(l.at(0.99)), ms(l.at(1)), len(l))
	}
	fmt.Fprintf(&b, "\n| messages a second, for %v | reached | of one core | of that in the kernel | dropped by us | memory | budget |\n|---|---|---|---|---|---|---|\n", *lasts)
	for _, x := range []struct {
		rate   int
		pipe   bool
		budget string
	}{{5000, false, "3 %"}, {5000, true, "3 %"}, {30000, false, "20 %, none dropped"}, {30000, true, "20 %, none dropped"}} {
		c, err := t.cost(x.rate, x.pipe)
		if err != nil {
			return err
		}
		by := "by a terminal"
		if x.pipe {
			by = "by a pipe"
		}
		fmt.Fprintf(&b, "| %d, %s | %.0f | %.1f %% | %.1f %% | %d of %d | %d MiB | %s |\n", x.rate, by, c.rate, c.cpu, c.kernel, c.lost, c.written, c.memory>>20, x.budget)
		fmt.Printf("%d a second %s: %.1f %% of a core (%.1f %% in the kernel), %d of %d dropped, %d MiB\n", x.rate, by, c.cpu, c.kernel, c.lost, c.written, c.memory>>20)
	}
	if !*write {
		fmt.Print("\n", b.String())
		return nil
	}
	return replace("docs/live.md", "figures", b.String())
}

// story shows what a person sees.
func (t tools) story() error {
	cmd := exec.Command(t.ascribe, "watch", "--eslogger", t.eslogger, "--format", "text", "--width", "100", "--for", "7s")
	cmd.Env = t.env("emit 300; save 2 700ms; wait 10s")
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("watch: %w\n%s", err, told.String())
	}
	fmt.Printf("$ sudo ascribe watch\n%s\n%s\n", out.String(), told.String())
	if !strings.Contains(out.String(), "save-0-") {
		return fmt.Errorf("the story does not tell of the file that was saved")
	}
	return nil
}

func (t tools) env(plan string) []string {
	return append(os.Environ(), "TMPDIR="+t.folder, "FAKE_ESLOGGER="+plan, "FAKE_ESLOGGER_LOG="+filepath.Join(t.folder, "log"))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// load is the machine's load average, which tells what else ran.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// replace puts text between a document's markers.
func replace(name, what, text string) error {
	doc, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+what+": begin -->\n", "<!-- "+what+": end -->"
	head, rest, ok := strings.Cut(string(doc), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for %s", name, what)
	}
	return os.WriteFile(name, []byte(head+begin+text+end+tail), 0o644)
}
