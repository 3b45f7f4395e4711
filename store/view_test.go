package store

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The view that both databases have says what the lines say, as far as text columns can hold it.
func TestTheView(t *testing.T) {
	everywhere(t, func(t *testing.T, name string) {
		var all []*finding.Finding
		rapid.Check(t, func(t *rapid.T) { all = append(all, draw(t, 2)...) })
		for i, f := range all {
			f.ID = finding.ID("", "1", "", uint64(i), f.Kind, f.Action, 0)
		}
		s := open(t, name, Options{SegmentFindings: 1 << 20})
		put(t, s, all)
		if _, err := s.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		q := statement{sql: `SELECT id, kind, time, end_time, host, action, event, path, source_path, volume_kind, actor_signing_id, actor_path,
			responsible_app, responsible_path, initiator_class, initiator_user, initiator_agent, initiator_uid,
			certainty_action, certainty_actor, certainty_responsible, certainty_initiator FROM findings WHERE at IS NOT NULL`}
		err := scanRows(t.Context(), s.segments[0].db, q, func(rows *sql.Rows) error {
			var (
				id, kind string
				from, to int64
				text     [13]sql.NullString
				uid      sql.NullInt64
				levels   [4]int
			)
			dst := []any{&id, &kind, &from, &to}
			for i := range text {
				dst = append(dst, &text[i])
			}
			dst = append(dst, &uid, &levels[0], &levels[1], &levels[2], &levels[3])
			if err := rows.Scan(dst...); err != nil {
				return err
			}
			var words []string
			for _, w := range text {
				words = append(words, w.String)
			}
			if !uid.Valid {
				uid.Int64 = int64(es.Unset)
			}
			got = append(got, fmt.Sprintf("%s %s %d %d %q %d %d", id, kind, from, to, words, uid.Int64, levels))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, f := range all {
			want = append(want, viewed(f))
		}
		slices.Sort(got)
		slices.Sort(want)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if l := linesOf(t, s, query.Want{}); len(l) != len(got) {
			t.Errorf("%d in the view, %d in the store", len(got), len(l))
		}
	})
}

// viewed is a finding's row of the view.
func viewed(f *finding.Finding) string {
	w := [13]string{f.Host, string(f.Action), f.Event, f.Path, f.SourcePath}
	uid := uint32(es.Unset)
	if f.Object != nil && f.Object.Volume != nil {
		w[5] = string(f.Object.Volume.Kind)
	}
	if f.Actor != nil {
		w[6], w[7] = f.Actor.SigningID, f.Actor.Path
	}
	if f.Responsible != nil {
		w[8], w[9] = f.Responsible.App, f.Responsible.Path
	}
	if in := f.Initiator; in != nil {
		w[10], w[11], uid = string(in.Class), in.User, in.UID
		if in.Agent != nil {
			w[12] = in.Agent.Name
		}
	}
	for i := range w {
		w[i] = plain(w[i])
	}
	c := f.Certainty
	return fmt.Sprintf("%s %s %d %d %q %d %d", f.ID, f.Kind, f.Time, f.EndTime, w[:], uid, []finding.Certainty{c.Action, c.Actor, c.Responsible, c.Initiator})
}
