package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/internal/scenario"
	"ascribe.example/query/filter"
	"ascribe.example/query/filter/filtertest"
	"ascribe.example/store"
	"ascribe.example/store/storetest"
	"pgregory.net/rapid"
)

// databases are where stores are made for a test: folders, and schemas of a PostgreSQL server that is started for it.
func databases(t *testing.T) map[string]func(i int) string {
	t.Helper()
	dir := t.TempDir()
	l := map[string]func(i int) string{"sqlite": func(i int) string { return filepath.Join(dir, strconv.Itoa(i)) }}
	url, stop, err := storetest.StartPostgres("fsync=off")
	switch {
	case err == nil:
		t.Cleanup(stop)
		l["postgres"] = func(i int) string { return fmt.Sprintf("%s&search_path=s%d", url, i) }
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Log("without PostgreSQL:", err)
	}
	return l
}

// typed runs a command line as run does, without what it says on standard error.
func typed(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), args, console{in: strings.NewReader(""), out: &o, err: &e})
	if status == exitIncomplete {
		status = exitDone // a recording may hold what cannot be read; a store does not
	}
	if status != exitDone {
		o.WriteString(strings.Split(e.String(), " in ")[0]) // then it says what it was asked of
	}
	return status, o.String()
}

// What a store leaves out of what it reads is what a condition does not hold of: drawn findings that are asked for with drawn
// conditions come out of SQLite and PostgreSQL as they come out of a list that every condition is asked about.
func TestConditionsAreAnsweredAlike(t *testing.T) {
	words := filtertest.Words{
		Actions: finding.Actions[:4], Users: []string{"alice", "bob"},
		Paths: []string{"/Users/alice/x", "/Users/alice", "/System/Volumes/Data/Users/alice/x", "/tmp/a", "/private/tmp/A", "/a/'; --", "/a/%", "/a/\x00", "/Users/bob/é", "/"},
		Times: []string{`timestamp("2024-01-01T00:00:10Z")`, `timestamp("2024-01-01T00:00:20Z")`, `timestamp("1970-01-01T00:00:00Z")`, `when("2024-01-01 00:00:15")`},
	}
	o := filter.Options{When: func(string) (time.Time, error) { return time.Date(2024, 1, 1, 0, 0, 15, 0, time.UTC), nil }}
	where := databases(t)
	for database, name := range where {
		t.Run(database, func(t *testing.T) {
			round, some, none := 0, 0, 0
			rapid.Check(t, func(r *rapid.T) {
				if round++; round > alikeRounds {
					return
				}
				l := drawn(r, &words, 60)
				fill(t, name(round), l, rapid.SampledFrom([]int64{25, 50, 1000}).Draw(r, "segment"))
				for range 25 {
					c := words.Draw(r, 2)
					compiled, err := filter.Compile(c, o)
					if err != nil {
						r.Fatal(c, err)
					}
					var want bytes.Buffer
					for _, f := range l {
						ok, err := compiled.Evaluate(f)
						if err != nil {
							r.Fatal(c, err)
						}
						if ok {
							want.Write(append(finding.Append(nil, f), '\n'))
						}
					}
					status, got := typed(t, "export", "--store", name(round), "--where", c)
					if status != exitDone || got != want.String() {
						r.Fatalf("--where %s: exit status %d, %d of %d findings, want %d\ngot  %s\nwant %s", c, status, strings.Count(got, "\n"), len(l), strings.Count(want.String(), "\n"), got, want.String())
					}
					if got == "" {
						none++
					} else if strings.Count(got, "\n") < len(l) {
						some++
					}
				}
			})
			if everyScenario == 1 && (some < 10 || none < 5) {
				t.Errorf("%d conditions held of some findings, %d of none: too few to say anything", some, none)
			}
		})
	}
}

const alikeRounds = 3/everyScenario + 1

// drawn draws findings that conditions of these words hold of now and then.
func drawn(t *rapid.T, w *filtertest.Words, n int) []*finding.Finding {
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano()
	path := rapid.SampledFrom(append(slices.Clone(w.Paths), ""))
	var l []*finding.Finding
	for i := range n {
		f := findingtest.Draw(t)
		f.Time = 0
		if at := rapid.Int64Range(0, 30).Draw(t, "time"); at > 0 {
			f.Time = es.Time(begin + at*1e9)
		}
		f.Path, f.SourcePath = path.Draw(t, "path"), path.Draw(t, "source path")
		for k := range f.Items {
			f.Items[k].Path, f.Items[k].SourcePath = path.Draw(t, "item"), path.Draw(t, "source of an item")
		}
		if f.Kind == finding.KindOperation {
			f.Action = rapid.SampledFrom(w.Actions).Draw(t, "action")
		}
		if f.Initiator != nil {
			f.Initiator.UID = rapid.SampledFrom([]uint32{0, 501, es.Unset}).Draw(t, "uid")
			f.Initiator.User = rapid.SampledFrom(append(slices.Clone(w.Users), "")).Draw(t, "user")
		}
		f.ID = finding.ID("", "1", "", uint64(i), f.Kind, f.Action, 0)
		l = append(l, f)
	}
	return l
}

