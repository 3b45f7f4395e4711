package live

import (
	"context"
	"io"
	"sync"

	"ascribe.example/es"
	"ascribe.example/es/recording"
)

// maxFed is how much text may wait for its reader before the stream waits; the intake goes on taking meanwhile.
const maxFed = 1 << 20

// Feed is a [Taker] whose recording is read while it is made. Its reader is for one goroutine.
type Feed struct {
	mu     sync.Mutex
	text   []byte
	line   []byte
	over   bool // no more will come
	closed bool // nobody reads any more
	data   *sync.Cond
	room   *sync.Cond

	reading []byte // what was taken from text, and its rest
	rest    []byte
}

// NewFeed makes a feed.
func NewFeed() *Feed {
	f := &Feed{}
	f.data, f.room = sync.NewCond(&f.mu), sync.NewCond(&f.mu)
	return f
}

func (f *Feed) put(p []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.text) >= maxFed && !f.closed {
		f.room.Wait()
	}
	if f.closed {
		return context.Canceled
	}
	f.text = append(f.text, p...)
	f.data.Signal()
	return nil
}

func (f *Feed) control(line []byte) error {
	f.line = append(line, '\n')
	return f.put(f.line)
}

// Begin takes a begin line; the other methods take what their names say.
func (f *Feed) Begin(h *es.Header) error {
	return f.control(recording.AppendBegin(f.line[:0], h))
}

func (f *Feed) Snapshot(s *es.Snapshot) error {
	return f.control(recording.AppendSnapshot(f.line[:0], s))
}

func (f *Feed) Lines(raw []byte, _ es.Time) error { return f.put(raw) }

func (f *Feed) Watermark(t es.Time) error {
	return f.control(recording.AppendWatermark(f.line[:0], t))
}
func (f *Feed) Gap(g *es.Gap) error   { return f.control(recording.AppendGap(f.line[:0], g)) }
func (f *Feed) Fact(x *es.Fact) error { return f.control(recording.AppendFact(f.line[:0], x)) }
func (f *Feed) Idle(at es.Time) error { return nil }
func (f *Feed) End(at es.Time) error  { f.Finish(); return nil }

// Text takes lines of a recording as they stand.
func (f *Feed) Text(p []byte) error { return f.put(p) }

// Finish ends the text.
func (f *Feed) Finish() {
	f.mu.Lock()
	f.over = true
	f.data.Signal()
	f.mu.Unlock()
}

// Read waits for text.
func (f *Feed) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		f.mu.Lock()
		for len(f.text) == 0 && !f.over && !f.closed {
			f.data.Wait()
		}
		if len(f.text) == 0 {
			f.mu.Unlock()
			return 0, io.EOF
		}
		f.text, f.reading = f.reading[:0], f.text
		f.rest = f.reading
		f.room.Signal()
		f.mu.Unlock()
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// Close ends the reading: whoever writes gets an error.
func (f *Feed) Close() error {
	f.mu.Lock()
	f.closed = true
	f.data.Signal()
	f.room.Signal()
	f.mu.Unlock()
	return nil
}
