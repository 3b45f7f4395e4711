package catalog

import (
	"fmt"
	"io"
	"sync"
)

// Strength says by what a program was recognised.
type Strength uint8

// The strengths, from none to the best.
const (
	Unmatched Strength = iota // not in the catalogue
	Weak                      // by where it lies: an ad hoc signed tool, or a script that an interpreter runs; both can be imitated
	Signed                    // by team id and signing id
	Platform                  // a platform binary, by signing id or a path on the sealed system volume
)

// String is the strength's word.
func (s Strength) String() string {
	switch s {
	case Weak:
		return "weak"
	case Signed:
		return "signed"
	case Platform:
		return "platform"
	}
	return "unmatched"
}

// Known says how well the fact that a program is recognised by is known.
type Known byte

// The ways of knowing.
const (
	Documented Known = 'D' // by Apple or the maker
	Source     Known = 'S' // read in public source
	Reported   Known = 'R' // by third parties
	Inferred   Known = 'G' // ours; no source confirms it
)

// Identity is what ES says of an execution's program.
type Identity struct {
	Path      string // of the executable, canonical
	SigningID string
	TeamID    string // "" none
	Platform  bool   // is_platform_binary
	CSFlags   uint32 // codesigning_flags; 0 unknown
	Script    string // exec.script; "" none
	Args      []string
}

// Program is what the catalogue knows of a program. The zero Program is one it does not know.
type Program struct {
	Name        string // as people know it: "Finder", "Claude Code"
	By          string // the interpreter that runs the script it was known by; "" none
	Classes     Class
	Strength    Strength
	Known       Known
	Interactive bool // a person also types in it: what it does may be the person's own doing
}

// Has reports whether the program is of all the given classes.
func (p Program) Has(c Class) bool { return p.Classes&c == c && c != 0 }

// Any reports whether the program is of any of the given classes.
func (p Program) Any(c Class) bool { return p.Classes&c != 0 }

// Weak reports whether the program is known only by where it, or its script, lies.
func (p Program) Weak() bool { return p.Strength == Weak }

// Catalog is a set of programs, ready to match. It never changes.
type Catalog struct {
	entries []entry // what was added last stands first
	lookup  lookup
}

// ruleRef names a rule of an entry.
type ruleRef struct{ entry, rule int32 }

// Default is the embedded catalogue.
func Default() *Catalog { return embedded() }

var embedded = sync.OnceValue(func() *Catalog {
	c, err := load(data)
	if err != nil {
		panic("catalog: the embedded catalogue is broken: " + err.Error()) // a test reads it: no build has it so
	}
	return c
})

// With is the catalogue with the entries of r before its own. An entry with the name of an older one replaces it.
// Errors are *[SyntaxError], naming the line, or what reading r gave.
func (c *Catalog) With(r io.Reader) (*Catalog, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	added, err := parse(string(text))
	if err != nil {
		return nil, err
	}
	return newCatalog(merge(added, c.entries)), nil
}

// Len is the number of entries.
func (c *Catalog) Len() int { return len(c.entries) }

// Code signing flags [D: cs_blobs.h].
const (
	csValid = 0x1
	csAdhoc = 0x2
)

// Match names a program. It allocates nothing; call it once an execution.
//
// What contradicts a signature (flags that say ad hoc or no longer valid) is never matched as signed, and a program that
// has a platform flag or a team id is never matched by its path alone.
func (c *Catalog) Match(p Identity) Program {
	ref, ok := c.signed(&p)
	if !ok && !p.Platform && p.TeamID == "" {
		ref, ok = c.adhoc(&p)
	}
	if !ok {
		return Program{}
	}
	e := &c.entries[ref.entry]
	found := e.program(&e.rules[ref.rule])
	if !e.runsScripts() {
		return found
	}
	script, module, ok := e.scriptOf(&p)
	if !ok {
		return found
	}
	ref, ok = c.script(script, module)
	if !ok {
		return found
	}
	by := found
	s := &c.entries[ref.entry]
	found = s.program(&s.rules[ref.rule])
	found.By, found.Classes = by.Name, found.Classes|by.Classes
	return found
}

// search is the earliest rule that holds, as far as looked.
type search struct {
	c    *Catalog
	best ruleRef
	ok   bool
}

// in looks through rules, in order, until one holds or an earlier one is known.
func (s *search) in(refs []ruleRef, p *Identity) {
	for _, ref := range refs {
		if s.ok && ref.entry >= s.best.entry {
			return
		}
		if s.c.entries[ref.entry].rules[ref.rule].holds(p) {
			s.best, s.ok = ref, true
			return
		}
	}
}

// fits does the same for rules that are found by a pattern, which sorts most of them out.
func (s *search) fits(list []placed, key string, p *Identity) {
	for i := range list {
		x := &list[i]
		if s.ok && x.entry >= s.best.entry {
			return
		}
		if x.pattern.matches(key) && s.c.entries[x.entry].rules[x.rule].holds(p) {
			s.best, s.ok = x.ruleRef, true
			return
		}
	}
}

// signed finds the entry that a valid signature names.
func (c *Catalog) signed(p *Identity) (ruleRef, bool) {
	if p.CSFlags != 0 && (p.CSFlags&csValid == 0 || p.CSFlags&csAdhoc != 0) {
		return ruleRef{}, false
	}
	s := search{c: c}
	l := &c.lookup
	if p.Platform || p.TeamID != "" {
		s.in(l.byID[p.SigningID], p)
	}
	if p.Platform {
		s.in(l.byPath[p.Path], p)
		s.fits(l.ids, p.SigningID, p)
		s.fits(l.paths, p.Path, p)
	}
	if p.TeamID != "" {
		s.in(l.teams[p.TeamID], p)
	}
	return s.best, s.ok
}

// adhoc finds the entry that an ad hoc signed program's place names.
func (c *Catalog) adhoc(p *Identity) (ruleRef, bool) {
	s := search{c: c}
	_, base := cut(p.Path)
	s.in(c.lookup.byBase[base], p)
	s.fits(c.lookup.places, p.Path, p)
	return s.best, s.ok
}

// script finds the entry of a script or of a module.
func (c *Catalog) script(script, module string) (best ruleRef, ok bool) {
	l := &c.lookup
	if script == "" {
		for _, ref := range l.modules {
			if c.entries[ref.entry].rules[ref.rule].runs("", module) {
				return ref, true
			}
		}
		return best, false
	}
	_, base := cut(script)
	for _, ref := range l.byScript[base] {
		if c.entries[ref.entry].rules[ref.rule].runs(script, "") {
			best, ok = ref, true
			break
		}
	}
	for i := range l.scripts {
		x := &l.scripts[i]
		if ok && x.entry >= best.entry {
			break
		}
		if x.pattern.matches(script) {
			return x.ruleRef, true
		}
	}
	return best, ok
}
