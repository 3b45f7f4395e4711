package main

import (
	"context"
	"errors"
	"time"

	"ascribe.example/finding"
	"ascribe.example/store"
)

// commitEvery is how long a live finding may wait until it is in the store for good.
const commitEvery = 2 * time.Second

// keeper puts live findings into a store, as they come. It knows what it has: a finding that comes once more is there once.
type keeper struct {
	s         *store.Store
	w         *store.Writer
	committed time.Time
}

// keep opens a store for a live run; "" is none, and a nil keeper takes everything and keeps nothing.
func keep(ctx context.Context, name string) (*keeper, error) {
	if name == "" {
		return nil, nil
	}
	s, err := store.Open(ctx, name, store.Options{Create: true})
	if err != nil {
		return nil, err
	}
	w, err := s.Writer(ctx)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &keeper{s: s, w: w, committed: time.Now()}, nil
}

func (k *keeper) add(f *finding.Finding) error {
	if k == nil {
		return nil
	}
	return k.w.Add(f)
}

// commit makes what was added safe.
func (k *keeper) commit() error {
	if k == nil {
		return nil
	}
	k.committed = time.Now()
	return k.w.Commit()
}

// idle commits, now and then.
func (k *keeper) idle() error {
	if k == nil || time.Since(k.committed) < commitEvery {
		return nil
	}
	return k.commit()
}

func (k *keeper) close() error {
	if k == nil {
		return nil
	}
	return errors.Join(k.w.Close(), k.s.Close())
}
