package eslogger

import (
	"unsafe"

	"ascribe.example/es"
)

// Memory is what the messages of one batch are made of. The zero value is ready.
type Memory struct {
	// Where strings are decoded to, with room for all of the value at hand.
	out    unsafe.Pointer
	outLen int
	outCap int
	idle   int

	events      events
	files       pool[es.File]
	processes   pool[es.Process]
	lists       pool[string]
	descriptors pool[es.FD]
}

// memory is embedded in a decoder, which does not show it.
type memory = Memory

// restart takes back the memory of earlier messages.
func (d *Decoder) restart() {
	d.files.reset()
	d.processes.reset()
	d.lists.reset()
	d.descriptors.reset()
	if d.outCap > 1<<20 && d.outLen < d.outCap/8 {
		if d.idle++; d.idle == 64 {
			d.out, d.outCap, d.padded, d.idle = nil, 0, nil, 0
		}
	} else {
		d.idle = 0
	}
	d.outLen = 0
}

// pool hands out elements of one large allocation after another. What it handed out stays valid until it is reset;
// then the newest and largest allocation serves again, so that a steady load allocates nothing.
type pool[T any] struct {
	buf  []T // length is capacity
	n    int // handed out of buf
	idle int // resets in a row that used little of a large buf
}

// reserve makes room for n more elements in one piece.
func (p *pool[T]) reserve(n int) {
	if n > len(p.buf)-p.n {
		p.buf, p.n = make([]T, max(2*len(p.buf), n)), 0
	}
}

// take hands out one element, as it was left; with step 0 the same one every time.
func (p *pool[T]) take(step int) *T {
	if p.n == len(p.buf) {
		p.reserve(1)
	}
	e := &p.buf[p.n]
	p.n += step
	return e
}

// reset takes everything back. Memory that one huge value or batch needed is let go after a while.
func (p *pool[T]) reset() {
	const large = 1 << 16
	if len(p.buf) > large && p.n < len(p.buf)/8 {
		if p.idle++; p.idle == 64 {
			p.buf, p.idle = nil, 0
		}
	} else if p.n > 0 {
		p.idle = 0
	}
	p.n = 0
}

// recall remembers strings that come again and again (signing ids, teams, programs, folders) by their text in the
// input. Of each pair of places the first holds the last string that fell on it, the second the one before.
type recall struct {
	slots [recallSlots]remembered
	chunk []byte // what the slots' newest strings are made of
	taken int    // bytes of all their strings
}

const (
	recallBits  = 14
	recallSlots = 1 << recallBits
	recallBytes = 256 << 10 // of all strings; then all are forgotten
	recallChunk = 4 << 10
	recallMost  = 1024 // longest text that is remembered
)

type remembered struct{ raw, text string }

// put remembers that raw means text, and returns a lasting copy of text. When there are recallBytes of them all are
// forgotten, and left to the messages that still use them. Those of kinds that come seldom stay as they were for long, and each
// string in them holds its chunk: so chunks are small. With one chunk for all strings, 34 of 256 KiB were held that nobody
// needed, at six million events.
func (r *recall) put(slot uint64, raw, text string) string {
	n := len(raw) + len(text)
	if r.taken += n; r.taken > recallBytes {
		r.chunk, r.taken = nil, n
		clear(r.slots[:])
	}
	if n > cap(r.chunk)-len(r.chunk) {
		r.chunk = make([]byte, 0, recallChunk)
	}
	n = len(r.chunk)
	r.chunk = append(append(r.chunk, raw...), text...)
	whole := unsafe.String(unsafe.SliceData(r.chunk[n:]), len(raw)+len(text))
	e := &r.slots[slot]
	r.slots[slot^1] = *e
	e.raw, e.text = whole[:len(raw)], whole[len(raw):]
	return e.text
}

// recallSlot is the place of a text of the given length: by its ends and its middle, since texts that agree there are few.
func recallSlot(p unsafe.Pointer, i, length int) uint64 {
	const k = 0x9e3779b97f4a7c15
	if length < 16 {
		first, last := load64(p, i), load64(p, i+length-8) // what stands before the text is its key
		if length < 8 {
			first, last = first<<(64-8*uint(length)&63), 0
		}
		h := (first ^ uint64(length)) * k
		return ((h ^ h>>29 ^ last) * k) >> (64 - recallBits)
	}
	h := (load64(p, i) ^ load64(p, i+length/2-4)<<1 ^ uint64(length)) * k
	h = (h ^ h>>29 ^ load64(p, i+length-16)) * k
	h = (h ^ h>>29 ^ load64(p, i+length-8)) * k
	return h >> (64 - recallBits)
}

