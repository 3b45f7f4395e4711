package score

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ascribe.example/finding"
)

// TruthSchema names the version of the format that [Truth] is written in.
const TruthSchema = "ascribe.truth/1"

// ErrSchema is wrapped by ParseTruth's error for JSON that is no truth of this version.
var ErrSchema = errors.New("not a truth of " + TruthSchema)

// Truth is what happened in one recording, as far as files are concerned.
type Truth struct {
	Schema     string      `json:"schema"`
	Name       string      `json:"name"` // of the scenario: room/story
	Held       bool        `json:"held"` // of the measured part: see [Held]
	Weakest    string      `json:"weakest"`
	Facts      []string    `json:"facts"` // the facts that the scenario stands on, each with its tag
	Operations []Operation `json:"operations"`

	at []int32 // global_seq_num → place in Operations and 1; 0 none
}

// Operation is one operation that happened, or an attempt that failed.
type Operation struct {
	Action string    `json:"action"`
	Also   []string  `json:"also"`   // other actions that are as true
	Method string    `json:"method"` // "" where none applies
	Path   string    `json:"path"`
	Source string    `json:"source_path"`
	Links  []string  `json:"links"` // other names of what path and source_path name: a message may show any of them
	Items  []Item    `json:"items"` // of a batch; null for a single file
	Failed bool      `json:"failed"`
	Noise  bool      `json:"noise"` // of what else the Mac did: it is not counted
	Told   bool      `json:"told"`  // at least one of its messages is in the recording
	Actor  Process   `json:"actor"`
	Parts  []Process `json:"parts"` // other executions that a careful reader could name as the actor

	Responsible Process   `json:"responsible"` // zero: nobody
	Initiator   Initiator `json:"initiator"`
	Events      []Range   `json:"events"`   // of global_seq_num, ascending; lost ones too
	Time        time.Time `json:"time"`     // of the first member that is in the recording; zero: none is
	EndTime     time.Time `json:"end_time"` // of the last one
}

// Range is a range of global_seq_num, both ends included.
type Range = finding.Range

// Item is one file of a batch.
type Item struct {
	Path   string `json:"path"`
	Source string `json:"source_path"`
	Action string `json:"action"` // "": the batch's
}

// Process names one execution.
type Process struct {
	PID        int32  `json:"pid"`
	PIDVersion uint32 `json:"pidversion"`
	Path       string `json:"path,omitempty"` // executable; "" not said
}

// IsZero reports whether it names nobody.
func (p Process) IsZero() bool { return p.PID == 0 && p.PIDVersion == 0 }

// Same reports whether both name the same execution: by pid and pidversion, and by the program, where both say one. A tool
// that gives the right numbers and another program's name names the wrong one: it is the name that people read.
func (p Process) Same(o Process) bool {
	return p.PID == o.PID && p.PIDVersion == o.PIDVersion && (p.Path == "" || o.Path == "" || p.Path == o.Path)
}

func (p Process) String() string {
	if p.IsZero() {
		return "nobody"
	}
	name := "execution"
	if p.Path != "" {
		name = path.Base(p.Path)
	}
	return fmt.Sprintf("%s %d.%d", name, p.PID, p.PIDVersion)
}

// Initiator is who is behind an operation.
type Initiator struct {
	Class string `json:"class"` // of finding.Classes; "" an answer that names only a user
	UID   uint32 `json:"uid"`
}

// held is the share of scenarios that is set aside: one in so many.
const held = 3

// Held reports whether a scenario is of the measured part: by the first byte of its name's SHA-256, so that nobody chooses.
// Rules of inference are never changed because of one of these.
func Held(name string) bool { return sha256.Sum256([]byte(name))[0]%held == 0 }

// ParseTruth reads what [Truth.Append] wrote.
func ParseTruth(text []byte) (*Truth, error) {
	t := &Truth{}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(t); err != nil {
		return nil, fmt.Errorf("read a truth: %w", err)
	}
	if t.Schema != TruthSchema {
		return nil, fmt.Errorf("%w: its schema is %q", ErrSchema, t.Schema)
	}
	return t, nil
}

// Append appends t as JSON, indented for readers.
func (t *Truth) Append(dst []byte) ([]byte, error) {
	c := *t
	c.Schema = TruthSchema
	text, err := json.MarshalIndent(&c, "", " ")
	return append(append(dst, text...), '\n'), err
}

// index prepares of.
func (t *Truth) index() {
	most := uint64(0)
	for i := range t.Operations {
		for _, g := range t.Operations[i].Events {
			most = max(most, g[1]+1)
		}
	}
	t.at = make([]int32, most)
	for i := range t.Operations {
		for _, g := range t.Operations[i].Events {
			for s := g[0]; s <= g[1]; s++ {
				t.at[s] = int32(i + 1)
			}
		}
	}
}

// Of is the place of the operation that most of an answer's messages belong to; -1 where they belong to none. An answer that
// names no messages is matched by path and time.
func (t *Truth) Of(a *Answer) int {
	if t.at == nil {
		t.index()
	}
	if len(a.Events) == 0 {
		return t.near(a)
	}
	var votes []int32
	best, most := -1, int32(0)
	for _, g := range a.Events {
		for s := g[0]; s <= g[1] && s < uint64(len(t.at)); s++ {
			i := int(t.at[s]) - 1
			if i < 0 {
				continue
			}
			if votes == nil {
				votes = make([]int32, len(t.Operations))
			}
			votes[i]++
			if n := votes[i]; n > most || n == most && i < best {
				best, most = i, n
			}
		}
	}
	return best
}

// slack is how far the time of an answer that names no messages may be from the operation's.
const slack = 5 * time.Second

func (t *Truth) near(a *Answer) int {
	best, least := -1, slack+1
	for i := range t.Operations {
		o := &t.Operations[i]
		if !o.Told || !o.speaksOf(a.Path) {
			continue
		}
		off := max(o.Time.Sub(a.Time), a.Time.Sub(o.EndTime), 0)
		if off < least {
			best, least = i, off
		}
	}
	return best
}

// speaksOf reports whether a path is one of the operation's.
func (o *Operation) speaksOf(name string) bool {
	return name == o.Path || name == o.Source || slices.Contains(o.Links, name) ||
		slices.ContainsFunc(o.Items, func(i Item) bool { return i.Path == name || i.Source == name }) ||
		strings.HasPrefix(name, o.Path+"/")
}

// Ranges joins ascending numbers to ranges.
func Ranges(seqs []uint64) []Range {
	var l []Range
	for _, s := range seqs {
		if n := len(l); n > 0 && l[n-1][1]+1 == s {
			l[n-1][1] = s
			continue
		}
		l = append(l, Range{s, s})
	}
	return l
}

// Due reports whether an answer is due: it happened, the recording shows some of it, and it is no noise. Reads and sendings
// are told on request only.
func (o *Operation) Due() bool {
	return !o.Noise && !o.Failed && o.Told && o.Action != string(finding.Read) && o.Action != string(finding.Send)
}
