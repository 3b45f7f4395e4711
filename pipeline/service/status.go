package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Status is what a service says of itself, in its folder, for whoever asks.
type Status struct {
	Schema     string    `json:"schema"` // ascribe.service/1
	Time       time.Time `json:"time"`
	Running    bool      `json:"running"`
	PID        int       `json:"pid"`
	Source     bool      `json:"source_running"` // eslogger runs and tells
	Newest     time.Time `json:"newest"`         // when it told something last, our own probe not counted
	LagMS      float64   `json:"lag_ms"`
	Messages   uint64    `json:"messages"` // lines, since the service began
	Dropped    uint64    `json:"dropped"`  // lines that came faster than they were taken
	Findings   uint64    `json:"findings"` // since the service began
	Clients    uint64    `json:"clients"`
	Journal    int64     `json:"journal"` // bytes of its text that were taken, since the folder was made
	Checkpoint time.Time `json:"checkpoint"`
	Trouble    string    `json:"trouble"` // how eslogger ended last; "" it did not
	Remedy     string    `json:"remedy"`
}

const (
	statusSchema = "ascribe.service/1"
	statusName   = "status.json"
	reportEvery  = 5 * time.Second
)

// report writes the status.
func (s *service) report(running bool) error {
	st := s.Stream.Status()
	out := Status{
		Schema: statusSchema, Time: time.Now(), Running: running, PID: os.Getpid(), Source: st.Running, Newest: st.Newest,
		LagMS: float64(st.Lag.Microseconds()) / 1000, Messages: st.Lines, Dropped: st.Dropped, Findings: s.found.Load(),
		Clients: st.Clients, Journal: s.taken.Load(),
	}
	if info, err := os.Stat(checkpointFile(s.Folder)); err == nil {
		out.Checkpoint = info.ModTime()
	}
	if !st.Running && st.LastEnd != nil {
		out.Trouble, out.Remedy = st.LastEnd.Says, st.LastEnd.Remedy
	}
	if st.Silent {
		out.Trouble = "eslogger tells nothing, although ascribe itself acted"
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(s.Folder, statusName), append(text, '\n')); err != nil {
		return fmt.Errorf("write the service's status: %w", err)
	}
	return nil
}

// reports writes the status now and then, until it is stopped.
func (s *service) reports() (stop func()) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			if err := s.report(true); err != nil {
				s.Tell(err.Error())
			}
			select {
			case <-over:
				return
			case <-time.After(reportEvery):
			}
		}
	})
	return func() {
		close(over)
		wg.Wait()
	}
}

// ReadStatus reads what the service in a folder said last; nil where there never was one.
func ReadStatus(folder string) (*Status, error) {
	text, err := os.ReadFile(filepath.Join(folder, statusName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the service's status: %w", err)
	}
	var s Status
	if err := json.Unmarshal(text, &s); err != nil || s.Schema != statusSchema {
		return nil, fmt.Errorf("read the service's status %s: not of this version", filepath.Join(folder, statusName))
	}
	return &s, nil
}
