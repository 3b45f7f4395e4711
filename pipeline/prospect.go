package pipeline

import (
	"errors"
	"fmt"
	"slices"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/recording"
)

// prospect is an input that is not begun: where it begins, as far as a look told.
type prospect struct {
	input  Input
	cursor *cursor

	host   string
	boot   string
	client string
	time   es.Time // of the first message, else of the first control line that has one; 0 unknown
	first  mark
	header bool // it begins with a begin line
	apart  bool // it overlaps the inputs before it and cannot be merged with them: it comes after them
}

// mark is where a message stands.
type mark struct {
	has  bool
	time es.Time
	mach uint64
	seq  uint64
}

func markOf(m *es.Message) mark { return mark{true, m.Time, m.MachTime, m.GlobalSeqNum} }

// lookBytes is how much of an input is searched for its first message.
const lookBytes = 8 << 20

// look finds out how an input begins. An input that cannot be read twice stays open.
func (r *run) look(in Input) (*prospect, error) {
	p := &prospect{input: in, host: r.o.Host}
	if !in.Again {
		c, err := r.start(p)
		if err != nil {
			return nil, err
		}
		p.cursor = c
		it, err := c.head()
		if err != nil || it == nil {
			return p, err
		}
		b := c.batch
		for i := range b.items {
			switch it := &b.items[i]; it.kind {
			case itemControl:
				p.control(r, &b.controls[it.index])
			case itemMessage:
				p.message(&b.messages[it.index])
				return p, nil
			}
		}
		return p, nil
	}
	source, err := in.Open()
	if err != nil {
		return nil, notOpened(in, err)
	}
	defer func() { _ = source.Close() }() // only read
	text, _, err := recording.Decompress(source)
	if err != nil {
		return p, nil // it will be told when it is read
	}
	defer func() { _ = text.Close() }()
	b := &batch{decoder: eslogger.NewDecoder()}
	splitter := recording.NewSplitter(text, r.o.Limit, 0)
	for splitter.Fill(&b.block) == nil && splitter.Offset() < lookBytes {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		for i := range b.block.Pieces {
			raw := b.block.Pieces[i].Raw
			if b.block.Pieces[i].Unreadable() {
				continue
			}
			var m es.Message
			if b.decoder.Decode(raw, &m) == nil {
				p.message(&m)
				return p, nil
			}
			if c, err := recording.ParseControl(raw); err == nil {
				p.control(r, &c)
			} else if errors.Is(err, recording.ErrNotControl) {
				continue
			}
		}
	}
	return p, nil
}

func (p *prospect) message(m *es.Message) {
	p.first = markOf(m)
	if m.Time != 0 {
		p.time = m.Time
	}
}

func (p *prospect) control(r *run, c *recording.Control) {
	if h := c.Header; h != nil {
		p.header = true
		p.host, p.boot, p.client = h.Host, h.Boot, h.Client
		if p.host == "" {
			p.host = r.o.Host
		}
		if p.time == 0 {
			p.time = h.Time
		}
	}
	if p.time == 0 && c.Snapshot != nil {
		p.time = c.Snapshot.Time
	}
}

// group is the inputs of one host, in the order of their contents.
type group struct {
	host   string
	inputs []*prospect
	named  bool // see name
}

// group looks at all inputs and puts them in order.
func (r *run) group(inputs []Input) ([]*group, error) {
	var groups []*group
	byHost := map[string]*group{}
	for _, in := range inputs {
		p, err := r.look(in)
		if err != nil {
			return nil, err
		}
		g := byHost[p.host]
		if g == nil {
			g = &group{host: p.host}
			byHost[p.host] = g
			groups = append(groups, g)
		}
		// Insertion keeps the order of the command line where the contents do not tell, and does not mind that
		// "earlier" is no strict order between boots whose clocks were set.
		at := len(g.inputs)
		for at > 0 && p.earlier(g.inputs[at-1]) {
			at--
		}
		g.inputs = append(g.inputs, nil)
		copy(g.inputs[at+1:], g.inputs[at:])
		g.inputs[at] = p
	}
	for _, g := range groups {
		g.name()
	}
	r.tellNameless(groups)
	return groups, nil
}

// tellNameless tells of inputs that do not say their host, where others do. They may be parts of the same recording; whether
// they are, only their owner knows.
func (r *run) tellNameless(groups []*group) {
	named := slices.IndexFunc(groups, func(g *group) bool { return g.host != "" })
	if named < 0 {
		return
	}
	for _, g := range groups {
		if g.host != "" {
			continue
		}
		for _, p := range g.inputs {
			if p.first.has {
				r.diagnose(Diagnostic{Trouble: Nameless, Input: p.input.Name, Says: fmt.Sprintf(
					"it does not say its host, and is taken for another than %q: --host %s joins them", groups[named].host, groups[named].host)})
			}
		}
	}
}

// earlier reports that p begins before q.
func (p *prospect) earlier(q *prospect) bool {
	if p.boot != "" && p.boot == q.boot && p.first.mach != 0 && q.first.mach != 0 {
		return p.first.mach < q.first.mach
	}
	return p.time < q.time
}

// name reports whether inputs that do not say which client they are of cannot all be of one: within a client's life
// global_seq_num rises, so an input that begins later with a number that is not higher is another's. Then clients are told
// apart by numbers of ours. Parts of one stream stay without, as the whole has none.
func (g *group) name() {
	last := (*prospect)(nil)
	for _, p := range g.inputs {
		if p.client != "" || !p.first.has || p.first.seq == es.NoSeq {
			continue
		}
		if last != nil && p.first.seq <= last.first.seq && p.first != last.first {
			g.named = true
		}
		last = p
	}
}
