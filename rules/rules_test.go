package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/findingtest"
	"ascribe.example/query/filter"
	"ascribe.example/rules"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func load(t testing.TB, text string) *rules.Set {
	t.Helper()
	var s rules.Set
	if err := s.Load("test.yaml", []byte(text)); err != nil {
		t.Fatal(err)
	}
	return &s
}

// A set says what asking each rule by itself says, in the order of the rules.
func TestMarkAsksNoRuleLess(t *testing.T) {
	var shipped rules.Set
	if err := shipped.LoadShipped(); err != nil {
		t.Fatal(err)
	}
	conditions := []string{
		`action == "copy"`, `action in ["copy", "move"] && initiator.class == "agent"`, `kind == "gap"`, `kind != "operation"`,
		`initiator.class in ["console", ""]`, `initiator == null`, `path.under("/Users")`, `action == "" && seq != null`, `true`, `false`,
	}
	var text strings.Builder
	text.WriteString("rules:\n")
	var each []*filter.Filter
	for i, c := range conditions {
		fmt.Fprintf(&text, "  - {name: r%d, severity: low, when: '%s', message: x}\n", i, c)
		f, err := filter.Compile(c, filter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		each = append(each, f)
	}
	s := load(t, text.String())
	held := 0
	rapid.Check(t, func(t *rapid.T) {
		f := findingtest.Draw(t)
		shipped.Mark(f) // must not fail, whatever is drawn
		if faults := shipped.Faults(); faults != nil {
			t.Fatal(faults)
		}
		s.Mark(f)
		var got, want []string
		for _, m := range f.Rules {
			got = append(got, m.Name)
		}
		f.Rules = nil
		for i, c := range each {
			ok, err := c.Evaluate(f)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				want = append(want, fmt.Sprint("r", i))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("%s\n%s", finding.Append(nil, f), d)
		}
		held += len(got)
	})
	if held < 100 {
		t.Errorf("only %d held", held)
	}
}

func TestMany(t *testing.T) {
	s := load(t, `
rules:
  - {name: many, severity: low, when: 'action == "delete"', many: 5, within: 10s, per: responsible.app, message: "{responsible.app}"}
`)
	at := es.Time(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).UnixNano())
	did := func(app string, after time.Duration, files uint64) bool {
		f := &finding.Finding{
			Kind: finding.KindOperation, Action: finding.Delete, Time: at.Add(after), ItemsTotal: files,
			Responsible: &finding.Responsible{App: app},
		}
		s.Mark(f)
		return len(f.Rules) == 1
	}
	for i, x := range []struct {
		app   string
		after time.Duration
		files uint64
		want  bool
	}{
		{"A", 0, 2, false},
		{"B", 1 * time.Second, 4, false}, // counted apart
		{"A", 2 * time.Second, 2, false},
		{"A", 3 * time.Second, 1, true},   // five
		{"A", 4 * time.Second, 4, false},  // counting begins anew
		{"A", 20 * time.Second, 4, false}, // those are too long ago
		{"A", 21 * time.Second, 1, true},
		{"B", 30 * time.Second, 4, false},
		{"C", 31 * time.Second, 100, true}, // a batch
	} {
		if got := did(x.app, x.after, x.files); got != x.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}

// What a rule remembers is bounded, and what was seen last is what is remembered.
func TestManyForgetsTheOldest(t *testing.T) {
	s := load(t, `rules: [{name: many, severity: low, when: 'action == "delete"', many: 3, within: 24h, per: path, message: x}]`)
	held := false
	for i := range 10000 {
		for range 2 {
			f := &finding.Finding{Kind: finding.KindOperation, Action: finding.Delete, Time: es.Time(i + 1), Path: fmt.Sprint("/", i)}
			s.Mark(f)
			held = held || len(f.Rules) > 0
		}
	}
	last := &finding.Finding{Kind: finding.KindOperation, Action: finding.Delete, Time: 20000, Path: "/9999"}
	first := &finding.Finding{Kind: finding.KindOperation, Action: finding.Delete, Time: 20000, Path: "/0"}
	s.Mark(first)
	s.Mark(last)
	if held || len(last.Rules) == 0 {
		t.Errorf("held early %v, last %v", held, last.Rules)
	}
}

func Example() {
	var s rules.Set
	err := s.Load("mine.yaml", []byte(`
rules:
  - name: to-a-stick
    severity: high
    when: action == "copy" && object.volume.kind == "external"
    message: "{initiator.user} copied {path.base()}"
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	f := &finding.Finding{
		Kind: finding.KindOperation, Action: finding.Copy, Path: "/Volumes/USB/plan.pdf",
		Object:    &finding.Object{Volume: &finding.Volume{Kind: finding.VolumeExternal}},
		Initiator: &finding.Initiator{User: "alice"},
	}
	s.Mark(f)
	for _, m := range f.Rules {
		fmt.Println(m.Severity, m.Message)
	}
	// Output: high alice copied plan.pdf
}
