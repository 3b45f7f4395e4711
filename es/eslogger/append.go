package eslogger

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"ascribe.example/es"
)

// Options says how [Options.Append] writes.
type Options struct {
	// Version is the message version to write as; 0 takes the message's own. Keys that the version does not have are
	// left out.
	Version int

	// TokenArrays writes audit tokens as eight numbers [auid,euid,egid,ruid,rgid,pid,asid,pidversion], as an early
	// beta of eslogger did, instead of objects.
	TokenArrays bool

	// Shuffle orders the members of every object at random, as eslogger does; the same number, the same order.
	// 0 keeps one fixed order.
	Shuffle uint64
}

// Append appends m to dst as one line of eslogger's output, without the newline, in a fixed key order.
//
// What a [Decoder] reads back equals m, but for what eslogger has no room for: a start time has microseconds, and the
// message version decides which keys there are.
func Append(dst []byte, m *es.Message) []byte { return Options{}.Append(dst, m) }

// Append appends m to dst as one line of eslogger's output, without the newline.
func (o Options) Append(dst []byte, m *es.Message) []byte {
	w := &writer{b: dst, tokens: o.TokenArrays, version: o.Version, shuffle: o.Shuffle != 0}
	if w.version == 0 {
		w.version = m.Version
	}
	w.random = o.Shuffle ^ m.GlobalSeqNum*0x9e3779b97f4a7c15
	w.message(m)
	return w.b
}

type writer struct {
	b       []byte
	version int
	tokens  bool

	shuffle bool
	random  uint64
	starts  []int // of the members of the open objects, outermost first
	frames  []int // for each open object, where its members begin in starts
	scratch []byte
}

// open begins an object.
func (w *writer) open() {
	w.b = append(w.b, '{')
	if w.shuffle {
		w.frames = append(w.frames, len(w.starts))
	}
}

// key begins a member.
func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	if w.shuffle {
		w.starts = append(w.starts, len(w.b))
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, name...)
	w.b = append(w.b, '"', ':')
}

// close ends an object.
func (w *writer) close() {
	if w.shuffle {
		first := w.frames[len(w.frames)-1]
		w.permute(w.starts[first:])
		w.starts, w.frames = w.starts[:first], w.frames[:len(w.frames)-1]
	}
	w.b = append(w.b, '}')
}

// permute writes the members that begin at starts, up to the end of w.b, in another order.
func (w *writer) permute(starts []int) {
	if len(starts) < 2 {
		return
	}
	begin := starts[0]
	w.scratch = append(append(w.scratch[:0], w.b[begin:]...), ',')
	w.b = w.b[:begin]
	order := make([]int, len(starts))
	for i := range order {
		j := int(w.next() % uint64(i+1))
		order[i], order[j] = order[j], i
	}
	for i, member := range order {
		from, to := starts[member]-begin, len(w.scratch)-1
		if member+1 < len(starts) {
			to = starts[member+1] - begin - 1
		}
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, w.scratch[from:to]...)
	}
}

