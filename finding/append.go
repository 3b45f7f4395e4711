package finding

import (
	"strconv"

	"ascribe.example/es"
)

// Append appends f as one JSON object, without a newline, and returns the extended slice. It allocates only to grow dst.
//
// Every key of the contract is there, in its fixed order, whatever the kind. Unknown is null: an empty string, a zero time,
// a nil pointer, an [es.Unset] user or session, a negative size, a zero inode or device, [es.NoSeq]. Lists are never null,
// but for items (null: a single file), args (null: not known) and rules (null: none were asked for); a vocabulary that has a word for unknown uses the word.
// Bytes that are not UTF-8 become U+FFFD. Control characters and characters that change the direction of text are escaped,
// those above ASCII too, so that a line does no harm on a terminal.
func Append(dst []byte, f *Finding) []byte {
	var w written
	return w.append(dst, f)
}

func (w *written) append(dst []byte, f *Finding) []byte {
	dst = append(dst, `{"schema":"`+Schema+`","kind":`...)
	dst = appendString(dst, string(f.Kind))
	dst = append(dst, `,"id":`...)
	dst = appendString(dst, f.ID)
	dst = append(dst, `,"host":`...)
	dst = appendString(dst, f.Host)
	dst = append(dst, `,"boot":`...)
	dst = appendString(dst, f.Boot)
	dst = append(dst, `,"time":`...)
	from := len(dst)
	dst = w.appendTime(dst, f.Time)
	began := dst[from:]
	dst = append(dst, `,"end_time":`...)
	if f.EndTime == f.Time {
		dst = append(dst, began...)
	} else {
		dst = w.appendTime(dst, f.EndTime)
	}
	dst = appendWhat(dst, f)
	dst = w.appendWho(dst, f)
	dst = w.appendWhy(dst, f)
	dst = append(dst, `,"continues":`...)
	dst = appendString(dst, f.Continues)
	dst = append(dst, `,"continued_by":`...)
	dst = appendString(dst, f.ContinuedBy)
	dst = append(dst, `,"event":`...)
	dst = appendString(dst, f.Event)
	dst = append(dst, `,"seq":`...)
	if f.Kind == KindEvent && f.Seq != es.NoSeq {
		dst = strconv.AppendUint(dst, f.Seq, 10)
	} else {
		dst = appendNull(dst)
	}
	dst = append(dst, `,"execution":`...)
	dst = w.appendExecution(dst, f.Execution)
	dst = appendGap(dst, f.Gap)
	dst = appendRules(dst, f.Rules)
	return append(dst, '}')
}

func appendRules(dst []byte, rules []Match) []byte {
	if rules == nil {
		return append(dst, `,"rules":null`...)
	}
	dst = append(dst, `,"rules":[`...)
	for i := range rules {
		m := &rules[i]
		dst = append(comma(dst, i), `{"name":`...)
		dst = appendText(dst, m.Name)
		dst = append(dst, `,"severity":`...)
		dst = appendWord(dst, string(m.Severity), string(Info))
		dst = append(dst, `,"message":`...)
		dst = appendString(dst, m.Message)
		dst = append(dst, `,"tags":[`...)
		for k, tag := range m.Tags {
			dst = appendText(comma(dst, k), tag)
		}
		dst = append(dst, "]}"...)
	}
	return append(dst, ']')
}

