package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ascribe.example/finding"
	"ascribe.example/query/filter"
	"go.yaml.in/yaml/v3"
)

// maxFile is how long a file of rules may be.
const maxFile = 4 << 20

// Error is what is wrong with a file of rules, and where.
type Error struct {
	File string
	Line int
	Col  int
	Says []string // the first line says it; the others show the place in a condition
}

func (e *Error) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines are what is wrong, in lines.
func (e *Error) Lines() []string {
	l := slices.Clone(e.Says)
	place := e.File
	if e.Line > 0 {
		place += ", line " + strconv.Itoa(e.Line)
	}
	l[0] = place + ": " + l[0]
	return l
}

// Load reads a file of rules into the set. All that is wrong with it is told at once, as joined [*Error]s; then none of its
// rules is in the set.
func (s *Set) Load(file string, text []byte) error {
	p := parser{file: file}
	if len(text) > maxFile {
		return &Error{File: file, Says: []string{"the file is longer than 4 MiB"}}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		e := &Error{File: file, Says: []string{strings.TrimPrefix(err.Error(), "yaml: ")}}
		if m := yamlPlace().FindStringSubmatch(e.Says[0]); m != nil {
			e.Line, _ = strconv.Atoi(m[1])
			e.Says[0] = m[2]
		}
		return e
	}
	p.document(&doc)
	if p.errs != nil {
		return errors.Join(p.errs...)
	}
	for _, r := range p.rules {
		if err := s.add(r); err != nil {
			return &Error{File: file, Line: r.Line, Says: []string{err.Error()}}
		}
	}
	return nil
}

var (
	yamlPlace = pattern(`^line (\d+): (.*)$`)
	ruleName  = pattern(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// pattern compiles an expression when it is first asked for: most runs have no rules.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

type parser struct {
	file  string
	rules []*Rule
	errs  []error
}

func (p *parser) fault(n *yaml.Node, format string, args ...any) {
	p.errs = append(p.errs, &Error{File: p.file, Line: n.Line, Col: n.Column, Says: []string{fmt.Sprintf(format, args...)}})
}

func (p *parser) document(doc *yaml.Node) {
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		p.fault(&yaml.Node{}, "there are no rules in it: it begins with rules:")
		return
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		p.fault(top, "it does not begin with rules:")
		return
	}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		switch {
		case key.Value != "rules":
			p.fault(key, "%q is no part of a file of rules: it holds rules:", key.Value)
		case value.Kind != yaml.SequenceNode:
			p.fault(value, "rules: is a list; each rule begins with - name:")
		default:
			for _, n := range value.Content {
				p.rule(n)
			}
		}
	}
}

// keys of a rule, in the order in which they are usually written.
var keys = []string{"name", "about", "severity", "when", "many", "within", "per", "message", "tags"}

func (p *parser) rule(n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		p.fault(n, "this is no rule: a rule has name:, severity:, when: and message:")
		return
	}
	before := len(p.errs)
	r := &Rule{File: p.file, Line: n.Line}
	nodes := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(keys, key.Value):
			p.fault(key, "a rule has no %q: it has %s", key.Value, strings.Join(keys, ", "))
		case nodes[key.Value] != nil:
			p.fault(key, "%s: stands there twice", key.Value)
		case key.Value == "tags":
			nodes["tags"] = value
			r.Tags = p.list(value)
		case value.Kind != yaml.ScalarNode:
			p.fault(value, "%s: is a text", key.Value)
			nodes[key.Value] = value
		default:
			nodes[key.Value] = value
		}
	}
	for _, key := range []string{"name", "severity", "when", "message"} {
		if nodes[key] == nil {
			p.fault(n, "a rule has no %s:", key)
		}
	}
	if len(p.errs) > before {
		return
	}
	value := func(key string) string {
		if nodes[key] == nil {
			return ""
		}
		return strings.TrimSpace(nodes[key].Value)
	}
	r.Name, r.About, r.When, r.Message = value("name"), value("about"), value("when"), value("message")
	if !ruleName().MatchString(r.Name) {
		p.fault(nodes["name"], "the name %q: it is words of a-z and 0-9, joined by -", r.Name)
	}
	if r.Severity = finding.Severity(value("severity")); !slices.Contains(finding.Severities, r.Severity) {
		p.fault(nodes["severity"], "the severity %q: it is one of info, low, medium, high, critical", r.Severity)
	}
	var err error
	if r.filter, err = filter.Compile(r.When, filter.Options{}); err != nil {
		p.within(nodes["when"], r.Name, err)
	} else {
		r.want = rest(r.filter.Want())
	}
	if r.message, err = messageOf(r.Message); err != nil {
		p.within(nodes["message"], r.Name, err)
	}
	p.many(r, nodes, value)
	if len(p.errs) == before {
		p.rules = append(p.rules, r)
	}
}

// within says what is wrong inside a condition or a message, and shows it.
func (p *parser) within(n *yaml.Node, rule string, err error) {
	says := []string{err.Error()}
	var place *filter.Error
	line := n.Line
	if errors.As(err, &place) {
		says = place.Lines()
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			line++ // the text begins below
		}
	}
	says[0] = "rule " + rule + ": " + says[0]
	p.errs = append(p.errs, &Error{File: p.file, Line: line, Says: says})
}

func (p *parser) many(r *Rule, nodes map[string]*yaml.Node, value func(string) string) {
	if nodes["many"] == nil {
		for _, key := range []string{"within", "per"} {
			if nodes[key] != nil {
				p.fault(nodes[key], "%s: says nothing without many:", key)
			}
		}
		return
	}
	var err error
	if r.Many, err = strconv.ParseUint(value("many"), 10, 32); err != nil || r.Many < 2 {
		p.fault(nodes["many"], "many: is a number of files, 2 or more")
	}
	r.Within = time.Minute
	if nodes["within"] != nil {
		if r.Within, err = time.ParseDuration(value("within")); err != nil || r.Within <= 0 || r.Within > 24*time.Hour {
			p.fault(nodes["within"], "within: is a time of at most a day: 30s, 5m, 2h")
		}
	}
	if r.Per = value("per"); r.Per == "" {
		r.Per = "responsible.path"
	}
	if r.per, err = filter.CompileText(r.Per, filter.Options{}); err != nil {
		p.within(nodes["per"], r.Name, err)
	}
}

func (p *parser) list(n *yaml.Node) []string {
	if n.Kind != yaml.SequenceNode {
		p.fault(n, "tags: is a list: [one, two]")
		return nil
	}
	var l []string
	for _, t := range n.Content {
		if t.Kind != yaml.ScalarNode || t.Value == "" {
			p.fault(t, "a tag is a text")
			continue
		}
		l = append(l, t.Value)
	}
	return l
}
