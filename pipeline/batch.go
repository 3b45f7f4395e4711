package pipeline

import (
	"errors"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// batch is one block of an input, split and decoded.
type batch struct {
	block    recording.Block
	decoder  *eslogger.Decoder // while it decodes
	memory   eslogger.Memory   // of its messages
	items    []item
	messages []es.Message
	controls []recording.Control
	broken   []recording.Piece

	text   int64 // the input's text up to the batch's end
	cut    int64 // the text up to the last of its values
	stored int64 // the input's bytes read so far
	size   int   // of the block
	err    error // why there are no more batches
	done   chan struct{}
}

// item is one value or run of text: an index into the batch's list of its kind.
type item struct {
	kind  itemKind
	index int32
	place
}

type itemKind uint8

const (
	itemMessage itemKind = iota
	itemControl
	itemBroken
	itemPart // of an unreadable run that goes on
)

func newBatch() *batch { return &batch{done: make(chan struct{}, 1)} }

// renew lets go of the memory that the batch has come to hold.
func (b *batch) renew() {
	b.block, b.memory, b.messages, b.broken = recording.Block{}, eslogger.Memory{}, nil, nil
}

// newDecoder makes a decoder of batches. It remembers strings from one to the next; the messages are in the batch's memory.
func newDecoder(strict bool) *eslogger.Decoder {
	d := eslogger.NewDecoder()
	d.Batch, d.StrictShape, d.NoImageStatus = true, strict, true
	return d
}

// finish decodes what was split, and says that the batch is done.
func (b *batch) finish(d *eslogger.Decoder) {
	if b.err == nil {
		b.decode(d)
	}
	b.done <- struct{}{}
}

// decode decodes the block's pieces.
func (b *batch) decode(d *eslogger.Decoder) {
	b.decoder = d
	d.Exchange(&b.memory)
	defer d.Exchange(&b.memory)
	d.Reset()
	b.items, b.messages, b.controls, b.broken = b.items[:0], b.messages[:0], b.controls[:0], b.broken[:0]
	for i := range b.block.Pieces {
		b.piece(&b.block.Pieces[i])
	}
}

func (b *batch) piece(p *recording.Piece) {
	if p.Unreadable() {
		b.unreadable(p, p.Reason)
		return
	}
	if recording.IsControl(p.Raw) && b.control(p) {
		return
	}
	err := b.message(p)
	if err == nil {
		return
	}
	if parts := recording.Divide(*p); len(parts) > 1 || len(parts) == 1 && parts[0].Unreadable() {
		for i := range parts {
			b.piece(&parts[i])
		}
		return
	}
	if !b.control(p) {
		reason := err.Error()
		if _, err := recording.ParseControl(p.Raw); err != recording.ErrNotControl {
			reason = err.Error() // it has a schema, of something else
		}
		b.unreadable(p, reason)
	}
}

// message decodes a message in the next slot. A slot that was used before is used again with what it holds: the decoder
// sets everything.
func (b *batch) message(p *recording.Piece) error {
	n := len(b.messages)
	if n == cap(b.messages) {
		b.messages = append(b.messages, es.Message{})
	}
	b.messages = b.messages[:n+1]
	if err := b.decoder.Decode(p.Raw, &b.messages[n]); err != nil {
		b.messages = b.messages[:n]
		return err
	}
	b.items = append(b.items, item{itemMessage, int32(n), placeOf(p)})
	return nil
}

// control takes a control line, and reports whether the piece is one, readable or not.
func (b *batch) control(p *recording.Piece) bool {
	c, err := recording.ParseControl(p.Raw)
	switch {
	case errors.Is(err, recording.ErrNotControl):
		return false
	case err != nil:
		b.unreadable(p, err.Error())
	default:
		b.items = append(b.items, item{itemControl, int32(len(b.controls)), placeOf(p)})
		b.controls = append(b.controls, c)
	}
	return true
}

func (b *batch) unreadable(p *recording.Piece, reason string) {
	kind := itemBroken
	if p.More {
		kind = itemPart
	}
	b.items = append(b.items, item{kind, int32(len(b.broken)), placeOf(p)})
	b.broken = append(b.broken, recording.Piece{Raw: p.Raw, Offset: p.Offset, Line: p.Line, Reason: reason, More: p.More})
}
