package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
	"ascribe.example/finding"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is an engine that writes down what it is given. Every message is a finding.
type fake struct {
	host string
	emit func(*finding.Finding)
	log  *strings.Builder
}

func (f *fake) say(format string, args ...any) {
	fmt.Fprintf(f.log, f.host+": "+format+"\n", args...)
}

func (f *fake) Begin(h *es.Header)      { f.say("begin %s/%s/%s %d", h.Host, h.Boot, h.Client, h.Time) }
func (f *fake) Snapshot(s *es.Snapshot) { f.say("snapshot %d", len(s.Processes)) }
func (f *fake) Gap(g *es.Gap)           { f.say("gap %s", g.Why) }
func (f *fake) Fact(x *es.Fact)         { f.say("fact %s", x.Name) }
func (f *fake) Advance(t es.Time)       { f.say("advance %d", t) }
func (f *fake) Skip(m *es.Message)      { f.say("skip %d", m.GlobalSeqNum) }
func (f *fake) Drain()                  { f.say("drain") }
func (f *fake) Add(m *es.Message) {
	f.say("%d.%d %s place %d", m.GlobalSeqNum, m.MachTime, m.Process.Executable.Path, m.Place)
	f.emit(&finding.Finding{ID: fmt.Sprint(m.GlobalSeqNum)})
}

// result is what a run did.
type result struct {
	log  string
	sum  Summary
	err  error
	dead string
	ids  []string
}

func runWith(t testing.TB, o Options, inputs ...Input) result {
	t.Helper()
	var (
		log  strings.Builder
		dead bytes.Buffer
		res  result
	)
	o.New = func(host string, emit func(*finding.Finding)) Engine { return &fake{host, emit, &log} }
	if o.Sink == nil {
		o.Sink = func(f *finding.Finding) error { res.ids = append(res.ids, f.ID); return nil }
	}
	o.DeadLetter = &dead
	res.sum, res.err = Run(context.Background(), inputs, o)
	res.log, res.dead = log.String(), dead.String()
	if !res.sum.Balanced() {
		t.Errorf("the summary does not balance: %+v", res.sum)
	}
	if res.err == nil && o.Skip == nil && res.sum.Findings != res.sum.Messages {
		t.Errorf("%d findings of %d messages", res.sum.Findings, res.sum.Messages)
	}
	return res
}

// msg is one line: number, mach_time and, for a nanosecond each, the wall time.
func msg(seq, mach uint64, name string) string { return msgAt(seq, mach, mach, name) }

func msgAt(seq, mach, wall uint64, name string) string {
	m := es.Message{
		Version: 7, Time: es.Time(1_772_359_200_000_000_000 + int64(wall)), MachTime: mach, SeqNum: es.NoSeq, GlobalSeqNum: seq,
		Process: es.Process{
			AuditToken: es.AuditToken{PID: 700, PIDVersion: 9, AUID: 501}, CSValidationCategory: -1, Executable: es.File{Path: name},
		},
		Event: &es.Exit{},
	}
	return string(eslogger.Append(nil, &m)) + "\n"
}

// launchd is a line by pid 1 that began at the given second.
func launchd(seq, mach uint64, start int64) string {
	m := es.Message{
		Version: 7, Time: es.Time(1_772_359_200_000_000_000 + int64(mach)), MachTime: mach, SeqNum: es.NoSeq, GlobalSeqNum: seq,
		Process: es.Process{AuditToken: es.AuditToken{PID: 1, PIDVersion: 1}, CSValidationCategory: -1, StartTime: es.Time(start * 1e9)},
		Event:   &es.Exit{},
	}
	return string(eslogger.Append(nil, &m)) + "\n"
}

func begin(host, boot, client string) string {
	return string(recording.AppendBegin(nil, &es.Header{Host: host, Boot: boot, Client: client, Time: 5})) + "\n"
}

