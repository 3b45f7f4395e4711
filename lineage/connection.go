package lineage

import (
	"cmp"
	"slices"
	"time"

	"ascribe.example/es"
)

// Connection is a client's link to a named service.
type Connection struct {
	Client    Ref    // 0 where only its key is known
	ClientKey es.Key // zero unknown
	Service   string
	Domain    int32     // es_xpc_domain_type_t of a connect; 0 of a look-up
	LookUp    bool      // bootstrap_look_up: asked for, not known to be used
	First     es.Moment // of all
	At        es.Moment // the latest at or before the moment asked for
	Ended     es.Moment // an end exited; zero: open
	Broken    bool      // the service has exited since, the client has not: libxpc may have connected again unseen [G]
	Count     uint32    // times it was told
	Served    Served    // how the service was tied to the execution asked about
	Instances int32     // live processes that could serve this name; more than one: which of them is not known
}

// MaxClients bounds one answer of [Tracker.ClientsOf].
const MaxClients = 64

// link is what is remembered of one client and one service.
type link struct {
	Client    Ref
	ClientKey es.Key
	Service   string
	Domain    int32
	LookUp    bool
	First     es.Moment
	Recent    [4]es.Moment // newest first
	Ended     es.Moment
	Broken    bool
	Count     uint32
	Target    LifeID // which process a look-up was answered with; 0 not told
	Dead      bool   // dropped; its place is reused when the table is tidied
}

type linkKey struct {
	client  es.Key
	service string
	domain  int32
	lookUp  bool
}

// maxServiceLinks bounds the clients that are remembered of one service: beyond that nobody could tell them apart.
const maxServiceLinks = 256

// connected: the process asked for a named service. It is the client end [D]; it need not have sent anything.
func (t *Tracker) connected(actor *slot, ev *es.XPCConnect, at es.Moment) {
	if actor == nil || ev.ServiceName == "" {
		return
	}
	t.connect(actor, actor.e.Key, clip(ev.ServiceName, MaxName), ev.DomainType, false, at)
}

// lookedUp: launchd submits the event, the instigator asked [D]. A look-up is no request yet.
func (t *Tracker) lookedUp(ev *es.BootstrapLookUp, at es.Moment) {
	client, key := t.instigator(ev.Instigator, ev.InstigatorToken, at)
	target := t.party(ev.TargetProcess, at)
	if ev.ServiceName == "" || key.IsZero() {
		return
	}
	name := clip(ev.ServiceName, MaxName)
	l := t.connect(client, key, name, 0, true, at)
	if target != nil {
		l.Target = target.e.Life
		t.serves(target, name, ServedTarget)
	}
}

func (t *Tracker) instigator(p *es.Process, tok es.AuditToken, at es.Moment) (*slot, es.Key) {
	if s := t.party(p, at); s != nil {
		return s, s.e.Key
	}
	key := t.keyOf(tok)
	return t.slotOf(t.Find(key)), key
}

// connect finds or makes the link, and counts this telling of it. The result is good until the next call.
func (t *Tracker) connect(client *slot, key es.Key, name string, domain int32, lookUp bool, at es.Moment) *link {
	k := linkKey{key, name, domain, lookUp}
	if i, ok := t.linkIx[k]; ok {
		l := &t.links[i]
		l.again(at)
		l.endedWith(client)
		return l
	}
	if len(t.links) >= t.limits.Connections {
		t.dropLinks()
	}
	name = t.strings.name(name)
	k.service = name
	i := int32(len(t.links))
	t.links = append(t.links, link{
		ClientKey: key, Service: name, Domain: domain, LookUp: lookUp, First: at, Recent: [4]es.Moment{at}, Count: 1,
	})
	t.linkIx[k] = i
	if client != nil {
		t.links[i].Client = client.e.Ref
		client.links = append(client.links, i)
	}
	t.links[i].endedWith(client)
	t.addServiceLink(name, i)
	return &t.links[i]
}

// endedWith closes a link that was told after its client had ended.
func (l *link) endedWith(client *slot) {
	if client != nil && !client.e.Alive() {
		l.Ended, l.Broken = client.e.End, false
	}
}

// again notes that a link was told once more.
func (l *link) again(at es.Moment) {
	l.Count++
	if before(at, l.First) {
		l.First = at
	}
	if known(l.Ended) && before(l.Ended, at) {
		l.Ended, l.Broken = es.Moment{}, false
	}
	i := 0
	for i < len(l.Recent) && known(l.Recent[i]) && before(at, l.Recent[i]) {
		i++
	}
	if i < len(l.Recent) {
		copy(l.Recent[i+1:], l.Recent[i:])
		l.Recent[i] = at
	}
}

// lastBy is the latest telling at or before a moment.
func (l *link) lastBy(at es.Moment) es.Moment {
	for _, m := range l.Recent {
		if known(m) && !before(at, m) {
			return m
		}
	}
	return l.First
}

func (t *Tracker) addServiceLink(name string, i int32) {
	s := t.service(name)
	if len(s.links) >= maxServiceLinks {
		// Ended ones go first, then the oldest.
		slices.SortStableFunc(s.links, t.byWorth)
		n := maxServiceLinks / 4
		for _, j := range s.links[:n] {
			t.killLink(j)
		}
		s.links = slices.Delete(s.links, 0, n)
	}
	s.links = append(s.links, i)
}

