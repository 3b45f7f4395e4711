//go:build !unix

package store

import (
	"context"
	"errors"
)

// lock is not known here: a store can be read.
func (b *sqliteStore) lock(context.Context) (func() error, error) {
	return nil, errors.New("stores are written on macOS, Linux and other Unix systems only")
}

func isFull(error) bool { return false }

func isReadOnly(error) bool { return false }
