package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

// A day whose recording stands in for a real one, and the acts as the script on a Mac would have written them.
func day(t *testing.T, change func([]Act)) (acts, findings string) {
	t.Helper()
	s, err := scenario.Parse("day", `
user    alice 501 console
app     Terminal com.apple.Terminal of alice
shell   zsh in Terminal
zsh     runs cp /Users/alice/a.txt /Users/alice/b.txt
zsh     runs mv /Users/alice/b.txt /Users/alice/c.txt
zsh     runs rm /Users/alice/c.txt
`)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []byte
	e := engine.New(engine.Options{}, func(f *finding.Finding) { lines = append(finding.Append(lines, f), '\n') })
	e.Begin(r.Header)
	e.Snapshot(r.Snapshot)
	for _, m := range r.Messages {
		e.Add(m)
	}
	e.Drain()
	began, ended := time.Unix(0, int64(r.Messages[0].Time)), time.Unix(0, int64(r.End))
	uid := uint32(501)
	list := []Act{
		{Name: "cp", Action: []string{"copy"}, Path: "/Users/alice/b.txt", Source: "/Users/alice/a.txt", Actor: []string{"cp"}, UID: &uid},
		{Name: "mv", Action: []string{"rename"}, Path: "/Users/alice/c.txt", Source: "/Users/alice/b.txt", Actor: []string{"mv"}, Responsible: []string{"Terminal"}, Class: []string{"console"}},
		{Name: "rm", Action: []string{"delete"}, Path: "/Users/alice/c.txt", Actor: []string{"rm"}},
		{Name: "no Finder", Status: 1, Action: []string{"copy"}, Path: "/nowhere"},
	}
	for i := range list {
		list[i].Began, list[i].Ended = began, ended
	}
	if change != nil {
		change(list)
	}
	var b bytes.Buffer
	for _, a := range list {
		if err := json.NewEncoder(&b).Encode(a); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	acts, findings = filepath.Join(dir, "acts"), filepath.Join(dir, "findings")
	for name, text := range map[string][]byte{acts: b.Bytes(), findings: lines} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return acts, findings
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func([]Act)
		ok     bool
		says   string
	}{
		{"right", nil, true, "4 acts, 3 done, 3 found. action: 3 of 3 right. actor: 3 of 3 right. responsible: 1 of 1 right. initiator: 2 of 2 right. Certain and wrong: 0."},
		{"wrong actor", func(a []Act) { a[2].Actor = []string{"unlink"} }, false, "CERTAIN AND WRONG: rm"},
		{"wrong source", func(a []Act) { a[0].Source = "/elsewhere" }, true, "wrong: from /Users/alice/a.txt"},
		{"wrong user", func(a []Act) { *a[0].UID = 502 }, true, "wrong: user 501"},
		{"elsewhere", func(a []Act) { a[0].Path = "/x" }, true, "| cp | **not found** |"},
		{"another time", func(a []Act) {
			for i := range a {
				a[i].Began, a[i].Ended = a[i].Began.Add(time.Hour), a[i].Ended.Add(time.Hour)
			}
		}, false, "3 done, 0 found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			acts, findings := day(t, c.change)
			var out bytes.Buffer
			ok, err := compare(acts, findings, &out)
			if err != nil {
				t.Fatal(err)
			}
			if ok != c.ok || !strings.Contains(out.String(), c.says) {
				t.Errorf("ok %v, want %v and %q:\n%s", ok, c.ok, c.says, out.String())
			}
		})
	}
}

func TestActsThatCannotBeRead(t *testing.T) {
	for _, bad := range []string{`{"name":"x"}`, `{"nome":"x"}`, `{`, fmt.Sprintf(`{"path":"/a","action":["copy"],"began":%q}`, "2026-01-01T00:00:00Z")} {
		if acts, err := readActs(strings.NewReader(bad)); err == nil {
			t.Errorf("%s was read: %+v", bad, acts)
		}
	}
}
