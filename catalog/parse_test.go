package catalog

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWith(t *testing.T) {
	c, err := Default().With(strings.NewReader(`
# Ours.
Our Sync
  class   sync uploader
  team    D ABCDE12345 com.example.sync com.example.sync.*   # helpers too
  adhoc   R at "/Library/Application Support/Our Sync/oursync"
  source  # not a comment here

Terminal
  class   terminal agent
  apple   R com.apple.Terminal
  interactive
`))
	if err != nil {
		t.Fatal(err)
	}
	if p := c.Match(maker("ABCDE12345", "com.example.sync.helper", "/x")); p.Name != "Our Sync" || !p.Has(Sync|Uploader) || p.Known != Documented {
		t.Errorf("an added program is %+v", p)
	}
	if p := c.Match(unsigned("", "/Library/Application Support/Our Sync/oursync")); p.Name != "Our Sync" || !p.Weak() {
		t.Errorf("an added place is %+v", p)
	}
	if p := c.Match(apple("com.apple.Terminal", "/x")); !p.Has(Agent) || !p.Interactive {
		t.Errorf("an entry of the same name replaces the old one, but Terminal is %+v", p)
	}
	if p := Default().Match(apple("com.apple.Terminal", "/x")); p.Has(Agent) {
		t.Error("the embedded catalogue has changed")
	}
	if p := c.Match(apple("com.apple.finder", "/x")); p.Name != "Finder" {
		t.Errorf("the embedded entries are lost: Finder is %+v", p)
	}
	if c.Len() != Default().Len()+1 {
		t.Errorf("%d entries beside %d", c.Len(), Default().Len())
	}
}

func TestSyntaxErrorsNameTheLine(t *testing.T) {
	for _, x := range []struct {
		text string
		line int
		says string
	}{
		{"  class shell\n", 1, "without a program"},
		{"A\n  class shel\n", 2, `unknown class "shel"`},
		{"A\n  class shell\n", 1, "no way to be recognised"},
		{"\nA\n  apple D com.apple.a\n", 2, "no class"},
		{"A\n  class shell\n  apple com.apple.a\n", 3, "how well it is known"},
		{"A\n  class shell\n  team R abcde12345 x\n", 3, "team id"},
		{"A\n  class shell\n  team R ABCDE12345\n", 3, "needs signing ids"},
		{"A\n  class shell\n  apple R\n", 3, "needs signing ids"},
		{"A\n  class shell\n  apple R at /opt/x\n", 3, "system volume"},
		{"A\n  class shell\n  apple R at /usr/bin/*\n", 3, "system volume"},
		{"A\n  class shell\n  apple R at /System/Volumes/Data/x\n", 3, "system volume"},
		{"A\n  class shell\n  apple R x at\n", 3, "without a path"},
		{"A\n  class shell\n  apple R x at y\n", 3, "absolute"},
		{"A\n  class shell\n  adhoc R x\n", 3, `needs "at"`},
		{"A\n  class shell\n  adhoc R at */x\n", 3, "wildcard"},
		{"A\n  class shell\n  tool R a/b\n", 3, "names of files"},
		{"A\n  class shell\n  tool R *\n", 3, "fits everything"},
		{"A\n  class shell\n  script R *\n", 3, "fits everything"},
		{"A\n  class shell\n  script R\n", 3, "names nothing"},
		{"A\n  class shell\n  script R x at /y\n", 3, `no "at"`},
		{"A\n  class shell\n  interactive yes\n", 3, "stands alone"},
		{"A\n  class shell\n  colour red\n", 3, `unknown property "colour"`},
		{"A\n  class shell\n  apple R \"x\n", 3, "quoted"},
		{"A\n  class shell\n  apple R x\nA\n", 4, "already described on line 1"},
		{"A\n  class\n", 2, "says nothing"},
	} {
		_, err := Default().With(strings.NewReader(x.text))
		var s *SyntaxError
		switch {
		case !errors.As(err, &s):
			t.Errorf("%q gives %v, not a syntax error", x.text, err)
		case s.Line != x.line || !strings.Contains(s.Msg, x.says):
			t.Errorf("%q gives %q, should name line %d and say %q", x.text, err, x.line, x.says)
		}
	}
}

func TestReadingFails(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Default().With(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("the cause is lost: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// match agrees with a regular expression that says the same.
func TestMatchIsTheGlobItClaims(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("ab/*")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		pattern := word.Draw(t, "pattern")
		s := strings.ReplaceAll(word.Draw(t, "s"), "*", "")
		re := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, "(?s:.*)") + "$")
		p := newPattern(pattern)
		if got := p.matches(s); got != re.MatchString(s) || match(pattern, s) != got {
			t.Fatalf("%q matches %q: %v", pattern, s, got)
		}
	})
}

func FuzzWith(f *testing.F) {
	f.Add("A\n  class shell\n  apple D at /bin/zsh\n  apple R com.apple.z*\n  takes -o\n  inline -c\n", "/bin/zsh", "com.apple.zsh", "", "-m", true)
	f.Add("# B\nB c\n  class agent\n  team R ABCDE12345 b b.*\n  script R */b.js\n  module D b\n  interactive\n", "/x/b.js", "b.c", "ABCDE12345", "-m", false)
	f.Add("A\n class shell\n tool R \"a b\"\n", "/opt/homebrew/bin/a b", "x", "", "", false)
	f.Fuzz(func(t *testing.T, text, path, id, team, arg string, platform bool) {
		c, err := Default().With(strings.NewReader(text))
		if err != nil {
			var s *SyntaxError
			if !errors.As(err, &s) || s.Line < 1 || s.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		p := c.Match(Identity{Path: path, SigningID: id, TeamID: team, Platform: platform, Args: []string{arg, arg, path}})
		switch {
		case p.Name == "" && p != (Program{}), p.Name != "" && (p.Classes == 0 || p.Strength == Unmatched || p.Known == 0):
			t.Fatalf("%+v", p)
		case p.Strength == Platform && !platform, p.Strength == Signed && team == "":
			t.Fatalf("claims a signature that is not there: %+v", p)
		}
	})
}
