package query

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Stretch is what one of a group did without a long pause: from when to when, and what.
type Stretch struct {
	By       Group
	Name     string // "" is nobody known
	Host     string
	From, To es.Time

	Operations uint64
	Files      uint64
	Bytes      int64 // of those files whose size is known
	Actions    map[finding.Action]uint64
	Folder     string // the nearest that holds all it acted on
	First      string // id of the first finding
	Path       string // that it acted on
	Lowest     finding.Levels
}

// Pause is how long somebody may rest within one stretch.
const Pause = 5 * time.Minute

// maxStretches bounds a timeline.
const maxStretches = 1 << 20

// ErrTooMany says that an answer would be longer than is kept; nothing is left out in silence.
var ErrTooMany = errors.New("there is more than can be shown at once: ask about less, with --since, --until or --where")

// Timeline puts operations into stretches. They come in the order of their time.
type Timeline struct {
	by    Group
	open  map[string]*Stretch
	all   []*Stretch
	names []string
	late  es.Time // the latest time
}

// NewTimeline groups by g.
func NewTimeline(g Group) *Timeline { return &Timeline{by: g, open: map[string]*Stretch{}} }

// Add takes a finding; those that are no operations are passed over.
func (t *Timeline) Add(f *finding.Finding) error {
	if f.Kind != finding.KindOperation {
		return nil
	}
	t.names = t.by.Of(t.names[:0], f)
	for _, name := range t.names {
		if err := t.add(f, name); err != nil {
			return err
		}
	}
	return nil
}

func (t *Timeline) add(f *finding.Finding, name string) error {
	key := f.Host + "\x00" + name
	s := t.open[key]
	if s == nil || f.Time != 0 && s.To != 0 && f.Time.Sub(s.To) > Pause {
		if len(t.all) == maxStretches {
			return ErrTooMany
		}
		s = &Stretch{
			By: t.by, Name: strings.Clone(name), Host: strings.Clone(f.Host), From: f.Time, To: f.Time, First: strings.Clone(f.ID),
			Path: strings.Clone(f.Path), Folder: strings.Clone(FolderOf(f)), Actions: map[finding.Action]uint64{}, Lowest: f.Certainty,
		}
		t.open[strings.Clone(key)] = s
		t.all = append(t.all, s)
	}
	s.Operations++
	files, size := filesOf(f)
	s.Files += files
	s.Bytes = sum(s.Bytes, size)
	s.Actions[f.Action]++
	s.To = max(s.To, f.Time, f.EndTime)
	s.Folder = commonFolder(s.Folder, FolderOf(f))
	s.Lowest = finding.Levels{
		Action: min(s.Lowest.Action, f.Certainty.Action), Actor: min(s.Lowest.Actor, f.Certainty.Actor),
		Responsible: min(s.Lowest.Responsible, f.Certainty.Responsible), Initiator: min(s.Lowest.Initiator, f.Certainty.Initiator),
	}
	// What rested long is never looked at again.
	if t.late = max(t.late, f.Time); len(t.open) > 1<<16 {
		for k, o := range t.open {
			if t.late.Sub(o.To) > Pause {
				delete(t.open, k)
			}
		}
	}
	return nil
}

// Stretches are in the order of their begin.
func (t *Timeline) Stretches() []*Stretch {
	slices.SortStableFunc(t.all, func(a, b *Stretch) int { return cmp.Compare(a.From, b.From) })
	return t.all
}

// commonFolder is the nearest folder that is, or holds, both.
func commonFolder(a, b string) string {
	if a == "" || b == "" {
		return ""
	}
	for a != b && a != "/" {
		if strings.HasPrefix(b, a) && (len(b) == len(a) || b[len(a)] == '/') {
			return a
		}
		i := strings.LastIndexByte(a, '/')
		if i <= 0 {
			return "/"
		}
		a = a[:i]
	}
	return a
}
