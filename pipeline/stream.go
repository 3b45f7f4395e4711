package pipeline

import (
	"context"
	"io"
	"runtime"
	"sync"
	"sync/atomic"

	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// stream reads one input ahead of the engine, on goroutines of its own: one or more read, split and decode, and one
// decompresses where that is needed. What they make arrives in order, by the batch; the batches go round, so what is read
// ahead is bounded.
//
//	(inflate ─ chunks ─>) split, one at a time ─> decode, side by side
//	                        └──── ready, in order ────> engine
//
// Who takes the batches makes one itself before it would wait for one.
type stream struct {
	input  Input
	cancel context.CancelFunc
	ctx    context.Context
	ready  chan *batch
	free   chan *batch
	held   weight
	wg     sync.WaitGroup

	splitting    sync.Mutex // splitter and over
	splitter     *recording.Splitter
	limit, block int  // the splitter's
	over         bool // the last batch was split

	decoders []*eslogger.Decoder // for their statistics
	own      *eslogger.Decoder   // of who takes the batches, once it helped
	strict   bool
	stored   atomic.Int64
	source   io.ReadCloser
}

// Bounds of what a stream reads ahead.
const (
	chunkSize   = 256 << 10
	chunksAhead = 3
	// heldAhead bounds the text that a stream holds. One batch always goes, however long its value is.
	heldAhead = 8 << 20
)

// weight bounds the bytes that are read ahead: blocks may have to grow for long values.
type weight struct {
	mu   sync.Mutex
	n    int
	wake chan struct{}
}

func (w *weight) add(n int) {
	w.mu.Lock()
	w.n += n
	w.mu.Unlock()
	if n < 0 {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// wait waits until less than limit is held.
func (w *weight) wait(ctx context.Context, limit int) bool {
	for !w.below(limit) {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (w *weight) below(limit int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.n < limit
}

// startStream opens an input and begins to read it.
func startStream(ctx context.Context, in Input, decoders, limit, block int, strict bool) (*stream, error) {
	source, err := openInput(ctx, in)
	if err != nil {
		return nil, err
	}
	s := &stream{input: in, source: source, limit: limit, block: block, strict: strict}
	s.ctx, s.cancel = context.WithCancel(ctx)
	n := decoders + 3
	switch {
	case !in.Again || block != 0: // little is read ahead of a stream, and of one among many
	case runtime.GOMAXPROCS(0) == 1:
		n = 2 // nothing is done side by side
	default:
		n += 4 // both sides take longer over some batches than over others: neither waits for that
	}
	s.ready, s.free = make(chan *batch, n), make(chan *batch, n)
	s.held.wake = make(chan struct{}, 1)
	for range n {
		s.free <- newBatch()
	}
	s.wg.Add(decoders)
	for range decoders {
		d := newDecoder(strict)
		s.decoders = append(s.decoders, d)
		go s.work(d)
	}
	return s, nil
}

// openInput opens an input. To open a named pipe waits until somebody writes to it: the run does not wait longer than its
// context.
func openInput(ctx context.Context, in Input) (io.ReadCloser, error) {
	if in.Again {
		return in.Open()
	}
	type opened struct {
		source io.ReadCloser
		err    error
	}
	done := make(chan opened, 1)
	go func() {
		source, err := in.Open()
		done <- opened{source, err}
	}()
	select {
	case o := <-done:
		return o.source, o.err
	case <-ctx.Done():
		go func() {
			if o := <-done; o.err == nil {
				_ = o.source.Close() // nobody reads it any more
			}
		}()
		return nil, ctx.Err()
	}
}

// stop ends the stream's goroutines. It waits for them if no read is under way, or one that is sure to return.
func (s *stream) stop(ended bool) {
	s.cancel()
	_ = s.source.Close() // what was read was checked; a read that waits must end
	if ended || s.input.Again {
		s.wg.Wait()
	}
}

// chunk is some decompressed text, or why there is no more.
type chunk struct {
	text []byte
	err  error
}

// counter counts the bytes that are read from the input.
type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// open returns the input's text. Compressed text is made ahead by a goroutine.
func (s *stream) open() io.Reader {
	r, compression, err := recording.Decompress(counter{s.source, &s.stored})
	if err != nil {
		return &chunkReader{err: err}
	}
	if compression == recording.Plain {
		return r
	}
	chunks := make(chan chunk, chunksAhead)
	s.wg.Add(1)
	go s.inflate(r, chunks)
	return &chunkReader{chunks: chunks}
}

// inflate decompresses.
func (s *stream) inflate(r io.ReadCloser, chunks chan<- chunk) {
	defer s.wg.Done()
	defer close(chunks)
	defer func() { _ = r.Close() }() // only read
	send := func(c chunk) bool {
		select {
		case chunks <- c:
			return true
		case <-s.ctx.Done():
			return false
		}
	}
	// The buffers go round: one is filled, one is split, the others wait between.
	buffers := make([][]byte, chunksAhead+2)
	for i := 0; ; i++ {
		buf := &buffers[i%len(buffers)]
		if *buf == nil {
			*buf = make([]byte, chunkSize)
		}
		n, err := 0, error(nil)
		for err == nil && n < chunkSize { // a decompressor returns little at a time
			var m int
			m, err = r.Read((*buf)[n:])
			n += m
		}
		if n > 0 && !send(chunk{text: (*buf)[:n]}) {
			return
		}
		if err != nil {
			send(chunk{err: err})
			return
		}
	}
}

// chunkReader is the text of a channel's chunks.
type chunkReader struct {
	chunks <-chan chunk
	rest   []byte
	err    error
}

func (c *chunkReader) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		next, ok := <-c.chunks
		if !ok {
			c.err = context.Canceled
			continue
		}
		c.rest, c.err = next.text, next.err
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// work splits off one batch after another and decodes it: where it was split its text is at hand.
func (s *stream) work(d *eslogger.Decoder) {
	defer s.wg.Done()
	for b := s.split(); b != nil; b = s.split() {
		b.finish(d)
	}
}

// help makes the next batch on the goroutine of who takes them. That would else wait for the one before, and to be woken takes
// a good part of the time that a batch takes. It reports whether there was one to make.
func (s *stream) help() bool {
	if !s.input.Again || !s.splitting.TryLock() {
		return false // to read might be to wait
	}
	var b *batch
	if !s.over && s.held.below(heldAhead) {
		select {
		case b = <-s.free:
			b = s.fill(b)
		default:
		}
	}
	s.splitting.Unlock()
	if b == nil {
		return false
	}
	if s.own == nil {
		s.own = newDecoder(s.strict)
		s.decoders = append(s.decoders, s.own)
	}
	b.finish(s.own)
	return true
}

// split cuts the next batch of values from the text; nil: there is none. Who waits for a batch to fill keeps nobody else from
// splitting.
func (s *stream) split() *batch {
	var b *batch
	select {
	case b = <-s.free:
	case <-s.ctx.Done():
		return nil
	}
	s.splitting.Lock()
	defer s.splitting.Unlock()
	if s.over || !s.held.wait(s.ctx, heldAhead) {
		s.free <- b
		return nil
	}
	return s.fill(b)
}

// fill fills a batch. Its place among the others is that of its filling.
func (s *stream) fill(b *batch) *batch {
	if s.splitter == nil {
		s.splitter = recording.NewSplitter(s.open(), s.limit, s.block) // which may wait for the first text
	}
	b.err = s.splitter.Fill(&b.block)
	if s.ctx.Err() != nil {
		return nil
	}
	b.text, b.cut = s.splitter.Offset(), s.splitter.Kept()
	b.stored = s.stored.Load()
	b.size = b.block.Size()
	s.held.add(b.size)
	s.over = b.err != nil
	s.ready <- b // there is room for every batch
	return b
}

// dry reports whether the next batch is not there yet.
func (s *stream) dry() bool { return !s.input.Again && len(s.ready) == 0 }

// next returns the next batch; the one before is done with.
func (s *stream) next(before *batch) (*batch, error) {
	if before != nil {
		if before.size > 4*chunkSize {
			before.renew() // it grew for one long value
		}
		s.held.add(-before.size)
		s.free <- before
	}
	for {
		select {
		case b := <-s.ready:
			return s.finished(b), nil
		default:
		}
		if s.help() {
			continue
		}
		select {
		case b := <-s.ready:
			return s.finished(b), nil
		case <-s.ctx.Done():
			return nil, s.ctx.Err()
		}
	}
}

// finished waits until a batch is decoded, and helps meanwhile.
func (s *stream) finished(b *batch) *batch {
	for {
		select {
		case <-b.done:
			return b
		default:
		}
		if !s.help() {
			<-b.done
			return b
		}
	}
}