func text(name, s string) Input {
	return Input{Name: name, Again: true, Size: int64(len(s)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}

func wants(t *testing.T, r result, want string) {
	t.Helper()
	if r.err != nil {
		t.Errorf("run: %v", r.err)
	}
	if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(r.log)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRun(t *testing.T) {
	in := begin("mac", "b", "c") + msg(1, 100, "a") + "oops\n" + msg(2, 101, "b") +
		`{"schema":"ascribe.recording/1","kind":"snapshot","time":null,"processes":[],"users":[],"mounts":[],"jobs":[]}` + "\n" +
		`{"kind":"gap","why":"lost","schema":"ascribe.recording/1"}` + "\n" +
		string(recording.AppendFact(nil, &es.Fact{Name: "sha256"})) + "\n" +
		string(recording.AppendWatermark(nil, 9000)) + "\n" +
		`{"schema":"ascribe.recording/1","kind":"shrug"}` + "\n" +
		`{"schema":"ascribe.recording/1","kind":"gap","from":"x"}` + "\n" +
		`{"schema":"ascribe.finding/1"}` + "\n" +
		strings.TrimSuffix(msg(3, 102, "c"), "\n") + msg(4, 103, "d") +
		`{"event":{"exit":{` + "\n" +
		string(recording.AppendEnd(nil, &recording.End{Messages: 5})) + "\n"
	for _, size := range []int{1, 7, 100, 1 << 20} {
		var told []string
		r := runWith(t, Options{Diagnose: func(d Diagnostic) {
			told = append(told, fmt.Sprintf("%s %s:%d %s", d.Trouble, d.Input, d.Line, d.Says))
		}}, Stream("-", chunks{strings.NewReader(in), size}))
		wants(t, r, `
mac: begin mac/b/c 5
mac: 1.100 a place 1
mac: 2.101 b place 2
mac: snapshot 0
mac: gap lost
mac: fact sha256
mac: advance 9000
mac: 3.102 c place 3
mac: 4.103 d place 4
mac: drain`)
		wantTold := []string{
			"unreadable -:3 text between values",
			`unknown-control -:9 a control line of kind "shrug" of "ascribe.recording/1", which this version does not know, was passed over`,
			`unreadable -:10 a gap line: "from" is not a time such as 2026-03-01T10:00:00.000000000Z: "x"`,
			`unreadable -:11 not a control line of a recording: its schema is "ascribe.finding/1"`,
			"unreadable -:13 a truncated or broken JSON value",
			"wrong-count -:14 the end line counts 5 messages, 4 were read",
		}
		if diff := cmp.Diff(wantTold, told); diff != "" {
			t.Errorf("%d bytes at a time: %s", size, diff)
		}
		s := r.sum
		if s.Messages != 4 || s.Control != 7 || s.Unknown != 1 || s.Unreadable != 4 || s.Values != 15 || !s.Incomplete() || s.Told != 6 {
			t.Errorf("%+v", s)
		}
		if s.Bytes != int64(len(in)) || s.Text != int64(len(in)) || s.Decoded.Messages != 4 {
			t.Errorf("%d bytes read of %d, %d of text, %d decoded", s.Bytes, len(in), s.Text, s.Decoded.Messages)
		}
		if want := "oops\n{\"schema\":\"ascribe.recording/1\",\"kind\":\"gap\",\"from\":\"x\"}\n{\"schema\":\"ascribe.finding/1\"}\n{\"event\":{\"exit\":{\n"; r.dead != want {
			t.Errorf("dead letters are %q", r.dead)
		}
	}
}

type chunks struct {
	r    io.Reader
	size int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.size)]) }

func TestRunLongJunkCountsOnce(t *testing.T) {
	junk := strings.Repeat("no value\n", 100_000)
	r := runWith(t, Options{}, text("x", msg(1, 1, "a")+junk+msg(2, 2, "b")))
	if r.sum.Unreadable != 1 || r.sum.Values != 3 || r.dead != junk || len(r.sum.Diagnostics) != 1 || r.sum.Diagnostics[0].Line != 2 {
		t.Errorf("%+v, %d dead", r.sum, len(r.dead))
	}
}

