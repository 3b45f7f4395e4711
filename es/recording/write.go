package recording

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/redact"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Options says how a [Writer] writes.
type Options struct {
	Compression Compression

	// Redact takes secrets out of messages and snapshots, by the list of package redact, and says so in the begin line.
	Redact bool

	// MaxBytes ends a file when it holds as many bytes, as they are stored; MaxAge, when it is that old. 0: never. They
	// take effect between lines and only where new files can be made, see [NewRotatingWriter].
	MaxBytes int64
	MaxAge   time.Duration
}

// Writer writes a recording. It has no clock: times come from the caller. It is not safe for concurrent use.
//
// What was written can be read after [Writer.Flush], while the recording goes on.
type Writer struct {
	o      Options
	create func(part int) (io.WriteCloser, error) // nil: one file only

	file    io.Closer // nil: none is open, or it is the caller's
	stored  countingWriter
	buffer  *bufio.Writer
	flate   compressor // nil: plain
	part    int
	began   es.Time // of the file
	header  *es.Header
	written uint64 // messages since the begin line
	ended   bool
	line    []byte
}

// compressor is what gzip's and zstd's writers have in common.
type compressor interface {
	io.WriteCloser
	Flush() error
}

type countingWriter struct {
	w io.Writer
	n int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// errNoBegin is returned for what is written before a begin line.
var errNoBegin = errors.New("write the begin line of the recording first")

// NewWriter writes a recording to w, which stays open.
func NewWriter(w io.Writer, o Options) (*Writer, error) {
	wr := &Writer{o: o}
	return wr, wr.open(w)
}

// NewRotatingWriter writes a recording to files that create makes, numbered from 1. Each begins with a begin line of its
// own, and all but the last end with an end line that says that another one follows.
func NewRotatingWriter(create func(part int) (io.WriteCloser, error), o Options) *Writer {
	return &Writer{o: o, create: create}
}

func (w *Writer) open(to io.Writer) error {
	w.stored = countingWriter{w: to}
	w.buffer = bufio.NewWriterSize(&w.stored, 64<<10)
	switch w.o.Compression {
	case Gzip:
		z, err := gzip.NewWriterLevel(w.buffer, gzip.BestSpeed)
		if err != nil {
			return err
		}
		w.flate = z
	case Zstd:
		// A recorder must not cost the host more than a few percent of a core; 1 MiB of window already finds what repeats.
		z, err := zstd.NewWriter(w.buffer, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20))
		if err != nil {
			return err
		}
		w.flate = z
	}
	return nil
}

// Begin begins a recording, or goes on with another boot or client. The header's time is when.
func (w *Writer) Begin(h *es.Header) error {
	head := *h
	head.Redaction = slices.Clone(h.Redaction)
	if w.o.Redact && !slices.Contains(head.Redaction, redact.Name) {
		head.Redaction = append(head.Redaction, redact.Name)
	}
	w.header = &head
	if w.buffer == nil {
		return w.next(head.Time)
	}
	w.written = 0
	if w.part == 0 {
		w.part, w.began = 1, head.Time
	}
	return w.put(AppendBegin(w.line[:0], w.header))
}

// next begins the next file.
func (w *Writer) next(at es.Time) error {
	f, err := w.create(w.part + 1)
	if err != nil {
		return err
	}
	w.part++
	w.file = f
	if err := w.open(f); err != nil {
		return err
	}
	w.header.Time, w.began, w.written = at, at, 0
	return w.put(AppendBegin(w.line[:0], w.header))
}

// Write writes one message as it was received, at the given time. A pretty one becomes a line; what is no JSON is written
// as it stands, for the reader to judge.
func (w *Writer) Write(raw []byte, at es.Time) error {
	if err := w.turn(at); err != nil {
		return err
	}
	w.line = w.line[:0]
	if bytes.IndexByte(raw, '\n') >= 0 {
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			raw = b.Bytes()
		}
	}
	if w.o.Redact {
		w.line = redact.Line(w.line, raw)
	} else {
		w.line = append(w.line, raw...)
	}
	w.written++
	return w.put(w.line)
}

// Snapshot writes what the host already ran.
func (w *Writer) Snapshot(s *es.Snapshot) error {
	if err := w.turn(s.Time); err != nil {
		return err
	}
	if w.o.Redact {
		clean := *s
		clean.Processes = slices.Clone(s.Processes)
		for i := range clean.Processes {
			clean.Processes[i].Args = redact.Args(clean.Processes[i].Args)
		}
		s = &clean
	}
	return w.put(AppendSnapshot(w.line[:0], s))
}

// Watermark says that no message before t will come.
func (w *Writer) Watermark(t es.Time) error {
	if err := w.turn(t); err != nil {
		return err
	}
	return w.put(AppendWatermark(w.line[:0], t))
}

// Gap says that messages are missing.
func (w *Writer) Gap(g *es.Gap) error {
	if err := w.turn(g.To); err != nil {
		return err
	}
	return w.put(AppendGap(w.line[:0], g))
}

// Fact writes what ES does not tell.
func (w *Writer) Fact(f *es.Fact) error {
	if err := w.turn(f.Time); err != nil {
		return err
	}
	return w.put(AppendFact(w.line[:0], f))
}

// turn begins another file if it is time. An unknown time is never too late.
func (w *Writer) turn(at es.Time) error {
	switch {
	case w.header == nil || w.ended:
		return errNoBegin
	case w.create == nil:
		return nil
	case w.buffer == nil: // the last try to make a file failed
		return w.next(at)
	case w.o.MaxBytes > 0 && w.stored.n+int64(w.buffer.Buffered()) >= w.o.MaxBytes,
		w.o.MaxAge > 0 && at != 0 && w.began != 0 && at.Sub(w.began) >= w.o.MaxAge:
	default:
		return nil
	}
	if err := w.finish(&End{Time: at, Messages: w.written, Continued: true}); err != nil {
		return err
	}
	return w.next(at)
}

func (w *Writer) put(line []byte) error {
	w.line = append(line, '\n')
	var err error
	if w.flate != nil {
		_, err = w.flate.Write(w.line)
	} else {
		_, err = w.buffer.Write(w.line)
	}
	if cap(w.line) > 1<<20 {
		w.line = nil
	}
	return err
}

// Flush makes all that was written readable.
func (w *Writer) Flush() error {
	if w.buffer == nil {
		return nil
	}
	if w.flate != nil {
		if err := w.flate.Flush(); err != nil {
			return err
		}
	}
	return w.buffer.Flush()
}

// End ends the recording at the given time and closes what the writer opened.
func (w *Writer) End(at es.Time) error {
	if w.header == nil || w.ended {
		return errNoBegin
	}
	w.ended = true
	return w.finish(&End{Time: at, Messages: w.written})
}

// Close closes what the writer opened. A recording that was not ended will show that it was cut.
func (w *Writer) Close() error {
	if w.ended || w.buffer == nil {
		return nil
	}
	w.ended = true
	return w.finish(nil)
}

// finish ends the current file.
func (w *Writer) finish(e *End) error {
	var errs []error
	if e != nil {
		errs = append(errs, w.put(AppendEnd(w.line[:0], e)))
	}
	if w.flate != nil {
		errs = append(errs, w.flate.Close())
	}
	errs = append(errs, w.buffer.Flush())
	if w.file != nil {
		errs = append(errs, w.file.Close())
	}
	w.file, w.flate, w.buffer = nil, nil, nil
	return errors.Join(errs...)
}
