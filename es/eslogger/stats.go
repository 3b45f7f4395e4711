package eslogger

import "maps"

// maxNames bounds each table of [Stats]: input decides the names, so it must not decide how many are kept.
const maxNames = 1000

// Stats counts what a decoder met since it was made. Its tables hold at most 1,000 names each; what found no room
// is in Unnamed.
type Stats struct {
	Messages  uint64 // decoded
	Errors    uint64 // refused, with an [Error]
	Fallbacks uint64 // left to encoding/json, refused ones included

	UnknownKeys     map[string]uint64 // "process.color": keys that no known message version has, by object
	UnknownEvents   map[string]uint64 // events that became es.Other, by name
	UnknownVersions map[int]uint64    // message versions outside 6 to 11
	Mismatched      map[string]uint64 // known keys with a value of another type or out of range, taken as unknown
	Unnamed         uint64
}

// known message versions: eslogger began with macOS 13, and 11 is macOS 27's [D].
const (
	oldestVersion = 6
	newestVersion = 11
)

// Stats returns a copy of the decoder's counts.
func (d *Decoder) Stats() Stats {
	s := Stats{Messages: d.messages, Errors: d.errors, Fallbacks: d.fallbacks, Unnamed: d.unnamed}
	s.UnknownKeys = d.unknownKeys.counts()
	s.UnknownEvents = d.unknownEvents.counts()
	s.Mismatched = d.mismatched.counts()
	s.UnknownVersions = maps.Clone(d.unknownVersions)
	return s
}

// tally counts names. Counting a name for the second time does not allocate.
type tally map[string]*uint64

func (t tally) counts() map[string]uint64 {
	if len(t) == 0 {
		return nil
	}
	m := make(map[string]uint64, len(t))
	for k, n := range t {
		m[k] = *n
	}
	return m
}

// add counts one more of a name and reports whether there was room for it.
func (t *tally) add(name []byte) bool {
	if n := (*t)[string(name)]; n != nil {
		*n++
		return true
	}
	if len(*t) >= maxNames {
		return false
	}
	if *t == nil {
		*t = tally{}
	}
	one := uint64(1)
	(*t)[string(name)] = &one
	return true
}

func (d *Decoder) count(t *tally, object, key string) {
	d.name = append(d.name[:0], object...)
	if object != "" {
		d.name = append(d.name, '.')
	}
	d.name = append(d.name, key...)
	if !t.add(d.name) {
		d.unnamed++
	}
}

func (d *Decoder) countVersion(v int) {
	if v >= oldestVersion && v <= newestVersion {
		return
	}
	if _, ok := d.unknownVersions[v]; !ok && len(d.unknownVersions) >= maxNames {
		d.unnamed++
		return
	}
	if d.unknownVersions == nil {
		d.unknownVersions = map[int]uint64{}
	}
	d.unknownVersions[v]++
}
