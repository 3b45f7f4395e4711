package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ascribe.example/engine"
	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
)

// summarize writes the balance of a job to standard error: what was read, what was found, and where every message went.
func (j *job) summarize(all bool) {
	var b strings.Builder
	if _, terminal := terminalOf(j.console.out); terminal {
		b.WriteByte('\n')
	}
	s := &j.summary
	fmt.Fprintf(&b, "read %s: %s", plural(s.Values, "value"), plural(s.Messages, "message"))
	if s.Control > 0 {
		fmt.Fprintf(&b, ", %s", plural(s.Control, "control line"))
	}
	if s.Unreadable > 0 {
		fmt.Fprintf(&b, ", %s unreadable", thousands(s.Unreadable))
	}
	if j.stopped {
		b.WriteString("; stopped before the end")
	}
	b.WriteString("\nfound ")
	b.WriteString(plural(j.counts[finding.KindOperation], "operation"))
	for _, k := range []finding.Kind{finding.KindEvent, finding.KindProcess, finding.KindGap} {
		if n := j.counts[k]; n > 0 {
			b.WriteString(", " + plural(n, kindNouns[k]))
		}
	}
	b.WriteByte('\n')
	t := j.totals()
	fmt.Fprintf(&b, "%s changed what a path names or holds: %s in operations", plural(t.seen, "message"), thousands(t.inside))
	for _, r := range t.reasons {
		fmt.Fprintf(&b, ", %s %s", thousands(r.n), r.name)
	}
	b.WriteByte('\n')
	if t.missing > 0 || t.gaps > 0 || t.duplicates > 0 || t.late > 0 || t.own > 0 {
		var parts []string
		part := func(n uint64, words string) {
			if n > 0 {
				parts = append(parts, thousands(n)+" "+words)
			}
		}
		gaps := "gaps"
		if t.gaps == 1 {
			gaps = "gap"
		}
		part(t.missing, "lost")
		part(t.gaps, gaps)
		part(t.duplicates, "told twice and counted once")
		part(t.late, "late")
		part(t.own, "of ascribe itself, left out")
		fmt.Fprintf(&b, "of the messages: %s\n", strings.Join(parts, ", "))
	}
	if !t.balanced || !s.Balanced() {
		b.WriteString("these numbers do not balance: that is a defect of ascribe, please report it\n")
	}
	if all {
		j.statistics(&b)
	}
	fmt.Fprint(j.console.err, b.String())
}

var kindNouns = map[finding.Kind]string{
	finding.KindEvent: "single event", finding.KindProcess: "process", finding.KindGap: "gap",
}

// totals are the sums over all engines.
type totals struct {
	seen, inside                         uint64
	reasons                              []counted
	missing, gaps, duplicates, late, own uint64
	balanced                             bool
}

type counted struct {
	name string
	n    uint64
}

func (j *job) totals() totals {
	t := totals{balanced: true}
	index := map[string]int{}
	for _, e := range j.engines {
		s := e.Summary()
		t.seen += s.Ledger.Seen
		t.inside += s.Ledger.InOperations
		for name, n := range s.Ledger.Reasons {
			i, ok := index[name]
			if !ok {
				i = len(t.reasons)
				index[name] = i
				t.reasons = append(t.reasons, counted{name: name})
			}
			t.reasons[i].n += n
		}
		t.missing += s.Missing
		t.gaps += s.Gaps
		t.duplicates += s.Duplicates
		t.late += s.Late
		t.own += s.Own
		t.balanced = t.balanced && s.Balanced()
	}
	return t
}

// statistics writes every other count.
func (j *job) statistics(b *strings.Builder) {
	s := &j.summary
	fmt.Fprintf(b, "\ntime %.2f s, %s a second, %s stored, %s as text\n", j.elapsed.Seconds(),
		plural(uint64(float64(s.Messages)/max(j.elapsed.Seconds(), 1e-9)), "message"), plural(uint64(s.Bytes), "byte"), plural(uint64(s.Text), "byte"))
	var kinds [es.KindCount]uint64
	for _, e := range j.engines {
		es := e.Summary()
		for k, n := range es.Kinds {
			kinds[k] += n
		}
	}
	b.WriteString("events\n")
	for k, n := range kinds {
		if n > 0 {
			fmt.Fprintf(b, "  %-28s %s\n", es.Kind(k), thousands(n))
		}
	}
	table(b, "events that no answer rests on", s.Decoded.UnknownEvents)
	table(b, "unknown keys", s.Decoded.UnknownKeys)
	table(b, "values of an unexpected type", s.Decoded.Mismatched)
	if n := s.Decoded.Fallbacks; n > 0 {
		fmt.Fprintf(b, "read the slow way: %s\n", thousands(n))
	}
	for _, e := range j.engines {
		j.memory(b, e.Summary())
	}
}

func (j *job) memory(b *strings.Builder, s engine.Summary) {
	fmt.Fprintf(b, "processes: %d alive, %d past, %s forgotten, %s inferred, %s conflicts, %s forks and execs unseen\n",
		s.Lineage.Live, s.Lineage.Past, thousands(s.Lineage.Evicted), thousands(s.Lineage.Inferred),
		thousands(s.Lineage.Conflicts), thousands(s.Lineage.Unseen))
	fmt.Fprintf(b, "files: %d remembered, %s forgotten\n", s.Files.Files, thousands(s.Files.Evicted))
	d := &s.Drafts
	fmt.Fprintf(b, "operations under way: at most %s at a time, %s settled early to make room\n", thousands(uint64(d.Most)), thousands(d.Early))
	if s.Lineage.Held > 0 {
		b.WriteString("processes, files and operations under way took all the room that they have together: for more of one kind one of the same kind was forgotten, or settled early\n")
	}
	fmt.Fprintf(b, "bytes: %d a process, %d a file, %d an operation under way\n", s.Lineage.Bytes/max(s.Lineage.Live+s.Lineage.Past, 1),
		(s.Files.Memory+s.Files.Bytes)/max(s.Files.Files, 1), d.Bytes/max(d.Most, 1))
}

func table(b *strings.Builder, title string, counts map[string]uint64) {
	if len(counts) == 0 {
		return
	}
	b.WriteString(title + "\n")
	names := slices.SortedFunc(maps.Keys(counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(counts[y], counts[x]), cmp.Compare(x, y))
	})
	for i, name := range names {
		if i == 20 {
			fmt.Fprintf(b, "  and %d more\n", len(names)-i)
			break
		}
		fmt.Fprintf(b, "  %-28s %s\n", text.Visible(name), thousands(counts[name]))
	}
}

func plural(n uint64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return thousands(n) + " " + noun + "es"
	}
	return thousands(n) + " " + noun + "s"
}
