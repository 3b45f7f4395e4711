package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
	"ascribe.example/es/snapshot"
	"ascribe.example/internal/fakeeslogger"
)

// The test's own program is the fake eslogger where the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_ESLOGGER_MAIN") != "" {
		os.Exit(fakeeslogger.Main())
	}
	os.Exit(m.Run())
}

// fake is a source that runs the fake by a plan.
func fake(t *testing.T, plan string) *Eslogger {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Eslogger{Path: self, Env: append(os.Environ(), "FAKE_ESLOGGER_MAIN=1", "FAKE_ESLOGGER="+plan)}
}

// stream is one of this host, with what it tells.
func stream(t *testing.T, source Source) (*Stream, *said) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // probes of other tests are not ours to see
	if e, ok := source.(*Eslogger); ok {
		e.Env = append(e.Env, "TMPDIR="+os.Getenv("TMPDIR"))
	}
	host := snapshot.Host()
	told := &said{}
	return &Stream{
		Source: source,
		Header: func() es.Header {
			h := host.Header()
			h.Own = []es.Life{host.Life(os.Getpid())}
			return h
		},
		Life: host.Life, Tell: told.add,
	}, told
}

type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) add(line string) {
	s.mu.Lock()
	s.lines = append(s.lines, line)
	s.mu.Unlock()
}

func (s *said) has(word string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(strings.Join(s.lines, "\n"), word)
}

// kept is a taker that keeps the recording's text.
type kept struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (k *kept) write(p []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text.Write(p)
	return nil
}

func (k *kept) control(p []byte) error          { return k.write(append(p, '\n')) }
func (k *kept) Begin(h *es.Header) error        { return k.control(recording.AppendBegin(nil, h)) }
func (k *kept) Snapshot(s *es.Snapshot) error   { return k.control(recording.AppendSnapshot(nil, s)) }
func (k *kept) Lines(p []byte, _ es.Time) error { return k.write(p) }
func (k *kept) Watermark(t es.Time) error       { return k.control(recording.AppendWatermark(nil, t)) }
func (k *kept) Gap(g *es.Gap) error             { return k.control(recording.AppendGap(nil, g)) }
func (k *kept) Fact(f *es.Fact) error           { return k.control(recording.AppendFact(nil, f)) }
func (k *kept) Idle(es.Time) error              { return nil }
func (k *kept) End(at es.Time) error {
	return k.control(recording.AppendEnd(nil, &recording.End{Time: at}))
}

func (k *kept) string() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.String()
}

// read is what a recording holds.
type read struct {
	messages []es.Message // without the probes
	probes   int
	begins   []es.Header
	gaps     []es.Gap
	facts    []es.Fact
	marks    []es.Time
	broken   []string
	ends     int
}

func parse(t *testing.T, text string) read {
	t.Helper()
	var r read
	values := recording.NewScanner(strings.NewReader(text))
	d := eslogger.NewDecoder()
	for {
		p, err := values.Next()
		if errors.Is(err, io.EOF) {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Unreadable() {
			r.broken = append(r.broken, string(p.Raw))
			continue
		}
		if c, err := recording.ParseControl(p.Raw); err == nil {
			switch c.Kind {
			case recording.KindBegin:
				r.begins = append(r.begins, *c.Header)
			case recording.KindGap:
				r.gaps = append(r.gaps, *c.Gap)
			case recording.KindFact:
				r.facts = append(r.facts, *c.Fact)
			case recording.KindWatermark:
				r.marks = append(r.marks, c.Watermark)
			case recording.KindEnd:
				r.ends++
			}
			continue
		}
		var m es.Message
		if err := d.Decode(p.Raw, &m); err != nil {
			t.Fatalf("%v: %.200s", err, p.Raw)
		}
		if m.Process.AuditToken.PID == int32(os.Getpid()) {
			r.probes++
			continue
		}
		r.messages = append(r.messages, *m.Clone())
	}
}

// until runs a stream until what it wrote fulfils a condition.
func until(t *testing.T, s *Stream, done func(k *kept) bool) (read, error) {
	t.Helper()
	k := &kept{}
	return untilOf(t, s, k, k, done)
}

// untilOf is the same for a taker that keeps what it takes in k.
func untilOf(t *testing.T, s *Stream, k *kept, to Taker, done func(k *kept) bool) (read, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	late := time.After(3 * time.Minute) // it hangs
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx, to) }()
	for {
		select {
		case err := <-over:
			return parse(t, k.string()), err
		case <-late:
			t.Fatalf("it never came; so far: %.2000s", k.string())
		case <-time.After(5 * time.Millisecond):
			if done(k) {
				cancel()
			}
		}
	}
}

