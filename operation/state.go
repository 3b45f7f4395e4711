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
	if err := w.Encode(r.drafts.save()); err != nil {
		return fmt.Errorf("save drafts: %w", err)
	}
	return nil
}

// Restore fills a new recognizer from what [Recognizer.Save] wrote.
func (r *Recognizer) Restore(d *gob.Decoder) error {
	var s state
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("restore open operations: %w", err)
	}
	var open savedDrafts
	if err := d.Decode(&open); err != nil {
		return fmt.Errorf("restore drafts: %w", err)
	}
	if s.Acts == nil {
		s.Acts = make(map[lineage.LifeID]*act)
	}
	r.state = s
	r.drafts.restore(open)
	clear(r.byFile)
	clear(r.unlinks)
	clear(r.parts)
	for _, a := range r.Acts {
		for _, h := range a.Open {
			if life := r.drafts.at(h).Part; life != 0 {
				r.parts[life] = append(r.parts[life], h)
			}
		}
	}
	r.drafts.all(func(h int32, x *draft) {
		switch {
		case x.File == 0:
		case x.Form == formUnlink:
			if o := r.unlinks[x.File]; o == 0 || r.drafts.at(o).Began.Clock <= x.Began.Clock {
				r.unlinks[x.File] = h // of several names the last that went
			}
		case holdsFile(x.Form):
			r.byFile[x.File] = h
		}
	})
	return nil
}

// holdsFile reports whether drafts of the form are found by their file.
func holdsFile(f form) bool { return f == formContent || f == formFolder }
