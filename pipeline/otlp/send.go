package otlp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/klauspost/compress/gzip"
)

// send sends batches until there are no more.
func (e *Exporter) send() {
	defer close(e.done)
	for b := range e.work {
		e.deliver(b)
	}
}

// deliver tries one batch until the receiver has it, refuses it, or was away for too long.
func (e *Exporter) deliver(b batch) {
	body := compress(b.json)
	began := time.Now()
	pause := e.o.Pause
	told := false
	for {
		rejected, err := e.post(body)
		if err == nil {
			e.sent.Add(b.records - min(rejected.n, b.records))
			e.rejected.Add(min(rejected.n, b.records))
			if rejected.n > 0 {
				e.last = fmt.Errorf("the receiver rejected some: %s", rejected.why)
			}
			if rejected.n > 0 || rejected.why != "" {
				e.o.Tell(fmt.Sprintf("send findings to %s: %d of %d rejected: %s", e.url, rejected.n, b.records, rejected.why))
			}
			return
		}
		var again *retryable
		wait := pause/2 + rand.N(pause) // so that many senders do not come back at once
		if errors.As(err, &again) && again.after > wait {
			wait = again.after
		}
		if again == nil || time.Since(began)+wait > e.o.GiveUp || e.ctx.Err() != nil {
			e.lost.Add(b.records)
			e.last = err
			e.o.Tell(fmt.Sprintf("send findings to %s: %d given up: %v", e.url, b.records, err))
			return
		}
		if !told {
			e.o.Tell(fmt.Sprintf("send findings to %s: %v; it is tried again", e.url, err))
			told = true
		}
		e.retries.Add(1)
		select {
		case <-time.After(wait):
		case <-e.ctx.Done():
		}
		pause = min(2*pause, time.Minute)
	}
}

func compress(json []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(json) // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// retryable is an error after which the same batch may be taken.
type retryable struct {
	error
	after time.Duration // the receiver asked for that pause; 0: for none
}

func (r *retryable) Unwrap() error { return r.error }

// rejection is what a receiver did not take of a batch that it took.
type rejection struct {
	n   uint64
	why string
}

func (e *Exporter) post(body []byte) (rejection, error) {
	ctx, cancel := context.WithTimeout(e.ctx, e.o.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, bytes.NewReader(body))
	if err != nil {
		return rejection{}, err
	}
	for k, v := range e.o.Header {
		req.Header.Set(k, v)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("User-Agent", "ascribe/"+e.o.Version)
	e.requests.Add(1)
	res, err := e.o.Client.Do(req)
	if err != nil {
		return rejection{}, &retryable{error: err}
	}
	defer func() { _ = res.Body.Close() }() // only read
	const most = 64 << 10
	said, err := io.ReadAll(io.LimitReader(res.Body, most))
	switch {
	case err != nil && res.StatusCode == http.StatusOK:
		// Taken or not: nobody can say. Twice is better than never, and findings have ids.
		return rejection{}, &retryable{error: fmt.Errorf("read the answer: %w", err)}
	case res.StatusCode == http.StatusOK:
		return partial(said), nil
	}
	err = fmt.Errorf("the receiver answered %s%s", res.Status, reason(said))
	switch res.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return rejection{}, &retryable{err, retryAfter(res.Header.Get("Retry-After"), time.Now())}
	}
	return rejection{}, err
}

// partial is what an answer to a request that succeeded says of records that did not. An empty answer says nothing of them.
func partial(body []byte) rejection {
	var answer struct {
		PartialSuccess struct {
			RejectedLogRecords json.RawMessage `json:"rejectedLogRecords"` // a number, as a string or bare
			ErrorMessage       string          `json:"errorMessage"`
		} `json:"partialSuccess"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return rejection{}
	}
	p := answer.PartialSuccess
	n, err := strconv.ParseUint(string(bytes.Trim(p.RejectedLogRecords, `"`)), 10, 64)
	if err != nil {
		n = 0
	}
	return rejection{n, p.ErrorMessage}
}

// reason is what a receiver says of a request that it did not take; of a google.rpc.Status its message.
func reason(body []byte) string {
	var status struct {
		Message string `json:"message"`
	}
	said := string(body)
	if json.Unmarshal(body, &status) == nil && status.Message != "" {
		said = status.Message
	}
	const most = 200
	if len(said) > most {
		said = said[:most] + "…"
	}
	if said == "" {
		return ""
	}
	return fmt.Sprintf(": %q", said)
}

// retryAfter reads Retry-After: seconds, or a date.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 3600)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return t.Sub(now)
	}
	return 0
}
