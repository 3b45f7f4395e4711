package engine

import (
	"bufio"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"ascribe.example/finding"
)

// stateVersion names the form of what Save writes. Another version's state is refused, never misread.
const stateVersion = "ascribe.state/4"

// ErrState is returned by [Restore] for what no Save of this version wrote.
var ErrState = errors.New("not a saved engine of this version")

// Save writes all of the engine's state, so that [Restore] goes on as if nothing had been between.
func (e *Engine) Save(w io.Writer) error {
	b := bufio.NewWriter(w)
	enc := gob.NewEncoder(b)
	if err := enc.Encode(stateVersion); err != nil {
		return fmt.Errorf("save engine: %w", err)
	}
	if err := enc.Encode(&e.state); err != nil {
		return fmt.Errorf("save engine: %w", err)
	}
	for _, part := range e.parts() {
		if err := part.Save(enc); err != nil {
			return fmt.Errorf("save engine: %w", err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("save engine: %w", err)
	}
	return nil
}

// part saves and restores itself.
type part interface {
	Save(*gob.Encoder) error
	Restore(*gob.Decoder) error
}

func (e *Engine) parts() []part {
	return []part{e.sequence, &e.retries, e.lineage, e.files, e.ops}
}

// Restore makes an engine of what [Engine.Save] wrote. Options and callback are given anew: they are not state.
func Restore(r io.Reader, o Options, emit func(*finding.Finding)) (*Engine, error) {
	e := New(o, emit)
	dec := gob.NewDecoder(bufio.NewReader(r))
	var version string
	if err := dec.Decode(&version); err != nil || version != stateVersion {
		return nil, fmt.Errorf("restore engine: %w", ErrState)
	}
	if err := dec.Decode(&e.state); err != nil {
		return nil, fmt.Errorf("restore engine: %w: %w", ErrState, err)
	}
	for _, part := range e.parts() {
		if err := part.Restore(dec); err != nil {
			return nil, fmt.Errorf("restore engine: %w: %w", ErrState, err)
		}
	}
	e.tellRecorded()
	return e, nil
}