func TestRunHosts(t *testing.T) {
	in := msg(1, 1, "a") + begin("one", "", "") + msg(2, 2, "b") + begin("two", "", "") + msg(3, 3, "c") + begin("one", "", "") + msg(4, 4, "d")
	r := runWith(t, Options{Host: "named"}, text("x", in))
	wants(t, r, `
named: 1.1 a place 1
one: begin one// 5
one: 2.2 b place 1
two: begin two// 5
two: 3.3 c place 1
one: begin one// 5
one: 4.4 d place 2
named: drain
one: drain
two: drain`)
	if diff := cmp.Diff([]string{"named", "one", "two"}, r.sum.Hosts); diff != "" {
		t.Error(diff)
	}
	// Without hosts: the option names them.
	wants(t, runWith(t, Options{Host: "h"}, text("x", begin("", "b", "")+msg(1, 1, "a"))), "h: begin h/b/ 5\nh: 1.1 a place 1\nh: drain")
}

func TestRunManyHosts(t *testing.T) {
	var in strings.Builder
	for i := range maxHosts + 10 {
		in.WriteString(begin(fmt.Sprint("h", i), "", "") + msg(1, uint64(i), "a"))
	}
	in.WriteString(begin("h0", "", "") + msg(2, 900, "b"))
	r := runWith(t, Options{}, text("x", in.String()))
	if n := strings.Count(r.log, ": drain\n"); n != maxHosts+11 || !strings.HasPrefix(r.log[strings.Index(r.log, ": drain")-2:], "h0: drain") {
		t.Errorf("%d engines were drained", n)
	}
	trouble := map[Trouble]int{}
	for _, d := range r.sum.Diagnostics {
		trouble[d.Trouble]++
	}
	if trouble[ManyHosts] != 11 || trouble[HostAgain] != 1 {
		t.Errorf("%v", trouble)
	}
}

func TestRunCompressed(t *testing.T) {
	var in strings.Builder
	for i := range 5000 {
		in.WriteString(msg(uint64(i), uint64(i), "x"))
	}
	want := runWith(t, Options{}, text("plain", in.String()))
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	_, _ = io.WriteString(g, in.String())
	_ = g.Close()
	z, _ := zstd.NewWriter(&zst, zstd.WithEncoderConcurrency(1))
	_, _ = io.WriteString(z, in.String())
	_ = z.Close()
	for name, packed := range map[string]string{"gzip": gz.String(), "zstd": zst.String()} {
		r := runWith(t, Options{}, text(name, packed))
		if r.log != want.log || r.err != nil || r.sum.Bytes != int64(len(packed)) || r.sum.Text != int64(in.Len()) {
			t.Errorf("%s: %d messages, %v", name, r.sum.Messages, r.err)
		}
		// Cut: what was read stands, and the cut is told.
		r = runWith(t, Options{}, text(name, packed[:len(packed)*3/4]))
		if r.err != nil || r.sum.Cut != 1 || !r.sum.Incomplete() || r.sum.Messages < 1000 || r.sum.Messages >= 5000 {
			t.Errorf("%s cut: %d messages, %v, %+v", name, r.sum.Messages, r.err, r.sum.Diagnostics)
		}
		if last := r.sum.Diagnostics[len(r.sum.Diagnostics)-1]; last.Trouble != Cut || !strings.Contains(last.Says, "the "+name+" data is cut") {
			t.Errorf("%s cut: %+v", name, last)
		}
	}
	r := runWith(t, Options{}, text("x", "\xfd7zXZ\x00\x00"))
	if r.err != nil || r.sum.Cut != 1 || !strings.Contains(r.sum.Diagnostics[0].Says, "xz -dc") {
		t.Errorf("%v, %+v", r.err, r.sum)
	}
}

func TestRunReadError(t *testing.T) {
	bad := errors.New("the disk is on fire")
	r := runWith(t, Options{}, Stream("-", io.MultiReader(strings.NewReader(msg(1, 1, "a")), iotest.ErrReader(bad))))
	if r.err != nil || r.sum.Cut != 1 || r.sum.Messages != 1 || !strings.Contains(r.sum.Diagnostics[0].Says, bad.Error()) {
		t.Errorf("%v, %+v", r.err, r.sum)
	}
}

