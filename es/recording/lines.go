package recording

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
)

// The control lines as they are written. Every key is always there, null where unknown.
type (
	beginLine struct {
		Schema     string        `json:"schema"`
		Kind       Kind          `json:"kind"`
		Host       *string       `json:"host"`
		Boot       *string       `json:"boot"`
		Client     *string       `json:"client"`
		OS         *string       `json:"os"`
		Time       *string       `json:"time"`
		Timebase   *timebaseLine `json:"timebase"`
		Subscribed *[]string     `json:"subscribed"`
		Redaction  []string      `json:"redaction"`
		Own        []lifeLine    `json:"own,omitempty"` // younger than the other keys: old recordings lack it
	}
	lifeLine struct {
		PID       int32   `json:"pid"`
		StartTime *string `json:"start_time"`
	}
	timebaseLine struct {
		Numer uint32 `json:"numer"`
		Denom uint32 `json:"denom"`
	}
	snapshotLine struct {
		Schema    string        `json:"schema"`
		Kind      Kind          `json:"kind"`
		Time      *string       `json:"time"`
		Processes []processLine `json:"processes"`
		Users     []userLine    `json:"users"`
		Mounts    []mountLine   `json:"mounts"`
		Jobs      []jobLine     `json:"jobs"`
	}
	processLine struct {
		Process            process  `json:"process"`
		Args               []string `json:"args"`
		Label              *string  `json:"label"`
		BundleID           *string  `json:"bundle_id"`
		OriginalPIDVersion *uint32  `json:"original_pidversion"`
	}
	userLine struct {
		UID  uint32  `json:"uid"`
		Name *string `json:"name"`
		Home *string `json:"home"`
	}
	mountLine struct {
		Statfs      statfs `json:"statfs"`
		Disposition *int32 `json:"disposition"`
	}
	jobLine struct {
		Label        string   `json:"label"`
		Program      *string  `json:"program"`
		MachServices []string `json:"mach_services"`
		PID          *int32   `json:"pid"`
		UID          uint32   `json:"uid"`
		Domain       *string  `json:"domain"`
	}
	watermarkLine struct {
		Schema string  `json:"schema"`
		Kind   Kind    `json:"kind"`
		Time   *string `json:"time"`
	}
	gapLine struct {
		Schema  string  `json:"schema"`
		Kind    Kind    `json:"kind"`
		From    *string `json:"from"`
		To      *string `json:"to"`
		Missing *uint64 `json:"missing"`
		Why     string  `json:"why"`
	}
	factLine struct {
		Schema string  `json:"schema"`
		Kind   Kind    `json:"kind"`
		Time   *string `json:"time"`
		Path   string  `json:"path"`
		Ino    *string `json:"ino"`
		Dev    *int32  `json:"dev"`
		Name   string  `json:"name"`
		Value  string  `json:"value"`
		Event  *string `json:"event_time,omitempty"` // younger than the other keys
	}
	endLine struct {
		Schema    string  `json:"schema"`
		Kind      Kind    `json:"kind"`
		Time      *string `json:"time"`
		Messages  uint64  `json:"messages"`
		Continued bool    `json:"continued"`
	}
)

// text is null for what is unknown.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func untext(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// some is null for zero.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func unsome[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

const layout = "2006-01-02T15:04:05.000000000Z07:00"

func stamp(t es.Time) *string {
	if t == 0 {
		return nil
	}
	s := t.Std().Format(layout)
	return &s
}

var (
	earliest = time.Unix(0, -1<<63)
	latest   = time.Unix(0, 1<<63-1)
)

func unstamp(key string, s *string) (es.Time, error) {
	if s == nil {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339Nano, *s)
	if err != nil || t.Before(earliest) || t.After(latest) {
		return 0, fmt.Errorf("%q is not a time such as 2026-03-01T10:00:00.000000000Z: %.40q", key, *s)
	}
	return es.Time(t.UnixNano()), nil
}

func newBeginLine(h *es.Header) beginLine {
	l := beginLine{
		Schema: Schema, Kind: KindBegin,
		Host: text(h.Host), Boot: text(h.Boot), Client: text(h.Client), OS: text(h.OS), Time: stamp(h.Time),
		Redaction: append([]string{}, h.Redaction...),
	}
	if h.Timebase.Numer != 0 && h.Timebase.Denom != 0 {
		l.Timebase = &timebaseLine{h.Timebase.Numer, h.Timebase.Denom}
	}
	for _, o := range h.Own {
		l.Own = append(l.Own, lifeLine{o.PID, stamp(o.StartTime)})
	}
	if h.HasKinds {
		names := []string{}
		for _, k := range h.Subscribed.List() {
			names = append(names, k.String())
		}
		slices.Sort(names)
		l.Subscribed = &names
	}
	return l
}

func (l *beginLine) header() (*es.Header, error) {
	t, err := unstamp("time", l.Time)
	if err != nil {
		return nil, err
	}
	h := &es.Header{Host: untext(l.Host), Boot: untext(l.Boot), Client: untext(l.Client), OS: untext(l.OS), Time: t}
	if l.Timebase != nil {
		if l.Timebase.Numer == 0 || l.Timebase.Denom == 0 {
			return nil, errors.New(`"timebase" is zero`)
		}
		h.Timebase = es.Timebase{Numer: l.Timebase.Numer, Denom: l.Timebase.Denom}
	}
	if l.Subscribed != nil {
		h.HasKinds = true
		for _, name := range *l.Subscribed {
			h.Subscribed.Add(es.KindOf(name)) // what the engine does not read is es.KindOther
		}
	}
	if len(l.Redaction) > 0 {
		h.Redaction = l.Redaction
	}
	for _, o := range l.Own {
		start, err := unstamp("start_time", o.StartTime)
		if err != nil {
			return nil, err
		}
		h.Own = append(h.Own, es.Life{PID: o.PID, StartTime: start})
	}
	return h, nil
}

