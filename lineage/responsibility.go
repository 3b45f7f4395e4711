package lineage

import (
	"slices"

	"ascribe.example/es"
)

// Responsible is what is known of who answered for an execution.
type Responsible struct {
	Now     Responsibility   // valid at the moment asked for; zero key: no token known
	Self    bool             // Now names the process itself
	First   Responsibility   // the earliest foreign value of the life; zero key: none
	Foreign []Responsibility // all distinct foreign values of the life up to the moment, oldest first; good until the next call
}

// answersTo takes a responsible token. The token "may be the process itself" once the responsible process has exited [D],
// and a service was measured to get its responsible process after it was made: hence a history. Only changes are kept.
func (t *Tracker) answersTo(e *Execution, tok es.AuditToken, at es.Moment, from Origin, inOrder bool) {
	if tok.IsZero() {
		return
	}
	cur := &e.Responsible
	key := tok.Key(t.boot)
	v := Responsibility{Key: key, Token: tok, At: at, Until: at, Origin: from}
	switch {
	case cur.Key.IsZero():
		*cur = v
	case inOrder && cur.Key == key:
		cur.Token = tok
	case inOrder:
		cur.Until = e.Last
		e.Earlier = append(e.Earlier, *cur)
		*cur = v
	case !before(at, cur.At):
		if cur.Key != key { // within what looked like one run
			was := *cur
			was.Until = at
			e.Earlier = append(e.Earlier, was, v)
			cur.At = e.Last
		}
	default:
		t.insertEarlier(e, v)
	}
	t.trimHistory(e)
}

// insertEarlier takes a value that comes after its time.
func (t *Tracker) insertEarlier(e *Execution, v Responsibility) {
	i := len(e.Earlier)
	for i > 0 && before(v.At, e.Earlier[i-1].At) {
		i--
	}
	next := &e.Responsible
	if i < len(e.Earlier) {
		next = &e.Earlier[i]
	}
	var prev *Responsibility
	if i > 0 {
		prev = &e.Earlier[i-1]
	}
	switch {
	case prev != nil && prev.Key == v.Key:
		if before(prev.Until, v.At) {
			prev.Until = v.At
		}
	case prev != nil && before(v.At, prev.Until):
		rest := *prev
		rest.At = prev.Until
		prev.Until = v.At
		e.Earlier = slices.Insert(e.Earlier, i, v, rest)
	case next.Key == v.Key:
		next.At = v.At
	default:
		e.Earlier = slices.Insert(e.Earlier, i, v)
	}
}

// trimHistory bounds a history; its first value and its first foreign value stay.
func (t *Tracker) trimHistory(e *Execution) {
	for len(e.Earlier) >= MaxResponsibility {
		foreign := slices.IndexFunc(e.Earlier, func(r Responsibility) bool { return r.Key.PID != e.Key.PID })
		drop := 1
		if foreign == 1 {
			drop = 2
		}
		e.Earlier = slices.Delete(e.Earlier, drop, drop+1)
		t.stats.Dropped++
	}
}

// ResponsibleAt says who answered for the execution at the given moment, and before: in its own history, and in those of
// the images that its process had before.
func (t *Tracker) ResponsibleAt(ref Ref, at es.Moment) Responsible {
	e := t.At(ref)
	if e == nil {
		return Responsible{}
	}
	var r Responsible
	r.Now = e.current()
	for i := len(e.Earlier); i > 0 && before(at, r.Now.At); i-- {
		r.Now = e.Earlier[i-1]
	}
	r.Self = r.Now.Key.PID == e.Key.PID && !r.Now.Key.IsZero()
	t.foreign = t.foreign[:0]
	var images [maxChain]Ref
	n := 0
	for x := e; x != nil && n < maxChain; x = t.At(x.Prev) {
		images[n] = x.Ref
		n++
	}
	for n--; n >= 0; n-- {
		x := t.At(images[n])
		for _, v := range x.Earlier {
			t.addForeign(x, v, at)
		}
		t.addForeign(x, x.current(), at)
	}
	if len(t.foreign) > 0 {
		r.First, r.Foreign = t.foreign[0], t.foreign
	}
	return r
}

// current is the current value with the time it was last seen.
func (e *Execution) current() Responsibility {
	r := e.Responsible
	r.Until = e.Last
	return r
}

func (t *Tracker) addForeign(e *Execution, v Responsibility, at es.Moment) {
	if v.Key.IsZero() || v.Key.PID == e.Key.PID || before(at, v.At) {
		return
	}
	for i := range t.foreign {
		if t.foreign[i].Key == v.Key {
			return
		}
	}
	t.foreign = append(t.foreign, v)
}
