package operation

import (
	"time"

	"ascribe.example/lineage"
)

// due is an entry of a settling queue: when a draft, or the batches of an act, should be looked at. One that is not what
// the draft or the act says is due was overtaken by another.
type due struct {
	At    time.Duration
	Draft int32
	Batch lineage.LifeID
}

func (x *due) before(y *due) bool {
	switch {
	case x.At != y.At:
		return x.At < y.At
	case x.Draft != y.Draft:
		return x.Draft < y.Draft
	}
	return x.Batch < y.Batch
}

// queue is a binary heap, the earliest first: container/heap without its interface, which allocates for each entry.
type queue []due

func (q *queue) push(x due) {
	*q = append(*q, x)
	h := *q
	i := len(h) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !x.before(&h[up]) {
			break
		}
		h[i] = h[up]
		i = up
	}
	h[i] = x
}

func (q *queue) pop() due {
	h := *q
	first, n := h[0], len(h)-1
	h[0] = h[n]
	*q = h[:n]
	h[:n].down(0)
	return first
}

// order makes a heap of entries in any order.
func (q queue) order() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q queue) down(i int) {
	if i >= len(q) {
		return
	}
	x := q[i]
	for {
		next := 2*i + 1
		if next >= len(q) {
			break
		}
		if other := next + 1; other < len(q) && q[other].before(&q[next]) {
			next = other
		}
		if !q[next].before(&x) {
			break
		}
		q[i] = q[next]
		i = next
	}
	q[i] = x
}
