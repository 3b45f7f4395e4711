package operation

import (
	"slices"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Bounds of what goes on for long.
const (
	longestBusy = 2 * Longest // a batch that is never quiet comes out by then, whether more is known to come or not
	longestIdle = time.Hour   // a file that is held open and not written for so long: what comes then is another operation
	mostChains  = 16          // of one act
)

// chain is what the parts of one long operation share: each part's id is made from the first part's first message and
// action, and its own place in the row.
type chain struct {
	First  es.Moment
	Seq    uint64
	Action finding.Action
	Parts  int // how many have been told
}

// keyedChain is the chain of a whole act's batch, by what its items share.
type keyedChain struct {
	For   batchKey
	Chain chain
}

// chainOf takes the chain that a new batch of an act goes on with, if the last one like it was cut by a bound.
func (a *act) chainOf(key batchKey) chain {
	for i := range a.Chains {
		if a.Chains[i].For == key {
			c := a.Chains[i].Chain
			a.Chains = slices.Delete(a.Chains, i, i+1)
			return c
		}
	}
	return chain{}
}

// remember keeps a chain for the act's next batch like it.
func (a *act) remember(key batchKey, c chain) {
	for i := range a.Chains {
		if a.Chains[i].For == key {
			a.Chains[i].Chain = c
			return
		}
	}
	if len(a.Chains) < mostChains {
		a.Chains = append(a.Chains, keyedChain{key, c})
	}
}

// cutBefore ends a part of a long draft before the message that shows that there is another.
func (r *Recognizer) cutBefore(d *draft, at es.Moment) {
	if d.Form != formContent || d.Members.Changing == 0 || at.Clock < d.Began.Clock+Longest || !r.heldForWriting(d) {
		return
	}
	if h, o := r.contentOf(d.File); o == d {
		d.More = true
		r.settle(h, true)
		d.Began = at
	}
}

// nextPart lets a long draft go on: what comes next is another part of the same operation.
func (r *Recognizer) nextPart(h int32) {
	d := r.drafts.at(h)
	d.Began = es.Moment{Seq: es.NoSeq, Clock: r.Clock, Time: d.Last.Time}
	d.Members = Members{}
	d.More = false
	d.Idle = true
	r.schedule(h, r.Clock+longestIdle)
}
