package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A sentence's pattern is written as the manual writes it:
//
//	word                 stands for itself; this|that for either
//	<type:name>          a value: path, name (of what was declared), new (a name to declare), user, num, size, time, word …
//	<type:name...>       one or more
//	[ … ]                may be left out
//
// What follows a comma is a clause; a spec lists the clauses that it takes, each "key: pattern".

type spec struct {
	pattern string
	clauses []string
	quiet   bool   // describes what is, and lets nothing happen
	knob    bool   // says how it is recorded
	low     bool   // one system call: "means" may say what several of them were
	needs   string // a daemon of macOS that must run since before the recording
	does    func(r *run, a *args) error

	main    []element
	ends    []clause
	subject bool // begins with an actor
}

type clause struct {
	key  string
	seq  []element
	text string
}

type element struct {
	kind string   // literal, slot, optional
	alts []string // literals
	typ  string
	name string
	many bool
	seq  []element
}

// args are a matched sentence's values.
type args struct {
	vals []value
	line int
}

type value struct {
	name  string
	words []string
}

func (a *args) list(name string) []string {
	for i := range a.vals {
		if a.vals[i].name == name {
			return a.vals[i].words
		}
	}
	return nil
}

func (a *args) get(name string) string {
	if l := a.list(name); len(l) > 0 {
		return l[0]
	}
	return ""
}

func (a *args) has(name string) bool {
	return slices.ContainsFunc(a.vals, func(v value) bool { return v.name == name })
}

func (a *args) num(name string, otherwise int64) int64 {
	if s := a.get(name); s != "" {
		n, _ := parseSize(s)
		return n
	}
	return otherwise
}

func (a *args) duration(name string) time.Duration {
	d, _ := parseDuration(a.get(name))
	return d
}

// parseSize reads 90210, 90_210, 4k, 10M, 2G.
func parseSize(s string) (int64, bool) {
	mul := int64(1)
	t := s
	if t != "" {
		switch t[len(t)-1] {
		case 'k', 'K':
			mul, t = 1<<10, t[:len(t)-1]
		case 'M':
			mul, t = 1<<20, t[:len(t)-1]
		case 'G':
			mul, t = 1<<30, t[:len(t)-1]
		}
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(t, "_", ""), 10, 64)
	if err != nil || n < 0 || n > (1<<62)/mul {
		return 0, false
	}
	return n * mul, true
}

// parseDuration reads what time.ParseDuration does, and days.
func parseDuration(s string) (time.Duration, bool) {
	if d, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(d)
		return time.Duration(n) * 24 * time.Hour, err == nil && n >= -3650 && n <= 3650
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d.Abs() < 10*365*24*time.Hour
}

// apart puts brackets apart from words.
var apart = strings.NewReplacer("[", " [ ", "]", " ] ")

func compile(pattern string) []element {
	seq, rest := compileSeq(strings.Fields(apart.Replace(pattern)))
	if len(rest) > 0 {
		panic("scenario: unbalanced brackets: " + pattern)
	}
	return seq
}

func compileSeq(f []string) (seq []element, rest []string) {
	for len(f) > 0 {
		t := f[0]
		f = f[1:]
		switch {
		case t == "[":
			var inner []element
			inner, f = compileSeq(f)
			f = f[1:]
			seq = append(seq, element{kind: "optional", name: flagOf(inner), seq: inner})
		case t == "]":
			return seq, append([]string{t}, f...)
		case t[0] == '<':
			t = strings.Trim(t, "<>")
			e := element{kind: "slot"}
			t, e.many = strings.CutSuffix(t, "...")
			e.typ, e.name, _ = strings.Cut(t, ":")
			if e.name == "" {
				e.name = e.typ
			}
			seq = append(seq, e)
		default:
			seq = append(seq, element{kind: "literal", alts: strings.Split(t, "|"), name: t})
		}
	}
	return seq, nil
}

// flagOf is the name under which a group of plain words is remembered: the words.
func flagOf(seq []element) string {
	var l []string
	for _, e := range seq {
		if e.kind != "literal" || len(e.alts) > 1 {
			return ""
		}
		l = append(l, e.alts[0])
	}
	return strings.Join(l, " ")
}

// matcher tries one pattern on words; it remembers how far it came, and what would have let it go on.
type matcher struct {
	s     *scope
	words []word
	vals  []value
	far   int
	want  []string
}

func (m *matcher) fail(at int, want string) bool {
	if at > m.far {
		m.far, m.want = at, m.want[:0]
	}
	if at == m.far && !slices.Contains(m.want, want) {
		m.want = append(m.want, want)
	}
	return false
}