// recall reads a string that is likely to have come before.
func (d *Decoder) recall(i int) (string, int) {
	p, end := d.base, d.end
	if at(p, i) != '"' {
		return "", bad
	}
	j := i + 1
	for {
		if j >= end {
			return "", bad
		}
		if m := quoteMask(load64(p, j)); m != 0 {
			j += trailing(m)
			break
		}
		j += 8
	}
	length := j - i - 1
	if at(p, j) != '"' || at(p, j-1) == '\\' || length > recallMost {
		return d.text(i)
	}
	raw := unsafe.String((*byte)(unsafe.Add(p, i+1)), length)
	slot := recallSlot(p, i+1, length)
	if e := &d.recalled.slots[slot]; e.raw == raw {
		return e.text, j + 1
	}
	if e := &d.recalled.slots[slot^1]; e.raw == raw {
		return e.text, j + 1
	}
	s, next := d.text(i)
	if next > 0 && s != "" {
		s = d.recalled.put(slot, raw, s)
	}
	return s, next
}

// events holds the memory of decoded events, by type. With step 0 there is one of each type.
type events struct {
	step int

	fork         pool[es.Fork]
	exec         pool[es.Exec]
	exit         pool[es.Exit]
	signal       pool[es.Signal]
	getTask      pool[es.GetTask]
	remoteThread pool[es.RemoteThreadCreate]
	trace        pool[es.Trace]
	setID        pool[es.SetID]
	open         pool[es.Open]
	close        pool[es.Close]
	create       pool[es.Create]
	write        pool[es.Write]
	truncate     pool[es.Truncate]
	mmap         pool[es.MMap]
	rename       pool[es.Rename]
	unlink       pool[es.Unlink]
	link         pool[es.Link]
	clone        pool[es.Clone]
	copyfile     pool[es.Copyfile]
	exchange     pool[es.ExchangeData]
	extAttr      pool[es.ExtAttr]
	setMode      pool[es.SetMode]
	setOwner     pool[es.SetOwner]
	setFlags     pool[es.SetFlags]
	setACL       pool[es.SetACL]
	utimes       pool[es.UTimes]
	mount        pool[es.Mount]
	xpcConnect   pool[es.XPCConnect]
	lookUp       pool[es.BootstrapLookUp]
	checkIn      pool[es.BootstrapCheckIn]
	uipcConnect  pool[es.UIPCConnect]
	session      pool[es.Session]
	auth         pool[es.Authentication]
	become       pool[es.Become]
	materialize  pool[es.FileProviderMaterialize]
	update       pool[es.FileProviderUpdate]
	launchItem   pool[es.BTMLaunchItemAdd]
	tccModify    pool[es.TCCModify]
	override     pool[es.GatekeeperUserOverride]
	other        pool[es.Other]
}

func (v *events) reset() {
	v.fork.reset()
	v.exec.reset()
	v.exit.reset()
	v.signal.reset()
	v.getTask.reset()
	v.remoteThread.reset()
	v.trace.reset()
	v.setID.reset()
	v.open.reset()
	v.close.reset()
	v.create.reset()
	v.write.reset()
	v.truncate.reset()
	v.mmap.reset()
	v.rename.reset()
	v.unlink.reset()
	v.link.reset()
	v.clone.reset()
	v.copyfile.reset()
	v.exchange.reset()
	v.extAttr.reset()
	v.setMode.reset()
	v.setOwner.reset()
	v.setFlags.reset()
	v.setACL.reset()
	v.utimes.reset()
	v.mount.reset()
	v.xpcConnect.reset()
	v.lookUp.reset()
	v.checkIn.reset()
	v.uipcConnect.reset()
	v.session.reset()
	v.auth.reset()
	v.become.reset()
	v.materialize.reset()
	v.update.reset()
	v.launchItem.reset()
	v.tccModify.reset()
	v.override.reset()
	v.other.reset()
}

// unknownProcess is what is known of a process that a message does not describe.
var unknownProcess = es.Process{CSValidationCategory: -1}

// set puts v into an element and returns it as an event and as the memory that its body is decoded into.
func set[T any, E interface {
	*T
	es.Event
}](p *T, v T) (es.Event, unsafe.Pointer) {
	*p = v
	return E(p), unsafe.Pointer(p)
}

