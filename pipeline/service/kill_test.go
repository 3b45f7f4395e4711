package service

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/live"
	"ascribe.example/es/recording"
	"ascribe.example/es/snapshot"
	"ascribe.example/finding"
	"ascribe.example/internal/fakeeslogger"
	"ascribe.example/pipeline"
)

var kills = flag.Int("kills", 6, "how often TestKills kills")

// The test's own program is the fake eslogger, or the service, where the environment says so.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv("FAKE_ESLOGGER_MAIN") != "":
		os.Exit(fakeeslogger.Main())
	case os.Getenv("SERVICE_FOLDER") != "":
		os.Exit(serve(os.Getenv("SERVICE_FOLDER")))
	}
	flag.Parse()
	os.Exit(m.Run())
}

// serve is the service, until it is asked to end.
func serve(folder string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	self, _ := os.Executable()
	host := snapshot.Host()
	tell := func(says string) { fmt.Fprintln(os.Stderr, says) }
	err := Run(ctx, Config{
		Folder: folder,
		Stream: &live.Stream{
			Source: &live.Eslogger{Path: self, Env: append(os.Environ(), "FAKE_ESLOGGER_MAIN=1")},
			Header: func() es.Header {
				h := host.Header()
				h.Own = []es.Life{host.Life(os.Getpid())}
				return h
			},
			Life: host.Life, Tell: tell, Endure: true,
		},
		Options: engine.Options{Events: true}, // many findings
		Tell:    tell, FindingsBytes: 1 << 20, Every: 120 * time.Millisecond, KeepJournal: os.Getenv("SERVICE_SHORT") == "",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// running is the service in a process of its own.
type running struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func start(t *testing.T, folder, tmp, plan string, more ...string) *running {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{cmd: exec.Command(self)}
	r.cmd.Env = append(os.Environ(), append(more, "SERVICE_FOLDER="+folder, "TMPDIR="+tmp, "FAKE_ESLOGGER="+plan, "FAKE_ESLOGGER_LOG="+filepath.Join(tmp, "log"))...)
	r.cmd.Stderr = &r.out
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// end asks the service to end, and waits.
func (r *running) end(t *testing.T) {
	t.Helper()
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	if err := r.cmd.Wait(); err != nil {
		t.Fatalf("the service ended: %v\n%s", err, r.out.String())
	}
}

// works waits until an eslogger of this service has written something.
func works(t *testing.T, tmp string, r *running) {
	t.Helper()
	r.wait(t, "an eslogger has written something", func() bool {
		return fakeeslogger.Running(filepath.Join(tmp, "log"), r.cmd.Process.Pid) != 0
	})
}

// takes waits until the esloggers have written so many lines more.
func takes(t *testing.T, tmp string, r *running, n int) {
	t.Helper()
	log := filepath.Join(tmp, "log")
	until := fakeeslogger.Written(t, log) + uint64(n)
	r.wait(t, fmt.Sprintf("%d lines are written", n), func() bool { return fakeeslogger.Written(t, log) >= until })
}

// wait waits until something is so.
func (r *running) wait(t *testing.T, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 3*time.Minute { // it hangs
			_ = r.cmd.Process.Kill()
			_ = r.cmd.Wait()
			t.Fatalf("it never came that %s; the service said: %s", what, r.out.String())
		}
	}
}

// TestKills kills the service, or its eslogger, at random moments; what was taken is neither lost nor repeated.
func TestKills(t *testing.T) {
	folder, tmp := filepath.Join(t.TempDir(), "service"), t.TempDir()
	random := rand.New(rand.NewPCG(uint64(*kills), 7))
	plan := "emit 400 4000; wait 30ms; emit 5000 3000" // no more than the service may be behind by
	fakes := map[int]bool{}                            // that were killed themselves, so that all they wrote had to be taken
	r := start(t, folder, tmp, plan)
	for n := range *kills {
		works(t, tmp, r)
		takes(t, tmp, r, random.IntN(1500))
		if child := fakeeslogger.Running(filepath.Join(tmp, "log"), r.cmd.Process.Pid); n%3 == 2 && child != 0 {
			if syscall.Kill(child, syscall.SIGKILL) == nil {
				fakes[child] = true
			}
			time.Sleep(time.Duration(random.IntN(700)) * time.Millisecond) // the service begins another one, or is killed before
			continue
		}
		if err := r.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = r.cmd.Wait()
		r = start(t, folder, tmp, plan)
	}
	works(t, tmp, r)
	takes(t, tmp, r, 800)
	r.end(t)
	r = start(t, folder, tmp, plan) // and once more after an end that was asked for
	works(t, tmp, r)
	takes(t, tmp, r, 800)
	r.end(t)

	var text bytes.Buffer
	if _, err := readJournal(folder, 0, func(p []byte) error { _, err := text.Write(p); return err }); err != nil {
		t.Fatal(err)
	}
	got := written(t, folder)
	want := uncut(t, text.Bytes())
	if !bytes.Equal(got, want) {
		t.Errorf("after %d kills the findings are %d bytes, of an uncut run over the same messages %d; they differ from byte %d on", *kills, len(got), len(want), differ(got, want))
	}
	lives := clientsOf(t, text.Bytes())
	messages := 0
	for i, l := range lives {
		messages += int(l.n)
		if l.broken > 0 && i == len(lives)-1 {
			t.Errorf("client %d has %d broken lines", i, l.broken)
		}
		if l.gap != (i > 0) {
			t.Errorf("client %d of %d: told gap %v", i, len(lives), l.gap)
		}
		if own := ofOne(t, tmp, l.pid); fakes[l.pid] && (l.n != own && l.n != own+1) {
			t.Errorf("client %d was killed after %d lines, %d were taken", i, own, l.n)
		} else if l.n > own+1 {
			t.Errorf("client %d wrote %d lines, %d were taken", i, own, l.n)
		}
	}
	if len(lives) < *kills/2 || messages < 100**kills || bytes.Count(got, []byte("\n")) < 100**kills {
		t.Errorf("%d clients, %d messages, %d findings: too few to show anything", len(lives), messages, bytes.Count(got, []byte("\n")))
	}
	t.Logf("%d kills, %d clients, %d messages, %d findings, %d bytes", *kills, len(lives), messages, bytes.Count(got, []byte("\n")), len(got))
}

// ofOne is how many lines one fake wrote.
func ofOne(t *testing.T, tmp string, pid int) uint64 {
	t.Helper()
	return fakeeslogger.WrittenBy(t, filepath.Join(tmp, "log"), pid)
}

func differ(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// written is all findings.
func written(t *testing.T, folder string) []byte {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(folder, "findings-*.jsonl"))
	var all []byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// uncut is what one run over the same messages says, without the end.
func uncut(t *testing.T, text []byte) []byte {
	t.Helper()
	var out []byte
	_, err := pipeline.Run(t.Context(), []pipeline.Input{pipeline.Stream("-", bytes.NewReader(text))}, pipeline.Options{
		New: func(host string, emit func(*finding.Finding)) pipeline.Engine {
			return undrained{engine.New(engine.Options{Host: host, Events: true}, emit)}
		},
		Sink: func(f *finding.Finding) error {
			out = append(finding.Append(out, f), '\n')
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// client is one life of eslogger, as the journal has it.
type client struct {
	pid    int
	n      uint64 // lines
	broken int
	gap    bool
}

// clientsOf checks that no number of a client is missing or there twice.
func clientsOf(t *testing.T, text []byte) []client {
	t.Helper()
	var all []client
	values := recording.NewScanner(bytes.NewReader(text))
	d := eslogger.NewDecoder()
	var m es.Message
	for {
		p, err := values.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, err := recording.ParseControl(p.Raw); err == nil && !p.Unreadable() {
			switch {
			case c.Header != nil:
				all = append(all, client{pid: int(c.Header.Own[1].PID)})
			case c.Gap != nil:
				all[len(all)-1].gap = true
			}
			continue
		}
		l := &all[len(all)-1]
		if p.Unreadable() || d.Decode(p.Raw, &m) != nil {
			l.broken++ // its eslogger was killed in the middle of a line
			continue
		}
		if m.GlobalSeqNum != l.n {
			t.Fatalf("client %d: message %d has number %d", len(all)-1, l.n, m.GlobalSeqNum)
		}
		l.n++
	}
}

// The journal does not grow without end, and a service that shortened it goes on as well.
func TestJournalIsShortened(t *testing.T) {
	folder, tmp := filepath.Join(t.TempDir(), "service"), t.TempDir()
	for _, until := range []struct {
		what string
		so   func() bool
	}{
		{"there is a checkpoint", func() bool {
			c, err := readCheckpoint(folder)
			return err == nil && c != nil && c.Journal > 0
		}},
		{"the journal begins later", func() bool {
			all, err := segments(folder)
			return err == nil && len(all) == 1 && all[0].begin > 0
		}},
	} {
		r := start(t, folder, tmp, "emit 500; wait 300ms; emit 500", "SERVICE_SHORT=1")
		works(t, tmp, r)
		r.wait(t, until.what, until.so)
		r.end(t)
	}
	all, err := segments(folder)
	if err != nil || len(all) != 1 || all[0].begin == 0 {
		t.Errorf("journal %v, %v", all, err)
	}
	st, err := ReadStatus(folder)
	if err != nil || st == nil || st.Running || st.Messages == 0 || st.Checkpoint.IsZero() {
		t.Errorf("status %+v, %v", st, err)
	}
	c, err := readCheckpoint(folder)
	if err != nil || c == nil || c.Journal != st.Journal {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
}

func TestOneServiceAFolder(t *testing.T) {
	folder := t.TempDir()
	unlock, err := lock(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(folder); err == nil || !strings.Contains(err.Error(), "another service") {
		t.Errorf("a second one: %v", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}

// A checkpoint that was damaged is refused, not passed over.
func TestBrokenCheckpoint(t *testing.T) {
	folder := t.TempDir()
	c := checkpoint{Journal: 5, Engine: []byte("state")}
	if err := c.write(folder); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(checkpointFile(folder))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readCheckpoint(folder); err != nil || got.Journal != 5 {
		t.Errorf("%+v, %v", got, err)
	}
	text[bytes.Index(text, []byte("state"))] ^= 1
	if err := os.WriteFile(checkpointFile(folder), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readCheckpoint(folder); err == nil {
		t.Error("a damaged checkpoint was read")
	}
}

// A loss of power may take messages whose findings are on the disk already: then these are written anew.
func TestFindingsThatCannotBeSaidAgain(t *testing.T) {
	folder := t.TempDir()
	var told []string
	open := func(at place) *findings {
		t.Helper()
		s, err := openFindings(folder, at, 1<<20, 0, func(says string) { told = append(told, says) })
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	gap := func(n uint64) *finding.Finding {
		return &finding.Finding{Kind: finding.KindGap, Seq: es.NoSeq, Gap: &finding.Gap{Missing: n, Why: "lost"}}
	}
	s := open(place{})
	for n := range uint64(4) {
		if err := s.Write(gap(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	before := written(t, folder)
	s = open(place{1, int64(bytes.IndexByte(before, '\n') + 1)})
	for _, n := range []uint64{1, 7} {
		if err := s.Write(gap(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(written(t, folder))), "\n")
	if len(lines) != 3 || !strings.Contains(lines[2], `"missing":7`) || !strings.HasPrefix(string(before), lines[0]+"\n"+lines[1]+"\n") || len(told) != 1 {
		t.Errorf("%d lines: %q; told %q", len(lines), lines, told)
	}
}
