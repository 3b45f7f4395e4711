package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"ascribe.example/es"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteStore is a folder: store.json says what it is, lock is held by the writer, and each segment is a file of SQLite.
type sqliteStore struct {
	dir     string
	o       Options
	retired []*sql.DB // of segments that are gone, while somebody may still read them

	mu      sync.Mutex
	writers map[string]*sqliteWriter
}

var sqliteDialect = &dialect{bytes: "BLOB", each: oneByOne}

const (
	storeFile   = "store.json"
	storeSchema = "ascribe.store/1"
	draftSuffix = ".draft"
)

func openSQLite(_ context.Context, dir string, o Options) (*sqliteStore, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	b := &sqliteStore{dir: dir, o: o, writers: map[string]*sqliteWriter{}}
	text, err := os.ReadFile(filepath.Join(dir, storeFile))
	switch {
	case err == nil:
		var mark struct{ Schema string }
		if json.Unmarshal(text, &mark) != nil || !strings.HasPrefix(mark.Schema, "ascribe.store/") {
			return nil, fmt.Errorf("%w: its %s does not say so", ErrNotStore, storeFile)
		}
		if mark.Schema != storeSchema {
			return nil, fmt.Errorf("%w, as %s: use that version, or a newer one", ErrNewer, mark.Schema)
		}
		return b, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, b.explain(err)
	case !o.Create:
		return nil, fmt.Errorf("%w: ascribe import RECORDING --store %s makes one", ErrNotStore, dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, b.explain(err)
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, b.explain(err)
	}
	for _, f := range found {
		if f.Name() != storeFile+draftSuffix {
			return nil, fmt.Errorf("%w: the folder holds other things, such as %q: name a folder that is new or empty", ErrNotStore, f.Name())
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs x
		return nil, b.explain(err)
	}
	return b, b.explain(writeFile(filepath.Join(dir, storeFile), `{"schema":"`+storeSchema+`"}`+"\n"))
}

// writeFile writes a small file whole or not at all.
func writeFile(name, text string) error {
	f, err := os.OpenFile(name+draftSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(os.Rename(name+draftSuffix, name), syncDir(filepath.Dir(name)))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (b *sqliteStore) file(number int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%06d.db", number))
}

// sqliteDSN is how a file is opened, whatever its name holds.
func sqliteDSN(path string, pragmas ...string) string {
	u := url.URL{Scheme: "file", Path: path}
	q := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	return u.String() + "?" + q.Encode()
}

func (b *sqliteStore) list(ctx context.Context, before []*segment) ([]*segment, error) {
	known := map[string]*segment{}
	for _, s := range before {
		known[s.path] = s
	}
	found, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var l []*segment
	for _, f := range found {
		digits, ok := strings.CutSuffix(f.Name(), ".db")
		number, err := strconv.Atoi(digits)
		if !ok || err != nil || number <= 0 || filepath.Join(b.dir, f.Name()) != b.file(number) {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // just gone
		} else if err != nil {
			return nil, err
		}
		path := b.file(number)
		s := known[path]
		delete(known, path)
		if s != nil && !os.SameFile(s.file, info) {
			b.retire(s)
			s = nil
		}
		if s == nil || !s.sealed || s.broken != nil {
			s, err = b.look(ctx, number, path, s)
			if isDamage(err) {
				s.broken = err
			} else if err != nil {
				return nil, fmt.Errorf("segment %d: %w", number, err)
			}
			s.file = info
		}
		l = append(l, s)
	}
	for _, s := range known {
		b.retire(s)
	}
	return l, nil
}

func (b *sqliteStore) retire(s *segment) {
	if s.db != nil {
		b.retired = append(b.retired, s.db)
	}
}

// closeAll closes segments that nobody else reads.
func closeAll(l []*segment) error {
	var errs []error
	for _, s := range l {
		if s.db != nil {
			errs = append(errs, s.db.Close())
		}
	}
	return errors.Join(errs...)
}

// look opens a segment for reading, or sees how it is now.
func (b *sqliteStore) look(ctx context.Context, number int, path string, before *segment) (*segment, error) {
	s := &segment{number: number, place: number, path: path, d: sqliteDialect, lex: &lexicon{}}
	if before != nil && before.db != nil {
		s.db, s.lex = before.db, before.lex
	} else {
		db, err := openForReading(ctx, path)
		if err != nil {
			return s, err
		}
		if err := checkVersion(ctx, db); err != nil {
			return s, errors.Join(err, db.Close())
		}
		s.db = db
	}
	return s, s.readMeta(ctx)
}

func (s *segment) readMeta(ctx context.Context) error {
	q := statement{sql: "SELECT key, value FROM meta WHERE key IN ('findings', 'from', 'to', 'sealed')"}
	return scanRows(ctx, s.db, q, func(rows *sql.Rows) error {
		var (
			name string
			n    int64
		)
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		switch name {
		case "findings":
			s.findings = n
		case "from":
			s.from = es.Time(n)
		case "to":
			s.to = es.Time(n)
		case "sealed":
			s.sealed = n != 0
		}
		return nil
	})
}

// openForReading opens a segment's file. One that was left by a writer that was killed needs a folder that can be written
// to, for what is still in its log.
func openForReading(ctx context.Context, path string) (*sql.DB, error) {
	open := func(more string) (*sql.DB, error) {
		db, err := openKeeping(sqliteDSN(path, "query_only(1)", "cache_size(-2000)", "mmap_size(0)") + more)
		if err != nil {
			return nil, err
		}
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(new(int)); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return db, nil
	}
	db, err := open("&mode=rw")
	if err == nil {
		return db, nil
	}
	switch codeOf(err) {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
	default:
		return nil, err
	}
	if log, lerr := os.Stat(path + "-wal"); lerr == nil && log.Size() > 0 {
		return nil, fmt.Errorf("%w, and findings are still in the log of %s: copy the folder to where it can be written to", ErrReadOnly, filepath.Base(path))
	}
	if db, rerr := open("&immutable=1"); rerr == nil {
		return db, nil
	}
	return nil, err
}

// isDamage reports whether SQLite could not make sense of a file.
func isDamage(err error) bool {
	code := codeOf(err)
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB || errors.Is(err, ErrDamaged)
}

func codeOf(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// checkVersion refuses what another version wrote that this one cannot read.
func checkVersion(ctx context.Context, db *sql.DB) error {
	var app, version int
	if err := errors.Join(
		db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app),
		db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version),
	); err != nil {
		return err
	}
	switch {
	case app != applicationID:
		return fmt.Errorf("%w: the file is another program's, or was overwritten", ErrDamaged)
	case version > schemaVersion():
		return fmt.Errorf("%w: its layout is %d, this one knows up to %d: use that version, or a newer one", ErrNewer, version, schemaVersion())
	}
	return nil
}

func (b *sqliteStore) filter(ctx context.Context, s *segment) (f filter, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = 'filter'").Scan((*[]byte)(&f))
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return f, err
}

func (b *sqliteStore) bookmarks(ctx context.Context) (map[string][]byte, error) {
	l, err := b.list(ctx, nil)
	if err != nil || len(l) == 0 {
		return nil, err
	}
	marks, err := lastMarks(ctx, l)
	return marks, errors.Join(err, closeAll(l))
}

// lastMarks are the bookmarks of the last segment, which has all.
func lastMarks(ctx context.Context, l []*segment) (map[string][]byte, error) {
	last := l[len(l)-1]
	if last.broken != nil {
		return nil, fmt.Errorf("segment %d: %w", last.number, last.broken)
	}
	return bookmarksOf(ctx, last.db)
}

func bookmarksOf(ctx context.Context, db *sql.DB) (map[string][]byte, error) {
	l := map[string][]byte{}
	return l, scanRows(ctx, db, statement{sql: "SELECT source, position FROM bookmark"}, func(rows *sql.Rows) error {
		var (
			source   string
			position []byte
		)
		err := rows.Scan(&source, &position)
		l[source] = position
		return err
	})
}

func (b *sqliteStore) size(_ context.Context, s *segment) (int64, error) {
	var n int64
	for _, end := range sqliteFiles {
		if info, err := os.Stat(s.path + end); err == nil {
			n += info.Size()
		}
	}
	return n, nil
}

// sqliteFiles are the endings of the files of one database.
var sqliteFiles = []string{"", "-wal", "-shm", "-journal"}

func (b *sqliteStore) verify(ctx context.Context, s *segment) ([]string, error) {
	var l []string
	err := scanRows(ctx, s.db, statement{sql: "PRAGMA integrity_check(20)"}, func(rows *sql.Rows) error {
		var says string
		err := rows.Scan(&says)
		if err == nil && says != "ok" {
			l = append(l, says)
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		l, err = append(l, err.Error()), nil // that it cannot be looked at is what was found
	}
	return l, err
}

// explain says what to do.
func (b *sqliteStore) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrReadOnly), errors.Is(err, ErrFull), errors.Is(err, ErrBusy):
		return err
	case isFull(err), codeOf(err) == sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: free some, and give the same again; what was acknowledged is kept: %w", ErrFull, err)
	case errors.Is(err, fs.ErrPermission), isReadOnly(err), codeOf(err) == sqlite3.SQLITE_READONLY, codeOf(err) == sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w: the folder and its files must be yours to write, on a volume that can be written to: %w", ErrReadOnly, err)
	}
	switch codeOf(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: ascribe store check %s says where, ascribe store repair keeps what is whole: %w", ErrDamaged, b.dir, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: wait for it, and try again: %w", ErrBusy, err)
	}
	if errors.Is(err, ErrDamaged) {
		return fmt.Errorf("%w: ascribe store repair %s keeps what is whole", err, b.dir)
	}
	return err
}

func (b *sqliteStore) close(l []*segment) error {
	errs := []error{b.closeWriters(), closeAll(l)}
	for _, db := range b.retired {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}
