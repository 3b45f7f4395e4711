package catalog

import (
	"slices"
	"strings"
)

// kind is how a rule recognises.
type kind uint8

const (
	byApple  kind = iota // platform flag, and signing id or sealed path
	byTeam               // team id and signing id
	byAdhoc              // place, and signing id where given
	byScript             // the script that an interpreter runs
	byModule             // the module that python -m runs
)

// rule is one way to know a program.
type rule struct {
	kind  kind
	known Known
	team  string
	ids   []pattern // of signing ids, of scripts, or modules
	at    []pattern // of paths; empty: anywhere
}

// entry is one program.
type entry struct {
	name        string
	classes     Class
	interactive bool
	rules       []rule
	takes       []string // options that take their value from the next argument, and words that stand before the script
	inline      []string // options whose value is the program itself: there is no script
	module      string   // the option that runs a module
	source      string
	line        int
}

func (e *entry) program(r *rule) Program {
	p := Program{Name: e.name, Classes: e.classes, Known: r.known, Interactive: e.interactive, Strength: Weak}
	switch r.kind {
	case byApple:
		p.Strength = Platform
	case byTeam:
		p.Strength = Signed
	}
	return p
}

// holds reports whether an executable's identity fits the rule.
func (r *rule) holds(p *Identity) bool {
	switch r.kind {
	case byApple:
		if !p.Platform {
			return false
		}
	case byTeam:
		if p.TeamID != r.team || p.TeamID == "" {
			return false
		}
	case byAdhoc:
	default:
		return false
	}
	return (len(r.ids) == 0 || matchAny(r.ids, p.SigningID)) && (len(r.at) == 0 || matchAny(r.at, p.Path))
}

// runs reports whether a script or module is the rule's.
func (r *rule) runs(script, module string) bool {
	if r.kind == byModule {
		return module != "" && matchAny(r.ids, module)
	}
	return script != "" && matchAny(r.ids, script)
}

func (e *entry) runsScripts() bool { return e.classes&(Interpreter|Shell) != 0 }

// scriptOf is what an interpreter runs: the script that exec named, else the first argument that is neither an option nor
// an option's value. Later arguments are the script's own and say nothing about it.
func (e *entry) scriptOf(p *Identity) (script, module string, ok bool) {
	if p.Script != "" {
		return p.Script, "", true
	}
	for i := 1; i < len(p.Args); i++ {
		a := p.Args[i]
		switch {
		case a == "--":
			if i+1 < len(p.Args) {
				return p.Args[i+1], "", true
			}
			return "", "", false
		case a == "" || a == "-":
			return "", "", false // read from standard input
		case a[0] != '-' && i+1 < len(p.Args) && slices.Contains(e.takes, a):
			// a word before the script, as in "bun run script"
		case a[0] != '-':
			return a, "", true
		case e.module != "" && (a == e.module || oneOfLetters(a, e.module)):
			if i+1 < len(p.Args) {
				return "", p.Args[i+1], true
			}
			return "", "", false
		case isInline(e.inline, a):
			return "", "", false
		case takesNext(e.takes, a):
			i++
		}
	}
	return "", "", false
}

// takesNext reports whether an option's value is the next argument, also for the last letter of -euo.
func takesNext(options []string, a string) bool {
	for _, o := range options {
		if a == o || oneOfLetters(a, o) {
			return true
		}
	}
	return false
}

// oneOfLetters reports whether a is several one-letter options in one word, of which o is the last.
func oneOfLetters(a, o string) bool {
	return len(o) == 2 && len(a) > 2 && a[0] == '-' && a[len(a)-1] == o[1] && letters(a[1:])
}

// isInline reports whether an option carries the program itself, also as --eval=… or within -pe.
func isInline(options []string, a string) bool {
	for _, o := range options {
		switch {
		case a == o:
			return true
		case strings.HasPrefix(o, "--"):
			if len(a) > len(o) && a[:len(o)] == o && a[len(o)] == '=' {
				return true
			}
		case len(o) == 2 && !strings.HasPrefix(a, "--") && strings.IndexByte(a[1:], o[1]) >= 0 && letters(a[1:]):
			return true
		}
	}
	return false
}

// letters reports whether s could be several one-letter options in one word.
func letters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}
