package house

import (
	"path"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// longest is how many lines a file of Go may have: what is longer holds two things.
const longest = 600

func TestNoFileIsTooLong(t *testing.T) { tooLong(repository(t)).none(t) }

func tooLong(tr *tree) *report {
	var rep report
	for _, file := range tr.goFiles() {
		if isTest(file) || tr.isGenerated(file) {
			continue
		}
		if n := strings.Count(tr.text[file], "\n"); n > longest {
			rep.add("%s has %d lines, the bound is %d: cut it where its nouns change", file, n, longest)
		}
	}
	return &rep
}

// unwanted are words that must not stand in the tree. They are written in pieces here, so as not to find themselves.
var unwanted = []struct {
	word *regexp.Regexp
	only *regexp.Regexp // files it is looked for in; nil: all
	why  string
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b`), regexp.MustCompile(`\.(go|svelte|ts|js|css|ya?ml)$|Makefile$`), "what is left open belongs in the tracker, where somebody finds it"},
	{regexp.MustCompile(`\b[tbf]\.Skip(f|Now)?\(`), regexp.MustCompile(`_test\.go$`), "a skipped test looks like a passed one: say in make test what this machine cannot run"},
	{regexp.MustCompile(`(?:^|[^a-z])/(?:wo` + `rk/|ro` + `ot/|home/[a-z])`), nil, "a path of somebody's machine means nothing on another"},
	{regexp.MustCompile(`proxy\.gol` + `ang\.org|sum\.gol` + `ang\.org|registry\.npm` + `js\.org|registry\.yarn` + `pkg\.com`), nil, "registry hosts are each user's own setting"},
	{regexp.MustCompile(`not impl` + `emented`), regexp.MustCompile(`\.go$`), "what does not work must not be offered"},
	{regexp.MustCompile(`^<<<<<<< |^>>>>>>> `), nil, "a merge was not finished"},
}

func TestUnwantedWords(t *testing.T) { unwantedIn(repository(t)).none(t) }

func unwantedIn(tr *tree) *report {
	var rep report
	for _, file := range tr.files {
		text := tr.text[file]
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			continue // compressed recordings, pictures
		}
		for _, u := range unwanted {
			if u.only != nil && !u.only.MatchString(file) {
				continue
			}
			for n, line := range strings.Split(text, "\n") {
				if m := u.word.FindString(line); m != "" {
					rep.add("%s:%d: %q: %s", file, n+1, m, u.why)
				}
			}
		}
	}
	return &rep
}

func TestNamesOfFilesWorkEverywhere(t *testing.T) { oddNames(repository(t)).none(t) }

func oddNames(tr *tree) *report {
	var rep report
	seen := make(map[string]string)
	for _, file := range tr.files {
		lower := strings.ToLower(file)
		if other, ok := seen[lower]; ok {
			rep.add("%s and %s differ only by case: most Macs hold one of them", file, other)
		}
		seen[lower] = file
		if strings.ContainsAny(path.Base(file), `\:*?"<>| `) {
			rep.add("%s: a name that some systems refuse", file)
		}
	}
	return &rep
}
