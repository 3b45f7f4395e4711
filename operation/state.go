package operation

import (
	"encoding/gob"
	"fmt"

	"ascribe.example/lineage"
)

// Save writes what is open; [Recognizer.Restore] reads it.
func (r *Recognizer) Save(w *gob.Encoder) error {
	if err := w.Encode(&r.state); err != nil {
		return fmt.Errorf("save open operations: %w", err)
	}
	return nil
}

// Restore fills a new recognizer from what [Recognizer.Save] wrote.
func (r *Recognizer) Restore(d *gob.Decoder) error {
	var s state
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("restore open operations: %w", err)
	}
	if len(s.Drafts) == 0 {
		s.Drafts = make([]draft, 1)
	}
	if s.Acts == nil {
		s.Acts = make(map[lineage.LifeID]*act)
	}
	r.state = s
	clear(r.byFile)
	clear(r.unlinks)
	clear(r.parts)
	for _, a := range r.Acts {
		for _, h := range a.Open {
			if life := r.Drafts[h].Part; life != 0 {
				r.parts[life] = append(r.parts[life], h)
			}
		}
	}
	for h := range r.Drafts {
		if x := &r.Drafts[h]; x.Live && x.File != 0 && x.Form == formUnlink {
			if o := r.unlinks[x.File]; o == 0 || r.Drafts[o].Began.Clock <= x.Began.Clock {
				r.unlinks[x.File] = int32(h) // of several names the last that went
			}
		}
		if x := &r.Drafts[h]; x.Live && x.File != 0 && holdsFile(x.Form) {
			r.byFile[x.File] = int32(h)
		}
	}
	return nil
}

// holdsFile reports whether drafts of the form are found by their file.
func holdsFile(f form) bool { return f == formContent || f == formFolder }