// next is splitmix64.
func (w *writer) next() uint64 {
	w.random += 0x9e3779b97f4a7c15
	z := w.random
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// The member methods write one member each.

func (w *writer) int(key string, v int64) {
	w.key(key)
	w.b = strconv.AppendInt(w.b, v, 10)
}

func (w *writer) uint(key string, v uint64) {
	w.key(key)
	w.b = strconv.AppendUint(w.b, v, 10)
}

func (w *writer) bool(key string, v bool) {
	w.key(key)
	w.b = strconv.AppendBool(w.b, v)
}

func (w *writer) null(key string) {
	w.key(key)
	w.b = append(w.b, "null"...)
}

func (w *writer) string(key, s string) {
	w.key(key)
	w.quote(s)
}

// text writes an optional string: empty is null.
func (w *writer) text(key, s string) {
	if s == "" {
		w.null(key)
		return
	}
	w.string(key, s)
}

// user writes an optional user id.
func (w *writer) user(key string, id uint32) {
	if id == es.Unset {
		w.null(key)
		return
	}
	w.uint(key, uint64(id))
}

func (w *writer) strings(key string, ss []string) {
	if ss == nil {
		return
	}
	w.key(key)
	w.b = append(w.b, '[')
	for i, s := range ss {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.quote(s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) quote(s string) {
	w.b = append(w.b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				w.b = append(append(w.b, s[from:i]...), "\uFFFD"...)
				from = i + 1
			}
			i += size
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != '/' {
			i++
			continue
		}
		w.b = append(w.b, s[from:i]...)
		i++
		from = i
		switch c {
		case '"', '\\', '/':
			w.b = append(w.b, '\\', c)
		case '\n':
			w.b = append(w.b, '\\', 'n')
		case '\r':
			w.b = append(w.b, '\\', 'r')
		case '\t':
			w.b = append(w.b, '\\', 't')
		default:
			w.b = append(w.b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	w.b = append(append(w.b, s[from:]...), '"')
}

// time writes a time with the given number of decimals, cutting off the rest.
func (w *writer) time(key string, t es.Time, decimals int) {
	w.key(key)
	at := t.Std().UTC()
	year, month, day := at.Date()
	hour, minute, second := at.Clock()
	w.b = append(w.b, '"')
	w.digits(year, 4, '-')
	w.digits(int(month), 2, '-')
	w.digits(day, 2, 'T')
	w.digits(hour, 2, ':')
	w.digits(minute, 2, ':')
	w.digits(second, 2, '.')
	fraction := at.Nanosecond()
	if decimals == 6 {
		fraction /= 1000
	}
	w.digits(fraction, decimals, 'Z')
	w.b = append(w.b, '"')
}

// digits writes the last digits of a number, and what follows it. Writing times by a layout was a third of all the work.
func (w *writer) digits(v, n int, then byte) {
	from := len(w.b)
	w.b = append(append(w.b, "000000000"[:n]...), then)
	for i := from + n - 1; i >= from; i-- {
		w.b[i] = byte('0' + v%10)
		v /= 10
	}
}

// token writes an audit token; one that is unknown is null.
func (w *writer) token(key string, t *es.AuditToken) {
	if t.IsZero() {
		w.null(key)
		return
	}
	w.key(key)
	w.tokenValue(t)
}

func (w *writer) tokenValue(t *es.AuditToken) {
	if w.tokens {
		sep := byte('[')
		for _, v := range [8]int64{
			int64(t.AUID), int64(t.EUID), int64(t.EGID), int64(t.RUID), int64(t.RGID), int64(t.PID), int64(t.ASID), int64(t.PIDVersion),
		} {
			w.b = strconv.AppendInt(append(w.b, sep), v, 10)
			sep = ','
		}
		w.b = append(w.b, ']')
		return
	}
	w.open()
	w.int("pid", int64(t.PID))
	w.uint("pidversion", uint64(t.PIDVersion))
	w.uint("auid", uint64(t.AUID))
	w.uint("euid", uint64(t.EUID))
	w.uint("ruid", uint64(t.RUID))
	w.uint("egid", uint64(t.EGID))
	w.uint("rgid", uint64(t.RGID))
	w.uint("asid", uint64(t.ASID))
	w.close()
}

func (w *writer) file(key string, f *es.File) {
	w.key(key)
	w.open()
	w.string("path", f.Path)
	w.bool("path_truncated", f.PathTruncated)
	w.key("stat")
	s := &f.Stat
	w.open()
	w.int("st_dev", int64(s.Dev))
	w.uint("st_mode", uint64(s.Mode))
	w.uint("st_nlink", uint64(s.Nlink))
	w.uint("st_ino", s.Ino)
	w.uint("st_uid", uint64(s.UID))
	w.uint("st_gid", uint64(s.GID))
	w.int("st_rdev", int64(s.Rdev))
	w.time("st_atimespec", s.ATime, 9)
	w.time("st_mtimespec", s.MTime, 9)
	w.time("st_ctimespec", s.CTime, 9)
	w.time("st_birthtimespec", s.BirthTime, 9)
	w.int("st_size", s.Size)
	w.int("st_blocks", s.Blocks)
	w.int("st_blksize", int64(s.BlkSize))
	w.uint("st_flags", uint64(s.Flags))
	w.uint("st_gen", uint64(s.Gen))
	w.close()
	w.close()
}

func (w *writer) filePtr(key string, f *es.File) {
	if f == nil {
		w.null(key)
		return
	}
	w.file(key, f)
}

func (w *writer) processPtr(key string, p *es.Process) {
	if p == nil {
		w.null(key)
		return
	}
	w.process(key, p)
}

// process writes es_process_t. Its keys by message version are documented in the header.
func (w *writer) process(key string, p *es.Process) {
	w.key(key)
	w.open()
	w.key("audit_token")
	w.tokenValue(&p.AuditToken)
	w.int("ppid", int64(p.PPID))
	w.int("original_ppid", int64(p.OriginalPPID))
	w.int("group_id", int64(p.GroupID))
	w.int("session_id", int64(p.SessionID))
	w.uint("codesigning_flags", uint64(p.CodesigningFlags))
	w.bool("is_platform_binary", p.IsPlatformBinary)
	w.bool("is_es_client", p.IsESClient)
	w.key("cdhash")
	w.b = append(w.b, '"')
	at := len(w.b)
	w.b = hex.AppendEncode(w.b, p.CDHash[:])
	for i, c := range w.b[at:] {
		if c >= 'a' {
			w.b[at+i] = c - 'a' + 'A'
		}
	}
	w.b = append(w.b, '"')
	w.text("signing_id", p.SigningID)
	w.text("team_id", p.TeamID)
	w.file("executable", &p.Executable)
	if w.version >= 2 {
		w.filePtr("tty", p.TTY)
	}
	if w.version >= 3 {
		w.time("start_time", p.StartTime, 6)
	}
	if w.version >= 4 {
		w.token("responsible_audit_token", &p.ResponsibleAuditToken)
		w.token("parent_audit_token", &p.ParentAuditToken)
	}
	if w.version >= 10 && p.CSValidationCategory != -1 {
		w.int("cs_validation_category", int64(p.CSValidationCategory))
	}
	w.close()
}

func (w *writer) message(m *es.Message) {
	kind := m.Event.Kind()
	w.open()
	w.int("schema_version", 1)
	w.int("version", int64(w.version))
	w.time("time", m.Time, 9)
	w.uint("mach_time", m.MachTime)
	if w.version >= 2 && m.SeqNum != es.NoSeq {
		w.uint("seq_num", m.SeqNum)
	}
	if w.version >= 4 && m.GlobalSeqNum != es.NoSeq {
		w.uint("global_seq_num", m.GlobalSeqNum)
	}
	if w.version >= 4 {
		if m.ThreadID == 0 {
			w.null("thread")
		} else {
			w.key("thread")
			w.open()
			w.uint("thread_id", m.ThreadID)
			w.close()
		}
	}
	w.int("action_type", 1)
	w.action(kind, m.Denied)
	w.process("process", &m.Process)
	name, number := kind.String(), kind.Number()
	other, ok := m.Event.(*es.Other)
	if ok {
		name, number = other.Name, other.Type
	}
	if number != 0 {
		w.int("event_type", int64(number))
	}
	w.key("event")
	w.b = append(w.b, '{')
	w.quote(name)
	w.b = append(w.b, ':')
	switch {
	case !ok:
		w.open()
		w.event(m.Event)
		w.close()
	case len(other.Raw) == 0:
		w.b = append(w.b, "null"...)
	default:
		w.b = append(w.b, other.Raw...)
	}
	w.b = append(w.b, '}')
	w.close()
}

// action writes the authorisation result: allowed flags for an open, allow or deny for everything else [D].
func (w *writer) action(kind es.Kind, denied bool) {
	resultType, name, value := resultAuth, "auth", uint64(0)
	switch {
	case kind == es.KindOpen && denied:
		resultType, name = resultFlags, "flags"
	case kind == es.KindOpen:
		resultType, name, value = resultFlags, "flags", 1<<32-1
	case denied:
		value = authDeny
	}
	w.key("action")
	w.open()
	w.key("result")
	w.open()
	w.int("result_type", int64(resultType))
	w.key("result")
	w.open()
	w.uint(name, value)
	w.close()
	w.close()
	w.close()
}
