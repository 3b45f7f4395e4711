package live

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/recording"
)

// Recorder is a [Taker] that writes a recording to files. What was taken can be read a second later, and outlives a loss
// of power a second later.
type Recorder struct {
	name    string
	part    int     // of the file that is written
	since   *es.Gap // nil: the recording begins here
	w       *recording.Writer
	file    *os.File
	flushed time.Time
}

// flushEvery is how long what was taken may be lost by a loss of power.
const flushEvery = time.Second

// RecorderOptions say where one file ends and the next begins; 0 never.
type RecorderOptions struct {
	MaxBytes int64
	MaxAge   time.Duration
	UID, GID int  // whom the files belong to; 0 whoever runs this
	Resume   bool // go on behind what is there; else files that are there are left alone, and an error
}

// NewRecorder begins a recording in a file of that name, and in files numbered from 2 where it grows beyond its bounds:
// day.jsonl.zst, day-2.jsonl.zst. The name says how it is compressed: .zst, .gz, or not at all.
func NewRecorder(name string, o RecorderOptions) (*Recorder, error) {
	r := &Recorder{name: name}
	compression := recording.Plain
	switch {
	case strings.HasSuffix(name, ".zst"):
		compression = recording.Zstd
	case strings.HasSuffix(name, ".gz"):
		compression = recording.Gzip
	}
	first := 1
	for ; ; first++ {
		info, err := os.Lstat(r.path(first))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("begin the recording: %w", err)
		}
		if !o.Resume {
			return nil, fmt.Errorf("begin the recording %s: it is there: name another file, or go on behind it with --resume", r.path(first))
		}
		r.since = &es.Gap{From: es.Time(info.ModTime().UnixNano()), Why: "downtime"}
	}
	create := func(part int) (io.WriteCloser, error) {
		r.part = first + part - 1
		f, err := os.OpenFile(r.path(r.part), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, fmt.Errorf("begin the recording: %w", err)
		}
		if o.UID != 0 {
			if err := f.Chown(o.UID, o.GID); err != nil {
				return nil, errors.Join(fmt.Errorf("begin the recording: %w", err), f.Close())
			}
		}
		r.file = f
		return synced{f}, nil
	}
	// The file is made now, so that a folder that is not there or not ours is told before anything is recorded.
	if f, err := create(1); err != nil {
		return nil, err
	} else if err := errors.Join(f.Close(), os.Remove(r.path(first))); err != nil {
		return nil, fmt.Errorf("begin the recording: %w", err)
	}
	r.file = nil
	r.w = recording.NewRotatingWriter(create, recording.Options{Compression: compression, MaxBytes: o.MaxBytes, MaxAge: o.MaxAge})
	return r, nil
}

// synced is a file that is on the disk when it is closed.
type synced struct{ *os.File }

func (s synced) Close() error { return errors.Join(s.Sync(), s.File.Close()) }

// path is where a part goes.
func (r *Recorder) path(part int) string {
	if part == 1 {
		return r.name
	}
	folder, base := filepath.Split(r.name)
	stem, ext, _ := strings.Cut(base, ".")
	if ext != "" {
		ext = "." + ext
	}
	return fmt.Sprintf("%s%s-%d%s", folder, stem, part, ext)
}

// Since is what lies between the files that are there already and this recording; nil: there are none.
func (r *Recorder) Since() *es.Gap { return r.since }

// Part is the file that is written.
func (r *Recorder) Part() string { return r.path(max(r.part, 1)) }

// Begin takes a begin line; the other methods take what their names say.
func (r *Recorder) Begin(h *es.Header) error      { return r.told(r.w.Begin(h)) }
func (r *Recorder) Snapshot(s *es.Snapshot) error { return r.told(r.w.Snapshot(s)) }
func (r *Recorder) Watermark(t es.Time) error     { return r.told(r.w.Watermark(t)) }
func (r *Recorder) Gap(g *es.Gap) error           { return r.told(r.w.Gap(g)) }
func (r *Recorder) Fact(f *es.Fact) error         { return r.told(r.w.Fact(f)) }
func (r *Recorder) End(at es.Time) error          { return r.told(r.w.End(at)) }
func (r *Recorder) Lines(raw []byte, at es.Time) error {
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, newline)
		if err := r.w.Write(line, at); err != nil {
			return r.told(err)
		}
		raw = rest
	}
	return nil
}

// Idle makes what was taken readable and safe, now and then.
func (r *Recorder) Idle(es.Time) error {
	if time.Since(r.flushed) < flushEvery || r.file == nil {
		return nil
	}
	if err := errors.Join(r.w.Flush(), r.file.Sync()); err != nil {
		return r.told(err)
	}
	r.flushed = time.Now()
	return nil
}

func (r *Recorder) told(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("write the recording %s: %w", r.Part(), err)
}

// Close closes what End did not end.
func (r *Recorder) Close() error { return r.told(r.w.Close()) }

// Tee is a [Taker] that hands everything to each of several, in order.
type Tee []Taker

func (t Tee) each(f func(Taker) error) error {
	for _, to := range t {
		if err := f(to); err != nil {
			return err
		}
	}
	return nil
}

func (t Tee) Begin(h *es.Header) error {
	return t.each(func(to Taker) error { c := *h; return to.Begin(&c) })
}

func (t Tee) Snapshot(s *es.Snapshot) error {
	return t.each(func(to Taker) error { return to.Snapshot(s) })
}

func (t Tee) Lines(raw []byte, at es.Time) error {
	return t.each(func(to Taker) error { return to.Lines(raw, at) })
}

func (t Tee) Watermark(at es.Time) error {
	return t.each(func(to Taker) error { return to.Watermark(at) })
}
func (t Tee) Gap(g *es.Gap) error   { return t.each(func(to Taker) error { return to.Gap(g) }) }
func (t Tee) Fact(f *es.Fact) error { return t.each(func(to Taker) error { return to.Fact(f) }) }
func (t Tee) Idle(at es.Time) error { return t.each(func(to Taker) error { return to.Idle(at) }) }
func (t Tee) End(at es.Time) error  { return t.each(func(to Taker) error { return to.End(at) }) }
