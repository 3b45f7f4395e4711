package accuracy

import (
	"bytes"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ascribe.example/finding"
	"ascribe.example/internal/scenario"
	"ascribe.example/score"
	"ascribe.example/score/baseline"
)

func corpus(t testing.TB) []Story {
	t.Helper()
	stories, err := Load("../../corpus")
	if err != nil {
		t.Fatal(err)
	}
	return stories
}

// heldHash is the measured part as it was when the truth was written. No rule is changed because of one of its scenarios, and
// none of them because of a rule: whoever changes this line says in docs/accuracy.md why.
const heldHash = "9395d56f7e7a6c1f8dfd644c84326fbb680263059e92366c4685d78da9bfdc19"

func TestTheMeasuredPartStays(t *testing.T) {
	if h := HeldHash(corpus(t)); h != heldHash {
		t.Errorf("the measured part of the corpus is another: %s", h)
	}
}

// TestCorpus: enough scenarios, of all kinds, each standing on facts that are listed, and each fact used.
func TestCorpus(t *testing.T) {
	stories := corpus(t)
	if len(stories) < 300 {
		t.Errorf("%d scenarios, want at least 300", len(stories))
	}
	held := 0
	used, texts := map[string]bool{}, map[string]string{}
	actions, classes, sessions, versions, weakest := map[string]int{}, map[string]int{}, map[string]int{}, map[int]int{}, map[string]int{}
	for i := range stories {
		s := &stories[i]
		if s.Held {
			held++
		}
		weakest[s.Weakest]++
		for _, f := range s.Facts {
			name, _, _ := strings.Cut(f, " ")
			used[name] = true
		}
		if twin := texts[plot(s.Script.Text)]; twin != "" && s.Room() != "traps" { // of traps the names are the point
			t.Errorf("%s tells what %s tells, with other names", s.Name, twin)
		}
		texts[plot(s.Script.Text)] = s.Name
		b, err := scenario.Build(s.Script, scenario.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		versions[b.Messages[0].Version]++
		if !slices.ContainsFunc(b.Truth, func(o scenario.Truth) bool { return !o.Failed && !o.Noise }) {
			t.Errorf("%s: nothing happens in it", s.Name)
		}
		for _, o := range b.Truth {
			actions[o.Action]++
			classes[o.Initiator.Class]++
			sessions[o.Initiator.Session]++
		}
	}
	if held*10 < len(stories)*25/10*10/10 || held*10 > len(stories)*4 {
		t.Errorf("%d of %d are set aside, want about a third", held, len(stories))
	}
	known, err := facts(fsOf("../../corpus"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		if !used[name] {
			t.Errorf("no scenario stands on the fact %s", name)
		}
	}
	for version := 6; version <= 11; version++ {
		if versions[version] < 10 {
			t.Errorf("%d scenarios in message version %d", versions[version], version)
		}
	}
	for _, tag := range tags {
		if weakest[tag] == 0 {
			t.Errorf("no scenario stands on [%s] at weakest", tag)
		}
	}
	for _, a := range finding.Actions {
		if actions[string(a)] == 0 && a != finding.Send {
			t.Errorf("nothing in the corpus is a %s", a)
		}
	}
	for _, c := range []string{"agent", "remote", "scheduled", "console", "device", "system", "unknown"} {
		if classes[c] == 0 {
			t.Errorf("nobody of class %s in the corpus", c)
		}
	}
	for _, s := range []string{"console", "ssh", "screen-sharing", "file-sharing", "background"} {
		if sessions[s] == 0 {
			t.Errorf("no session of type %s in the corpus", s)
		}
	}
}

var names = regexp.MustCompile(`\b(wait|of|user) \S+|/\S+|\d+\S*|recorded .*`)

// plot is a script without its comments, names, places, sizes and pauses.
func plot(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "#") {
			b.WriteString(names.ReplaceAllString(l, ""))
		}
	}
	return b.String()
}

// some is a part of the corpus that is quick to measure.
func some(t testing.TB) []Story {
	var l []Story
	for i, s := range corpus(t) {
		if i%12 == 0 {
			l = append(l, s)
		}
	}
	return l
}

// TestScoreOfAPart is the smoke of make score: a part of the corpus, in three ways.
func TestScoreOfAPart(t *testing.T) {
	r, err := Measure(t.Context(), some(t), []Condition{Plain, Conditions[2], Conditions[8]}, 8)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range r.Boards {
		if n := c[0].WrongCertain(); n > 0 {
			t.Errorf("%s: %d answers say certain and are not so", r.Conditions[i].Name, n)
		}
	}
	plain := r.Boards[0]
	for _, role := range finding.Roles {
		if s := plain[0].Recall(role); s.Point() < 0.9 {
			t.Errorf("%s: %d of %d rightly answered", role, s.Right, s.Of)
		}
	}
	if a, b := plain[0].Recall(finding.RoleResponsible), plain[1].Recall(finding.RoleResponsible); a.Point() <= b.Point() {
		t.Errorf("responsible: ascribe %.2f, the reported process %.2f", a.Point(), b.Point())
	}
}

