package scenario

import (
	"time"

	"ascribe.example/es"
)

// mac is one simulated Mac: its clock, counters, processes and volumes, and the one ES client that watches it.
type mac struct {
	rng rng

	now      int64 // nanoseconds of mach_time: stops in sleep
	wall     int64 // wall clock − now
	timebase es.Timebase
	boot     uint32

	pidv       uint32 // machine-wide, stepped at every fork and every exec [S: kern_fork.c, kern_exec.c]
	lastPID    int32
	lastASID   uint32
	lastThread uint64
	lastPipe   uint64
	lastTTY    int32
	lastGUI    uint32
	lastJob    uint64

	launchd *proc
	procs   []*proc // alive, in order of creation
	byPID   map[int32]*proc
	lives   []*execution
	jobs    []*job
	images  map[string]*image
	users   []*user

	vols     []*volume
	root     *volume
	devs     *volume
	pathGen  uint32
	lastDev  int32
	symlinks int            // made so far: without any, paths need no second look
	removed  map[string]int // path → line of the sentence that took it away
	line     int

	client *client
	noise  *noise
	op     *op // the high-level operation that is happening
	ops    []*op
	gather bool     // a low-level sentence is happening
	step   bool     // it is part of something that another sentence names
	loose  []uint64 // what low-level sentences told since the last high-level one
	mark   int      // as many operations there were then
	shadow shadowOrder
	retry  Rate
	tries  uint64
	denied bool // an authorisation said no
	silent int  // > 0: what happens was before the recording
}

// shadowOrder says when the dying half of an exec closes its descriptors.
type shadowOrder uint8

const (
	shadowEither shadowOrder = iota
	shadowBefore
	shadowAfter
)

// startOfTime is the wall clock at the beginning of a script that does not say.
const startOfTime = 1772359200e9 // 2026-03-01T10:00:00Z

func newMac(seed uint64) *mac {
	m := &mac{
		rng:        rng{seed ^ 0x6d61636f73},
		now:        int64(3725 * time.Second),
		timebase:   es.Timebase{Numer: 125, Denom: 3},
		boot:       1,
		pidv:       523,
		lastPID:    600,
		lastASID:   100014,
		lastThread: 20500,
		lastPipe:   31700,
		lastTTY:    -1,
		lastGUI:    256,
		lastJob:    1152921500311879680,
		lastDev:    16777233,
		byPID:      make(map[int32]*proc, 32),
		images:     make(map[string]*image, 32),
		removed:    map[string]int{},
	}
	m.wall = startOfTime - m.now
	m.makeVolumes()
	m.silent++
	m.makeLaunchd()
	m.silent--
	return m
}

// wallNow is the wall clock.
func (m *mac) wallNow() es.Time { return es.Time(m.now + m.wall) }

// ticks is mach_absolute_time.
func (m *mac) ticks() uint64 {
	return uint64(m.now) / uint64(m.timebase.Numer) * uint64(m.timebase.Denom)
}

// pass lets time go by, with a little unevenness.
func (m *mac) pass(d time.Duration) {
	if m.silent > 0 {
		return
	}
	m.now += int64(d) + int64(m.rng.next()%uint64(d/4+1))
}

// nap stops mach_time while the wall clock goes on.
func (m *mac) nap(d time.Duration) { m.wall += int64(d) }

// stepClock sets the wall clock forth or back.
func (m *mac) stepClock(d time.Duration) { m.wall += int64(d) }

// tell hands an event by execution x of p to the client. It returns the message's number, or es.NoSeq.
func (m *mac) tell(x *execution, ev es.Event, writers []es.Key) uint64 {
	if m.silent > 0 {
		return es.NoSeq
	}
	seq := m.send(x, ev, writers)
	m.between()
	return seq
}

// tellFirst tells of what is only about to happen; between, called once it has, lets others in again.
func (m *mac) tellFirst(x *execution, ev es.Event) {
	if m.silent == 0 {
		m.send(x, ev, nil)
	}
}

// between is the time after a message, for noise.
func (m *mac) between() {
	if m.silent == 0 && m.noise != nil && !m.noise.busy {
		m.noise.after(m)
	}
}

func (m *mac) send(x *execution, ev es.Event, writers []es.Key) uint64 {
	m.pass(12 * time.Microsecond)
	seq := m.client.take(m, x, ev, writers)
	if m.noise != nil {
		m.noise.sent++
	}
	switch {
	case !aboutFiles(ev):
	case m.op != nil && seq == es.NoSeq:
		m.op.missing++
	case m.op != nil:
		m.op.events = append(m.op.events, seq)
	case m.gather && seq != es.NoSeq:
		m.loose = append(m.loose, seq)
	}
	return seq
}

// aboutFiles reports whether an event can be a member of a file operation: one about files, not devices or sockets.
func aboutFiles(ev es.Event) bool {
	switch e := ev.(type) {
	case *es.Open:
		return e.File.Stat.Mode&es.ModeType != es.ModeChar
	case *es.Close:
		return e.Target.Stat.Mode&es.ModeType != es.ModeChar
	case *es.Create, *es.Write, *es.Truncate, *es.MMap, *es.Rename, *es.Unlink, *es.Link, *es.Clone, *es.Copyfile, *es.ExchangeData, *es.ExtAttr,
		*es.SetMode, *es.SetOwner, *es.SetFlags, *es.SetACL, *es.UTimes, *es.Mount, *es.FileProviderMaterialize, *es.FileProviderUpdate:
		return true
	}
	return false
}

// retries tells an event again where the file system retried the call: the same thread, the same paths, at once [D].
func (m *mac) retries(x *execution, ev es.Event) {
	if m.retry.Rate <= 0 || m.silent > 0 {
		return
	}
	m.tries++
	if chance(m.retry.Seed, m.tries, m.retry.Rate) {
		m.send(x, ev, nil)
	}
}

// rng is splitmix64: small, fast, the same everywhere.
type rng struct{ s uint64 }

func (r *rng) next() uint64 {
	r.s += 0x9e3779b97f4a7c15
	return mix(r.s)
}

func (r *rng) n(n int) int { return int(r.next() % uint64(n)) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// chance draws the nth lot of a seed.
func chance(seed, n uint64, rate float64) bool {
	return float64(mix(mix(seed+0x9e3779b97f4a7c15)+n*0x9e3779b97f4a7c15)>>11)/(1<<53) < rate
}

// hash is FNV-1a: what a path's made-up size and age are drawn from.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mix(h)
}
