// Command groundtruth compares findings with what a script did, and says how often they are right.
//
// usage: groundtruth ACTS FINDINGS
//
// ACTS is what .ci/ground-truth wrote while it acted on a real Mac: one JSON object an act. FINDINGS are JSON lines of
// ascribe. It ends with 1 where an answer is certain and wrong, or where nothing of what was done was found.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Act is what the script did once, with the answers that are true. An empty list says that nobody knows: then that answer
// is not judged.
type Act struct {
	Name        string    `json:"name"`
	Began       time.Time `json:"began"`
	Ended       time.Time `json:"ended"`
	Status      int       `json:"status"` // of the command; what failed is not judged
	Action      []string  `json:"action"`
	Path        string    `json:"path"`
	Source      string    `json:"source"`
	Actor       []string  `json:"actor"`       // names of programs
	Responsible []string  `json:"responsible"` // names of programs
	Class       []string  `json:"class"`
	UID         *uint32   `json:"uid"`
}

func readActs(r io.Reader) ([]Act, error) {
	var acts []Act
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	for {
		var a Act
		if err := d.Decode(&a); err == io.EOF {
			return acts, nil
		} else if err != nil {
			return nil, fmt.Errorf("act %d: %w", len(acts)+1, err)
		}
		if a.Path == "" || len(a.Action) == 0 || a.Began.IsZero() || a.Ended.Before(a.Began) {
			return nil, fmt.Errorf("act %d (%s) has no path, no action or no time", len(acts)+1, a.Name)
		}
		acts = append(acts, a)
	}
}

// readOperations keeps the operations, with each item of a batch as one of its own.
func readOperations(r io.Reader) ([]*finding.Finding, error) {
	var ops []*finding.Finding
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		f, err := finding.Parse(lines.Bytes())
		if err != nil {
			return nil, fmt.Errorf("finding %d: %w", n, err)
		}
		if f.Kind != finding.KindOperation {
			continue
		}
		ops = append(ops, f)
		for _, it := range f.Items {
			one := *f
			one.Path, one.SourcePath, one.Items = it.Path, it.SourcePath, nil
			if it.Action != "" {
				one.Action = it.Action
			}
			ops = append(ops, &one)
		}
	}
	return ops, lines.Err()
}

// slack is how far apart the script's clock and an act's messages may be.
const slack = 2 * time.Second

// nearest is the operation that an act is: on its path, in its time, of its kind if there are several.
func (a *Act) nearest(ops []*finding.Finding) *finding.Finding {
	var best *finding.Finding
	for _, f := range ops {
		t := time.Unix(0, int64(f.Time))
		if f.Path != a.Path || t.Before(a.Began.Add(-slack)) || t.After(a.Ended.Add(slack)) {
			continue
		}
		if best == nil || !slices.Contains(a.Action, string(best.Action)) && slices.Contains(a.Action, string(f.Action)) {
			best = f
		}
	}
	return best
}

// answers says of each answer whether it is right; "" where there is nothing to judge, or nothing is said.
func (a *Act) answers(f *finding.Finding) [4]string {
	var v [4]string
	c := f.Certainty
	v[0] = judge(c.Action, string(f.Action), a.Action)
	if a.Source != "" && f.SourcePath != a.Source && v[0] == right {
		v[0] = wrongIf(c.Action, "from "+f.SourcePath)
	}
	if f.Actor != nil {
		v[1] = judge(c.Actor, base(f.Actor.Path), a.Actor)
	}
	if f.Responsible != nil {
		v[2] = judge(c.Responsible, base(f.Responsible.Path), a.Responsible)
	}
	if in := f.Initiator; in != nil {
		v[3] = judge(c.Initiator, string(in.Class), a.Class)
		if a.UID != nil && in.UID != es.Unset && c.Initiator > finding.Unknown {
			if in.UID != *a.UID {
				v[3] = wrongIf(c.Initiator, fmt.Sprintf("user %d", in.UID))
			} else if v[3] == "" {
				v[3] = right
			}
		}
	}
	return v
}

const right = "right"

func judge(c finding.Certainty, said string, truth []string) string {
	switch {
	case c == finding.Unknown || len(truth) == 0:
		return ""
	case slices.Contains(truth, said):
		return right
	}
	return wrongIf(c, said)
}

func wrongIf(c finding.Certainty, said string) string {
	if c == finding.Certain {
		return "CERTAIN AND WRONG: " + said
	}
	return "wrong: " + said
}

func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