func appendWhat(dst []byte, f *Finding) []byte {
	dst = append(dst, `,"action":`...)
	dst = appendString(dst, string(f.Action))
	dst = append(dst, `,"method":`...)
	dst = appendString(dst, string(f.Method))
	dst = append(dst, `,"path":`...)
	dst = appendString(dst, f.Path)
	dst = append(dst, `,"object":`...)
	dst = appendObject(dst, f.Object)
	dst = append(dst, `,"source_path":`...)
	dst = appendString(dst, f.SourcePath)
	dst = append(dst, `,"source":`...)
	dst = appendObject(dst, f.Source)
	dst = append(dst, `,"replaced":`...)
	dst = appendObject(dst, f.Replaced)
	dst = append(dst, `,"items":`...)
	if f.Items == nil {
		dst = appendNull(dst)
	} else {
		dst = append(dst, '[')
		for i := range f.Items {
			dst = appendItem(comma(dst, i), &f.Items[i])
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"items_total":`...)
	return strconv.AppendUint(dst, f.ItemsTotal, 10)
}

func (w *written) appendWho(dst []byte, f *Finding) []byte {
	dst = append(dst, `,"reported":`...)
	dst = w.appendProcess(dst, f.Reported)
	dst = append(dst, `,"reported_as":[`...)
	for i := range f.ReportedAs {
		dst = w.appendProcess(comma(dst, i), &f.ReportedAs[i])
	}
	dst = append(dst, `],"actor":`...)
	dst = w.appendProcess(dst, f.Actor)
	dst = append(dst, `,"responsible":`...)
	dst = w.appendResponsible(dst, f.Responsible)
	dst = append(dst, `,"initiator":`...)
	dst = appendInitiator(dst, f.Initiator)
	dst = append(dst, `,"participants":[`...)
	for i := range f.Participants {
		dst = append(comma(dst, i), `{"role":`...)
		dst = appendString(dst, f.Participants[i].Role)
		dst = append(dst, `,"process":`...)
		dst = w.appendProcess(dst, &f.Participants[i].Process)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func (w *written) appendWhy(dst []byte, f *Finding) []byte {
	dst = append(dst, `,"certainty":{"action":`...)
	dst = appendCertainty(dst, f.Certainty.Action)
	dst = append(dst, `,"actor":`...)
	dst = appendCertainty(dst, f.Certainty.Actor)
	dst = append(dst, `,"responsible":`...)
	dst = appendCertainty(dst, f.Certainty.Responsible)
	dst = append(dst, `,"initiator":`...)
	dst = appendCertainty(dst, f.Certainty.Initiator)
	dst = append(dst, `},"evidence":[`...)
	for i := range f.Evidence {
		dst = appendEvidence(comma(dst, i), &f.Evidence[i])
	}
	dst = append(dst, `],"alternatives":[`...)
	for i := range f.Alternatives {
		dst = w.appendAlternative(comma(dst, i), &f.Alternatives[i])
	}
	dst = append(dst, `],"caveats":[`...)
	for i, c := range f.Caveats {
		dst = appendString(comma(dst, i), string(c))
	}
	dst = append(dst, `],"events":[`...)
	for i, r := range f.Events {
		dst = append(comma(dst, i), '[')
		dst = strconv.AppendUint(dst, r[0], 10)
		dst = append(dst, ',')
		dst = strconv.AppendUint(dst, r[1], 10)
		dst = append(dst, ']')
	}
	dst = append(dst, `],"events_total":`...)
	return strconv.AppendUint(dst, f.EventsTotal, 10)
}

func appendEvidence(dst []byte, e *Evidence) []byte {
	dst = append(dst, `{"for":`...)
	dst = appendString(dst, string(e.For))
	dst = append(dst, `,"rule":`...)
	dst = appendString(dst, e.Rule)
	dst = append(dst, `,"events":[`...)
	for i, seq := range e.Events {
		dst = strconv.AppendUint(comma(dst, i), seq, 10)
	}
	dst = append(dst, `],"says":`...)
	dst = appendString(dst, e.Says)
	return append(dst, '}')
}

func (w *written) appendAlternative(dst []byte, a *Alternative) []byte {
	dst = append(dst, `{"for":`...)
	dst = appendString(dst, string(a.For))
	dst = append(dst, `,"process":`...)
	dst = w.appendProcess(dst, a.Process)
	dst = append(dst, `,"initiator":`...)
	dst = appendInitiator(dst, a.Initiator)
	dst = append(dst, `,"certainty":`...)
	dst = appendCertainty(dst, a.Certainty)
	dst = append(dst, `,"rule":`...)
	dst = appendString(dst, a.Rule)
	dst = append(dst, `,"action":`...)
	dst = appendString(dst, string(a.Action))
	dst = append(dst, `,"says":`...)
	dst = appendString(dst, a.Says)
	return append(dst, '}')
}

func appendItem(dst []byte, it *Item) []byte {
	dst = append(dst, `{"path":`...)
	dst = appendString(dst, it.Path)
	dst = append(dst, `,"source_path":`...)
	dst = appendString(dst, it.SourcePath)
	dst = append(dst, `,"action":`...)
	dst = appendString(dst, string(it.Action))
	dst = append(dst, `,"object":`...)
	dst = appendObject(dst, it.Object)
	return append(dst, '}')
}

func appendObject(dst []byte, o *Object) []byte {
	if o == nil {
		return appendNull(dst)
	}
	dst = append(dst, `{"type":`...)
	dst = appendString(dst, string(o.Type))
	dst = append(dst, `,"ino":`...)
	if o.Ino == 0 {
		dst = appendNull(dst)
	} else {
		dst = append(dst, '"')
		dst = strconv.AppendUint(dst, o.Ino, 10)
		dst = append(dst, '"')
	}
	dst = append(dst, `,"dev":`...)
	if o.Dev == 0 {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendInt(dst, int64(o.Dev), 10)
	}
	dst = append(dst, `,"size":`...)
	if o.Size < 0 {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendInt(dst, o.Size, 10)
	}
	dst = append(dst, `,"volume":`...)
	if o.Volume == nil {
		dst = appendNull(dst)
	} else {
		dst = append(dst, `{"mount":`...)
		dst = appendString(dst, o.Volume.Mount)
		dst = append(dst, `,"kind":`...)
		dst = appendWord(dst, string(o.Volume.Kind), string(VolumeUnknown))
		dst = append(dst, `,"fs":`...)
		dst = appendString(dst, o.Volume.FS)
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func appendInitiator(dst []byte, in *Initiator) []byte {
	if in == nil {
		return appendNull(dst)
	}
	dst = append(dst, `{"class":`...)
	dst = appendWord(dst, string(in.Class), string(ClassUnknown))
	dst = append(dst, `,"uid":`...)
	dst = appendID(dst, in.UID)
	dst = append(dst, `,"user":`...)
	dst = appendString(dst, in.User)
	dst = append(dst, `,"session":`...)
	if s := in.Session; s == nil {
		dst = appendNull(dst)
	} else {
		dst = append(dst, `{"asid":`...)
		dst = appendID(dst, s.ASID)
		dst = append(dst, `,"type":`...)
		dst = appendWord(dst, string(s.Type), string(SessionUnknown))
		dst = append(dst, `,"remote_address":`...)
		dst = appendString(dst, s.RemoteAddress)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"agent":`...)
	if a := in.Agent; a == nil {
		dst = appendNull(dst)
	} else {
		dst = append(dst, `{"name":`...)
		dst = appendString(dst, a.Name)
		dst = append(dst, `,"pid":`...)
		dst = strconv.AppendInt(dst, int64(a.PID), 10)
		dst = append(dst, `,"pidversion":`...)
		dst = strconv.AppendUint(dst, uint64(a.PIDVersion), 10)
		dst = append(dst, `,"signing_id":`...)
		dst = appendString(dst, a.SigningID)
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func appendGap(dst []byte, g *Gap) []byte {
	if g == nil {
		return append(dst, `,"from":null,"to":null,"missing":null,"why":null`...)
	}
	dst = append(dst, `,"from":`...)
	dst = appendTime(dst, g.From)
	dst = append(dst, `,"to":`...)
	dst = appendTime(dst, g.To)
	dst = append(dst, `,"missing":`...)
	if g.Missing == 0 {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendUint(dst, g.Missing, 10)
	}
	dst = append(dst, `,"why":`...)
	return appendString(dst, g.Why)
}

func appendNull(dst []byte) []byte { return append(dst, "null"...) }

// comma separates element i of a list from the one before it.
func comma(dst []byte, i int) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return dst
}

// appendID appends a user or session id; [es.Unset] is null.
func appendID(dst []byte, id uint32) []byte {
	if id == es.Unset {
		return appendNull(dst)
	}
	return strconv.AppendUint(dst, uint64(id), 10)
}

func appendCertainty(dst []byte, c Certainty) []byte {
	if c > Certain {
		c = Unknown
	}
	dst = append(dst, '"')
	dst = append(dst, certainties[c]...)
	return append(dst, '"')
}
