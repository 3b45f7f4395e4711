package store

import (
	"bytes"
	"cmp"

	"ascribe.example/finding"
)

// compare says which of two conclusions with one id is kept: the greater. Recordings that were cut elsewhere conclude
// differently about the same first message, and the one that saw more is right. In this order: more member messages, a process
// whose end is known, fewer caveats, a later end, more evidence, more rules of the user's that were asked and matched; and then
// the line that sorts later, so that it never matters which came first.
func compare(a, b *finding.Finding) int {
	return cmp.Or(
		cmp.Compare(a.EventsTotal, b.EventsTotal),
		cmp.Compare(ended(a), ended(b)),
		cmp.Compare(len(b.Caveats), len(a.Caveats)),
		cmp.Compare(a.EndTime, b.EndTime),
		cmp.Compare(len(a.Evidence), len(b.Evidence)),
		cmp.Compare(rules(a), rules(b)),
		bytes.Compare(finding.Append(nil, a), finding.Append(nil, b)),
	)
}

func ended(f *finding.Finding) int {
	if f.Execution != nil && f.Execution.Ended != 0 {
		return 1
	}
	return 0
}

// rules counts what matched, none as more than not asked.
func rules(f *finding.Finding) int {
	if f.Rules == nil {
		return -1
	}
	return len(f.Rules)
}
