package engine

import (
	"encoding/gob"
	"time"

	"ascribe.example/es"
)

const (
	// retryWindow is how long after a create, a rename or an unlink its report can be a repetition of the same call. The
	// VFS layer restarts a call that raced with another (ERECYCLE, EKEEPLOOKING) from its name lookup, at once and on
	// the same thread: microseconds. 1 ms leaves room for a lookup that has to block, and is too short for a person.
	retryWindow = time.Millisecond
	// retrySlots is how many threads are remembered at once. Two threads that share a slot make each other forget: a
	// repetition may then count twice, but nothing is taken for one that is not. Within 1 ms that is a rare meeting.
	retrySlots = 1024
)

// retries tells which messages repeat the one before. CREATE, RENAME and UNLINK can be reported several times for one
// system call, because the VFS layer retries [D: ESMessage.h].
//
// A repetition has the thread, the execution, the kind, the files and the paths of the thread's last message, and comes
// within retryWindow. Anything else that the thread did in between ends it: a program that creates, removes and creates
// again is seen to do so. The inode is compared too, so that where only creates were recorded two files of one name stay two.
type retries struct {
	slots [retrySlots]retrySlot
}

type retrySlot struct {
	Thread uint64 // 0: free
	Key    es.Key
	Kind   es.Kind
	Names  uint64 // hash of the paths and files
	Clock  time.Duration
}

// isRetry reports whether m, which stands at the given moment in boot, repeats what its thread just did. It wants every
// message that was handed on in order, of any kind. Messages without a thread are never repetitions.
func (r *retries) isRetry(m *es.Message, boot uint32, at es.Moment) bool {
	if m.ThreadID == 0 {
		return false
	}
	s := &r.slots[m.ThreadID*0x9E3779B97F4A7C15>>(64-10)]
	k := m.Kind()
	if k != es.KindCreate && k != es.KindRename && k != es.KindUnlink {
		if s.Thread == m.ThreadID {
			s.Thread = 0
		}
		return false
	}
	now := retrySlot{Thread: m.ThreadID, Key: m.Process.Key(boot), Kind: k, Names: namesOf(m.Event), Clock: at.Clock}
	before := *s
	*s = now
	passed := now.Clock - before.Clock
	before.Clock = now.Clock
	return before == now && passed >= 0 && passed <= retryWindow
}

// namesOf hashes what a create, a rename or an unlink acts on. The hash has no seed: it is saved.
func namesOf(e es.Event) uint64 {
	var h uint64
	switch e := e.(type) {
	case *es.Create:
		h = hashFile(hashFile(uint64(e.DestinationType)+1, &e.ExistingFile), &e.Dir)
		h = hashString(h, e.Filename)
	case *es.Rename:
		h = hashFile(hashFile(uint64(e.DestinationType)+1, &e.Source), &e.ExistingFile)
		h = hashString(hashFile(h, &e.Dir), e.Filename)
	case *es.Unlink:
		h = hashFile(hashFile(1, &e.Target), &e.ParentDir)
	}
	return h
}

func hashFile(h uint64, f *es.File) uint64 {
	return mix(hashString(h, f.Path), f.Stat.Ino^uint64(uint32(f.Stat.Dev))<<32)
}

// hashString takes eight bytes at a time.
func hashString(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|
			uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
		s = s[8:]
	}
	var last uint64
	for i := range len(s) {
		last |= uint64(s[i]) << (8 * i)
	}
	return mix(h, last)
}

// mix is one step of a multiplicative hash with the finaliser of SplitMix64.
func mix(h, v uint64) uint64 {
	h = (h ^ v) + 0x9E3779B97F4A7C15
	h = (h ^ h>>30) * 0xBF58476D1CE4E5B9
	h = (h ^ h>>27) * 0x94D049BB133111EB
	return h ^ h>>31
}

// retriesState is what is saved: the used slots and where they are.
type retriesState struct {
	At    []uint16
	Slots []retrySlot
}

// Save writes the table's state.
func (r *retries) Save(w *gob.Encoder) error {
	var st retriesState
	for i := range r.slots {
		if r.slots[i].Thread != 0 {
			st.At = append(st.At, uint16(i))
			st.Slots = append(st.Slots, r.slots[i])
		}
	}
	return w.Encode(&st)
}

// Restore reads what Save wrote.
func (r *retries) Restore(d *gob.Decoder) error {
	var st retriesState
	if err := d.Decode(&st); err != nil {
		return err
	}
	*r = retries{}
	for i, at := range st.At {
		if int(at) < retrySlots && i < len(st.Slots) {
			r.slots[at] = st.Slots[i]
		}
	}
	return nil
}
