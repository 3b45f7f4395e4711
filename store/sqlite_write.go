package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sqliteWriter is a segment's file, open for writing on one connection.
type sqliteWriter struct {
	db    *sql.DB
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// manyRows is how many rows one INSERT writes: it takes a fifth off the time of single ones.
const manyRows = 32

// writer opens a segment's file for writing, or gives the one that is open.
func (b *sqliteStore) writer(ctx context.Context, path string) (*sqliteWriter, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if w := b.writers[path]; w != nil {
		return w, nil
	}
	pragmas := []string{"synchronous(full)", "cache_size(-16000)", "temp_store(1)", "journal_size_limit(67108864)"}
	if b.o.maxPages > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", b.o.maxPages))
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, pragmas...)+"&mode=rw")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	w := &sqliteWriter{db: db, conn: conn, stmts: map[string]*sql.Stmt{}}
	b.writers[path] = w
	return w, nil
}

func (w *sqliteWriter) close() error {
	for _, st := range w.stmts {
		_ = st.Close()
	}
	return errors.Join(w.conn.Close(), w.db.Close())
}

func (b *sqliteStore) closeWriters() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for path, w := range b.writers {
		delete(b.writers, path)
		errs = append(errs, w.close())
	}
	return errors.Join(errs...)
}

func (b *sqliteStore) closeWriter(path string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.writers[path]
	if w == nil {
		return nil
	}
	delete(b.writers, path)
	return w.close()
}

func (w *sqliteWriter) exec(ctx context.Context, sql string, args ...any) error {
	_, err := w.conn.ExecContext(ctx, sql, args...)
	return err
}

// transaction does all of it, or nothing.
func (w *sqliteWriter) transaction(ctx context.Context, do func() error) error {
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = w.exec(ctx, "COMMIT")
	}
	if err != nil {
		_ = w.exec(ctx, "ROLLBACK") // which a full disk may have done already
	}
	return err
}

func (w *sqliteWriter) stmt(ctx context.Context, sql string) (*sql.Stmt, error) {
	if st := w.stmts[sql]; st != nil {
		return st, nil
	}
	st, err := w.conn.PrepareContext(ctx, sql)
	if err == nil {
		w.stmts[sql] = st
	}
	return st, err
}

