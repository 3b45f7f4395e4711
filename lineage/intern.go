package lineage

import "strings"

// interner keeps one copy of each string in use lately. It holds two generations, so that what is no longer met falls out;
// it changes memory only, never an answer, and is not part of the saved state.
type interner struct {
	young, old map[string]string
	bytes      int
}

const (
	internStrings = 16384   // of one generation
	internBytes   = 4 << 20 // of one generation
)

// get is a lasting copy of s; no allocation where s was met lately.
func (n *interner) get(s string) string {
	if s == "" {
		return ""
	}
	if v, ok := n.young[s]; ok {
		return v
	}
	v, ok := n.old[s]
	if !ok {
		v = strings.Clone(s)
	}
	if n.young == nil || len(n.young) >= internStrings || n.bytes >= internBytes {
		n.old, n.young, n.bytes = n.young, make(map[string]string), 0
	}
	n.young[v] = v
	n.bytes += len(v)
	return v
}

// clip is the beginning of a string that is kept: what comes in has no bound, what is kept has.
func clip(s string, n int) string { return s[:min(len(s), n)] }

// name is a lasting copy of a name.
func (n *interner) name(s string) string { return n.get(clip(s, MaxName)) }
