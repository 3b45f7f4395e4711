package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func recorded(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("../../recordings/founding.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What a receiver takes, and what it does not, decides how run ends.
func TestOTLPDecidesTheExitStatus(t *testing.T) {
	status, header, n := http.StatusOK, "", 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		header = r.Header.Get("X-Key")
		w.WriteHeader(status)
	}))
	defer s.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b, other=c")
	ascribe := func(args ...string) (int, string, string) {
		var out, diagnostics bytes.Buffer
		c := console{in: bytes.NewReader(recorded(t)), out: &out, err: &diagnostics}
		return run(t.Context(), append([]string{"run", "-", "--format", "none"}, args...), c), out.String(), diagnostics.String()
	}
	if exit, out, says := ascribe("--otlp", s.URL); exit != exitDone || out != "" || n != 1 || header != "a b" || !strings.Contains(says, "found 1 operation") {
		t.Errorf("exit %d, %q, %d requests, header %q\n%s", exit, out, n, header, says)
	}
	status = http.StatusUnauthorized
	if exit, _, says := ascribe("--otlp", s.URL); exit != exitFailed || !strings.Contains(says, "were not taken: the receiver answered 401 Unauthorized") {
		t.Errorf("exit %d\n%s", exit, says)
	}
	if exit, _, says := ascribe("--otlp", "http://logs.example"); exit != exitUsage || !strings.Contains(says, "by https only") {
		t.Errorf("exit %d\n%s", exit, says)
	}
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "a=b,secret")
	if exit, _, says := ascribe("--otlp", s.URL); exit != exitUsage || strings.Contains(says, "secret") {
		t.Errorf("exit %d\n%s", exit, says)
	}
	if exit, _, says := ascribe("--metrics", "0.0.0.0:0"); exit != exitUsage || !strings.Contains(says, "--metrics-anywhere") {
		t.Errorf("exit %d\n%s", exit, says)
	}
}

// Metrics are there while messages still come.
func TestMetricsOfARunningStream(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	address := s.Listener.Addr().String()
	s.Close() // the address is free again
	in, feed := io.Pipe()
	done := make(chan int)
	var out, diagnostics bytes.Buffer
	go func() {
		done <- run(t.Context(), []string{"run", "-", "--metrics", address}, console{in: in, out: &out, err: &diagnostics})
	}()
	if _, err := feed.Write(recorded(t)); err != nil {
		t.Fatal(err)
	}
	seen := regexp.MustCompile(`(?m)^ascribe_messages_total [1-9]`)
	var body []byte
	for began := time.Now(); !seen.Match(body); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > endOfHang {
			t.Fatalf("no messages are counted:\n%s", body)
		}
		if _, err := feed.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
		if res, err := http.Get("http://" + address + "/metrics"); err == nil {
			body, _ = io.ReadAll(res.Body)
			res.Body.Close()
		}
	}
	if !bytes.Contains(body, []byte("ascribe_build_info")) {
		t.Errorf("%s", body)
	}
	if err := feed.Close(); err != nil {
		t.Fatal(err)
	}
	if exit := <-done; exit != exitDone {
		t.Errorf("exit %d\n%s", exit, diagnostics.String())
	}
	http.DefaultClient.CloseIdleConnections()
	if res, err := http.Get("http://" + address + "/metrics"); err == nil {
		res.Body.Close()
		t.Error("metrics are served after the end")
	}
}
