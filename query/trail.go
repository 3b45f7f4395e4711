package query

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Trail follows a file under all the names that it had. It goes over the findings twice: [Trail.Note] takes them first,
// [Trail.Follow] then finds the names, and [Trail.Has] tells which findings are about the file.
type Trail struct {
	path     string // as asked
	want     string // its key
	below    bool   // everything in the folder, too
	carriers []carrier
	full     bool
	from, to map[string][]int // carriers by key
	spans    []span
	byName   map[string][]int // spans by key
	seen     []*finding.Finding
}

// carrier is an operation that gave a file another name, or took its name away.
type carrier struct {
	at       es.Time
	id       string
	from, to string // as written; to is "" where the file is gone
	folder   bool   // what is in it goes along
	keeps    bool   // the old name stays: a hard link
}

// span is a name that the file had, after one carrier and until another.
type span struct {
	name   string
	key    string
	lo, hi int  // carriers; -1 since ever, len(carriers) for ever
	after  bool // lo took the name from another file: this one came later, unseen
}

// Limits of a trail.
const (
	maxCarriers = 1 << 20
	maxSpans    = 256
)

// NewTrail follows the file at path, given whole, as on the Mac. A slash at its end asks for everything in the folder.
func NewTrail(path string) (*Trail, error) {
	if !strings.HasPrefix(path, "/") {
		return nil, fmt.Errorf("%q is not a whole path: give it as on the Mac, from / on", path)
	}
	t := &Trail{path: path, below: len(path) > 1 && strings.HasSuffix(path, "/")}
	if t.below {
		path = strings.TrimRight(path, "/")
	}
	t.want = Fold(path)
	return t, nil
}

// Want is what the first round needs to see.
func (t *Trail) Want() Want { return Want{Kinds: SetOf(finding.KindOperation)} }

// Note takes a finding in the first round.
func (t *Trail) Note(f *finding.Finding) {
	if f.Kind != finding.KindOperation {
		return
	}
	folder := f.Object != nil && (f.Object.Type == finding.ObjectDirectory || f.Object.Type == finding.ObjectBundle) ||
		f.Source != nil && (f.Source.Type == finding.ObjectDirectory || f.Source.Type == finding.ObjectBundle)
	if f.Items == nil || folder {
		t.note(f, f.Action, f.SourcePath, f.Path, folder)
	}
	for i := range f.Items {
		it := &f.Items[i]
		action := it.Action
		if action == "" {
			action = f.Action
		}
		t.note(f, action, it.SourcePath, it.Path, false)
	}
}

func (t *Trail) note(f *finding.Finding, action finding.Action, source, path string, folder bool) {
	c := carrier{at: f.Time, id: f.ID, from: source, to: path, folder: folder}
	switch action {
	case finding.Rename, finding.Move, finding.Trash, finding.Restore:
	case finding.Link:
		c.keeps = true
	case finding.Delete, finding.EmptyTrash:
		c.from, c.to = path, ""
	default:
		return
	}
	if c.from == "" || c.from == c.to {
		return
	}
	if len(t.carriers) == maxCarriers {
		t.full = true
		return
	}
	c.id, c.from, c.to = strings.Clone(c.id), strings.Clone(c.from), strings.Clone(c.to)
	t.carriers = append(t.carriers, c)
}

// Full reports whether there were more renames than are followed: earlier or later names may be missing.
func (t *Trail) Full() bool { return t.full }

// Follow finds the names. It ends the first round.
func (t *Trail) Follow() {
	// At one time, whatever comes first, it is the same however the findings came.
	slices.SortStableFunc(t.carriers, func(a, b carrier) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id)) })
	t.spans = nil
	t.from, t.to, t.byName = map[string][]int{}, map[string][]int{}, map[string][]int{}
	for i := range t.carriers {
		c := &t.carriers[i]
		t.from[Fold(c.from)] = append(t.from[Fold(c.from)], i)
		if c.to != "" {
			t.to[Fold(c.to)] = append(t.to[Fold(c.to)], i)
		}
	}
	t.add(span{name: strings.TrimRight(t.path, "/"), key: t.want, lo: -1, hi: len(t.carriers)})
	for next := 0; next < len(t.spans); next++ {
		s := t.spans[next]
		for _, i := range t.through(t.from, s.key) {
			if c := &t.carriers[i]; s.lo < i && i <= s.hi && c.to != "" {
				name := c.to + s.name[min(len(c.from), len(s.name)):]
				t.add(span{name: name, key: Fold(name), lo: i, hi: t.until(Fold(name), i)})
			}
		}
		for _, i := range t.through(t.to, s.key) {
			if c := &t.carriers[i]; s.lo <= i && i < s.hi {
				name := c.from + s.name[min(len(c.to), len(s.name)):]
				before := span{name: name, key: Fold(name), hi: i}
				if c.keeps {
					before.hi = t.until(before.key, i)
				}
				before.lo, before.after = t.since(before.key, i)
				t.add(before)
			}
		}
	}
}

