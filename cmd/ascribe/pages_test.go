package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// consoleBlock is a command on a page with what it prints.
var consoleBlock = regexp.MustCompile("(?s)```console\n\\$ ([^\n]*)\n(.*?)```")

// TestPagesSayWhatTheirCommandsPrint runs the commands that stand on pages, and compares what they print with what the page
// says. With -update the pages are written anew.
func TestPagesSayWhatTheirCommandsPrint(t *testing.T) {
	for _, page := range []string{"blind-spots.md"} {
		t.Run(page, func(t *testing.T) {
			file := filepath.Join("../../docs", page)
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			blocks := consoleBlock.FindAllStringSubmatch(string(text), -1)
			if len(blocks) == 0 {
				t.Fatal("no commands on the page")
			}
			var script strings.Builder
			out := t.TempDir()
			for i, b := range blocks {
				// The shell gets the command from a file, so that nothing of it is taken for the script's own.
				command := filepath.Join(out, fmt.Sprintf("command-%d", i))
				if err := os.WriteFile(command, []byte(b[1]+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&script, "exec sh %s\ncp stdout %s\n", command, filepath.Join(out, fmt.Sprintf("printed-%d", i)))
			}
			path := filepath.Join(t.TempDir(), "page.txt")
			if err := os.WriteFile(path, []byte(script.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			recordings, err := filepath.Abs("../../recordings")
			if err != nil {
				t.Fatal(err)
			}
			t.Run("commands", func(t *testing.T) {
				testscript.Run(t, testscript.Params{Files: []string{path}, Setup: func(e *testscript.Env) error {
					return os.Symlink(recordings, filepath.Join(e.WorkDir, "recordings"))
				}})
			})
			fresh := string(text)
			for i, b := range blocks {
				printed, err := os.ReadFile(filepath.Join(out, fmt.Sprintf("printed-%d", i)))
				if err != nil {
					t.Fatal(err)
				}
				if b[2] == string(printed) {
					continue
				}
				if !*update {
					t.Errorf("%s: $ %s\nprints\n%s\nthe page says\n%s", page, b[1], printed, b[2])
				}
				fresh = strings.Replace(fresh, b[0], "```console\n$ "+b[1]+"\n"+string(printed)+"```", 1)
			}
			if *update {
				if err := os.WriteFile(file, []byte(fresh), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
