package filter

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// need is what a finding must have for an expression to be true, and for it to be false. An expression that ends in an error
// is neither.
type need struct{ ifTrue, ifFalse wants }

var never = wants{Want: query.Want{Kinds: query.SetOf[finding.Kind]()}}

// needs reads out of an expression what it needs. What it cannot read needs nothing.
func needs(e ast.Expr, o Options) need {
	switch e.Kind() {
	case ast.LiteralKind:
		switch e.AsLiteral() {
		case types.True:
			return need{ifFalse: never}
		case types.False:
			return need{ifTrue: never}
		}
	case ast.CallKind:
		return needsOfCall(e.AsCall(), o)
	}
	return need{}
}

func needsOfCall(call ast.CallExpr, o Options) need {
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		n := needs(args[0], o)
		for _, a := range args[1:] {
			m := needs(a, o)
			n = need{both(n.ifTrue, m.ifTrue), either(n.ifFalse, m.ifFalse)}
		}
		return n
	case operators.LogicalOr:
		n := needs(args[0], o)
		for _, a := range args[1:] {
			m := needs(a, o)
			n = need{either(n.ifTrue, m.ifTrue), both(n.ifFalse, m.ifFalse)}
		}
		return n
	case operators.LogicalNot:
		n := needs(args[0], o)
		return need{n.ifFalse, n.ifTrue}
	case operators.Conditional:
		c, yes, no := needs(args[0], o), needs(args[1], o), needs(args[2], o)
		return need{
			either(both(c.ifTrue, yes.ifTrue), both(c.ifFalse, no.ifTrue)),
			either(both(c.ifTrue, yes.ifFalse), both(c.ifFalse, no.ifFalse)),
		}
	case operators.Equals:
		return need{ifTrue: both(equals(args[0], args[1:], o), equals(args[1], args[:1], o))}
	case operators.NotEquals:
		return need{ifFalse: both(equals(args[0], args[1:], o), equals(args[1], args[:1], o))}
	case operators.In:
		if args[1].Kind() == ast.ListKind {
			return need{ifTrue: equals(args[0], args[1].AsList().Elements(), o)}
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return ordered(call.FunctionName(), args[0], args[1], o)
	case "under", "startsWith", "glob":
		if s, ok := literal(args[0]); ok {
			return need{ifTrue: wants{Want: placed(call.FunctionName(), name(call.Target()), s)}}
		}
	case "is":
		if name(call.Target()) == "initiator" {
			return need{ifTrue: wants{Want: users(args)}}
		}
	}
	return need{}
}

// name is a field as it is written, with dots; "" is something else. Macros are not looked into, so nothing hides a field.
func name(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		s := e.AsSelect()
		if n := name(s.Operand()); n != "" && !s.IsTestOnly() {
			return n + "." + s.FieldName()
		}
	}
	return ""
}

// equals is what must hold for a field to be one of the values.
func equals(e ast.Expr, values []ast.Expr, o Options) wants {
	field := name(e)
	switch field {
	case "initiator.uid", "initiator.user":
		return wants{Want: users(values)}
	case "time":
		if len(values) == 1 {
			if t, ok := constant(values[0], o); ok {
				return wants{Want: query.Want{From: t, To: t + 1}}
			}
		}
		return wants{}
	case "kind", "action", "initiator.class", "path", "source_path":
	default:
		return wants{texts: textsOf(field, values)}
	}
	var words []string
	for _, v := range values {
		w, ok := literal(v)
		if !ok {
			return wants{}
		}
		words = append(words, w)
	}
	switch field {
	case "kind":
		return wants{Want: query.Want{Kinds: setOf[finding.Kind](words)}}
	case "action":
		return wants{Want: query.Want{Actions: setOf[finding.Action](words)}}
	case "initiator.class":
		return wants{Want: query.Want{Classes: setOf[finding.Class](words)}}
	}
	var w query.Want
	for _, word := range words {
		one := placed("==", field, word).Paths
		if word == "" || one == nil {
			return wants{}
		}
		w.Paths = append(w.Paths, one...)
	}
	return wants{Want: w}
}