func newSnapshotLine(s *es.Snapshot) snapshotLine {
	l := snapshotLine{
		Schema: Schema, Kind: KindSnapshot, Time: stamp(s.Time),
		Processes: []processLine{}, Users: []userLine{}, Mounts: []mountLine{}, Jobs: []jobLine{},
	}
	for i := range s.Processes {
		p := &s.Processes[i]
		l.Processes = append(l.Processes, processLine{
			Process: newProcess(&p.Process), Args: p.Args, Label: text(p.Label), BundleID: text(p.BundleID),
			OriginalPIDVersion: some(p.OriginalPIDV),
		})
	}
	for _, u := range s.Users {
		l.Users = append(l.Users, userLine{u.UID, text(u.Name), text(u.Home)})
	}
	for i := range s.Mounts {
		m := mountLine{Statfs: newStatfs(&s.Mounts[i].Statfs)}
		if d := int32(s.Mounts[i].Disposition); d != int32(es.MountDispositionMissing) {
			m.Disposition = &d
		}
		l.Mounts = append(l.Mounts, m)
	}
	for _, j := range s.Jobs {
		l.Jobs = append(l.Jobs, jobLine{
			Label: j.Label, Program: text(j.Program), MachServices: append([]string{}, j.MachServices...), PID: some(j.PID),
			UID: j.UID, Domain: text(j.Domain),
		})
	}
	return l
}

func (l *snapshotLine) snapshot() (*es.Snapshot, error) {
	t, err := unstamp("time", l.Time)
	if err != nil {
		return nil, err
	}
	s := &es.Snapshot{Time: t}
	for i := range l.Processes {
		p := &l.Processes[i]
		out := es.SnapshotProcess{
			Args: p.Args, Label: untext(p.Label), BundleID: untext(p.BundleID), OriginalPIDV: unsome(p.OriginalPIDVersion),
		}
		if out.Process, err = p.Process.process(); err != nil {
			return nil, fmt.Errorf("process %d: %w", i, err)
		}
		s.Processes = append(s.Processes, out)
	}
	for _, u := range l.Users {
		s.Users = append(s.Users, es.User{UID: u.UID, Name: untext(u.Name), Home: untext(u.Home)})
	}
	for i := range l.Mounts {
		m := es.SnapshotMount{Statfs: l.Mounts[i].Statfs.statfs(), Disposition: es.MountDispositionMissing}
		if d := l.Mounts[i].Disposition; d != nil {
			m.Disposition = es.MountDisposition(*d)
		}
		s.Mounts = append(s.Mounts, m)
	}
	for _, j := range l.Jobs {
		out := es.Job{Label: j.Label, Program: untext(j.Program), PID: unsome(j.PID), UID: j.UID, Domain: untext(j.Domain)}
		if len(j.MachServices) > 0 {
			out.MachServices = j.MachServices
		}
		s.Jobs = append(s.Jobs, out)
	}
	return s, nil
}

func (l *watermarkLine) time() (*es.Time, error) {
	if l.Time == nil {
		return nil, errors.New(`"time" is missing`)
	}
	t, err := unstamp("time", l.Time)
	return &t, err
}

func newGapLine(g *es.Gap) gapLine {
	return gapLine{Schema, KindGap, stamp(g.From), stamp(g.To), some(g.Missing), g.Why}
}

func (l *gapLine) gap() (*es.Gap, error) {
	from, err := unstamp("from", l.From)
	if err != nil {
		return nil, err
	}
	to, err := unstamp("to", l.To)
	if err != nil {
		return nil, err
	}
	return &es.Gap{From: from, To: to, Missing: unsome(l.Missing), Why: l.Why}, nil
}

func newFactLine(f *es.Fact) factLine {
	l := factLine{Schema: Schema, Kind: KindFact, Time: stamp(f.Time), Path: f.Path, Dev: some(f.Dev), Name: f.Name, Value: f.Value, Event: stamp(f.Event)}
	if f.Ino != 0 {
		l.Ino = text(strconv.FormatUint(f.Ino, 10))
	}
	return l
}

func (l *factLine) fact() (*es.Fact, error) {
	t, err := unstamp("time", l.Time)
	if err != nil {
		return nil, err
	}
	event, err := unstamp("event_time", l.Event)
	if err != nil {
		return nil, err
	}
	f := &es.Fact{Time: t, Event: event, Path: l.Path, Dev: unsome(l.Dev), Name: l.Name, Value: l.Value}
	if l.Ino != nil {
		if f.Ino, err = strconv.ParseUint(strings.TrimSpace(*l.Ino), 10, 64); err != nil {
			return nil, fmt.Errorf(`"ino" is not an inode number: %.40q`, *l.Ino)
		}
	}
	return f, nil
}

func (l *endLine) end() (*End, error) {
	t, err := unstamp("time", l.Time)
	if err != nil {
		return nil, err
	}
	return &End{Time: t, Messages: l.Messages, Continued: l.Continued}, nil
}
