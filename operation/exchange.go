package operation

import (
	"ascribe.example/attribution"
	"ascribe.example/es"
	"ascribe.example/files"
	"ascribe.example/finding"
)

// exchange is what a new file was to change contents with: told before the kernel tries, and on HFS+ only [S, R].
type exchange struct {
	With  files.Ref
	Path  string
	Size  int64 // of the other file then
	MTime es.Time
	Obj   finding.Object
	At    es.Moment
}

// exchanged: exchangedata(2) of a document and a new file that the same act made, an old way to save. Nothing shows that it
// succeeded until the new file is seen again with the old content.
func (r *Recognizer) exchanged(s *Seen) {
	r.without(ReasonUnconfirmed, 1)
	e := s.M.Event.(*es.ExchangeData)
	for _, pair := range [...]struct {
		made, other *es.File
		ref, old    files.Ref
	}{{&e.File1, &e.File2, s.Change.Target, s.Change.Source}, {&e.File2, &e.File1, s.Change.Source, s.Change.Target}} {
		if _, d := r.contentOf(pair.ref); d != nil && d.New && r.sameAct(d, s.By) && pair.old != 0 {
			d.Exchange = &exchange{
				With: pair.old, Path: files.Canonical(r.files.Path(pair.old)), Size: pair.other.Stat.Size, MTime: pair.other.Stat.MTime,
				Obj: r.Object(pair.old), At: s.At,
			}
			r.files.Retain(pair.old)
			return
		}
	}
}

// exchangedAway takes the unlink of a new file that has the document's old content by now: the exchange succeeded, and the
// new content has the document's name.
func (r *Recognizer) exchangedAway(d *draft, s *Seen, st *es.Stat) bool {
	x := d.Exchange
	if x == nil || st.Size != x.Size || st.MTime != x.MTime {
		return false
	}
	if n := r.Ledger.Without[ReasonUnconfirmed]; n > 0 {
		r.Ledger.Without[ReasonUnconfirmed]--
		m := Members{}
		m.add(x.At, true, false)
		d.Members.merge(&m)
	}
	r.join(d, s, attribution.DidName)
	d.Exchanged, d.Done = true, true
	d.Replaced = &replaced{File: x.With, Obj: x.Obj}
	return true
}

// anExchangeSave: the new content changed places with the document's.
func (r *Recognizer) anExchangeSave(v *view) (verdict, bool) {
	if !v.Exchanged {
		return verdict{}, false
	}
	v.path = v.Exchange.Path
	return verdict{
		Action: finding.Save, Method: finding.BySwap, Level: finding.Likely, Rule: "contents-exchanged",
		Says: "the program made a new file and exchanged its contents with the document's",
	}, true
}