// byWorth orders links: what can be forgotten first stands first.
func (t *Tracker) byWorth(a, b int32) int {
	x, y := &t.links[a], &t.links[b]
	if x.Dead != y.Dead {
		return cmp.Compare(truth(y.Dead), truth(x.Dead))
	}
	if c := cmp.Compare(truth(known(y.Ended)), truth(known(x.Ended))); c != 0 {
		return c
	}
	if c := cmp.Compare(x.ClientKey.Boot, y.ClientKey.Boot); c != 0 {
		return c
	}
	if c := cmp.Compare(x.Recent[0].Clock, y.Recent[0].Clock); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (t *Tracker) killLink(i int32) {
	l := &t.links[i]
	if l.Dead {
		return
	}
	l.Dead = true
	delete(t.linkIx, linkKey{l.ClientKey, l.Service, l.Domain, l.LookUp})
	t.stats.Dropped++
}

// dropLinks forgets an eighth of all links and tidies the table.
func (t *Tracker) dropLinks() {
	order := make([]int32, len(t.links))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, t.byWorth)
	for _, i := range order[:len(order)/8+1] {
		t.killLink(i)
	}
	t.links = slices.DeleteFunc(t.links, func(l link) bool { return l.Dead })
	t.indexLinks()
}

// indexLinks builds what is derived from the links.
func (t *Tracker) indexLinks() {
	clear(t.linkIx)
	for _, s := range t.services {
		s.links = s.links[:0]
	}
	for i := int32(1); i <= t.slots.top; i++ {
		t.slots.at(i).links = nil
	}
	for i := range t.links {
		l := &t.links[i]
		if l.Dead {
			continue
		}
		t.linkIx[linkKey{l.ClientKey, l.Service, l.Domain, l.LookUp}] = int32(i)
		s := t.service(l.Service)
		s.links = append(s.links, int32(i))
		if c := t.slotOf(l.Client); c != nil {
			c.links = append(c.links, int32(i))
		}
	}
	for name, s := range t.services {
		if len(s.links) == 0 && len(s.lives) == 0 {
			delete(t.services, name)
		}
	}
}

// endLinks closes what an execution was the client of: ports do not outlive its task, and exec makes a new one [S].
func (t *Tracker) endLinks(s *slot, at es.Moment) {
	for _, i := range s.links {
		if l := &t.links[i]; l.Client == s.e.Ref && (!known(l.Ended) || l.Broken) {
			l.Ended, l.Broken = at, false
		}
	}
}

// ClientsOf appends who was connected to the services of the execution's life at the given moment, or had connected or
// looked one up not longer than within before it: newest first, at most [MaxClients]. A client may have connected before
// the service ran: launchd starts it on demand. What the service exiting has broken is listed, marked, while the client
// lives.
func (t *Tracker) ClientsOf(dst []Connection, ref Ref, at es.Moment, within time.Duration) []Connection {
	e := t.At(ref)
	if e == nil {
		return dst
	}
	t.names = t.servicesOf(t.names[:0], e)
	t.found = t.found[:0]
	for _, tie := range t.names {
		s := t.services[tie.Name]
		if s == nil || len(s.links) == 0 {
			continue
		}
		instances := int32(t.instances(tie.Name))
		for _, i := range s.links {
			if c, ok := t.connectionAt(&t.links[i], e, at, within); ok {
				c.Served, c.Instances = tie.How, instances
				t.found = append(t.found, c)
			}
		}
	}
	return t.newestClients(dst)
}

// AskersOf appends the clients of a service by its name alone, whoever serves it, as [Tracker.ClientsOf] does: for names
// that nothing has tied to a process.
func (t *Tracker) AskersOf(dst []Connection, service string, at es.Moment, within time.Duration) []Connection {
	s := t.services[service]
	if s == nil {
		return dst
	}
	t.found = t.found[:0]
	instances := int32(t.instances(service))
	for _, i := range s.links {
		if c, ok := t.connectionAt(&t.links[i], nil, at, within); ok {
			c.Instances = instances
			t.found = append(t.found, c)
		}
	}
	return t.newestClients(dst)
}

// newestClients appends what was found, newest first, up to the bound.
func (t *Tracker) newestClients(dst []Connection) []Connection {
	slices.SortFunc(t.found, func(a, b Connection) int {
		if before(a.At, b.At) {
			return 1
		}
		if before(b.At, a.At) {
			return -1
		}
		return cmp.Or(b.ClientKey.Compare(a.ClientKey), cmp.Compare(b.Served, a.Served), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Domain, b.Domain))
	})
	return append(dst, t.found[:min(len(t.found), MaxClients)]...)
}

// connectionAt is a link as it stood at a moment, if it counts then for the execution (nil: for whoever serves the name).
func (t *Tracker) connectionAt(l *link, e *Execution, at es.Moment, within time.Duration) (Connection, bool) {
	boot, life := t.boot, LifeID(0)
	if e != nil {
		boot, life = e.Key.Boot, e.Life
	}
	if l.Dead || l.ClientKey.Boot != boot || before(at, l.First) || life != 0 && l.Target != 0 && l.Target != life {
		return Connection{}, false
	}
	client := t.At(l.Client)
	if client != nil && client.Life == life {
		return Connection{}, false
	}
	last := l.lastBy(at)
	open := !l.LookUp && (!known(l.Ended) || before(at, l.Ended) || l.Broken)
	if !open && at.Clock-last.Clock > within {
		return Connection{}, false
	}
	c := Connection{
		ClientKey: l.ClientKey, Service: l.Service, Domain: l.Domain, LookUp: l.LookUp,
		First: l.First, At: last, Ended: l.Ended, Count: l.Count, Broken: l.Broken && !before(at, l.Ended),
	}
	if client != nil {
		c.Client = l.Client
	}
	return c, true
}
