package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresStore is a schema of a database. Each segment is a partition of the tables, which gets its indexes, and the bounds
// of its time as a constraint, when it is sealed.
type postgresStore struct {
	db     *sql.DB   // the first of pools
	pools  []*sql.DB // a segment is always asked by the same one, whose server process knows its tables and its statements
	schema string    // quoted
	name   string    // of the schema
	o      Options
	conn   *pgx.Conn // of the writer, which holds the lock; nil: nobody writes
	cfg    *pgx.ConnConfig
}

var postgresDialect = &dialect{bytes: "BYTEA", numbered: true, arrays: true, each: pipelined}

// postgresParams are what a connection has where the URL does not say otherwise. Questions are short statements by indexes, the
// same ones again and again: planned once, they take a third of the time, and neither compiling them nor more processes pay.
var postgresParams = map[string]string{
	"application_name":                "ascribe",
	"plan_cache_mode":                 "force_generic_plan",
	"jit":                             "off",
	"max_parallel_workers_per_gather": "0",
	"random_page_cost":                "1.1",
}

// defaultSchema is where the tables lie, where the URL's search_path names no other schema.
const defaultSchema = "ascribe"

// withoutPassword is a URL that can be shown.
func withoutPassword(name string) string {
	u, err := url.Parse(name)
	if err != nil {
		return "postgres://…"
	}
	q := u.Query()
	if q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

func openPostgres(ctx context.Context, name string, o Options) (*postgresStore, error) {
	cfg, err := pgx.ParseConfig(name)
	if err != nil {
		return nil, err // which has no password in it
	}
	b := &postgresStore{o: o, cfg: cfg, name: defaultSchema}
	if path := cfg.RuntimeParams["search_path"]; path != "" {
		if strings.ContainsAny(path, `,"`) {
			return nil, fmt.Errorf("search_path %q: name one schema", path)
		}
		b.name = path
	}
	b.schema = pgx.Identifier{b.name}.Sanitize()
	cfg.RuntimeParams["search_path"] = b.schema
	for name, value := range postgresParams {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	// No more of them than there are processors: each server process has to map for itself what it reads into shared memory.
	for range min(max(runtime.GOMAXPROCS(0), 2), ahead) {
		// Without a bound: readers that wait for each other's connections might wait for ever. Whoever reads many findings
		// has one connection for them and one for their words.
		db := stdlib.OpenDB(*cfg)
		db.SetMaxIdleConns(2)
		b.pools = append(b.pools, db)
	}
	b.db = b.pools[0]
	if err := b.prepare(ctx); err != nil {
		return nil, errors.Join(b.explain(err), b.close(nil))
	}
	return b, nil
}

// prepare sees whether the schema holds a store, or makes one.
func (b *postgresStore) prepare(ctx context.Context) error {
	var tables, ours int
	if err := b.db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE tablename = 'ascribe_store')
		FROM pg_tables WHERE schemaname = $1`, b.name).Scan(&tables, &ours); err != nil {
		return err
	}
	switch {
	case ours == 1:
	case tables > 0:
		return fmt.Errorf("%w: the schema %s holds other tables: name another one with ?search_path=NAME", ErrNotStore, b.schema)
	case !b.o.Create:
		return fmt.Errorf("%w: the schema %s is not there, or empty: ascribe import RECORDING --store URL makes it", ErrNotStore, b.schema)
	default:
		tx, err := b.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, q := range []string{"CREATE SCHEMA IF NOT EXISTS " + b.schema, postgresTables} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return errors.Join(err, tx.Rollback())
			}
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO ascribe_store (layout) VALUES ($1)", firstVersion); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	version, err := b.version(ctx)
	if err == nil && version > schemaVersion() {
		err = fmt.Errorf("%w: its layout is %d, this one knows up to %d: use that version, or a newer one", ErrNewer, version, schemaVersion())
	}
	return err
}

func (b *postgresStore) version(ctx context.Context) (n int, err error) {
	err = b.db.QueryRowContext(ctx, "SELECT layout FROM ascribe_store").Scan(&n)
	return n, err
}

func (b *postgresStore) list(ctx context.Context, before []*segment) ([]*segment, error) {
	known := map[int]*segment{}
	for _, s := range before {
		known[s.number] = s
	}
	var l []*segment
	q := statement{sql: "SELECT number, place, sealed, findings, from_time, to_time FROM segment WHERE NOT draft ORDER BY place, number"}
	err := scanRows(ctx, b.db, q, func(rows *sql.Rows) error {
		var s segment
		if err := rows.Scan(&s.number, &s.place, &s.sealed, &s.findings, (*int64)(&s.from), (*int64)(&s.to)); err != nil {
			return err
		}
		b.furnish(&s)
		if o := known[s.number]; o != nil {
			s.lex = o.lex
		}
		l = append(l, &s)
		return nil
	})
	return l, err
}

func (b *postgresStore) furnish(s *segment) {
	s.db, s.d, s.lex, s.suffix = b.pools[s.number%len(b.pools)], postgresDialect, &lexicon{}, "_"+strconv.Itoa(s.number)
}

// lockName is the advisory lock of a schema's writer.
const lockName = "SELECT pg_try_advisory_lock(hashtext('ascribe.store'), hashtext($1))"

// lockPatience is how long a writer waits for another one to go; a variable for tests.
var lockPatience = 5 * time.Second

func (b *postgresStore) lock(ctx context.Context) (func() error, error) {
	conn, err := pgx.ConnectConfig(ctx, b.cfg)
	if err != nil {
		return nil, err
	}
	var got bool
	// A server may take a while to see that a writer was killed.
	for deadline := time.Now().Add(lockPatience); ; time.Sleep(lockPatience / 50) {
		if err = conn.QueryRow(ctx, lockName, b.name).Scan(&got); got || err != nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil || !got {
		if err == nil {
			err = fmt.Errorf("%w: wait for it, and try again", ErrBusy)
		}
		return nil, errors.Join(err, conn.Close(ctx))
	}
	b.conn = conn
	return func() error {
		b.conn = nil
		ctx := context.WithoutCancel(ctx)
		_, err := conn.Exec(ctx, "SELECT pg_advisory_unlock_all()") // a server may take a while to see that somebody has gone
		return errors.Join(err, conn.Close(ctx))
	}, nil
}

// tidy removes drafts and brings the schema to this version.
func (b *postgresStore) tidy(ctx context.Context) error {
	rows, err := b.conn.Query(ctx, "SELECT number FROM segment WHERE draft")
	if err != nil {
		return err
	}
	drafts, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	for _, n := range drafts {
		if err := b.drop(ctx, &segment{number: n}); err != nil {
			return err
		}
	}
	version, err := b.version(ctx)
	if err != nil {
		return err
	}
	for i := version; i < schemaVersion(); i++ {
		err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, migrations[i-firstVersion].postgres); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE ascribe_store SET layout = $1", i+1)
			return err
		})
		if err != nil {
			return fmt.Errorf("bring the schema from layout %d to %d: %w", i, i+1, err)
		}
	}
	return nil
}

func (b *postgresStore) create(ctx context.Context) (*segment, error) {
	return b.make(ctx, 0, false)
}

// make makes a segment, at the end or at a place.
func (b *postgresStore) make(ctx context.Context, place int, draft bool) (*segment, error) {
	s := &segment{place: place}
	err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT nextval('segment_number')").Scan(&s.number); err != nil {
			return err
		}
		if place == 0 {
			s.place = s.number
		}
		if _, err := tx.Exec(ctx, "INSERT INTO segment (number, place, draft) VALUES ($1, $2, $3)", s.number, s.place, draft); err != nil {
			return err
		}
		b.furnish(s)
		for _, table := range [...]string{"word", "item", "finding"} {
			n := strconv.Itoa(s.number)
			if _, err := tx.Exec(ctx, "CREATE TABLE "+s.table(table)+" PARTITION OF "+table+" FOR VALUES IN ("+n+")"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "ALTER TABLE "+s.table(table)+" ALTER segment SET DEFAULT "+n); err != nil {
				return err
			}
		}
		for _, q := range [...]string{
			"CREATE UNIQUE INDEX ON " + s.table("finding") + " (seq, segment)",
			"CREATE UNIQUE INDEX ON " + s.table("word") + " (id, segment)",
			"CREATE INDEX ON " + s.table("word") + " (text) WHERE kind = 0",
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	return s, err
}

func (b *postgresStore) write(ctx context.Context, s *segment, t *batch) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error { return b.rows(ctx, tx, s, t) })
}

func (b *postgresStore) rows(ctx context.Context, tx pgx.Tx, s *segment, t *batch) error {
	var buf []any
	copied := func(table string, columns []string, n int, values func(dst []any, i int) []any) error {
		if n == 0 {
			return nil
		}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{s.table(table)}, columns, pgx.CopyFromSlice(n, func(i int) ([]any, error) {
			buf = values(buf[:0], i)
			return buf, nil
		}))
		return err
	}
	err := copied("word", wordColumnNames, len(t.words), func(dst []any, i int) []any {
		e := &t.words[i]
		text, value, fold := e.columns()
		return append(dst, int64(e.id), int64(e.kind), text, value, fold)
	})
	if err == nil {
		err = copied("finding", recordColumns, len(t.records), func(dst []any, i int) []any { return t.records[i].values(dst) })
	}
	if err == nil {
		err = copied("item", itemColumnNames, len(t.items), func(dst []any, i int) []any {
			return append(dst, int64(t.items[i].path), t.items[i].seq)
		})
	}
	for source, position := range t.bookmarks {
		if err == nil {
			_, err = tx.Exec(ctx, "INSERT INTO bookmark VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET position = excluded.position", plain(source), position)
		}
	}
	if err == nil && t.findings > 0 {
		_, err = tx.Exec(ctx, "UPDATE segment SET findings = $1, from_time = $2, to_time = $3 WHERE number = $4", t.findings, int64(t.from), int64(t.to), s.number)
	}
	return err
}

func (b *postgresStore) replace(ctx context.Context, s *segment, t *batch) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		if s.sealed { // the bounds of its time may be others now
			if err := b.bounds(ctx, tx, s, t.from, t.to); err != nil {
				return err
			}
		}
		for i := range t.records {
			for _, table := range [...]string{"item", "finding"} {
				if _, err := tx.Exec(ctx, "DELETE FROM "+s.table(table)+" WHERE seq = $1", t.records[i].seq); err != nil {
					return err
				}
			}
		}
		return b.rows(ctx, tx, s, t)
	})
}

// bounds says of a sealed segment what time it holds, so that the planner passes it over.
func (b *postgresStore) bounds(ctx context.Context, tx pgx.Tx, s *segment, from, to es.Time) error {
	_, err := tx.Exec(ctx, "ALTER TABLE "+s.table("finding")+" DROP CONSTRAINT IF EXISTS bounds, ADD CONSTRAINT bounds CHECK (time >= "+
		strconv.FormatInt(int64(from), 10)+" AND time <= "+strconv.FormatInt(int64(to), 10)+")")
	return err
}

// seal has a connection of its own, as the writer goes on meanwhile.
func (b *postgresStore) seal(ctx context.Context, s *segment, f filter) error {
	conn, err := pgx.ConnectConfig(ctx, b.cfg)
	if err != nil {
		return err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return b.sealIn(ctx, tx, s, f) })
	return errors.Join(err, conn.Close(ctx))
}

func (b *postgresStore) sealIn(ctx context.Context, tx pgx.Tx, s *segment, f filter) error {
	for q := range strings.SplitSeq(postgresIndexes, "\n") {
		if q = strings.TrimSpace(q); q == "" {
			continue
		}
		q = strings.ReplaceAll(q, "%", s.suffix)
		if _, err := tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	var from, to *int64
	if err := tx.QueryRow(ctx, "SELECT min(time), max(time) FROM "+s.table("finding")).Scan(&from, &to); err != nil {
		return err
	}
	if from != nil {
		if err := b.bounds(ctx, tx, s, es.Time(*from), es.Time(*to)); err != nil {
			return err
		}
	}
	for _, table := range [...]string{"word", "item", "finding"} {
		if _, err := tx.Exec(ctx, "ANALYZE "+s.table(table)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, "UPDATE segment SET sealed = true, filter = $1 WHERE number = $2", []byte(f), s.number)
	return err
}

func (b *postgresStore) filter(ctx context.Context, s *segment) (f filter, err error) {
	err = b.db.QueryRowContext(ctx, "SELECT filter FROM segment WHERE number = $1", s.number).Scan((*[]byte)(&f))
	return f, err
}

func (b *postgresStore) drop(ctx context.Context, s *segment) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error { return b.dropIn(ctx, tx, s) })
}

func (b *postgresStore) dropIn(ctx context.Context, tx pgx.Tx, s *segment) error {
	n := "_" + strconv.Itoa(s.number)
	if _, err := tx.Exec(ctx, "DROP TABLE IF EXISTS word"+n+", item"+n+", finding"+n); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM segment WHERE number = $1", s.number)
	return err
}

func (b *postgresStore) draft(ctx context.Context, s *segment) (*segment, error) {
	return b.make(ctx, s.place, true)
}

func (b *postgresStore) swap(ctx context.Context, s, draft *segment, f filter, _ bool) error {
	return pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error {
		if err := b.sealIn(ctx, tx, draft, f); err != nil {
			return err
		}
		if err := b.dropIn(ctx, tx, s); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE segment SET draft = false WHERE number = $1", draft.number)
		return err
	})
}

// verify leaves it to the server: with data checksums on, reading a damaged page is an error.
func (b *postgresStore) verify(context.Context, *segment) ([]string, error) { return nil, nil }

func (b *postgresStore) bookmarks(ctx context.Context) (map[string][]byte, error) {
	return bookmarksOf(ctx, b.db)
}

func (b *postgresStore) size(ctx context.Context, s *segment) (n int64, err error) {
	err = b.db.QueryRowContext(ctx, "SELECT sum(pg_total_relation_size(to_regclass(t))) FROM unnest($1::text[]) t",
		[]string{s.table("word"), s.table("item"), s.table("finding")}).Scan(&n)
	return n, err
}

// explain says what to do.
func (b *postgresStore) explain(err error) error {
	var p *pgconn.PgError
	if !errors.As(err, &p) {
		if errors.Is(err, ErrDamaged) {
			return fmt.Errorf("%w: ascribe store repair keeps what is whole", err)
		}
		return err
	}
	switch {
	case p.Code == "53100":
		return fmt.Errorf("%w on the server: free some, and give the same again; what was acknowledged is kept: %w", ErrFull, err)
	case p.Code == "25006", p.Code == "42501":
		return fmt.Errorf("%w by this user: it must be allowed to create in the schema %s, on a server that is no standby: %w", ErrReadOnly, b.schema, err)
	case p.Code == "XX001", p.Code == "XX002":
		return fmt.Errorf("%w: ascribe store check says where, ascribe store repair keeps what is whole: %w", ErrDamaged, err)
	}
	return err
}

func (b *postgresStore) close([]*segment) error {
	var errs []error
	for _, db := range b.pools {
		errs = append(errs, db.Close())
	}
	return errors.Join(errs...)
}

func (b *postgresStore) setAside(ctx context.Context, s *segment) error { return b.drop(ctx, s) }
