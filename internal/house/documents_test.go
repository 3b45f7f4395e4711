package house

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	fence   = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	code    = regexp.MustCompile("`[^`\n]+`")
	heading = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*\s*$`)
)

func (tr *tree) documents() []string {
	var names []string
	for _, f := range tr.files {
		if path.Ext(f) == ".md" && !strings.Contains(f, "testdata/") {
			names = append(names, f)
		}
	}
	return names
}

func TestLinksLeadSomewhere(t *testing.T) { deadLinks(repository(t)).none(t) }

func deadLinks(tr *tree) *report {
	var rep report
	for _, doc := range tr.documents() {
		prose := code.ReplaceAllString(fence.ReplaceAllString(tr.text[doc], ""), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			to := doc
			if target != "" {
				to = path.Join(path.Dir(doc), target)
			}
			if !tr.exists(to) {
				rep.add("%s links to %s, which is not there", doc, m[1])
				continue
			}
			if anchor != "" && path.Ext(to) == ".md" && !slices.Contains(tr.anchors(to), anchor) {
				rep.add("%s links to %s, but %s has no such heading", doc, m[1], to)
			}
		}
	}
	return &rep
}

// exists reports whether a file or a folder of that path is in the tree.
func (tr *tree) exists(p string) bool {
	return p == "." || slices.ContainsFunc(tr.files, func(f string) bool { return f == p || strings.HasPrefix(f, p+"/") })
}

// anchors are a document's headings as GitHub makes anchors of them.
func (tr *tree) anchors(doc string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(tr.text[doc], ""), -1) {
		var b strings.Builder
		for _, r := range strings.ToLower(m[1]) {
			switch {
			case r == ' ' || r == '-':
				b.WriteByte('-')
			case r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				b.WriteRune(r)
			}
		}
		all = append(all, b.String())
	}
	return all
}

var (
	asked    = regexp.MustCompile("(?m)(?:^|[`|&;$]|sudo |cmd/)[ \t]*ascribe ([a-z][a-z-]*)")
	makes    = regexp.MustCompile("(?m)(?:^|[`|&;$])[ \t]*(?:CI=true )?make ([a-z][a-z-]*)")
	verbUse  = regexp.MustCompile(`Use:\s+"([a-z-]+)`)
	target   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	fromHelp = []string{"help", "completion"} // cobra's own
)

// commands is what a document sets as code: blocks and words in backticks.
func (tr *tree) commands(doc string) string {
	text := tr.text[doc]
	prose := fence.ReplaceAllString(text, "")
	set := append(fence.FindAllString(text, -1), code.FindAllString(prose, -1)...)
	block, blank := false, true
	for _, line := range strings.Split(prose, "\n") {
		indented := strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
		block = indented && (block || blank) // an indented block begins after an empty line
		blank = strings.TrimSpace(line) == ""
		if block {
			set = append(set, line)
		}
	}
	return strings.Join(set, "\n")
}

// The words after ascribe and after make in the documents are commands that exist.
func TestDocumentsSpeakOfCommandsThatExist(t *testing.T) { unknownCommands(repository(t)).none(t) }

func unknownCommands(tr *tree) *report {
	var rep report
	verbs := slices.Clone(fromHelp)
	for _, file := range tr.goFiles() {
		if strings.HasPrefix(file, "cmd/ascribe/") && !isTest(file) {
			for _, m := range verbUse.FindAllStringSubmatch(tr.text[file], -1) {
				verbs = append(verbs, m[1])
			}
		}
	}
	var targets []string
	for _, m := range target.FindAllStringSubmatch(tr.text["Makefile"], -1) {
		targets = append(targets, m[1])
	}
	if len(targets) == 0 {
		rep.add("no target was found in the Makefile")
	}
	for _, doc := range tr.documents() {
		for _, m := range makes.FindAllStringSubmatch(tr.commands(doc), -1) {
			if !slices.Contains(targets, m[1]) {
				rep.add("%s says \"make %s\", which the Makefile does not have", doc, m[1])
			}
		}
		if len(verbs) == len(fromHelp) {
			continue // no command line yet
		}
		for _, m := range asked.FindAllStringSubmatch(tr.commands(doc), -1) {
			if !slices.Contains(verbs, m[1]) {
				rep.add("%s says \"ascribe %s\", which the command line does not have", doc, m[1])
			}
		}
	}
	return &rep
}

// Every target that somebody may want stands in make help with one line.
func TestMakeHelpListsEverything(t *testing.T) { unlistedTargets(repository(t)).none(t) }

func unlistedTargets(tr *tree) *report {
	var rep report
	for _, line := range strings.Split(tr.text["Makefile"], "\n") {
		m := target.FindStringSubmatch(line)
		if m != nil && !strings.Contains(line, "## ") {
			rep.add("Makefile: target %s has no \"## what it does\" behind it, so make help does not show it", m[1])
		}
	}
	return &rep
}