// messages is a condition: so many lines of the fake's Mac have come.
func messages(n int) func(*kept) bool {
	return func(k *kept) bool {
		text := k.string()
		return strings.Count(text, `"schema_version"`)-strings.Count(text, ".probe.")/2 >= n
	}
}

// contiguous reports whether the numbers of a recording of one client have no hole: those of the probes are among them.
func contiguous(text []es.Message, from uint64) error {
	for i, m := range text {
		if m.GlobalSeqNum != from+uint64(i) {
			return fmt.Errorf("message %d has number %d", i, m.GlobalSeqNum)
		}
	}
	return nil
}

func TestStream(t *testing.T) {
	s, told := stream(t, fake(t, "blind; emit 5000"))
	s.Snapshot = func() *es.Snapshot {
		snap, _ := snapshot.Take(snapshot.Host(), es.Time(time.Now().UnixNano()))
		return snap
	}
	r, err := until(t, s, messages(5000))
	if err != nil {
		t.Fatal(err)
	}
	if err := contiguous(r.messages, 0); err != nil || len(r.messages) < 5000 {
		t.Errorf("%d messages: %v", len(r.messages), err)
	}
	if len(r.begins) != 1 || r.ends != 1 || len(r.gaps) != 0 || len(r.broken) != 0 {
		t.Errorf("%d begins, %d ends, gaps %v, broken %q", len(r.begins), r.ends, r.gaps, r.broken)
	}
	h := r.begins[0]
	if h.Host == "" || h.Boot == "" || h.Client == "" || !h.HasKinds || !h.Subscribed.Has(es.KindClose) || h.Subscribed.Has(es.KindOther) || len(h.Own) != 2 {
		t.Errorf("header %+v", h)
	}
	if len(told.lines) != 0 {
		t.Errorf("told %q", told.lines)
	}
}

// One message of a quiet Mac comes without another that pushes it: the probe is not seen here. It does through the
// pipe because eslogger is asked to write by the line, and through a terminal.
func TestLinesOfAQuietMacCome(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		source := fake(t, "blind; emit 1")
		source.Terminal = terminal
		s, _ := stream(t, source)
		if _, err := until(t, s, messages(1)); err != nil {
			t.Fatal(err)
		}
	}
}

// The probe proves what has been delivered, on a quiet Mac too, and its age is how far behind the source is.
func TestProbesMakeWatermarks(t *testing.T) {
	s, _ := stream(t, fake(t, "emit 10"))
	r, err := until(t, s, func(k *kept) bool { return strings.Count(k.string(), `"watermark"`) >= 5 })
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.marks {
		if i > 0 && r.marks[i] <= r.marks[i-1] {
			t.Errorf("watermark %d goes back", i)
		}
	}
	if r.probes < 5 {
		t.Errorf("%d probes", r.probes)
	}
	if st := s.Status(); st.Proven.IsZero() || st.Lag <= 0 || st.Lag > time.Minute || st.Silent {
		t.Errorf("status %+v", st)
	}
}

// While messages come without a pause, probes come back, too.
func TestBusyStreamIsProven(t *testing.T) {
	s, told := stream(t, fake(t, "emit 1000000 2000"))
	if _, err := until(t, s, func(k *kept) bool { return strings.Count(k.string(), `"watermark"`) >= 3 }); err != nil {
		t.Fatal(err)
	}
	if len(told.lines) != 0 {
		t.Errorf("told %q", told.lines)
	}
}

