package pipeline

import (
	"bytes"
	"fmt"

	"ascribe.example/es"
	"ascribe.example/es/recording"
)

// cursor stands at one item of an input.
type cursor struct {
	stream *stream
	input  string
	batch  *batch
	next   int // in batch.items
	done   bool

	host     string
	begun    bool // a begin line was read
	who      identity
	last     mark   // of the last message, while inputs are merged
	messages uint64 // since the begin line
	unread   uint64 // lines since then that could not be read
	parts    bool   // within an unreadable run
	mixed    mixed
}

// start opens an input.
func (r *run) start(p *prospect) (*cursor, error) {
	c := p.cursor
	if c == nil {
		decoders := r.o.Decoders
		if len(r.open) > 0 {
			decoders = 1
		}
		block := 0
		if len(r.open) >= 8 {
			block = recording.DefaultBlock / 4 // many inputs at once share the memory of a few
		}
		s, err := startStream(r.ctx, p.input, decoders, r.o.Limit, block, r.o.StrictShape)
		if err != nil {
			return nil, notOpened(p.input, err)
		}
		c = &cursor{stream: s, input: p.input.Name, host: r.o.Host}
		r.open[c] = struct{}{}
	}
	return c, nil
}

// head returns the item that the cursor stands at; nil at the input's end.
func (c *cursor) head() (*item, error) {
	for !c.done && (c.batch == nil || c.next == len(c.batch.items)) {
		if c.batch != nil && c.batch.err != nil {
			c.done = true
			break
		}
		b, err := c.stream.next(c.batch)
		if err != nil {
			return nil, err
		}
		c.batch, c.next = b, 0
		if b.err != nil {
			b.items = b.items[:0]
		}
	}
	if c.done {
		return nil, nil
	}
	return &c.batch.items[c.next], nil
}

// message is the message that the cursor stands at; nil if it is no message.
func (c *cursor) message() *es.Message {
	if c.done || c.batch == nil || c.next == len(c.batch.items) {
		return nil
	}
	if it := &c.batch.items[c.next]; it.kind == itemMessage {
		return &c.batch.messages[it.index]
	}
	return nil
}

