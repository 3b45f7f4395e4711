package eslogger

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"ascribe.example/es"
)

// The slow path: the same messages by way of encoding/json. It takes what the fast path declines, it names what is
// wrong, and it is what the fast path is fuzzed against, so it shares none of the fast path's code.

// object is a JSON object whose members are taken out by name; what is left over is unknown.
type object struct {
	d       *Decoder
	name    string
	members map[string]json.RawMessage
}

// slow decodes value into m. Memory it hands out is the garbage collector's, so it lives as long as anybody needs.
func (d *Decoder) slow(value []byte, m *es.Message) error {
	*m = blank
	var top json.RawMessage
	if err := json.Unmarshal(value, &top); err != nil {
		return syntaxError(err, value)
	}
	o, ok := d.asObject(top, "message")
	if !ok {
		return notMessage("want an object")
	}
	m.Version = int(o.int32("version", 0))
	m.Time = o.time("time")
	m.MachTime = o.uint64("mach_time", 0)
	m.SeqNum = o.uint64("seq_num", es.NoSeq)
	m.GlobalSeqNum = o.uint64("global_seq_num", es.NoSeq)
	if seq := o.uint64("glob_seq_num", es.NoSeq); m.GlobalSeqNum == es.NoSeq {
		m.GlobalSeqNum = seq
	}
	if t, ok := o.object("thread", "thread"); ok {
		m.ThreadID = t.uint64("thread_id", 0)
		t.done()
	}
	m.Denied = o.denied()
	number := o.int32("event_type", 0)
	o.ignore("schema_version", "action_type", "deadline")

	switch raw, ok := o.take("process"); {
	case !ok:
		return notMessage(`missing "process"`)
	case !o.d.hasPID(raw):
		return notMessage(`missing "pid" in "process.audit_token"`)
	default:
		m.Process = es.Process{CSValidationCategory: -1}
		d.slowProcess(raw, &m.Process, "process")
	}

	raw, ok := o.take("event")
	if !ok {
		return notMessage(`missing "event"`)
	}
	var event map[string]json.RawMessage
	if json.Unmarshal(raw, &event) != nil {
		return notMessage(`"event" is not an object`)
	}
	if len(event) != 1 {
		return notMessage(`"event" has %d members, want one`, len(event))
	}
	for name, body := range event {
		e, err := d.slowEvent(name, number, body)
		if err != nil {
			return err
		}
		m.Event = e
	}
	o.done()
	d.countVersion(m.Version)
	return nil
}

func syntaxError(err error, value []byte) error {
	e := &Error{Offset: len(value), Reason: "invalid JSON: " + err.Error()}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Error() != "unexpected end of JSON input" {
		e.Offset = int(syntax.Offset) - 1
	}
	return e
}

// hasPID reports whether a process says which one it is: the least that makes a message.
func (d *Decoder) hasPID(raw json.RawMessage) bool {
	var process, token map[string]json.RawMessage
	if json.Unmarshal(raw, &process) != nil {
		return false
	}
	if json.Unmarshal(process["audit_token"], &token) == nil {
		_, ok := integer(token["pid"], 32)
		return ok
	}
	var words []json.RawMessage
	if json.Unmarshal(process["audit_token"], &words) != nil || len(words) != 8 {
		return false
	}
	for _, w := range words {
		if _, ok := integer(w, 32); !ok {
			return false
		}
	}
	return true
}

// denied reads action.result: the authorisation result that ES tells with every notify event. It is ES_AUTH_RESULT_DENY
// (1), or for an open an empty set of allowed flags [D: es_result_t]. It says nothing of the system call's own result.
func (o *object) denied() bool {
	action, ok := o.object("action", "action")
	if !ok {
		return false
	}
	defer action.done()
	action.ignore("auth")
	result, ok := action.object("result", "action.result")
	if !ok {
		return false
	}
	defer result.done()
	kind := result.int32("result_type", -1)
	value, ok := result.object("result", "action.result.result")
	if !ok {
		return false
	}
	defer value.done()
	auth, flags := value.int32("auth", 0), value.int32("flags", -1)
	return kind == resultAuth && auth == authDeny || kind == resultFlags && flags == 0
}

// asObject opens raw as an object. Another type counts as a mismatch under name.
func (d *Decoder) asObject(raw json.RawMessage, name string) (*object, bool) {
	o := &object{d: d, name: name}
	if json.Unmarshal(raw, &o.members) != nil || o.members == nil {
		return nil, false
	}
	return o, true
}

