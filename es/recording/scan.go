package recording

import "io"

// Scanner yields the pieces of a stream one at a time, each value checked to be exactly one JSON object. It is the simple
// way to read; where speed matters, a [Splitter] and the decoder's own check do the same.
type Scanner struct {
	s       *Splitter
	block   Block
	next    int
	divided []Piece
	w       walker
}

// NewScanner returns a scanner of r with the default limit.
func NewScanner(r io.Reader) *Scanner { return &Scanner{s: NewSplitter(r, 0, 0)} }

// Next returns the next piece, valid until the next call. At the end it returns [io.EOF].
func (s *Scanner) Next() (Piece, error) {
	for {
		if len(s.divided) > 0 {
			p := s.divided[0]
			s.divided = s.divided[1:]
			return p, nil
		}
		if s.next == len(s.block.Pieces) {
			s.next = 0
			if err := s.s.Fill(&s.block); err != nil {
				return Piece{}, err
			}
		}
		p := s.block.Pieces[s.next]
		s.next++
		if p.Unreadable() || s.w.whole(p.Raw) {
			return p, nil
		}
		s.divided = Divide(p)
	}
}
