package text

import (
	"strconv"
	"strings"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Explanation is the argument for one finding.
type Explanation struct {
	Finding *finding.Finding

	// Settle says what would make the answer for a role more certain; nil or empty: nothing is said.
	Settle func(finding.Role) []string

	// Messages are the finding's members as events, in order; nil: they are not listed.
	Messages []*finding.Finding
}

// Explain writes the argument for one finding: for each role the answer, the rules with their sentences and messages, what
// else it could have been, and what would settle it.
func (w *Writer) Explain(e Explanation) error {
	f := e.Finding
	w.release()
	if w.begun {
		w.c.blank()
	}
	w.begun = true
	var p paragraph
	p.name(dim, f.ID)
	w.c.line(nil, 0, p)
	w.c.line(nil, 2, w.headline(f))
	w.c.line(nil, 2, w.when(f))

	if f.Kind == finding.KindOperation {
		w.role(e, finding.RoleAction, "What happened (action):", actionAnswer(f), nil)
	}
	if f.Kind == finding.KindOperation || f.Kind == finding.KindEvent {
		w.saidBy(f)
		w.role(e, finding.RoleActor, "Who did it (actor):", answerOf(ProcessName(f.Actor), f.Actor != nil), f.Actor)
		w.responsible(e)
		w.role(e, finding.RoleInitiator, "Who is behind it (initiator):", wordsAnswer(InitiatorName(f.Initiator)), nil)
		w.participants(f)
	}
	if x := f.Execution; x != nil {
		w.title("The execution:", execution(x), nil)
		w.identity(&x.Process)
	}
	w.weaker(f)
	w.messages(e.Messages)
	return w.flush()
}

// headline says the finding in one paragraph.
func (w *Writer) headline(f *finding.Finding) paragraph {
	switch f.Kind {
	case finding.KindOperation:
		return what(f, false)
	case finding.KindEvent:
		return eventWhat(f)
	case finding.KindProcess:
		if f.Execution != nil {
			return execution(f.Execution)
		}
	case finding.KindGap:
		if f.Gap != nil {
			return w.gapWords(f.Gap)
		}
	}
	return nil
}

func (w *Writer) when(f *finding.Finding) paragraph {
	var p paragraph
	if f.Time != 0 {
		p.say(plain, w.local(f.Time).Format("Monday 2 January 2006, 15:04:05.000"))
		if f.EndTime != 0 && f.EndTime != f.Time {
			p.say(plain, "to "+w.local(f.EndTime).Format("15:04:05.000"))
		}
		p.say(plain, w.local(f.Time).Format("MST"))
	}
	comma := func() {
		if p != nil {
			p.attach(plain, ",")
		}
	}
	if f.Host != "" {
		comma()
		p.say(plain, "on")
		p.name(plain, f.Host)
	}
	if f.Boot != "" {
		comma()
		p.say(plain, "boot")
		p.name(plain, f.Boot)
	}
	if f.EventsTotal > 0 {
		comma()
		p.say(plain, "from "+plural(f.EventsTotal, "message"))
	}
	if len(f.Events) > 0 {
		p.say(dim, "("+ranges(f.Events)+")")
	}
	return p
}

func ranges(rs []finding.Range) string {
	var b []byte
	for i, r := range rs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendUint(b, r[0], 10)
		if r[1] != r[0] {
			b = append(b, "–"...)
			b = strconv.AppendUint(b, r[1], 10)
		}
	}
	return string(b)
}

// title begins a section.
func (w *Writer) title(question string, answer paragraph, level *finding.Certainty) {
	w.c.blank()
	var p paragraph
	p.say(bold, question)
	p = append(p, answer...)
	if level != nil {
		p.level(*level)
	}
	w.c.line(nil, 2, p)
}

// point is one line of a section.
func (w *Writer) point(p paragraph) { w.c.line(word{{"  ", plain}}, 4, p) }

func answerOf(name string, known bool) paragraph {
	var p paragraph
	if known {
		p.name(plain, name)
	} else {
		p.say(plain, "not known")
	}
	return p
}

func wordsAnswer(words string) paragraph {
	var p paragraph
	p.say(plain, shorten(Visible(words)))
	return p
}

