package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
)

// Section is a part of a report: a title, and points without a stop.
type Section struct {
	Title   string
	Command string // to be copied as it is; "" none
	Points  []string
}

// Report says what a recording holds, what it lacks, what it can answer, and what would record more.
func Report(h *Holdings) []Section {
	var l []Section
	add := func(title string, points []string) {
		if points != nil {
			l = append(l, Section{Title: title, Points: points})
		}
	}
	add("It holds", holds(h))
	add("It lacks", lacks(h))
	answers := Judge(h)
	for _, v := range []struct {
		verdict Verdict
		title   string
	}{{Can, "It can answer"}, {InPart, "It can answer in part"}, {Cannot, "It cannot answer"}} {
		var points []string
		for _, a := range answers {
			if a.Verdict == v.verdict {
				p := a.Question
				if a.Why != "" {
					p += " (" + a.Why + ")"
				}
				points = append(points, p)
			}
		}
		add(v.title, points)
	}
	if Lacks(h) != nil {
		l = append(l, Section{Title: "More would be told by", Command: Command(h.Version), Points: []string{
			"begin before what matters, from a terminal with Full Disk Access; eslogger does not tell what its own terminal job does; end it with Ctrl-C, so that it writes its last lines",
		}})
	}
	return l
}

func holds(h *Holdings) []string {
	if h.Messages == 0 {
		return []string{"no message"}
	}
	first := fmt.Sprintf("%s of %s", number(h.Messages, "message"), versions(h))
	if h.First != 0 {
		first += fmt.Sprintf(", from %s to %s UTC (%s)", h.First.Std().Format("2006-01-02 15:04:05"), until(h.First, h.Last), lasting(h.Last.Sub(h.First)))
	}
	points := []string{first, origin(h)}
	if h.Snapshot > 0 {
		points = append(points, fmt.Sprintf("a snapshot of %s that already ran when it began", number(uint64(h.Snapshot), "process")))
	}
	kinds := make([]es.Kind, 0, es.KindCount)
	for k := range h.Kinds {
		if h.Kinds[k] > 0 {
			kinds = append(kinds, es.Kind(k))
		}
	}
	slices.SortStableFunc(kinds, func(a, b es.Kind) int { return cmp.Compare(h.Kinds[b], h.Kinds[a]) })
	var words []string
	for _, k := range kinds {
		name := k.String()
		if k == es.KindOther {
			name = "events that no answer rests on"
		}
		words = append(words, name+" "+thousands(h.Kinds[k]))
	}
	return append(points, strings.Join(words, ", "))
}

func versions(h *Holdings) string {
	switch {
	case h.Version == 0:
		return "no known version"
	case h.Oldest != h.Version && h.Oldest != 0:
		return fmt.Sprintf("versions %d to %d", h.Oldest, h.Version)
	case h.OS != "":
		return fmt.Sprintf("version %d (%s)", h.Version, h.OS)
	case macOS[h.Version] != "":
		return fmt.Sprintf("version %d (%s)", h.Version, macOS[h.Version])
	}
	return fmt.Sprintf("version %d", h.Version)
}

// macOS is the release that a message version came with [D].
var macOS = map[int]string{
	6: "macOS 13", 7: "macOS 13.3 to 14", 8: "macOS 15", 9: "macOS 15.4", 10: "macOS 26", 11: "macOS 27",
}

func origin(h *Holdings) string {
	var s string
	switch {
	case len(h.Hosts) == 1 && h.Hosts[0] == "":
		s = "one host that it does not name (--host names it)"
	case len(h.Hosts) == 1:
		s = "one host, " + h.Hosts[0]
	default:
		named := make([]string, len(h.Hosts))
		for i, name := range h.Hosts {
			named[i] = cmp.Or(name, "one without a name")
		}
		s = fmt.Sprintf("%d hosts: %s", len(h.Hosts), list(named))
	}
	if h.Boots > 1 {
		s += fmt.Sprintf(", %d boots", h.Boots)
	}
	if h.Clients > 1 {
		s += fmt.Sprintf(", %d clients", h.Clients)
	}
	return s
}

func lacks(h *Holdings) []string {
	var points []string
	if kinds := Lacks(h); kinds != nil {
		var names []string
		for _, k := range kinds {
			names = append(names, k.String())
		}
		why := "none was seen; if they were recorded and did not happen, --subscribed says so"
		if h.Declared {
			why = "they were not recorded"
		}
		points = append(points, fmt.Sprintf("these events: %s (%s)", list(names), why))
	}
	if h.Messages > 0 && h.Snapshot == 0 {
		points = append(points, "what already ran when it began: such programs are known only by what they did since")
	}
	if h.LateStart {
		points = append(points, "its begin: the client had told messages before the first one here")
	}
	if h.Missing > 0 || h.Gaps > 0 {
		points = append(points, fmt.Sprintf("%s that were lost, in %s", number(h.Missing, "message"), number(h.Gaps, "gap")))
	}
	if h.Unreadable > 0 {
		points = append(points, number(h.Unreadable, "piece")+" that could not be read (--dead-letter keeps them)")
	}
	return points
}

func until(first, last es.Time) string {
	if first.Std().Format(time.DateOnly) == last.Std().Format(time.DateOnly) {
		return last.Std().Format(time.TimeOnly)
	}
	return last.Std().Format("2006-01-02 15:04:05")
}

// lasting is a duration for people.
func lasting(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < 2*time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 2*time.Hour:
		return strconv.FormatFloat(d.Minutes(), 'f', 0, 64) + " min"
	}
	return strconv.FormatFloat(d.Hours(), 'f', 1, 64) + " h"
}

func number(n uint64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return thousands(n) + " " + noun + "es"
	}
	return thousands(n) + " " + noun + "s"
}

func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