// alone runs an input that no other overlaps, to its end.
func (r *run) alone(c *cursor) error {
	for {
		if err := r.batch(c); err != nil {
			return err
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if r.o.Between != nil && c.batch != nil {
			if err := r.o.Between(c.batch.cut); err != nil {
				return err
			}
		}
		if c.stream.dry() {
			r.progress(true) // it may be long until there is more to tell of
		}
		it, err := c.head()
		if err != nil {
			return err
		}
		if it == nil {
			return r.finish(c)
		}
		r.progress(false)
	}
}

// batch delivers what is left of the cursor's batch.
func (r *run) batch(c *cursor) error {
	if c.batch == nil {
		return nil
	}
	for c.next < len(c.batch.items) {
		if err := r.deliver(c, 0); err != nil {
			return err
		}
	}
	return nil
}

// finish closes an input that was read to its end.
func (r *run) finish(c *cursor) error {
	err := r.ended(c)
	c.stream.stop(err == nil)
	delete(r.open, c)
	r.current = nil
	stored := c.stream.stored.Load()
	r.before += stored
	r.sum.Bytes += stored
	r.sum.Text += c.batch.text
	if err == nil {
		for _, d := range c.stream.decoders {
			add(&r.sum.Decoded, d.Stats())
		}
	}
	return err
}

// deliver gives the cursor's item to its engine and goes on to the next. A watermark says no more than until, if that is
// not 0: other inputs have messages from then on.
func (r *run) deliver(c *cursor, until es.Time) error {
	it := &c.batch.items[c.next]
	c.next++
	switch it.kind {
	case itemMessage:
		r.message(c, it)
	case itemControl:
		r.control(c, it, until)
	default:
		r.unreadable(c, it)
	}
	return r.failed
}

func (r *run) message(c *cursor, it *item) {
	m := &c.batch.messages[it.index]
	r.sum.Values++
	r.sum.Messages++
	c.messages++
	h := r.route(c)
	h.places++
	m.Place = h.places
	r.newest = max(r.newest, m.Time)
	if t := c.mixed.see(m); t != "" {
		r.diagnose(Diagnostic{Trouble: t, Input: c.input, Offset: it.offset, Line: it.line, Says: mixedSays[t]})
	}
	if r.o.Skip != nil && r.o.Skip(m) {
		r.sum.Skipped++
		if h.skip != nil {
			h.skip.Skip(m)
		}
		return
	}
	if h.ahead != nil && it.index%foreseen == 0 {
		ms := c.batch.messages[it.index:]
		h.ahead.Foresee(ms[:min(foreseen, len(ms))])
	}
	h.engine.Add(m)
}

// route finds the engine of the cursor's host, and tells it when the messages are of another client than those before.
func (r *run) route(c *cursor) *host {
	if r.current == c {
		return r.to
	}
	h := r.engine(c.host)
	if h.last != c.who {
		h.last = c.who
		h.engine.Begin(&es.Header{Host: c.host, Boot: c.who.boot, Client: c.who.client})
	}
	r.current, r.to = c, h
	return h
}

func (r *run) control(c *cursor, it *item, until es.Time) {
	line := &c.batch.controls[it.index]
	r.sum.Values++
	r.sum.Control++
	tell := func(t Trouble, format string, args ...any) {
		r.diagnose(Diagnostic{Trouble: t, Input: c.input, Offset: it.offset, Line: it.line, Says: fmt.Sprintf(format, args...)})
	}
	switch {
	case !line.Known():
		r.sum.Unknown++
		tell(UnknownControl, "a control line of kind %.40q of %.40q, which this version does not know, was passed over", line.Kind, line.Schema)
	case line.Header != nil:
		h := line.Header
		if h.Host == "" {
			h.Host = r.o.Host
		}
		if h.Client == "" && !c.begun {
			h.Client = c.who.client // the number that merging gave it
		}
		c.host, c.who = h.Host, identity{h.Boot, h.Client}
		c.begun, c.messages, c.unread, c.mixed = true, 0, 0, mixed{}
		r.current, r.to = c, r.engine(c.host)
		r.to.last = c.who
		r.to.engine.Begin(h)
	case line.Snapshot != nil:
		r.route(c).engine.Snapshot(line.Snapshot)
	case line.Gap != nil:
		r.route(c).engine.Gap(line.Gap)
	case line.Fact != nil:
		r.route(c).engine.Fact(line.Fact)
	case line.End != nil:
		// A recorder counts every line that is none of its own, without reading it.
		if n := line.End.Messages; n != c.messages && n != c.messages+c.unread {
			tell(WrongCount, "the end line counts %d messages, %d were read", line.End.Messages, c.messages)
		}
	default:
		t := line.Watermark
		if until != 0 {
			t = min(t, until)
		}
		r.route(c).engine.Advance(t)
	}
}

// unreadable keeps and tells what could not be read. A long run comes in parts and counts once.
func (r *run) unreadable(c *cursor, it *item) {
	p := &c.batch.broken[it.index]
	first := !c.parts
	c.parts = it.kind == itemPart
	c.unread += uint64(bytes.Count(p.Raw, []byte{'\n'}))
	if first {
		c.unread++
		r.sum.Values++
		r.sum.Unreadable++
		r.diagnose(Diagnostic{Trouble: Unreadable, Input: c.input, Offset: it.offset, Line: it.line, Says: p.Reason})
	}
	if r.o.DeadLetter == nil || r.failed != nil {
		return
	}
	_, err := r.o.DeadLetter.Write(p.Raw)
	if err == nil && !c.parts {
		_, err = r.o.DeadLetter.Write([]byte{'\n'})
	}
	if err != nil {
		r.failed = fmt.Errorf("write what could not be read: %w", err)
	}
}