func actionAnswer(f *finding.Finding) paragraph {
	var p paragraph
	p.say(plain, Visible(string(f.Action)))
	if f.Method != "" {
		p.attach(plain, ",")
		p.say(plain, methodWords(f.Method))
	}
	return p
}

func (w *Writer) role(e Explanation, role finding.Role, question string, answer paragraph, who *finding.Process) {
	level := e.Finding.Certainty.Of(role)
	w.title(question, answer, &level)
	w.grounds(e, role)
	w.identity(who)
}

func (w *Writer) responsible(e Explanation) {
	r := e.Finding.Responsible
	level := e.Finding.Certainty.Responsible
	w.title("On whose behalf (responsible):", answerOf(ResponsibleName(r), r != nil), &level)
	w.grounds(e, finding.RoleResponsible)
	if r == nil {
		return
	}
	var p paragraph
	p.say(plain, basisWords(r.Basis))
	switch r.Status {
	case finding.StatusLive:
		p.attach(plain, ";")
		p.say(plain, "it was running")
	case finding.StatusExited:
		p.attach(plain, ";")
		p.say(plain, "it had exited")
	}
	w.point(p)
	w.identity(&r.Process)
}

// grounds says which rules speak for the answer, what else it could have been, and what would settle it.
func (w *Writer) grounds(e Explanation, role finding.Role) {
	for i := range e.Finding.Evidence {
		v := &e.Finding.Evidence[i]
		if v.For != role {
			continue
		}
		var p paragraph
		p.say(plain, "because")
		if v.Says != "" {
			p.sentence(plain, v.Says)
		}
		p.say(dim, "["+Visible(v.Rule))
		switch {
		case len(v.Events) == 1:
			p.attach(dim, ":")
			p.say(dim, "message")
		case len(v.Events) > 1:
			p.attach(dim, ":")
			p.say(dim, "messages")
		}
		for j, seq := range v.Events {
			if j > 0 {
				p.attach(dim, ",")
			}
			p.say(dim, strconv.FormatUint(seq, 10))
		}
		p.attach(dim, "]")
		w.point(p)
	}
	for i := range e.Finding.Alternatives {
		a := &e.Finding.Alternatives[i]
		if a.For != role {
			continue
		}
		var p paragraph
		p.say(plain, "or")
		p.alternative(a)
		if a.Says != "" {
			p.attach(plain, ":")
			p.sentence(plain, a.Says)
		}
		if a.Rule != "" {
			p.say(dim, "["+Visible(a.Rule)+"]")
		}
		w.point(p)
	}
	if e.Settle == nil {
		return
	}
	for _, s := range e.Settle(role) {
		var p paragraph
		p.say(yellow, "what would settle it:")
		p.say(plain, s)
		w.point(p)
	}
}

// identity says which execution a name stands for.
func (w *Writer) identity(p *finding.Process) {
	if p == nil {
		return
	}
	var line paragraph
	if p.Path != "" {
		line.name(dim, p.Path)
		line.attach(dim, ",")
	}
	line.say(dim, strings.ReplaceAll(pids(p), " ", glue))
	add := func(text string) {
		line.attach(dim, ",")
		line.say(dim, text)
	}
	if p.HasToken {
		switch {
		case p.Platform:
			add("Apple's own")
		case p.TeamID != "":
			add("signed by team " + Visible(p.TeamID))
		default:
			add("not signed by a team")
		}
	}
	if p.SigningID != "" {
		add(Visible(p.SigningID))
	}
	if p.Service != "" && p.Service != p.SigningID {
		add("service " + Visible(p.Service))
	}
	if p.HasToken {
		add("uid" + glue + id(p.UID))
		if p.EUID != p.UID {
			add("acting as uid" + glue + id(p.EUID))
		}
		add("logged in as " + auid(p.AUID))
		if p.ASID != 0 && p.ASID != es.Unset {
			add("session" + glue + id(p.ASID))
		}
	}
	if p.TTY != "" {
		add("on " + Visible(p.TTY))
	}
	w.point(line)
	if len(p.Args) > 0 {
		var args paragraph
		args.say(dim, "arguments:")
		for _, a := range p.Args {
			if strings.TrimSpace(a) == "" {
				a = strconv.Quote(a) // which would not be seen
			}
			args.name(dim, a)
		}
		w.point(args)
	}
	if p.Script != "" {
		var script paragraph
		script.say(dim, "script:")
		script.name(dim, p.Script)
		w.point(script)
	}
}

