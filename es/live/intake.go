package live

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// Bounds of the intake.
const (
	readSize = 512 << 10
	// maxHeld is how much may wait to be taken: a second of the busiest Mac. What comes beyond that is dropped by the
	// line, counted and told.
	maxHeld = 64 << 20
	// keptSize is what an empty buffer may keep of memory.
	keptSize = 4 << 20

	// pause is how long the intake lets text gather where the client writes to, and longPause where much comes, so much or
	// more at a time: it costs that much of latency, and spares the wake-ups that would cost most on a busy Mac. Where there
	// is no room for so much, it pauses for less, and not at all below shortPause, which is what a timer can tell.
	pause, longPause, shortPause = 10 * time.Millisecond, 30 * time.Millisecond, time.Millisecond

	much = 64 << 10
)

// intake reads a client without ever making it wait: a goroutine that only reads, into memory.
type intake struct {
	most int           // 0: maxHeld
	hold bool          // let the client wait where there is no more room
	wake chan struct{} // has a place for one

	mu      sync.Mutex
	held    []byte
	dropped uint64 // lines since the last take
	skips   bool   // the line that is coming in was begun after there was no more room
	newest  time.Time
	over    bool
}

func newIntake(most int) *intake {
	if most <= 0 {
		most = maxHeld
	}
	return &intake{most: most, wake: make(chan struct{}, 1)}
}

// read reads until the client has ended. room is how much the client can write meanwhile without having to wait.
func (in *intake) read(r io.Reader, room int) {
	var buf []byte
	rest := pause
	for {
		if cap(buf) < readSize {
			buf = make([]byte, readSize)
		}
		n, err := r.Read(buf[:readSize])
		for in.hold && in.full() {
			time.Sleep(time.Millisecond)
		}
		in.mu.Lock()
		if n > 0 {
			in.newest = time.Now()
			if len(in.held) == 0 && !in.skips && n < in.most {
				in.held, buf = buf[:n], in.held // it is not copied
			} else {
				in.put(buf[:n])
			}
		}
		in.over = in.over || err != nil
		in.mu.Unlock()
		select {
		case in.wake <- struct{}{}:
		default: // it is up already
		}
		if err != nil {
			return
		}
		if rest = nextPause(rest, n, room); rest >= shortPause && n < readSize {
			time.Sleep(rest)
		}
	}
}

// nextPause is how long to pause after a pause in which n bytes came where there is room for so many.
func nextPause(last time.Duration, n, room int) time.Duration {
	switch {
	case 4*n >= 3*room:
		return max(last/2, shortPause/2)
	case n >= much:
		return min(2*last, longPause)
	case 8*n < room:
		return min(2*last, pause)
	}
	return last
}

func (in *intake) full() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.held) >= keptSize/2
}

// put keeps p, as long as there is room. A line that was begun is kept whole.
func (in *intake) put(p []byte) {
	for len(p) > 0 {
		if !in.skips && len(in.held) < in.most {
			in.held = append(in.held, p...)
			return
		}
		line := p
		whole := bytes.IndexByte(p, '\n') + 1
		if whole > 0 {
			line = p[:whole]
		}
		p = p[len(line):]
		if !in.skips {
			in.held = append(in.held, line...)
			in.skips = whole > 0
			continue
		}
		if whole > 0 {
			in.dropped++
			in.skips = len(in.held) >= in.most
		}
	}
}

// taken is what an intake has handed on.
type taken struct {
	text    []byte
	dropped uint64 // lines, behind the text
	newest  time.Time
	over    bool
}

// take hands on all that has come, and takes back the memory of what was handed on before.
func (in *intake) take(t *taken) {
	in.mu.Lock()
	defer in.mu.Unlock()
	back := t.text[:0]
	if cap(back) > keptSize {
		back = nil
	}
	t.text, in.held = in.held, back
	t.dropped, in.dropped = in.dropped, 0
	t.newest, t.over = in.newest, in.over
}
