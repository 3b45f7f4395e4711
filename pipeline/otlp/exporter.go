// Package otlp sends findings as logs of OpenTelemetry, by OTLP over HTTP with JSON.
//
// Findings are gathered into batches, which one goroutine sends, in order. A receiver that is slow holds back the writer;
// one that is away is tried again, with growing pauses or after the pause that it asks for. What it refuses for good, or does
// not take within [Options.GiveUp], is counted and told: nothing is lost in silence.
package otlp

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/otel"
)

// Options say where findings go, and how.
type Options struct {
	URL     string            // of the receiver; /v1/logs is added unless it ends so. https, or http to a loopback address
	Header  map[string]string // added to each request
	Version string            // of this program
	Tell    func(string)      // is told what went wrong, from another goroutine; nil: nobody is

	Client  *http.Client  // nil: one of our own
	Records int           // findings in a batch at most; 0: 512
	Bytes   int           // bytes of a batch about; 0: 1 MiB
	Wait    time.Duration // how long a finding waits for its batch to fill; 0: one second
	Pause   time.Duration // before the first new try, doubled for each further one; 0: one second
	GiveUp  time.Duration // how long a batch is tried; 0: five minutes
	Timeout time.Duration // of one try; 0: ten seconds
}

// Counts are findings, by what became of them, and requests.
type Counts struct {
	Sent     uint64 // the receiver took them
	Rejected uint64 // the receiver took the batch, but not these
	Lost     uint64 // the receiver refused the batch, or was away for too long
	Requests uint64
	Retries  uint64
}

// Exporter sends findings. Write, Flush and Close are for one goroutine.
type Exporter struct {
	o    Options
	url  string
	body batch // being filled
	work chan batch
	done chan struct{}
	cut  context.CancelFunc // ends what is being tried
	ctx  context.Context

	mu    sync.Mutex // guards body: the timer sends it, too
	timer *time.Timer

	sent, rejected, lost, requests, retries atomic.Uint64
	last                                    error // why something was lost; of the sending goroutine until done
}

// batch is one request's body, and how many findings it holds.
type batch struct {
	json    []byte
	records uint64
	host    string // of the last one
}

// open begins the findings of one host.
func (b *batch) open(host, version string) {
	b.host = host
	b.json = append(b.json, `{"resource":`...)
	b.json = otel.AppendResource(b.json, host, version)
	b.json = append(b.json, `,"scopeLogs":[{"scope":{"name":"`+otel.Scope+`"},"logRecords":[`...)
}

// New checks the address and begins.
func New(o Options) (*Exporter, error) {
	to, err := address(o.URL)
	if err != nil {
		return nil, err
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.Wait, time.Second)
	def(&o.Pause, time.Second)
	def(&o.GiveUp, 5*time.Minute)
	def(&o.Timeout, 10*time.Second)
	if o.Records <= 0 {
		o.Records = 512
	}
	if o.Bytes <= 0 {
		o.Bytes = 1 << 20
	}
	if o.Tell == nil {
		o.Tell = func(string) {}
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	client := *o.Client
	// A redirect would carry findings, and the header's secrets, to where nobody asked for them to go.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.Client = &client
	e := &Exporter{o: o, url: to, work: make(chan batch, 4), done: make(chan struct{})}
	e.ctx, e.cut = context.WithCancel(context.Background())
	e.timer = time.AfterFunc(time.Hour, e.overdue)
	e.timer.Stop()
	go e.send()
	return e, nil
}

// address is where logs are posted to.
func address(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("send findings to %q: it is no URL: %w", s, err)
	}
	switch {
	case u.Host == "":
		return "", fmt.Errorf("send findings to %q: it names no host; write http://127.0.0.1:4318 or https://HOST", s)
	case u.Scheme == "https":
	case u.Scheme != "http":
		return "", fmt.Errorf("send findings to %q: it must begin with https:// (or http:// on this machine)", s)
	case !loopback(u.Hostname()):
		return "", fmt.Errorf("send findings to %q: findings name people and files, so beyond this machine they go by https only", s)
	}
	if !strings.HasSuffix(u.Path, "/v1/logs") {
		u = u.JoinPath("v1/logs")
	}
	return u.String(), nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Write takes a finding. It waits while the receiver is behind; it never fails: what was lost [Exporter.Close] tells.
func (e *Exporter) Write(f *finding.Finding) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := &e.body
	if b.records >= uint64(e.o.Records) || len(b.json) >= e.o.Bytes {
		e.hand()
	}
	switch {
	case b.records == 0:
		b.json = append(make([]byte, 0, 64<<10), `{"resourceLogs":[`...)
		b.open(f.Host, e.o.Version)
		e.timer.Reset(e.o.Wait)
	case b.host != f.Host:
		b.json = append(b.json, "]}]},"...)
		b.open(f.Host, e.o.Version)
	default:
		b.json = append(b.json, ',')
	}
	b.json = otel.Append(b.json, f, es.Time(time.Now().UnixNano()))
	b.records++
	return nil
}

// hand gives the batch to the sending goroutine. The caller holds mu.
func (e *Exporter) hand() {
	if e.body.records == 0 {
		return
	}
	e.timer.Stop()
	e.body.json = append(e.body.json, "]}]}]}"...)
	e.work <- e.body
	e.body = batch{}
}

// overdue hands on a batch that waited long enough.
func (e *Exporter) overdue() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hand()
}

// Flush does nothing: a batch goes when it is full or old enough.
func (e *Exporter) Flush() error { return nil }

// Close sends what is left and waits for it, but not longer than the context lasts. The error says what the receiver did not take.
func (e *Exporter) Close(ctx context.Context) error {
	stop := context.AfterFunc(ctx, e.cut)
	defer stop()
	e.mu.Lock()
	e.hand()
	e.timer.Stop()
	e.mu.Unlock()
	close(e.work)
	<-e.done
	e.cut()
	e.o.Client.CloseIdleConnections()
	c := e.Counts()
	if missed := c.Rejected + c.Lost; missed > 0 {
		return fmt.Errorf("send findings to %s: %d of %d were not taken: %w", e.url, missed, missed+c.Sent, e.last)
	}
	return nil
}

// Counts are what became of the findings so far. Any goroutine may ask.
func (e *Exporter) Counts() Counts {
	return Counts{
		Sent: e.sent.Load(), Rejected: e.rejected.Load(), Lost: e.lost.Load(),
		Requests: e.requests.Load(), Retries: e.retries.Load(),
	}
}
