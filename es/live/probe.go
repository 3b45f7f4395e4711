package live

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Probe acts on a file of its own, so that the client has something to tell of us. "Before control is returned to the
// caller, the message has been created and enqueued" [D], and a client is told in order: so when a rename of ours has been
// told, everything that was done before it has been told too. That is what makes a watermark true, on a quiet Mac as on a
// busy one behind which eslogger lags; the time between is how long a message is on its way.
//
// The renames are ours, and left out by whoever reads the recording.
type Probe struct {
	dir  string
	mark []byte // what stands before the number in the file's name, and ends with markEnd
	n    uint64 // of the newest
	told uint64 // of the newest that was told

	sent [probes]sent
}

// markEnd is what is looked for in all that comes: that it begins with a rare letter makes it five times as fast.
var markEnd = []byte(".probe.")

// probes is how many may be on their way at a time.
const probes = 64

type sent struct {
	n  uint64
	at time.Time
}

// NewProbe makes a folder for the probe's file.
func NewProbe() (*Probe, error) {
	dir, err := os.MkdirTemp("", fmt.Sprintf("ascribe-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make a folder for the probe: %w", err)
	}
	p := &Probe{dir: dir, mark: append([]byte(filepath.Base(dir)), markEnd...)}
	if err := os.WriteFile(p.file(0), nil, 0o600); err != nil {
		return nil, fmt.Errorf("make the probe: %w", err)
	}
	return p, nil
}

func (p *Probe) file(n uint64) string {
	return filepath.Join(p.dir, string(p.mark)+strconv.FormatUint(n, 10)+"_")
}

// Send acts.
func (p *Probe) Send() error {
	at := time.Now()
	if err := os.Rename(p.file(p.n), p.file(p.n+1)); err != nil {
		return fmt.Errorf("move the probe: %w", err)
	}
	p.n++
	p.sent[p.n%probes] = sent{p.n, at}
	return nil
}

// Seen looks for what was told of the probe in text. at is when the newest that was told was sent. Where all that was sent
// has been told, there is nothing to look for.
func (p *Probe) Seen(text []byte) (at time.Time, lines int) {
	for p.told != p.n {
		i := p.find(text)
		if i < 0 {
			return at, lines
		}
		var n uint64
		newest := uint64(0)
		// A line names the file twice, before and after.
		end := bytes.IndexByte(text[i:], '\n')
		if end < 0 {
			end = len(text) - i
		}
		line := text[i : i+end]
		for {
			line = line[len(p.mark):]
			for n = 0; len(line) > 0 && line[0] >= '0' && line[0] <= '9'; line = line[1:] {
				n = n*10 + uint64(line[0]-'0')
			}
			newest = max(newest, n)
			j := p.find(line)
			if j < 0 {
				break
			}
			line = line[j:]
		}
		if s := p.sent[newest%probes]; newest != 0 && s.n == newest && s.at.After(at) {
			at, p.told = s.at, newest
		}
		lines++
		text = text[i+end:]
	}
	return at, lines
}

// find is where in text the mark stands; -1 nowhere.
func (p *Probe) find(text []byte) int {
	for from := 0; ; {
		i := bytes.Index(text[from:], markEnd)
		if i < 0 {
			return -1
		}
		from += i + len(markEnd)
		if bytes.HasSuffix(text[:from], p.mark) {
			return from - len(p.mark)
		}
	}
}

// Close takes the file away.
func (p *Probe) Close() error { return os.RemoveAll(p.dir) }
