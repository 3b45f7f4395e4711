package filter

import (
	"regexp"
	"strings"
	"time"

	"ascribe.example/query"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"github.com/bmatcuk/doublestar/v4"
)

// checkWords finds words that no finding has: a field with a published vocabulary that is compared with another word can
// never be equal to it. It also reads patterns and times that are written out.
func checkWords(expr string, a *ast.AST, o Options) error {
	c := checker{expr: expr, ast: a, o: o}
	c.visit(a.Expr())
	return c.err
}

type checker struct {
	expr   string
	ast    *ast.AST
	o      Options
	hidden []string // variables of macros, which hide fields
	err    error
}

func (c *checker) visit(e ast.Expr) {
	if c.err != nil {
		return
	}
	switch e.Kind() {
	case ast.CallKind:
		call := e.AsCall()
		c.call(call)
		if call.IsMemberFunction() {
			c.visit(call.Target())
		}
		for _, a := range call.Args() {
			c.visit(a)
		}
	case ast.SelectKind:
		c.visit(e.AsSelect().Operand())
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			c.visit(x)
		}
	case ast.ComprehensionKind:
		x := e.AsComprehension()
		c.visit(x.IterRange())
		c.hidden = append(c.hidden, x.IterVar())
		c.visit(x.LoopCondition())
		c.visit(x.LoopStep())
		c.visit(x.Result())
		c.hidden = c.hidden[:len(c.hidden)-1]
	}
}

func (c *checker) call(call ast.CallExpr) {
	args := call.Args()
	switch call.FunctionName() {
	case operators.Equals, operators.NotEquals:
		c.compare(args[0], args[1])
		c.compare(args[1], args[0])
	case operators.In:
		if args[1].Kind() == ast.ListKind {
			for _, x := range args[1].AsList().Elements() {
				c.compare(args[0], x)
			}
			return
		}
		c.compare(args[1], args[0])
	case "glob":
		if s, ok := literal(args[0]); ok && !doublestar.ValidatePattern(query.Fold(s)) {
			c.err = errorAt(c.expr, c.ast, args[0], "%q is no pattern: a bracket or a brace is not closed", s)
		}
	case "matches":
		// A function or a member: the pattern is the last.
		if s, ok := literal(args[len(args)-1]); ok {
			if _, err := regexp.Compile(s); err != nil {
				says := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
				c.err = errorAt(c.expr, c.ast, args[len(args)-1], "this is no regular expression: %s", says)
			}
		}
	case "timestamp":
		if s, ok := literal(args[0]); ok {
			if _, err := time.Parse(time.RFC3339, s); err != nil {
				c.err = errorAt(c.expr, c.ast, args[0], `%q is no time in full, such as "2026-03-01T10:00:00Z"; when(%q) reads what people type`, s, s)
			}
		}
	case "duration":
		if s, ok := literal(args[0]); ok {
			if _, err := time.ParseDuration(s); err != nil {
				c.err = errorAt(c.expr, c.ast, args[0], `%q is no duration: write "90s", "2h30m"`, s)
			}
		}
	case "when":
		s, ok := literal(args[0])
		switch {
		case !ok:
			c.err = errorAt(c.expr, c.ast, args[0], `when takes a time that is written out, such as "yesterday 14:30"`)
		case c.o.When == nil:
			c.err = errorAt(c.expr, c.ast, args[0], `there is no now to reckon %q from: write timestamp("2026-03-01T10:00:00Z")`, s)
		default:
			if _, err := c.o.When(s); err != nil {
				c.err = errorAt(c.expr, c.ast, args[0], "%s", err)
			}
		}
	}
}

// compare looks at a field that is compared with a word.
func (c *checker) compare(of, with ast.Expr) {
	word, ok := literal(with)
	if !ok || word == "" || c.err != nil {
		return
	}
	f := c.field(of)
	if f == nil || f.words == nil {
		return
	}
	for _, w := range f.words {
		if w == word {
			return
		}
	}
	says := meant(word, f.words)
	if says == "" {
		says = ": it is one of " + strings.Join(f.words, ", ")
	}
	c.err = errorAt(c.expr, c.ast, with, "%s is never %q%s", f.name, word, says)
}

// field is the field that an expression names.
func (c *checker) field(e ast.Expr) *field {
	switch e.Kind() {
	case ast.IdentKind:
		name := e.AsIdent()
		for _, h := range c.hidden {
			if h == name {
				return nil
			}
		}
		return root.field(name)
	case ast.SelectKind:
		s := e.AsSelect()
		if o := byType[c.ast.GetType(s.Operand().ID()).TypeName()]; o != nil {
			return o.field(s.FieldName())
		}
	}
	return nil
}
