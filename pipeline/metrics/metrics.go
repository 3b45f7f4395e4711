// Package metrics tells Prometheus how a run goes: what was read, what was lost, what was found, and how late it is.
//
// docs/formats.md lists every metric. Labels have few values, all of them of ascribe's own vocabularies: no path, user or
// program ever becomes a label.
package metrics

import (
	"sync"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/pipeline"
	"ascribe.example/pipeline/otlp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics are those of one run. Finding and Update are for the goroutine of the run; anybody may scrape meanwhile.
type Metrics struct {
	registry   *prometheus.Registry
	findings   [4]prometheus.Counter
	operations map[[2]string]prometheus.Counter
	answers    [4][4]prometheus.Counter
	gaps       map[string]prometheus.Counter
	missing    prometheus.Counter

	mu     sync.Mutex
	state  State
	export func() otlp.Counts
}

// State is how far a run is.
type State struct {
	Progress pipeline.Progress
	Engines  []engine.Summary
}

// New makes the metrics of a run of this version of the program.
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), operations: map[[2]string]prometheus.Counter{}, gaps: map[string]prometheus.Counter{}}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), (*state)(m))
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	// All series exist from the start, at 0: a rate over what never was is a rate, not a hole.
	findings := vec("ascribe_findings_total", "Findings told, by kind.", "kind")
	for i, k := range finding.Kinds {
		m.findings[i] = findings.WithLabelValues(string(k))
	}
	operations := vec("ascribe_operations_total", "Operations told, by action and by the class of who was behind them.", "action", "initiator")
	for _, a := range finding.Actions {
		for _, c := range finding.Classes {
			m.operations[[2]string{string(a), string(c)}] = operations.WithLabelValues(string(a), string(c))
		}
	}
	answers := vec("ascribe_answers_total", "Answers of operations and events, by role and certainty.", "role", "certainty")
	for i, r := range finding.Roles {
		for j, c := range finding.Certainties {
			m.answers[i][j] = answers.WithLabelValues(string(r), c.String())
		}
	}
	gaps := vec("ascribe_gaps_total", "Gaps told: stretches in which messages are missing, by why.", "why")
	for _, why := range finding.GapReasons {
		m.gaps[why] = gaps.WithLabelValues(why)
	}
	m.missing = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ascribe_missing_messages_total", Help: "Messages that the gaps told of say are missing, where their number is known.",
	})
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ascribe_build_info", Help: "Always 1; the label says which version runs.", ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	m.registry.MustRegister(m.missing, build)
	return m
}

// Finding counts a finding that is told.
func (m *Metrics) Finding(f *finding.Finding) {
	for i, k := range finding.Kinds {
		if f.Kind == k {
			m.findings[i].Inc()
		}
	}
	switch f.Kind {
	case finding.KindOperation:
		class := finding.ClassUnknown
		if f.Initiator != nil && f.Certainty.Initiator > finding.Unknown {
			class = f.Initiator.Class
		}
		if c := m.operations[[2]string{string(f.Action), string(class)}]; c != nil {
			c.Inc()
		}
		m.answered(f)
	case finding.KindEvent:
		m.answered(f)
	case finding.KindGap:
		if f.Gap == nil {
			break
		}
		if c := m.gaps[f.Gap.Why]; c != nil {
			c.Inc()
		}
		m.missing.Add(float64(f.Gap.Missing))
	case finding.KindProcess:
	}
}

func (m *Metrics) answered(f *finding.Finding) {
	for i, r := range finding.Roles {
		if r != finding.RoleAction || f.Kind == finding.KindOperation {
			m.answers[i][min(f.Certainty.Of(r), finding.Certain)].Inc()
		}
	}
}

// Update takes how far the run is now.
func (m *Metrics) Update(s State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = s
}

// Export has the counts of an exporter told, too.
func (m *Metrics) Export(counts func() otlp.Counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.export = counts
}

// state collects what [State] says at the time of a scrape.
type state Metrics

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	messages    = desc("ascribe_messages_total", "Endpoint Security messages read.")
	read        = desc("ascribe_read_bytes_total", "Bytes of the inputs read, as stored.")
	unreadable  = desc("ascribe_unreadable_total", "Values and runs of text in the inputs that are no message and no control line.")
	newest      = desc("ascribe_newest_message_timestamp_seconds", "When the newest message that was read happened; time() minus this is the lag.")
	duplicates  = desc("ascribe_duplicate_messages_total", "Messages told twice and counted once.")
	late        = desc("ascribe_late_messages_total", "Messages that came after their place had been given up.")
	own         = desc("ascribe_own_messages_total", "Messages of ascribe itself, left out.")
	held        = desc("ascribe_held_messages", "Messages that wait for a hole in the sequence to fill.")
	evicted     = desc("ascribe_evicted_total", "What was forgotten to stay within memory.", "what")
	executions  = desc("ascribe_executions", "Executions that are remembered, by whether they are alive.", "state")
	remembered  = desc("ascribe_files", "Files that are remembered.")
	exported    = desc("ascribe_otlp_findings_total", "Findings sent by OTLP, by what became of them.", "result")
	exportTries = desc("ascribe_otlp_requests_total", "Requests made by OTLP, new tries included.")
	exportAgain = desc("ascribe_otlp_retries_total", "Requests made by OTLP because an earlier one failed.")
)

func (s *state) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		messages, read, unreadable, newest, duplicates, late, own, held, evicted, executions, remembered, exported, exportTries, exportAgain,
	} {
		ch <- d
	}
}

func (s *state) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	tell := func(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, t, v, labels...)
	}
	count := func(d *prometheus.Desc, n uint64, labels ...string) {
		tell(d, prometheus.CounterValue, float64(n), labels...)
	}
	p := &s.state.Progress
	count(messages, p.Messages)
	count(read, uint64(max(p.Read, 0)))
	count(unreadable, p.Unreadable)
	if p.Newest > 0 {
		tell(newest, prometheus.GaugeValue, seconds(p.Newest))
	}
	var sum engine.Summary
	var live, past, files int
	for i := range s.state.Engines {
		e := &s.state.Engines[i]
		sum.Duplicates += e.Duplicates
		sum.Late += e.Late
		sum.Own += e.Own
		sum.Held += e.Held
		sum.Lineage.Evicted += e.Lineage.Evicted
		sum.Files.Evicted += e.Files.Evicted
		live, past, files = live+e.Lineage.Live, past+e.Lineage.Past, files+e.Files.Files
	}
	count(duplicates, sum.Duplicates)
	count(late, sum.Late)
	count(own, sum.Own)
	tell(held, prometheus.GaugeValue, float64(sum.Held))
	count(evicted, sum.Lineage.Evicted, "execution")
	count(evicted, sum.Files.Evicted, "file")
	tell(executions, prometheus.GaugeValue, float64(live), "live")
	tell(executions, prometheus.GaugeValue, float64(past), "past")
	tell(remembered, prometheus.GaugeValue, float64(files))
	if s.export != nil {
		c := s.export()
		count(exported, c.Sent, "sent")
		count(exported, c.Rejected, "rejected")
		count(exported, c.Lost, "lost")
		count(exportTries, c.Requests)
		count(exportAgain, c.Retries)
	}
}

func seconds(t es.Time) float64 { return float64(t) / 1e9 }
