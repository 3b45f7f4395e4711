package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

// blank is a message of which nothing is known yet.
var blank = es.Message{SeqNum: es.NoSeq, GlobalSeqNum: es.NoSeq, Process: unknownProcess}

// Authorisation results [D: es_result_type_t, es_auth_result_t].
const (
	resultAuth  = 0
	resultFlags = 1
	authDeny    = 1
)

// noNumber is a number that an object did not have.
const noNumber = ^uint32(0)

// Decoder decodes eslogger's messages. It is not safe for concurrent use, and must not be copied.
type Decoder struct {
	// Batch keeps every decoded message valid until Reset; otherwise a message is valid until the next Decode. It is
	// set before the first Decode.
	Batch bool

	// StrictShape counts unknown keys and values of unexpected types at every level of a message, and in the bodies of
	// events that the engine does not read, by what is known of macOS 27. It makes decoding slow.
	StrictShape bool

	// NoImageStatus leaves out the file status of executables, terminals and working directories: their es.File.Stat is zero.
	// Who follows processes does not need it, and it is an eighth of the text.
	NoImageStatus bool

	// The value at hand: its bytes, and how many there are.
	base unsafe.Pointer
	end  int

	memory

	seen                    uint64 // keys of the object read last
	resultType, auth, flags uint32 // of the action at hand, or noNumber
	eventType               uint32
	unknowns                int
	unknownAt               [16]unknownKey
	nest                    [skipDepth / 64]uint64
	dates                   [dateCount]date
	hashes                  [1 << hashBits]hashed
	recalled                recall
	padded                  []byte
	messages, errors        uint64
	fallbacks, unnamed      uint64
	unknownKeys, mismatched tally
	unknownEvents           tally
	unknownVersions         map[int]uint64
	name                    []byte
}

// NewDecoder makes a decoder.
func NewDecoder() *Decoder {
	d := &Decoder{}
	resetDates(&d.dates)
	resetHashes(&d.hashes)
	return d
}

// Reset ends the life of the messages of a batch.
func (d *Decoder) Reset() {
	d.events.reset()
	d.restart()
}

// Exchange lets the decoder decode into other memory, and hands out the memory that it had: messages in it stay valid until
// it is given back and [Decoder.Reset]. So one decoder, which remembers strings, serves several batches in turn.
func (d *Decoder) Exchange(m *Memory) { d.memory, *m = *m, d.memory }

// Decode decodes one JSON value, compact or pretty, into m. Whatever m held is gone, Place included; after an error m
// holds nothing of use. The error is an [*Error].
//
// If cap(value)-len(value) is at least [Padding], the value is read in place.
func (d *Decoder) Decode(value []byte, m *es.Message) error {
	if d.Batch {
		d.events.step = 1
	} else {
		d.restart()
	}
	if !d.fast(value, m) {
		d.fallbacks++
		if err := d.slow(value, m); err != nil {
			d.errors++
			return err
		}
	}
	d.messages++
	if d.StrictShape {
		d.strict(value)
	}
	return nil
}

// fast decodes what eslogger writes, and reports false for anything that surprises it.
func (d *Decoder) fast(value []byte, m *es.Message) bool {
	if cap(value)-len(value) < Padding {
		d.padded = append(append(d.padded[:0], value...), make([]byte, Padding)...)
		value = d.padded[:len(value)]
	}
	if d.outCap-d.outLen < len(value)+Padding {
		d.outCap, d.outLen = max(2*d.outCap, len(value)+Padding, 4096), 0
		d.out = unsafe.Pointer(unsafe.SliceData(make([]byte, d.outCap)))
	}
	d.base, d.end = unsafe.Pointer(unsafe.SliceData(value)), len(value)
	d.unknowns, d.eventType = 0, 0
	d.resultType, d.auth, d.flags = noNumber, 0, noNumber
	*m = blank

	i := d.object(d.space(0), unsafe.Pointer(m), messageShape)
	ok := i > 0 && d.seen&hasEventAndProcess == hasEventAndProcess && !m.Process.AuditToken.IsZero() && d.space(i) == d.end
	if ok {
		d.finish(m)
	}
	d.base = nil
	return ok
}

// finish does what needs the whole message.
func (d *Decoder) finish(m *es.Message) {
	m.Denied = d.resultType == resultAuth && d.auth == authDeny || d.resultType == resultFlags && d.flags == 0
	if e, ok := m.Event.(*es.Other); ok {
		e.Type = int32(d.eventType)
		if !d.StrictShape {
			d.count(&d.unknownEvents, "", e.Name)
		}
	}
	if !d.StrictShape {
		for _, k := range d.unknownAt[:d.unknowns] {
			d.count(&d.unknownKeys, k.in.name, unsafe.String((*byte)(unsafe.Add(d.base, k.from)), k.to-k.from))
		}
	}
	if m.Version < oldestVersion || m.Version > newestVersion {
		d.countVersion(m.Version)
	}
}
