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
	lasts = flag.Duration("for", 60*time.Second, "how long each rate is measured")
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
	page, missed, err := t.measure()
	if err != nil {
		return err
	}
	if *write {
		if err := replace("docs/live.md", "figures", page); err != nil {
			return err
		}
	} else {
		fmt.Print("\n", page)
	}
	if len(missed) > 0 {
		return fmt.Errorf("missed budgets: %s", strings.Join(missed, "; "))
	}
	fmt.Println("All budgets were kept.")
	return nil
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
