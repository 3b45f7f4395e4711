package house

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	requireBlock = regexp.MustCompile(`(?ms)^require \((.*?)^\)`)
	requireLine  = regexp.MustCompile(`(?m)^(?:require )?[ \t]*([a-z0-9.-]+\.[a-z]+[^\s]*) (v[^\s]+)([ \t]*// indirect)?$`)
	reasonRow    = regexp.MustCompile("(?m)^\\| *`([^`]+)` *\\| *(v[^ |]+) *\\| *([^|]*[^| ]) *\\|")
	toolLine     = regexp.MustCompile(`(?m)^(?:tool )?[ \t]*([a-z0-9.-]+\.[a-z]+/[^\s]+)$`)
)

// direct are the modules that go.mod requires for our own imports, with their versions.
func (tr *tree) direct() map[string]string {
	m := make(map[string]string)
	text := tr.text["go.mod"]
	for _, block := range requireBlock.FindAllStringSubmatch(text, -1) {
		for _, l := range requireLine.FindAllStringSubmatch(block[1], -1) {
			if l[3] == "" {
				m[l[1]] = l[2]
			}
		}
	}
	return m
}

func TestEveryDependencyHasItsReason(t *testing.T) {
	tr := repository(t)
	reasons := make(map[string]string)
	for _, m := range reasonRow.FindAllStringSubmatch(tr.text["docs/dependencies.md"], -1) {
		if reasons[m[1]] != "" {
			t.Errorf("docs/dependencies.md has two rows for %s", m[1])
		}
		reasons[m[1]] = m[2]
	}
	direct := tr.direct()
	if len(direct) == 0 {
		t.Fatal("no requirement was read from go.mod")
	}
	for mod, version := range direct {
		switch have := reasons[mod]; {
		case have == "":
			t.Errorf("go.mod requires %s without a row in docs/dependencies.md: say there what it is for and what was weighed against it", mod)
		case have != version:
			t.Errorf("docs/dependencies.md says %s %s, go.mod %s", mod, have, version)
		}
	}
	tools := tr.text["tools.mod"] + "\n" + tr.text["release.mod"]
	for mod := range reasons {
		if !strings.Contains(tr.text["go.mod"], mod+" v") && !strings.Contains(tools, "\t"+mod+" ") {
			t.Errorf("docs/dependencies.md gives a reason for %s, which neither go.mod nor tools.mod nor release.mod requires", mod)
		}
	}
	for _, block := range regexp.MustCompile(`(?ms)^tool (?:\((.*?)^\)|(\S+)$)`).FindAllStringSubmatch(tools, -1) {
		for _, m := range toolLine.FindAllStringSubmatch(block[1]+block[2], -1) {
			if !slices.ContainsFunc(keys(reasons), func(mod string) bool { return strings.HasPrefix(m[1], mod) }) {
				t.Errorf("tools.mod or release.mod names %s without a row in docs/dependencies.md", m[1])
			}
		}
	}
	if regexp.MustCompile(`(?m)^(replace|exclude) `).MatchString(tr.text["go.mod"]) {
		t.Error("go.mod replaces or excludes modules: users who import the library would not have it so")
	}
}

func keys(m map[string]string) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// licences that a program under Apache-2.0 may be built with, by words that stand in each.
var licences = []struct{ name, words string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD", "Redistribution and use in source and binary forms, with or without modification, are permitted"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"ISC", "Permission to use, copy, modify, and distribute this software for any purpose"},
	{"0BSD", "Zero-Clause BSD"},
	{"Unlicense", "This is free and unencumbered software released into the public domain"},
	{"CC0", "CC0 1.0 Universal"},
}

// What is built into the program must be free to give on. Test libraries are not in it.
func TestLicencesOfWhatShips(t *testing.T) {
	tr := repository(t)
	var ships []string
	for pkg := range tr.packages() {
		if !strings.HasPrefix(pkg, "internal/") && !strings.HasSuffix(pkg, "test") {
			ships = append(ships, "./"+pkg)
		}
	}
	cmd := exec.Command("go", append([]string{"list", "-deps", "-f", "{{with .Module}}{{.Path}}|{{.Dir}}{{end}}"}, ships...)...)
	cmd.Dir = tr.root
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list what is built: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(lines)
	for _, line := range slices.Compact(lines) {
		mod, dir, _ := strings.Cut(line, "|")
		if mod == tr.module {
			continue
		}
		if dir == "" {
			t.Errorf("%s is not in the module cache: run go mod download", mod)
			continue
		}
		if name := licenceOf(t, dir); name == "" {
			t.Errorf("%s: no licence that may be built into a program under Apache-2.0 was found in %s", mod, filepath.Base(dir))
		}
	}
}

func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.Join(strings.Fields(string(text)), " ")
		for _, l := range licences {
			if strings.Contains(plain, l.words) {
				return l.name
			}
		}
	}
	return ""
}
