package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ascribe.example/cmd/ascribe/demo"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
)

// buffer is output that may be looked at while it is written.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// A live stream: findings are written while it goes on, and an interrupt ends it with what is known.
func TestInterruptTellsWhatIsKnown(t *testing.T) {
	s, err := scenario.Parse("copy", `
user    alice 501 console
volume  /Volumes/USB external exfat
app     Finder com.apple.finder of alice
service DSH com.apple.DesktopServicesHelper for Finder
DSH     copies /Users/alice/plan.pdf to /Volumes/USB/plan.pdf, keeps it open
`)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{Bare: true})
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	if s := run(t.Context(), []string{"run", "-", "--events"}, console{in: bytes.NewReader(r.Recording()), out: &all, err: io.Discard}); s != exitDone {
		t.Fatalf("exit status %d", s)
	}
	events := strings.Count(all.String(), `"kind":"event"`)
	if events == 0 {
		t.Fatal("no event")
	}
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, diagnostics buffer
	status := make(chan int)
	go func() {
		status <- run(ctx, []string{"run", "-", "--events"}, console{in: in, out: &out, err: &diagnostics})
	}()
	// Every message is told as an event at once, the last one too, though nothing comes after it and the stream stays open.
	if _, err := feed.Write(append(r.Recording(), '\n')); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(endOfHang)
	for strings.Count(out.String(), `"kind":"event"`) < events {
		if time.Now().After(deadline) {
			t.Fatalf("not all of %d events were written while the stream went on:\n%s%s", events, out.String(), diagnostics.String())
		}
		time.Sleep(time.Millisecond)
	}
	interrupt()
	select {
	case s := <-status:
		if s != exitDone {
			t.Errorf("exit status %d", s)
		}
	case <-time.After(endOfHang):
		t.Fatal("the interrupt did not end the run")
	}
	if !strings.Contains(out.String(), `"action":"copy"`) {
		t.Error("the operation that was open is not told")
	}
	findingtest.ValidateAll(t, []byte(out.String()))
	if got := diagnostics.String(); !strings.Contains(got, "stopped before the end") || !strings.Contains(got, "found 1 operation") {
		t.Errorf("the summary:\n%s", got)
	}
}

// A recording that an interrupt kept from being read to its end is told so by the exit status, too.
func TestInterruptedRecordingIsIncomplete(t *testing.T) {
	name := filepath.Join(t.TempDir(), "demo.jsonl.zst")
	if err := os.WriteFile(name, demo.Recording(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	var out, diagnostics buffer
	if s := run(ctx, []string{"run", name}, console{in: strings.NewReader(""), out: &out, err: &diagnostics}); s != exitIncomplete {
		t.Errorf("exit status %d", s)
	}
	if got := diagnostics.String(); !strings.Contains(got, "stopped before the end") {
		t.Errorf("the summary:\n%s", got)
	}
}

// A reader that has seen enough closes the pipe: the run ends quietly.
func TestClosedPipeIsAQuietEnd(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	defer w.Close()
	var diagnostics buffer
	if s := run(t.Context(), []string{"demo", "--format", "json"}, console{in: strings.NewReader(""), out: w, err: &diagnostics}); s != exitDone {
		t.Errorf("exit status %d", s)
	}
	if got := diagnostics.String(); got != "" {
		t.Errorf("it said %q", got)
	}
}

// Standard output that cannot be written is a failure, not a quiet end.
func TestFullDiskIsAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Log("this system has no /dev/full")
		return
	}
	defer full.Close()
	var diagnostics buffer
	if s := run(t.Context(), []string{"demo", "--format", "json"}, console{in: strings.NewReader(""), out: full, err: &diagnostics}); s != exitFailed {
		t.Errorf("exit status %d", s)
	}
	if got := diagnostics.String(); !strings.Contains(got, "no space left on device") {
		t.Errorf("it said %q", got)
	}
}
