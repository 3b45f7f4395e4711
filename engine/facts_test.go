package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
)

const fetched = `user    alice 501 console
folder  /Users/alice/Downloads of alice
folder  /Users/alice/Documents of alice
app     Chrome com.google.Chrome of alice
app     TextEdit com.apple.TextEdit of alice
wait 5s
Chrome  creates "/Users/alice/Downloads/Unconfirmed 7.crdownload"
Chrome  writes 64k to "/Users/alice/Downloads/Unconfirmed 7.crdownload"
Chrome  closes "/Users/alice/Downloads/Unconfirmed 7.crdownload"
Chrome  sets attribute com.apple.quarantine on "/Users/alice/Downloads/Unconfirmed 7.crdownload"
Chrome  renames "/Users/alice/Downloads/Unconfirmed 7.crdownload" to /Users/alice/Downloads/big.iso
wait 9s
TextEdit makes file /Users/alice/Documents/note.txt 2k
TextEdit sets attribute com.apple.quarantine on /Users/alice/Documents/note.txt
wait 9s
`

// withFacts runs a script; facts gives what the recorder read after each attribute was set. cut saves and restores there.
func withFacts(t *testing.T, facts func(m *es.Message, x *es.ExtAttr) []es.Fact, cut bool) []*finding.Finding {
	t.Helper()
	return runWithFacts(t, fetched, facts, cut)
}

func runWithFacts(t *testing.T, script string, facts func(m *es.Message, x *es.ExtAttr) []es.Fact, cut bool) []*finding.Finding {
	t.Helper()
	s, err := scenario.Parse("fetched", script+"---\n")
	if err != nil {
		t.Fatal(err)
	}
	r := build(t, s, scenario.Options{})
	var fs []*finding.Finding
	emit := func(f *finding.Finding) {
		if f.Kind == finding.KindOperation {
			fs = append(fs, f.Clone())
		}
	}
	e := engine.New(engine.Options{}, emit)
	for _, m := range r.Messages {
		e.Add(m)
		x, is := m.Event.(*es.ExtAttr)
		if !is {
			continue
		}
		for _, f := range facts(m, x) {
			e.Fact(&f)
		}
		if cut {
			var b bytes.Buffer
			if err := e.Save(&b); err != nil {
				t.Fatal(err)
			}
			if e, err = engine.Restore(&b, engine.Options{}, emit); err != nil {
				t.Fatal(err)
			}
		}
	}
	e.Drain()
	return fs
}

// What a recorder reads of a download after the event is told as such, beside the messages: who brought it, and from where,
// without what may be secret in an address. It changes no answer.
func TestFactsOfADownload(t *testing.T) {
	read := func(m *es.Message, x *es.ExtAttr) []es.Fact {
		f := es.Fact{Time: m.Time + es.Time(12*time.Millisecond), Event: m.Time, Path: x.Target.Path, Ino: x.Target.Stat.Ino, Dev: x.Target.Stat.Dev}
		q, w := f, f
		q.Name, q.Value = "quarantine", "0083;65e1a2b0;Google\\x20Chrome;8B0C"
		w.Name, w.Value = "where-from", "https://bob:hunter2@example.org/big.iso?token=s3cr3t#part\nhttps://example.org/downloads?session=s3cr3t"
		return []es.Fact{q, w}
	}
	none := withFacts(t, func(*es.Message, *es.ExtAttr) []es.Fact { return nil }, false)
	for _, cut := range []bool{false, true} {
		fs := withFacts(t, read, cut)
		if len(fs) != len(none) || len(fs) != 2 || fs[0].Action != finding.Download {
			t.Fatalf("%d operations, %d without facts", len(fs), len(none))
		}
		var says []string
		for _, ev := range fs[0].Evidence {
			if ev.Rule == "read-afterwards" && ev.For == finding.RoleAction {
				says = append(says, ev.Says)
			}
		}
		text := strings.Join(says, "\n")
		if len(says) != 2 || !strings.Contains(text, "read 12ms after it was set") || !strings.Contains(text, `Chrome"`) ||
			!strings.Contains(text, "https://example.org/big.iso, found at https://example.org/downloads") ||
			strings.Contains(text, "s3cr3t") || strings.Contains(text, "hunter2") {
			t.Errorf("it says %q", text)
		}
		checkLevels(t, fs[0])
		for i := range fs {
			if fs[i].Certainty != none[i].Certainty || fs[i].Action != none[i].Action || fs[i].ID != none[i].ID {
				t.Errorf("%s: a fact changed an answer", fs[i].Path)
			}
		}
		// A document that is marked is no download, whatever its attributes say.
		if !bytes.Equal(finding.Append(nil, fs[1]), finding.Append(nil, none[1])) {
			t.Errorf("%s: %s", fs[1].Path, finding.Append(nil, fs[1]))
		}
	}
}

