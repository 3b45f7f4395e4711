package filter

import (
	"path"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/query"
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"github.com/bmatcuk/doublestar/v4"
)

// functions are what the language has beyond CEL's own.
func functions() []cel.EnvOption {
	var l []cel.EnvOption
	for _, op := range []struct{ name, id string }{
		{operators.Less, "less"},
		{operators.LessEquals, "less_equals"},
		{operators.Greater, "greater"},
		{operators.GreaterEquals, "greater_equals"},
	} {
		l = append(l, cel.Function(op.name, cel.Overload(op.id+"_level", []*cel.Type{tLevel, tLevel}, cel.BoolType)))
	}
	l = append(l, cel.Function("string", cel.Overload("level_to_string", []*cel.Type{tLevel}, cel.StringType,
		cel.UnaryBinding(func(v ref.Val) ref.Val { return v.ConvertToType(types.StringType) }))))
	ofText := func(name string, result *cel.Type, f func(string) ref.Val) {
		l = append(l, cel.Function(name, cel.MemberOverload("text_"+name, []*cel.Type{cel.StringType}, result,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return f(string(v.(types.String))) }))))
	}
	ofTwo := func(name string, f func(a, b string) ref.Val) {
		l = append(l, cel.Function(name, cel.MemberOverload("text_"+name, []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return f(string(a.(types.String)), string(b.(types.String))) }))))
	}
	ofText("base", cel.StringType, func(s string) ref.Val { return types.String(s[strings.LastIndexByte(s, '/')+1:]) })
	ofText("ext", cel.StringType, func(s string) ref.Val {
		return types.String(strings.ToLower(strings.TrimPrefix(path.Ext(s), ".")))
	})
	ofText("folder", cel.StringType, func(s string) ref.Val {
		if i := strings.LastIndexByte(s, '/'); i > 0 {
			return types.String(s[:i])
		} else if i == 0 {
			return types.String("/")
		}
		return types.String("")
	})
	ofTwo("under", func(p, folder string) ref.Val { return types.Bool(query.Under(p, folder)) })
	ofTwo("glob", func(p, pattern string) ref.Val {
		ok, err := doublestar.Match(query.Fold(pattern), query.Fold(p))
		if err != nil {
			return types.NewErr("%q is no pattern: %v", pattern, err)
		}
		return types.Bool(ok && p != "")
	})
	l = append(l, cel.Function("is",
		cel.MemberOverload("initiator_is_name", []*cel.Type{tInitiator, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(in, user ref.Val) ref.Val {
				i, _ := in.Value().(*finding.Initiator)
				return types.Bool(query.IsUser(i, string(user.(types.String))))
			})),
		cel.MemberOverload("initiator_is_uid", []*cel.Type{tInitiator, cel.IntType}, cel.BoolType,
			cel.BinaryBinding(func(in, uid ref.Val) ref.Val {
				i, _ := in.Value().(*finding.Initiator)
				return types.Bool(i != nil && i.UID != es.Unset && types.Int(i.UID) == uid.(types.Int))
			})),
	))
	return l
}

// whenFunction declares when("10:00"): the moment that a person means. Its argument is known when the condition is compiled.
func whenFunction(o Options) cel.EnvOption {
	return cel.Function("when", cel.Overload("when_text", []*cel.Type{cel.StringType}, cel.TimestampType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			if o.When == nil {
				return types.NewErr("there is no now")
			}
			t, err := o.When(string(v.(types.String)))
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Timestamp{Time: t}
		})))
}

// globOnce and underOnce read a pattern or a folder that is written out once, not for every finding. CEL's name for that is
// the optimisation of a regular expression.
var (
	globOnce = &interpreter.RegexOptimization{
		Function: "glob", RegexIndex: 1,
		Factory: func(call interpreter.InterpretableCall, pattern string) (interpreter.InterpretableCall, error) {
			g := newGlob(pattern)
			return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), func(values ...ref.Val) ref.Val {
				p, ok := values[0].(types.String)
				if !ok {
					return types.NoSuchOverloadErr()
				}
				return types.Bool(g.match(string(p)))
			}), nil
		},
	}
	underOnce = &interpreter.RegexOptimization{
		Function: "under", RegexIndex: 1,
		Factory: func(call interpreter.InterpretableCall, folder string) (interpreter.InterpretableCall, error) {
			folder = query.Fold(folder)
			return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), func(values ...ref.Val) ref.Val {
				p, ok := values[0].(types.String)
				if !ok {
					return types.NoSuchOverloadErr()
				}
				return types.Bool(query.Under(string(p), folder))
			}), nil
		},
	}
)