// An eslogger that does not listen writes into the pipe by the block; the probes fill the block, so that what a quiet Mac
// does comes all the same, and soon: the probe acts more often where it has to.
func TestBlocksAreFilled(t *testing.T) {
	s, _ := stream(t, fake(t, "blocks; wait 300ms; emit 1; wait 1s; save 1 1s"))
	proven := 0
	r, err := until(t, s, func(k *kept) bool {
		if proven == 0 && strings.Contains(k.string(), "save-0-") {
			proven = strings.Count(k.string(), `"watermark"`)
		}
		return proven > 0 && strings.Count(k.string(), `"watermark"`) > proven+2
	})
	if err != nil || len(r.marks) == 0 {
		t.Fatalf("%d watermarks, %v", len(r.marks), err)
	}
	if st := s.Status(); st.Lag > 5*time.Second { // a block that no probe fills takes eight of the slow ones
		t.Errorf("status %+v", st)
	}
}

// If eslogger were in our process group, it would not see us: the fake hides its own group, as the real one does.
func TestEsloggerHasAGroupOfItsOwn(t *testing.T) {
	s, _ := stream(t, fake(t, "emit 1"))
	if _, err := until(t, s, func(*kept) bool { return !s.Status().Proven.IsZero() }); err != nil {
		t.Fatal(err)
	}
}

func TestNoWatermarkWithoutProof(t *testing.T) {
	s, _ := stream(t, fake(t, "blind; emit 10; wait 400ms; emit 1"))
	r, err := until(t, s, messages(11))
	if err != nil || len(r.marks) != 0 {
		t.Errorf("%d watermarks, %v", len(r.marks), err)
	}
}

// What eslogger holds in its buffer when it is interrupted is taken before the end.
func TestNoTailIsLost(t *testing.T) {
	s, _ := stream(t, fake(t, "blind; emit 20000"))
	log := filepath.Join(t.TempDir(), "log")
	s.Source.(*Eslogger).Env = append(s.Source.(*Eslogger).Env, "FAKE_ESLOGGER_LOG="+log)
	r, err := until(t, s, messages(100)) // the fake is in the middle of it
	if err != nil {
		t.Fatal(err)
	}
	if want := fakeeslogger.Written(t, log); uint64(len(r.messages)) != want || contiguous(r.messages, 0) != nil {
		t.Errorf("%d messages of %d that were written", len(r.messages), want)
	}
}

func TestEnds(t *testing.T) {
	for _, x := range []struct {
		plan   string
		why    Why
		remedy string
	}{
		{"refuse-root", WhyNotRoot, "sudo"},
		{"refuse-access", WhyNoAccess, "Full Disk Access"},
		{"list nothing", WhyNoEvents, "Apple"},
	} {
		s, _ := stream(t, fake(t, x.plan))
		_, err := until(t, s, func(*kept) bool { return false })
		var end *End
		if !errors.As(err, &end) || end.Why != x.why || !strings.Contains(end.Remedy, x.remedy) {
			t.Errorf("%s: %v", x.plan, err)
		}
	}
	s, _ := stream(t, &Eslogger{Path: filepath.Join(t.TempDir(), "eslogger")})
	_, err := until(t, s, func(*kept) bool { return false })
	var end *End
	if !errors.As(err, &end) || end.Why != WhyNoProgram {
		t.Errorf("no program: %v", err)
	}
}

// A client that dies is followed by another one, with a told gap; what it had written is taken, half a message too.
func TestRestart(t *testing.T) {
	for _, how := range []string{"kill", "exit 3", "partial; exit 0"} {
		s, told := stream(t, fake(t, "blind; emit 50; say something broke; "+how))
		r, err := until(t, s, func(k *kept) bool { return strings.Count(k.string(), `"kind":"begin"`) >= 2 && messages(100)(k) })
		if err != nil {
			t.Fatal(err)
		}
		if len(r.messages) < 100 || contiguous(r.messages[:50], 0) != nil {
			t.Errorf("%s: %d messages", how, len(r.messages))
		}
		if len(r.gaps) < 1 || r.gaps[0].Why != "restart" || r.gaps[0].From == 0 || r.gaps[0].To <= r.gaps[0].From {
			t.Errorf("%s: gaps %+v", how, r.gaps)
		}
		if (len(r.broken) > 0) != strings.HasPrefix(how, "partial") {
			t.Errorf("%s: unreadable %q", how, r.broken)
		}
		if r.begins[0].Client == r.begins[1].Client {
			t.Errorf("%s: one client", how)
		}
		if !told.has("something broke") {
			t.Errorf("%s: told %q", how, told.lines)
		}
	}
}