// Of several files that were brought in one go, each fact says of which it is.
func TestFactsOfSeveralDownloads(t *testing.T) {
	var script strings.Builder
	script.WriteString(strings.SplitAfter(fetched, "wait 5s\n")[0])
	for i := range 3 {
		temp := fmt.Sprintf(`"/Users/alice/Downloads/Unconfirmed %d.crdownload"`, i)
		fmt.Fprintf(&script, "Chrome creates %s\nChrome writes 64k to %s\nChrome closes %s\nChrome sets attribute com.apple.quarantine on %s\nChrome renames %s to /Users/alice/Downloads/%d.iso\n", temp, temp, temp, temp, temp, i)
	}
	script.WriteString("wait 9s\n")
	fs := runWithFacts(t, script.String(), func(m *es.Message, x *es.ExtAttr) []es.Fact {
		return []es.Fact{{Time: m.Time, Event: m.Time, Path: x.Target.Path, Ino: x.Target.Stat.Ino, Dev: x.Target.Stat.Dev, Name: "quarantine", Value: "0083;65e1a2b0;Chrome;8B0C"}}
	}, false)
	if len(fs) != 1 || len(fs[0].Items) != 3 {
		t.Fatalf("%d operations", len(fs))
	}
	for i := range 3 {
		want := fmt.Sprintf("%d.iso's quarantine value", i)
		if !slices.ContainsFunc(fs[0].Evidence, func(ev finding.Evidence) bool { return strings.HasPrefix(ev.Says, want) }) {
			t.Errorf("nothing says %q: %+v", want, fs[0].Evidence)
		}
	}
}

// What looks alike: of another file, of the inode's life before, read for no known event, junk.
func TestFactsOfOthers(t *testing.T) {
	for name, change := range map[string]func(*es.Fact){
		"another file":     func(f *es.Fact) { f.Ino++ },
		"another volume":   func(f *es.Fact) { f.Dev++ },
		"no file":          func(f *es.Fact) { f.Ino = 0 },
		"an earlier event": func(f *es.Fact) { f.Event -= es.Time(time.Hour) },
		"a later event":    func(f *es.Fact) { f.Event += es.Time(time.Hour) },
		"no event":         func(f *es.Fact) { f.Event = 0 },
		"junk":             func(f *es.Fact) { f.Value = "junk" },
		"another name":     func(f *es.Fact) { f.Name = "sha256" },
	} {
		fs := withFacts(t, func(m *es.Message, x *es.ExtAttr) []es.Fact {
			f := es.Fact{Time: m.Time, Event: m.Time, Path: x.Target.Path, Ino: x.Target.Stat.Ino, Dev: x.Target.Stat.Dev, Name: "quarantine", Value: "0083;65e1a2b0;Safari;8B0C"}
			change(&f)
			return []es.Fact{f}
		}, false)
		for _, f := range fs {
			for _, ev := range f.Evidence {
				if ev.Rule == "read-afterwards" {
					t.Errorf("%s: %s says %q", name, f.Path, ev.Says)
				}
			}
		}
	}
}

// However many facts come, few are remembered.
func TestFactsAreBounded(t *testing.T) {
	e := engine.New(engine.Options{}, func(*finding.Finding) {})
	size := func() int {
		var b bytes.Buffer
		if err := e.Save(&b); err != nil {
			t.Fatal(err)
		}
		return b.Len()
	}
	long := strings.Repeat("x", 1<<20)
	add := func(n int) {
		for i := range n {
			e.Fact(&es.Fact{Event: 1, Ino: uint64(i), Path: "/x", Name: "quarantine", Value: "0083;65e1a2b0;Safari;8B0C"})
			e.Fact(&es.Fact{Event: 1, Ino: uint64(i), Path: "/x", Name: "where-from", Value: long})
		}
	}
	add(1000)
	first := size()
	add(10000)
	if then := size(); then > first+1000 {
		t.Errorf("%d bytes of state, then %d", first, then)
	}
}
