package catalog

import "strings"

// placed is a rule under one of its patterns.
type placed struct {
	ruleRef
	pattern *pattern
}

// lookup is where Match looks for rules. Lists are in the order of the entries.
type lookup struct {
	byID     map[string][]ruleRef // signed rules with this very id
	byPath   map[string][]ruleRef // Apple's rules without ids, with this very path
	ids      []placed             // Apple's rules whose ids have a *
	paths    []placed             // Apple's rules without ids whose paths have a *
	teams    map[string][]ruleRef // rules of a team whose ids have a *
	byBase   map[string][]ruleRef // ad hoc rules, by the last component of their paths
	places   []placed             // ad hoc rules in whose last component stands a *
	byScript map[string][]ruleRef // rules of scripts, by the last component
	scripts  []placed             // rules of scripts in whose last component stands a *
	modules  []ruleRef
}

func newLookup(entries []entry) lookup {
	l := lookup{
		byID: make(map[string][]ruleRef), byPath: make(map[string][]ruleRef), teams: make(map[string][]ruleRef),
		byBase: make(map[string][]ruleRef), byScript: make(map[string][]ruleRef),
	}
	for i := range entries {
		for j := range entries[i].rules {
			l.add(&entries[i].rules[j], ruleRef{int32(i), int32(j)})
		}
	}
	return l
}

func (l *lookup) add(r *rule, ref ruleRef) {
	switch r.kind {
	case byModule:
		l.modules = append(l.modules, ref)
	case byScript:
		l.scripts = byLast(l.byScript, l.scripts, r.ids, ref)
	case byAdhoc:
		l.places = byLast(l.byBase, l.places, r.at, ref)
	case byApple, byTeam:
		for i := range r.ids {
			switch p := &r.ids[i]; {
			case p.exact:
				once(l.byID, p.text, ref)
			case r.kind == byTeam:
				once(l.teams, r.team, ref)
			default:
				l.ids = append(l.ids, placed{ref, p})
			}
		}
		if len(r.ids) > 0 {
			return
		}
		for i := range r.at {
			if p := &r.at[i]; p.exact {
				once(l.byPath, p.text, ref)
			} else {
				l.paths = append(l.paths, placed{ref, p})
			}
		}
	}
}

// byLast files a rule under the last component of each of its paths, or into the list where that has a *.
func byLast(m map[string][]ruleRef, list []placed, paths []pattern, ref ruleRef) []placed {
	for i := range paths {
		_, base := cut(paths[i].text)
		if strings.Contains(base, "*") {
			list = append(list, placed{ref, &paths[i]})
		} else {
			once(m, base, ref)
		}
	}
	return list
}

func once(m map[string][]ruleRef, key string, ref ruleRef) {
	refs := m[key]
	if n := len(refs); n == 0 || refs[n-1] != ref {
		m[key] = append(refs, ref)
	}
}

// merge puts entries before older ones; those of the same name are replaced.
func merge(added, old []entry) []entry {
	names := make(map[string]bool, len(added))
	for i := range added {
		names[added[i].name] = true
	}
	all := append([]entry(nil), added...)
	for i := range old {
		if !names[old[i].name] {
			all = append(all, old[i])
		}
	}
	return all
}

func newCatalog(entries []entry) *Catalog {
	return &Catalog{entries: entries, lookup: newLookup(entries)}
}
