package eslogger

import (
	"encoding/binary"
	"slices"
	"unsafe"

	"ascribe.example/es"
)

// op says how the value of a key is read, and into what.
type op uint8

const (
	opSkip      op = iota // known, and not kept
	opDecline             // known, and left to the slow path
	opInt                 // int, of 32 bits
	op16                  // 16 bits
	op32                  // 32 bits, signed or not
	opWord                // 32 bits, and no null
	op64                  // 64 bits, signed or not
	opBool                //
	opTime                // es.Time
	opText                // string
	opRecall              // string that comes again and again
	opName                // string, unless it is empty
	opWeakName            // string, unless there is one already
	opTexts               // []string
	opFDs                 // []es.FD
	opPair                // [2]int32
	opHash                // es.CDHash
	opToken               // es.AuditToken
	opFile                // es.File
	opFolder              // es.File whose path comes again and again
	opImage               // likewise, and mostly only the path counts
	opFilePtr             // *es.File
	opFolderPtr           // likewise, in the order of those above
	opImagePtr
	opStat    // es.Stat
	opProcess // es.Process
	opProcPtr // *es.Process
	opObject  // the same struct, by another shape
	opAction  // likewise, of what Decoder.allowed reads mostly
	opPath    // string: a path, or a file's path
	opEvent   // es.Event
	opNumber  // Decoder.eventType and its like, 32 bits
)

// field is a key that an object may have, and where its value goes.
type field struct {
	key    string
	op     op
	offset uintptr
	sub    *shape
	like   string // an earlier key that may not come together with this one
}

// shape is a kind of object: its name, and its keys in a hash table by their first bytes.
type shape struct {
	name   string
	fields []field
	slots  unsafe.Pointer // to a power of two of entries
	mask   uint64         // of the bytes that keys are told apart by
	mul    uint64
	shift  uint8
	table  []entry
	keys   []entry // all, those that found no slot too
}

// entry is one key as it stands in the text, with its closing quote, in up to three words. It fills a cache line.
type entry struct {
	k0, k1, k2 uint64
	m0, m1, m2 uint64
	sub        *shape
	offset     uint16
	length     uint8 // of the key with both quotes
	bit        uint8 // of this key in the set of those seen
	op         op
	_          uint8
}

const entrySize = 64

// noKey matches no text: no key begins with its quote and goes on.
const noKey = '"' | '"'<<8