func id(n uint32) string {
	if n == es.Unset {
		return "unknown"
	}
	return strconv.FormatUint(uint64(n), 10)
}

func auid(n uint32) string {
	if n == es.Unset {
		return "nobody"
	}
	return "uid" + glue + strconv.FormatUint(uint64(n), 10)
}

// saidBy says what Endpoint Security named, beside what is so.
func (w *Writer) saidBy(f *finding.Finding) {
	reported := f.ReportedAs
	if f.Reported != nil {
		reported = []finding.Process{*f.Reported}
	}
	if len(reported) == 0 {
		return
	}
	w.title("What Endpoint Security named:", nil, nil)
	for i := range reported {
		o := &reported[i]
		var p paragraph
		p.say(plain, partOf(f, o))
		p.name(plain, ProcessName(o))
		p.attach(dim, " ("+pids(o)+")")
		w.point(p)
	}
}

func (w *Writer) participants(f *finding.Finding) {
	if len(f.Participants) == 0 {
		return
	}
	w.title("Who else took part:", nil, nil)
	for i := range f.Participants {
		o := &f.Participants[i]
		var p paragraph
		p.name(plain, ProcessName(&o.Process))
		p.attach(dim, " ("+pids(&o.Process)+")")
		p.attach(plain, ",")
		p.say(plain, Visible(o.Role))
		w.point(p)
	}
}

func (w *Writer) weaker(f *finding.Finding) {
	if len(f.Caveats) == 0 {
		return
	}
	w.title("What weakens it:", nil, nil)
	for _, c := range f.Caveats {
		var p paragraph
		p.say(plain, CaveatWords(c))
		p.say(dim, "["+Visible(string(c))+"]")
		w.point(p)
	}
}

func (w *Writer) messages(ms []*finding.Finding) {
	if len(ms) == 0 {
		return
	}
	w.title("The messages:", nil, nil)
	for _, m := range ms {
		var p paragraph
		if m.Seq != es.NoSeq {
			p.say(dim, strconv.FormatUint(m.Seq, 10))
		}
		if m.Time != 0 {
			p.say(dim, w.local(m.Time).Format("15:04:05.000000"))
		}
		p.name(plain, m.Event)
		p.paths(m)
		if m.Reported != nil {
			p.say(plain, "by")
			p.name(plain, ProcessName(m.Reported))
			p.attach(dim, " ("+pids(m.Reported)+")")
		}
		w.point(p)
	}
}

func methodWords(m finding.Method) string {
	switch m {
	case finding.ByClone:
		return "by a clone"
	case finding.ByCopyfile:
		return "by the copyfile call"
	case finding.ByReadWrite:
		return "by reading and writing"
	case finding.ByRename:
		return "by a rename"
	case finding.ByCopyDelete:
		return "by a copy, and the deletion of the source"
	case finding.ByReplace:
		return "by a new file renamed over the old one"
	case finding.BySwap:
		return "by a swap with a new file"
	case finding.ByBackup:
		return "by setting the old file aside"
	case finding.ByInPlace:
		return "in place"
	case finding.ByMMap:
		return "through mapped memory"
	case finding.ByStream:
		return "by writing it"
	case finding.ByDirectory:
		return "as a folder"
	case finding.BySymlink:
		return "as a symbolic link"
	case finding.ByHardLink:
		return "by a hard link"
	case finding.ByUnlink:
		return "by unlinking"
	case finding.ByMode:
		return "by its mode"
	case finding.ByOwner:
		return "by its owner"
	case finding.ByACL:
		return "by its access list"
	case finding.ByFlags:
		return "by its flags"
	case finding.ByAttribute:
		return "by an extended attribute"
	}
	return "by " + Visible(string(m))
}

func basisWords(b finding.Basis) string {
	switch b {
	case finding.BasisToken:
		return "read from the responsible token of that moment"
	case finding.BasisRecorded:
		return "read from an earlier responsible token"
	case finding.BasisRequested:
		return "found by who asked the service"
	case finding.BasisLineage:
		return "found by who launched it"
	case finding.BasisDisclaim:
		return "found by who started it and made it answer for itself"
	case finding.BasisOwn:
		return "it answers for itself"
	}
	return "nothing shows it"
}
