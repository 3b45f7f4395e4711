package eslogger

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"

	"ascribe.example/es"
)

//go:embed shapes.txt
var shapesText string

// listing is what shapes.txt says: each object's keys, "event NAME" for the body of an event.
var listing = sync.OnceValue(func() map[string]map[string]listed { return parseShapes(shapesText) })

// listed is one key of an object.
type listed struct {
	types    []string // the alternatives
	optional bool
	arm      bool // of a union
	unread   bool
	guess    bool // of an event that nobody has shown yet
}

func parseShapes(text string) map[string]map[string]listed {
	objects := map[string]map[string]listed{}
	for line := range strings.Lines(text) {
		head, body, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(head, "#") {
			continue
		}
		what, name, _ := strings.Cut(head, " ")
		name = strings.TrimSpace(name)
		if what != "object" {
			name = "event " + name
		}
		keys := map[string]listed{}
		for group := range strings.SplitSeq(body, ";") {
			words := strings.Fields(group)
			if len(words) == 0 {
				continue
			}
			types := strings.Split(words[len(words)-1], "|")
			for _, word := range words[:len(words)-1] {
				l := listed{types: types, guess: what == "guess"}
				word, l.unread = strings.CutPrefix(word, "-")
				word, l.arm = strings.CutPrefix(word, "+")
				word, l.optional = strings.CutSuffix(word, "?")
				keys[word] = l
			}
		}
		objects[name] = keys
	}
	return objects
}

// strict counts the unknown keys and the values of unexpected types of a message, at all levels. It is for finding out
// what a new release of macOS writes, and takes its time.
func (d *Decoder) strict(value []byte) {
	d.strictObject("message", "message", value)
	var m struct {
		Event map[string]json.RawMessage `json:"event"`
	}
	if json.Unmarshal(value, &m) != nil {
		return
	}
	for name, body := range m.Event {
		if es.KindOf(name) == es.KindOther {
			d.count(&d.unknownEvents, "", name)
		}
		if _, ok := listing()["event "+name]; ok {
			d.strictObject("event "+name, name, body)
		}
	}
}

func (d *Decoder) strictObject(object, name string, raw json.RawMessage) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return false
	}
	for key, value := range members {
		l, ok := listing()[object][key]
		if !ok {
			d.count(&d.unknownKeys, name, key)
		} else if !d.strictValue(l.types, value) {
			d.count(&d.mismatched, name, key)
		}
	}
	return true
}

// strictValue reports whether a value has one of the types.
func (d *Decoder) strictValue(types []string, raw json.RawMessage) bool {
	for _, t := range types {
		if d.strictType(t, raw) {
			return true
		}
	}
	return false
}

func (d *Decoder) strictType(t string, raw json.RawMessage) bool {
	if element, ok := strings.CutPrefix(t, "[]"); ok {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil || list == nil {
			return false
		}
		for _, e := range list {
			if !d.strictType(element, e) {
				return false
			}
		}
		return true
	}
	first := raw[0]
	switch t {
	case "any":
		return true
	case "null":
		return first == 'n'
	case "int":
		_, ok := integer(raw, 64)
		return ok
	case "bool":
		return first == 't' || first == 'f'
	case "string", "hex", "time":
		return first == '"'
	case "audit_token":
		if first == '[' {
			return d.strictType("[]int", raw)
		}
	}
	return d.strictObject(t, t, raw)
}