// newEvent makes an event of which nothing is known yet.
func (v *events) newEvent(kind es.Kind) (es.Event, unsafe.Pointer) {
	switch kind {
	case es.KindFork:
		e := v.fork.take(v.step)
		*e = es.Fork{}
		e.Child.CSValidationCategory = -1
		return e, unsafe.Pointer(e)
	case es.KindExec:
		e := v.exec.take(v.step)
		*e = es.Exec{}
		e.Target.CSValidationCategory = -1
		return e, unsafe.Pointer(e)
	case es.KindExit:
		return set(v.exit.take(v.step), es.Exit{})
	case es.KindOpen:
		e := v.open.take(v.step)
		*e = es.Open{}
		return e, unsafe.Pointer(e)
	case es.KindClose:
		e := v.close.take(v.step)
		*e = es.Close{}
		return e, unsafe.Pointer(e)
	case es.KindCreate:
		e := v.create.take(v.step)
		*e = es.Create{}
		return e, unsafe.Pointer(e)
	case es.KindWrite:
		e := v.write.take(v.step)
		*e = es.Write{}
		return e, unsafe.Pointer(e)
	case es.KindTruncate:
		return set(v.truncate.take(v.step), es.Truncate{})
	case es.KindMMap:
		return set(v.mmap.take(v.step), es.MMap{})
	case es.KindRename:
		e := v.rename.take(v.step)
		*e = es.Rename{}
		return e, unsafe.Pointer(e)
	case es.KindUnlink:
		e := v.unlink.take(v.step)
		*e = es.Unlink{}
		return e, unsafe.Pointer(e)
	case es.KindLink:
		return set(v.link.take(v.step), es.Link{})
	case es.KindClone:
		e := v.clone.take(v.step)
		*e = es.Clone{}
		return e, unsafe.Pointer(e)
	case es.KindCopyfile:
		return set(v.copyfile.take(v.step), es.Copyfile{})
	case es.KindExchangeData:
		return set(v.exchange.take(v.step), es.ExchangeData{})
	case es.KindSetExtAttr, es.KindDeleteExtAttr:
		return set(v.extAttr.take(v.step), es.ExtAttr{Which: kind})
	case es.KindSetMode:
		return set(v.setMode.take(v.step), es.SetMode{})
	case es.KindSetOwner:
		return set(v.setOwner.take(v.step), es.SetOwner{UID: es.Unset, GID: es.Unset})
	case es.KindSetFlags:
		return set(v.setFlags.take(v.step), es.SetFlags{})
	case es.KindSetACL:
		return set(v.setACL.take(v.step), es.SetACL{})
	case es.KindUTimes:
		return set(v.utimes.take(v.step), es.UTimes{})
	case es.KindMount, es.KindUnmount, es.KindRemount:
		return set(v.mount.take(v.step), es.Mount{Which: kind, Disposition: es.MountDispositionMissing})
	case es.KindXPCConnect:
		return set(v.xpcConnect.take(v.step), es.XPCConnect{})
	case es.KindBootstrapLookUp:
		return set(v.lookUp.take(v.step), es.BootstrapLookUp{})
	case es.KindBootstrapCheckIn:
		return set(v.checkIn.take(v.step), es.BootstrapCheckIn{})
	case es.KindUIPCConnect:
		return set(v.uipcConnect.take(v.step), es.UIPCConnect{})
	case es.KindAuthentication:
		return set(v.auth.take(v.step), es.Authentication{UID: es.Unset})
	case es.KindSu, es.KindSudo:
		return set(v.become.take(v.step), es.Become{Which: kind, FromUID: es.Unset, ToUID: es.Unset})
	case es.KindSetUID, es.KindSetGID, es.KindSetEUID, es.KindSetEGID, es.KindSetREUID, es.KindSetREGID:
		return set(v.setID.take(v.step), es.SetID{Which: kind, ID: es.Unset, Real: es.Unset})
	case es.KindFileProviderMaterialize:
		return set(v.materialize.take(v.step), es.FileProviderMaterialize{})
	case es.KindFileProviderUpdate:
		return set(v.update.take(v.step), es.FileProviderUpdate{})
	case es.KindBTMLaunchItemAdd:
		return set(v.launchItem.take(v.step), es.BTMLaunchItemAdd{UID: es.Unset})
	case es.KindTCCModify:
		return set(v.tccModify.take(v.step), es.TCCModify{})
	case es.KindGatekeeperUserOverride:
		return set(v.override.take(v.step), es.GatekeeperUserOverride{})
	case es.KindSignal:
		return set(v.signal.take(v.step), es.Signal{Target: unknownProcess})
	case es.KindGetTask, es.KindGetTaskRead, es.KindGetTaskInspect, es.KindGetTaskName:
		return set(v.getTask.take(v.step), es.GetTask{Which: kind, Target: unknownProcess})
	case es.KindRemoteThreadCreate:
		return set(v.remoteThread.take(v.step), es.RemoteThreadCreate{Target: unknownProcess})
	case es.KindTrace:
		return set(v.trace.take(v.step), es.Trace{Target: unknownProcess})
	case es.KindCSInvalidated:
		return &es.CSInvalidated{}, nil
	}
	return set(v.session.take(v.step), es.Session{Which: kind, Success: true, UID: es.Unset})
}
