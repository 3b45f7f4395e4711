package filter

import (
	"encoding/hex"
	"math"
	"strconv"

	"ascribe.example/es"
	"ascribe.example/finding"
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// field is a key of an object of the contract.
type field struct {
	name  string
	typ   *cel.Type
	get   func(any) any    // from a pointer to the object, which may be nil, to a ref.Val or a pointer to another object
	text  func(any) string // get, of a field of texts
	words []string         // the published vocabulary, if it has one
}

// object is a kind of object in a line.
type object struct {
	name   string // as errors call it
	typ    *cel.Type
	fields []*field
	byName map[string]*field
}

func (o *object) field(name string) *field { return o.byName[name] }

var (
	tFinding     = cel.ObjectType("finding")
	tObject      = cel.ObjectType("object")
	tVolume      = cel.ObjectType("volume")
	tItem        = cel.ObjectType("item")
	tProcess     = cel.ObjectType("process")
	tRef         = cel.ObjectType("parent")
	tResponsible = cel.ObjectType("responsible")
	tInitiator   = cel.ObjectType("initiator")
	tSession     = cel.ObjectType("session")
	tAgent       = cel.ObjectType("agent")
	tParticipant = cel.ObjectType("participant")
	tCertainty   = cel.ObjectType("certainty")
	tEvidence    = cel.ObjectType("evidence")
	tAlternative = cel.ObjectType("alternative")
	tMatch       = cel.ObjectType("match")
	tExecution   = cel.ObjectType("execution")
	tLevel       = cel.ObjectType("level", traits.ComparerType)

	maybeInt  = cel.NullableType(cel.IntType)
	maybeBool = cel.NullableType(cel.BoolType)
)

func list(t *cel.Type) *cel.Type { return cel.ListType(t) }

// of makes a getter out of a function of the object; a nil object has what zero says.
func of[T any](zero any, get func(*T) any) func(any) any {
	return func(o any) any {
		p, _ := o.(*T)
		if p == nil {
			return zero
		}
		return get(p)
	}
}

func text[T any](name string, get func(*T) string) *field {
	return &field{
		name: name, typ: cel.StringType,
		get: of(types.String(""), func(p *T) any { return types.String(get(p)) }),
		text: func(o any) string {
			p, _ := o.(*T)
			if p == nil {
				return ""
			}
			return get(p)
		},
	}
}

func word[T any, W ~string](name string, words []W, get func(*T) W) *field {
	f := text(name, func(p *T) string { return string(get(p)) })
	for _, w := range words {
		f.words = append(f.words, string(w))
	}
	return f
}

// number makes a field of numbers; known false is null.
func number[T any](name string, get func(*T) (n int64, known bool)) *field {
	return &field{name: name, typ: maybeInt, get: of(types.NullValue, func(p *T) any {
		if n, known := get(p); known {
			return types.Int(n)
		}
		return types.NullValue
	})}
}

func moment[T any](name string, get func(*T) es.Time) *field {
	return &field{name: name, typ: cel.TimestampType, get: of(types.NullValue, func(p *T) any {
		if t := get(p); t != 0 {
			return types.Timestamp{Time: t.Std()}
		}
		return types.NullValue
	})}
}

// inner makes a field that holds an object; nil is null.
func inner[T, U any](name string, t *cel.Type, get func(*T) *U) *field {
	return &field{name: name, typ: t, get: of[T]((*U)(nil), func(p *T) any { return get(p) })}
}

// many makes a field that is a list of objects.
func many[T, U any](name string, t *cel.Type, get func(*T) []U) *field {
	return &field{name: name, typ: list(t), get: of(none, func(p *T) any {
		l := get(p)
		if len(l) == 0 {
			return none
		}
		values := make([]ref.Val, len(l))
		for i := range l {
			values[i] = wrap(&l[i])
		}
		return types.NewRefValList(adapter, values)
	})}
}

func texts[T any](name string, get func(*T) []string) *field {
	return &field{name: name, typ: list(cel.StringType), get: of(none, func(p *T) any {
		return types.NewStringList(adapter, get(p))
	})}
}

var none = types.NewRefValList(adapter, nil)

func level[T any](name string, get func(*T) finding.Certainty) *field {
	return &field{name: name, typ: tLevel, get: of(levels[finding.Unknown], func(p *T) any {
		if c := get(p); c <= finding.Certain {
			return levels[c]
		}
		return levels[finding.Unknown]
	})}
}

// whole is n as CEL's integer, which ends at 2^63.
func whole(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

func orWord[W ~string](w, unknown W) W {
	if w == "" {
		return unknown
	}
	return w
}

func processFields[T any](of func(*T) *finding.Process) []*field {
	id := func(name string, get func(*finding.Process) uint32) *field {
		return number(name, func(o *T) (int64, bool) {
			p := of(o)
			return int64(get(p)), p.HasToken && get(p) != es.Unset
		})
	}
	return []*field{
		number("pid", func(o *T) (int64, bool) { p := of(o); return int64(p.PID), p.PID != 0 || p.HasToken }),
		number("pidversion", func(o *T) (int64, bool) { p := of(o); return int64(p.PIDVersion), p.PIDVersion != 0 || p.HasToken }),
		text("path", func(o *T) string { return of(o).Path }),
		text("signing_id", func(o *T) string { return of(o).SigningID }),
		text("team_id", func(o *T) string { return of(o).TeamID }),
		{name: "platform", typ: maybeBool, get: func(o any) any {
			t, _ := o.(*T)
			if t == nil || !of(t).HasToken {
				return types.NullValue
			}
			return types.Bool(of(t).Platform)
		}},
		text("service", func(o *T) string { return of(o).Service }),
		moment("start_time", func(o *T) es.Time { return of(o).StartTime }),
		id("auid", func(p *finding.Process) uint32 { return p.AUID }),
		id("uid", func(p *finding.Process) uint32 { return p.UID }),
		id("euid", func(p *finding.Process) uint32 { return p.EUID }),
		id("asid", func(p *finding.Process) uint32 { return p.ASID }),
		text("tty", func(o *T) string { return of(o).TTY }),
		text("cdhash", func(o *T) string {
			if h := of(o).CDHash; !h.IsZero() {
				return hex.EncodeToString(h[:])
			}
			return ""
		}),
		texts("args", func(o *T) []string { return of(o).Args }),
		text("script", func(o *T) string { return of(o).Script }),
		inner("parent", tRef, func(o *T) *finding.ProcessRef {
			if r := &of(o).Parent; *r != (finding.ProcessRef{}) {
				return r
			}
			return nil
		}),
	}
}

// root is a finding; its fields are the variables of a condition.
var root = object{name: "finding", typ: tFinding, fields: []*field{
	word("kind", finding.Kinds, func(f *finding.Finding) finding.Kind { return f.Kind }),
	text("id", func(f *finding.Finding) string { return f.ID }),
	text("host", func(f *finding.Finding) string { return f.Host }),
	text("boot", func(f *finding.Finding) string { return f.Boot }),
	moment("time", func(f *finding.Finding) es.Time { return f.Time }),
	moment("end_time", func(f *finding.Finding) es.Time { return f.EndTime }),
	word("action", finding.Actions, func(f *finding.Finding) finding.Action { return f.Action }),
	word("method", finding.Methods, func(f *finding.Finding) finding.Method { return f.Method }),
	text("path", func(f *finding.Finding) string { return f.Path }),
	inner("object", tObject, func(f *finding.Finding) *finding.Object { return f.Object }),
	text("source_path", func(f *finding.Finding) string { return f.SourcePath }),
	inner("source", tObject, func(f *finding.Finding) *finding.Object { return f.Source }),
	inner("replaced", tObject, func(f *finding.Finding) *finding.Object { return f.Replaced }),
	many("items", tItem, func(f *finding.Finding) []finding.Item { return f.Items }),
	number("items_total", func(f *finding.Finding) (int64, bool) { return whole(f.ItemsTotal), true }),
	inner("reported", tProcess, func(f *finding.Finding) *finding.Process { return f.Reported }),
	many("reported_as", tProcess, func(f *finding.Finding) []finding.Process { return f.ReportedAs }),
	inner("actor", tProcess, func(f *finding.Finding) *finding.Process { return f.Actor }),
	inner("responsible", tResponsible, func(f *finding.Finding) *finding.Responsible { return f.Responsible }),
	inner("initiator", tInitiator, func(f *finding.Finding) *finding.Initiator { return f.Initiator }),
	many("participants", tParticipant, func(f *finding.Finding) []finding.Participant { return f.Participants }),
	inner("certainty", tCertainty, func(f *finding.Finding) *finding.Levels { return &f.Certainty }),
	many("evidence", tEvidence, func(f *finding.Finding) []finding.Evidence { return f.Evidence }),
	many("alternatives", tAlternative, func(f *finding.Finding) []finding.Alternative { return f.Alternatives }),
	{name: "caveats", typ: list(cel.StringType), words: stringsOf(finding.Caveats), get: of(none, func(f *finding.Finding) any {
		return types.NewStringList(adapter, stringsOf(f.Caveats))
	})},
	{name: "events", typ: list(list(cel.IntType)), get: of(none, func(f *finding.Finding) any {
		values := make([]ref.Val, len(f.Events))
		for i, r := range f.Events {
			values[i] = types.NewRefValList(adapter, []ref.Val{types.Int(whole(r[0])), types.Int(whole(r[1]))})
		}
		return types.NewRefValList(adapter, values)
	})},
	number("events_total", func(f *finding.Finding) (int64, bool) { return whole(f.EventsTotal), true }),
	text("continues", func(f *finding.Finding) string { return f.Continues }),
	text("continued_by", func(f *finding.Finding) string { return f.ContinuedBy }),
	text("event", func(f *finding.Finding) string { return f.Event }),
	number("seq", func(f *finding.Finding) (int64, bool) {
		return whole(f.Seq), f.Kind == finding.KindEvent && f.Seq != es.NoSeq
	}),
	inner("execution", tExecution, func(f *finding.Finding) *finding.Execution { return f.Execution }),
	moment("from", func(f *finding.Finding) es.Time { return gap(f).From }),
	moment("to", func(f *finding.Finding) es.Time { return gap(f).To }),
	number("missing", func(f *finding.Finding) (int64, bool) { n := gap(f).Missing; return whole(n), n != 0 }),
	word("why", finding.GapReasons, func(f *finding.Finding) string { return gap(f).Why }),
	many("rules", tMatch, func(f *finding.Finding) []finding.Match { return f.Rules }),
}}

func gap(f *finding.Finding) finding.Gap {
	if f.Gap == nil {
		return finding.Gap{}
	}
	return *f.Gap
}

func stringsOf[W ~string](words []W) []string {
	var l []string
	for _, w := range words {
		l = append(l, string(w))
	}
	return l
}

// objects are all that a finding holds.
var objects = []*object{
	&root,
	{name: "file", typ: tObject, fields: []*field{
		word("type", finding.ObjectTypes, func(o *finding.Object) finding.ObjectType { return o.Type }),
		text("ino", func(o *finding.Object) string {
			if o.Ino == 0 {
				return ""
			}
			return strconv.FormatUint(o.Ino, 10)
		}),
		number("dev", func(o *finding.Object) (int64, bool) { return int64(o.Dev), o.Dev != 0 }),
		number("size", func(o *finding.Object) (int64, bool) { return o.Size, o.Size >= 0 }),
		inner("volume", tVolume, func(o *finding.Object) *finding.Volume { return o.Volume }),
	}},
	{name: "volume", typ: tVolume, fields: []*field{
		text("mount", func(v *finding.Volume) string { return v.Mount }),
		word("kind", finding.VolumeKinds, func(v *finding.Volume) finding.VolumeKind { return orWord(v.Kind, finding.VolumeUnknown) }),
		text("fs", func(v *finding.Volume) string { return v.FS }),
	}},
	{name: "item", typ: tItem, fields: []*field{
		text("path", func(i *finding.Item) string { return i.Path }),
		text("source_path", func(i *finding.Item) string { return i.SourcePath }),
		word("action", finding.Actions, func(i *finding.Item) finding.Action { return i.Action }),
		inner("object", tObject, func(i *finding.Item) *finding.Object { return i.Object }),
	}},
	{name: "process", typ: tProcess, fields: processFields(func(p *finding.Process) *finding.Process { return p })},
	{name: "process", typ: tRef, fields: []*field{
		number("pid", func(r *finding.ProcessRef) (int64, bool) { return int64(r.PID), true }),
		number("pidversion", func(r *finding.ProcessRef) (int64, bool) { return int64(r.PIDVersion), r.PIDVersion != 0 }),
	}},
	{name: "responsible process", typ: tResponsible, fields: append(
		processFields(func(r *finding.Responsible) *finding.Process { return &r.Process }),
		text("app", func(r *finding.Responsible) string { return r.App }),
		word("basis", finding.Bases, func(r *finding.Responsible) finding.Basis { return orWord(r.Basis, finding.BasisNone) }),
		word("status", finding.Statuses, func(r *finding.Responsible) finding.Status { return orWord(r.Status, finding.StatusUnknown) }),
	)},
	{name: "initiator", typ: tInitiator, fields: []*field{
		word("class", finding.Classes, func(i *finding.Initiator) finding.Class { return orWord(i.Class, finding.ClassUnknown) }),
		number("uid", func(i *finding.Initiator) (int64, bool) { return int64(i.UID), i.UID != es.Unset }),
		text("user", func(i *finding.Initiator) string { return i.User }),
		inner("session", tSession, func(i *finding.Initiator) *finding.Session { return i.Session }),
		inner("agent", tAgent, func(i *finding.Initiator) *finding.Agent { return i.Agent }),
	}},
	{name: "session", typ: tSession, fields: []*field{
		number("asid", func(s *finding.Session) (int64, bool) { return int64(s.ASID), s.ASID != es.Unset }),
		word("type", finding.SessionTypes, func(s *finding.Session) finding.SessionType { return orWord(s.Type, finding.SessionUnknown) }),
		text("remote_address", func(s *finding.Session) string { return s.RemoteAddress }),
	}},
	{name: "agent", typ: tAgent, fields: []*field{
		text("name", func(a *finding.Agent) string { return a.Name }),
		number("pid", func(a *finding.Agent) (int64, bool) { return int64(a.PID), true }),
		number("pidversion", func(a *finding.Agent) (int64, bool) { return int64(a.PIDVersion), true }),
		text("signing_id", func(a *finding.Agent) string { return a.SigningID }),
	}},
	{name: "participant", typ: tParticipant, fields: []*field{
		word("role", finding.ParticipantRoles, func(p *finding.Participant) string { return p.Role }),
		inner("process", tProcess, func(p *finding.Participant) *finding.Process { return &p.Process }),
	}},
	{name: "certainty", typ: tCertainty, fields: []*field{
		level("action", func(l *finding.Levels) finding.Certainty { return l.Action }),
		level("actor", func(l *finding.Levels) finding.Certainty { return l.Actor }),
		level("responsible", func(l *finding.Levels) finding.Certainty { return l.Responsible }),
		level("initiator", func(l *finding.Levels) finding.Certainty { return l.Initiator }),
	}},
	{name: "evidence", typ: tEvidence, fields: []*field{
		word("for", finding.Roles, func(e *finding.Evidence) finding.Role { return e.For }),
		text("rule", func(e *finding.Evidence) string { return e.Rule }),
		{name: "events", typ: list(cel.IntType), get: of(none, func(e *finding.Evidence) any {
			values := make([]ref.Val, len(e.Events))
			for i, seq := range e.Events {
				values[i] = types.Int(whole(seq))
			}
			return types.NewRefValList(adapter, values)
		})},
		text("says", func(e *finding.Evidence) string { return e.Says }),
	}},
	{name: "alternative", typ: tAlternative, fields: []*field{
		word("for", finding.Roles, func(a *finding.Alternative) finding.Role { return a.For }),
		word("action", finding.Actions, func(a *finding.Alternative) finding.Action { return a.Action }),
		inner("process", tProcess, func(a *finding.Alternative) *finding.Process { return a.Process }),
		inner("initiator", tInitiator, func(a *finding.Alternative) *finding.Initiator { return a.Initiator }),
		level("certainty", func(a *finding.Alternative) finding.Certainty { return a.Certainty }),
		text("rule", func(a *finding.Alternative) string { return a.Rule }),
		text("says", func(a *finding.Alternative) string { return a.Says }),
	}},
	{name: "match of a rule", typ: tMatch, fields: []*field{
		text("name", func(m *finding.Match) string { return m.Name }),
		word("severity", finding.Severities, func(m *finding.Match) finding.Severity { return orWord(m.Severity, finding.Info) }),
		text("message", func(m *finding.Match) string { return m.Message }),
		texts("tags", func(m *finding.Match) []string { return m.Tags }),
	}},
	{name: "execution", typ: tExecution, fields: []*field{
		inner("process", tProcess, func(e *finding.Execution) *finding.Process { return &e.Process }),
		word("origin", finding.Origins, func(e *finding.Execution) string { return e.Origin }),
		inner("parent", tProcess, func(e *finding.Execution) *finding.Process { return e.Parent }),
		inner("responsible", tResponsible, func(e *finding.Execution) *finding.Responsible { return e.Responsible }),
		moment("started", func(e *finding.Execution) es.Time { return e.Started }),
		moment("ended", func(e *finding.Execution) es.Time { return e.Ended }),
		number("exit_status", func(e *finding.Execution) (int64, bool) { return int64(e.ExitStatus), e.Exited }),
		inner("next", tRef, func(e *finding.Execution) *finding.ProcessRef {
			if e.Next != (finding.ProcessRef{}) {
				return &e.Next
			}
			return nil
		}),
	}},
}

// byType finds an object by the name of its type.
var byType = func() map[string]*object {
	m := map[string]*object{}
	for _, o := range objects {
		o.byName = map[string]*field{}
		for _, f := range o.fields {
			o.byName[f.name] = f
		}
		m[o.typ.TypeName()] = o
	}
	return m
}()
