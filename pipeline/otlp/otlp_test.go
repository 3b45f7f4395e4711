package otlp_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ascribe.example/finding"
	"ascribe.example/internal/shown"
	"ascribe.example/pipeline/otlp"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/encoding/protojson"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// receiver takes logs as OTLP over HTTP says, and is strict about it. Answer, where it is not nil, may refuse a request
// before it is taken.
type receiver struct {
	*httptest.Server
	t      testing.TB
	answer func(n int, w http.ResponseWriter) (taken bool)

	mu      sync.Mutex
	n       int
	at      []time.Time
	lines   []string // log.record.original, in order
	hosts   map[string]bool
	headers http.Header
}

func receive(t testing.TB, answer func(int, http.ResponseWriter) bool) *receiver {
	r := &receiver{t: t, answer: answer, hosts: map[string]bool{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	r.at = append(r.at, time.Now())
	r.headers = req.Header.Clone()
	if req.Method != http.MethodPost || req.URL.Path != "/v1/logs" || req.Header.Get("Content-Type") != "application/json" {
		r.t.Errorf("%s %s, %s", req.Method, req.URL, req.Header.Get("Content-Type"))
	}
	var body io.Reader = req.Body
	if req.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(req.Body)
		if err != nil {
			r.t.Error(err)
			return
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		r.t.Error(err)
		return
	}
	var logs collector.ExportLogsServiceRequest
	if err := protojson.Unmarshal(text, &logs); err != nil {
		r.t.Errorf("not what OTLP defines: %v\n%s", err, text)
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.answer != nil && !r.answer(r.n, w) {
		return
	}
	for _, rl := range logs.ResourceLogs {
		host := attribute(rl.Resource.Attributes, "host.id")
		r.hosts[host] = true
		if attribute(rl.Resource.Attributes, "service.name") != "ascribe" {
			r.t.Errorf("resource %v", rl.Resource)
		}
		for _, sl := range rl.ScopeLogs {
			for _, l := range sl.LogRecords {
				if l.TimeUnixNano == 0 || l.ObservedTimeUnixNano == 0 || l.SeverityNumber == 0 || l.Body.GetStringValue() == "" || !strings.HasPrefix(l.EventName, "ascribe.") {
					r.t.Errorf("incomplete record %v", l)
				}
				seen := map[string]bool{}
				for _, a := range l.Attributes {
					if a.Key == "" || seen[a.Key] || a.Value.GetValue() == nil {
						r.t.Errorf("attribute %q is empty, or there twice", a.Key)
					}
					seen[a.Key] = true
				}
				f, err := finding.Parse([]byte(attribute(l.Attributes, "log.record.original")))
				if err != nil {
					r.t.Error(err)
					continue
				}
				if f.Host != host || attribute(l.Attributes, "log.record.uid") != f.ID {
					r.t.Errorf("finding %s of host %q came as %s of %q", f.ID, f.Host, attribute(l.Attributes, "log.record.uid"), host)
				}
				r.lines = append(r.lines, string(finding.Append(nil, f)))
			}
		}
	}
	if r.answer == nil {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}
}

func attribute(list []*common.KeyValue, key string) string {
	for _, a := range list {
		if a.Key == key {
			return a.Value.GetStringValue()
		}
	}
	return ""
}

func findings(t testing.TB, n int) []*finding.Finding {
	t.Helper()
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	for len(all) < n {
		all = append(all, all...)
	}
	return all[:n]
}

// send sends all findings and closes.
func send(t testing.TB, o otlp.Options, fs []*finding.Finding) (otlp.Counts, error) {
	t.Helper()
	e, err := otlp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range fs {
		if err := e.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	err = e.Close(t.Context())
	return e.Counts(), err
}

func (r *receiver) same(fs []*finding.Finding) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) != len(fs) {
		r.t.Fatalf("%d findings were sent, %d came", len(fs), len(r.lines))
	}
	for i, f := range fs {
		if want := string(finding.Append(nil, f)); r.lines[i] != want {
			r.t.Fatalf("finding %d came as\n%s\nnot\n%s", i, r.lines[i], want)
		}
	}
}

// Every finding of every scenario arrives once, in order, in batches.
func TestFindingsArrive(t *testing.T) {
	fs := findings(t, 2000)
	r := receive(t, nil)
	c, err := send(t, otlp.Options{
		URL: r.URL, Header: map[string]string{"Authorization": "Bearer x"}, Bytes: 64 << 20, Wait: time.Minute,
	}, fs)
	if err != nil {
		t.Fatal(err)
	}
	r.same(fs)
	if c.Sent != 2000 || c.Lost+c.Rejected+c.Retries != 0 || c.Requests != 4 || r.n != 4 || len(r.hosts) < 2 {
		t.Errorf("%+v in %d requests", c, r.n)
	}
	if r.headers.Get("Authorization") != "Bearer x" {
		t.Error("the header did not come")
	}
}

// A receiver that is overloaded, away or restarting gets everything in the end, once.
func TestWhatIsRefusedForNowIsTriedAgain(t *testing.T) {
	fs := findings(t, 500)
	r := receive(t, func(n int, w http.ResponseWriter) bool {
		switch n % 6 {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.WriteHeader(http.StatusTooManyRequests)
		case 3:
			w.WriteHeader(http.StatusBadGateway)
		case 4:
			w.WriteHeader(http.StatusGatewayTimeout)
		case 5:
			panic(http.ErrAbortHandler) // the connection breaks
		default:
			return true
		}
		return false
	})
	r.Config.ErrorLog = nil
	var mu sync.Mutex
	var told []string
	c, err := send(t, otlp.Options{URL: r.URL, Records: 100, Pause: time.Millisecond, Tell: func(s string) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, s)
	}}, fs)
	if err != nil {
		t.Fatal(err)
	}
	r.same(fs)
	if c.Sent != 500 || c.Retries != 25 || c.Requests != 30 {
		t.Errorf("%+v", c)
	}
	if len(told) != 5 || !strings.Contains(told[0], "503 Service Unavailable; it is tried again") {
		t.Errorf("told %q: once a batch is enough", told)
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	fs := findings(t, 1)
	r := receive(t, func(n int, w http.ResponseWriter) bool {
		if n == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return false
		}
		return true
	})
	if _, err := send(t, otlp.Options{URL: r.URL, Pause: time.Millisecond}, fs); err != nil {
		t.Fatal(err)
	}
	r.same(fs)
	if d := r.at[1].Sub(r.at[0]); d < time.Second {
		t.Errorf("came back after %v, a second was asked for", d)
	}
}