// fill makes a store of findings.
func fill(t *testing.T, name string, l []*finding.Finding, segment int64) {
	t.Helper()
	s, err := store.Open(t.Context(), name, store.Options{Create: true, SegmentFindings: segment})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Writer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range l {
		if err := w.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Every question has the same answer, byte for byte, of a recording and of the stores that it was imported into: random days,
// recorded in random ways, and questions drawn of what was found in them.
func TestQuestionsAreAnsweredAlike(t *testing.T) {
	dir := t.TempDir()
	where := databases(t)
	asked, answered := map[string]int{}, map[string]int{}
	seed := 0
	rapid.Check(t, func(r *rapid.T) {
		if seed++; seed > alikeRounds {
			return
		}
		recording := filepath.Join(dir, fmt.Sprintf("%d.jsonl", seed))
		day, err := scenario.Build(scenario.Random(uint64(seed), 40), scenario.RandomOptions(uint64(seed)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(recording, day.Recording(), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, name := range where {
			if status, said := typed(t, "import", recording, "--segment-findings", rapid.SampledFrom([]string{"30", "100", "5000"}).Draw(r, "segment"), "--store", name(seed)); status != exitDone {
				t.Fatal(said)
			}
		}
		_, all := typed(t, "export", recording)
		holds := read(t, all)
		for range 30 {
			verb, args := holds.question(r)
			status, want := typed(t, append([]string{verb, recording}, args...)...)
			if verb == "who" || verb == "explain" || verb == "top" {
				status, want = typed(t, append([]string{verb, args[0], recording}, args[1:]...)...)
			}
			asked[verb]++
			if status == exitDone && want != "" {
				answered[verb]++
			}
			for database, name := range where {
				s, got := typed(t, append([]string{verb}, append(args, "--store", name(seed))...)...)
				if s != status || got != want {
					r.Fatalf("%s %q of day %d: %s answers with exit status %d and\n%s\nthe recording with %d and\n%s", verb, args, seed, database, s, got, status, want)
				}
			}
		}
	})
	t.Log("asked:", asked, "with an answer:", answered)
	if everyScenario == 1 && len(answered) < len(asked)/2 {
		t.Error("most kinds of questions had nothing to say")
	}
}

// held is what a recording was found to hold, for questions about it.
type holds struct {
	filtertest.Words
	ids, apps, agents, pids, moments []string
}

func read(t *testing.T, lines string) *holds {
	t.Helper()
	h := &holds{}
	seen := map[string]bool{}
	add := func(l *[]string, s string) {
		if s != "" && !seen[fmt.Sprintf("%p %s", l, s)] {
			seen[fmt.Sprintf("%p %s", l, s)] = true
			*l = append(*l, s)
		}
	}
	for line := range strings.Lines(lines) {
		var f struct {
			ID, Time, Action, Path string
			SourcePath             string `json:"source_path"`
			Actor                  struct{ PID int }
			Responsible            struct{ App string }
			Initiator              struct {
				User  string
				Agent struct{ Name string }
			}
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		add(&h.ids, f.ID)
		add(&h.moments, f.Time)
		add(&h.Paths, f.Path)
		add(&h.Paths, f.SourcePath)
		add(&h.Paths, strings.TrimSuffix(filepath.Dir(f.Path), "."))
		add(&h.Users, f.Initiator.User)
		add(&h.apps, f.Responsible.App)
		add(&h.agents, f.Initiator.Agent.Name)
		if f.Actor.PID != 0 {
			add(&h.pids, strconv.Itoa(f.Actor.PID))
		}
		if a := finding.Action(f.Action); a != "" && !slices.Contains(h.Actions, a) {
			h.Actions = append(h.Actions, a)
		}
	}
	for _, l := range []*[]string{&h.ids, &h.Paths, &h.Users, &h.apps, &h.agents, &h.pids, &h.moments} {
		*l = append(*l, absent[l == &h.ids])
	}
	h.Actions = append(h.Actions, finding.Archive)
	h.moments = slices.DeleteFunc(h.moments, func(s string) bool { return s == absent[false] })
	h.moments = append(h.moments, "2026-03-01T10:00:00Z")
	for _, m := range h.moments {
		h.Times = append(h.Times, fmt.Sprintf("timestamp(%q)", m), fmt.Sprintf("when(%q)", m))
	}
	return h
}

// absent is what no recording holds: a path, a name; an id.
var absent = map[bool]string{false: "/absent", true: "op_0123456789"}

// question draws a question; the first argument is what it is about, where it needs that.
func (h *holds) question(t *rapid.T) (verb string, args []string) {
	one := func(l []string) string { return rapid.SampledFrom(l).Draw(t, "one") }
	odds := func(n int) bool { return rapid.IntRange(1, n).Draw(t, "odds") == 1 }
	groups := append(groupNames(), "")
	verb = one([]string{"who", "explain", "timeline", "diff", "top", "tree", "stats", "export"})
	flag := func(name string, l []string) { args = append(args, "--"+name, one(l)) }
	switch verb {
	case "explain":
		id := one(h.ids)
		return verb, []string{id[:rapid.IntRange(min(8, len(id)), len(id)).Draw(t, "digits")], "--format", "json"}
	case "who":
		args = []string{one(h.Paths) + one([]string{"", "/"})}
	case "top":
		args = []string{one(groupNames()), "--by", one([]string{"operations", "files", "bytes"})}
	case "timeline":
		if by := one(groups); by != "" {
			args = []string{"--by", by}
		}
	case "tree":
		if odds(2) {
			flag("at", h.moments)
		}
	case "export":
		flag("format", []string{"jsonl", "csv"})
	}
	if verb != "export" {
		flag("format", []string{"json", "text"})
	}
	if odds(2) {
		args = append(args, "--where", h.Draw(t, 2))
	}
	if odds(3) {
		flag("since", h.moments)
	} else if odds(3) {
		flag("until", h.moments)
	}
	if verb == "who" || verb == "tree" {
		return verb, args
	}
	for _, f := range []struct {
		name string
		l    []string
	}{{"user", h.Users}, {"app", h.apps}, {"agent", append(h.agents, "any")}, {"under", h.Paths}, {"process", h.pids}} {
		if odds(6) {
			flag(f.name, f.l)
		}
	}
	return verb, args
}
