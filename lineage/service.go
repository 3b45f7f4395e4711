package lineage

import (
	"slices"

	"ascribe.example/es"
)

// Served says how a service was tied to the life that serves it.
type Served uint8

// The ties, by rising strength.
const (
	ServedNone    Served = iota
	ServedByLabel        // its launchd label is the service's name
	ServedByJob          // the snapshot's job of that label offers the service
	ServedCheckIn        // it checked in for the name
	ServedTarget         // a look-up was answered with it
)

// tie says that an execution serves a name.
type tie struct {
	Name string
	How  Served
}

// service is a name that somebody asked for or serves.
type service struct {
	links []int32
	lives []Ref // executions that checked in for it or were given as its owner
}

const (
	maxTies        = 32    // names that one execution checked in for
	maxInstances   = 64    // processes of one label or service
	maxJobNames    = 32768 // service names of all snapshot jobs
	maxJobServices = 64    // of one job
)

func (t *Tracker) service(name string) *service {
	s := t.services[name]
	if s == nil {
		s = new(service)
		t.services[name] = s
	}
	return s
}

// checkedIn: the instigator told launchd that it serves the name [D].
func (t *Tracker) checkedIn(ev *es.BootstrapCheckIn, at es.Moment) {
	if s, _ := t.instigator(ev.Instigator, ev.InstigatorToken, at); s != nil && ev.ServiceName != "" {
		t.serves(s, clip(ev.ServiceName, MaxName), ServedCheckIn)
	}
}

func (t *Tracker) serves(s *slot, name string, how Served) {
	for i := range s.serves {
		if s.serves[i].Name == name {
			s.serves[i].How = max(s.serves[i].How, how)
			return
		}
	}
	if len(s.serves) == maxTies {
		t.stats.Dropped++
		return
	}
	name = t.strings.name(name)
	s.serves = append(s.serves, tie{name, how})
	t.indexServed(s, name)
	t.weigh(s)
}

func (t *Tracker) indexServed(s *slot, name string) {
	v := t.service(name)
	v.lives = slices.DeleteFunc(v.lives, func(r Ref) bool { e := t.At(r); return e == nil || e.Exited })
	if s.e.Exited {
		return
	}
	if len(v.lives) < maxInstances {
		v.lives = append(v.lives, s.e.Ref)
	} else {
		t.stats.Dropped++
	}
}

// label gives an execution, and the images after it, launchd's name for the life.
func (t *Tracker) label(s *slot, label string, from LabelSource) {
	for n := 0; s != nil && n < maxChain; n++ {
		e := &s.e
		if from < e.LabelFrom || e.Label == label && from == e.LabelFrom {
			return
		}
		t.unindexLabel(s)
		e.Label, e.LabelFrom = label, from
		t.indexLabel(s)
		t.weigh(s)
		s = t.slotOf(e.Next)
	}
}

// indexLabel keeps, for each label, the newest image of each live process that has it.
func (t *Tracker) indexLabel(s *slot) {
	if s.e.Exited || s.e.Label == "" {
		return
	}
	for _, name := range [2]string{s.e.Label, baseLabel(s.e.Label)} {
		if name == "" {
			continue
		}
		l := t.labels[name]
		i := slices.IndexFunc(l, func(r Ref) bool { e := t.At(r); return e != nil && e.Life == s.e.Life })
		switch {
		case i >= 0:
			if l[i] < s.e.Ref {
				l[i] = s.e.Ref
			}
		case len(l) < maxInstances:
			t.labels[name] = append(l, s.e.Ref)
		default:
			t.stats.Dropped++
		}
	}
}

func (t *Tracker) unindexLabel(s *slot) {
	if s.e.Label == "" {
		return
	}
	for _, name := range [2]string{s.e.Label, baseLabel(s.e.Label)} {
		l := t.labels[name]
		l = slices.DeleteFunc(l, func(r Ref) bool { return r == s.e.Ref })
		if len(l) > 0 {
			t.labels[name] = l
		} else {
			delete(t.labels, name)
		}
	}
}

// baseLabel is a label without the UUID that launchd puts behind the name of one instance of several; "" if it has none [G].
func baseLabel(label string) string {
	n := len(label) - 36
	if n < 2 || label[n-1] != '.' {
		return ""
	}
	for i, c := range []byte(label[n:]) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return ""
		}
	}
	return label[:n-1]
}

// endService closes, when a process exits, what it was the server of, where it was the only one for the name.
func (t *Tracker) endService(s *slot, at es.Moment) {
	e := &s.e
	var buf [8]tie
	ties := t.servicesOf(buf[:0], e)
	for n, x := 0, e; x != nil && n < maxChain; n++ {
		t.unindexLabel(t.slotOf(x.Ref))
		x = t.At(x.Prev)
	}
	for _, tie := range ties {
		v := t.services[tie.Name]
		if v == nil || len(v.links) == 0 {
			continue
		}
		others := t.instances(tie.Name) > 0
		for _, i := range v.links {
			l := &t.links[i]
			if known(l.Ended) || before(at, l.First) || l.ClientKey.Boot != e.Key.Boot {
				continue
			}
			if l.Target == e.Life || l.Target == 0 && !others {
				l.Ended, l.Broken = at, true
				l.Target = 0 // the next to serve the name may be another process
			}
		}
	}
}

