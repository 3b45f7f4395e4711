package scenario

import (
	"errors"
	"fmt"
	"strings"

	"ascribe.example/es"
)

// run is one building of a script.
type run struct {
	s     *Script
	m     *mac
	o     Options
	knobs knobSet
	names map[string]*proc
}

// build lets the script happen.
func build(s *Script, o Options) (*Result, error) {
	r := &run{s: s, names: make(map[string]*proc, 16)}
	r.knobs = knobSet{seed: 1, host: "B0A1C2D3-0000-5000-8000-00000000A5C1", boot: "5E550000-0000-4000-8000-00000000B007"}
	for i := range s.sentence {
		if st := &s.sentence[i]; st.spec.knob {
			if err := st.spec.does(r, &st.args); err != nil {
				return nil, r.at(st, err)
			}
		}
	}
	r.o = r.o.under(o)
	kinds, err := subscribed(r.o.Subscribed, r.o.Version)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	m := newMac(r.knobs.seed)
	r.m = m
	m.client = &client{
		version: r.o.Version, kinds: kinds, skip: r.o.Start.Message, after: int64(r.o.Start.After), snap: !r.o.Bare && !r.o.Start.NoSnapshot,
	}
	if r.knobs.time != 0 {
		m.wall = int64(r.knobs.time) - m.now
	}
	if r.knobs.timebase.Numer != 0 {
		m.timebase = r.knobs.timebase
	}
	m.shadow, m.retry = r.knobs.shadow, r.o.Retries
	if r.o.Noise.Ratio > 0 {
		m.noise = newNoise(r, r.o.Noise)
	}
	r.names["launchd"] = m.launchd
	for i := range s.sentence {
		if label := s.sentence[i].spec.needs; label != "" {
			r.system(label)
		}
	}
	for i := range s.sentence {
		if st := &s.sentence[i]; !st.spec.knob {
			if err := r.sentence(st); err != nil {
				return nil, r.at(st, err)
			}
		}
	}
	return r.result(), nil
}

// most is how often one sentence may let a thing happen.
const most = 10_000_000

// sentence lets one line happen.
func (r *run) sentence(st *sentence) error {
	m := r.m
	m.line = st.args.line
	for _, v := range st.args.vals {
		if v.name == "times" || v.name == "writes" || v.name == "files" || v.name == "n" {
			if n := st.args.num(v.name, 0); n > most {
				return &wrong{word: v.words[0], want: fmt.Sprintf("at most %d", most)}
			}
		}
	}
	if !st.spec.quiet {
		m.client.poise(m)
	}
	m.gather, m.step = st.spec.low, st.args.has("step")
	if !st.spec.subject {
		return st.spec.does(r, &st.args)
	}
	who := r.names[st.args.get("who")]
	if who == nil {
		return fmt.Errorf("%q: not running", st.args.get("who"))
	}
	if !who.alive {
		return &wrong{word: st.args.get("who"), want: "a process that is still running"}
	}
	if st.sub != nil {
		if err := st.spec.does(r, &st.args); err != nil {
			return err
		}
		other := r.proc(&st.args, "other")
		kept := other.behalf
		if !st.sub.args.has("for") {
			other.behalf = who.standsFor()
		}
		err := r.sentence(st.sub)
		other.behalf = kept
		return err
	}
	if !st.args.has("for") && !st.args.has("inside") && !st.args.has("viewer") {
		return st.spec.does(r, &st.args)
	}
	kept := who.behalf
	r.behind(who, &st.args)
	err := st.spec.does(r, &st.args)
	who.behalf = kept
	return err
}

// behind takes from a sentence's clauses who is behind it, where that is not who is behind all that its actor does.
func (r *run) behind(who *proc, a *args) {
	if a.has("for") {
		who.behalf = r.names[a.get("for")].standsFor()
	}
	b := &who.behalf
	switch {
	case a.has("inside"): // an app that holds an agent: the tokens are the same as when a person types in it
		if b.agent = who; b.resp != nil {
			b.agent = b.resp
		}
	case a.has("viewer"): // input through screen sharing: the messages are those of the person at the screen [D]
		b.class, b.session, b.address = "remote", "screen-sharing", a.get("viewer")
	}
}

// standsFor is what another process works for when it works for p.
func (p *proc) standsFor() behalf {
	b := p.behalf
	if b.resp == nil {
		b.resp = p
	}
	return b
}

// at puts the place before a mistake that only shows while the script happens.
func (r *run) at(st *sentence, err error) error {
	var w *wrong
	if errors.As(err, &w) {
		w.name, w.line = r.s.Name, st.args.line
		return w
	}
	return fmt.Errorf("%s:%d: %w", r.s.Name, st.args.line, err)
}

// who is the actor of a sentence.
func (r *run) who(a *args) *proc { return r.names[a.get("who")] }

// proc is another process that a sentence names.
func (r *run) proc(a *args, key string) *proc { return r.names[a.get(key)] }

// lives is like proc, but the process must still run.
func (r *run) lives(a *args, key string) (*proc, error) {
	p := r.proc(a, key)
	if p == nil || !p.alive {
		return nil, &wrong{word: a.get(key), want: "a process that is still running"}
	}
	return p, nil
}

// source is a file that a sentence speaks of: there, or never spoken of before.
func (r *run) source(path string) (*node, error) {
	path = canonical(path)
	if n := r.m.find(path); n != nil {
		return n, nil
	}
	for p := path; p != "/"; p = dirOf(p) {
		if line, gone := r.m.removed[p]; gone {
			return nil, &wrong{word: path, want: fmt.Sprintf("a file that is there (line %d took %s away)", line, p)}
		}
	}
	return r.m.there(path), nil
}

// into is the path that a copy or move to "to" ends at: inside, where that is a folder.
func (r *run) into(from, to string) string {
	if strings.HasSuffix(to, "/") {
		return join(canonical(to), base(canonical(from)))
	}
	if n := r.m.find(to); n != nil && n.isDir() {
		if src := r.m.find(from); src == nil || src != n {
			return join(canonical(to), base(canonical(from)))
		}
	}
	return canonical(to)
}

// result is what came of it.
func (r *run) result() *Result {
	m, c := r.m, r.m.client
	if !c.begun {
		c.begin(m)
	}
	res := &Result{Name: r.s.Name, End: m.wallNow(), Expected: r.s.expected, Users: m.accounts(), options: r.o, acts: c.acts}
	res.Truth = m.truths()
	if !r.o.Bare {
		res.Header = &es.Header{
			Host: r.knobs.host, Boot: r.knobs.boot, Client: "C1", OS: osOf(c.version), Time: c.time,
			Timebase: m.timebase, Subscribed: c.kinds, HasKinds: true,
		}
		res.Snapshot = c.snapshot
	}
	res.People = make([]Identity, 0, len(m.lives))
	for _, x := range m.lives {
		res.People = append(res.People, Identity{
			Name: x.name, Key: x.key(), Path: x.image.path, Image: x.stage, Boot: x.boot, From: x.from, To: x.to,
		})
	}
	res.index = make(map[uint64]int, len(c.acts))
	for i := range c.acts {
		res.index[c.acts[i].Seq] = i
	}
	res.deliver(c.msgs)
	return res
}

func osOf(version int) string {
	return "macOS " + [...]string{"13.0 (22A380)", "13.3 (22E252)", "15.0 (24A335)", "15.4 (24E248)", "26.0 (25A354)", "27.0 (26A5353q)"}[version-6]
}
