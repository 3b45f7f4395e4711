package text

import (
	"path"
	"strconv"

	"ascribe.example/finding"
)

// what says what an operation did: the verb, the paths, what matters about them, and how sure that is. short writes paths as
// in the home of whoever is behind it.
func what(f *finding.Finding, short bool) paragraph {
	var p paragraph
	verb, shape := verbOf(f)
	mixed := len(itemCounts(f)) > 1
	if mixed {
		verb = "changed"
	}
	switch {
	case f.Action == finding.EmptyTrash:
		p.say(plain, verb)
	case f.Items != nil && f.Method == finding.ByDirectory && !mixed:
		p.say(plain, "created "+plural(f.ItemsTotal, "folder"))
	default:
		p.say(plain, verb)
		if f.Items != nil {
			p.say(plain, plural(f.ItemsTotal, "file"))
		}
	}
	to, from := f.Path, f.SourcePath
	if short {
		to, from = home(f, to), home(f, from)
	}
	switch {
	case from == "" && to == "":
		p.say(plain, "(no path known)")
	case f.Action == finding.EmptyTrash:
		p.name(plain, to)
		if len(f.Items) > itemsShown || f.ItemsTotal > uint64(len(f.Items)) {
			p.attach(plain, ",")
			p.say(plain, plural(f.ItemsTotal, "file"))
		}
	case shape == ofSource && from != "":
		p.path(f.Items != nil, "from", from)
	case from == "" || shape == ofPath || mixed:
		p.path(f.Items != nil, "in", to)
	case f.Items != nil:
		p.path(true, "from", from)
		p.path(true, "to", to)
	case shape == fromSource:
		p.name(plain, to)
		p.path(true, "from", from)
	case f.Action == finding.Rename && path.Dir(f.Path) == path.Dir(f.SourcePath):
		p.name(plain, from)
		p.target(path.Base(f.Path))
	default:
		p.name(plain, from)
		p.target(to)
	}
	for _, n := range notes(f) {
		p.attach(plain, ",")
		p.say(plain, n)
	}
	if q := items(f); q != nil {
		p.attach(plain, ":")
		p = append(p, q...)
	}
	p.level(f.Certainty.Action)
	return p
}

func (p *paragraph) path(preposition bool, which, name string) {
	if preposition {
		p.say(plain, which)
	}
	p.name(plain, name)
}

// target adds where something went, behind an arrow.
func (p *paragraph) target(name string) {
	*p = append(*p, word{{"→ " + shorten(Visible(name)), plain}})
}

// shape says which paths a verb takes.
type shape uint8

const (
	sourceToPath shape = iota // copied A → B
	ofPath                    // saved B
	ofSource                  // trashed A
	fromSource                // extracted B from A
)

func verbOf(f *finding.Finding) (string, shape) {
	switch f.Action {
	case finding.Copy:
		return "copied", sourceToPath
	case finding.Move:
		return "moved", sourceToPath
	case finding.Rename:
		return "renamed", sourceToPath
	case finding.Save:
		return "saved", ofPath
	case finding.Write:
		return "changed", ofPath
	case finding.Create:
		switch f.Method {
		case finding.ByDirectory:
			return "created the folder", ofPath
		case finding.BySymlink:
			return "created the symbolic link", ofPath
		}
		return "created", ofPath
	case finding.Trash:
		return "trashed", ofSource
	case finding.Restore:
		return "put back", ofPath
	case finding.EmptyTrash:
		return "emptied", ofPath
	case finding.Delete:
		return "deleted", ofPath
	case finding.Download:
		return "downloaded", ofPath
	case finding.Extract:
		return "extracted", fromSource
	case finding.Archive:
		return "archived", sourceToPath
	case finding.Receive:
		return "received", ofPath
	case finding.Sync:
		return "synced", ofPath
	case finding.Install:
		return "installed", ofPath
	case finding.Mount:
		return "mounted", ofPath
	case finding.Unmount:
		return "unmounted", ofPath
	case finding.Link:
		return "linked", sourceToPath
	case finding.Protect:
		switch f.Method {
		case finding.ByMode:
			return "changed the mode of", ofPath
		case finding.ByOwner:
			return "changed the owner of", ofPath
		case finding.ByACL:
			return "changed the access list of", ofPath
		case finding.ByFlags:
			return "changed the flags of", ofPath
		}
		return "changed the rights of", ofPath
	case finding.Unquarantine:
		return "lifted the quarantine of", ofPath
	case finding.Read:
		return "read", ofPath
	case finding.Send:
		return "sent", ofPath
	}
	return Visible(string(f.Action)), sourceToPath
}