// take removes a member; null is as good as none.
func (o *object) take(key string) (json.RawMessage, bool) {
	raw, ok := o.members[key]
	delete(o.members, key)
	if !ok || string(raw) == "null" {
		return nil, false
	}
	return raw, true
}

func (o *object) ignore(keys ...string) {
	for _, k := range keys {
		delete(o.members, k)
	}
}

// done counts what nobody took.
func (o *object) done() {
	if o.d.StrictShape {
		return
	}
	for k := range o.members {
		o.d.count(&o.d.unknownKeys, o.name, k)
	}
}

func (o *object) mismatch(key string) {
	if !o.d.StrictShape {
		o.d.count(&o.d.mismatched, o.name, key)
	}
}

func (o *object) object(key, name string) (*object, bool) {
	raw, ok := o.take(key)
	if !ok {
		return nil, false
	}
	sub, ok := o.d.asObject(raw, name)
	if !ok {
		o.mismatch(key)
	}
	return sub, ok
}

// integer reads a whole number that fits into the given number of bits, signed or unsigned; the result is its two's
// complement, so that -1 is 4294967295 in 32 bits, as uids and flags are written either way.
func integer(raw json.RawMessage, bits uint) (uint64, bool) {
	if n, err := strconv.ParseUint(string(raw), 10, 64); err == nil && n <= math.MaxUint64>>(64-bits) {
		return n, true
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil && n < 0 && n >= math.MinInt64>>(64-bits) {
		return uint64(n) & (math.MaxUint64 >> (64 - bits)), true
	}
	return 0, string(raw) == "-0"
}

func (o *object) integer(key string, bits uint, none uint64) uint64 {
	raw, ok := o.take(key)
	if !ok {
		return none
	}
	n, ok := integer(raw, bits)
	if !ok {
		o.mismatch(key)
		return none
	}
	return n
}

func (o *object) int32(key string, none int32) int32 {
	return int32(o.integer(key, 32, uint64(uint32(none))))
}

func (o *object) uint32(key string, none uint32) uint32 {
	return uint32(o.integer(key, 32, uint64(none)))
}

func (o *object) uint16(key string) uint16 { return uint16(o.integer(key, 16, 0)) }

func (o *object) uint64(key string, none uint64) uint64 { return o.integer(key, 64, none) }

func (o *object) bool(key string, none bool) bool {
	raw, ok := o.take(key)
	if !ok {
		return none
	}
	b := none
	if json.Unmarshal(raw, &b) != nil {
		o.mismatch(key)
	}
	return b
}

func (o *object) string(key string) string {
	raw, ok := o.take(key)
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		o.mismatch(key)
	}
	return s
}

func (o *object) time(key string) es.Time {
	raw, ok := o.take(key)
	if !ok {
		return 0
	}
	var s string
	var t time.Time
	if json.Unmarshal(raw, &s) != nil || t.UnmarshalText([]byte(s)) != nil || t.Year() < 1678 || t.Year() > 2261 {
		o.mismatch(key)
		return 0
	}
	return es.Time(t.UnixNano())
}

func (o *object) strings(key string) []string {
	raw, ok := o.take(key)
	if !ok {
		return nil
	}
	var list []*string
	if json.Unmarshal(raw, &list) != nil {
		o.mismatch(key)
		return nil
	}
	ss := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			o.mismatch(key)
			return nil
		}
		ss[i] = *s
	}
	return ss
}

func (o *object) fds(key string) []es.FD {
	raw, ok := o.take(key)
	if !ok {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		o.mismatch(key)
		return nil
	}
	fds := make([]es.FD, len(list))
	for i, raw := range list {
		fd, ok := o.d.asObject(raw, "fd")
		if !ok {
			o.mismatch(key)
			return nil
		}
		fds[i] = es.FD{FD: fd.int32("fd", 0), Type: fd.uint32("fdtype", 0)}
		if pipe, ok := fd.object("pipe", "pipe"); ok {
			fds[i].PipeID = pipe.uint64("pipe_id", 0)
			pipe.done()
		}
		fd.done()
	}
	return fds
}

func (o *object) cdhash(key string) (h es.CDHash) {
	raw, ok := o.take(key)
	if !ok {
		return h
	}
	var s string
	if json.Unmarshal(raw, &s) == nil && s == "" {
		return h
	}
	if b, err := hex.DecodeString(s); err == nil && len(b) == len(h) {
		return es.CDHash(b)
	}
	o.mismatch(key)
	return h
}

