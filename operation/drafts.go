package operation

// drafts are all drafts, open or not, in chunks: growing moves none, and what is settled at the end makes room for what is told
// of it. Handle 0 is none.
type drafts struct {
	chunks []*draftChunk
	n      int32   // handles ever given out, with handle 0
	free   []int32 // of these, those that may be given out again
}

type draftChunk struct {
	drafts [draftsAChunk]draft
	open   int // of them
}

const draftsAChunk = 64

// nothing is what a handle leads to whose chunk was let go of: it is only looked at.
var nothing draft

// at is the draft of a handle. It is good until the draft is closed.
func (l *drafts) at(h int32) *draft {
	if c := l.chunks[h/draftsAChunk]; c != nil {
		return &c.drafts[h%draftsAChunk]
	}
	return &nothing
}

// take gives out a handle.
func (l *drafts) take() int32 {
	var h int32
	if n := len(l.free); n > 0 {
		h, l.free = l.free[n-1], l.free[:n-1]
	} else {
		h = max(l.n, 1)
		l.n = h + 1
	}
	i := int(h / draftsAChunk)
	if i == len(l.chunks) {
		l.chunks = append(l.chunks, nil)
	}
	if l.chunks[i] == nil {
		l.chunks[i] = new(draftChunk)
	}
	l.chunks[i].open++
	return h
}

// give takes a handle back, and with last the memory of those beside it, if none of them is open.
func (l *drafts) give(h int32, last bool) {
	c := l.chunks[h/draftsAChunk]
	c.drafts[h%draftsAChunk] = draft{}
	l.free = append(l.free, h)
	if c.open--; c.open == 0 && last {
		l.chunks[h/draftsAChunk] = nil
	}
}

// open is how many drafts are.
func (l *drafts) open() int { return l.most() - len(l.free) }

// most is how many were open at a time, so far.
func (l *drafts) most() int { return max(int(l.n)-1, 0) }

// all calls f for each open draft, by handle.
func (l *drafts) all(f func(h int32, d *draft)) {
	for h := int32(1); h < l.n; h++ {
		if d := l.at(h); d.Live {
			f(h, d)
		}
	}
}

// Of the room that all have together.
const (
	costDraft   = 832  // bytes of one with what it points to, its act and its entries in the tables
	leastDrafts = 8192 // there may be though others took all the room
)

// Taken is how many bytes drafts take, counted as they were at most, or are kept for them.
func (r *Recognizer) Taken() int { return max(r.drafts.most(), leastDrafts)*costDraft + r.Text }

// Hold says that there is no room for more drafts than there were, and how many there may be.
func (r *Recognizer) Hold() int {
	r.Held = max(r.drafts.most(), leastDrafts)
	return r.Held
}

func (r *Recognizer) mostDrafts() int {
	if r.Held > 0 {
		return min(r.Held, MostDrafts)
	}
	return MostDrafts
}

// savedDrafts is how drafts are written.
type savedDrafts struct {
	Drafts []draft // by handle
	Free   []int32
}

func (l *drafts) save() savedDrafts {
	s := savedDrafts{Drafts: make([]draft, max(l.n, 1)), Free: l.free}
	l.all(func(h int32, d *draft) { s.Drafts[h] = *d })
	return s
}

func (l *drafts) restore(s savedDrafts) {
	*l = drafts{chunks: []*draftChunk{new(draftChunk)}, n: 1}
	for h := int32(1); int(h) < len(s.Drafts); h++ {
		l.take()
		*l.at(h) = s.Drafts[h]
	}
	for _, h := range s.Free {
		l.give(h, false)
	}
}
