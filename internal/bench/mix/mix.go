package mix

import (
	"fmt"
	"slices"
	"strings"
)

// Mix makes lines without end, or until what it tells is over.
type Mix struct {
	dice
	calendar calendar
	oneOrder bool // see OneOrder

	epoch, now int64 // wall clock; mach_time follows it
	step       int64 // mean nanoseconds between messages
	sequence   uint64
	counts     [256]uint64 // messages of each type
	pid        int32
	kept       map[int32]bool // pids of what never exits
	pidversion uint32
	ino, names uint64

	launchd *image
	world   world
	acts    []*act // under way
	idle    []*act

	line, body, inner         object
	value, fileText, statText []byte
}

// world plans acts. nil means that nothing more happens; what is under way is told to its end.
type world interface {
	plan(m *Mix, a *act) bool
}

// Names are the mixes and the worst cases, in the order in which they are told of.
var Names = slices.Concat([]string{"edr", "forks"}, Worst)

// OneOrder behind a name gives all objects with as many keys one order of them. Without it each has an order of its own, which
// processors find hard to foresee: the worst that eslogger may write.
const OneOrder = "-one-order"

// New begins the mix of that name. Worst cases take size as what they are to hold: executions, items, files or lines.
func New(name string, size int, seed uint64) (*Mix, error) {
	name, oneOrder := strings.CutSuffix(name, OneOrder)
	m := &Mix{
		oneOrder: oneOrder,
		dice:     dice(seed ^ 0x5eed), epoch: 1_772_359_200_000_000_000, now: 1_772_359_200_000_000_000, step: 100_000,
		pid: 400, pidversion: 2000, ino: 1_000_000, kept: map[int32]bool{},
	}
	m.launchd = &image{path: slashes("/sbin/launchd"), id: "com.apple.xpc.launchd", platform: true, ino: 17, hash: "0123456789ABCDEF0123456789ABCDEF01234567"}
	ahead := 40
	switch name {
	case "edr":
		m.world = newDesk(m)
	case "forks":
		m.world = newForks(m)
		m.step = 200_000
	default:
		worst, err := newWorst(m, name, size)
		if err != nil {
			return nil, err
		}
		m.world, ahead = worst, 1
	}
	for range ahead {
		m.idle = append(m.idle, &act{})
	}
	return m, nil
}

// Append appends the next line, with its newline; nothing when all is told.
func (m *Mix) Append(dst []byte) []byte {
	for len(m.idle) > 0 && m.world != nil {
		a := m.idle[len(m.idle)-1]
		a.steps, a.next = a.steps[:0], 0
		if !m.world.plan(m, a) {
			m.world = nil
			break
		}
		m.idle = m.idle[:len(m.idle)-1]
		m.acts = append(m.acts, a)
	}
	if len(m.acts) == 0 {
		return dst
	}
	i := 0
	if len(m.acts) > 1 {
		i = m.below(len(m.acts))
	}
	a := m.acts[i]
	dst = m.tell(dst, &a.steps[a.next])
	if a.next++; a.next == len(a.steps) {
		m.acts[i] = m.acts[len(m.acts)-1]
		m.acts = m.acts[:len(m.acts)-1]
		m.idle = append(m.idle, a)
	}
	return dst
}

// appendObject writes an object.
func (m *Mix) appendObject(dst []byte, o *object) []byte {
	if m.oneOrder {
		one := dice(o.n)
		return o.appendTo(dst, &one)
	}
	return o.appendTo(dst, &m.dice)
}

// tell writes a step as a line.
func (m *Mix) tell(dst []byte, s *step) []byte {
	m.now += int64(m.below(int(2 * m.step)))
	k := &kinds[s.kind]
	m.eventBody(s)
	o := &m.line
	o.reset()
	o.literal("schema_version", "1")
	o.literal("version", "10")
	o.time("time", m.now, &m.calendar)
	o.uint("mach_time", uint64(m.now-m.epoch)/125*3+48_000_000_000)
	o.uint("seq_num", m.counts[s.kind])
	o.uint("global_seq_num", m.sequence)
	m.counts[s.kind]++
	m.sequence++
	o.key("thread")
	o.text = append(fmt.Append(append(o.text, `{"thread_id":`...), uint64(s.by.pidversion)*64+7), '}')
	o.end()
	o.literal("action_type", "1")
	if s.kind == open {
		o.literal("action", `{"result":{"result_type":1,"result":{"flags":4294967295}}}`)
	} else {
		o.literal("action", `{"result":{"result_type":0,"result":{"auth":0}}}`)
	}
	m.value = m.appendProcess(m.value[:0], s.by)
	o.raw("process", m.value)
	o.literal("event_type", k.number)
	o.key("event")
	o.text = append(append(append(o.text, `{"`...), k.name...), `":`...)
	o.text = append(m.appendObject(o.text, &m.body), '}')
	o.end()
	if s.extra != "" {
		o.literal("extra", s.extra)
	}
	dst = m.appendObject(dst, o)
	if s.after != nil {
		s.after.busy = false
	}
	return append(dst, '\n')
}
