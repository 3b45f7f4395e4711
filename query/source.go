package query

import (
	"cmp"
	"context"
	"iter"
	"strconv"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Source holds findings: a recording, out of which they are inferred anew, or a store.
type Source interface {
	// Findings yields the findings that are wanted. It may yield others, too: whoever asks looks at each. They come in the
	// order in which they were told; a finding belongs to the source and is good until the next one. An error ends them.
	Findings(ctx context.Context, w Want) iter.Seq2[*finding.Finding, error]
}

// Want is what must hold of a finding for it to matter to a question: what a source may leave out is what Want does not have.
// Each field stands for itself, and the zero value wants everything.
type Want struct {
	Kinds   Set[finding.Kind]
	Actions Set[finding.Action] // "" is a finding without an action
	Classes Set[finding.Class]  // of the initiator; "" is a finding without one
	Users   []string            // of the initiator: names, or uids in digits; nil is any
	Paths   []PathWant          // one of them must hold; nil is any
	ID      string              // the begin of its id, such as op_5f3a; "" is any

	// The finding's time, the first member's: from From on, and before To; 0 is no bound. A finding without a time has the
	// time 0, and is older than any bound.
	From, To es.Time
}

// PathWant is what must hold of a path of a finding.
type PathWant struct {
	Match  PathMatch
	Key    string // as [Fold] makes it; a folder has no slash at its end, the root is ""
	Path   bool   // path may be the one
	Source bool   // source_path may be the one
	Items  bool   // the path or source_path of an item may be the one

	Actions Set[finding.Action] // of a finding whose path counts; nil is any
}

// PathMatch says how a path is compared with a key.
type PathMatch uint8

// The ways to compare.
const (
	IsPath    PathMatch = iota // it is that path
	UnderPath                  // it lies anywhere below that folder
	AtOrUnder                  // either
)

// Has reports whether a finding is wanted.
func (w *Want) Has(f *finding.Finding) bool {
	if !w.Kinds.Has(f.Kind) || !w.Actions.Has(f.Action) || f.Time < w.From && w.From != 0 || f.Time >= w.To && w.To != 0 {
		return false
	}
	if w.Classes != nil {
		var c finding.Class
		if f.Initiator != nil {
			c = cmp.Or(f.Initiator.Class, finding.ClassUnknown)
		}
		if !w.Classes.Has(c) {
			return false
		}
	}
	return strings.HasPrefix(f.ID, w.ID) && w.hasUser(f) && w.hasPath(f)
}

func (w *Want) hasUser(f *finding.Finding) bool {
	if w.Users == nil {
		return true
	}
	for _, u := range w.Users {
		if IsUser(f.Initiator, u) {
			return true
		}
	}
	return false
}

// IsUser reports whether an initiator is the user of that name, or of that uid in digits.
func IsUser(in *finding.Initiator, user string) bool {
	if in == nil || user == "" {
		return false
	}
	if in.User == user {
		return true
	}
	if user[0] < '0' || user[0] > '9' {
		return false // most are names: ParseUint would make an error of each
	}
	uid, err := strconv.ParseUint(user, 10, 32)
	return err == nil && in.UID != es.Unset && uint64(in.UID) == uid
}

func (w *Want) hasPath(f *finding.Finding) bool {
	if w.Paths == nil {
		return true
	}
	for i := range w.Paths {
		p := &w.Paths[i]
		if !p.Actions.Has(f.Action) {
			continue
		}
		if p.Path && p.Has(f.Path) || p.Source && p.Has(f.SourcePath) {
			return true
		}
		if p.Items {
			for k := range f.Items {
				if p.Has(f.Items[k].Path) || p.Has(f.Items[k].SourcePath) {
					return true
				}
			}
		}
	}
	return false
}

// Has reports whether one path, as written, compares as wanted. No path is none.
func (p *PathWant) Has(path string) bool {
	if path == "" {
		return false
	}
	switch p.Match {
	case UnderPath:
		return Under(path, p.Key)
	case AtOrUnder:
		return Under(path, p.Key) || p.is(path) || p.is(strings.TrimRight(path, "/"))
	}
	return p.is(path)
}

func (p *PathWant) is(path string) bool {
	if p.Key == "" {
		return HasKey(path, "/")
	}
	return HasKey(path, p.Key)
}

// Set is a set of words; nil holds every word.
type Set[T ~string] map[T]bool

// SetOf is the set of these words, which may be none.
func SetOf[T ~string](words ...T) Set[T] {
	s := make(Set[T], len(words))
	for _, w := range words {
		s[w] = true
	}
	return s
}

// Has reports whether a word is in the set.
func (s Set[T]) Has(word T) bool { return s == nil || s[word] }
