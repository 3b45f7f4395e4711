package store

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ascribe.example/es"
	"ascribe.example/query"
)

// statement is SQL with its arguments. Whatever comes from outside is an argument, never SQL.
type statement struct {
	sql  string
	args []any
}

// seek is the statement that finds what is wanted in a segment, in the order in which it came. A sealed segment is asked by
// its indexes: each arm finds the numbers of some findings, and all of them must fulfil the conditions, too.
func (s *segment) seek(w *query.Want) statement {
	var where, arms conditions
	s.time(&where, w)
	if w.Kinds != nil {
		var l []uint32
		for k := range w.Kinds {
			if n := numberOf(k); n != 0 {
				l = append(l, uint32(n))
			}
		}
		slices.Sort(l)
		where.add(among("f.kind", l))
	}
	if w.ID != "" {
		id := idRange(w.ID)
		where.add(id)
		if s.sealed {
			arms.add("SELECT f.seq FROM "+s.table("finding")+" f WHERE "+id.sql, id.args...)
		}
	}
	if w.Actions != nil {
		where.add(s.terms("f.action", w.Actions.Has(""), words(w.Actions)))
	}
	if w.Classes != nil {
		where.add(s.terms("f.initiator_class", w.Classes.Has(""), words(w.Classes)))
	}
	names, uids := users(w)
	switch {
	case w.Users == nil:
	case !s.sealed || w.Paths != nil || w.ID != "":
		user := s.terms("f.initiator_user", false, names)
		uid := among("f.initiator_uid", uids)
		where.add("("+user.sql+" OR "+uid+")", user.args...)
	default:
		s.userArms(&arms, w, names, uids)
	}
	switch {
	case w.Paths == nil:
	case w.ID != "": // few are left, and who asks looks at their paths
	default:
		s.paths(&where, &arms, w.Paths)
	}
	if s.sealed && arms.sql == nil && !s.within(w) {
		var at conditions
		s.time(&at, w)
		arms.add("SELECT f.seq FROM "+s.table("finding")+" f WHERE "+strings.Join(at.sql, " AND "), at.args...)
	}
	var q statement
	q.sql = "SELECT " + rowColumns + " FROM "
	if arms.sql == nil {
		q.sql += s.table("finding") + " f"
	} else {
		q.sql += "(" + strings.Join(arms.sql, " UNION ") + ") hit " + s.d.join + " " + s.table("finding") + " f ON f.seq = hit.seq"
		q.args = arms.args
	}
	if where.sql != nil {
		q.sql += " WHERE " + strings.Join(where.sql, " AND ")
		q.args = append(q.args, where.args...)
	}
	q.sql = s.bind(q.sql + " ORDER BY f.seq")
	return q
}

// conditions are parts of a statement.
type conditions struct {
	sql  []string
	args []any
}

func (c *conditions) add(sql any, args ...any) {
	switch sql := sql.(type) {
	case string:
		c.sql = append(c.sql, sql)
	case statement:
		c.sql, args = append(c.sql, sql.sql), sql.args
	}
	c.args = append(c.args, args...)
}

// within reports whether all findings of the segment are in the wanted time.
func (s *segment) within(w *query.Want) bool {
	return (w.From == 0 || s.from >= w.From) && (w.To == 0 || s.to < w.To)
}

// outside reports whether none is.
func (s *segment) outside(w *query.Want) bool {
	return w.From != 0 && s.to < w.From || w.To != 0 && s.from >= w.To
}

func (s *segment) time(c *conditions, w *query.Want) {
	if s.within(w) {
		return
	}
	if w.From != 0 {
		c.add("f.time >= ?", int64(w.From))
	}
	if w.To != 0 {
		c.add("f.time < ?", int64(w.To))
	}
}

// idRange compares the bytes of an id with the begin of one.
func idRange(prefix string) statement {
	for n := 1; n < len(kinds); n++ {
		digits, ok := strings.CutPrefix(prefix, kinds[n].prefix)
		if !ok || len(digits) > 24 {
			continue
		}
		low, err1 := hex.DecodeString(digits + strings.Repeat("0", 24-len(digits)))
		high, err2 := hex.DecodeString(digits + strings.Repeat("f", 24-len(digits)))
		if err1 == nil && err2 == nil {
			return statement{fmt.Sprintf("f.kind = %d AND f.id >= ? AND f.id <= ?", n), []any{low, high}}
		}
	}
	if len(prefix) < len("op_") {
		return statement{sql: "0 = 0"}
	}
	return statement{sql: "0 = 1"}
}

// among compares a column with numbers.
func among(column string, l []uint32) string {
	if len(l) == 0 {
		return "0 = 1"
	}
	return column + " IN (" + numbers(l) + ")"
}

// words are the words of a set but "".
func words[T ~string](set query.Set[T]) []string {
	var l []string
	for _, w := range slices.Sorted(maps.Keys(set)) {
		if w != "" && set[w] {
			l = append(l, string(w))
		}
	}
	return l
}

