package service

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/live"
	"ascribe.example/es/recording"
	"github.com/klauspost/compress/s2"
)

// segmentText is how much text a file of the journal holds.
const segmentText = 64 << 20

// syncEvery is how much of what was taken a loss of power may cost; a kill costs nothing.
const syncEvery = time.Second

// journal is the text of a recording that never ends, in files named by where in it they begin. It is compressed by s2,
// which costs a tenth of what zstd costs, and lasts until the next checkpoint only.
//
// It is a [live.Taker]: what it takes is in the files before it goes on to next.
type journal struct {
	folder string
	next   func(text []byte) error

	end     int64  // of the text
	pending []byte // not in the files yet
	file    *os.File
	z       *s2.Writer
	begin   int64 // of the file's text
	synced  time.Time
}

// segment is one file.
type segment struct {
	path  string
	begin int64
}

const (
	segmentPrefix = "journal-"
	segmentSuffix = ".s2"
)

func segments(folder string) ([]segment, error) {
	names, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var all []segment
	for _, d := range names {
		digits, ok := strings.CutPrefix(d.Name(), segmentPrefix)
		if !ok {
			continue
		}
		if digits, ok = strings.CutSuffix(digits, segmentSuffix); !ok {
			continue
		}
		if begin, err := strconv.ParseInt(digits, 10, 64); err == nil {
			all = append(all, segment{filepath.Join(folder, d.Name()), begin})
		}
	}
	slices.SortFunc(all, func(a, b segment) int {
		if a.begin < b.begin {
			return -1
		}
		return 1
	})
	return all, nil
}

// readJournal hands on the text from a place to the end, and says where that is. A file that a kill cut short is read as
// far as it is whole, and to the end of a line.
func readJournal(folder string, from int64, to func([]byte) error) (end int64, err error) {
	all, err := segments(folder)
	if err != nil {
		return 0, fmt.Errorf("read the journal: %w", err)
	}
	end = from
	for i, s := range all {
		limit := int64(1) << 62
		if i+1 < len(all) {
			limit = all[i+1].begin
		}
		if limit <= from {
			continue
		}
		if s.begin > end {
			return end, fmt.Errorf("read the journal: %s begins at %d, what comes before it is missing from %d on", s.path, s.begin, end)
		}
		if end, err = readSegment(s, end, limit, to); err != nil {
			return end, err
		}
	}
	return end, nil
}

// readSegment hands on what lies between two places of the whole text, and returns how far it came.
func readSegment(s segment, from, limit int64, to func([]byte) error) (int64, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return from, fmt.Errorf("read the journal: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	z := s2.NewReader(f)
	at := s.begin
	buf := make([]byte, 256<<10)
	var carry []byte // of a line whose end has not come
	for at < limit {
		n, err := z.Read(buf)
		text := buf[:min(int64(n), limit-at)]
		at += int64(len(text))
		if skip := from + int64(len(carry)) - (at - int64(len(text))); skip > 0 {
			text = text[min(skip, int64(len(text))):]
		}
		carry = append(carry, text...)
		if i := bytes.LastIndexByte(carry, '\n') + 1; i > 0 {
			if err := to(carry[:i]); err != nil {
				return from, err
			}
			from += int64(i)
			carry = append(carry[:0], carry[i:]...)
		}
		if err != nil { // the end, or where a kill cut it
			break
		}
	}
	return from, nil
}

// openJournal goes on behind the end of what there is.
func openJournal(folder string, end int64, next func([]byte) error) *journal {
	return &journal{folder: folder, end: end, next: next}
}

func (j *journal) path(begin int64) string {
	return filepath.Join(j.folder, fmt.Sprintf("%s%020d%s", segmentPrefix, begin, segmentSuffix))
}

// write puts what is pending into the files, and then hands it on.
func (j *journal) write() error {
	if len(j.pending) == 0 {
		return nil
	}
	if err := j.store(); err != nil {
		return fmt.Errorf("write the journal in %s: %w", j.folder, err)
	}
	j.end += int64(len(j.pending))
	err := j.next(j.pending)
	j.pending = j.pending[:0]
	return err
}

func (j *journal) store() error {
	if j.file != nil && j.end-j.begin >= segmentText {
		if err := j.closeFile(); err != nil {
			return err
		}
	}
	if j.file == nil {
		// A file of that name holds nothing that can be read: a kill cut it right at its begin.
		f, err := os.OpenFile(j.path(j.end), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		j.file, j.begin = f, j.end
		if j.z == nil {
			j.z = s2.NewWriter(f, s2.WriterConcurrency(1), s2.WriterBlockSize(256<<10))
		} else {
			j.z.Reset(f)
		}
	}
	if _, err := j.z.Write(j.pending); err != nil {
		return err
	}
	if err := j.z.Flush(); err != nil {
		return err
	}
	if time.Since(j.synced) >= syncEvery {
		j.synced = time.Now()
		return j.file.Sync()
	}
	return nil
}

func (j *journal) closeFile() error {
	err := errors.Join(j.z.Close(), j.file.Sync(), j.file.Close())
	j.file = nil
	return err
}

func (j *journal) close() error {
	err := j.write()
	if j.file != nil {
		err = errors.Join(err, j.closeFile())
	}
	return err
}

// discard deletes the files that end before a place. It may be called while another goroutine writes.
func discard(folder string, before int64) error {
	all, err := segments(folder)
	if err != nil {
		return fmt.Errorf("shorten the journal: %w", err)
	}
	for i := 0; i+1 < len(all) && all[i+1].begin <= before; i++ {
		if err := os.Remove(all[i].path); err != nil {
			return fmt.Errorf("shorten the journal: %w", err)
		}
	}
	return nil
}

func (j *journal) control(line []byte) error {
	j.pending = append(line, '\n')
	return nil
}

func (j *journal) Begin(h *es.Header) error { return j.control(recording.AppendBegin(j.pending, h)) }

func (j *journal) Snapshot(s *es.Snapshot) error {
	return j.control(recording.AppendSnapshot(j.pending, s))
}

func (j *journal) Lines(raw []byte, _ es.Time) error {
	j.pending = append(j.pending, raw...)
	return nil
}

func (j *journal) Watermark(t es.Time) error {
	return j.control(recording.AppendWatermark(j.pending, t))
}
func (j *journal) Gap(g *es.Gap) error   { return j.control(recording.AppendGap(j.pending, g)) }
func (j *journal) Fact(f *es.Fact) error { return j.control(recording.AppendFact(j.pending, f)) }
func (j *journal) Idle(es.Time) error    { return j.write() }
func (j *journal) End(es.Time) error     { return j.write() }

var _ live.Taker = (*journal)(nil)
