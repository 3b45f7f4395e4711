package recording

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression is how a stream is compressed.
type Compression uint8

// The compressions that are read and written.
const (
	Plain Compression = iota
	Gzip
	Zstd
)

func (c Compression) String() string { return [...]string{"plain", "gzip", "zstd"}[c] }

// Suffix is what the name of such a file ends with: "", ".gz" or ".zst".
func (c Compression) Suffix() string { return [...]string{"", ".gz", ".zst"}[c] }

// maxWindow is how far back a zstd frame may refer, and so about how much memory it takes to read one: what zstd(1) reads
// without being told to use more.
const maxWindow = 128 << 20

// foreign are compressions and archives that are recognised in order to say so.
var foreign = []struct{ name, magic, tool string }{
	{"xz", "\xfd7zXZ\x00", "xz -dc"},
	{"bzip2", "BZh", "bzip2 -dc"},
	{"lz4", "\x04\x22\x4d\x18", "lz4 -dc"},
	{"zip", "PK\x03\x04", "unzip -p"},
}

// Decompress tells from the first bytes of r, not from a name, how it is compressed, and returns what is inside: of all
// members of a gzip file, of all frames of a zstd file. When the compressed data is cut or broken, the reader returns what
// came before and then an error that says so. Close it to release its memory; r stays open.
func Decompress(r io.Reader) (io.ReadCloser, Compression, error) {
	var magic [6]byte
	n, err := io.ReadFull(r, magic[:])
	head := magic[:n]
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		r = io.MultiReader(bytes.NewReader(head), failed{err})
		return io.NopCloser(r), Plain, nil
	}
	src := &source{r: io.MultiReader(bytes.NewReader(head), r)}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, Gzip, src.explain(Gzip, err)
		}
		// Close repeats what Read told already.
		return &inflated{z, func() error { _ = z.Close(); return nil }, src, Gzip}, Gzip, nil
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")),
		n >= 4 && head[0]&0xf0 == 0x50 && bytes.HasPrefix(head[1:], []byte("\x2a\x4d\x18")): // a skippable frame
		z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, Zstd, src.explain(Zstd, err)
		}
		return &inflated{z, func() error { z.Close(); return nil }, src, Zstd}, Zstd, nil
	}
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return nil, Plain, fmt.Errorf("%s data is not read: unpack it first, as with %s", f.name, f.tool)
		}
	}
	return io.NopCloser(src.r), Plain, nil
}

// failed is a reader that returns an error.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// source remembers the error of the compressed stream itself, to tell it from those of its contents.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) explain(c Compression, err error) error {
	switch {
	case s.err != nil:
		return s.err
	case errors.Is(err, io.ErrUnexpectedEOF), err == io.EOF:
		return fmt.Errorf("the %s data is cut: %w", c, io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the %s data is broken: %w", c, err)
}

// inflated reads what is inside a compressed stream.
type inflated struct {
	r     io.Reader
	close func() error
	src   *source
	c     Compression
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if err != nil && err != io.EOF {
		err = i.src.explain(i.c, err)
	}
	return n, err
}

func (i *inflated) Close() error { return i.close() }
