package query

import (
	"context"
	"iter"
	"strings"

	"ascribe.example/finding"
)

// Seek finds the names as a first round and [Trail.Follow] do, from a source that looks things up: it asks for what touches
// the file under a name, follows that, and asks about the names that came out.
func (t *Trail) Seek(ctx context.Context, src Source) error {
	noted, asked := map[string]bool{}, map[string]bool{}
	t.Follow()
	for round := 1; ; round++ {
		w := t.touched(asked)
		if len(w.Paths) == 0 {
			return nil
		}
		t.seen = nil
		keeps := round == 1 && !t.below
		for f, err := range src.Findings(ctx, w) {
			if err != nil {
				return err
			}
			if keeps = keeps && len(t.seen) < maxSeen; keeps {
				t.seen = append(t.seen, f.Clone())
			}
			if !noted[f.ID] {
				noted[f.ID] = true
				t.Note(f)
			}
		}
		if !keeps {
			t.seen = nil
		}
		t.Follow()
	}
}

// maxSeen is how many findings are kept, so that a file which never had another name is looked up once, not twice.
const maxSeen = 4096

// Found yields what the second round needs to see, after [Trail.Seek].
func (t *Trail) Found(ctx context.Context, src Source) iter.Seq2[*finding.Finding, error] {
	if t.seen == nil {
		return src.Findings(ctx, t.touching())
	}
	return func(yield func(*finding.Finding, error) bool) {
		for _, f := range t.seen {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// touching is what is about the file, by all its names.
func (t *Trail) touching() Want {
	w := t.touched(map[string]bool{})
	if t.below {
		w.Paths = append(w.Paths, PathWant{Match: UnderPath, Key: strings.TrimSuffix(t.want, "/"), Path: true, Source: true, Items: true})
	}
	return w
}

// carriers are the actions by which a folder takes along what is in it.
var carriers = SetOf(finding.Rename, finding.Move, finding.Trash, finding.Restore, finding.Link, finding.Delete, finding.EmptyTrash)

// touched is what names the file by one of the names that are known, or carried a folder above it; but for what was asked.
func (t *Trail) touched(asked map[string]bool) Want {
	w := Want{Kinds: SetOf(finding.KindOperation, finding.KindEvent)}
	for _, s := range t.spans {
		if asked[s.key] {
			continue
		}
		asked[s.key] = true
		w.Paths = append(w.Paths, PathWant{Key: s.key, Path: true, Source: true, Items: true})
		for key := s.key; ; {
			i := strings.LastIndexByte(key, '/')
			if i <= 0 {
				break
			}
			key = key[:i]
			// A folder may be asked for by its own name, too: that is another question.
			if above := key + "/"; !asked[above] {
				asked[above] = true
				w.Paths = append(w.Paths, PathWant{Key: key, Path: true, Source: true, Items: true, Actions: carriers})
			}
		}
	}
	return w
}
