package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// longestPause is how long a replay waits at most: nobody watches a Mac sleep.
const longestPause = 10 * time.Second

// Replay feeds a recording at the pace at which it was made, times speed (0: as fast as it is taken). It is the feed's
// only writer, and ends it.
func Replay(ctx context.Context, r io.Reader, speed float64, to *Feed) error {
	defer to.Finish()
	plain, _, err := recording.Decompress(r)
	if err != nil {
		return err
	}
	defer func() { _ = plain.Close() }() // only read
	var (
		values  = recording.NewScanner(plain)
		decoder = eslogger.NewDecoder()
		m       es.Message
		last    es.Time
		due     = time.Now()
		line    []byte
	)
	for {
		p, err := values.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		var at es.Time
		if p.Unreadable() || recording.IsControl(p.Raw) {
			if c, err := recording.ParseControl(p.Raw); err == nil {
				at = c.Watermark
			}
		} else if decoder.Decode(p.Raw, &m) == nil {
			at = m.Time
		}
		if speed > 0 && at > last {
			if last != 0 {
				due = due.Add(min(time.Duration(float64(at.Sub(last))/speed), longestPause))
			}
			last = at
			if pause := time.Until(due); pause > time.Millisecond {
				select {
				case <-time.After(pause):
				case <-ctx.Done():
					return nil
				}
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		line = append(append(line[:0], p.Raw...), '\n')
		if err := to.Text(line); err != nil {
			return nil // nobody reads any more
		}
	}
}
