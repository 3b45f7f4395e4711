// Package csv writes findings as a table for spreadsheets: one line a finding, what matters most of it. The line of JSON has
// more; docs/store.md has the columns.
//
// Names are data. Control characters in them are written as escapes, and a cell that a spreadsheet would take for a formula
// begins with an apostrophe.
package csv

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"ascribe.example/es"
	"ascribe.example/finding"
	"ascribe.example/finding/text"
)

// Writer writes one table.
type Writer struct {
	w     *csv.Writer
	cells []string
}

// columns are the table's, in order.
var columns = []struct {
	name string
	of   func(*finding.Finding) string
}{
	{"kind", func(f *finding.Finding) string { return string(f.Kind) }},
	{"id", func(f *finding.Finding) string { return f.ID }},
	{"host", func(f *finding.Finding) string { return f.Host }},
	{"boot", func(f *finding.Finding) string { return f.Boot }},
	{"time", func(f *finding.Finding) string { return moment(f.Time) }},
	{"end_time", func(f *finding.Finding) string { return moment(f.EndTime) }},
	{"action", func(f *finding.Finding) string { return string(f.Action) }},
	{"method", func(f *finding.Finding) string { return string(f.Method) }},
	{"event", func(f *finding.Finding) string { return f.Event }},
	{"path", func(f *finding.Finding) string { return f.Path }},
	{"source_path", func(f *finding.Finding) string { return f.SourcePath }},
	{"items_total", func(f *finding.Finding) string { return strconv.FormatUint(f.ItemsTotal, 10) }},
	{"type", of(func(o *finding.Object) string { return string(o.Type) })},
	{"size", of(func(o *finding.Object) string { return number(o.Size, -1) })},
	{"volume", volume(func(v *finding.Volume) string { return v.Mount })},
	{"volume_kind", volume(func(v *finding.Volume) string { return string(v.Kind) })},
	{"actor_path", by(func(p *finding.Process) string { return p.Path })},
	{"actor_signing_id", by(func(p *finding.Process) string { return p.SigningID })},
	{"actor_pid", by(func(p *finding.Process) string { return number(int64(p.PID), 0) })},
	{"responsible_app", responsible(func(r *finding.Responsible) string { return r.App })},
	{"responsible_path", responsible(func(r *finding.Responsible) string { return r.Path })},
	{"responsible_basis", responsible(func(r *finding.Responsible) string { return string(r.Basis) })},
	{"initiator_class", initiator(func(in *finding.Initiator) string { return string(in.Class) })},
	{"initiator_user", initiator(func(in *finding.Initiator) string { return in.User })},
	{"initiator_uid", initiator(func(in *finding.Initiator) string { return number(int64(in.UID), es.Unset) })},
	{"agent", initiator(func(in *finding.Initiator) string {
		if in.Agent == nil {
			return ""
		}
		return in.Agent.Name
	})},
	{"session", session(func(s *finding.Session) string { return string(s.Type) })},
	{"remote_address", session(func(s *finding.Session) string { return s.RemoteAddress })},
	{"certainty_action", func(f *finding.Finding) string { return level(f.Certainty.Action) }},
	{"certainty_actor", func(f *finding.Finding) string { return level(f.Certainty.Actor) }},
	{"certainty_responsible", func(f *finding.Finding) string { return level(f.Certainty.Responsible) }},
	{"certainty_initiator", func(f *finding.Finding) string { return level(f.Certainty.Initiator) }},
	{"caveats", func(f *finding.Finding) string {
		var l []string
		for _, c := range f.Caveats {
			l = append(l, string(c))
		}
		return strings.Join(l, " ")
	}},
	{"rules", func(f *finding.Finding) string {
		var l []string
		for i := range f.Rules {
			l = append(l, f.Rules[i].Name)
		}
		return strings.Join(l, " ")
	}},
}

// NewWriter begins a table on w: its heads are written at once.
func NewWriter(w io.Writer) (*Writer, error) {
	t := &Writer{w: csv.NewWriter(w)}
	for _, c := range columns {
		t.cells = append(t.cells, c.name)
	}
	return t, t.w.Write(t.cells)
}

// Write adds a line. Processes are told by what they are, as they have no path of their own: see execution in the line of JSON.
func (t *Writer) Write(f *finding.Finding) error {
	t.cells = t.cells[:0]
	for _, c := range columns {
		t.cells = append(t.cells, cell(c.of(f)))
	}
	return t.w.Write(t.cells)
}

// Close writes what is left.
func (t *Writer) Close() error {
	t.w.Flush()
	return t.w.Error()
}

func cell(s string) string {
	if s = text.Visible(s); s != "" && strings.IndexByte("=+-@", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

func moment(t es.Time) string {
	if t == 0 {
		return ""
	}
	return time.Unix(0, int64(t)).UTC().Format("2006-01-02T15:04:05.000000000Z")
}

func number(n, unknown int64) string {
	if n == unknown {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func level(c finding.Certainty) string {
	if c > finding.Certain {
		c = finding.Unknown
	}
	return c.String()
}

func of(get func(*finding.Object) string) func(*finding.Finding) string {
	return func(f *finding.Finding) string {
		if f.Object == nil {
			return ""
		}
		return get(f.Object)
	}
}

func volume(get func(*finding.Volume) string) func(*finding.Finding) string {
	return of(func(o *finding.Object) string {
		if o.Volume == nil {
			return ""
		}
		return get(o.Volume)
	})
}

func by(get func(*finding.Process) string) func(*finding.Finding) string {
	return func(f *finding.Finding) string {
		p := f.Actor
		if f.Execution != nil {
			p = &f.Execution.Process
		}
		if p == nil {
			return ""
		}
		return get(p)
	}
}

func responsible(get func(*finding.Responsible) string) func(*finding.Finding) string {
	return func(f *finding.Finding) string {
		if f.Responsible == nil {
			return ""
		}
		return get(f.Responsible)
	}
}

func initiator(get func(*finding.Initiator) string) func(*finding.Finding) string {
	return func(f *finding.Finding) string {
		if f.Initiator == nil {
			return ""
		}
		return get(f.Initiator)
	}
}

func session(get func(*finding.Session) string) func(*finding.Finding) string {
	return initiator(func(in *finding.Initiator) string {
		if in.Session == nil {
			return ""
		}
		return get(in.Session)
	})
}
