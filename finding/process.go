package finding

import (
	"slices"
	"strconv"

	"ascribe.example/es"
)

// written remembers where in a line processes stand. One line names the same execution several times (reported, as the
// actor, as the responsible one), and copying is ten times as fast as writing it again.
type written struct {
	memory *Encoder // nil: none
	n      int
	at     [4]struct {
		p        *Process
		from, to int // without the closing brace
	}
}

func (w *written) appendProcess(dst []byte, p *Process) []byte {
	if p == nil {
		return appendNull(dst)
	}
	return append(w.appendKeys(dst, p), '}')
}

// appendKeys leaves the object open, for what else [Responsible] says.
func (w *written) appendKeys(dst []byte, p *Process) []byte {
	for i := range w.n {
		if o := &w.at[i]; p.equal(o.p) {
			return append(dst, dst[o.from:o.to]...)
		}
	}
	from := len(dst)
	if w.memory != nil {
		dst = w.memory.appendKeys(dst, p)
	} else {
		dst = appendProcessKeys(dst, p)
	}
	if w.n < len(w.at) {
		o := &w.at[w.n]
		o.p, o.from, o.to = p, from, len(dst)
		w.n++
	}
	return dst
}

// equal reports whether p and q are written alike. What differs most often is compared first.
func (p *Process) equal(q *Process) bool {
	return p == q || p.PIDVersion == q.PIDVersion && p.PID == q.PID && p.HasToken == q.HasToken &&
		p.AUID == q.AUID && p.UID == q.UID && p.EUID == q.EUID && p.ASID == q.ASID && p.StartTime == q.StartTime &&
		p.Platform == q.Platform && p.Parent == q.Parent && p.CDHash == q.CDHash &&
		p.Path == q.Path && p.SigningID == q.SigningID && p.TeamID == q.TeamID && p.Service == q.Service &&
		p.TTY == q.TTY && p.Script == q.Script && (p.Args == nil) == (q.Args == nil) && slices.Equal(p.Args, q.Args)
}

func (w *written) appendResponsible(dst []byte, r *Responsible) []byte {
	if r == nil {
		return appendNull(dst)
	}
	dst = w.appendKeys(dst, &r.Process)
	dst = append(dst, `,"app":`...)
	dst = appendString(dst, r.App)
	dst = append(dst, `,"basis":`...)
	dst = appendWord(dst, string(r.Basis), string(BasisNone))
	dst = append(dst, `,"status":`...)
	dst = appendWord(dst, string(r.Status), string(StatusUnknown))
	return append(dst, '}')
}

// appendProcessKeys leaves the object open.
func appendProcessKeys(dst []byte, p *Process) []byte {
	dst = append(dst, `{"pid":`...)
	if p.PID == 0 && !p.HasToken {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendInt(dst, int64(p.PID), 10)
	}
	dst = append(dst, `,"pidversion":`...)
	if p.PIDVersion == 0 && !p.HasToken {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendUint(dst, uint64(p.PIDVersion), 10)
	}
	dst = append(dst, `,"path":`...)
	dst = appendString(dst, p.Path)
	dst = append(dst, `,"signing_id":`...)
	dst = appendString(dst, p.SigningID)
	dst = append(dst, `,"team_id":`...)
	dst = appendString(dst, p.TeamID)
	dst = append(dst, `,"platform":`...)
	switch {
	case !p.HasToken:
		dst = appendNull(dst)
	case p.Platform:
		dst = append(dst, "true"...)
	default:
		dst = append(dst, "false"...)
	}
	dst = append(dst, `,"service":`...)
	dst = appendString(dst, p.Service)
	dst = append(dst, `,"start_time":`...)
	dst = appendTime(dst, p.StartTime)
	auid, uid, euid, asid := p.AUID, p.UID, p.EUID, p.ASID
	if !p.HasToken {
		auid, uid, euid, asid = es.Unset, es.Unset, es.Unset, es.Unset
	}
	dst = append(dst, `,"auid":`...)
	dst = appendID(dst, auid)
	dst = append(dst, `,"uid":`...)
	dst = appendID(dst, uid)
	dst = append(dst, `,"euid":`...)
	dst = appendID(dst, euid)
	dst = append(dst, `,"asid":`...)
	dst = appendID(dst, asid)
	dst = append(dst, `,"tty":`...)
	dst = appendString(dst, p.TTY)
	dst = append(dst, `,"cdhash":`...)
	if p.CDHash.IsZero() {
		dst = appendNull(dst)
	} else {
		dst = append(dst, '"')
		for _, b := range p.CDHash {
			dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
		}
		dst = append(dst, '"')
	}
	dst = append(dst, `,"args":`...)
	if p.Args == nil {
		dst = appendNull(dst)
	} else {
		dst = append(dst, '[')
		for i, a := range p.Args {
			dst = appendText(comma(dst, i), a)
		}
		dst = append(dst, ']')
	}
	dst = append(dst, `,"script":`...)
	dst = appendString(dst, p.Script)
	dst = append(dst, `,"parent":`...)
	return appendRef(dst, p.Parent)
}

func appendRef(dst []byte, r ProcessRef) []byte {
	if r == (ProcessRef{}) {
		return appendNull(dst)
	}
	dst = append(dst, `{"pid":`...)
	dst = strconv.AppendInt(dst, int64(r.PID), 10)
	dst = append(dst, `,"pidversion":`...)
	if r.PIDVersion == 0 {
		dst = appendNull(dst)
	} else {
		dst = strconv.AppendUint(dst, uint64(r.PIDVersion), 10)
	}
	return append(dst, '}')
}

func (w *written) appendExecution(dst []byte, e *Execution) []byte {
	if e == nil {
		return appendNull(dst)
	}
	dst = append(dst, `{"process":`...)
	dst = w.appendProcess(dst, &e.Process)
	dst = append(dst, `,"origin":`...)
	dst = appendString(dst, e.Origin)
	dst = append(dst, `,"parent":`...)
	dst = w.appendProcess(dst, e.Parent)
	dst = append(dst, `,"responsible":`...)
	dst = w.appendResponsible(dst, e.Responsible)
	dst = append(dst, `,"started":`...)
	dst = appendTime(dst, e.Started)
	dst = append(dst, `,"ended":`...)
	dst = appendTime(dst, e.Ended)
	dst = append(dst, `,"exit_status":`...)
	if e.Exited {
		dst = strconv.AppendInt(dst, int64(e.ExitStatus), 10)
	} else {
		dst = appendNull(dst)
	}
	dst = append(dst, `,"next":`...)
	dst = appendRef(dst, e.Next)
	return append(dst, '}')
}
