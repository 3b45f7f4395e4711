package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ascribe.example/finding"
)

// place is where in the findings' files something stands.
type place struct {
	Part   int   // of the file, from 1
	Offset int64 // in it
}

// findings are JSON lines in files of a bounded size. What a service wrote before it was killed, and comes to once more, is
// compared with what is there and not written again.
type findings struct {
	folder string
	most   int64 // bytes of a file
	keep   int   // files
	tell   func(string)

	file    *os.File
	at      place
	there   []byte // written behind the place by an earlier life, and not come to yet
	pending []byte
	line    []byte
}

func (s *findings) path(part int) string {
	return filepath.Join(s.folder, fmt.Sprintf("findings-%06d.jsonl", part))
}

// openFindings goes on at a place; what lies behind it is there already.
func openFindings(folder string, at place, most int64, keep int, tell func(string)) (*findings, error) {
	s := &findings{folder: folder, most: most, keep: keep, tell: tell, at: place{max(at.Part, 1), at.Offset}}
	return s, s.open()
}

func (s *findings) open() error {
	f, err := os.OpenFile(s.path(s.at.Part), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the findings: %w", err)
	}
	s.file = f
	if _, err := f.Seek(s.at.Offset, io.SeekStart); err != nil {
		return fmt.Errorf("open the findings: %w", err)
	}
	if s.there, err = io.ReadAll(f); err != nil {
		return fmt.Errorf("read the findings %s: %w", f.Name(), err)
	}
	return nil
}

// Write takes a finding.
func (s *findings) Write(f *finding.Finding) error {
	s.line = append(finding.Append(s.line[:0], f), '\n')
	if s.at.Offset > 0 && s.at.Offset+int64(len(s.line)) > s.most {
		if err := s.turn(); err != nil {
			return err
		}
	}
	s.at.Offset += int64(len(s.line))
	n := min(len(s.there), len(s.line))
	if n > 0 {
		if !bytes.Equal(s.there[:n], s.line[:n]) {
			return s.differs()
		}
		s.there = s.there[n:]
		if n == len(s.line) {
			return nil
		}
	}
	s.pending = append(s.pending, s.line[n:]...) // n is not 0 where a kill cut a line
	return nil
}

// differs: what an earlier life wrote rests on messages that a loss of power took. It cannot be said again, and what
// replaces it is written over it.
func (s *findings) differs() error {
	from := s.at.Offset - int64(len(s.line))
	s.tell(fmt.Sprintf("%d bytes of findings that were written before a loss of power rest on messages that it took: they are written anew from byte %d of %s", len(s.there), from, s.file.Name()))
	s.there = nil
	if err := s.file.Truncate(from); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	if _, err := s.file.Seek(from, io.SeekStart); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	s.pending = append(s.pending, s.line...)
	return nil
}

// turn goes on to the next file.
func (s *findings) turn() error {
	if err := s.sync(); err != nil {
		return err
	}
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	s.at = place{s.at.Part + 1, 0}
	if old := s.at.Part - s.keep; s.keep > 0 && old > 0 {
		if err := os.Remove(s.path(old)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("delete old findings: %w", err)
		}
	}
	return s.open()
}

// Flush makes what was taken readable.
func (s *findings) Flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	_, err := s.file.Write(s.pending)
	s.pending = s.pending[:0]
	if err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	return nil
}

// sync makes it outlive a loss of power.
func (s *findings) sync() error {
	if err := s.Flush(); err != nil {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("write the findings: %w", err)
	}
	return nil
}

func (s *findings) close() error {
	return errors.Join(s.sync(), s.file.Close())
}
