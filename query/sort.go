package query

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"

	"ascribe.example/finding"
)

// Sorter puts findings in the order of their time, however many there are: beyond [Sorter.Keep] of them, they wait in a
// temporary file. Those of equal times stay in the order in which they came.
type Sorter struct {
	Keep int    // findings kept in memory; 0: 16,384, about 64 MB
	Dir  string // for the temporary file; "" is the system's

	held []*finding.Finding
	file *os.File
	w    *bufio.Writer
	runs []run
	at   int64
	line []byte
}

// run is a part of the file that is in order.
type run struct{ from, to int64 }

// Add takes a finding, which may change as soon as Add returns.
func (s *Sorter) Add(f *finding.Finding) error {
	s.held = append(s.held, f.Clone())
	keep := s.Keep
	if keep == 0 {
		keep = 16384
	}
	if len(s.held) < keep {
		return nil
	}
	return s.spill()
}

func (s *Sorter) sort() {
	slices.SortStableFunc(s.held, func(a, b *finding.Finding) int { return cmp.Compare(a.Time, b.Time) })
}

func (s *Sorter) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.Dir, "ascribe-sort-*")
		if err != nil {
			return fmt.Errorf("put findings in order: %w", err)
		}
		// The file goes when the last one who has it open does, however that ends; where that cannot be, Close removes it.
		_ = os.Remove(f.Name())
		s.file, s.w = f, bufio.NewWriterSize(f, 1<<20)
	}
	s.sort()
	r := run{from: s.at}
	for _, f := range s.held {
		s.line = finding.Append(s.line[:0], f)
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(s.line)))
		_, err := s.w.Write(size[:])
		if err == nil {
			_, err = s.w.Write(s.line)
		}
		if err != nil {
			return s.unwritten(err)
		}
		s.at += int64(len(size) + len(s.line))
	}
	r.to = s.at
	s.runs = append(s.runs, r)
	clear(s.held)
	s.held = s.held[:0]
	return nil
}

func (s *Sorter) unwritten(err error) error {
	return fmt.Errorf("put findings in order: %w (TMPDIR names another place for temporary files)", err)
}

// All yields the findings in order, once. Each is good until the next.
func (s *Sorter) All() iter.Seq2[*finding.Finding, error] {
	return func(yield func(*finding.Finding, error) bool) {
		s.sort()
		if s.file == nil {
			for _, f := range s.held {
				if !yield(f, nil) {
					return
				}
			}
			return
		}
		if err := s.w.Flush(); err != nil {
			yield(nil, s.unwritten(err))
			return
		}
		var m merge
		for i, r := range s.runs {
			in := &sorted{place: i, r: bufio.NewReaderSize(io.NewSectionReader(s.file, r.from, r.to-r.from), 64<<10)}
			if !m.push(in, yield) {
				return
			}
		}
		if !m.push(&sorted{place: len(s.runs), held: s.held}, yield) {
			return
		}
		for len(m) > 0 {
			in := m[0]
			if !yield(in.f, nil) {
				return
			}
			switch err := in.next(); {
			case errors.Is(err, io.EOF):
				heap.Pop(&m)
			case err != nil:
				yield(nil, err)
				return
			default:
				heap.Fix(&m, 0)
			}
		}
	}
}

// Close lets the temporary file go.
func (s *Sorter) Close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	s.file = nil
	return err
}

// sorted is one run that is read.
type sorted struct {
	place int
	r     *bufio.Reader
	held  []*finding.Finding
	f     *finding.Finding
	line  []byte
}

func (in *sorted) next() error {
	if in.r == nil {
		if len(in.held) == 0 {
			return io.EOF
		}
		in.f, in.held = in.held[0], in.held[1:]
		return nil
	}
	var size [4]byte
	if _, err := io.ReadFull(in.r, size[:]); err != nil {
		return err
	}
	in.line = slices.Grow(in.line[:0], int(binary.BigEndian.Uint32(size[:])))[:binary.BigEndian.Uint32(size[:])]
	if _, err := io.ReadFull(in.r, in.line); err != nil {
		return fmt.Errorf("put findings in order: the temporary file: %w", err)
	}
	f, err := finding.Parse(in.line)
	in.f = f
	return err
}

type merge []*sorted

// push takes a run's first finding; false: it is over.
func (m *merge) push(in *sorted, yield func(*finding.Finding, error) bool) bool {
	switch err := in.next(); {
	case errors.Is(err, io.EOF):
	case err != nil:
		yield(nil, err)
		return false
	default:
		heap.Push(m, in)
	}
	return true
}

func (m merge) Len() int { return len(m) }
func (m merge) Less(i, j int) bool {
	return m[i].f.Time < m[j].f.Time || m[i].f.Time == m[j].f.Time && m[i].place < m[j].place
}
func (m merge) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *merge) Push(x any)   { *m = append(*m, x.(*sorted)) }
func (m *merge) Pop() any {
	old := *m
	x := old[len(old)-1]
	*m = old[:len(old)-1]
	return x
}