// match matches elements from word i on, and then what follows them.
func (m *matcher) match(seq []element, i int, then func(int) bool) bool {
	if len(seq) == 0 {
		return then(i)
	}
	e := &seq[0]
	switch e.kind {
	case "optional":
		kept := len(m.vals)
		if m.match(e.seq, i, func(j int) bool {
			at := len(m.vals)
			if e.name != "" {
				m.vals = append(m.vals, value{name: e.name})
			}
			if m.match(seq[1:], j, then) {
				return true
			}
			m.vals = m.vals[:at]
			return false
		}) {
			return true
		}
		m.vals = m.vals[:kept]
		return m.match(seq[1:], i, then)
	case "literal":
		if i >= len(m.words) || m.words[i].quoted || !slices.Contains(e.alts, m.words[i].text) {
			return m.fail(i, quoteAll(e.alts))
		}
		kept := len(m.vals)
		if len(e.alts) > 1 {
			m.vals = append(m.vals, value{e.name, []string{m.words[i].text}})
		}
		if m.match(seq[1:], i+1, then) {
			return true
		}
		m.vals = m.vals[:kept]
		return false
	}
	kept := len(m.vals)
	end := i
	for end < len(m.words) && (e.many || end == i) {
		if want := m.s.accepts(e.typ, m.words[end]); want != "" {
			m.fail(end, want)
			break
		}
		end++
	}
	if i >= len(m.words) {
		return m.fail(i, typeNames[e.typ])
	}
	for j := end; j > i; j-- { // the longest first
		l := make([]string, j-i)
		for k := range l {
			l[k] = m.words[i+k].text
		}
		m.vals = append(m.vals[:kept], value{e.name, l})
		if m.match(seq[1:], j, then) {
			return true
		}
	}
	m.vals = m.vals[:kept]
	return false
}

func quoteAll(l []string) string {
	q := make([]string, len(l))
	for i, s := range l {
		q[i] = strconv.Quote(s)
	}
	return strings.Join(q, " or ")
}

// scope is what a script has declared so far.
type scope struct {
	actors map[string]bool
	users  map[string]bool
}

var typeNames = map[string]string{
	"path": "an absolute path", "place": "an absolute path", "name": "a declared name", "new": "a new name", "user": "a declared user",
	"newuser": "a new user's name", "num": "a number", "size": "a size such as 4096, 12k or 3M", "time": "a time span such as 200ms, 5s or 10m",
	"moment": "a time such as 2026-03-01T10:00:00Z", "word": "a word", "rate": "a share such as 5% or 0.05", "mode": "a mode such as 644",
	"fraction": "a timebase such as 125/3", "message": "numbers of messages", "cmd": "a command", "ratio": "a number",
	"action": "what happened", "class": "a class: console, remote, scheduled, agent, device, system, unknown",
}

// accepts says what is wanted instead of w; "" if it fits.
func (sc *scope) accepts(typ string, w word) string {
	ok := true
	t := w.text
	switch typ {
	case "path", "place":
		ok = strings.HasPrefix(t, "/")
	case "name":
		if !sc.actors[t] {
			return "a declared name" + sc.like(t)
		}
	case "user":
		ok = sc.users[t]
	case "new":
		if sc.actors[t] || sc.users[t] {
			return "a name that is not taken yet"
		}
		ok = t != "" && !strings.HasPrefix(t, "/") && t[0] != '(' && !w.quoted
	case "newuser":
		ok = t != "" && !sc.users[t] && !sc.actors[t] && !w.quoted
	case "num", "size", "message":
		_, ok = parseSize(t)
	case "ratio":
		_, err := strconv.ParseFloat(t, 64)
		ok = err == nil
	case "time":
		_, ok = parseDuration(t)
	case "moment":
		_, err := time.Parse(time.RFC3339Nano, t)
		ok = err == nil
	case "rate":
		_, ok = parseRate(t)
	case "mode":
		_, err := strconv.ParseUint(t, 8, 12)
		ok = err == nil
	case "action":
		if !slices.Contains(actionWords, t) {
			return "what happened: " + strings.Join(actionWords, ", ")
		}
	case "class":
		ok = slices.Contains(classWords, t)
	case "fraction":
		a, b, cut := strings.Cut(t, "/")
		x, e1 := strconv.ParseUint(a, 10, 16)
		y, e2 := strconv.ParseUint(b, 10, 16)
		ok = cut && e1 == nil && e2 == nil && x > 0 && y > 0
	}
	if ok {
		return ""
	}
	return typeNames[typ]
}

func (sc *scope) like(name string) string {
	best := ""
	for a := range sc.actors {
		if strings.EqualFold(a, name) || near(a, name) {
			if best == "" || a < best {
				best = a
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (is %s meant?)", best)
}

// near reports whether one letter makes the difference.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < 2 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

func parseRate(s string) (float64, bool) {
	t, percent := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(t, 64)
	if percent {
		f /= 100
	}
	return f, err == nil && f >= 0 && f <= 1
}
