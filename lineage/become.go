package lineage

import (
	"ascribe.example/es"
)

// Become is a sudo or su. Neither sets the audit session: the audit user stays who it was [S].
type Become struct {
	Kind     es.Kind
	By       Ref // the sudo or su itself
	At       es.Moment
	Success  bool
	FromUID  uint32 // [es.Unset] unknown
	FromUser string
	ToUID    uint32
	ToUser   string
	Command  string
}

// became reads a sudo or su. Only the platform's own tell of it [D].
func (t *Tracker) became(ev *es.Become, actor *slot, at es.Moment) {
	t.named(ev.FromUID, ev.FromUsername)
	t.named(ev.ToUID, ev.ToUsername)
	if actor == nil {
		return
	}
	if len(actor.becomes) == MaxBecome {
		copy(actor.becomes, actor.becomes[1:])
		actor.becomes = actor.becomes[:MaxBecome-1]
		t.stats.Dropped++
	}
	actor.becomes = append(actor.becomes, Become{
		Kind: ev.Which, By: actor.e.Ref, At: at, Success: ev.Success,
		FromUID: ev.FromUID, FromUser: t.strings.name(ev.FromUsername),
		ToUID: ev.ToUID, ToUser: t.strings.name(ev.ToUsername), Command: t.strings.get(clip(ev.Command, MaxArgBytes)),
	})
	t.weigh(actor)
	if asid := actor.e.Token.ASID; asid != 0 {
		x := t.sessionAt(asid, actor.e.Ref, at)
		t.tell(x, SessionEvidence{Kind: ev.Which, At: at, By: actor.e.Ref, User: t.strings.name(ev.FromUsername), UID: ev.FromUID, Success: ev.Success})
	}
}

// Becomes appends who became whom on the way to the execution: its own sudo and su events and those of its ancestors,
// nearest first, successful ones only.
func (t *Tracker) Becomes(dst []Become, ref Ref) []Become {
	add := func(ref Ref) {
		if s := t.slotOf(ref); s != nil {
			for i := len(s.becomes) - 1; i >= 0; i-- {
				if s.becomes[i].Success {
					dst = append(dst, s.becomes[i])
				}
			}
		}
	}
	add(ref)
	for up := range t.Ancestors(ref) {
		add(up.Ref)
	}
	return dst
}

// authenticated notes an attempt to prove who one is, in the session of who asked for it.
func (t *Tracker) authenticated(ev *es.Authentication, actor *slot, at es.Moment) {
	who := t.party(ev.Instigator, at)
	if who == nil {
		who = actor
	}
	if who == nil || who.e.Token.ASID == 0 {
		return
	}
	x := t.sessionAt(who.e.Token.ASID, who.e.Ref, at)
	t.tell(x, SessionEvidence{
		Kind: es.KindAuthentication, At: at, By: who.e.Ref, User: t.strings.name(ev.RecordName), UID: ev.UID, Success: ev.Success,
	})
}
