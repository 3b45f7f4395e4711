// Package redact takes secrets out of command lines and environments, by a published list ([List]).
//
// It works on single strings ([Text]), on argument and environment lists ([Args], [Env]), on messages ([Message]) and on raw
// eslogger lines ([Line]). What it finds is replaced by [Mark]; the rest stays as it was, so that a name, an option or a
// path can still be read. It is a net, not a wall: a secret that looks like an ordinary word, in an option that nobody has
// listed, passes.
package redact

import (
	"slices"
	"strings"
)

// Args returns args without secrets: args itself if there are none, else a copy. The first argument names the program.
func Args(args []string) []string {
	if len(args) == 0 {
		return args
	}
	var (
		program = base(args[0])
		out     = args
		next    value // what the next argument is, by the one before
	)
	for i, arg := range args {
		var clean string
		switch {
		case next != plain && arg != "" && (arg[0] != '-' || next == userPassword):
			clean = next.redact(arg)
			next = plain
		case i > 1 && isShell[program] && isScriptOption(args[i-1]):
			clean, next = Text(arg), plain
		default:
			clean, next = option(program, arg)
		}
		if clean != arg {
			if &out[0] == &args[0] {
				out = append([]string(nil), args...)
			}
			out[i] = clean
		}
	}
	return out
}

// Env returns env, a list of NAME=value, without secrets: env itself if there are none, else a copy.
func Env(env []string) []string {
	out := env
	for i, v := range env {
		clean := variable(v)
		if clean != v {
			if &out[0] == &env[0] {
				out = append([]string(nil), env...)
			}
			out[i] = clean
		}
	}
	return out
}

// isShell names the programs that take shell text as an argument.
var isShell = set([]string{"sh", "bash", "zsh", "dash", "ksh", "fish", "tcsh", "csh"})

// isScriptOption reports whether the next argument of a shell is a script: -c, -lc.
func isScriptOption(arg string) bool {
	return len(arg) > 1 && arg[0] == '-' && arg[1] != '-' && arg[len(arg)-1] == 'c'
}

// value says what an argument or a value holds.
type value uint8

const (
	plain        value = iota
	secret             // all of it
	userPassword       // user:password, or user%password
	header             // Name: value
)

func (v value) redact(s string) string {
	switch v {
	case secret:
		return hide(s)
	case userPassword:
		if i := strings.IndexAny(s, ":%"); i >= 0 {
			return s[:i+1] + hide(s[i+1:])
		}
	}
	return Text(s)
}

// hide replaces a secret, unless it cannot be one.
func hide(s string) string {
	switch s {
	case "", "true", "false", "yes", "no", "0", "1", "-", Mark:
		return s
	}
	return Mark
}

// variable redacts one NAME=value.
func variable(v string) string {
	name, rest, ok := strings.Cut(v, "=")
	switch {
	case !ok:
		return Text(v)
	case name == "XPC_SERVICE_NAME" || name == "__CFBundleIdentifier":
		return v
	case secretName(name):
		return name + "=" + hide(rest)
	}
	if clean := Text(rest); clean != rest {
		return name + "=" + clean
	}
	return v
}

// option redacts one argument, and says what the next one is.
func option(program, arg string) (string, value) {
	if strings.HasPrefix(arg, "pass:") && program == "openssl" {
		return "pass:" + hide(arg[len("pass:"):]), plain
	}
	// An argument is no shell text: what follows the = belongs to the value to the last byte, spaces and quotes too.
	if i := nameEnd(arg, 0); i > 0 && i < len(arg) && arg[i] == '=' && secretName(arg[:i]) {
		return arg[:i+1] + hide(arg[i+1:]), plain
	}
	if len(arg) < 2 || arg[0] != '-' {
		return Text(arg), plain
	}
	for i := range programFlags {
		f := &programFlags[i]
		if f.program != program || !strings.HasPrefix(arg, f.flag) {
			continue
		}
		kind := secret
		if f.user {
			kind = userPassword
		}
		switch rest := arg[len(f.flag):]; {
		case rest == "" && f.separate:
			return arg, kind
		case rest != "" && f.attached:
			return f.flag + kind.redact(rest), plain
		case rest != "" && rest[0] == '=' && strings.HasPrefix(f.flag, "--"):
			return f.flag + "=" + kind.redact(rest[1:]), plain
		}
	}
	if nameEnd(arg, 0) == len(arg) && secretName(arg) {
		return arg, secret
	}
	return Text(arg), plain
}