// TestSameTables: two runs, on one processor and on several, give the same bytes.
func TestSameTables(t *testing.T) {
	stories := some(t)[:8]
	report := func() string {
		r, err := Measure(t.Context(), stories, Conditions, 2)
		if err != nil {
			t.Fatal(err)
		}
		random, err := MeasureRandom(t.Context(), 20)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := r.Report(&b, random); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := report()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if again := report(); again != first {
		t.Errorf("two runs differ:\n%s\n%s", first, again)
	}
}

// TestWrittenAndReadBack: what Write writes, another tool can be scored on: the baselines as CSV get the marks that they get
// directly, and ascribe from the recording's bytes those that it gets from the messages.
func TestWrittenAndReadBack(t *testing.T) {
	stories := some(t)[:8]
	direct, err := Measure(t.Context(), stories, []Condition{Plain}, 2)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Write(t.Context(), stories, 2, dir); err != nil {
		t.Fatal(err)
	}
	recs, err := LoadRecorded(dir)
	if err != nil {
		t.Fatal(err)
	}
	read, err := MeasureRecorded(t.Context(), recs)
	if err != nil {
		t.Fatal(err)
	}
	for i, tool := range tools() {
		if got, want := marks(read[i]), marks(direct.Boards[0][i]); got != want {
			t.Errorf("%s, from recordings:\n%s\ndirectly:\n%s", tool, got, want)
		}
		said, err := score.ReadCSV(bytes.NewReader(readFile(t, dir+"/answers/"+tool+".csv")))
		if err != nil {
			t.Fatal(err)
		}
		b, err := Judge(tool, recs, said)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := marks(b), marks(direct.Boards[0][i]); got != want {
			t.Errorf("%s, from CSV:\n%s\ndirectly:\n%s", tool, got, want)
		}
	}
	if _, err := Judge("x", recs, map[string][]score.Answer{"no/such": nil}); err == nil {
		t.Error("answers about no scenario were taken")
	}
}

func marks(b *score.Board) string {
	return score.RolesTable(b) + score.LevelsTable(b) + score.ActionsTable(b)
}

// TestBaselines: what the three say of the founding case, whose last close comes under xpcproxy's name.
func TestBaselines(t *testing.T) {
	s, err := scenario.Parse("founding", `
user    alice 501 console
volume  /Volumes/USB external exfat
file    /Users/alice/plan.pdf 90k of alice
app     Finder com.apple.finder of alice
service DSH com.apple.DesktopServicesHelper for Finder
wait    5s
DSH     copies /Users/alice/plan.pdf to /Volumes/USB/plan.pdf, keeps it open
DSH     exits, closing /Volumes/USB/plan.pdf as xpcproxy
`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := scenario.Build(s, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	truth := truthOf(&Story{Name: "founding"}, b)
	for i, want := range []struct{ actor, responsible, initiator bool }{{false, false, true}, {false, true, true}, {false, false, true}} {
		board := &score.Board{}
		board.Add(truth, baseline.Tools[i].Answers(b.Snapshot, b.Messages))
		for role, want := range map[finding.Role]bool{
			finding.RoleActor: want.actor, finding.RoleResponsible: want.responsible, finding.RoleInitiator: want.initiator,
		} {
			if s := board.Precision(role); s.Of != 1 || (s.Right == 1) != want {
				t.Errorf("%s: %s %d of %d", baseline.Tools[i].Name, role, s.Right, s.Of)
			}
		}
	}
}

func TestBrokenCorporaAreTold(t *testing.T) {
	const list = "one [D] a fact\n"
	for what, c := range map[string]struct{ facts, script, want string }{
		"no list":      {"", "# facts: one [D]\n", "no facts.txt"},
		"no facts":     {list, "user a 501 console\n", `no line "# facts:`},
		"another tag":  {list, "# facts: one [G]\n", `"one [G]" is not in facts.txt`},
		"unknown fact": {list, "# facts: two [D]\n", `"two [D]" is not in`},
		"no script":    {list, "", "no scenario scripts"},
		"bad sentence": {list, "# facts: one [D]\nnobody does\n", "nobody"},
		"bad list":     {"one\n", "# facts: one [D]\n", "facts.txt:1"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{FactsFile: c.facts, "room/s.txt": c.script} {
			if text != "" {
				writeFile(t, dir, name, text)
			}
		}
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", what, err, c.want)
		}
	}
}
