package scenario

import (
	"fmt"
	"strings"

	"ascribe.example/es"
)

const protExec = 0x4 // PROT_EXEC [D: sys/mman.h]

// client is the one ES client: what it subscribed to, when it began, how it numbered what it got.
type client struct {
	version  int
	kinds    es.Kinds
	skip     uint64
	after    int64 // nanoseconds of event time
	snap     bool
	begun    bool
	seen     uint64
	started  int64
	perKind  [es.KindCount]uint64
	global   uint64
	slab     []es.Message
	msgs     []*es.Message
	acts     []Act
	snapshot *es.Snapshot
	time     es.Time
}

// since is the message version that brought an event; 0: before version 6.
func since(k es.Kind) int {
	switch k {
	case es.KindXPCConnect, es.KindSu, es.KindSudo:
		return 7
	case es.KindGatekeeperUserOverride:
		return 8
	case es.KindTCCModify:
		return 9
	case es.KindBootstrapLookUp, es.KindBootstrapCheckIn:
		return 11
	}
	return 0
}

// subscriptions by name. An EDR leaves out what costs it most: open, write, mmap, truncate.
var subscriptions = map[string][]es.Kind{
	"close only": {es.KindClose},
	"close exec": {es.KindClose, es.KindExec, es.KindFork, es.KindExit},
	"edr": {
		es.KindFork, es.KindExec, es.KindExit, es.KindClose, es.KindCreate, es.KindRename, es.KindUnlink, es.KindLink, es.KindClone,
		es.KindCopyfile, es.KindSetExtAttr, es.KindMount, es.KindUnmount, es.KindXPCConnect, es.KindBootstrapLookUp,
		es.KindOpenSSHLogin, es.KindOpenSSHLogout, es.KindLoginLogin, es.KindLoginLogout, es.KindLWSessionLogin,
		es.KindLWSessionLogout, es.KindScreenSharingAttach, es.KindScreenSharingDetach, es.KindAuthentication, es.KindSu, es.KindSudo,
		es.KindBTMLaunchItemAdd, es.KindGetTask, es.KindRemoteThreadCreate, es.KindTrace,
	},
}

// subscribed is the set of kinds that words name: a known subscription, or short names.
func subscribed(words string, version int) (es.Kinds, error) {
	var set es.Kinds
	switch {
	case words == "" || words == "everything":
		set = es.AllKinds()
		set.Add(es.KindOther)
	case subscriptions[words] != nil:
		set = es.NewKinds(subscriptions[words]...)
	default:
		for _, w := range strings.Fields(words) {
			k := es.KindOf(w)
			if k == es.KindOther {
				return set, fmt.Errorf("subscribed to %q: not an event that this package knows; say everything, close only, close exec, edr, or ES's short names", w)
			}
			set.Add(k)
		}
	}
	var got es.Kinds
	for _, k := range set.List() {
		if since(k) <= version {
			got.Add(k)
		}
	}
	return got, nil
}

// poise takes the snapshot that a recording begins with, before the first sentence that is told.
func (c *client) poise(m *mac) {
	if !c.begun && c.skip == 0 && c.after == 0 {
		c.begin(m)
	}
}

func (c *client) begin(m *mac) {
	c.begun = true
	c.time = m.wallNow()
	if c.snap {
		c.snapshot = m.snapshot()
	}
}

// take numbers a message and keeps it, if the client is there and wants it.
func (c *client) take(m *mac, x *execution, ev es.Event, writers []es.Key) uint64 {
	k := ev.Kind()
	if !c.kinds.Has(k) {
		return es.NoSeq
	}
	if !c.begun {
		if c.started == 0 {
			c.started = m.now
		}
		if c.seen < c.skip || m.now-c.started < c.after {
			c.seen++
			if c.seen == c.skip && c.after == 0 {
				c.begin(m)
			}
			return es.NoSeq
		}
		c.begin(m)
	}
	if len(c.slab) == cap(c.slab) {
		c.slab = make([]es.Message, 0, min(1024, 64+2*len(c.msgs)))
	}
	c.slab = append(c.slab, es.Message{
		Version: c.version, Time: m.wallNow(), MachTime: m.ticks(), SeqNum: c.perKind[k], GlobalSeqNum: c.global, ThreadID: x.thread, Denied: m.denied,
		Process: m.describe(x), Event: ev,
	})
	c.msgs = append(c.msgs, &c.slab[len(c.slab)-1])
	c.acts = append(c.acts, Act{Seq: c.global, Doer: x.key(), Writers: writers[:len(writers):len(writers)], Truth: -1})
	c.perKind[k]++
	c.global++
	return c.global - 1
}

// snapshot is what a live host would list now.
func (m *mac) snapshot() *es.Snapshot {
	s := &es.Snapshot{Time: m.wallNow(), Mounts: m.mounts()}
	for _, p := range m.procs {
		s.Processes = append(s.Processes, es.SnapshotProcess{
			Process: m.describe(p.cur), Args: p.cur.args, Label: p.label, BundleID: p.bundle,
		})
	}
	s.Users = m.accounts()
	for _, j := range m.jobs {
		e := es.Job{Label: j.label, Program: j.program, MachServices: j.services, Domain: j.domain, UID: j.uid}
		if j.proc != nil && j.proc.alive {
			e.PID = j.proc.pid
		}
		s.Jobs = append(s.Jobs, e)
	}
	return s
}

func (m *mac) accounts() []es.User {
	l := []es.User{{UID: 0, Name: "root", Home: "/var/root"}}
	for _, u := range m.users {
		l = append(l, es.User{UID: u.uid, Name: u.name, Home: u.home})
	}
	return l
}
