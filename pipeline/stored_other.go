//go:build !linux

package pipeline

import (
	"io"
	"os"
)

func openStored(name string) (io.ReadCloser, error) { return os.Open(name) }