// terms compares a column with words; null says whether it may be none.
func (s *segment) terms(column string, null bool, l []string) statement {
	var c conditions
	if null {
		c.add(column + " IS NULL")
	}
	if len(l) > 0 {
		c.add(s.termIDs(column+" IN (", l))
	}
	switch len(c.sql) {
	case 0:
		return statement{sql: "0 = 1"}
	case 1:
		return statement{c.sql[0], c.args}
	}
	return statement{"(" + strings.Join(c.sql, " OR ") + ")", c.args}
}

func (s *segment) termIDs(before string, l []string) statement {
	q := statement{sql: before + "SELECT id FROM " + s.table("word") + " WHERE kind = 0 AND text IN (?" + strings.Repeat(", ?", len(l)-1) + "))"}
	for _, w := range l {
		q.args = append(q.args, plain(w))
	}
	return q
}

// users are the names and the uids that are wanted: digits may be either.
func users(w *query.Want) (names []string, uids []uint32) {
	for _, u := range w.Users {
		if u == "" {
			continue
		}
		names = append(names, u)
		if n, err := strconv.ParseUint(u, 10, 32); err == nil && uint32(n) != es.Unset {
			uids = append(uids, uint32(n))
		}
	}
	return names, uids
}

func (s *segment) userArms(arms *conditions, w *query.Want, names []string, uids []uint32) {
	var at conditions
	s.time(&at, w)
	arm := func(is statement) {
		sql := "SELECT f.seq FROM " + s.table("finding") + " f WHERE " + strings.Join(append([]string{is.sql}, at.sql...), " AND ")
		arms.add(sql, append(slices.Clone(is.args), at.args...)...)
	}
	arm(s.terms("f.initiator_user", false, names))
	if len(uids) > 0 {
		arm(statement{sql: among("f.initiator_uid", uids)})
	}
}

// paths finds what names one of the paths.
func (s *segment) paths(where, arms *conditions, l []query.PathWant) {
	var any conditions
	for _, p := range together(l) {
		fold, of := p.fold(), statement{}
		if p.Actions != nil {
			of = s.terms("f.action", p.Actions.Has(""), words(p.Actions))
			of.sql = " AND " + of.sql
		}
		one := func(column string, wanted bool) {
			switch {
			case !wanted:
			case s.sealed:
				arms.add(fmt.Sprintf("SELECT f.seq FROM %s w %s %s f ON f.%s = w.id WHERE %s%s", s.table("word"), s.d.join, s.table("finding"), column, fold.sql, of.sql), with(fold.args, of.args)...)
			default:
				any.add(fmt.Sprintf("f.%s IN (SELECT w.id FROM %s w WHERE %s)%s", column, s.table("word"), fold.sql, of.sql), with(fold.args, of.args)...)
			}
		}
		one("path", p.Path)
		one("source_path", p.Source)
		switch {
		case !p.Items:
		case s.sealed:
			sql := fmt.Sprintf("SELECT i.seq FROM %s w %s %s i ON i.path = w.id", s.table("word"), s.d.join, s.table("item"))
			if of.sql != "" {
				sql += " " + s.d.join + " " + s.table("finding") + " f ON f.seq = i.seq"
			}
			arms.add(sql+" WHERE "+fold.sql+of.sql, with(fold.args, of.args)...)
		default:
			any.add(fmt.Sprintf("f.seq IN (SELECT i.seq FROM %s i WHERE i.path IN (SELECT w.id FROM %s w WHERE %s))%s", s.table("item"), s.table("word"), fold.sql, of.sql), with(fold.args, of.args)...)
		}
	}
	switch {
	case any.sql != nil:
		where.add("("+strings.Join(any.sql, " OR ")+")", any.args...)
	case !s.sealed || arms.sql == nil:
		where.add("0 = 1")
	}
}

// with is the arguments of two parts of a statement.
func with(a, b []any) []any { return append(slices.Clone(a), b...) }

// asked is names that are wanted alike.
type asked struct {
	query.PathWant
	keys []any
}

// together joins names that are wanted alike, so that they are looked up at once.
func together(l []query.PathWant) []asked {
	var out []asked
next:
	for _, p := range l {
		key := any(plain(p.Key))
		if p.Key == "" {
			key = "/" // the root
		}
		for i := range out {
			o := &out[i]
			if p.Match == query.IsPath && o.Match == query.IsPath && p.Path == o.Path && p.Source == o.Source && p.Items == o.Items &&
				(p.Actions == nil) == (o.Actions == nil) && maps.Equal(p.Actions, o.Actions) {
				o.keys = append(o.keys, key)
				continue next
			}
		}
		out = append(out, asked{p, []any{key}})
	}
	return out
}

// fold compares the folds of a segment's paths as the want does; it may be true of more, where names hold what text
// columns cannot.
func (p *asked) fold() statement {
	if p.Match == query.IsPath {
		return statement{"w.fold IN (?" + strings.Repeat(", ?", len(p.keys)-1) + ")", p.keys}
	}
	key := plain(p.Key)
	under := statement{"w.fold >= ? AND w.fold < ?", []any{key + "/", key + "0"}} // 0 comes after /
	if p.Match == query.UnderPath {
		return under
	}
	return statement{"(w.fold = ? OR " + under.sql + ")", append([]any{key}, under.args...)}
}
