package lineage

import "ascribe.example/es"

// news are the executions of which something new was told since somebody asked. It is no state: whoever begins to ask is
// told of all.
type news struct {
	refs  []Ref
	asked bool // somebody has the whole, but for refs
}

// maxNews bounds the news that nobody asks for; past it, the next to ask is told of all.
const maxNews = 4096

func (t *Tracker) changed(ref Ref) {
	n := &t.news
	if !n.asked || len(n.refs) > 0 && n.refs[len(n.refs)-1] == ref {
		return
	}
	if len(n.refs) == maxNews {
		n.asked, n.refs = false, n.refs[:0]
		return
	}
	n.refs = append(n.refs, ref)
}

// News appends the executions whose description may have changed since the last call, some of them twice, some forgotten
// since. all says that it cannot tell and that these are all that are remembered. It has one listener.
func (t *Tracker) News(dst []Ref) (refs []Ref, all bool) {
	n := &t.news
	if !n.asked {
		n.asked = true
		return append(dst, t.inOrder()...), true
	}
	dst = append(dst, n.refs...)
	n.refs = n.refs[:0]
	return dst, false
}

// Clock is the newest moment that the tracker was fed in this boot.
func (t *Tracker) Clock() es.Moment { return t.now }
