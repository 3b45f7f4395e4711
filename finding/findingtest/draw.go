package findingtest

import (
	"ascribe.example/es"
	"ascribe.example/finding"
	"pgregory.net/rapid"
)

// Draw draws a well-formed finding of any kind: what is drawn is exactly what its line says, so that reading the line back
// gives an equal finding. Its strings are hostile.
func Draw(t *rapid.T) *finding.Finding { return DrawKind(t, pick(t, finding.Kinds)) }

// DrawKind draws a finding of one kind, as [Draw] does.
func DrawKind(t *rapid.T, kind finding.Kind) *finding.Finding {
	f := &finding.Finding{
		Kind: kind, Host: text(t, "host"), Boot: text(t, "boot"), Time: moment(t), EndTime: moment(t),
		Path: text(t, "path"), Object: maybe(t, object), SourcePath: text(t, "source path"), Source: maybe(t, object),
		Replaced: maybe(t, object), ItemsTotal: rapid.Uint64Max(1<<53).Draw(t, "items total"),
		ReportedAs: list(t, 3, process), Actor: maybe(t, process), Responsible: maybe(t, responsible),
		Initiator: maybe(t, initiator), Participants: list(t, 3, participant), Certainty: levels(t),
		Evidence: list(t, 3, evidence), Alternatives: list(t, 3, alternative), Caveats: caveats(t),
		Events: list(t, 4, func(t *rapid.T) finding.Range {
			return finding.Range{rapid.Uint64().Draw(t, "from"), rapid.Uint64().Draw(t, "to")}
		}),
		EventsTotal: rapid.Uint64().Draw(t, "events total"),
	}
	f.ID = identity(t, f.Kind)
	if rapid.IntRange(0, 3).Draw(t, "rules") == 0 {
		f.Rules = []finding.Match{}
		for range rapid.IntRange(0, 2).Draw(t, "matches") {
			f.Rules = append(f.Rules, finding.Match{
				Name: "left-the-mac", Severity: pick(t, finding.Severities), Message: text(t, "message"),
				Tags: list(t, 2, func(t *rapid.T) string { return text(t, "tag") }),
			})
		}
	}
	if rapid.Bool().Draw(t, "in parts") {
		f.Continues, f.ContinuedBy = identity(t, f.Kind), identity(t, f.Kind)
	}
	switch f.Kind {
	case finding.KindOperation:
		f.Action, f.Method = pick(t, finding.Actions), pick(t, finding.Methods)
		if rapid.Bool().Draw(t, "batch") {
			f.Items = rapid.SliceOfN(rapid.Custom(item), 0, 4).Draw(t, "items")
			if f.Items == nil {
				f.Items = []finding.Item{}
			}
		}
	case finding.KindEvent:
		f.Event = rapid.SampledFrom([]string{"close", "rename", "unlink", "no\x1bsuch"}).Draw(t, "event")
		f.Seq = rapid.Uint64().Draw(t, "seq")
		f.Reported = maybe(t, process)
	case finding.KindProcess:
		f.Execution = &finding.Execution{
			Process: process(t), Origin: pick(t, finding.Origins), Parent: maybe(t, process),
			Responsible: maybe(t, responsible), Started: moment(t), Ended: moment(t), Next: ref(t),
		}
		if rapid.Bool().Draw(t, "exited") {
			f.Execution.Exited, f.Execution.ExitStatus = true, rapid.Int32().Draw(t, "exit status")
		}
	case finding.KindGap:
		f.Gap = &finding.Gap{
			From: moment(t), To: moment(t), Missing: rapid.Uint64().Draw(t, "missing"), Why: pick(t, finding.GapReasons),
		}
	}
	again(t, f)
	if f.Kind == finding.KindProcess || f.Kind == finding.KindGap {
		f.SourcePath, f.Source, f.Replaced = "", nil, nil
	}
	return f
}

// again lets executions appear in several roles, as they mostly do, or almost.
func again(t *rapid.T, f *finding.Finding) {
	if f.Actor == nil || !rapid.Bool().Draw(t, "again") {
		return
	}
	same := *f.Actor.Clone()
	if rapid.IntRange(0, 3).Draw(t, "almost") == 0 {
		same.PIDVersion++
	}
	f.ReportedAs = append(f.ReportedAs, same)
	if f.Responsible != nil {
		f.Responsible.Process = *same.Clone()
	}
	if f.Reported != nil {
		f.Reported = f.Actor.Clone()
	}
}

// hostile strings are what names, arguments and addresses may hold.
var hostile = []string{
	"/Users/alice/plan.pdf", "/Volumes/USB STICK/Größe – 図.pdf", "a\x00b", "line\nbreak\r\ttab", "\x1b[2J\x1b]0;title\x07",
	"\u009b31m", "\u202egnp.exe", "\u2066isolate\u2069", "\u2028\u2029", `quote " back \ slash /`, "\xff\xfe", "cut \xe2\x80",
	"\xed\xa0\x80", "😀", "\uFFFD", "<script>&amp;'", "'; drop table findings; --", "%s%n", "\x7f", "{\"schema\":1}",
}

func text(t *rapid.T, label string) string {
	if rapid.IntRange(0, 3).Draw(t, label+"?") == 0 {
		return ""
	}
	s := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()),
		func(b []byte) string { return string(b) })).Draw(t, label)
	return valid(s)
}

// valid is s as a line holds it: each byte that is not UTF-8 is U+FFFD.
func valid(s string) string { return string([]rune(s)) }

func moment(t *rapid.T) es.Time {
	return es.Time(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64(), rapid.Int64Range(1.7e18, 1.8e18)).Draw(t, "time"))
}

