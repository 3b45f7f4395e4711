package query_test

import (
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"github.com/google/go-cmp/cmp"
)

func TestFinder(t *testing.T) {
	op := func(id, path string) *finding.Finding {
		return &finding.Finding{Kind: finding.KindOperation, ID: id, Path: path}
	}
	all := []*finding.Finding{
		op("op_aaaa1111", "/a"), op("op_aaaa2222", "/b"), op("op_bbbb1111", "/c"), op("op_bbbb1111", "/c again"),
	}
	find := func(id string) (*finding.Finding, error) {
		q, err := query.NewFinder(id)
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			q.Add(f)
		}
		return q.Found()
	}
	for id, want := range map[string]string{"op_aaaa1": "/a", "OP_AAAA2222": "/b", " op_bbbb": "/c again"} {
		f, err := find(id)
		if err != nil || f.Path != want {
			t.Errorf("%q: %v, %v; want %s", id, f, err, want)
		}
	}
	for id, says := range map[string]string{
		"op_aaaa": "2 findings have ids that begin with op_aaaa; give more digits of one: op_aaaa1111, op_aaaa2222",
		"op_cccc": "no finding has the id op_cccc",
		"op_aa":   "at least 4 digits",
		"aaaa":    "ids begin with op_, ev_, pr_ or gp_",
		"op_xyzt": "only the digits",
		"":        "ids begin with",
	} {
		if f, err := find(id); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v; want an error that says %q", id, f, err, says)
		}
	}
}

func TestMembers(t *testing.T) {
	of := &finding.Finding{Boot: "1", Time: 10e9, EndTime: 12e9, Events: []finding.Range{{410, 413}, {420, 420}}}
	q := query.NewMembers(of)
	event := func(boot string, seq uint64, at es.Time) {
		q.Add(&finding.Finding{Kind: finding.KindEvent, Boot: boot, Seq: seq, Time: at})
	}
	event("1", 409, 10e9)
	event("1", 410, 10e9)
	event("1", 413, 11e9)
	event("1", 414, 11e9)
	event("2", 412, 11e9) // another boot
	event("1", 412, 99e9) // another client
	event("1", es.NoSeq, 11e9)
	event("1", 420, 12e9)
	q.Add(&finding.Finding{Kind: finding.KindOperation, Boot: "1", Seq: 411, Time: 11e9})
	var got []uint64
	for _, m := range q.Messages() {
		got = append(got, m.Seq)
	}
	if d := cmp.Diff([]uint64{410, 413, 420}, got); d != "" {
		t.Error(d)
	}
}