func (f *field) entry(bit int) entry {
	if len(f.key) > 23 || f.offset > 1<<16-1 {
		panic("eslogger: no entry for the key " + f.key)
	}
	text := append([]byte(f.key), '"')
	var key, mask [24]byte
	copy(key[:], text)
	for i := range text {
		mask[i] = 0xff
	}
	word := func(b [24]byte, i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	return entry{
		k0: word(key, 0), k1: word(key, 1), k2: word(key, 2), m0: word(mask, 0), m1: word(mask, 1), m2: word(mask, 2),
		sub: f.sub, bit: uint8(bit), offset: uint16(f.offset), length: uint8(len(text) + 1), op: f.op,
	}
}

// beginning is how the key begins in the text with its quote, and in compact text with what follows it; and the bits that are known.
func (f *field) beginning(compact bool) (text, known uint64) {
	s := f.key + `"`
	if compact {
		s += ":"
	}
	if compact && f.op == opTime {
		s += `"`
	}
	var b [8]byte
	n := copy(b[:], s)
	return binary.LittleEndian.Uint64(b[:]), ^uint64(0) >> (64 - 8*n)
}

// newShape builds the table. It tells the keys by the bytes that all of them have; where those are the same for some keys, also by
// what is behind the shorter ones in compact text.
func newShape(name string, fields ...field) *shape {
	bits := make(map[string]int, len(fields))
	s := &shape{name: name, fields: fields, keys: make([]entry, len(fields))}
	for i := range fields {
		f := &fields[i]
		bit, ok := bits[f.like]
		if !ok {
			bit = i
		}
		bits[f.key] = bit
		s.keys[i] = f.entry(bit)
	}
	log := uint8(2)
	for 1<<log < 2*len(fields) {
		log++
	}
	s.shift = 64 - log
	texts := s.texts(false)
	if alike(texts) > 0 {
		texts = s.texts(true)
	}
	s.spread(texts)
	s.table = make([]entry, 1<<log)
	for i := range s.table {
		s.table[i].k0, s.table[i].m0 = noKey, ^uint64(0)
	}
	for i, text := range texts {
		if e := &s.table[text*s.mul>>s.shift]; e.k0 == noKey {
			*e = s.keys[i]
		}
	}
	s.slots = unsafe.Pointer(unsafe.SliceData(s.table))
	return s
}

// texts sets the mask and returns what of each key it leaves.
func (s *shape) texts(compact bool) []uint64 {
	s.mask = ^uint64(0)
	for i := range s.fields {
		_, known := s.fields[i].beginning(compact)
		s.mask &= known
	}
	texts := make([]uint64, len(s.fields))
	for i := range s.fields {
		text, _ := s.fields[i].beginning(compact)
		texts[i] = text & s.mask
	}
	return texts
}

// alike is how many texts no multiplier tells from another.
func alike(texts []uint64) (n int) {
	for i, text := range texts {
		if slices.Contains(texts[:i], text) {
			n++
		}
	}
	return n
}

// spread finds the multiplier that spreads the keys best.
func (s *shape) spread(texts []uint64) {
	alike, least := alike(texts), len(texts)+1
	mul := uint64(0x9e3779b97f4a7c15)
	var used [256]int // the try that used a place last
	for try := 1; try <= 2000; try++ {
		clashes := 0
		for _, text := range texts {
			place := &used[text*mul>>s.shift]
			if *place == try {
				clashes++
			}
			*place = try
		}
		if clashes < least {
			least, s.mul = clashes, mul
		}
		if least == alike {
			break
		}
		mul *= 0xd1342543de82ef95
	}
}

// slot is where a key is whose text begins with w.
func (s *shape) slot(w uint64) *entry {
	return (*entry)(unsafe.Add(s.slots, w&s.mask*s.mul>>(s.shift&63)*entrySize))
}

// find looks up the key whose text begins at i, after its quote, and is not in its slot; nil if the shape does not have it.
func (s *shape) find(p unsafe.Pointer, i int) *entry {
	w0, w1, w2 := load64(p, i), load64(p, i+8), load64(p, i+16)
	for k := range s.keys {
		if e := &s.keys[k]; (w0^e.k0)&e.m0|(w1^e.k1)&e.m1|(w2^e.k2)&e.m2 == 0 {
			return e
		}
	}
	return nil
}

// The shapes of objects that are part of many messages.

var tokenShape = func() *shape {
	var t es.AuditToken
	return newShape("audit_token",
		field{key: "pid", op: opWord, offset: unsafe.Offsetof(t.PID)},
		field{key: "pidversion", op: opWord, offset: unsafe.Offsetof(t.PIDVersion)},
		field{key: "auid", op: opWord, offset: unsafe.Offsetof(t.AUID)},
		field{key: "euid", op: opWord, offset: unsafe.Offsetof(t.EUID)},
		field{key: "ruid", op: opWord, offset: unsafe.Offsetof(t.RUID)},
		field{key: "egid", op: opWord, offset: unsafe.Offsetof(t.EGID)},
		field{key: "rgid", op: opWord, offset: unsafe.Offsetof(t.RGID)},
		field{key: "asid", op: opWord, offset: unsafe.Offsetof(t.ASID)},
	)
}()

const (
	tokenWords   = 8
	allTokenKeys = 1<<tokenWords - 1
)

// The keys of statShape, in its order: numbers, then times.
const (
	stMode = iota
	stNlink
	stDev
	stRdev
	stUID
	stGID
	stBlkSize
	stFlags
	stGen
	stIno
	stSize
	stBlocks
	stATime
	stMTime
	stCTime
	stBirthTime
	statWords

	allStatKeys = 1<<statWords - 1
)

var statShape = func() *shape {
	var s es.Stat
	return newShape("stat",
		field{key: "st_mode", op: op16, offset: unsafe.Offsetof(s.Mode)},
		field{key: "st_nlink", op: op16, offset: unsafe.Offsetof(s.Nlink)},
		field{key: "st_dev", op: op32, offset: unsafe.Offsetof(s.Dev)},
		field{key: "st_rdev", op: op32, offset: unsafe.Offsetof(s.Rdev)},
		field{key: "st_uid", op: op32, offset: unsafe.Offsetof(s.UID)},
		field{key: "st_gid", op: op32, offset: unsafe.Offsetof(s.GID)},
		field{key: "st_blksize", op: op32, offset: unsafe.Offsetof(s.BlkSize)},
		field{key: "st_flags", op: op32, offset: unsafe.Offsetof(s.Flags)},
		field{key: "st_gen", op: op32, offset: unsafe.Offsetof(s.Gen)},
		field{key: "st_ino", op: op64, offset: unsafe.Offsetof(s.Ino)},
		field{key: "st_size", op: op64, offset: unsafe.Offsetof(s.Size)},
		field{key: "st_blocks", op: op64, offset: unsafe.Offsetof(s.Blocks)},
		field{key: "st_atimespec", op: opTime, offset: unsafe.Offsetof(s.ATime)},
		field{key: "st_mtimespec", op: opTime, offset: unsafe.Offsetof(s.MTime)},
		field{key: "st_ctimespec", op: opTime, offset: unsafe.Offsetof(s.CTime)},
		field{key: "st_birthtimespec", op: opTime, offset: unsafe.Offsetof(s.BirthTime)},
	)
}()

// fileShape has a path like any other, folderShape one that comes again and again.
var fileShape, folderShape = fileShapeOf(opText), fileShapeOf(opRecall)

func fileShapeOf(path op) *shape {
	var f es.File
	return newShape("file",
		field{key: "path", op: path, offset: unsafe.Offsetof(f.Path)},
		field{key: "path_truncated", op: opBool, offset: unsafe.Offsetof(f.PathTruncated)},
		field{key: "stat", op: opStat, offset: unsafe.Offsetof(f.Stat)},
	)
}

var processShape = func() *shape {
	var p es.Process
	return newShape("process",
		field{key: "audit_token", op: opToken, offset: unsafe.Offsetof(p.AuditToken)},
		field{key: "parent_audit_token", op: opToken, offset: unsafe.Offsetof(p.ParentAuditToken)},
		field{key: "responsible_audit_token", op: opToken, offset: unsafe.Offsetof(p.ResponsibleAuditToken)},
		field{key: "ppid", op: op32, offset: unsafe.Offsetof(p.PPID)},
		field{key: "original_ppid", op: op32, offset: unsafe.Offsetof(p.OriginalPPID)},
		field{key: "group_id", op: op32, offset: unsafe.Offsetof(p.GroupID)},
		field{key: "session_id", op: op32, offset: unsafe.Offsetof(p.SessionID)},
		field{key: "codesigning_flags", op: op32, offset: unsafe.Offsetof(p.CodesigningFlags)},
		field{key: "cs_validation_category", op: op32, offset: unsafe.Offsetof(p.CSValidationCategory)},
		field{key: "is_platform_binary", op: opBool, offset: unsafe.Offsetof(p.IsPlatformBinary)},
		field{key: "is_es_client", op: opBool, offset: unsafe.Offsetof(p.IsESClient)},
		field{key: "cdhash", op: opHash, offset: unsafe.Offsetof(p.CDHash)},
		field{key: "signing_id", op: opRecall, offset: unsafe.Offsetof(p.SigningID)},
		field{key: "team_id", op: opRecall, offset: unsafe.Offsetof(p.TeamID)},
		field{key: "executable", op: opImage, offset: unsafe.Offsetof(p.Executable)},
		field{key: "tty", op: opImagePtr, offset: unsafe.Offsetof(p.TTY)},
		field{key: "start_time", op: opTime, offset: unsafe.Offsetof(p.StartTime)},
	)
}()

var messageShape = func() *shape {
	var m es.Message
	var d Decoder
	result := newShape("action.result.result",
		field{key: "auth", op: opNumber, offset: unsafe.Offsetof(d.auth)},
		field{key: "flags", op: opNumber, offset: unsafe.Offsetof(d.flags)},
	)
	results := newShape("action.result",
		field{key: "result_type", op: opNumber, offset: unsafe.Offsetof(d.resultType)},
		field{key: "result", op: opObject, sub: result},
	)
	return newShape("message",
		field{key: "event", op: opEvent},
		field{key: "process", op: opProcess, offset: unsafe.Offsetof(m.Process)},
		field{key: "version", op: opInt, offset: unsafe.Offsetof(m.Version)},
		field{key: "time", op: opTime, offset: unsafe.Offsetof(m.Time)},
		field{key: "mach_time", op: op64, offset: unsafe.Offsetof(m.MachTime)},
		field{key: "seq_num", op: op64, offset: unsafe.Offsetof(m.SeqNum)},
		field{key: "global_seq_num", op: op64, offset: unsafe.Offsetof(m.GlobalSeqNum)},
		field{key: "glob_seq_num", op: op64, offset: unsafe.Offsetof(m.GlobalSeqNum), like: "global_seq_num"},
		field{key: "event_type", op: opNumber, offset: unsafe.Offsetof(d.eventType)},
		field{key: "thread", op: opObject, sub: newShape("thread",
			field{key: "thread_id", op: op64, offset: unsafe.Offsetof(m.ThreadID)},
		)},
		field{key: "action", op: opAction, sub: newShape("action",
			field{key: "result", op: opObject, sub: results},
			field{key: "auth", op: opSkip},
		)},
		field{key: "schema_version", op: opSkip},
		field{key: "action_type", op: opSkip},
		field{key: "deadline", op: opSkip},
	)
}()

const hasEventAndProcess = 1<<0 | 1<<1 // of messageShape
