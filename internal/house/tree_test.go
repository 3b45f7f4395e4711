package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tree is the repository, read once.
type tree struct {
	root   string
	module string
	files  []string // slash paths from the root, in order
	text   map[string]string
	fset   *token.FileSet
	parsed map[string]*ast.File
}

var theTree = sync.OnceValues(readTree)

func repository(t *testing.T) *tree {
	t.Helper()
	tr, err := theTree()
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// notOurs are folders that hold nothing that people write here.
var notOurs = []string{".git", "node_modules", "dist", "out", ".cache"}

func readTree() (*tree, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			return nil, fs.ErrNotExist
		}
		dir = up
	}
	tr := &tree{root: dir, text: make(map[string]string), fset: token.NewFileSet(), parsed: make(map[string]*ast.File)}
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(notOurs, d.Name()):
			return fs.SkipDir
		case d.IsDir() && d.Name() == "rapid" && path.Base(path.Dir(filepath.ToSlash(p))) == "testdata":
			return fs.SkipDir // what a failing property leaves behind
		case !d.Type().IsRegular(), d.Name() == ".git": // of a work tree it is a file
			return nil
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		return tr.read(filepath.ToSlash(rel))
	})
	if err != nil {
		return nil, err
	}
	tr.finish()
	return tr, nil
}

// newTree is a tree of files that are not on disk.
func newTree(t *testing.T, files map[string]string) *tree {
	t.Helper()
	tr := &tree{text: make(map[string]string), fset: token.NewFileSet(), parsed: make(map[string]*ast.File)}
	files["go.mod"] += "module ascribe.example\n"
	for name, text := range files {
		if err := tr.take(name, text); err != nil {
			t.Fatal(err)
		}
	}
	tr.finish()
	return tr
}

func (tr *tree) finish() {
	slices.Sort(tr.files)
	tr.module = regexp.MustCompile(`(?m)^module (\S+)`).FindStringSubmatch(tr.text["go.mod"])[1]
}

func (tr *tree) read(rel string) error {
	data, err := os.ReadFile(filepath.Join(tr.root, filepath.FromSlash(rel)))
	if err != nil {
		return err
	}
	return tr.take(rel, string(data))
}

func (tr *tree) take(rel, text string) error {
	tr.files = append(tr.files, rel)
	tr.text[rel] = text
	if path.Ext(rel) != ".go" || strings.Contains(rel, "testdata/") {
		return nil
	}
	f, err := parser.ParseFile(tr.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	tr.parsed[rel] = f
	return nil
}

// goFiles are the Go files of the tree, in order.
func (tr *tree) goFiles() []string {
	var names []string
	for _, f := range tr.files {
		if tr.parsed[f] != nil {
			names = append(names, f)
		}
	}
	return names
}

// packages are the folders that hold Go files, by their files.
func (tr *tree) packages() map[string][]string {
	m := make(map[string][]string)
	for _, f := range tr.goFiles() {
		m[path.Dir(f)] = append(m[path.Dir(f)], f)
	}
	return m
}

// imports are the import paths of a file, with the name that each has in it.
func (tr *tree) imports(file string) map[string]string {
	m := make(map[string]string)
	for _, s := range tr.parsed[file].Imports {
		p := strings.Trim(s.Path.Value, `"`)
		name := path.Base(p)
		if s.Name != nil {
			name = s.Name.Name
		}
		m[p] = name
	}
	return m
}

// report collects what a rule finds wrong.
type report struct{ found []string }

func (r *report) add(format string, args ...any) {
	r.found = append(r.found, fmt.Sprintf(format, args...))
}

// none fails the test for each thing found.
func (r *report) none(t *testing.T) {
	t.Helper()
	for _, f := range r.found {
		t.Error(f)
	}
}

func isTest(file string) bool { return strings.HasSuffix(file, "_test.go") }

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func (tr *tree) isGenerated(file string) bool { return generated.MatchString(tr.text[file]) }
