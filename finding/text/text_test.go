package text_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/finding/text"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/width"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew; read their diff")

// golden compares got with a file, or writes it.
func golden(t *testing.T, name string, parts ...[]byte) {
	t.Helper()
	got := bytes.Join(parts, []byte("\n"))
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", file, d)
	}
}

func write(t testing.TB, o text.Options, fs ...*finding.Finding) []byte {
	t.Helper()
	var b bytes.Buffer
	w := text.NewWriter(&b, o)
	for _, f := range fs {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		o  text.Options
		fs []*finding.Finding
	}{
		"founding":         {text.Options{}, []*finding.Finding{founding()}},
		"founding-reasons": {text.Options{Reasons: true}, []*finding.Finding{founding()}},
		"founding-narrow":  {text.Options{Width: 40, Reasons: true}, []*finding.Finding{founding()}},
		"founding-color":   {text.Options{Width: 60, Color: true}, []*finding.Finding{founding()}},
		"day":              {text.Options{}, day()},
		"day-all":          {text.Options{All: true}, day()},
		"day-narrow":       {text.Options{Width: 40}, day()},
		"close-only":       {text.Options{}, closeOnly()},
		"only-daemons":     {text.Options{}, day()[:2]},
		"hostile":          {text.Options{Width: 60}, hostile()},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, write(t, c.o, c.fs...)) })
	}
}

// The third reading of the founding case: the message names the actor's own pid and pidversion, and the starter's path.
func TestAnotherPathUnderTheSameKeyIsSaid(t *testing.T) {
	f := founding()
	f.ReportedAs[1].PIDVersion, f.Participants[0].Process.PIDVersion = helper.PIDVersion, helper.PIDVersion
	if got := string(write(t, text.Options{}, f)); !strings.Contains(got, "Endpoint Security said: closed by xpcproxy (pid 700/102)\n") {
		t.Errorf("what Endpoint Security said is missing:\n%s", got)
	}
}

// Whatever is in a finding, no line is wider than asked, and nothing raw reaches the terminal.
func TestEveryFindingIsHarmlessAndFits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := text.Options{
			Width: rapid.IntRange(40, 140).Draw(rt, "width"), All: rapid.Bool().Draw(rt, "all"),
			Reasons: rapid.Bool().Draw(rt, "reasons"),
		}
		var fs []*finding.Finding
		for range rapid.IntRange(1, 4).Draw(rt, "findings") {
			fs = append(fs, findingtest.Draw(rt))
		}
		harmless(rt, o.Width, write(t, o, fs...))
	})
}

func TestColourOnlyWhenAsked(t *testing.T) {
	if got := write(t, text.Options{All: true}, day()...); bytes.Contains(got, []byte("\x1b")) {
		t.Errorf("%q", got)
	}
	colored := write(t, text.Options{All: true, Color: true}, day()...)
	if stripped := stripSGR(string(colored)); stripped != string(write(t, text.Options{All: true}, day()...)) {
		t.Errorf("colour changes more than colour:\n%s", stripped)
	}
}

func stripSGR(s string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, s, _ = strings.Cut(after, "m")
	}
}

func TestEveryWordIsSaid(t *testing.T) {
	for _, c := range finding.Caveats {
		if text.CaveatWords(c) == string(c) {
			t.Errorf("caveat %s has no words", c)
		}
	}
	for _, a := range finding.Actions {
		f := founding()
		f.Action = a
		got := string(write(t, text.Options{}, f))
		if strings.Contains(got, " "+string(a)+" /") && a != finding.Read {
			t.Errorf("action %s has no verb:\n%s", a, got)
		}
	}
	seen := map[string]finding.Class{}
	for _, c := range finding.Classes {
		name := text.InitiatorName(&finding.Initiator{Class: c, User: "alice", UID: 501})
		if other, ok := seen[name]; ok {
			t.Errorf("classes %s and %s are both %q", c, other, name)
		}
		seen[name] = c
	}
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plan.pdf":                         "plan.pdf",
		"Größe 図.txt":                      "Größe 図.txt",
		"a\nb\tc\rd":                       `a\nb\tc\rd`,
		"\x1b[31mred\x07":                  `\x1b[31mred\x07`,
		"\u009b2J":                         `\u009b2J`,
		"gpj.\u202eexe":                    `gpj.\u202eexe`,
		"zero\u200bwidth\ufeff":            `zero\u200bwidth\ufeff`,
		"\xff\xfe":                         `\xff\xfe`,
		`back\slash`:                       `back\\slash`,
		"\U000e0041tag":                    `\U000e0041tag`,
		"\u2028":                           `\u2028`,
		"10.00\u202fAM":                    "10.00\u202fAM",
		"\uf8ff":                           "\uf8ff",
		"a" + strings.Repeat("\u0301", 10): "a" + strings.Repeat("\u0301", 8) + `\u0301\u0301`,
	} {
		if got := text.Visible(in); got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
	}
}

// Names that differ look different.
func TestVisibleIsInjective(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\\nxu0\n\x1b\u0301a"))))
		a, b := draw.Draw(rt, "a"), draw.Draw(rt, "b")
		if a != b && text.Visible(a) == text.Visible(b) {
			rt.Fatalf("%q and %q both look %q", a, b, text.Visible(a))
		}
	})
}

func wide(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("\u200c\u200d", r) || isMark(r):
		case width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func at(s int64) es.Time { return es.Time(1772359200e9 + s*1e9) } // 2026-03-01 10:00:00 UTC

func unset(p finding.Process) finding.Process {
	p.AUID, p.UID, p.EUID, p.ASID = es.Unset, es.Unset, es.Unset, es.Unset
	return p
}

// A long operation is told in parts: those that tell nothing new are counted, a part under another name is shown.
func TestPartsThatTellNothingNewAreCounted(t *testing.T) {
	part := func(second int64, id, before, path string) *finding.Finding {
		f := operation(second, finding.Write, path, textedit, finding.Responsible{Process: textedit, App: "TextEdit"}, alice, finding.Levels{})
		f.ID, f.Continues, f.Caveats = id, before, []finding.Caveat{finding.CaveatPart}
		return f
	}
	var b strings.Builder
	w := text.NewWriter(&b, text.Options{})
	for _, f := range []*finding.Finding{
		part(0, "op_a", "", "/Users/alice/app.log"), part(60, "op_b", "op_a", "/Users/alice/app.log"),
		part(120, "op_c", "op_b", "/Users/alice/app.log"), part(180, "op_d", "op_c", "/Users/alice/old.log"),
		part(200, "op_x", "op_unknown", "/Users/alice/other.log"),
	} {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		text  string
		times int
	}{{"~/app.log", 1}, {"~/old.log", 1}, {"~/other.log", 1}, {"2 later parts of long operations", 1}} {
		if n := strings.Count(b.String(), want.text); n != want.times {
			t.Errorf("%q %d times, not %d, in:\n%s", want.text, n, want.times, b.String())
		}
	}
}
