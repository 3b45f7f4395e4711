package store

import (
	"context"
	"database/sql"
)

// near holds what comes next in a sealed segment. Who gives a recording once more gives what is known in the order in which it
// is there: to read that ahead is a hundred times faster than to look each up.
type near struct {
	seg  *segment
	last int64 // where the latest was found
	ids  map[key]held
}

// How many are read ahead, and how far from each other two may be that count as in order.
const (
	nearMany = 4096
	nearStep = 64
)

// find looks an id up in a sealed segment.
func (n *near) find(ctx context.Context, seg *segment, k *key) (h held, ok bool, err error) {
	if n.seg == seg {
		if h, ok = n.ids[*k]; ok {
			n.last = h.seq
			return h, true, nil
		}
	}
	if h, ok, err = seg.find(ctx, k); err != nil || !ok {
		return h, ok, err
	}
	step := h.seq - n.last
	inOrder := n.seg == seg && step > 0 && step <= nearStep
	if n.seg != seg {
		n.seg, n.ids = seg, nil
	}
	n.last = h.seq
	if inOrder {
		n.ids, err = seg.idsAfter(ctx, h.seq, nearMany)
	}
	return h, true, err
}

// find looks an id up by its index.
func (s *segment) find(ctx context.Context, k *key) (h held, ok bool, err error) {
	q := statement{s.bind("SELECT seq, sum FROM " + s.table("finding") + " WHERE id = ? AND kind = ?"), []any{k[1:], int64(k[0])}}
	err = scanRows(ctx, s.db, q, func(rows *sql.Rows) error {
		ok = true
		return rows.Scan(&h.seq, &h.sum)
	})
	return h, ok, err
}

// idsAfter are the ids that come after a finding, as many as n of them.
func (s *segment) idsAfter(ctx context.Context, seq int64, n int) (map[key]held, error) {
	ids := make(map[key]held, n)
	q := statement{s.bind("SELECT kind, id, seq, sum FROM " + s.table("finding") + " WHERE seq > ? ORDER BY seq LIMIT ?"), []any{seq, n}}
	return ids, scanIDs(ctx, s.db, q, func(k key, h held) { ids[k] = h })
}

// scanIDs reads rows of kind, id, seq and sum.
func scanIDs(ctx context.Context, db *sql.DB, q statement, take func(key, held)) error {
	return scanRows(ctx, db, q, func(rows *sql.Rows) error {
		var (
			k  key
			id []byte
			h  held
		)
		if err := rows.Scan(&k[0], &id, &h.seq, &h.sum); err != nil {
			return err
		}
		copy(k[1:], id)
		take(k, h)
		return nil
	})
}