// through lists the carriers in index that carried the file of that key: by its own name, or along with a folder above it.
func (t *Trail) through(index map[string][]int, key string) []int {
	l := slices.Clone(index[key])
	for {
		i := strings.LastIndexByte(key, '/')
		if i <= 0 {
			return l
		}
		key = key[:i]
		for _, c := range index[key] {
			if t.carriers[c].folder {
				l = append(l, c)
			}
		}
	}
}

// until is the first carrier after i that took the name from its file: away, or by another put there.
func (t *Trail) until(key string, i int) int {
	end := len(t.carriers)
	for _, index := range []map[string][]int{t.from, t.to} {
		for _, c := range t.through(index, key) {
			if c > i && c < end && !t.carriers[c].keeps {
				end = c
			}
		}
	}
	return end
}

// since is the last carrier before i that brought this file under the name, or that took the name from another.
func (t *Trail) since(key string, i int) (begin int, after bool) {
	begin = -1
	for _, c := range t.through(t.from, key) {
		if c < i && c > begin && !t.carriers[c].keeps {
			begin, after = c, true
		}
	}
	for _, c := range t.through(t.to, key) {
		if c < i && c > begin {
			begin, after = c, false
		}
	}
	return begin, after
}

func (t *Trail) add(s span) {
	if len(t.spans) == maxSpans {
		t.full = true
		return
	}
	for _, i := range t.byName[s.key] {
		if o := t.spans[i]; o.lo <= s.lo && s.hi <= o.hi {
			return
		}
	}
	t.byName[s.key] = append(t.byName[s.key], len(t.spans))
	t.spans = append(t.spans, s)
}

// Name is a name that the file had. The times are 0 where it had it before, or after, all that is known.
type Name struct {
	Path     string
	From, To es.Time
}

// Names lists the file's names, the earliest first.
func (t *Trail) Names() []Name {
	spans := slices.Clone(t.spans)
	sort.SliceStable(spans, func(i, j int) bool { return spans[i].lo < spans[j].lo })
	var l []Name
	for _, s := range spans {
		n := Name{Path: s.name}
		if s.lo >= 0 {
			n.From = t.carriers[s.lo].at
		}
		if s.hi < len(t.carriers) {
			n.To = t.carriers[s.hi].at
		}
		l = append(l, n)
	}
	return l
}

// Has reports whether a finding is about the file, in the second round.
func (t *Trail) Has(f *finding.Finding) bool {
	if f.Kind != finding.KindOperation && f.Kind != finding.KindEvent {
		return false
	}
	if t.had(f.Path, f) || t.had(f.SourcePath, f) {
		return true
	}
	for i := range f.Items {
		if t.had(f.Items[i].Path, f) || t.had(f.Items[i].SourcePath, f) {
			return true
		}
	}
	return t.carriedAlong(f)
}

// had reports whether path was the file's name at some time of f.
func (t *Trail) had(path string, f *finding.Finding) bool {
	if path == "" {
		return false
	}
	key := Fold(path)
	if t.below && strings.HasPrefix(key, t.want+"/") {
		return true
	}
	for _, i := range t.byName[key] {
		if t.during(t.spans[i], f) {
			return true
		}
	}
	return false
}

func (t *Trail) during(s span, f *finding.Finding) bool {
	if s.lo >= 0 {
		lo, end := t.carriers[s.lo].at, max(f.EndTime, f.Time)
		if end < lo || end == lo && s.after {
			return false
		}
	}
	return s.hi >= len(t.carriers) || f.Time <= t.carriers[s.hi].at
}

// carriedAlong reports whether f gave a folder above the file another name, or took it away.
func (t *Trail) carriedAlong(f *finding.Finding) bool {
	var from string
	switch f.Action {
	case finding.Rename, finding.Move, finding.Trash, finding.Restore:
		from = f.SourcePath
	case finding.Delete, finding.EmptyTrash:
		from = f.Path
	}
	if from == "" || from == "/" || f.Object == nil || f.Object.Type != finding.ObjectDirectory && f.Object.Type != finding.ObjectBundle {
		return false
	}
	key := Fold(from) + "/"
	for _, s := range t.spans {
		if strings.HasPrefix(s.key, key) && t.during(s, f) {
			return true
		}
	}
	return false
}
