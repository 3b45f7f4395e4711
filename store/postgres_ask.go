package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipelined sends all statements before it reads the first answer: one round trip instead of many. The server waits where
// answers are not read. Where scan wants no more, the connection is given up: what is left of an answer may be long.
func pipelined(ctx context.Context, db *sql.DB, qs []statement, scan func(i int, row scanner) error) (answered int, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(driver any) (err error) {
		answered, err = pipelinedOn(ctx, driver.(*stdlib.Conn).Conn(), qs, scan)
		return err
	})
	return answered, err
}

func pipelinedOn(ctx context.Context, conn *pgx.Conn, qs []statement, scan func(i int, row scanner) error) (answered int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var b pgx.Batch
	for _, q := range qs {
		b.Queue(q.sql, q.args...)
	}
	answers := conn.SendBatch(ctx, &b)
	for i := range qs {
		rows, err := answers.Query()
		for err == nil && rows.Next() {
			err = scan(i, rows)
		}
		if err == nil {
			err = rows.Err()
		}
		if err != nil {
			cancel()
			rows.Close()
			_ = answers.Close() // says the same, or that it was cancelled
			return i, err
		}
	}
	return len(qs), answers.Close()
}
