package metrics_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/shown"
	"ascribe.example/lineage"
	"ascribe.example/pipeline"
	"ascribe.example/pipeline/metrics"
	"ascribe.example/pipeline/otlp"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scrape asks as Prometheus does, under a host name.
func scrape(t *testing.T, s *metrics.Server, host string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Address()+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func serve(t *testing.T, m *metrics.Metrics) *metrics.Server {
	t.Helper()
	s, err := m.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// What a scrape says is what happened; its names keep Prometheus's conventions, and docs/formats.md lists each of them.
func TestAScrape(t *testing.T) {
	m := metrics.New("1.2.3")
	all, err := shown.All("../..")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[finding.Kind]int{}
	copies := map[finding.Class]int{}
	for _, f := range all {
		m.Finding(f)
		kinds[f.Kind]++
		if f.Action == finding.Copy && f.Initiator != nil && f.Certainty.Initiator > finding.Unknown {
			copies[f.Initiator.Class]++
		}
	}
	m.Update(metrics.State{
		Progress: pipeline.Progress{Messages: 12345, Read: 678, Unreadable: 3, Newest: 1772359200e9 + 5e8},
		Engines:  []engine.Summary{{Late: 4, Held: 2, Lineage: lineage.Stats{Evicted: 7, Live: 11}}, {Late: 1}},
	})
	m.Export(func() otlp.Counts { return otlp.Counts{Sent: 5, Lost: 1} })
	s := serve(t, m)
	status, body := scrape(t, s, "")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	for name, want := range map[string]any{
		`ascribe_findings_total{kind="operation"}`:                     kinds[finding.KindOperation],
		`ascribe_findings_total{kind="gap"}`:                           kinds[finding.KindGap],
		`ascribe_operations_total{action="copy",initiator="console"}`:  copies[finding.ClassConsole],
		`ascribe_operations_total{action="unmount",initiator="agent"}`: 0,
		`ascribe_messages_total`:                                       12345,
		`ascribe_read_bytes_total`:                                     678,
		`ascribe_unreadable_total`:                                     3,
		`ascribe_newest_message_timestamp_seconds`:                     `1.7723592005e+09`,
		`ascribe_late_messages_total`:                                  5,
		`ascribe_held_messages`:                                        2,
		`ascribe_evicted_total{what="execution"}`:                      7,
		`ascribe_executions{state="live"}`:                             11,
		`ascribe_otlp_findings_total{result="lost"}`:                   1,
		`ascribe_build_info{version="1.2.3"}`:                          1,
	} {
		line := name + " " + fmt.Sprint(want) + "\n"
		if !strings.Contains(body, line) {
			got := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(name) + " .*$").FindString(body)
			t.Errorf("want %q, got %q", line, got)
		}
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range regexp.MustCompile("(?m)^# TYPE (ascribe_[a-z_]+) ([a-z]+)$").FindAllStringSubmatch(body, -1) {
		if !regexp.MustCompile("(?m)^\\| `" + l[1] + "[{`].* \\| " + l[2] + " \\| ").Match(page) {
			t.Errorf("docs/formats.md does not list %s, a %s", l[1], l[2])
		}
	}
	for _, l := range regexp.MustCompile("(?m)^\\| `(ascribe_[a-z_]+)").FindAllStringSubmatch(string(page), -1) {
		if !strings.Contains(body, "# TYPE "+l[1]+" ") {
			t.Errorf("docs/formats.md lists %s, which is not there", l[1])
		}
	}
}

// Nothing from outside becomes a label, however many names there are.
func TestLabelsAreFew(t *testing.T) {
	m := metrics.New("x")
	m.Finding(&finding.Finding{Kind: finding.KindOperation, Action: "no such", Initiator: &finding.Initiator{Class: "no such", User: "alice"}, Certainty: finding.Levels{Initiator: 1}})
	m.Finding(&finding.Finding{Kind: finding.KindGap, Gap: &finding.Gap{Why: "no such"}})
	m.Finding(&finding.Finding{Kind: "no such", Path: "/secret"})
	_, body := scrape(t, serve(t, m), "")
	for _, s := range []string{"no such", "alice", "secret"} {
		if strings.Contains(body, s) {
			t.Errorf("%q is in the metrics", s)
		}
	}
}

func TestWhoMayScrape(t *testing.T) {
	m := metrics.New("x")
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "[::]:0", "mac.local:0"} {
		if s, err := m.Listen(address, false); err == nil {
			_ = s.Close()
			t.Errorf("%s was served to anyone", address)
		} else if !strings.Contains(err.Error(), "--metrics-anywhere") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"9301", "", "x:y:z"} {
		if s, err := m.Listen(address, true); err == nil {
			_ = s.Close()
			t.Errorf("%q was taken for an address", address)
		}
	}
	s := serve(t, m)
	for host, want := range map[string]int{
		"localhost:9301": 200, "127.0.0.1": 200, "[::1]:9301": 200, "rebound.example": 403, "rebound.example:9301": 403,
	} {
		if got, _ := scrape(t, s, host); got != want {
			t.Errorf("asked for as %s: %d, not %d", host, got, want)
		}
	}
	open, err := m.Listen("127.0.0.1:0", true)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := scrape(t, open, "mac.example"); got != 200 {
		t.Errorf("open to anyone, but %d", got)
	}
	if err := open.Close(); err != nil {
		t.Error(err)
	}
}
