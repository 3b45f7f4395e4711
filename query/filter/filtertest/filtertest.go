// Package filtertest draws conditions of the filter language, for tests.
package filtertest

import (
	"encoding/json"
	"slices"
	"strings"

	"ascribe.example/finding"
	"pgregory.net/rapid"
)

// Words are what conditions are drawn of: what the findings of a test may hold.
type Words struct {
	Actions []finding.Action
	Users   []string
	Paths   []string
	Times   []string // expressions, such as timestamp("2026-03-01T10:00:00Z")
}

// Draw draws a condition out of what a prefilter reads, and of what it cannot read.
func (w *Words) Draw(t *rapid.T, depth int) string {
	if depth > 0 && rapid.IntRange(0, 2).Draw(t, "deeper") > 0 {
		a := w.Draw(t, depth-1)
		switch rapid.IntRange(0, 4).Draw(t, "join") {
		case 0:
			return "!(" + a + ")"
		case 1, 2:
			return "(" + a + " && " + w.Draw(t, depth-1) + ")"
		case 3:
			return "(" + a + " || " + w.Draw(t, depth-1) + ")"
		}
		return "(" + a + " ? " + w.Draw(t, depth-1) + " : " + w.Draw(t, depth-1) + ")"
	}
	return w.atom(t)
}

func (w *Words) atom(t *rapid.T) string {
	word := func(l ...string) string { return rapid.SampledFrom(l).Draw(t, "word") }
	actions, kinds, classes := append(stringsOf(w.Actions), ""), stringsOf(finding.Kinds), append(stringsOf(finding.Classes), "")
	users := append(slices.Clone(w.Users), "501", "0", "")
	paths := append(slices.Clone(w.Paths), "/Users/", "/", "", "/Vol", "/System/Volumes/", "/users/ALICE")
	compare, equal := word("==", "!=", "<", "<=", ">", ">="), word("==", "!=")
	switch rapid.IntRange(0, 20).Draw(t, "atom") {
	case 0:
		return "action " + equal + " " + one(t, actions)
	case 1:
		return "action in " + several(t, actions)
	case 2:
		return "kind " + equal + " " + one(t, kinds)
	case 3:
		return one(t, kinds) + " " + equal + " kind"
	case 4:
		return "initiator.class " + equal + " " + one(t, classes)
	case 5:
		return "initiator.class in " + several(t, classes)
	case 6:
		return "initiator.user " + equal + " " + one(t, users)
	case 7:
		return "initiator.uid " + compare + " " + word("0", "501", "-1")
	case 8:
		return "initiator.is(" + word("501", "0") + ")"
	case 9:
		return "initiator.is(" + one(t, users) + ")"
	case 10:
		return "time " + compare + " " + word(w.Times...)
	case 11:
		return word(w.Times...) + " " + compare + " time"
	case 12:
		return word("path", "source_path") + " " + equal + " " + one(t, paths)
	case 13:
		return word("path", "source_path") + "." + word("under", "startsWith") + "(" + one(t, paths) + ")"
	case 14:
		return "path.glob(" + one(t, []string{"/Users/*/x", "/Users/**", "/users/alice/{x,y}", "/System/Volumes/D*/**", "/**", "*"}) + ")"
	case 15:
		return "source_path in " + several(t, paths)
	case 16, 17, 18:
		l := append(stringsOf(finding.VolumeKinds), "")
		field := word("object", "source", "replaced") + ".volume.kind "
		return word(field+equal+" "+one(t, l), one(t, l)+" "+equal+" "+field, field+"in "+several(t, l), "method "+equal+" "+one(t, append(stringsOf(finding.Methods), "")))
	case 19:
		folder := one(t, paths)
		return "items.exists(i, i.path.under(" + folder + ") || i.source_path.under(" + folder + "))"
	}
	return word("true", "false", "items_total > 1", "certainty.actor >= likely", "actor.platform", "items.exists(action, action.path == path)")
}

func one(t *rapid.T, l []string) string {
	q, _ := json.Marshal(rapid.SampledFrom(l).Draw(t, "one"))
	return string(q)
}

func several(t *rapid.T, l []string) string {
	var parts []string
	for range rapid.IntRange(0, 3).Draw(t, "several") {
		parts = append(parts, one(t, l))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func stringsOf[T ~string](l []T) []string {
	var out []string
	for _, s := range l {
		out = append(out, string(s))
	}
	return out
}
