package query

import (
	"cmp"
	"slices"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Effect is what became of a file, from before the first finding to after the last.
type Effect string

// The effects.
const (
	Created  Effect = "created"
	Changed  Effect = "changed" // its content
	Renamed  Effect = "renamed" // or moved; its content may have changed, too
	Modified Effect = "rights"  // its mode, owner, access list, flags or quarantine, and nothing else
	Trashed  Effect = "trashed" // it is in a Trash
	Deleted  Effect = "deleted"
)

// Effects are all of them, in the order in which they are told.
var Effects = []Effect{Created, Changed, Renamed, Modified, Trashed, Deleted}

// Change is the net effect on one file.
type Change struct {
	Effect  Effect
	Path    string // its name at the end; of what is deleted, the last it had before
	Was     string // the name it had at the beginning; "" it was not there, or is Path
	Type    finding.ObjectType
	Host    string
	Changed bool // its content changed, too: of renamed and trashed
	Over    bool // it took the place of another file that was there before
	Times   uint64
	Last    es.Time
	By      string // id of the last operation on it
	Lowest  finding.Certainty
}

// Diff is the net effect of operations, which must be added in the order of their time.
type Diff struct {
	files map[string]*entry // by host and key of the present name
	gone  map[string]*entry // deleted, and there before, by host and key of the first name
	order int

	CameAndWent uint64 // files that were created and are gone
	Back        uint64 // files whose names, after all, are as they were, and whose content did not change
	Unnamed     uint64 // files of batches, which findings count but do not name
	Unplaced    uint64 // operations that name no file
	Operations  uint64
}

// entry is a file on its way.
type entry struct {
	Change
	path     string // now
	was      string // "" it was not there
	content  bool
	rights   bool
	inTrash  bool
	folder   bool
	order    int
	replaced bool
}

// maxEntries bounds how many files are followed.
const maxEntries = 1 << 20

// NewDiff is no change.
func NewDiff() *Diff { return &Diff{files: map[string]*entry{}, gone: map[string]*entry{}} }

// Add takes a finding; those that are no operations are passed over.
func (d *Diff) Add(f *finding.Finding) error {
	if f.Kind != finding.KindOperation {
		return nil
	}
	switch f.Action {
	case finding.Mount, finding.Unmount, finding.Read, finding.Send:
		return nil
	}
	d.Operations++
	if f.Items == nil || folderOf(f) {
		if f.Path == "" && f.SourcePath == "" {
			d.Unplaced++
			return nil
		}
		d.apply(f, f.Action, f.SourcePath, f.Path, f.Object, f.Replaced != nil)
	}
	for i := range f.Items {
		it := &f.Items[i]
		d.apply(f, cmp.Or(it.Action, f.Action), it.SourcePath, it.Path, it.Object, false)
	}
	if n := uint64(len(f.Items)); f.Items != nil && f.ItemsTotal > n {
		d.Unnamed += f.ItemsTotal - n
	}
	if len(d.files)+len(d.gone) > maxEntries {
		return ErrTooMany
	}
	return nil
}

// overwrites are the ways in which only what was there before is changed.
var overwrites = map[finding.Method]bool{finding.ByInPlace: true, finding.ByMMap: true, finding.BySwap: true, finding.ByBackup: true}

// folderOf reports whether a batch is about a folder as a whole: it was renamed, trashed or deleted with all that is in it.
func folderOf(f *finding.Finding) bool {
	switch f.Action {
	case finding.Rename, finding.Move, finding.Trash, finding.Restore, finding.Delete:
		return f.Items != nil && (isFolder(f.Object) || isFolder(f.Source))
	}
	return false
}

func isFolder(o *finding.Object) bool {
	return o != nil && (o.Type == finding.ObjectDirectory || o.Type == finding.ObjectBundle)
}

func (d *Diff) apply(f *finding.Finding, action finding.Action, source, path string, o *finding.Object, replaced bool) {
	var e *entry
	switch action {
	case finding.Rename, finding.Move, finding.Trash, finding.Restore:
		if source == "" || path == "" {
			e = d.at(f, cmp.Or(path, source))
			break
		}
		e = d.rename(f, source, path, replaced, isFolder(o))
		e.inTrash = action == finding.Trash
	case finding.Delete, finding.EmptyTrash:
		d.remove(f, cmp.Or(path, source), isFolder(o))
		return
	case finding.Protect, finding.Unquarantine:
		e = d.at(f, path)
		e.rights = true
	case finding.Write:
		e = d.at(f, path)
		e.content = true
	default: // it was made, or made anew
		known := d.files[d.key(f, path)] != nil
		e = d.at(f, path)
		switch {
		case known, replaced, action == finding.Save && f.Items != nil, overwrites[f.Method]:
			e.content = true
			e.replaced = e.replaced || replaced && action != finding.Save // a save replaces its own older version
		case d.wasThere(f, path):
			e.content = true
		default:
			e.was = ""
		}
	}
	d.touch(e, f, o)
}

func (d *Diff) touch(e *entry, f *finding.Finding, o *finding.Object) {
	if e.Times == 0 || f.Certainty.Action < e.Lowest {
		e.Lowest = f.Certainty.Action
	}
	e.Times++
	e.Last = max(f.Time, f.EndTime)
	e.By = strings.Clone(f.ID)
	if o != nil && o.Type != "" {
		e.Type = o.Type
	}
}

func (d *Diff) key(f *finding.Finding, path string) string { return f.Host + "\x00" + Fold(path) }

// at is the file of that name; what was not seen yet was there before.
func (d *Diff) at(f *finding.Finding, path string) *entry {
	key := d.key(f, path)
	e := d.files[key]
	if e == nil {
		path = strings.Clone(path)
		d.order++
		e = &entry{path: path, was: path, order: d.order}
		e.Host = strings.Clone(f.Host)
		d.files[key] = e
	}
	return e
}

// wasThere takes back a file of that name that was there before and was deleted since: made anew, it is a changed file.
func (d *Diff) wasThere(f *finding.Finding, path string) bool {
	key := d.key(f, path)
	_, was := d.gone[key]
	delete(d.gone, key)
	return was
}

// lose notes that a file that was there before is gone.
func (d *Diff) lose(f *finding.Finding, e *entry) { d.gone[d.key(f, e.was)] = e }

func (d *Diff) rename(f *finding.Finding, source, path string, replaced, folder bool) *entry {
	e := d.at(f, source)
	if folder {
		e.folder = true
		d.carry(f, source, path)
	}
	delete(d.files, d.key(f, source))
	key := d.key(f, path)
	if o := d.files[key]; o != nil && o != e {
		if o.was == "" {
			d.CameAndWent++ // what was made here is overwritten
		} else {
			e.replaced = true
			if Fold(o.was) != Fold(o.path) { // its name now is another's
				d.lose(f, o)
			}
		}
	} else if replaced {
		e.replaced = true
	}
	e.path = strings.Clone(path)
	d.files[key] = e
	return e
}

// carry gives what is known below a folder its new name.
func (d *Diff) carry(f *finding.Finding, source, path string) {
	below := d.below(f, source)
	for _, e := range below {
		delete(d.files, d.key(f, e.path))
	}
	for _, e := range below {
		e.path = path + e.path[min(len(source), len(e.path)):]
		d.files[d.key(f, e.path)] = e
		if e.was != "" { // it went along, and is no change of its own
			if at := strings.TrimPrefix(e.was, source); len(at) < len(e.was) {
				e.was = path + at
			}
		}
	}
}

func (d *Diff) below(f *finding.Finding, folder string) []*entry {
	var l []*entry
	for _, e := range d.files {
		if e.Host == f.Host && Under(e.path, folder) {
			l = append(l, e)
		}
	}
	slices.SortFunc(l, func(a, b *entry) int { return a.order - b.order })
	return l
}

func (d *Diff) remove(f *finding.Finding, path string, folder bool) {
	if path == "" {
		d.Unplaced++
		return
	}
	if folder {
		for _, e := range d.below(f, path) {
			d.drop(f, e)
		}
	}
	e := d.at(f, path)
	d.touch(e, f, nil)
	if folder {
		e.Type = finding.ObjectDirectory
	}
	d.drop(f, e)
}

func (d *Diff) drop(f *finding.Finding, e *entry) {
	delete(d.files, d.key(f, e.path))
	if e.was == "" {
		d.CameAndWent++
		return
	}
	d.lose(f, e)
}

// Changes are the net effects, in the order of Effects, then of paths. They end the diff.
func (d *Diff) Changes() []*Change {
	var l []*Change
	for _, e := range d.files {
		c := &e.Change
		c.Path, c.Changed, c.Over = e.path, e.content, e.replaced
		moved := e.was != "" && e.was != e.path
		switch {
		case e.inTrash:
			c.Effect, c.Was = Trashed, e.was
		case e.was == "":
			c.Effect = Created
		case moved:
			c.Effect, c.Was = Renamed, e.was
		case e.content:
			c.Effect = Changed
		case e.rights:
			c.Effect = Modified
		default:
			d.Back++
			continue
		}
		l = append(l, c)
	}
	for _, e := range d.gone {
		c := &e.Change
		c.Effect, c.Path, c.Was = Deleted, e.was, ""
		l = append(l, c)
	}
	slices.SortFunc(l, func(a, b *Change) int {
		return cmp.Or(slices.Index(Effects, a.Effect)-slices.Index(Effects, b.Effect), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Last, b.Last))
	})
	return l
}
