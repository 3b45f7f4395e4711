package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ascribe.example/internal/scenario"
	"ascribe.example/rules"
)

var fenced = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")

// What the pages on questions, conditions and rules show is run: each command of their blocks, and where a block shows what
// comes of it, that is compared.
func TestDocumentsShowWhatHappens(t *testing.T) {
	pages := map[string]string{}
	for _, name := range []string{"filter", "questions", "rules"} {
		text, err := os.ReadFile(filepath.Join("../../docs", name+".md"))
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = string(text)
	}
	script, err := os.ReadFile("demo/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse("demo.txt", string(script))
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("day.jsonl", string(r.Recording()))
	for _, block := range fenced.FindAllStringSubmatch(pages["rules"], -1) {
		switch {
		case block[1] == "yaml":
			write("my-rules.yaml", block[2])
		case strings.HasPrefix(block[2], "# my-test.txt\n"):
			write("my-test.txt", block[2])
		}
	}
	seen := 0
	for name, page := range pages {
		for _, block := range fenced.FindAllStringSubmatch(page, -1) {
			if shown, ok := strings.CutPrefix(block[2], "$ ascribe "); ok {
				line, want, _ := strings.Cut(shown, "\n")
				_, got := asTyped(t, line)
				if got != want {
					t.Errorf("%s.md shows for ascribe %s:\n%s\nit is:\n%s", name, line, want, got)
				}
				seen++
				continue
			}
			for line := range strings.Lines(block[2]) {
				line, ok := strings.CutPrefix(strings.TrimSpace(line), "ascribe ")
				if !ok {
					continue
				}
				seen++
				want := exitDone
				if strings.Contains(line, "--fail-on") {
					want = exitMatched
				}
				if status, said := asTyped(t, line); status != want {
					t.Errorf("%s.md: ascribe %s: exit status %d\n…%s", name, line, status, said[max(0, len(said)-500):])
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands were found", seen)
	}
}

// asTyped runs a command line, and gives what it wrote.
func asTyped(t *testing.T, line string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	status := run(t.Context(), split(line), console{in: strings.NewReader(""), out: &out, err: &out})
	return status, out.String()
}

// split parts a line as a shell does, as far as the pages need it.
func split(line string) []string {
	var (
		words []string
		word  strings.Builder
		quote rune
		begun bool
	)
	for _, r := range line + " " {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	return words
}

// The page on rules lists those that ship; -update writes the list anew.
func TestDocumentsListTheShippedRules(t *testing.T) {
	set, err := loadRules([]string{rules.Shipped})
	if err != nil {
		t.Fatal(err)
	}
	const page, begin, end = "../../docs/rules.md", "<!-- shipped -->\n", "<!-- end of shipped -->"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, found := strings.Cut(rest, end)
	if !ok || !found {
		t.Fatal("docs/rules.md has no place for the shipped rules")
	}
	var b strings.Builder
	b.WriteString(head + begin + "| rule | severity | |\n|---|---|---|\n")
	for _, r := range set.Rules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.Name, r.Severity, strings.Join(strings.Fields(r.About), " "))
	}
	b.WriteString(end + tail)
	if b.String() == string(text) {
		return
	}
	if !*update {
		t.Error("docs/rules.md does not list the rules that ship: make golden writes the list anew")
		return
	}
	if err := os.WriteFile(page, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
