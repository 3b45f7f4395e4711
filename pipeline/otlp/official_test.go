//go:build official

package otlp_test

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/pipeline/otlp"
)

// OpenTelemetry's own receiver takes every finding of every scenario, once, in order, and unchanged.
func TestOfficialReceiver(t *testing.T) {
	program := filepath.Join(t.TempDir(), "collector")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "testdata/collector", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	fs := findings(t, 5000)
	sent := make(chan error, 1)
	var counts otlp.Counts
	go func() {
		e, err := otlp.New(otlp.Options{URL: address[:len(address)-1]})
		if err == nil {
			for _, f := range fs {
				_ = e.Write(f)
			}
			err = e.Close(t.Context())
			counts = e.Counts()
		}
		sent <- err
	}()
	for i, f := range fs {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("finding %d: %v", i, err)
		}
		if want := string(finding.Append(nil, f)) + "\n"; line != want {
			t.Fatalf("finding %d came as\n%snot\n%s", i, line, want)
		}
	}
	if err := <-sent; err != nil || counts.Sent != 5000 {
		t.Errorf("%v, %+v", err, counts)
	}
	_ = in.Close()
	rest, _ := io.ReadAll(lines)
	if err := cmd.Wait(); err != nil || len(rest) > 0 {
		t.Errorf("%v, and %d bytes more than were sent", err, len(rest))
	}
}