// token reads an audit token in either form: an object, or its eight words in the kernel's order [S: kern_prot.c].
// A missing user or group is unknown, which must not read as root.
func (o *object) token(key string) (t es.AuditToken) {
	raw, ok := o.take(key)
	if !ok {
		return t
	}
	if w, ok := o.d.asObject(raw, "audit_token"); ok {
		t.AUID, t.EUID, t.EGID = w.uint32("auid", es.Unset), w.uint32("euid", es.Unset), w.uint32("egid", es.Unset)
		t.RUID, t.RGID = w.uint32("ruid", es.Unset), w.uint32("rgid", es.Unset)
		t.PID, t.ASID, t.PIDVersion = w.int32("pid", 0), w.uint32("asid", 0), w.uint32("pidversion", 0)
		w.done()
		return t
	}
	var words []json.RawMessage
	var v [8]uint32
	if json.Unmarshal(raw, &words) != nil || len(words) != len(v) {
		o.mismatch(key)
		return t
	}
	for i, w := range words {
		n, ok := integer(w, 32)
		if !ok {
			o.mismatch(key)
			return t
		}
		v[i] = uint32(n)
	}
	return es.AuditToken{AUID: v[0], EUID: v[1], EGID: v[2], RUID: v[3], RGID: v[4], PID: int32(v[5]), ASID: v[6], PIDVersion: v[7]}
}

func (o *object) file(key string) es.File {
	if f := o.filePtr(key); f != nil {
		return *f
	}
	return es.File{}
}

func (o *object) filePtr(key string) *es.File {
	raw, ok := o.take(key)
	if !ok {
		return nil
	}
	f, ok := o.d.slowFile(raw)
	if !ok {
		o.mismatch(key)
		return nil
	}
	return f
}

func (d *Decoder) slowFile(raw json.RawMessage) (*es.File, bool) {
	o, ok := d.asObject(raw, "file")
	if !ok {
		return nil, false
	}
	f := &es.File{Path: o.string("path"), PathTruncated: o.bool("path_truncated", false)}
	if s, ok := o.object("stat", "stat"); ok {
		f.Stat = es.Stat{
			Dev: s.int32("st_dev", 0), Mode: s.uint16("st_mode"), Nlink: s.uint16("st_nlink"), Ino: s.uint64("st_ino", 0),
			UID: s.uint32("st_uid", 0), GID: s.uint32("st_gid", 0), Rdev: s.int32("st_rdev", 0),
			ATime: s.time("st_atimespec"), MTime: s.time("st_mtimespec"), CTime: s.time("st_ctimespec"),
			BirthTime: s.time("st_birthtimespec"), Size: int64(s.uint64("st_size", 0)),
			Blocks: int64(s.uint64("st_blocks", 0)), BlkSize: s.int32("st_blksize", 0),
			Flags: s.uint32("st_flags", 0), Gen: s.uint32("st_gen", 0),
		}
		s.done()
	}
	o.done()
	return f, true
}

func (o *object) process(key string) es.Process {
	if p := o.processPtr(key); p != nil {
		return *p
	}
	return es.Process{CSValidationCategory: -1}
}

func (o *object) processPtr(key string) *es.Process {
	raw, ok := o.take(key)
	if !ok {
		return nil
	}
	p := &es.Process{CSValidationCategory: -1}
	if !o.d.slowProcess(raw, p, "process") {
		o.mismatch(key)
		return nil
	}
	return p
}

func (d *Decoder) slowProcess(raw json.RawMessage, p *es.Process, name string) bool {
	o, ok := d.asObject(raw, name)
	if !ok {
		return false
	}
	p.AuditToken = o.token("audit_token")
	p.ParentAuditToken = o.token("parent_audit_token")
	p.ResponsibleAuditToken = o.token("responsible_audit_token")
	p.PPID, p.OriginalPPID = o.int32("ppid", 0), o.int32("original_ppid", 0)
	p.GroupID, p.SessionID = o.int32("group_id", 0), o.int32("session_id", 0)
	p.CodesigningFlags = o.uint32("codesigning_flags", 0)
	p.CSValidationCategory = o.int32("cs_validation_category", -1)
	p.IsPlatformBinary, p.IsESClient = o.bool("is_platform_binary", false), o.bool("is_es_client", false)
	p.CDHash = o.cdhash("cdhash")
	p.SigningID, p.TeamID = o.string("signing_id"), o.string("team_id")
	p.Executable, p.TTY = o.file("executable"), o.filePtr("tty")
	p.StartTime = o.time("start_time")
	o.done()
	return true
}
