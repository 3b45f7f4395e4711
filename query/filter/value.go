package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"ascribe.example/finding"
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// bound is one finding as the variables of a condition. Fields are read when they are asked for; no map is made.
type bound struct{ f *finding.Finding }

// ResolveName is the field of that name.
func (b bound) ResolveName(name string) (any, bool) {
	f, ok := root.byName[name]
	if !ok {
		return nil, false
	}
	return f.get(b.f), true
}

// Parent is nobody.
func (bound) Parent() cel.Activation { return nil }

// adapter makes CEL's values out of ours.
var adapter types.Adapter = ours{types.DefaultTypeAdapter}

type ours struct{ types.Adapter }

func (a ours) NativeToValue(v any) ref.Val {
	switch v := v.(type) {
	case ref.Val:
		return v
	case *finding.Object, *finding.Volume, *finding.Item, *finding.Process, *finding.ProcessRef, *finding.Responsible,
		*finding.Initiator, *finding.Session, *finding.Agent, *finding.Participant, *finding.Levels, *finding.Evidence,
		*finding.Alternative, *finding.Match, *finding.Execution:
		return wrap(v)
	}
	return a.Adapter.NativeToValue(v)
}

// wrap makes a value of a pointer to an object; nil is null.
func wrap(p any) ref.Val {
	var (
		t     *cel.Type
		isNil bool
	)
	switch p := p.(type) {
	case *finding.Object:
		t, isNil = tObject, p == nil
	case *finding.Volume:
		t, isNil = tVolume, p == nil
	case *finding.Item:
		t, isNil = tItem, p == nil
	case *finding.Process:
		t, isNil = tProcess, p == nil
	case *finding.ProcessRef:
		t, isNil = tRef, p == nil
	case *finding.Responsible:
		t, isNil = tResponsible, p == nil
	case *finding.Initiator:
		t, isNil = tInitiator, p == nil
	case *finding.Session:
		t, isNil = tSession, p == nil
	case *finding.Agent:
		t, isNil = tAgent, p == nil
	case *finding.Participant:
		t, isNil = tParticipant, p == nil
	case *finding.Levels:
		t, isNil = tCertainty, p == nil
	case *finding.Evidence:
		t, isNil = tEvidence, p == nil
	case *finding.Alternative:
		t, isNil = tAlternative, p == nil
	case *finding.Match:
		t, isNil = tMatch, p == nil
	case *finding.Execution:
		t, isNil = tExecution, p == nil
	}
	if isNil {
		return types.NullValue
	}
	return value{t, p}
}

// value is an object of the contract in a condition. Two are equal if they are the same one.
type value struct {
	typ *cel.Type
	p   any
}

func (v value) Type() ref.Type { return v.typ }
func (v value) Value() any     { return v.p }

func (v value) Equal(other ref.Val) ref.Val {
	o, ok := other.(value)
	return types.Bool(ok && o.p == v.p)
}

func (v value) ConvertToNative(reflect.Type) (any, error) {
	return nil, fmt.Errorf("a %s is no value of Go", v.typ)
}

func (v value) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return v.typ
	}
	return types.NewErr("a %s cannot be made a %s", v.typ, t.TypeName())
}

// certainty is a level in a condition: levels are in order.
type certainty finding.Certainty

// levels are boxed once.
var levels = [...]ref.Val{
	certainty(finding.Unknown), certainty(finding.Possible), certainty(finding.Likely), certainty(finding.Certain),
}

func (c certainty) Type() ref.Type { return tLevel }
func (c certainty) Value() any     { return finding.Certainty(c) }

func (c certainty) Equal(other ref.Val) ref.Val {
	o, ok := other.(certainty)
	return types.Bool(ok && o == c)
}

func (c certainty) Compare(other ref.Val) ref.Val {
	o, ok := other.(certainty)
	if !ok {
		return types.MaybeNoSuchOverloadErr(other)
	}
	return types.Int(int(c) - int(o))
}

func (c certainty) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a level is no value of Go")
}

func (c certainty) ConvertToType(t ref.Type) ref.Val {
	switch t {
	case types.StringType:
		return types.String(finding.Certainty(c).String())
	case types.TypeType:
		return tLevel
	}
	return types.NewErr("a level cannot be made a %s", t.TypeName())
}

var _ traits.Comparer = certainty(0)

// provider knows the types of the contract.
type provider struct{ types.Provider }

func (p provider) FindStructType(name string) (*types.Type, bool) {
	if o, ok := byType[name]; ok {
		return types.NewTypeTypeWithParam(o.typ), true
	}
	if name == tLevel.TypeName() {
		return types.NewTypeTypeWithParam(tLevel), true
	}
	return p.Provider.FindStructType(name)
}

func (p provider) FindStructFieldNames(name string) ([]string, bool) {
	if o, ok := byType[name]; ok {
		var names []string
		for _, f := range o.fields {
			names = append(names, f.name)
		}
		return names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

func (p provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	o, ok := byType[name]
	if !ok {
		return p.Provider.FindStructFieldType(name, fieldName)
	}
	f := o.field(fieldName)
	if f == nil {
		return nil, false
	}
	return &types.FieldType{
		Type:    f.typ,
		IsSet:   func(v any) bool { return isKnown(f.get(v)) },
		GetFrom: func(v any) (any, error) { return f.get(v), nil },
	}, true
}

// isKnown reports whether a value is neither null nor empty: what has() asks.
func isKnown(v any) bool {
	switch v := adapter.NativeToValue(v).(type) {
	case types.Null:
		return false
	case types.String:
		return v != ""
	case traits.Lister:
		return v.Size() != types.IntZero
	}
	return true
}

func (p provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	if _, ok := byType[name]; ok {
		return types.NewErr("a %s cannot be made in a condition", name)
	}
	return p.Provider.NewValue(name, fields)
}

// variables declares the fields of a finding.
func variables() []cel.EnvOption {
	var l []cel.EnvOption
	for _, f := range root.fields {
		l = append(l, cel.Variable(f.name, f.typ))
	}
	for _, c := range finding.Certainties {
		l = append(l, cel.Constant(c.String(), tLevel, levels[c]))
	}
	return slices.Clip(l)
}
