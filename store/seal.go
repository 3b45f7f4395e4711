package store

// sealing is a segment that is full, and is sealed while the next one is written to.
type sealing struct {
	seg  *segment
	ids  map[key]held
	done chan error
}

// holds reports whether an id is in the segment; none holds nothing.
func (s *sealing) holds(k *key) bool {
	if s == nil {
		return false
	}
	_, ok := s.ids[*k]
	return ok
}

// roll begins another segment, and to seal the one that was open.
func (w *Writer) roll() error {
	if err := w.settle(); err != nil {
		return err
	}
	if err := w.awaitSeal(); err != nil {
		return err
	}
	s := &sealing{seg: w.seg, ids: w.ids, done: make(chan error, 1)}
	if err := w.open(w.ctx); err != nil {
		return err
	}
	w.before = s
	f := filterOf(s.ids)
	s.seg.filter = f
	own := *s.seg
	go func() { s.done <- w.s.b.seal(w.ctx, &own, f) }()
	return nil
}

// awaitSeal waits for the segment that is being sealed.
func (w *Writer) awaitSeal() error {
	s := w.before
	if s == nil {
		return nil
	}
	w.before = nil
	if err := <-s.done; err != nil {
		return err
	}
	s.seg.sealed = true
	w.sealed = append(w.sealed, s.seg)
	return nil
}

// sealNow seals the open segment, if there is one.
func (w *Writer) sealNow() error {
	if w.seg == nil {
		return nil
	}
	if err := w.settle(); err != nil {
		return err
	}
	f := filterOf(w.ids)
	if err := w.s.b.seal(w.ctx, w.seg, f); err != nil {
		return err
	}
	w.seg.filter, w.seg.sealed = f, true
	w.sealed = append(w.sealed, w.seg)
	return nil
}

func filterOf(ids map[key]held) filter {
	f := newFilter(len(ids))
	for k := range ids {
		f.add(&k)
	}
	return f
}
