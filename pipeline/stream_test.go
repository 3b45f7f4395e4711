package pipeline

import (
	"context"
	"io"
	"strings"
	"testing"
)

// TestStreamLetsGo: one long value does not make every batch as large for ever, and is not read ahead many times.
func TestStreamLetsGo(t *testing.T) {
	const long = 3 << 20
	in := strings.Repeat(msg(1, 1, strings.Repeat("x", long)), 8) + strings.Repeat(msg(2, 2, "y"), 2000)
	s, err := startStream(context.Background(), text("x", in), 2, 0, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop(true)
	values := 0
	var b *batch
	for {
		if b, err = s.next(b); err != nil {
			t.Fatal(err)
		}
		if b.err != nil {
			break
		}
		values += len(b.items)
		s.held.mu.Lock()
		held := s.held.n
		s.held.mu.Unlock()
		if held > heldAhead+3*long {
			t.Errorf("%d bytes are read ahead", held)
		}
	}
	if b.err != io.EOF || values != 2008 {
		t.Errorf("%d values, %v", values, b.err)
	}
	var decoded uint64
	for _, d := range s.decoders {
		decoded += d.Stats().Messages
		if !d.StrictShape {
			t.Error("a decoder is not strict")
		}
	}
	for range cap(s.free) - 1 {
		b := <-s.free
		if b.block.Size() > 4*chunkSize {
			t.Errorf("a batch keeps %d bytes", b.block.Size())
		}
	}
	if decoded != 2008 {
		t.Errorf("%d messages are counted", decoded)
	}
}
