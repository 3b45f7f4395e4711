package catalog

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed data/*.txt
var data embed.FS

// SyntaxError is a line of a catalogue that cannot be taken.
type SyntaxError struct {
	File string // "" where the text came from a reader
	Line int    // from 1
	Msg  string
}

func (e *SyntaxError) Error() string {
	if e.File == "" {
		return fmt.Sprintf("catalogue line %d: %s", e.Line, e.Msg)
	}
	return fmt.Sprintf("catalogue %s line %d: %s", e.File, e.Line, e.Msg)
}

// load reads a folder of catalogue files, in order of their names.
func load(files fs.FS) (*Catalog, error) {
	names, err := fs.Glob(files, "data/*.txt")
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		entries, err := parse(string(text))
		if err != nil {
			var s *SyntaxError
			if errors.As(err, &s) {
				s.File = name
			}
			return nil, err
		}
		all = append(all, entries...)
	}
	return newCatalog(all), nil
}

// sealed are the folders of the signed system volume: what has the platform flag and lies there is Apple's, whatever its
// signing id [D: signed system volume]. Cryptexes carry Safari and its like.
var sealed = [...]string{"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/libexec/", "/usr/lib/", "/System/"}

// parse reads one catalogue text.
func parse(text string) ([]entry, error) {
	var p parser
	for n, line := range strings.Split(text, "\n") {
		p.line = n + 1
		line = strings.TrimSuffix(line, "\r")
		body := strings.TrimSpace(line)
		if body == "" || body[0] == '#' {
			continue
		}
		var err error
		if line[0] == ' ' || line[0] == '\t' {
			err = p.property(body)
		} else {
			err = p.begin(body)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return p.entries, nil
}

type parser struct {
	entries []entry
	names   map[string]int
	line    int
	open    bool
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Line: p.line, Msg: fmt.Sprintf(format, args...)}
}

func (p *parser) begin(name string) error {
	if err := p.end(); err != nil {
		return err
	}
	if at, ok := p.names[name]; ok {
		return p.fail("%q is already described on line %d: put both in one entry", name, at)
	}
	if p.names == nil {
		p.names = make(map[string]int)
	}
	p.names[name] = p.line
	p.entries = append(p.entries, entry{name: name, line: p.line})
	p.open = true
	return nil
}

// end checks the entry that is complete now.
func (p *parser) end() error {
	if !p.open {
		return nil
	}
	e := &p.entries[len(p.entries)-1]
	at := &parser{line: e.line}
	switch {
	case e.classes == 0:
		return at.fail("%q has no class: add a line \"class\"", e.name)
	case len(e.rules) == 0:
		return at.fail("%q has no way to be recognised: add a line \"apple\", \"team\", \"tool\", \"adhoc\", \"script\" or \"module\"", e.name)
	}
	return nil
}

func (p *parser) property(body string) error {
	if !p.open {
		return p.fail("a property without a program: names of programs begin at the first column")
	}
	e := &p.entries[len(p.entries)-1]
	if text, ok := strings.CutPrefix(body, "source "); ok {
		e.source = strings.TrimSpace(text)
		return nil
	}
	words, err := p.words(body)
	if err != nil {
		return err
	}
	key, rest := words[0], words[1:]
	if key != "interactive" && len(rest) == 0 {
		return p.fail("%q says nothing", key)
	}
	switch key {
	case "class":
		for _, w := range rest {
			c, ok := ClassOf(w)
			if !ok {
				return p.fail("unknown class %q: the classes are %s", w, strings.Join(classNames[:], ", "))
			}
			e.classes |= c
		}
	case "interactive":
		if len(rest) != 0 {
			return p.fail("\"interactive\" stands alone")
		}
		e.interactive = true
	case "takes":
		e.takes = append(e.takes, rest...)
	case "inline":
		e.inline = append(e.inline, rest...)
	case "module-option":
		if len(rest) != 1 {
			return p.fail("\"module-option\" names one option")
		}
		e.module = rest[0]
	case "apple", "team", "adhoc", "tool", "script", "module":
		r, err := p.rule(key, rest)
		if err != nil {
			return err
		}
		e.rules = append(e.rules, r)
	default:
		return p.fail("unknown property %q", key)
	}
	return nil
}

// rule reads what follows the key: the tag, the team, the patterns, and after "at" the places.
func (p *parser) rule(key string, words []string) (rule, error) {
	var r rule
	switch words[0] {
	case "D", "S", "R", "G":
		r.known = Known(words[0][0])
	default:
		return r, p.fail("%q must begin with how well it is known: D, S, R or G, not %q", key, words[0])
	}
	ids := words[1:]
	if key == "team" {
		if len(ids) == 0 || !isTeam(ids[0]) {
			return r, p.fail("\"team\" needs a team id of ten capital letters and digits after its tag")
		}
		r.team, ids = ids[0], ids[1:]
	}
	var at []string
	for i, w := range ids {
		if w == "at" {
			at = ids[i+1:]
			ids = ids[:i]
			if len(at) == 0 {
				return r, p.fail("\"at\" without a path")
			}
			break
		}
	}
	for _, w := range at {
		if w[0] != '/' && w[0] != '*' {
			return r, p.fail("path %q must be absolute, or begin with *", w)
		}
	}
	for _, w := range ids {
		if strings.Trim(w, "*") == "" {
			return r, p.fail("pattern %q fits everything", w)
		}
	}
	if key == "tool" {
		var err error
		if at, err = p.tools(ids, at); err != nil {
			return r, err
		}
		ids = nil
	}
	r.kind = kinds[key]
	if err := p.check(key, r.kind, ids, at); err != nil {
		return r, err
	}
	r.ids, r.at = newPatterns(ids), newPatterns(at)
	return r, nil
}

var kinds = map[string]kind{
	"apple": byApple, "team": byTeam, "adhoc": byAdhoc, "tool": byAdhoc, "script": byScript, "module": byModule,
}

// toolDirs are where package managers put programs that nobody but the linker signed: Homebrew on either architecture,
// MacPorts, Nix. ES shows the file itself, which Homebrew keeps in its Cellar.
var toolDirs = [...]string{
	"/opt/homebrew/bin/", "/opt/homebrew/sbin/", "/opt/homebrew/Cellar/*/bin/", "/opt/homebrew/Cellar/*/sbin/",
	"/usr/local/bin/", "/usr/local/sbin/", "/usr/local/Cellar/*/bin/", "/usr/local/Cellar/*/sbin/",
	"/opt/local/bin/", "/opt/local/sbin/", "/nix/store/*/bin/",
}

