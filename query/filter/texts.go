package filter

import (
	"maps"
	"slices"
	"strings"

	"ascribe.example/finding"
	"ascribe.example/query"
	"cel.dev/cel-go/common/ast"
)

// wants is what a finding must have: what a source can look up, and what is read in the finding alone.
type wants struct {
	query.Want
	texts textWants
}

// textWants are the words of which a field must be one, by the field's name. None of them is "".
type textWants map[string][]string

func both(a, b wants) wants {
	t := maps.Clone(a.texts)
	for name, words := range b.texts {
		if o, ok := t[name]; ok && len(o) <= len(words) {
			continue // one of two lists is enough
		}
		if t == nil {
			t = textWants{}
		}
		t[name] = words
	}
	return wants{a.And(b.Want), t}
}

func either(a, b wants) wants {
	switch {
	case isNever(a):
		return b
	case isNever(b):
		return a
	}
	var t textWants
	for name, words := range a.texts {
		if o, ok := b.texts[name]; ok {
			if t == nil {
				t = textWants{}
			}
			t[name] = slices.Concat(words, o)
		}
	}
	return wants{a.Or(b.Want), t}
}

// isNever reports whether no finding is wanted.
func isNever(w wants) bool { return w.Kinds != nil && len(w.Kinds) == 0 }

// textsOf is what must hold for a field that is looked up in no store to be one of the values.
func textsOf(field string, values []ast.Expr) textWants {
	if readerOf(field) == nil {
		return nil
	}
	var words []string
	for _, v := range values {
		w, ok := literal(v)
		if !ok || w == "" { // which what is not known is, too
			return nil
		}
		words = append(words, w)
	}
	return textWants{field: words}
}

// textNeed is a field that must be one of these words.
type textNeed struct {
	read  func(*finding.Finding) string
	words []string
}

func (t textWants) compile() []textNeed {
	var l []textNeed
	for _, field := range slices.Sorted(maps.Keys(t)) {
		l = append(l, textNeed{readerOf(field), t[field]})
	}
	return l
}

// readerOf reads a field's text, which is "" where it is not known; nil is no field of texts.
func readerOf(name string) func(*finding.Finding) string {
	var (
		above []*field
		last  *field
	)
	o := &root
	for part := range strings.SplitSeq(name, ".") {
		if last != nil {
			above = append(above, last)
		}
		if o == nil || o.field(part) == nil {
			return nil
		}
		last = o.field(part)
		o = byType[last.typ.TypeName()]
	}
	if last.text == nil {
		return nil
	}
	return func(f *finding.Finding) string {
		var p any = f
		for _, a := range above {
			p = a.get(p)
		}
		return last.text(p)
	}
}