// insert writes n rows.
func (w *sqliteWriter) insert(ctx context.Context, table string, columns []string, n int, values func(dst []any, i int) []any) error {
	args := make([]any, 0, manyRows*len(columns))
	for i := 0; i < n; {
		rows := 1
		if n-i >= manyRows {
			rows = manyRows
		}
		one := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
		st, err := w.stmt(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ",")+") VALUES "+one+strings.Repeat(","+one, rows-1)) //nolint:sqlclosecheck // closed with the writer
		if err != nil {
			return err
		}
		args = args[:0]
		for range rows {
			args = values(args, i)
			i++
		}
		if _, err := st.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

var (
	wordColumnNames = []string{"id", "kind", "text", "value", "fold"}
	itemColumnNames = []string{"path", "seq"}
)

func (b *sqliteStore) write(ctx context.Context, s *segment, t *batch) error {
	w, err := b.writer(ctx, s.path)
	if err != nil {
		return err
	}
	return w.transaction(ctx, func() error { return w.rows(ctx, t) })
}

func (w *sqliteWriter) rows(ctx context.Context, t *batch) error {
	err := w.insert(ctx, "word", wordColumnNames, len(t.words), func(dst []any, i int) []any {
		e := &t.words[i]
		text, value, fold := e.columns()
		return append(dst, int64(e.id), int64(e.kind), text, value, fold)
	})
	if err == nil {
		err = w.insert(ctx, "finding", recordColumns, len(t.records), func(dst []any, i int) []any { return t.records[i].values(dst) })
	}
	if err == nil {
		err = w.insert(ctx, "item", itemColumnNames, len(t.items), func(dst []any, i int) []any {
			return append(dst, int64(t.items[i].path), t.items[i].seq)
		})
	}
	for source, position := range t.bookmarks {
		if err == nil {
			err = w.exec(ctx, "INSERT INTO bookmark VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET position = excluded.position", source, position)
		}
	}
	if err == nil && t.findings > 0 {
		err = w.exec(ctx, "UPDATE meta SET value = CASE key WHEN 'findings' THEN ? WHEN 'from' THEN ? ELSE ? END WHERE key IN ('findings', 'from', 'to')",
			t.findings, int64(t.from), int64(t.to))
	}
	return err
}

func (b *sqliteStore) replace(ctx context.Context, s *segment, t *batch) error {
	w, err := b.writer(ctx, s.path)
	if err != nil {
		return err
	}
	err = w.transaction(ctx, func() error {
		for i := range t.records {
			seq := t.records[i].seq
			if err := errors.Join(
				w.exec(ctx, "DELETE FROM item WHERE seq = ?", seq),
				w.exec(ctx, "DELETE FROM finding WHERE seq = ?", seq),
			); err != nil {
				return err
			}
		}
		return w.rows(ctx, t)
	})
	if s.sealed {
		err = errors.Join(err, b.closeWriter(s.path))
	}
	return err
}

func (b *sqliteStore) create(ctx context.Context) (*segment, error) {
	l, err := b.list(ctx, nil)
	if err != nil {
		return nil, err
	}
	number, marks := 1, map[string][]byte(nil)
	if len(l) > 0 {
		number = l[len(l)-1].number + 1
		if marks, err = lastMarks(ctx, l); err != nil {
			return nil, errors.Join(err, closeAll(l))
		}
	}
	if err := closeAll(l); err != nil {
		return nil, err
	}
	path := b.file(number)
	if err := b.make(ctx, path+draftSuffix, marks); err != nil {
		return nil, err
	}
	if err := os.Rename(path+draftSuffix, path); err != nil {
		return nil, err
	}
	if err := syncDir(b.dir); err != nil {
		return nil, err
	}
	return b.look(ctx, number, path, nil)
}

// make makes the file of a segment that holds nothing but bookmarks.
func (b *sqliteStore) make(ctx context.Context, path string, marks map[string][]byte) error {
	for _, end := range sqliteFiles {
		_ = os.Remove(path + end)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite gives its other files the same mode
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	w, err := b.writer(ctx, path)
	if err != nil {
		return err
	}
	for _, q := range []string{
		"PRAGMA application_id = " + strconv.Itoa(applicationID),
		"PRAGMA journal_mode = WAL",
	} {
		if err := w.exec(ctx, q); err != nil {
			return errors.Join(err, b.closeWriter(path))
		}
	}
	err = w.transaction(ctx, func() error {
		if err := w.exec(ctx, sqliteTables); err != nil {
			return err
		}
		for _, m := range migrations {
			if err := w.exec(ctx, m.sqlite); err != nil {
				return err
			}
		}
		if err := w.exec(ctx, "PRAGMA user_version = "+strconv.Itoa(schemaVersion())); err != nil {
			return err
		}
		return w.rows(ctx, &batch{bookmarks: marks})
	})
	return errors.Join(err, b.closeWriter(path)) // which empties its log
}

func (b *sqliteStore) seal(ctx context.Context, s *segment, f filter) error {
	w, err := b.writer(ctx, s.path)
	if err != nil {
		return err
	}
	err = w.transaction(ctx, func() error {
		return errors.Join(
			w.exec(ctx, sqliteIndexes),
			w.exec(ctx, "UPDATE meta SET value = 1 WHERE key = 'sealed'"),
			w.exec(ctx, "INSERT OR REPLACE INTO meta VALUES ('filter', ?)", []byte(f)),
		)
	})
	if err != nil {
		return err
	}
	_ = w.exec(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	_ = w.exec(ctx, "PRAGMA journal_mode = DELETE") // not while somebody reads; then tidy does it later
	return b.closeWriter(s.path)
}

// tidy removes drafts, brings segments to this version, and gives sealed ones a form that needs no log.
func (b *sqliteStore) tidy(ctx context.Context) error {
	found, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, f := range found {
		for _, end := range sqliteFiles {
			if strings.HasSuffix(f.Name(), draftSuffix+end) {
				if err := os.Remove(filepath.Join(b.dir, f.Name())); err != nil {
					return err
				}
			}
		}
	}
	l, err := b.list(ctx, nil)
	if err != nil {
		return err
	}
	for _, s := range l {
		if s.broken != nil {
			continue
		}
		var (
			version int
			journal string
		)
		err := errors.Join(
			s.db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version),
			s.db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal),
			s.db.Close(),
		)
		if err != nil {
			return err
		}
		if version == schemaVersion() && (journal != "wal" || !s.sealed) {
			continue
		}
		w, err := b.writer(ctx, s.path)
		if err != nil {
			return err
		}
		err = w.transaction(ctx, func() error {
			for i := version; i < schemaVersion(); i++ {
				if err := w.exec(ctx, migrations[i-firstVersion].sqlite); err != nil {
					return fmt.Errorf("bring segment %d from layout %d to %d: %w", s.number, i, i+1, err)
				}
			}
			return w.exec(ctx, "PRAGMA user_version = "+strconv.Itoa(schemaVersion()))
		})
		if s.sealed {
			_ = w.exec(ctx, "PRAGMA journal_mode = DELETE")
			err = errors.Join(err, b.closeWriter(s.path))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *sqliteStore) drop(_ context.Context, s *segment) error {
	if err := b.closeWriter(s.path); err != nil {
		return err
	}
	if err := os.Remove(s.path); err != nil {
		return err
	}
	for _, end := range sqliteFiles {
		_ = os.Remove(s.path + end)
	}
	return syncDir(b.dir)
}

func (b *sqliteStore) draft(ctx context.Context, s *segment) (*segment, error) {
	marks, err := bookmarksOf(ctx, s.db)
	if err != nil {
		marks = nil // of a damaged one
	}
	path := s.path + draftSuffix
	if err := b.make(ctx, path, marks); err != nil {
		return nil, err
	}
	return b.look(ctx, s.number, path, nil)
}

// damagedFolder keeps the files of segments that were repaired.
const damagedFolder = "damaged"

func (b *sqliteStore) swap(ctx context.Context, s, draft *segment, f filter, keepOld bool) error {
	if err := draft.db.Close(); err != nil {
		return err
	}
	if err := errors.Join(b.seal(ctx, draft, f), b.closeWriter(s.path)); err != nil {
		return err
	}
	if keepOld {
		if err := b.keep(s); err != nil {
			return err
		}
	}
	for _, end := range sqliteFiles[1:] { // a log belongs to the old file alone
		if err := os.Remove(s.path + end); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return errors.Join(os.Rename(draft.path, s.path), syncDir(b.dir))
}

// keep links the files of a segment into the folder of damaged ones.
func (b *sqliteStore) keep(s *segment) error {
	dir := filepath.Join(b.dir, damagedFolder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, end := range sqliteFiles {
		to := filepath.Join(dir, filepath.Base(s.path)+end)
		_ = os.Remove(to)
		if err := os.Link(s.path+end, to); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

func (b *sqliteStore) setAside(ctx context.Context, s *segment) error {
	if err := b.keep(s); err != nil {
		return err
	}
	return b.drop(ctx, s)
}
