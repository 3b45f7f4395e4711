package query_test

import (
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
)

func TestPathsAreComparedAsVolumesDo(t *testing.T) {
	for _, x := range []struct {
		match query.PathMatch
		key   string
		path  string
		want  bool
	}{
		{query.IsPath, "/a", "/a", true},
		{query.IsPath, "/a", "/A", true},
		{query.IsPath, "/a", "/System/Volumes/Data/a", true},
		{query.IsPath, "/a", "/System/Volumes/Database/a", false},
		{query.IsPath, "/tmp/x", "/private/tmp/x", true},
		{query.IsPath, "/a", "/a/b", false},
		{query.UnderPath, "/a", "/a/b/c", true},
		{query.UnderPath, "/a", "/a", false},
		{query.UnderPath, "/a", "/ab", false},
		{query.UnderPath, "/", "/a", true},
		{query.UnderPath, "/", "/", false},
		{query.AtOrUnder, "/a", "/a", true},
		{query.AtOrUnder, "/a", "/a/b", true},
		{query.AtOrUnder, "/a", "/ab", false},
		{query.AtOrUnder, "/", "/", true},
		{query.AtOrUnder, "/", "", false},
	} {
		key := query.Fold(x.key)
		if key == "/" {
			key = ""
		}
		p := query.PathWant{Match: x.match, Key: key, Path: true}
		if got := p.Has(x.path); got != x.want {
			t.Errorf("%v %s has %s: %v", x.match, x.key, x.path, got)
		}
	}
}

func TestWant(t *testing.T) {
	f := &finding.Finding{
		Kind: finding.KindOperation, ID: "op_5f3a", Action: finding.Move, Time: 10, Path: "/b", SourcePath: "/a",
		Items:     []finding.Item{{Path: "/b/x", SourcePath: "/a/x"}},
		Initiator: &finding.Initiator{Class: finding.ClassConsole, UID: 501, User: "alice"},
	}
	for name, x := range map[string]struct {
		w    query.Want
		want bool
	}{
		"everything":    {query.Want{}, true},
		"kind":          {query.Want{Kinds: query.SetOf(finding.KindGap)}, false},
		"no kind":       {query.Want{Kinds: query.SetOf[finding.Kind]()}, false},
		"action":        {query.Want{Actions: query.SetOf(finding.Copy, finding.Move)}, true},
		"class":         {query.Want{Classes: query.SetOf(finding.ClassAgent)}, false},
		"user":          {query.Want{Users: []string{"bob", "alice"}}, true},
		"uid":           {query.Want{Users: []string{"501"}}, true},
		"another":       {query.Want{Users: []string{"0"}}, false},
		"from":          {query.Want{From: 10}, true},
		"later":         {query.Want{From: 11}, false},
		"before":        {query.Want{To: 10}, false},
		"path":          {query.Want{Paths: []query.PathWant{{Key: "/a", Path: true}}}, false},
		"source":        {query.Want{Paths: []query.PathWant{{Key: "/a", Source: true}}}, true},
		"item":          {query.Want{Paths: []query.PathWant{{Key: "/a/x", Items: true}}}, true},
		"id":            {query.Want{ID: "op_5f"}, true},
		"another id":    {query.Want{ID: "op_5e"}, false},
		"unknown is no": {query.Want{Users: []string{"4294967295"}}, false},
	} {
		g := *f
		if name == "unknown is no" {
			g.Initiator = &finding.Initiator{UID: es.Unset}
		}
		if got := x.w.Has(&g); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