// Text returns s without secrets: assignments to secret names, passwords in URLs, headers, tokens and private keys.
func Text(s string) string {
	var (
		out  []byte // s[:done], redacted
		done int
	)
	for i := 0; i < len(s); {
		from, to, next := find(s, i)
		if from < to && hide(s[from:to]) == Mark {
			out = append(append(out, s[done:from]...), Mark...)
			done = to
		}
		i = next
	}
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// find looks at the name, or the one other byte, at s[i]. It returns where the secret is that it announces, if any, and
// where to look next.
func find(s string, i int) (from, to, next int) {
	end := nameEnd(s, i)
	if end == i {
		if strings.HasPrefix(s[i:], "//") {
			if from, to := urlPassword(s, i+2); from < to {
				return from, to, to
			}
		}
		return 0, 0, i + 1
	}
	name := s[i:end]
	switch {
	case token(name):
		return i, end, end
	case strings.HasPrefix(name, "-----BEGIN"):
		if from, to := privateKey(s, end); from < to {
			return from, to, to
		}
	case end == len(s):
	case s[end] == '=' && secretName(name):
		from, to = word(s, end+1)
		return from, to, to
	case s[end] == '"' || s[end] == '\'':
		// "name": "value"
		at := skipSpace(s, end+1)
		if at < len(s) && s[at] == ':' && secretName(name) {
			from, to = word(s, skipSpace(s, at+1))
			return from, to, to
		}
	case s[end] == ':':
		if i := slices.IndexFunc(secretHeaders, func(h string) bool { return strings.EqualFold(h, name) }); i >= 0 {
			from = skipSpace(s, end+1)
			to = from
			for to < len(s) && s[to] != '"' && s[to] != '\'' && s[to] != '\n' && s[to] != '\r' {
				to++
			}
			return from, to, to
		}
	case s[end] == ' ':
		// --name value
		if name == "Bearer" || name[0] == '-' && secretName(name) {
			from, to = word(s, skipSpace(s, end))
			if from < len(s) && s[from] != '-' {
				return from, to, to
			}
		}
	}
	return 0, 0, end
}

// nameEnd is where the run of name bytes ends that begins at s[i].
func nameEnd(s string, i int) int {
	for i < len(s) && nameByte[s[i]] {
		i++
	}
	return i
}

// nameByte says which bytes make names and tokens.
var nameByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || c == '-' || c == '.'
	}
	return t
}()

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// word is a value as shells, URLs and JSON delimit it: in quotes, or up to white space or a separator.
func word(s string, i int) (from, to int) {
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		quote := s[i]
		for to = i + 1; to < len(s) && s[to] != quote; to++ {
			if s[to] == '\\' && to+1 < len(s) {
				to++
			}
		}
		return i + 1, min(to, len(s))
	}
	to = i
	for to < len(s) && !strings.ContainsRune(" \t\r\n\"'&;,|<>(){}[]", rune(s[to])) {
		to++
	}
	return i, to
}

// urlPassword is the password of user:password@host at s[i], after the //.
func urlPassword(s string, i int) (from, to int) {
	at := -1
	for j := i; j < len(s) && !strings.ContainsRune("/?# \t\r\n\"'<>", rune(s[j])); j++ {
		switch {
		case s[j] == ':' && from == 0:
			from = j + 1
		case s[j] == '@':
			at = j
		}
	}
	if from == 0 || at < from {
		return 0, 0
	}
	return from, at
}

// privateKey is the body of a PEM private key whose BEGIN ends at s[i].
func privateKey(s string, i int) (from, to int) {
	const head = "PRIVATE KEY-----"
	at := strings.Index(s[i:min(len(s), i+64)], head)
	if at < 0 {
		return 0, 0
	}
	from = i + at + len(head)
	if n := strings.Index(s[from:], "-----END"); n >= 0 {
		return from, from + n
	}
	return from, len(s)
}

// token reports whether a word looks like a token that a service handed out.
func token(word string) bool {
	if len(word) < 16 {
		return false
	}
	for i := range tokenPrefixes {
		p := &tokenPrefixes[i]
		if word[0] == p.prefix[0] && len(word) >= len(p.prefix)+p.least && strings.HasPrefix(word, p.prefix) {
			return true
		}
	}
	return false
}

// base is the last element of a path, without the dash of a login shell.
func base(path string) string {
	path = path[strings.LastIndexByte(path, '/')+1:]
	return strings.TrimPrefix(path, "-")
}