func setOf[T ~string](words []string) query.Set[T] {
	s := query.SetOf[T]()
	for _, w := range words {
		s[T(w)] = true
	}
	return s
}

func users(values []ast.Expr) query.Want {
	var w query.Want
	for _, v := range values {
		if v.Kind() != ast.LiteralKind {
			return query.Want{}
		}
		switch v := v.AsLiteral().(type) {
		case types.String:
			w.Users = append(w.Users, string(v))
		case types.Int:
			w.Users = append(w.Users, strconv.FormatInt(int64(v), 10))
		default:
			return query.Want{}
		}
	}
	if slices.Contains(w.Users, "") {
		return query.Want{}
	}
	return w
}

// placed is what must hold for a path to be as a function says.
func placed(function, field, arg string) query.Want {
	p := query.PathWant{Path: field == "path", Source: field == "source_path"}
	if !p.Path && !p.Source {
		return query.Want{}
	}
	switch function {
	case "==":
		p.Match, p.Key = query.IsPath, query.Fold(arg)
		if strings.HasSuffix(p.Key, "/") {
			return query.Want{} // the root, or what no file is called
		}
	case "under":
		p.Match, p.Key = query.UnderPath, query.Fold(arg)
	case "glob":
		p.Match, p.Key = query.AtOrUnder, query.Fold(arg)
		if i := strings.IndexAny(p.Key, `*?[{\`); i >= 0 {
			p.Key = p.Key[:strings.LastIndexByte(p.Key[:i], '/')+1]
		}
	case "startsWith":
		folder := arg[:strings.LastIndexByte(arg, '/')+1]
		p.Match, p.Key = query.AtOrUnder, query.Fold(strings.TrimRight(folder, "/"))
		switch p.Key {
		case "/system", "/system/volumes":
			return query.Want{} // what lies below may be linked to elsewhere
		}
		if folder == "" {
			return query.Want{}
		}
	}
	if p.Key == "" {
		return query.Want{}
	}
	p.Key = strings.TrimRight(p.Key, "/")
	return query.Want{Paths: []query.PathWant{p}}
}

// ordered is what must hold for a comparison of the finding's time.
func ordered(op string, a, b ast.Expr, o Options) need {
	if name(b) == "time" {
		a, b = b, a
		switch op {
		case operators.Less:
			op = operators.Greater
		case operators.LessEquals:
			op = operators.GreaterEquals
		case operators.Greater:
			op = operators.Less
		case operators.GreaterEquals:
			op = operators.LessEquals
		}
	}
	t, ok := constant(b, o)
	if name(a) != "time" || !ok {
		return need{}
	}
	upTo := func(t es.Time) wants { return wants{Want: query.Want{To: t}} }
	from := func(t es.Time) wants { return wants{Want: query.Want{From: t}} }
	switch op {
	case operators.Less:
		return need{upTo(t), from(t)}
	case operators.LessEquals:
		return need{upTo(t + 1), from(t + 1)}
	case operators.Greater:
		return need{from(t + 1), upTo(t + 1)}
	}
	return need{from(t), upTo(t)}
}

// constant is a time that is written out.
func constant(e ast.Expr, o Options) (es.Time, bool) {
	if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 1 {
		return 0, false
	}
	s, ok := literal(e.AsCall().Args()[0])
	if !ok {
		return 0, false
	}
	var (
		t   time.Time
		err error
	)
	switch e.AsCall().FunctionName() {
	case "timestamp":
		t, err = time.Parse(time.RFC3339, s)
	case "when":
		if o.When == nil {
			return 0, false
		}
		t, err = o.When(s)
	default:
		return 0, false
	}
	// What int64 cannot hold in nanoseconds bounds nothing that a finding can have.
	if err != nil || t.Before(time.Unix(0, math.MinInt64)) || t.After(time.Unix(0, math.MaxInt64-1)) {
		return 0, false
	}
	return es.Time(t.UnixNano()), true
}
