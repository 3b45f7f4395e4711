package service

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// LogName is the file in the service's folder that says what it met.
const LogName = "service.log"

// Bounds of the log.
const (
	logBytes = 1 << 20
	logFiles = 4
)

// Log is a file of lines with their time, which is begun anew when it is full; the last few are kept.
type Log struct {
	mu   sync.Mutex
	path string
	file *os.File
	size int64
}

// OpenLog goes on with the log in a folder.
func OpenLog(folder string) (*Log, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the service's folder: %w", err)
	}
	l := &Log{path: filepath.Join(folder, LogName)}
	return l, l.open()
}

func (l *Log) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open the log: %w", err), f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Tell writes a line. What cannot be written is lost: there is nobody to tell.
func (l *Log) Tell(says string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := fmt.Sprintf("%s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), strings.ReplaceAll(says, "\n", "; "))
	if l.size > 0 && l.size+int64(len(line)) > logBytes {
		_ = l.file.Close()
		for i := logFiles - 1; i > 0; i-- {
			from := l.path
			if i > 1 {
				from = fmt.Sprintf("%s.%d", l.path, i-1)
			}
			_ = os.Rename(from, fmt.Sprintf("%s.%d", l.path, i))
		}
		if l.open() != nil {
			return
		}
	}
	n, _ := l.file.WriteString(line)
	l.size += int64(n)
}

// Close closes the log.
func (l *Log) Close() error { return l.file.Close() }
