package store

import (
	"context"
	"maps"
	"slices"

	"ascribe.example/query"
)

// asked is names that are wanted alike.
type asked struct {
	query.PathWant
	keys []string
}

// together joins names that are wanted alike, so that they are looked up at once.
func together(l []query.PathWant) []asked {
	var out []asked
next:
	for _, p := range l {
		key := keyIn(&p)
		for i := range out {
			o := &out[i]
			if p.Match == query.IsPath && o.Match == query.IsPath && p.Path == o.Path && p.Source == o.Source && p.Items == o.Items &&
				(p.Actions == nil) == (o.Actions == nil) && maps.Equal(p.Actions, o.Actions) {
				o.keys = append(o.keys, key)
				continue next
			}
		}
		out = append(out, asked{p, []string{key}})
	}
	return out
}

// keyIn is the fold of a wanted path, as text columns hold it.
func keyIn(p *query.PathWant) string {
	if p.Key == "" {
		return "/" // the root
	}
	return plain(p.Key)
}

// columns are those that may hold the path.
func (p *asked) columns() (l []string) {
	if p.Path {
		l = append(l, "path")
	}
	if p.Source {
		l = append(l, "source_path")
	}
	return l
}

// fold compares the folds of a segment's paths as the want does; it may be true of more, where names hold what text
// columns cannot.
func (p *asked) fold(d *dialect) statement {
	if p.Match == query.IsPath {
		return d.oneOf("w.fold", p.keys)
	}
	key := plain(p.Key)
	under := statement{"w.fold >= ? AND w.fold < ?", []any{key + "/", key + "0"}} // 0 comes after /
	if p.Match == query.UnderPath {
		return under
	}
	return statement{"(w.fold = ? OR " + under.sql + ")", append([]any{key}, under.args...)}
}

// known are the words of a segment that are wanted paths, for each of those that are asked.
type known struct {
	ids   [][]uint32 // not all of them where that are more than [maxBelow]
	items bool       // whether items of findings name some of them
}

// maxBelow is how many paths of a segment may lie in a folder that is asked for by indexes; beyond, all findings are looked at.
// PostgreSQL may compare a path with each of them.
var maxBelow = 4096

// lookUp asks segments of one database which of the wanted paths they know at all: most know none, and what is asked then is
// short. Before an error, whole is how many have answered.
func lookUp(ctx context.Context, l []*segment, w *query.Want, paths []asked) (has []known, whole int, err error) {
	type question struct{ segment, folder int }
	var (
		qs   []statement
		of   []question
		keys = map[string][]int{} // those of paths, and who asks for them
	)
	for i := range paths {
		if paths[i].Match == query.IsPath {
			for _, key := range paths[i].keys {
				keys[key] = append(keys[key], i)
			}
		}
	}
	list := slices.Sorted(maps.Keys(keys))
	has = make([]known, len(l))
	for i, s := range l {
		if !s.sealed || w.ID != "" {
			continue
		}
		has[i].ids = make([][]uint32, len(paths))
		for part := range slices.Chunk(list, 512) {
			qs, of = append(qs, s.known(s.d.oneOf("w.fold", part), "")), append(of, question{i, -1})
		}
		for k := range paths {
			if s.d.arrays && paths[k].Match != query.IsPath { // SQLite joins them
				qs, of = append(qs, s.known(paths[k].fold(s.d), " LIMIT ?", maxBelow+1)), append(of, question{i, k})
			}
		}
	}
	if qs == nil {
		return has, len(l), nil
	}
	var fold string
	answered, err := l[0].d.each(ctx, l[0].db, qs, func(i int, row scanner) error {
		q, named := of[i], false
		id, err := l[q.segment].lex.learn(row, &fold, &named)
		if err != nil {
			return err
		}
		h := &has[q.segment]
		h.items = h.items || named
		if q.folder >= 0 {
			h.ids[q.folder] = append(h.ids[q.folder], id)
		} else {
			for _, k := range keys[fold] {
				h.ids[k] = append(h.ids[k], id)
			}
		}
		return nil
	})
	if err != nil {
		return has, of[answered].segment, err
	}
	return has, len(l), nil
}

// known asks for words as [lookUp] does.
func (s *segment) known(is statement, end string, more ...any) statement {
	return statement{s.bind("SELECT " + wordRead + ", w.fold, EXISTS (SELECT 1 FROM " + s.table("item") + " i WHERE i.path = w.id) FROM " +
		s.table("word") + " w WHERE " + is.sql + end), append(is.args, more...)}
}
