package filter

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ascribe.example/finding"
	"ascribe.example/query"
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// Options say how a condition is compiled.
type Options struct {
	// When reads a time as a person types it, for when("…"). nil: conditions that hold at any time, such as those of rules,
	// have no now to reckon from.
	When func(words string) (time.Time, error)
}

// Filter is a compiled condition. It is safe for use by several goroutines.
type Filter struct {
	expr    string
	program cel.Program
	want    query.Want
	texts   []textNeed
}

// Compile compiles a condition. An error about the condition is an [*Error].
func Compile(expr string, o Options) (*Filter, error) {
	a, env, err := check(expr, o)
	if err != nil {
		return nil, err
	}
	if t := a.OutputType(); !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.NullableType(cel.BoolType)) {
		return nil, &Error{Expr: expr, Says: fmt.Sprintf("this is %s, not a condition; write one, such as %s", nameOf(t), example(expr, t))}
	}
	p, err := program(env, a, expr)
	if err != nil {
		return nil, err
	}
	w := needs(a.NativeRep().Expr(), o).ifTrue
	return &Filter{expr: expr, program: p, want: w.Want, texts: w.texts.compile()}, nil
}

// Expr is the condition as it was written.
func (f *Filter) Expr() string { return f.expr }

// Want is what a finding must have for the condition to hold: a finding that Want does not have need not be looked at.
func (f *Filter) Want() query.Want { return f.want }

// Match reports whether the condition holds of a finding. It looks at Want first. A condition that needs what is not known
// does not hold; an error is a fault of the condition itself, such as a division by zero or an index that a list lacks.
func (f *Filter) Match(of *finding.Finding) (bool, error) {
	if !f.want.Has(of) {
		return false, nil
	}
	return f.Evaluate(of)
}

// Evaluate is Match without Want.
func (f *Filter) Evaluate(of *finding.Finding) (bool, error) {
	if !f.mayHold(of) {
		return false, nil
	}
	return f.evaluate(of)
}

// mayHold reports whether the texts that the condition needs are there.
func (f *Filter) mayHold(of *finding.Finding) bool {
	for i := range f.texts {
		if t := &f.texts[i]; !slices.Contains(t.words, t.read(of)) {
			return false
		}
	}
	return true
}

func (f *Filter) evaluate(of *finding.Finding) (bool, error) {
	v, _, err := f.program.Eval(bound{of})
	if err != nil {
		if isUnknown(err) {
			return false, nil
		}
		return false, fmt.Errorf("%s: of %s: %w", f.expr, of.ID, err)
	}
	return v == types.True, nil
}

// isUnknown reports whether an evaluation ended because something was null.
func isUnknown(err error) bool { return strings.Contains(err.Error(), "no such overload") }

// Text is a compiled expression that is shown: a part of a message. It is safe for use by several goroutines.
type Text struct{ program cel.Program }

// CompileText compiles an expression of any kind that can be written as text.
func CompileText(expr string, o Options) (*Text, error) {
	a, env, err := check(expr, o)
	if err != nil {
		return nil, err
	}
	switch t := a.OutputType(); t.Kind() {
	case types.StringKind, types.IntKind, types.UintKind, types.DoubleKind, types.BoolKind, types.TimestampKind,
		types.DurationKind:
	default:
		if t == tLevel {
			break
		}
		return nil, &Error{Expr: expr, Says: fmt.Sprintf("this is %s, and cannot be written as text; name one of its fields", nameOf(t))}
	}
	p, err := program(env, a, expr)
	if err != nil {
		return nil, err
	}
	return &Text{p}, nil
}

// Append appends what the expression is of a finding; "" is what is not known.
func (t *Text) Append(dst []byte, of *finding.Finding) []byte {
	v, _, err := t.program.Eval(bound{of})
	if err != nil || v == types.NullValue {
		return dst
	}
	if s, ok := v.ConvertToType(types.StringType).(types.String); ok {
		return append(dst, s...)
	}
	return dst
}

// base knows the language, but for when(). It is made once: that takes about a millisecond.
var base = sync.OnceValues(func() (*cel.Env, error) {
	env, err := cel.NewEnv()
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.CustomTypeProvider(provider{env.CELTypeProvider()}),
		cel.CustomTypeAdapter(adapter),
		cel.ParserRecursionLimit(100),
		cel.ParserExpressionSizeLimit(64 << 10),
	}
	options = append(options, variables()...)
	options = append(options, functions()...)
	return cel.NewEnv(options...)
})

func check(expr string, o Options) (*cel.Ast, *cel.Env, error) {
	env, err := base()
	if err == nil {
		env, err = env.Extend(whenFunction(o))
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make the filter language: %w", err)
	}
	if strings.TrimSpace(expr) == "" {
		return nil, nil, &Error{Expr: expr, Says: `a condition is missing; write one, such as action == "copy"`}
	}
	a, issues := env.Compile(expr)
	if issues.Err() != nil {
		return nil, nil, mend(expr, a, issues)
	}
	if err := checkWords(expr, a.NativeRep(), o); err != nil {
		return nil, nil, err
	}
	return a, env, nil
}

func program(env *cel.Env, a *cel.Ast, expr string) (cel.Program, error) {
	p, err := env.Program(a, cel.EvalOptions(cel.OptOptimize), cel.OptimizeRegex(globOnce, underOnce))
	if err != nil {
		return nil, &Error{Expr: expr, Says: err.Error()}
	}
	return p, nil
}

// literal is the text that an expression is, if it is one that is written out.
func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