// tools are the places of programs of the given file names.
func (p *parser) tools(names, at []string) ([]string, error) {
	if len(names) == 0 || len(at) > 0 {
		return nil, p.fail("\"tool\" needs names of files, and no \"at\"")
	}
	for _, name := range names {
		if strings.Contains(name, "/") {
			return nil, p.fail("\"tool\" takes names of files, not paths: %q", name)
		}
		for _, dir := range toolDirs {
			at = append(at, dir+name)
		}
	}
	return at, nil
}

// check holds a rule to what makes it hard to imitate.
func (p *parser) check(key string, k kind, ids, at []string) error {
	switch k {
	case byApple:
		if len(ids) > 0 {
			break
		}
		if len(at) == 0 {
			return p.fail("\"apple\" needs signing ids, or \"at\" and paths")
		}
		for _, w := range at {
			literal, _, _ := strings.Cut(w, "*")
			if !onSealed(w) || len(literal) < len(w) && strings.Count(literal, "/") < 4 {
				return p.fail("without a signing id, %q must be a path on the system volume, with any * behind a framework or app", w)
			}
		}
	case byTeam:
		if len(ids) == 0 {
			return p.fail("\"team\" needs signing ids: one team signs many programs")
		}
	case byAdhoc:
		if len(at) == 0 {
			return p.fail("\"adhoc\" needs \"at\" and paths: anybody can give an ad hoc signature any id")
		}
		for _, w := range at {
			if i := strings.IndexByte(w, '*'); i >= 0 && strings.Count(w[:i], "/") < 2 {
				return p.fail("path %q begins with a wildcard: name the folder it lies in", w)
			}
		}
	case byScript, byModule:
		if len(ids) == 0 {
			return p.fail("%q names nothing", key)
		}
		if len(at) > 0 {
			return p.fail("%q takes no \"at\"", key)
		}
	}
	return nil
}

func onSealed(path string) bool {
	for _, s := range sealed {
		if strings.HasPrefix(path, s) && !strings.HasPrefix(path, "/System/Volumes/Data/") {
			return true
		}
	}
	return false
}

func isTeam(s string) bool {
	if len(s) != 10 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// words cuts a line at blanks; a word in double quotes may hold blanks. A # that begins a word begins a comment.
func (p *parser) words(body string) ([]string, error) {
	var words []string
	for body != "" {
		switch body[0] {
		case ' ', '\t':
			body = body[1:]
			continue
		case '#':
			return words, nil
		case '"':
			end := strings.IndexByte(body[1:], '"')
			if end <= 0 {
				return nil, p.fail("a quoted word that is empty or has no end: %s", body)
			}
			words = append(words, body[1:1+end])
			body = body[end+2:]
			continue
		}
		end := strings.IndexAny(body, " \t")
		if end < 0 {
			end = len(body)
		}
		words = append(words, body[:end])
		body = body[end:]
	}
	return words, nil
}
