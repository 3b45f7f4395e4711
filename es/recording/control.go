package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"ascribe.example/es"
)

// Schema names the version of the recording format; it stands in every control line.
const Schema = "ascribe.recording/1"

const schemaFamily = "ascribe.recording/"

// Kind is a control line's kind.
type Kind string

// The kinds of control line.
const (
	KindBegin     Kind = "begin"     // where the messages that follow come from
	KindSnapshot  Kind = "snapshot"  // what ran before them
	KindWatermark Kind = "watermark" // no message before this time will come
	KindGap       Kind = "gap"       // messages are missing
	KindFact      Kind = "fact"      // what ES does not tell
	KindEnd       Kind = "end"       // the recording is whole up to here
)

// Control is one control line.
type Control struct {
	Schema string
	Kind   Kind

	// The one of Kind; all are zero where the schema or the kind is not known.
	Header    *es.Header
	Snapshot  *es.Snapshot
	Watermark es.Time
	Gap       *es.Gap
	Fact      *es.Fact
	End       *End
}

// End says that a recording was ended, not cut.
type End struct {
	Time      es.Time // 0 unknown
	Messages  uint64  // since the begin line
	Continued bool    // another file goes on where this one ends
}

// Known reports whether this version of the format has the line's schema and kind. A line that is not known is no error: a
// later version wrote it.
func (c *Control) Known() bool {
	return c.Header != nil || c.Snapshot != nil || c.Kind == KindWatermark && c.Schema == Schema || c.Gap != nil || c.Fact != nil || c.End != nil
}

// ErrNotControl is returned for values that are no control lines.
var ErrNotControl = errors.New("not a control line of a recording")

// IsControl reports, at a glance, whether a value is a control line as writers write it: its schema comes first.
// [ParseControl] finds out for any order of keys.
func IsControl(raw []byte) bool {
	const plain = `{"schema":"ascribe.`
	if len(raw) < len(plain) {
		return false
	}
	if string(raw[:len(plain)]) == plain {
		return true
	}
	if raw[1] > ' ' {
		return false
	}
	rest, ok := bytes.CutPrefix(trimLeft(raw[1:]), []byte(`"schema"`))
	return ok && bytes.HasPrefix(trimLeft(rest), []byte(":"))
}

func trimLeft(raw []byte) []byte { return bytes.TrimLeft(raw, " \t\r\n") }

// ParseControl reads a control line. It returns [ErrNotControl] for any other value, and another error where the line is
// of a known kind and says what that kind cannot.
func ParseControl(raw []byte) (Control, error) {
	var head struct {
		Schema *string
		Kind   *string
	}
	if err := json.Unmarshal(raw, &head); err != nil || head.Schema == nil {
		return Control{}, ErrNotControl
	}
	if !strings.HasPrefix(*head.Schema, schemaFamily) {
		return Control{}, fmt.Errorf("%w: its schema is %.40q", ErrNotControl, *head.Schema)
	}
	c := Control{Schema: *head.Schema}
	if head.Kind != nil {
		c.Kind = Kind(*head.Kind)
	}
	if c.Schema != Schema {
		return c, nil
	}
	var err error
	switch c.Kind {
	case KindBegin:
		c.Header, err = parse(raw, (*beginLine).header)
	case KindSnapshot:
		c.Snapshot, err = parse(raw, (*snapshotLine).snapshot)
	case KindWatermark:
		var t *es.Time
		if t, err = parse(raw, (*watermarkLine).time); err == nil {
			c.Watermark = *t
		}
	case KindGap:
		c.Gap, err = parse(raw, (*gapLine).gap)
	case KindFact:
		c.Fact, err = parse(raw, (*factLine).fact)
	case KindEnd:
		c.End, err = parse(raw, (*endLine).end)
	}
	if err != nil {
		return Control{}, fmt.Errorf("a %s line: %w", c.Kind, err)
	}
	return c, nil
}

func parse[L, T any](raw []byte, convert func(*L) (*T, error)) (*T, error) {
	var line L
	if err := json.Unmarshal(raw, &line); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return nil, fmt.Errorf("%q is a %s", wrong.Field, wrong.Value)
		}
		return nil, err
	}
	return convert(&line)
}

// AppendBegin appends a begin line to dst, without the newline; the other functions do so for the other kinds.
func AppendBegin(dst []byte, h *es.Header) []byte { return appendLine(dst, newBeginLine(h)) }

// AppendSnapshot appends a snapshot line.
func AppendSnapshot(dst []byte, s *es.Snapshot) []byte { return appendLine(dst, newSnapshotLine(s)) }

// AppendWatermark appends a watermark line.
func AppendWatermark(dst []byte, t es.Time) []byte {
	return appendLine(dst, watermarkLine{Schema, KindWatermark, stamp(t)})
}

// AppendGap appends a gap line.
func AppendGap(dst []byte, g *es.Gap) []byte { return appendLine(dst, newGapLine(g)) }

// AppendFact appends a fact line.
func AppendFact(dst []byte, f *es.Fact) []byte { return appendLine(dst, newFactLine(f)) }

// AppendEnd appends an end line.
func AppendEnd(dst []byte, e *End) []byte {
	return appendLine(dst, endLine{Schema, KindEnd, stamp(e.Time), e.Messages, e.Continued})
}

func appendLine(dst []byte, line any) []byte {
	b := bytes.NewBuffer(dst)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(line); err != nil {
		// The lines are plain structs of strings and numbers: only a time outside years 0 to 9999 could fail, and
		// es.Time holds none.
		panic("recording: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), newline)
}