func TestJunkAndDropsPassThrough(t *testing.T) {
	s, _ := stream(t, fake(t, "blind; emit 10; junk Segmentation fault; drop 7; emit 10"))
	r, err := until(t, s, messages(20))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.broken) != 1 || contiguous(r.messages[:10], 0) != nil {
		t.Errorf("unreadable %q", r.broken)
	}
	last := r.messages[len(r.messages)-1].GlobalSeqNum
	if got := last + 1 - uint64(len(r.messages)); got != 7 {
		t.Errorf("%d numbers are missing, want 7", got)
	}
}

// What is recorded by default has no secrets, and says so.
func TestRedaction(t *testing.T) {
	text := `{"event":{"exec":{"args":["curl","-u","alice:hunter2"],"env":["API_KEY=s3cr3t"]}}}` + "\n"
	k := &kept{}
	s := &Stream{Redact: true, Header: func() es.Header { return es.Header{} }, Life: func(int) es.Life { return es.Life{} }, probe: &Probe{mark: []byte("none")}}
	l := &life{s: s, c: silent{}, to: k, opened: time.Now()}
	if err := l.take(&taken{text: []byte(text), newest: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if got := k.string(); strings.Contains(got, "hunter2") || strings.Contains(got, "s3cr3t") || !strings.Contains(got, `"redaction":["ascribe.redaction/1"]`) {
		t.Errorf("recorded %s", got)
	}
	if err := l.fact(&es.Fact{Name: FactWhereFrom, Value: "https://bob:hunter2@example.org/a\nhttps://example.org/"}); err != nil {
		t.Fatal(err)
	}
	if got := k.string(); strings.Contains(got, "hunter2") || !strings.Contains(got, `example.org/a\nhttps://example.org/"`) {
		t.Errorf("recorded %s", got)
	}
}

// silent is a client that says nothing.
type silent struct{}

func (silent) Read([]byte) (int, error) { return 0, io.EOF }
func (silent) Kinds() (es.Kinds, bool)  { return es.Kinds{}, false }
func (silent) PIDs() []int              { return nil }
func (silent) Room() int                { return 1 << 20 }
func (silent) Stop()                    {}
func (silent) Wait() *End               { return &End{Why: WhyStopped} }

// A quarantine attribute's value is looked up after its event, and says when.
func TestFacts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := stream(t, fake(t, "blind; emit 5; quarantine "+file+"; quarantine /gone"))
	s.Facts = &Facts{Hash: true, Attribute: func(path, name string) ([]byte, error) {
		if path != file || name != quarantineAttribute {
			return nil, os.ErrNotExist
		}
		return []byte("0083;65e1a2b0;Safari;\x00"), nil
	}}
	r, err := until(t, s, func(k *kept) bool { return strings.Count(k.string(), `"kind":"fact"`) >= 2 })
	if err != nil {
		t.Fatal(err)
	}
	if len(r.facts) != 2 {
		t.Fatalf("facts %+v", r.facts)
	}
	q, sum := r.facts[0], r.facts[1]
	if q.Name != FactQuarantine || q.Value != "0083;65e1a2b0;Safari;" || q.Path != file || q.Event == 0 || q.Time < q.Event {
		t.Errorf("fact %+v", q)
	}
	if sum.Name != FactSHA256 || sum.Value != "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" {
		t.Errorf("fact %+v", sum)
	}
}

// kMDItemWhereFroms is a binary property list of strings [R].
func TestWhereFrom(t *testing.T) {
	value := "bplist00\xa2\x01\x02_\x10\x15https://example.org/aQb\x08\x0b#" + "\x00\x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00%"
	if got, ok := whereFrom([]byte(value)); !ok || got != "https://example.org/a\nb" {
		t.Errorf("%q, %v", got, ok)
	}
	if _, ok := whereFrom([]byte("junk")); ok {
		t.Error("junk was read")
	}
}

// A stream counts as crowded until what comes has been taken at once for a while, and again when it heaps up.
func TestCrowded(t *testing.T) {
	dir := t.TempDir()
	log, calm := filepath.Join(dir, "log"), filepath.Join(dir, "calm")
	source := fake(t, "until "+calm+" 1000; emit 3000; emit 1000000 1000")
	source.Env = append(source.Env, "FAKE_ESLOGGER_LOG="+log)
	s, _ := stream(t, source)
	var mu sync.Mutex
	var told []bool
	var burst uint64 // how many lines are written when what comes in a heap has come
	s.Crowded = func(is bool) {
		mu.Lock()
		defer mu.Unlock()
		if told = append(told, is); len(told) == 1 {
			burst = fakeeslogger.Written(t, log) + 3000
			if err := os.WriteFile(calm, nil, 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	has := func(n int) bool {
		mu.Lock()
		defer mu.Unlock()
		return len(told) >= n
	}
	taker := &slowTaker{until: func() bool {
		return !has(1) || has(2) || fakeeslogger.Written(t, log) >= burst
	}}
	if _, err := untilOf(t, s, &taker.kept, taker, func(*kept) bool { return has(3) }); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(told) != "[false true false]" {
		t.Errorf("crowded: %v", told)
	}
}

// slowTaker takes nothing until something is so.
type slowTaker struct {
	kept
	until func() bool
}

func (s *slowTaker) Lines(p []byte, at es.Time) error {
	for !s.until() {
		time.Sleep(time.Millisecond)
	}
	return s.kept.Lines(p, at)
}

// The intake never waits: what nobody takes is dropped by the line, counted, and what follows is whole again.
func TestIntakeDropsWholeLines(t *testing.T) {
	in := newIntake(1000)
	line := strings.Repeat("x", 49) + "\n"
	for range 100 {
		for rest := []byte(line); len(rest) > 0; {
			n := min(len(rest), 7)
			in.put(rest[:n])
			rest = rest[n:]
		}
	}
	var got taken
	in.take(&got)
	lines := strings.Count(string(got.text), line)
	if strings.ReplaceAll(string(got.text), line, "") != "" || lines < 20 || lines > 22 || lines+int(got.dropped) != 100 {
		t.Errorf("%d lines, %d dropped, %d bytes", lines, got.dropped, len(got.text))
	}
	in.put([]byte(line + line))
	in.take(&got)
	if n := strings.Count(string(got.text), line); n+int(got.dropped) != 2 || n < 1 {
		t.Errorf("afterwards %d lines, %d dropped", n, got.dropped)
	}
}

// The intake pauses for as long as the client has room meanwhile, and no longer than is noticed.
func TestPauses(t *testing.T) {
	for _, x := range []struct {
		perSecond, room int
		most, least     time.Duration
	}{
		{0, 64 << 10, pause, pause},
		{10 << 20, 512 << 10, longPause, longPause},                           // 5,000 messages a second, Linux
		{10 << 20, 64 << 10, 6 * time.Millisecond, time.Millisecond},          // the same, macOS
		{60 << 20, 64 << 10, 1500 * time.Microsecond, 500 * time.Microsecond}, // 30,000
		{60 << 20, terminalRoom, shortPause / 2, 0},                           // a terminal is always full
		{40 << 10, terminalRoom, pause, pause / 2},                            // but of a quiet Mac
	} {
		rest := pause
		for range 100 {
			n := min(int(float64(x.perSecond)*rest.Seconds()), x.room)
			rest = nextPause(rest, n, x.room)
		}
		if rest > x.most || rest < x.least {
			t.Errorf("%d bytes a second into %d: pauses of %v", x.perSecond, x.room, rest)
		}
	}
}

func TestDeafEsloggerIsKilled(t *testing.T) {
	s, _ := stream(t, fake(t, "deaf; blind; emit 10"))
	old := stopWaitFor
	stopWaitFor = 300 * time.Millisecond
	defer func() { stopWaitFor = old }()
	r, err := until(t, s, messages(10))
	if err != nil || len(r.messages) < 10 {
		t.Errorf("%d messages, %v", len(r.messages), err)
	}
}