func identity(t *rapid.T, k finding.Kind) string {
	return finding.ID("", "1", "", rapid.Uint64().Draw(t, "first"), k, "", 0)
}

func pick[T any](t *rapid.T, from []T) T { return rapid.SampledFrom(from).Draw(t, "word") }

func maybe[T any](t *rapid.T, draw func(*rapid.T) T) *T {
	if !rapid.Bool().Draw(t, "there") {
		return nil
	}
	v := draw(t)
	return &v
}

func list[T any](t *rapid.T, most int, draw func(*rapid.T) T) []T {
	n := rapid.IntRange(0, most).Draw(t, "length")
	var l []T
	for range n {
		l = append(l, draw(t))
	}
	return l
}

func object(t *rapid.T) finding.Object {
	o := finding.Object{
		Type: pick(t, append([]finding.ObjectType{""}, finding.ObjectTypes...)), Ino: rapid.Uint64().Draw(t, "ino"),
		Dev: rapid.Int32().Draw(t, "dev"), Size: rapid.Int64Min(-1).Draw(t, "size"),
	}
	if rapid.Bool().Draw(t, "volume") {
		o.Volume = &finding.Volume{Mount: text(t, "mount"), Kind: pick(t, finding.VolumeKinds), FS: text(t, "fs")}
	}
	return o
}

func item(t *rapid.T) finding.Item {
	return finding.Item{
		Path: text(t, "path"), SourcePath: text(t, "source"), Action: pick(t, append([]finding.Action{""}, finding.Actions...)),
		Object: maybe(t, object),
	}
}

func process(t *rapid.T) finding.Process {
	p := finding.Process{
		PID: rapid.Int32().Draw(t, "pid"), PIDVersion: rapid.Uint32().Draw(t, "pidversion"), Path: text(t, "path"),
		SigningID: text(t, "signing id"), TeamID: text(t, "team id"), Service: text(t, "service"), StartTime: moment(t),
		TTY: text(t, "tty"), Script: text(t, "script"), Parent: ref(t),
		AUID: es.Unset, UID: es.Unset, EUID: es.Unset, ASID: es.Unset,
	}
	if rapid.Bool().Draw(t, "token") {
		p.HasToken, p.Platform = true, rapid.Bool().Draw(t, "platform")
		p.AUID, p.UID = rapid.Uint32().Draw(t, "auid"), rapid.Uint32().Draw(t, "uid")
		p.EUID, p.ASID = rapid.Uint32().Draw(t, "euid"), rapid.Uint32().Draw(t, "asid")
	}
	if rapid.Bool().Draw(t, "cdhash") {
		copy(p.CDHash[:], rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "hash"))
	}
	if rapid.Bool().Draw(t, "args") {
		p.Args = []string{}
		for range rapid.IntRange(0, 3).Draw(t, "argc") {
			p.Args = append(p.Args, text(t, "arg"))
		}
	}
	return p
}

func ref(t *rapid.T) finding.ProcessRef {
	return finding.ProcessRef{PID: rapid.Int32().Draw(t, "pid"), PIDVersion: rapid.Uint32().Draw(t, "pidversion")}
}

func responsible(t *rapid.T) finding.Responsible {
	return finding.Responsible{
		Process: process(t), App: text(t, "app"), Basis: pick(t, finding.Bases), Status: pick(t, finding.Statuses),
	}
}

func initiator(t *rapid.T) finding.Initiator {
	in := finding.Initiator{Class: pick(t, finding.Classes), UID: rapid.Uint32().Draw(t, "uid"), User: text(t, "user")}
	if rapid.Bool().Draw(t, "session") {
		in.Session = &finding.Session{
			ASID: rapid.Uint32().Draw(t, "asid"), Type: pick(t, finding.SessionTypes), RemoteAddress: text(t, "address"),
		}
	}
	if rapid.Bool().Draw(t, "agent") {
		in.Agent = &finding.Agent{
			Name: text(t, "agent"), PID: rapid.Int32().Draw(t, "pid"), PIDVersion: rapid.Uint32().Draw(t, "pidversion"),
			SigningID: text(t, "signing id"),
		}
	}
	return in
}

func participant(t *rapid.T) finding.Participant {
	return finding.Participant{Role: pick(t, finding.ParticipantRoles), Process: process(t)}
}

func levels(t *rapid.T) finding.Levels {
	return finding.Levels{
		Action: pick(t, finding.Certainties), Actor: pick(t, finding.Certainties),
		Responsible: pick(t, finding.Certainties), Initiator: pick(t, finding.Certainties),
	}
}

func evidence(t *rapid.T) finding.Evidence {
	return finding.Evidence{
		For: pick(t, finding.Roles), Rule: "wrote-the-file",
		Events: list(t, finding.MaxEvidenceEvents, func(t *rapid.T) uint64 { return rapid.Uint64().Draw(t, "seq") }),
		Says:   text(t, "says"),
	}
}

func alternative(t *rapid.T) finding.Alternative {
	return finding.Alternative{
		For: pick(t, finding.Roles), Action: pick(t, append([]finding.Action{""}, finding.Actions...)),
		Process: maybe(t, process), Initiator: maybe(t, initiator), Certainty: pick(t, finding.Certainties),
		Rule: "several-wrote", Says: text(t, "says"),
	}
}

func caveats(t *rapid.T) []finding.Caveat {
	var l []finding.Caveat
	for _, c := range finding.Caveats {
		if rapid.IntRange(0, 5).Draw(t, string(c)) == 0 {
			l = append(l, c)
		}
	}
	return l
}
