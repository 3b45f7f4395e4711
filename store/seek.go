package store

import (
	"encoding/hex"
	"fmt"
	"maps"
	"math/bits"
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

// seek is the statement that finds what is wanted in a segment, in the order in which it came; some is false where there is
// nothing. A sealed segment is asked by its indexes. SQLite takes one at a time: each arm finds the numbers of some findings,
// and all of them must fulfil the conditions, too. PostgreSQL takes several at once, and is given conditions alone. paths are
// those that are wanted, and has is what [lookUp] says of them.
func (s *segment) seek(w *query.Want, paths []asked, has *known) (q statement, some bool) {
	var where, arms conditions
	byArms := s.sealed && !s.d.arrays
	s.time(&where, w)
	if w.Kinds != nil {
		var l []uint32
		for k := range w.Kinds {
			if n := numberOf(k); n != 0 {
				l = append(l, uint32(n))
			}
		}
		slices.Sort(l)
		where.add(s.d.among("f.kind", l))
	}
	if w.ID != "" {
		id := idRange(w.ID)
		where.add(id)
		if byArms {
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
	case !byArms || w.Paths != nil || w.ID != "":
		where.add(s.user(names, uids))
	default:
		s.userArms(&arms, w, names, uids)
	}
	switch {
	case w.Paths == nil:
	case w.ID != "": // few are left, and who asks looks at their paths
	case !s.sealed:
		s.openPaths(&where, paths)
	case !byArms:
		var any conditions
		switch {
		case !s.pathConditions(&any, paths, has):
			s.openPaths(&where, paths)
		case any.sql == nil:
			return q, false
		default:
			where.add("("+strings.Join(any.sql, " OR ")+")", any.args...)
		}
	default:
		if s.allPathArms(&arms, paths, has); arms.sql == nil {
			return q, false
		}
	}
	if byArms && arms.sql == nil && !s.within(w) {
		var at conditions
		s.time(&at, w)
		arms.add("SELECT f.seq FROM "+s.table("finding")+" f WHERE "+strings.Join(at.sql, " AND "), at.args...)
	}
	q.sql = "SELECT " + rowColumns + " FROM "
	if arms.sql == nil {
		q.sql += s.table("finding") + " f"
	} else {
		q.sql += "(" + strings.Join(arms.sql, " UNION ") + ") hit CROSS JOIN " + s.table("finding") + " f ON f.seq = hit.seq"
		q.args = arms.args
	}
	if where.sql != nil {
		q.sql += " WHERE " + strings.Join(where.sql, " AND ")
		q.args = append(q.args, where.args...)
	}
	q.sql = s.bind(q.sql + " ORDER BY f.seq")
	return q, true
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
func (d *dialect) among(column string, l []uint32) statement {
	switch {
	case len(l) == 0:
		return statement{sql: "0 = 1"}
	case !d.arrays:
		return in(column, l, func(id uint32) any { return int64(id) })
	}
	ids := make([]int64, len(l))
	for i, id := range l {
		ids[i] = int64(id)
	}
	return statement{column + " = ANY(?)", []any{ids}}
}

// oneOf compares a column with texts.
func (d *dialect) oneOf(column string, l []string) statement {
	if d.arrays {
		return statement{column + " = ANY(?)", []any{l}}
	}
	return in(column, l, func(s string) any { return s })
}

// in compares a column with values, of which there is one at least. The last stands there more than once, so that there are
// 1, 2, 4, 8 … of them: lists of many lengths are few statements then.
func in[T any](column string, l []T, arg func(T) any) statement {
	n := 1 << bits.Len(uint(len(l)-1))
	q := statement{column + " IN (?" + strings.Repeat(",?", n-1) + ")", make([]any, n)}
	for i := range n {
		q.args[i] = arg(l[min(i, len(l)-1)])
	}
	return q
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
		ids := s.termIDs(l)
		c.add(column+" IN ("+ids.sql+")", ids.args...)
	}
	switch len(c.sql) {
	case 0:
		return statement{sql: "0 = 1"}
	case 1:
		return statement{c.sql[0], c.args}
	}
	return statement{"(" + strings.Join(c.sql, " OR ") + ")", c.args}
}

// termIDs are the numbers of words.
func (s *segment) termIDs(l []string) statement {
	plains := make([]string, len(l))
	for i, w := range l {
		plains[i] = plain(w)
	}
	q := s.d.oneOf("text", plains)
	q.sql = "SELECT id FROM " + s.table("word") + " WHERE kind = 0 AND " + q.sql
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

// user is a condition on the initiator's name or uid.
func (s *segment) user(names []string, uids []uint32) statement {
	if len(uids) == 0 {
		return s.terms("f.initiator_user", false, names)
	}
	user, uid := s.termIDs(names), s.d.among("f.initiator_uid", uids)
	is := " IN (" + user.sql + ")"
	if s.d.arrays { // PostgreSQL ors what indexes say of a list, not of a join
		is = " = ANY(ARRAY(" + user.sql + "))"
	}
	return statement{"(f.initiator_user" + is + " OR " + uid.sql + ")", with(user.args, uid.args)}
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
		arm(s.d.among("f.initiator_uid", uids))
	}
}

// openPaths compares the paths of a segment that has no indexes yet.
func (s *segment) openPaths(where *conditions, paths []asked) {
	var any conditions
	for i := range paths {
		p := &paths[i]
		fold, of := p.fold(s.d), s.ofActions(&p.PathWant)
		for _, column := range p.columns() {
			any.add(fmt.Sprintf("f.%s IN (SELECT w.id FROM %s w WHERE %s)%s", column, s.table("word"), fold.sql, of.sql), with(fold.args, of.args)...)
		}
		if p.Items {
			any.add(fmt.Sprintf("f.seq IN (SELECT i.seq FROM %s i WHERE i.path IN (SELECT w.id FROM %s w WHERE %s))%s", s.table("item"), s.table("word"), fold.sql, of.sql), with(fold.args, of.args)...)
		}
	}
	if any.sql == nil {
		any.add("0 = 1")
	}
	where.add("("+strings.Join(any.sql, " OR ")+")", any.args...)
}

// pathConditions are one for each column that may hold one of the paths that the segment knows; few is false where a folder
// holds too many of them.
func (s *segment) pathConditions(into *conditions, paths []asked, has *known) (few bool) {
	for i := range paths {
		p, ids := &paths[i], has.ids[i]
		switch {
		case ids == nil:
			continue
		case p.Match != query.IsPath && len(ids) > maxBelow:
			return false
		}
		is, of := s.d.among("", ids), s.ofActions(&p.PathWant)
		for _, column := range p.columns() {
			into.add("(f."+column+is.sql+of.sql+")", with(is.args, of.args)...)
		}
		if p.Items && has.items {
			into.add("(f.seq = ANY(ARRAY(SELECT i.seq FROM "+s.table("item")+" i WHERE i.path"+is.sql+"))"+of.sql+")", with(is.args, of.args)...)
		}
	}
	return true
}

// allPathArms are those of all paths: of a path that is named whole the number is known, what lies below a folder is joined.
func (s *segment) allPathArms(arms *conditions, paths []asked, has *known) {
	for i := range paths {
		if p, ids := &paths[i], has.ids[i]; p.Match != query.IsPath || ids != nil {
			s.pathArms(arms, p, ids, has)
		}
	}
}

// pathArms are one for each column that may hold the path, if it is one of the words ids, or below a folder.
func (s *segment) pathArms(arms *conditions, p *asked, ids []uint32, has *known) {
	from, is := s.table("word")+" w CROSS JOIN ", p.fold(s.d)
	link := func(column string) string { return " ON " + column + " = w.id WHERE " + is.sql }
	if p.Match == query.IsPath {
		from, is = "", s.d.among("", ids)
		link = func(column string) string { return " WHERE " + column + is.sql }
	}
	of := s.ofActions(&p.PathWant)
	for _, column := range p.columns() {
		arms.add("SELECT f.seq FROM "+from+s.table("finding")+" f"+link("f."+column)+of.sql, with(is.args, of.args)...)
	}
	switch {
	case !p.Items || p.Match == query.IsPath && !has.items:
	case of.sql == "":
		arms.add("SELECT i.seq FROM "+from+s.table("item")+" i"+link("i.path"), is.args...)
	default:
		arms.add("SELECT f.seq FROM (SELECT i.seq FROM "+from+s.table("item")+" i"+link("i.path")+") named CROSS JOIN "+s.table("finding")+
			" f ON f.seq = named.seq WHERE 0 = 0"+of.sql, with(is.args, of.args)...)
	}
}

// ofActions is what the action must be of a finding whose path counts, as more of a condition.
func (s *segment) ofActions(p *query.PathWant) statement {
	if p.Actions == nil {
		return statement{}
	}
	of := s.terms("f.action", p.Actions.Has(""), words(p.Actions))
	of.sql = " AND " + of.sql
	return of
}

// with is the arguments of two parts of a statement.
func with(a, b []any) []any { return append(slices.Clone(a), b...) }
