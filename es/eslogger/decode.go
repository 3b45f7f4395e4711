package eslogger

import "ascribe.example/es"

// blank is a message of which nothing is known yet.
var blank = es.Message{
	SeqNum: es.NoSeq, GlobalSeqNum: es.NoSeq, Process: es.Process{CSValidationCategory: -1},
}

// Authorisation results [D: es_result_type_t, es_auth_result_t].
const (
	resultAuth  = 0
	resultFlags = 1
	authDeny    = 1
)

// Decoder decodes eslogger's messages. It is not safe for concurrent use.
type Decoder struct {
	// Batch keeps every decoded message valid until Reset; otherwise a message is valid until the next Decode.
	Batch bool

	messages, errors, fallbacks, unnamed   uint64
	unknownKeys, unknownEvents, mismatched tally
	unknownVersions                        map[int]uint64
	name                                   []byte
}

// NewDecoder makes a decoder.
func NewDecoder() *Decoder { return &Decoder{} }

// Reset ends the life of the messages of a batch.
func (d *Decoder) Reset() {}

// Decode decodes one JSON value, compact or pretty, into m. Whatever m held is gone.
func (d *Decoder) Decode(value []byte, m *es.Message) error {
	d.fallbacks++
	if err := d.slow(value, m); err != nil {
		d.errors++
		return err
	}
	d.messages++
	return nil
}
