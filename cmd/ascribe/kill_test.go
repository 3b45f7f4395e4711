package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ascribe.example/internal/scenario"
	"ascribe.example/store/storetest"
)

// An import that is killed at any moment, and given again, leaves the store that an import without a kill leaves.
// ASCRIBE_KILLS is how many are killed, half of them into PostgreSQL.
func TestKilledImports(t *testing.T) {
	kills := imports
	if n, err := strconv.Atoi(os.Getenv("ASCRIBE_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	recording := filepath.Join(dir, "r.jsonl")
	writeBusyDay(t, recording)
	names := map[string]func(i string) string{"sqlite": func(i string) string { return filepath.Join(dir, "store"+i) }}
	url, stop, err := storetest.StartPostgres("fsync=off")
	switch {
	case err == nil:
		t.Cleanup(stop)
		names["postgres"] = func(i string) string { return url + "&search_path=s" + i }
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Log("without PostgreSQL:", err)
	}
	for database, name := range names {
		t.Run(database, func(t *testing.T) {
			begun := time.Now()
			ascribe(t, importOf(recording, name("_whole"))...)
			whole := time.Since(begun)
			want := ascribe(t, "export", "--store", name("_whole"))
			found := bytes.Count(want, []byte("\n"))
			inside, tries := 0, 0
			for i := range kills / len(names) {
				s := ""
				for killed := false; !killed; tries++ { // until one comes before the end
					s = name(fmt.Sprintf("_%d_%d", i, tries))
					killed = kill(t, time.Duration(rand.Int64N(int64(whole))), importOf(recording, s)...)
				}
				inside++
				for rand.IntN(3) == 0 {
					if kill(t, time.Duration(rand.Int64N(int64(whole))), importOf(recording, s)...) {
						inside++
					}
				}
				ascribe(t, importOf(recording, s)...)
				if got := ascribe(t, "export", "--store", s); !bytes.Equal(got, want) {
					t.Fatalf("store %d: %d findings, want %d", i, bytes.Count(got, []byte("\n")), found)
				}
				ascribe(t, "store", "check", s)
			}
			t.Logf("%d stores, %d kills before the end of an import of %d findings that takes %v; %d other tries came after the end", kills/len(names), inside, found, whole.Round(time.Millisecond), tries-kills/len(names))
		})
	}
}

func importOf(recording, name string) []string {
	return []string{"import", recording, "--events", "--segment-findings", "300", "--store", name}
}

// writeBusyDay records a day on which much happens.
func writeBusyDay(t *testing.T, name string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("user alice 501 console\nvolume /Volumes/USB external exfat\napp Finder com.apple.finder of alice\napp TextEdit com.apple.TextEdit of alice\n")
	for i := range 160 {
		fmt.Fprintf(&b, "TextEdit makes file /Users/alice/%d.txt 4k\nwait 5s\n", i)
		if i%3 == 0 {
			fmt.Fprintf(&b, "Finder copies /Users/alice/%d.txt to /Volumes/USB/%d.txt\nwait 5s\n", i, i)
		}
		if i%5 == 0 {
			fmt.Fprintf(&b, "Finder trashes /Users/alice/%d.txt\nwait 5s\n", i)
		}
	}
	s, err := scenario.Parse("day", b.String())
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, r.Recording(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ascribe runs the program to its end.
func ascribe(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("ascribe", args...)
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	if e := cmd.Run(); e != nil {
		t.Fatalf("ascribe %s: %v\n%s", strings.Join(args, " "), e, err.String())
	}
	return out.Bytes()
}

// kill runs the program and kills it; it reports whether the program was still at work.
func kill(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	cmd := exec.Command("ascribe", args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	return cmd.Wait() != nil
}
