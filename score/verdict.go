package score

import (
	"fmt"
	"slices"

	"ascribe.example/finding"
)

// is reports whether an action's word is true of the operation.
func (o *Operation) is(action string) bool {
	return action == o.Action || slices.Contains(o.Also, action)
}

// names reports whether an answer speaks of a path: as its own, or as that of one file of its batch.
func (a *Answer) names(path string) bool { return a.Path == path || slices.Contains(a.Files, path) }

// told reports whether an answer tells the operation, or one file of it, under its action and path. A batch that holds the
// operation among others tells it too. A source that the answer names must be the true one.
func (o *Operation) told(a *Answer) bool {
	if o.Failed {
		return false
	}
	from := func(source string) bool {
		return a.Source == "" || source == "" || len(a.Files) > 0 || a.Source == source || slices.Contains(o.Links, a.Source)
	}
	if o.is(a.Action) && (a.names(o.Path) || slices.Contains(o.Links, a.Path)) && from(o.Source) {
		return true
	}
	return slices.ContainsFunc(o.Items, func(i Item) bool {
		return a.names(i.Path) && from(i.Source) && (a.Action == i.Action || i.Action == "" && o.is(a.Action))
	})
}

// whole reports whether answers together tell the whole operation: one of them all of it, or each of its files some of them.
func (o *Operation) whole(answers []*Answer) bool {
	if slices.ContainsFunc(answers, func(a *Answer) bool { return o.told(a) && (a.names(o.Path) || slices.Contains(o.Links, a.Path)) }) {
		return true
	}
	return len(o.Items) > 0 && !slices.ContainsFunc(o.Items, func(i Item) bool {
		return !slices.ContainsFunc(answers, func(a *Answer) bool { return a.names(i.Path) && o.told(a) })
	})
}

// nobody reports whether there is nobody to name for a role: not to answer is right then, and no answer is due.
func (o *Operation) nobody(r finding.Role) bool {
	switch r {
	case finding.RoleResponsible:
		return o.Responsible.IsZero()
	case finding.RoleInitiator:
		return o.Initiator.Class == string(finding.ClassUnknown)
	}
	return false
}

// Mistakes says for which roles an answer at a level is not so.
func (o *Operation) Mistakes(a *Answer, at finding.Certainty) []finding.Role {
	var l []finding.Role
	for _, r := range finding.Roles {
		if a.answered(r) && a.Levels.Of(r) == at && !a.right(r, o) {
			l = append(l, r)
		}
	}
	return l
}

// Holder names who truly holds a role, or what truly happened.
func (o *Operation) Holder(r finding.Role) string {
	switch r {
	case finding.RoleActor:
		return o.Actor.String()
	case finding.RoleResponsible:
		return o.Responsible.String()
	case finding.RoleInitiator:
		return fmt.Sprintf("%s %d", o.Initiator.Class, o.Initiator.UID)
	}
	if o.Failed {
		return "an attempt that failed"
	}
	return o.Action + " " + o.Path
}

// Differs says what of an answer is otherwise than it was, the first thing that is; "" if nothing is.
func (o *Operation) Differs(a *Answer) string {
	switch {
	case !o.is(a.Action):
		return "action"
	case o.Path != a.Path && !slices.Contains(o.Links, a.Path):
		return "path"
	case o.Source != "" && o.Source != a.Source && !slices.Contains(o.Links, a.Source):
		return "source"
	case o.Method != "" && o.Method != a.Method && o.Action == a.Action:
		return "method"
	case len(o.Items) > 0 && len(o.Items) != a.Items:
		return "items"
	case !a.answered(finding.RoleActor):
		return "actor unknown"
	case !a.right(finding.RoleActor, o):
		return "actor, truly " + o.Holder(finding.RoleActor)
	case a.Responsible == nil && !o.nobody(finding.RoleResponsible):
		return "responsible unknown"
	case a.Responsible != nil && !a.right(finding.RoleResponsible, o):
		return "responsible, truly " + o.Holder(finding.RoleResponsible)
	case !a.answered(finding.RoleInitiator):
		if o.nobody(finding.RoleInitiator) {
			return ""
		}
		return "initiator unknown, truly " + o.Initiator.Class
	case !a.right(finding.RoleInitiator, o):
		return "initiator, truly " + o.Holder(finding.RoleInitiator)
	}
	return ""
}

func among(ps []Process, p Process) bool { return slices.ContainsFunc(ps, p.Same) }
