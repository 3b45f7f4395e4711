package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// Recording is the result as a recording: control lines, unless it is bare, and a line or a pretty value a message.
func (r *Result) Recording() []byte {
	var b []byte
	if r.Header != nil {
		b = recording.AppendBegin(b, r.Header)
		b = endLine(b)
	}
	if r.Snapshot != nil {
		b = recording.AppendSnapshot(b, r.Snapshot)
		b = endLine(b)
	}
	var pretty bytes.Buffer
	o := r.lineOptions()
	for _, m := range r.Messages {
		if !r.options.Pretty {
			b = append(o.Append(b, m), '\n')
			continue
		}
		pretty.Reset()
		if err := json.Indent(&pretty, o.Append(nil, m), "", "    "); err != nil {
			panic(fmt.Sprintf("scenario: message %d: %v", m.GlobalSeqNum, err))
		}
		b = append(append(b, pretty.Bytes()...), '\n')
	}
	if r.Header != nil {
		b = recording.AppendEnd(b, &recording.End{Time: r.End, Messages: uint64(len(r.Messages))})
		b = endLine(b)
	}
	return b
}

// WriteTo writes the recording.
func (r *Result) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(r.Recording())
	return int64(n), err
}

// AppendLine appends one message as the recording has it, without the newline.
func (r *Result) AppendLine(dst []byte, m *es.Message) []byte { return r.lineOptions().Append(dst, m) }

func (r *Result) lineOptions() eslogger.Options {
	return eslogger.Options{Version: r.options.Version, TokenArrays: r.options.Tokens == TokensArray, Shuffle: r.options.KeySeed}
}

// endLine ends a control line, which may have its newline already.
func endLine(b []byte) []byte {
	if len(b) > 0 && b[len(b)-1] != '\n' {
		b = append(b, '\n')
	}
	return b
}
