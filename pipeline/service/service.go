package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/live"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
	"golang.org/x/sys/unix"
)

// Config says what a service does.
type Config struct {
	Folder  string // where it keeps everything
	Stream  *live.Stream
	Options engine.Options
	Tell    func(string)

	Rules Rules // nil: none

	// More takes each finding, too, after a restart perhaps once more; Commit is called before a checkpoint says that it has
	// them. nil: none.
	More   func(*finding.Finding) error
	Commit func() error

	FindingsBytes int64         // of a file; 0: 256 MiB
	FindingsFiles int           // that are kept; 0: all
	Every         time.Duration // between checkpoints; 0: 30 s
	KeepJournal   bool          // nothing is deleted
}

// Rules say in each finding what holds of it. What they have counted is saved with the checkpoint, so that a restart forgets
// nothing.
type Rules interface {
	Mark(*finding.Finding)
	Save() ([]byte, error)
	Restore([]byte) error
}

// service is a running one.
type service struct {
	Config
	out    *findings
	feed   *live.Feed
	base   int64        // where in the journal the feed begins
	taken  atomic.Int64 // how far the engine has read
	found  atomic.Uint64
	host   string
	engine *engine.Engine
	to     func(*finding.Finding)
	saved  time.Time
}

// Run runs until the context ends.
func Run(ctx context.Context, c Config) (err error) {
	c.FindingsBytes = orElse(c.FindingsBytes, 256<<20)
	c.Every = orElse(c.Every, 30*time.Second)
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return fmt.Errorf("make the service's folder: %w", err)
	}
	unlock, err := lock(c.Folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	s := &service{Config: c, feed: live.NewFeed(), saved: time.Now()}
	before, err := s.restore()
	if err != nil {
		return err
	}
	over := make(chan error, 1)
	streaming, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		err := s.streams(streaming, before)
		s.feed.Finish()
		over <- err
	}()
	stop := s.reports()
	_, err = pipeline.Run(context.WithoutCancel(ctx), []pipeline.Input{pipeline.Stream("the journal", s.feed)}, pipeline.Options{
		Host: s.host, New: s.newEngine, Sink: s.sink, Between: s.between, Diagnose: func(d pipeline.Diagnostic) { s.Tell(d.Says) },
	})
	cancel()
	err = errors.Join(err, <-over)
	if err == nil {
		err = s.checkpoint()
	}
	stop()
	return errors.Join(err, s.out.close(), s.report(false))
}

func orElse[T comparable](v, other T) T {
	var zero T
	if v == zero {
		return other
	}
	return v
}

// restore takes the checkpoint. before is what lies between the last life and this one; nil: this is the first.
func (s *service) restore() (before *es.Gap, err error) {
	c, err := readCheckpoint(s.Folder)
	if err != nil {
		return nil, err
	}
	all, err := segments(s.Folder)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	if len(all) > 0 {
		if info, err := os.Stat(all[len(all)-1].path); err == nil {
			before = &es.Gap{From: es.Time(info.ModTime().UnixNano()), Why: "downtime"}
		}
	}
	at := place{}
	if c != nil {
		s.base, s.host, at = c.Journal, c.Host, c.Findings
		if c.Engine != nil {
			if s.engine, err = engine.Restore(bytes.NewReader(c.Engine), s.engineOptions(c.Host), s.emit); err != nil {
				return nil, fmt.Errorf("read the checkpoint: %w: move %s away to begin anew", err, s.Folder)
			}
		}
		if s.Rules != nil && c.Rules != nil {
			if err := s.Rules.Restore(c.Rules); err != nil {
				return nil, fmt.Errorf("read the checkpoint: %w: move %s away to begin anew", err, s.Folder)
			}
		}
	} else if len(all) > 0 {
		s.base = all[0].begin
	}
	s.taken.Store(s.base)
	s.out, err = openFindings(s.Folder, at, s.FindingsBytes, s.FindingsFiles, s.Tell)
	return before, err
}

// streams reads the rest of the journal, and then what happens.
func (s *service) streams(ctx context.Context, before *es.Gap) error {
	end, err := readJournal(s.Folder, s.base, s.feed.Text)
	if err != nil {
		return err
	}
	j := openJournal(s.Folder, end, s.feed.Text)
	s.Stream.Since = before
	return errors.Join(s.Stream.Run(ctx, j), j.close())
}

func (s *service) engineOptions(host string) engine.Options {
	o := s.Options
	o.Host = host
	return o
}

// emit takes the findings of a restored engine.
func (s *service) emit(f *finding.Finding) { s.to(f) }

// undrained is an engine whose open drafts stay open when the service ends: it goes on with them.
type undrained struct{ *engine.Engine }

func (undrained) Drain() {}

func (s *service) newEngine(host string, emit func(*finding.Finding)) pipeline.Engine {
	if s.engine == nil || host != s.host {
		s.engine, s.host = engine.New(s.engineOptions(host), emit), host
	}
	s.to = emit // where it was restored
	return undrained{s.engine}
}

func (s *service) sink(f *finding.Finding) error {
	s.found.Add(1)
	if s.Rules != nil {
		s.Rules.Mark(f)
	}
	if s.More != nil {
		if err := s.More(f); err != nil {
			return err
		}
	}
	return s.out.Write(f)
}

// between is called when all that came has been taken.
func (s *service) between(text int64) error {
	s.taken.Store(s.base + text)
	if err := s.out.Flush(); err != nil {
		return err
	}
	if time.Since(s.saved) < s.Every {
		return nil
	}
	return s.checkpoint()
}

// checkpoint saves the state, after all that it rests on.
func (s *service) checkpoint() error {
	s.saved = time.Now()
	if err := s.out.sync(); err != nil {
		return err
	}
	if s.Commit != nil {
		if err := s.Commit(); err != nil {
			return fmt.Errorf("keep the findings: %w", err)
		}
	}
	c := checkpoint{Made: s.saved, Journal: s.taken.Load(), Findings: s.out.at, Host: s.host}
	if s.engine != nil {
		var b bytes.Buffer
		if err := s.engine.Save(&b); err != nil {
			return err
		}
		c.Engine = b.Bytes()
	}
	if s.Rules != nil {
		var err error
		if c.Rules, err = s.Rules.Save(); err != nil {
			return err
		}
	}
	if err := c.write(s.Folder); err != nil {
		return err
	}
	if s.KeepJournal {
		return nil
	}
	return discard(s.Folder, c.Journal)
}

// lock keeps a second service out of the folder.
func lock(folder string) (unlock func() error, err error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the service's folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("lock %s: another service of ascribe works there: %w", folder, err)
	}
	return f.Close, nil
}
