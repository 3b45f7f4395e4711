// Package accuracy lets the scenarios of a corpus happen, records them in many ways, and has the engine's answers judged by
// package score, beside those of the baselines. docs/corpus.md describes the corpus, docs/accuracy.md holds what came of it.
package accuracy

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ascribe.example/internal/scenario"
	"ascribe.example/score"
)

// FactsFile is what a corpus's list of facts is called.
const FactsFile = "facts.txt"

// Story is one scenario of a corpus.
type Story struct {
	Name    string // room/story
	Script  *scenario.Script
	Facts   []string // that it stands on: "name [T]"
	Weakest string   // the weakest of their tags
	Held    bool     // of the measured part
}

// tags from the strongest to the weakest.
var tags = []string{"D", "S", "R", "G"}

// Load reads a corpus: all scenario scripts below a folder, in the order of their names, and the facts that they may name.
func Load(dir string) ([]Story, error) {
	known, err := facts(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	var stories []Story
	err = filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) != ".txt" || d.Name() == FactsFile {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		name = strings.TrimSuffix(filepath.ToSlash(name), ".txt")
		s := Story{Name: name, Held: score.Held(name)}
		if s.Script, err = scenario.Parse(file, string(text)); err != nil {
			return err
		}
		if err := s.stand(file, string(text), known); err != nil {
			return err
		}
		stories = append(stories, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the corpus %s: %w", dir, err)
	}
	if len(stories) == 0 {
		return nil, fmt.Errorf("read the corpus %s: no scenario scripts (*.txt) in it", dir)
	}
	return stories, nil
}

// facts reads the list of facts: a name, a tag in brackets, and what is taken to be so.
func facts(fsys fs.FS) (map[string]string, error) {
	text, err := fs.ReadFile(fsys, FactsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read a corpus: no %s, which lists the facts that scenarios stand on: %w", FactsFile, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read a corpus: %w", err)
	}
	known := map[string]string{}
	n := 0
	in := bufio.NewScanner(strings.NewReader(string(text)))
	for in.Scan() {
		n++
		f := strings.Fields(in.Text())
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		if len(f) < 3 || !slices.Contains(tags, strings.Trim(f[1], "[]")) || known[f[0]] != "" {
			return nil, fmt.Errorf("%s:%d: %q: expected a new name, a tag such as [D], and a sentence", FactsFile, n, in.Text())
		}
		known[f[0]] = strings.Trim(f[1], "[]")
	}
	return known, in.Err()
}

// stand reads the facts that a script's head names. Each must be known under that tag.
func (s *Story) stand(file, text string, known map[string]string) error {
	for l := range strings.Lines(text) {
		list, ok := strings.CutPrefix(l, "# facts:")
		if !ok {
			continue
		}
		for f := range strings.SplitSeq(list, ",") {
			name, tag, _ := strings.Cut(strings.TrimSpace(f), " ")
			if "["+known[name]+"]" != tag {
				return fmt.Errorf("%s: the fact %q is not in %s under that tag", file, strings.TrimSpace(f), FactsFile)
			}
			s.Facts = append(s.Facts, name+" "+tag)
			if s.Weakest == "" || slices.Index(tags, known[name]) > slices.Index(tags, s.Weakest) {
				s.Weakest = known[name]
			}
		}
		return nil
	}
	return fmt.Errorf("%s: no line \"# facts: …\" that says what the scenario stands on", file)
}

// HeldHash is the SHA-256 of the measured part: of each of its scripts' names and texts. It is written down where a test
// looks, so that no one changes that part, or chooses it anew, unnoticed.
func HeldHash(stories []Story) string {
	h := sha256.New()
	for _, s := range stories {
		if s.Held {
			fmt.Fprintf(h, "%s\n%d\n%s", s.Name, len(s.Script.Text), s.Script.Text)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// Room is the folder that a story stands in.
func (s *Story) Room() string { return path.Dir(s.Name) }
