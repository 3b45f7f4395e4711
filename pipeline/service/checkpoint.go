package service

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// checkpointVersion names the form of a checkpoint.
const checkpointVersion = "ascribe.checkpoint/1"

// checkpoint is what a service needs to go on.
type checkpoint struct {
	Version  string
	Made     time.Time
	Journal  int64 // text of the journal that the engine has taken
	Findings place // how much it had written then
	Host     string
	Engine   []byte // what engine.Save wrote; nil: no engine was there yet
	Rules    []byte // what they have counted; nil: nothing
	Sum      uint32 // of Engine and Rules
}

func checkpointFile(folder string) string { return filepath.Join(folder, "checkpoint") }

// readCheckpoint returns nil where there is none. One that cannot be read is an error: to go on without it would repeat
// what was said.
func readCheckpoint(folder string) (*checkpoint, error) {
	f, err := os.Open(checkpointFile(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the checkpoint: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	c := &checkpoint{}
	if err := gob.NewDecoder(bufio.NewReader(f)).Decode(c); err != nil || c.Version != checkpointVersion || c.sum() != c.Sum {
		return nil, fmt.Errorf("read the checkpoint %s: it is broken, or of another version of ascribe: move the folder away to begin anew", f.Name())
	}
	return c, nil
}

func (c *checkpoint) sum() uint32 {
	return crc32.Update(crc32.ChecksumIEEE(c.Engine), crc32.IEEETable, c.Rules)
}

// write replaces the checkpoint: at every moment there is a whole one.
func (c *checkpoint) write(folder string) error {
	c.Version, c.Sum = checkpointVersion, c.sum()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(c); err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	if err := replace(checkpointFile(folder), b.Bytes()); err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	return nil
}

// replace writes a file that is whole at every moment, and stays over a loss of power.
func replace(name string, text []byte) error {
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
