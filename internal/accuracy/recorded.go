package accuracy

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	"ascribe.example/pipeline"
	"ascribe.example/score"
	"ascribe.example/score/baseline"
)

// What a written corpus's files end with.
const (
	truthSuffix     = ".truth.json"
	recordingSuffix = ".jsonl.gz"
)

// Recorded is a recording with the truth about it.
type Recorded struct {
	Truth *score.Truth
	File  string
}

// Write writes every story, recorded plainly, as a recording and its truth below a folder, and in answers/ what ascribe and
// the baselines say, as CSV.
func Write(ctx context.Context, stories []Story, noise float64, dir string) error {
	answers := make([][][]score.Answer, len(stories)) // by story and tool
	err := each(ctx, len(stories), func(i int) error {
		s := &stories[i]
		b, err := scenario.Build(s.Script, Plain.options(s, noise, 0))
		if err != nil {
			return err
		}
		base := filepath.Join(dir, filepath.FromSlash(s.Name))
		if err := os.MkdirAll(filepath.Dir(base), 0o755); err != nil {
			return err
		}
		text, err := truthOf(s, b).Append(nil)
		if err != nil {
			return err
		}
		answers[i] = append(answers[i], Answers(b))
		for _, t := range baseline.Tools {
			answers[i] = append(answers[i], t.Answers(b.Snapshot, b.Messages))
		}
		return errors.Join(os.WriteFile(base+truthSuffix, text, 0o644), writeRecording(base+recordingSuffix, b))
	})
	if err != nil {
		return fmt.Errorf("write the corpus to %s: %w", dir, err)
	}
	return writeAnswers(filepath.Join(dir, "answers"), stories, answers)
}

func writeRecording(file string, b *scenario.Result) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewWriterLevel(f, gzip.BestSpeed)
	if err != nil {
		return err
	}
	_, err = b.WriteTo(z)
	return errors.Join(err, z.Close())
}

func writeAnswers(dir string, stories []Story, answers [][][]score.Answer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var names []string
	at := map[string]int{}
	for i := range stories {
		names = append(names, stories[i].Name)
		at[stories[i].Name] = i
	}
	for t, tool := range tools() {
		f, err := os.Create(filepath.Join(dir, tool+".csv"))
		if err != nil {
			return err
		}
		err = score.WriteCSV(f, names, func(name string) []score.Answer { return answers[at[name]][t] })
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// IsCorpus reports whether a folder holds scenario scripts, and not recordings.
func IsCorpus(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, FactsFile))
	return err == nil
}

// LoadRecorded finds the recordings below a folder that have their truth beside them, in the order of their names.
func LoadRecorded(dir string) ([]Recorded, error) {
	var l []Recorded
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, truthSuffix) {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		t, err := score.ParseTruth(text)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		base := strings.TrimSuffix(file, truthSuffix)
		for _, suffix := range []string{recordingSuffix, ".jsonl", ".jsonl.zst"} {
			if _, err := os.Stat(base + suffix); err == nil {
				l = append(l, Recorded{t, base + suffix})
				return nil
			}
		}
		return fmt.Errorf("%s: no recording %s%s beside it", file, filepath.Base(base), recordingSuffix)
	})
	if err != nil {
		return nil, fmt.Errorf("read recordings and their truth: %w", err)
	}
	if len(l) == 0 {
		return nil, fmt.Errorf("read %s: neither a corpus (no %s) nor recordings with their truth (no *%s)", dir, FactsFile, truthSuffix)
	}
	return l, nil
}

// MeasureRecorded judges what ascribe and the baselines say of recordings.
func MeasureRecorded(ctx context.Context, recs []Recorded) ([]*score.Board, error) {
	parts := make([][]*score.Board, len(recs))
	err := each(ctx, len(recs), func(i int) error {
		said, heard, err := run(ctx, recs[i].File)
		if err != nil {
			return err
		}
		parts[i] = append(parts[i], &score.Board{})
		parts[i][0].Add(recs[i].Truth, said)
		for _, t := range baseline.Tools {
			b := &score.Board{}
			b.Add(recs[i].Truth, t.Answers(heard.snapshot, heard.messages))
			parts[i] = append(parts[i], b)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var boards []*score.Board
	for t, name := range tools() {
		b := &score.Board{Tool: name}
		for _, p := range parts {
			b.Join(p[t])
		}
		boards = append(boards, b)
	}
	return boards, nil
}

// Judge judges the answers of any tool.
func Judge(tool string, recs []Recorded, answers map[string][]score.Answer) (*score.Board, error) {
	b := &score.Board{Tool: tool}
	known := map[string]bool{}
	for _, r := range recs {
		known[r.Truth.Name] = true
		b.Add(r.Truth, answers[r.Truth.Name])
	}
	var strange []string
	for name := range answers {
		if !known[name] {
			strange = append(strange, name)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		return nil, fmt.Errorf("judge answers: there is no scenario %q among the recordings: the column scenario holds the names that their truth gives", strange[0])
	}
	return b, nil
}

// listener hears what goes to an engine.
type listener struct {
	*engine.Engine
	snapshot *es.Snapshot
	messages []*es.Message
}

func (l *listener) Snapshot(s *es.Snapshot) { l.snapshot = s; l.Engine.Snapshot(s) }
func (l *listener) Add(m *es.Message)       { l.messages = append(l.messages, m.Clone()); l.Engine.Add(m) }

// run runs one recording.
func run(ctx context.Context, file string) ([]score.Answer, *listener, error) {
	inputs, err := pipeline.Files([]string{file}, nil)
	if err != nil {
		return nil, nil, err
	}
	var said []score.Answer
	heard := &listener{}
	sum, err := pipeline.Run(ctx, inputs, pipeline.Options{
		Decoders: 1,
		New: func(host string, emit func(*finding.Finding)) pipeline.Engine {
			heard.Engine = engine.New(engine.Options{Host: host}, emit)
			return heard
		},
		Sink: func(f *finding.Finding) error {
			if a, ok := score.FromFinding(f.Clone()); ok {
				said = append(said, a)
			}
			return nil
		},
	})
	if err == nil && sum.Incomplete() {
		err = fmt.Errorf("read %s: part of it could not be read", file)
	}
	return said, heard, err
}
