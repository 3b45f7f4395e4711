package live

import (
	"sync"
	"time"
)

// Status is how a stream goes.
type Status struct {
	Running  bool      // a client has told something, and has not ended
	Began    time.Time // of this client
	Newest   time.Time // when something came last, our own probe not counted
	Proven   time.Time // all that was made before has come
	Lag      time.Duration
	Bytes    uint64
	Lines    uint64
	Dropped  uint64 // lines of ours: they came faster than they were taken
	Clients  uint64 // that told something
	Facts    uint64
	LastEnd  *End // of the last client; nil none
	Silent   bool // the client tells nothing, although there was something to tell
	RetryAt  time.Time
	Snapshot int // processes in the last snapshot
}

// shared is a status that others may look at.
type shared struct {
	mu sync.Mutex
	s  Status
}

func (s *shared) change(f func(*Status)) {
	s.mu.Lock()
	f(&s.s)
	s.mu.Unlock()
}

func (s *shared) get() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.s
}
