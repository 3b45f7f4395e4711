package engine

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
)

// Bounds of the facts that are remembered. They wait for their operation to settle, which is a matter of seconds.
const (
	mostFacts = 256
	// longestFact is how much of a value is kept: four addresses of 1 KiB, more than is ever shown.
	longestFact = 4 << 10
	// longestAddress is how much of an address is shown.
	longestAddress = 200
	// mostEvidence is how much evidence an operation has before the facts of another of its files are left out.
	mostEvidence = 12
)

// readAfterwards names the evidence. It stands in operation.Rules.
const readAfterwards = "read-afterwards"

// Fact takes what a live host looked up after an event.
func (e *Engine) Fact(f *es.Fact) {
	e.Counts.Facts++
	if f.Event == 0 || f.Name != "quarantine" && f.Name != "where-from" || len(f.Value) > longestFact || len(f.Path) > longestFact {
		return
	}
	if len(e.Facts) == mostFacts {
		e.Facts = slices.Delete(e.Facts, 0, 1)
	}
	e.Facts = append(e.Facts, *f)
}

// addFacts tells what was read of a file that came from elsewhere. What the attributes say is what was read then, perhaps by
// another's doing: it is evidence beside what the messages tell, changes no answer and raises no level. Addresses are shown
// without what may be secret in them: the user, the query, the fragment.
func (e *Engine) addFacts(f *finding.Finding) {
	if len(e.Facts) == 0 || f.Action != finding.Download && f.Action != finding.Receive {
		return
	}
	if f.Items == nil {
		e.addFactsOf(f, f.Object, "its")
	}
	for i := range f.Items {
		if len(f.Evidence) >= mostEvidence {
			return
		}
		e.addFactsOf(f, f.Items[i].Object, path.Base(f.Items[i].Path)+"'s")
	}
}

// addFactsOf tells what was read of one file of an operation.
func (e *Engine) addFactsOf(f *finding.Finding, of *finding.Object, whose string) {
	if of == nil || of.Ino == 0 {
		return
	}
	said := map[string]bool{}
	for _, x := range slices.Backward(e.Facts) { // of what was set again the newest holds
		if x.Ino != of.Ino || x.Dev != of.Dev || x.Event < f.Time || x.Event > f.EndTime || said[x.Name] {
			continue
		}
		if says := factSays(&x, whose); says != "" {
			said[x.Name] = true
			f.Evidence = append(f.Evidence, finding.Evidence{For: finding.RoleAction, Rule: readAfterwards, Says: says})
		}
	}
}

// factSays is a fact in words; "" it holds nothing that can be told.
func factSays(x *es.Fact, whose string) string {
	if x.Name == "quarantine" {
		if agent := quarantineAgent(x.Value); agent != "" {
			return fmt.Sprintf("%s quarantine value, read %s, names %q as who brought it", whose, late(x), agent)
		}
		return ""
	}
	file, page, _ := strings.Cut(x.Value, "\n")
	page, _, _ = strings.Cut(page, "\n")
	if file, page = address(file), address(page); file == "" {
		return ""
	}
	says := fmt.Sprintf("%s address, read %s, is %s", whose, late(x), file)
	if page != "" && page != file {
		says += ", found at " + page
	}
	return says
}

// late is how long after the event a fact was read.
func late(f *es.Fact) string {
	if d := f.Time.Sub(f.Event); d >= 0 {
		return d.Round(time.Millisecond).String() + " after it was set"
	}
	return "after it was set"
}

// quarantineAgent is the program that a quarantine value names: flags;time;agent;id [R]. An agent's name escapes white
// space and semicolons as \x20.
func quarantineAgent(value string) string {
	f := strings.Split(value, ";")
	if len(f) < 3 {
		return ""
	}
	return f[2]
}

// address is an address as far as it may be shown; "" it is none.
func address(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || scheme == "" {
		return ""
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	host, rest, _ := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if host == "" {
		return ""
	}
	s = scheme + "://" + host + "/" + rest
	if len(s) > longestAddress {
		s = strings.ToValidUTF8(s[:longestAddress], "") + "…"
	}
	return s
}