// What a receiver refuses for good is not sent again, and is told.
func TestWhatIsRefusedForGoodIsTold(t *testing.T) {
	fs := findings(t, 300)
	r := receive(t, func(n int, w http.ResponseWriter) bool {
		if n == 2 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":3,"message":"too odd"}`)
			return false
		}
		return true
	})
	c, err := send(t, otlp.Options{URL: r.URL, Records: 100}, fs)
	if err == nil || !strings.Contains(err.Error(), `100 of 300 were not taken: the receiver answered 400 Bad Request: "too odd"`) {
		t.Errorf("%v", err)
	}
	if c != (otlp.Counts{Sent: 200, Lost: 100, Requests: 3}) {
		t.Errorf("%+v", c)
	}
	r.same(append(fs[:100:100], fs[200:]...))
}

func TestPartialSuccess(t *testing.T) {
	for _, number := range []string{`"7"`, `7`} {
		fs := findings(t, 100)
		r := receive(t, func(_ int, w http.ResponseWriter) bool {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"partialSuccess":{"rejectedLogRecords":%s,"errorMessage":"too old"}}`, number)
			return true
		})
		c, err := send(t, otlp.Options{URL: r.URL}, fs)
		if err == nil || !strings.Contains(err.Error(), "7 of 100 were not taken: the receiver rejected some: too old") {
			t.Errorf("%v", err)
		}
		if c != (otlp.Counts{Sent: 93, Rejected: 7, Requests: 1}) { // and not sent again
			t.Errorf("%+v", c)
		}
	}
}

// A receiver that stays away costs what is told, no more time than was given, and no more memory than a few batches.
func TestAReceiverThatStaysAway(t *testing.T) {
	r := receive(t, nil)
	r.Close()
	fs := findings(t, 1000)
	began := time.Now()
	c, err := send(t, otlp.Options{URL: r.URL, Records: 100, Pause: time.Millisecond, GiveUp: 20 * time.Millisecond}, fs)
	if err == nil || !strings.Contains(err.Error(), "1000 of 1000 were not taken") {
		t.Errorf("%v", err)
	}
	if c.Lost != 1000 || c.Sent != 0 || c.Retries == 0 {
		t.Errorf("%+v", c)
	}
	if d := time.Since(began); d > time.Minute { // giving up is by default after five minutes for each batch
		t.Errorf("it took %v", d)
	}
}

// An end that cannot wait any longer says what was not sent.
func TestCloseEndsWithItsContext(t *testing.T) {
	r := receive(t, func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusServiceUnavailable)
		return false
	})
	e, err := otlp.New(otlp.Options{URL: r.URL})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings(t, 10) {
		_ = e.Write(f)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := e.Close(ctx); err == nil || !strings.Contains(err.Error(), "10 of 10") {
		t.Errorf("%v", err)
	}
}

// On a quiet Mac a finding does not wait for a batch to fill.
func TestABatchThatStaysSmallGoes(t *testing.T) {
	r := receive(t, nil)
	e, err := otlp.New(otlp.Options{URL: r.URL, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	fs := findings(t, 1)
	_ = e.Write(fs[0])
	for began := time.Now(); e.Counts().Sent == 0; time.Sleep(time.Millisecond) {
		if time.Since(began) > 3*time.Minute {
			t.Fatal("it never came")
		}
	}
	if err := e.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.same(fs)
}

func TestAddresses(t *testing.T) {
	for url, why := range map[string]string{
		"https://logs.example":               "",
		"https://logs.example/x/v1/logs":     "",
		"http://127.0.0.1:4318":              "",
		"http://localhost:4318/":             "",
		"http://[::1]:4318":                  "",
		"http://logs.example":                "by https only",
		"http://10.0.0.1:4318":               "by https only",
		"http://127.0.0.1.evil.example:4318": "by https only",
		"ftp://127.0.0.1":                    "must begin with https",
		"127.0.0.1:4318":                     "no",
		"":                                   "names no host",
	} {
		e, err := otlp.New(otlp.Options{URL: url})
		if (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v", url, err)
		}
		if e != nil {
			_ = e.Close(t.Context())
		}
	}
}

// A redirect is no place to send findings to.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := receive(t, nil)
	r := receive(t, func(_ int, w http.ResponseWriter) bool {
		w.Header().Set("Location", other.URL+"/v1/logs")
		w.WriteHeader(http.StatusTemporaryRedirect)
		return false
	})
	_, err := send(t, otlp.Options{URL: r.URL}, findings(t, 1))
	if err == nil || !strings.Contains(err.Error(), "307") || other.n != 0 {
		t.Errorf("%v, %d requests elsewhere", err, other.n)
	}
}