// notes are what matters beside the paths: where the volumes are, what was overwritten, how much it was.
func notes(f *finding.Finding) []string {
	var l []string
	to, from := volume(f.Object), volume(f.Source)
	switch {
	case to != "" && f.Source != nil && !sameVolume(f.Object, f.Source):
		l = append(l, "to "+to)
	case to != "":
		l = append(l, "on "+to)
	case from != "":
		l = append(l, "from "+from)
	}
	switch f.Action {
	case finding.Copy, finding.Download, finding.Receive, finding.Archive, finding.Send:
		if f.Object != nil && f.Object.Size > 0 && f.Items == nil {
			l = append(l, bytesOf(f.Object.Size))
		}
	}
	if r := f.Replaced; r != nil && f.Action != finding.Save { // a save replaces its own older version
		kind := "file"
		switch r.Type {
		case finding.ObjectDirectory:
			kind = "folder"
		case finding.ObjectBundle:
			kind = "document"
		}
		n := "replacing another " + kind
		if r.Size > 0 {
			n += " of " + bytesOf(r.Size)
		}
		l = append(l, n)
	}
	if f.Continues != "" {
		l = append(l, "continued")
	}
	if f.ContinuedBy != "" {
		l = append(l, "to be continued")
	}
	return l
}

func volume(o *finding.Object) string {
	if o == nil || o.Volume == nil {
		return ""
	}
	switch o.Volume.Kind {
	case finding.VolumeExternal:
		return "an external volume"
	case finding.VolumeNetwork:
		return "a network volume"
	case finding.VolumeImage:
		return "a disk image"
	case finding.VolumeVirtual:
		return "a virtual volume"
	}
	return ""
}

// sameVolume reports whether two files are known to lie on one volume.
func sameVolume(a, b *finding.Object) bool {
	return a.Volume != nil && b.Volume != nil && a.Volume.Mount == b.Volume.Mount
}

// itemsShown is how many files a batch may have for them to be named.
const itemsShown = 3

// itemCounts says how many of a batch's files had what done to them.
func itemCounts(f *finding.Finding) map[finding.Action]uint64 {
	if f.Items == nil {
		return nil
	}
	counts := map[finding.Action]uint64{}
	for i := range f.Items {
		a := f.Items[i].Action
		if a == "" {
			a = f.Action
		}
		counts[a]++
	}
	return counts
}

// items names the files of a small batch, and counts what was done to those of a mixed one.
func items(f *finding.Finding) paragraph {
	var p paragraph
	if counts := itemCounts(f); len(counts) > 1 {
		for _, a := range finding.Actions {
			if counts[a] == 0 {
				continue
			}
			if p != nil {
				p.attach(plain, ",")
			}
			verb, _ := verbOf(&finding.Finding{Action: a})
			p.say(plain, count(counts[a])+" "+verb)
		}
		if f.ItemsTotal > uint64(len(f.Items)) {
			p.say(plain, "of the first "+count(uint64(len(f.Items))))
		}
		return p
	}
	if len(f.Items) > itemsShown || f.ItemsTotal > uint64(len(f.Items)) {
		return nil
	}
	for i := range f.Items {
		if i > 0 {
			p.attach(plain, ",")
		}
		p.name(plain, path.Base(f.Items[i].Path))
	}
	return p
}

func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}

// count writes a number with its thousands apart.
func count(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// bytesOf writes a size as Finder does: in powers of 1000.
func bytesOf(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + glue + "bytes"
	}
	f := float64(n)
	for _, unit := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if f /= 1000; f < 999.5 || unit == "PB" {
			digits := 1
			if f >= 10 {
				digits = 0
			}
			return strconv.FormatFloat(f, 'f', digits, 64) + glue + unit
		}
	}
	return ""
}
