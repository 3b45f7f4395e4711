package scenario

import (
	"cmp"
	"slices"

	"ascribe.example/es"
)

// deliver loses, doubles and shuffles what the client numbered.
func (r *Result) deliver(msgs []*es.Message) {
	o := &r.options
	if o.Loss.Rate > 0 || len(o.Loss.Seqs) > 0 {
		kept := make([]*es.Message, 0, len(msgs))
		for _, m := range msgs {
			if slices.Contains(o.Loss.Seqs, m.GlobalSeqNum) || o.Loss.Rate > 0 && chance(o.Loss.Seed, m.GlobalSeqNum, o.Loss.Rate) {
				r.Lost = append(r.Lost, m.GlobalSeqNum)
				continue
			}
			kept = append(kept, m)
		}
		msgs = kept
	}
	if o.Duplicate.Rate > 0 {
		var all []*es.Message
		for _, m := range msgs {
			all = append(all, m)
			if chance(o.Duplicate.Seed^0xd0b1e, m.GlobalSeqNum, o.Duplicate.Rate) {
				c := *m
				all = append(all, &c)
			}
		}
		msgs = all
	}
	if o.Shuffle.Window > 0 {
		type placed struct {
			m  *es.Message
			at int
		}
		l := make([]placed, len(msgs))
		g := rng{o.Shuffle.Seed ^ 0x5bf1}
		for i, m := range msgs {
			l[i] = placed{m, i + g.n(o.Shuffle.Window+1)}
		}
		slices.SortStableFunc(l, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
		msgs = slices.Clone(msgs)
		for i := range l {
			msgs[i] = l[i].m
		}
	}
	r.Messages = msgs
}