// servicesOf appends the names that an execution's life serves, the strongest tie of each.
func (t *Tracker) servicesOf(dst []tie, e *Execution) []tie {
	add := func(name string, how Served) {
		for i := range dst {
			if dst[i].Name == name {
				dst[i].How = max(dst[i].How, how)
				return
			}
		}
		dst = append(dst, tie{name, how})
	}
	for n, x := 0, e; x != nil && n < maxChain; n++ {
		for _, tie := range t.slotOf(x.Ref).serves {
			add(tie.Name, tie.How)
		}
		x = t.At(x.Prev)
	}
	if e.Label != "" {
		for _, name := range t.jobs[e.Label] {
			add(name, ServedByJob)
		}
		add(e.Label, ServedByLabel)
		if base := baseLabel(e.Label); base != "" {
			add(base, ServedByLabel)
		}
	}
	return dst
}

// ServersOf appends the live executions that are known to serve a name, in order of first sight.
func (t *Tracker) ServersOf(dst []Ref, service string) []Ref {
	from := len(dst)
	add := func(refs []Ref) {
		for _, r := range refs {
			r = t.Successor(r)
			if e := t.At(r); e == nil || e.Exited || slices.ContainsFunc(dst[from:], func(o Ref) bool { return t.At(o).Life == e.Life }) {
				continue
			}
			dst = append(dst, r)
		}
	}
	if v := t.services[service]; v != nil {
		add(v.lives)
	}
	add(t.labels[service])
	for _, label := range t.jobsOf[service] {
		add(t.labels[label])
	}
	slices.Sort(dst[from:])
	return dst
}

func (t *Tracker) instances(service string) int {
	var buf [16]Ref
	return len(t.ServersOf(buf[:0], service))
}

// takeJobs learns launchd's jobs: which label offers which Mach services, and which process it runs in.
func (t *Tracker) takeJobs(jobs []es.Job) {
	for i := range jobs {
		j := &jobs[i]
		if !isLabel(j.Label) {
			continue
		}
		label := t.strings.name(j.Label)
		for n, name := range j.MachServices {
			name = clip(name, MaxName)
			if contains(t.jobs[label], name) {
				continue
			}
			if n >= maxJobServices || t.jobNames >= maxJobNames {
				t.stats.Dropped++
				continue
			}
			name = t.strings.name(name)
			t.jobs[label] = append(t.jobs[label], name)
			t.jobsOf[name] = append(t.jobsOf[name], label)
			t.jobNames++
		}
		if j.PID <= 0 {
			continue
		}
		if k := t.pids[pidKey{t.boot, j.PID}]; k != 0 && !t.slots.at(k).e.Exited {
			t.label(t.slotOf(t.First(t.slots.at(k).e.Ref)), label, LabelSnapshot)
		}
	}
}

// The starter of launchd's services. Malware was seen under its name elsewhere, so the path alone proves nothing [R].
const (
	xpcproxyPath      = "/usr/libexec/xpcproxy"
	xpcproxySigningID = "com.apple.xpc.proxy"
)

func isXPCProxy(m *Image) bool {
	return m.Path == xpcproxyPath && m.Platform && m.SigningID == xpcproxySigningID
}

// isLabel reports whether a string may be a launchd label. Programs that are no service have "0" as XPC_SERVICE_NAME.
func isLabel(s string) bool { return s != "" && s != "0" && len(s) <= MaxName }

// readEnvironment reads the label and the bundle of a new image. launchd gives xpcproxy the label as its argument, and the
// image that xpcproxy makes has it as XPC_SERVICE_NAME [R, measured]; any other process inherits that variable or fakes it.
func (t *Tracker) readEnvironment(target, actor *slot, ev *es.Exec) {
	e := &target.e
	e.BundleID = ""
	if e.Image.Path == xpcproxyPath {
		if isXPCProxy(&e.Image) && len(ev.Args) > 1 && isLabel(ev.Args[1]) {
			t.label(target, t.strings.name(ev.Args[1]), LabelStarter)
		}
		return
	}
	for _, v := range ev.Env {
		if id, ok := cutPrefix(v, "__CFBundleIdentifier="); ok && len(id) <= MaxName {
			e.BundleID = t.strings.name(id)
		}
		label, ok := cutPrefix(v, "XPC_SERVICE_NAME=")
		switch {
		case !ok || !isLabel(label):
		case actor != nil && isXPCProxy(&actor.e.Image):
			t.label(target, t.strings.name(label), LabelService)
		case e.LaunchedByLaunchd() && e.Prev == 0:
			t.label(target, t.strings.name(label), LabelEnvironment)
		}
	}
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || s[:len(prefix)] != prefix {
		return "", false
	}
	return s[len(prefix):], true
}
