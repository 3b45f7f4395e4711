package pipeline

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Input is one recording or stream.
type Input struct {
	Name string // for messages: a path, or - for standard input

	// Open begins reading. With Again it may be called more than once, each time from the start: several recordings are
	// ordered by what they begin with.
	Open  func() (io.ReadCloser, error)
	Again bool

	Size int64 // bytes as stored; 0 unknown
}

// Stdin is the name of standard input on a command line.
const Stdin = "-"

// Files makes inputs of recordings by name; - is stdin. Names that cannot be recordings are refused at once.
func Files(names []string, stdin io.Reader) ([]Input, error) {
	var inputs []Input
	for _, name := range names {
		if name == Stdin {
			for _, in := range inputs {
				if in.Name == Stdin {
					return nil, errors.New("standard input (-) is given twice: it can be read once")
				}
			}
			inputs = append(inputs, Stream(Stdin, stdin))
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return nil, notOpened(Input{Name: name}, err)
		}
		if info.IsDir() {
			return nil, fmt.Errorf("open %s: it is a directory: name the recordings in it", name)
		}
		in := Input{Name: name, Open: func() (io.ReadCloser, error) { return os.Open(name) }}
		if info.Mode().IsRegular() {
			in.Again, in.Size = true, info.Size()
			in.Open = func() (io.ReadCloser, error) { return openStored(name) }
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// notOpened says that an input could not be opened; the system's error names it, too, and is cut.
func notOpened(in Input, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("open %s: %w", in.Name, err)
}

// Stream makes an input of r, which is read once. If r is an [io.Closer] it is closed when the run is cancelled, so that a
// read that waits can end.
func Stream(name string, r io.Reader) Input {
	return Input{Name: name, Open: func() (io.ReadCloser, error) {
		if c, ok := r.(io.ReadCloser); ok {
			return c, nil
		}
		return io.NopCloser(r), nil
	}}
}
