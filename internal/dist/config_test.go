package dist

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the configuration names is there, or is made by its own hook. That goreleaser takes it, and what comes of it, is
// checked by make snapshot: to build goreleaser takes longer than all of these tests.
func TestTheConfigurationNamesWhatIsThere(t *testing.T) {
	config := text(t, ".goreleaser.yaml")
	sources := regexp.MustCompile(`src: "?([^",}]+)`).FindAllStringSubmatch(config, -1)
	if len(sources) < 8 {
		t.Fatalf("%d sources were read", len(sources))
	}
	made := text(t, ".ci/release")
	for _, s := range sources {
		name := strings.TrimSpace(s[1])
		if page, ok := strings.CutPrefix(name, "out/pages/"); ok {
			folder, _, _ := strings.Cut(page, "/")
			if !strings.Contains(made, "out/pages/"+folder) {
				t.Errorf("%s: .ci/release makes no out/pages/%s", name, folder)
			}
			continue
		}
		if _, err := os.Stat(filepath.Join("../..", name)); err != nil {
			t.Errorf("%v", err)
		}
	}
	for _, hook := range regexp.MustCompile(`\.ci/release[, ]+([a-z]+)`).FindAllStringSubmatch(config, -1) {
		if !regexp.MustCompile(`(?m)^` + hook[1] + `\)`).MatchString(made) {
			t.Errorf(".ci/release has no part %s", hook[1])
		}
	}
	if !strings.Contains(text(t, "cmd/ascribe/version.go"), "\nvar version ") || !strings.Contains(config, "-X main.version={{ .Version }}") {
		t.Error("the linker sets main.version, which must be there")
	}
}

func TestTheFormulaIsATemplate(t *testing.T) {
	formula := text(t, ".ci/formula.rb")
	for _, want := range []string{"class Ascribe < Formula", `sha256 "@SHA256@"`, "@VERSION@_source.tar.gz", `depends_on "go" => :build`, "./cmd/ascribe"} {
		if !strings.Contains(formula, want) {
			t.Errorf("the formula lacks %s", want)
		}
	}
	// Ruby's blocks are balanced: there is no Ruby here to say so.
	begun := len(regexp.MustCompile(`(?m)^\s*(class|def|test do)\b`).FindAllString(formula, -1))
	if ended := len(regexp.MustCompile(`(?m)^\s*end$`).FindAllString(formula, -1)); begun != ended {
		t.Errorf("%d blocks begin, %d end", begun, ended)
	}
}
