package filter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Error is what is wrong with a condition, and where.
type Error struct {
	Expr string
	Line int // from 1; 0 is the condition as a whole
	Col  int // from 0, in characters
	Says string
}

func (e *Error) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines are what is wrong, the line of the condition where it is, and a caret below the place.
func (e *Error) Lines() []string {
	if e.Line == 0 {
		return []string{e.Says}
	}
	all := strings.Split(e.Expr, "\n")
	line := []rune(strings.ReplaceAll(all[min(e.Line, len(all))-1], "\t", " "))
	at := min(e.Col, len(line))
	// A long line is shown around the place.
	const before, after = 60, 40
	head, tail := "", ""
	if at > before {
		line, at, head = line[at-before:], before, "…"
	}
	if len(line) > at+after {
		line, tail = line[:at+after], "…"
	}
	return []string{e.Says, "  " + head + string(line) + tail, "  " + strings.Repeat(" ", len([]rune(head))+at) + "^"}
}

var (
	undeclared = pattern(`^undeclared reference to '([^']*)'`)
	undefined  = pattern(`^undefined field '([^']*)'`)
	noOverload = pattern(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	syntax     = pattern(`^Syntax error: (.*)$`)
	extraneous = pattern(`(?:mismatched|extraneous|no viable alternative at) input '(.*?)'(?: expecting.*)?$`)
	operator   = pattern(`^_(\S+)_$|^@(in)$|^(!)_$|^(-)_$`)
)

// pattern compiles an expression when it is first asked for: most conditions are right.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// mend says the first of CEL's errors in words that help whoever typed the condition.
func mend(expr string, a *cel.Ast, issues *cel.Issues) error {
	first := issues.Errors()[0]
	e := &Error{Expr: expr, Line: first.Location.Line(), Col: first.Location.Column(), Says: first.Message}
	switch {
	case undeclared().MatchString(first.Message):
		name := undeclared().FindStringSubmatch(first.Message)[1]
		names := slices.Clone(functionNames)
		for _, f := range root.fields {
			names = append(names, f.name)
		}
		e.Says = fmt.Sprintf("there is no field or function %q", name) + meant(name, append(names, "unknown", "possible", "likely", "certain"))
		if near := holders(name); near != "" && !strings.Contains(e.Says, "mean") {
			e.Says += "; " + near
		}
	case undefined().MatchString(first.Message):
		name := undefined().FindStringSubmatch(first.Message)[1]
		e.Says = fmt.Sprintf("there is no field %q here", name)
		e.point(name)
		if o := e.operand(a, name); o != nil {
			var names []string
			for _, f := range o.fields {
				names = append(names, f.name)
			}
			e.Says = fmt.Sprintf("%s has no field %q", article(o.name), name) + meant(name, names)
			if !strings.Contains(e.Says, "mean") {
				e.Says += ": it has " + strings.Join(names, ", ")
			}
		}
	case noOverload().MatchString(first.Message):
		m := noOverload().FindStringSubmatch(first.Message)
		e.Says = overload(m[1], m[2])
	case syntax().MatchString(first.Message):
		e.Says = "this cannot be read here"
		if m := extraneous().FindStringSubmatch(first.Message); m != nil {
			switch m[1] {
			case "<EOF>":
				e.Says = "the condition ends too early"
			case "=":
				e.Says = `"=" is no comparison: write ==`
			default:
				e.Says = fmt.Sprintf("%q cannot stand here", m[1])
			}
		} else if strings.Contains(first.Message, "token recognition error at: '") {
			_, token, _ := strings.Cut(first.Message, "token recognition error at: '")
			token = strings.TrimSuffix(token, "'")
			e.Says = fmt.Sprintf("%q cannot stand here", token)
			switch strings.TrimSpace(token) {
			case "=":
				e.Says = `"=" is no comparison: write ==`
			case "&", "|":
				e.Says = fmt.Sprintf("%q joins no conditions: write %s%s", token, token, token)
			}
			if strings.HasPrefix(token, `"`) || strings.HasPrefix(token, "'") && len(token) > 1 {
				e.Says = "this text has no closing quote"
			}
		}
	}
	return e
}

// point moves the error's place from the dot before a field to the field.
func (e *Error) point(name string) {
	lines := strings.Split(e.Expr, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return
	}
	line := []rune(lines[e.Line-1])
	if e.Col < len(line) {
		if i := strings.Index(string(line[e.Col:]), name); i >= 0 {
			e.Col += len([]rune(string(line[e.Col:])[:i]))
		}
	}
}

// operand is the kind of object that was asked for a field that it lacks: the names before the dot lead there.
func (e *Error) operand(_ *cel.Ast, _ string) *object {
	lines := strings.Split(e.Expr, "\n")
	line := []rune(lines[e.Line-1])
	before := regexp.MustCompile(`([A-Za-z_][A-Za-z_0-9]*(?:\s*\.\s*[A-Za-z_][A-Za-z_0-9]*)*)\s*\.\s*$`).FindStringSubmatch(string(line[:min(e.Col, len(line))]))
	if before == nil {
		return nil
	}
	o := &root
	for _, name := range strings.Split(before[1], ".") {
		f := o.field(strings.TrimSpace(name))
		if f == nil {
			return nil
		}
		if o = byType[f.typ.TypeName()]; o == nil {
			return nil
		}
	}
	return o
}

// functionNames are what can be called.
var functionNames = []string{
	"under", "glob", "base", "ext", "folder", "is", "when", "startsWith", "endsWith", "contains", "matches", "size", "has",
	"timestamp", "duration", "exists", "all", "filter", "map", "exists_one",
}

// holders says which fields have a field of that name.
func holders(name string) string {
	var l []string
	for _, f := range root.fields {
		if o := byType[f.typ.TypeName()]; o != nil && o.field(name) != nil {
			l = append(l, f.name+"."+name)
		}
	}
	if l == nil {
		return ""
	}
	return "there is " + strings.Join(l, ", ")
}

// meant suggests the nearest of the words, if one is near.
func meant(word string, words []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(word), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// distance is how many letters must be changed, added, left out, or swapped with the next.
func distance(a, b string) int {
	var before, last []int
	now := make([]int, len(b)+1)
	for j := range now {
		now[j] = j
	}
	for i := range len(a) {
		before, last, now = last, now, make([]int, len(b)+1)
		now[0] = i + 1
		for j := range len(b) {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			now[j+1] = min(change, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
	}
	return now[len(b)]
}

// overload says that a function or an operator does not take what it was given.
func overload(function, given string) string {
	var kinds []string
	member := ""
	if on, rest, ok := strings.Cut(given, ".("); ok {
		member, given = kindWord(on), strings.TrimSuffix(rest, ")")
	} else {
		given = strings.TrimSuffix(strings.TrimPrefix(given, "("), ")")
	}
	for _, k := range splitKinds(given) {
		kinds = append(kinds, kindWord(k))
	}
	if m := operator().FindStringSubmatch(function); m != nil {
		sign := m[1] + m[2] + m[3] + m[4]
		if len(kinds) == 2 {
			return fmt.Sprintf("%s cannot stand between %s and %s", sign, kinds[0], kinds[1])
		}
		return fmt.Sprintf("%s cannot stand before %s", sign, strings.Join(kinds, ", "))
	}
	if member != "" {
		with := ""
		if len(kinds) > 0 {
			with = " with " + strings.Join(kinds, ", ")
		}
		return fmt.Sprintf("%s cannot be asked of %s%s", function, member, with)
	}
	return fmt.Sprintf("%s does not take %s", function, strings.Join(kinds, ", "))
}

func splitKinds(s string) []string {
	if s == "" {
		return nil
	}
	var l []string
	depth, from := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				l = append(l, strings.TrimSpace(s[from:i]))
				from = i + 1
			}
		}
	}
	return append(l, strings.TrimSpace(s[from:]))
}

// kindWord is a type of CEL in words.
func kindWord(t string) string {
	if inner, ok := strings.CutPrefix(t, "wrapper("); ok {
		return kindWord(strings.TrimSuffix(inner, ")"))
	}
	if strings.HasPrefix(t, "list(") {
		return "a list"
	}
	switch t {
	case "string":
		return "text"
	case "int", "uint", "double":
		return "a number"
	case "bool":
		return "a condition"
	case "null":
		return "null"
	case "timestamp", "google.protobuf.Timestamp":
		return "a time"
	case "duration", "google.protobuf.Duration":
		return "a duration"
	case "level":
		return "a level of certainty (unknown, possible, likely, certain, without quotes)"
	}
	if o := byType[t]; o != nil {
		return article(o.name)
	}
	return t
}

func nameOf(t *cel.Type) string { return kindWord(t.String()) }

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// example is a condition that could have been meant.
func example(expr string, t *cel.Type) string {
	expr = strings.TrimSpace(expr)
	if len(expr) > 40 || strings.ContainsAny(expr, "\n\t ") {
		return `action == "copy"`
	}
	if t == tLevel {
		return expr + " >= likely"
	}
	switch t.Kind() {
	case types.StringKind:
		return expr + ` == "…"`
	case types.IntKind:
		return expr + " > 0"
	case types.TimestampKind:
		return expr + ` > when("10:00")`
	case types.ListKind:
		return "size(" + expr + ") > 0"
	}
	return expr + " != null"
}

// errorAt is an error at an expression.
func errorAt(expr string, a *ast.AST, at ast.Expr, format string, args ...any) error {
	place := a.SourceInfo().GetStartLocation(at.ID())
	return &Error{Expr: expr, Line: place.Line(), Col: place.Column(), Says: fmt.Sprintf(format, args...)}
}