func TestRunSkip(t *testing.T) {
	r := runWith(t, Options{Skip: func(m *es.Message) bool { return m.GlobalSeqNum == 2 }}, text("x", msg(1, 1, "a")+msg(2, 2, "b")+msg(3, 3, "c")))
	wants(t, r, ": 1.1 a place 1\n: skip 2\n: 3.3 c place 3\n: drain")
	if r.sum.Skipped != 1 || r.sum.Messages != 3 {
		t.Errorf("%+v", r.sum)
	}
}

func TestRunSinkError(t *testing.T) {
	var in strings.Builder
	for i := range 20_000 {
		in.WriteString(msg(uint64(i), uint64(i), "x"))
	}
	full := errors.New("no space left")
	n := 0
	r := runWith(t, Options{Sink: func(*finding.Finding) error {
		if n++; n == 100 {
			return full
		}
		return nil
	}}, text("x", in.String()), text("y", in.String()))
	if !errors.Is(r.err, full) || !strings.HasPrefix(r.err.Error(), "write finding ") || n != 100 {
		t.Errorf("after %d findings: %v", n, r.err)
	}
}

func TestRunDeadLetterError(t *testing.T) {
	full := errors.New("no space left")
	sum, err := Run(context.Background(), []Input{text("x", "oops\n"+msg(1, 1, "a"))}, Options{
		New:        func(string, func(*finding.Finding)) Engine { return &fake{log: &strings.Builder{}} },
		DeadLetter: failing{full},
	})
	if !errors.Is(err, full) || sum.Unreadable != 1 {
		t.Errorf("%v, %+v", err, sum)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestRunCancel(t *testing.T) {
	for name, in := range map[string]func() Input{
		"a file": func() Input { return text("x", strings.Repeat(msg(1, 1, "a"), 50_000)) },
		"a pipe": func() Input {
			r, w := io.Pipe()
			go func() {
				for {
					if _, err := io.WriteString(w, msg(1, 1, "a")); err != nil {
						return
					}
				}
			}()
			return Stream("-", r)
		},
		"a pipe that is silent": func() Input {
			r, w := io.Pipe()
			go func() { _, _ = io.WriteString(w, msg(1, 1, "a")) }()
			return Stream("-", r)
		},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		_, err := Run(ctx, []Input{in()}, Options{
			New: func(host string, emit func(*finding.Finding)) Engine { return &fake{host, emit, &strings.Builder{}} },
			Sink: func(*finding.Finding) error {
				if n++; n == 1 {
					time.AfterFunc(5*time.Millisecond, cancel) // meanwhile it reads on, or waits for more
				} else if name == "a file" {
					<-ctx.Done() // a file must not be over before
				}
				return nil
			},
		})
		if !errors.Is(err, context.Canceled) || n == 0 {
			t.Errorf("%s: %v after %d findings", name, err, n)
		}
		cancel()
	}
}

func TestRunCancelWhileOpening(t *testing.T) {
	// Opening a named pipe waits for a writer. A run that is cancelled does not.
	opening, closed := make(chan struct{}), make(chan struct{})
	writer := make(chan struct{})
	in := Input{Name: "pipe", Open: func() (io.ReadCloser, error) {
		close(opening)
		<-writer
		return closer(func() { close(closed) }), nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-opening
		cancel()
	}()
	_, err := Run(ctx, []Input{in}, Options{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	close(writer)
	<-closed // what is opened after all is closed
}

// closer is an empty input that tells when it is closed.
type closer func()

func (closer) Read([]byte) (int, error) { return 0, io.EOF }

func (c closer) Close() error {
	c()
	return nil
}

func TestRunProgress(t *testing.T) {
	in := strings.Repeat(msg(1, 1, "a"), 10_000)
	var last Progress
	told := 0
	start := time.Now()
	runWith(t, Options{Progress: func(p Progress) {
		if p.Read < last.Read || p.Messages < last.Messages {
			t.Errorf("progress went back: %+v after %+v", p, last)
		}
		last = p
		told++
	}}, text("x", in), text("y", in))
	if last.Read != int64(2*len(in)) || last.Total != last.Read || last.Messages != 20_000 || last.Rate <= 0 {
		t.Errorf("at the end: %+v", last)
	}
	if most := int(time.Since(start)/progressEvery) + 2; told > most {
		t.Errorf("progress was told %d times, at most %d are due", told, most)
	}
}

func TestRunDoesNotHoldBack(t *testing.T) {
	// Each live message must come out before the next one goes in.
	pr, pw := io.Pipe()
	out := make(chan string)
	done := make(chan error)
	go func() {
		_, err := Run(context.Background(), []Input{Stream("-", pr)}, Options{
			New:  func(host string, emit func(*finding.Finding)) Engine { return &fake{host, emit, &strings.Builder{}} },
			Sink: func(f *finding.Finding) error { out <- f.ID; return nil },
		})
		done <- err
	}()
	for i := range 50 {
		if _, err := io.WriteString(pw, msg(uint64(i), uint64(i), "a")); err != nil {
			t.Fatal(err)
		}
		if id := <-out; id != fmt.Sprint(i) {
			t.Fatalf("message %d came out as %s", i, id)
		}
	}
	_ = pw.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestRunDeterminism: the same findings and diagnostics whatever the number of processors and decoders.
func TestRunDeterminism(t *testing.T) {
	var a, b strings.Builder
	for i := range uint64(3000) {
		a.WriteString(msg(i, 10*i, "a"))
		b.WriteString(msg(i, 10*i+20_003, "b"))
		if i%97 == 0 {
			a.WriteString("junk\n{\"a\":\n")
			b.WriteString(begin("other", "", "") + msg(i, i, "c") + begin("", "", "") + "\n")
		}
	}
	inputs := []Input{text("b", b.String()), text("a", a.String()), Stream("-", strings.NewReader(""))}
	var want result
	for i, procs := range []int{1, 2, 1, 2, 4} {
		before := runtime.GOMAXPROCS(procs)
		inputs[2] = Stream("-", iotest.HalfReader(strings.NewReader(msg(90, 5, "s")+begin("mac", "", "")+msg(91, 6, "s"))))
		r := runWith(t, Options{Decoders: 1 + i%3}, inputs...)
		runtime.GOMAXPROCS(before)
		if i == 0 {
			want = r
			continue
		}
		if r.log != want.log || r.dead != want.dead {
			t.Errorf("GOMAXPROCS %d: another result", procs)
		}
		if diff := cmp.Diff(want.sum, r.sum); diff != "" {
			t.Errorf("GOMAXPROCS %d: %s", procs, diff)
		}
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.jsonl")
	if err := os.WriteFile(name, []byte(msg(1, 1, "a")), 0o600); err != nil {
		t.Fatal(err)
	}
	inputs, err := Files([]string{name, "-"}, strings.NewReader(msg(2, 2, "b")))
	if err != nil || len(inputs) != 2 || !inputs[0].Again || inputs[0].Size == 0 || inputs[1].Again {
		t.Fatalf("%+v, %v", inputs, err)
	}
	wants(t, runWith(t, Options{}, inputs...), ": 1.1 a place 1\n: 2.2 b place 2\n: drain")
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"-", "-"}, "standard input (-) is given twice: it can be read once"},
		{[]string{dir}, "open " + dir + ": it is a directory: name the recordings in it"},
		{[]string{name + "x"}, "open " + name + "x: no such file or directory"},
	} {
		if _, err := Files(c.names, nil); err == nil || err.Error() != c.want {
			t.Errorf("%v: %v", c.names, err)
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if r := runWith(t, Options{}, inputs[0]); r.err == nil || !strings.HasPrefix(r.err.Error(), "open "+name+": ") {
		t.Errorf("a file that is gone: %v", r.err)
	}
}
