package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// openKeeping opens a database for reading. Its connections keep the statements that they were asked: to read and to plan one
// takes longer than to answer most of them.
func openKeeping(dsn string) (*sql.DB, error) {
	c, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeper{c}), nil
}

type keeper struct{ driver.Connector }

func (k keeper) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keeping{sqliteConn: c.(sqliteConn), kept: map[string]keptStmt{}}, nil
}

// sqliteConn is what a connection of the driver is.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type keptStmt interface {
	driver.Stmt
	driver.StmtQueryContext
}

// keeping is a connection with its statements. It is one goroutine's at a time, and that reads one answer at a time.
type keeping struct {
	sqliteConn
	kept map[string]keptStmt
}

// maxKept is how many statements a connection keeps, of some ten kilobytes each.
const maxKept = 32

// QueryContext implements [driver.QueryerContext].
func (c *keeping) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	st := c.kept[query]
	if st == nil {
		made, err := c.PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		st = made.(keptStmt)
		if len(c.kept) == maxKept {
			for old, st := range c.kept { // any
				delete(c.kept, old)
				if err := st.Close(); err != nil {
					return nil, err
				}
				break
			}
		}
		c.kept[query] = st
	}
	return st.QueryContext(ctx, args)
}

// Close implements [driver.Conn].
func (c *keeping) Close() error {
	for _, st := range c.kept {
		_ = st.Close()
	}
	return c.sqliteConn.Close()
}
