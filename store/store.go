package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Errors that callers may test for. What is wrapped says what was attempted, on what, and what to do.
var (
	// ErrNotStore: the folder, or the schema, holds something, but no store.
	ErrNotStore = errors.New("it is no store")
	// ErrNewer: a later version of ascribe wrote it.
	ErrNewer = errors.New("it was written by a later ascribe")
	// ErrBusy: another writer is at work.
	ErrBusy = errors.New("another ascribe is writing to it")
	// ErrFull: there is no space left.
	ErrFull = errors.New("no space is left")
	// ErrReadOnly: it cannot be written to.
	ErrReadOnly = errors.New("it can only be read")
	// ErrDamaged: what is read is not what was written.
	ErrDamaged = errors.New("it is damaged")
)

// Options say how a store is opened.
type Options struct {
	// Create makes the store where there is none; else that is an error.
	Create bool
	// SegmentFindings is how many findings a segment holds; 0 is 500,000.
	SegmentFindings int64

	maxPages int // of a segment's file: for tests of a full disk
}

// Store is findings at rest. It may be read by several goroutines, also while one writes.
type Store struct {
	name string // without a password
	o    Options
	b    backend

	mu       sync.Mutex
	segments []*segment
}

// backend is a database.
type backend interface {
	// list gives the segments that are there now, in order; those of before as they were given before.
	list(ctx context.Context, before []*segment) ([]*segment, error)
	// lock makes this the one writer; tidy then removes what a killed one left.
	lock(ctx context.Context) (unlock func() error, err error)
	tidy(ctx context.Context) error

	create(ctx context.Context) (*segment, error)
	write(ctx context.Context, s *segment, b *batch) error
	replace(ctx context.Context, s *segment, b *batch) error
	seal(ctx context.Context, s *segment, f filter) error
	filter(ctx context.Context, s *segment) (filter, error)
	drop(ctx context.Context, s *segment) error
	// draft makes an empty segment to take the place of s; swap seals it and puts it there.
	draft(ctx context.Context, s *segment) (*segment, error)
	swap(ctx context.Context, s, draft *segment, f filter, keepOld bool) error
	// setAside takes a segment away of which nothing can be read.
	setAside(ctx context.Context, s *segment) error
	// verify lets the database look for damage of its own structures.
	verify(ctx context.Context, s *segment) ([]string, error)

	bookmarks(ctx context.Context) (map[string][]byte, error)
	size(ctx context.Context, s *segment) (int64, error)
	explain(err error) error
	close(l []*segment) error
}

// defaultSegment is how many findings a segment holds: the writer keeps their ids in memory.
const defaultSegment = 500_000

// IsURL reports whether the name of a store is that of a database, not of a folder.
func IsURL(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// Open opens a store: a folder, or a postgres:// URL.
func Open(ctx context.Context, name string, o Options) (*Store, error) {
	if o.SegmentFindings <= 0 {
		o.SegmentFindings = defaultSegment
	}
	s := &Store{name: name, o: o}
	var err error
	if IsURL(name) {
		s.name = withoutPassword(name)
		s.b, err = openPostgres(ctx, name, o)
	} else {
		s.b, err = openSQLite(ctx, name, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", s.name, err)
	}
	if _, err := s.refresh(ctx); err != nil {
		err = s.explain("open", err)
		return nil, errors.Join(err, s.b.close(nil))
	}
	return s, nil
}

// Name is the name by which the store was opened, without a password.
func (s *Store) Name() string { return s.name }

// Close closes it. A writer must have been closed before.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.segments
	s.segments = nil
	return s.b.close(l)
}

// explain says what was attempted on this store, and what to do.
func (s *Store) explain(attempt string, err error) error {
	return fmt.Errorf("%s the store %s: %w", attempt, s.name, s.b.explain(err))
}

// refresh sees which segments there are now.
func (s *Store) refresh(ctx context.Context) ([]*segment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.b.list(ctx, s.segments)
	if err != nil {
		return nil, err
	}
	s.segments = l
	return l, nil
}

// Bookmark is how far a source was read, as the last [Writer.Bookmark] for it said; nil nothing is known.
func (s *Store) Bookmark(ctx context.Context, source string) ([]byte, error) {
	l, err := s.b.bookmarks(ctx)
	if err != nil {
		return nil, s.explain("read", err)
	}
	return l[source], nil
}
