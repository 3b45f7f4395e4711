package operation

import (
	"slices"

	"ascribe.example/files"
)

// unite makes one batch of all that lie in a folder: it was made before them and settled after, for its times were set last.
// The batch that the others go to is given back.
func (r *Recognizer) unite(a *act, at int, folder string) *batch {
	for i := len(a.Batches) - 1; i > at; i-- {
		b, o := &a.Batches[at], &a.Batches[i]
		if o.For != b.For || o.Alone || o.Chain.Parts > 0 || o.More || len(o.Items) == 0 || b.Total+o.Total > MostItems ||
			!allUnder(o, folder) || !allUnder(b, folder) {
			continue
		}
		b.take(o)
		a.Batches = slices.Delete(a.Batches, i, i+1)
	}
	return &a.Batches[at]
}

func allUnder(b *batch, folder string) bool {
	for i := range b.Items {
		if !under(b.Items[i].Path, folder) {
			return false
		}
	}
	return true
}

// take takes in another batch.
func (b *batch) take(o *batch) {
	shift := int32(len(b.Items))
	if b.Text < keptText {
		b.Items = append(b.Items, o.Items[:min(len(o.Items), mostKept-len(b.Items))]...)
		b.Folders = append(b.Folders, o.Folders[:min(len(o.Folders), mostKept-len(b.Folders))]...)
		b.Text += o.Text
	}
	for ref, i := range o.Sources {
		if b.Sources == nil {
			b.Sources = make(map[files.Ref]int32)
		}
		if i >= 0 && int(i+shift) < len(b.Items) {
			i += shift
		} else {
			i = -1
		}
		b.Sources[ref] = i
	}
	for _, c := range o.Counts {
		b.Counts.add(c.Action, c.N)
	}
	b.Total += o.Total
	b.Gone += o.Gone
	b.Case.Merge(&o.Case)
	switch {
	case b.Made == nil:
		b.Made = o.Made
	case o.Made != nil:
		b.Made.Merge(o.Made)
	}
	b.Members.merge(&o.Members)
	b.Opened = min(b.Opened, o.Opened)
	b.stretch(&item{Began: o.Began, Last: o.Last})
}
