package score

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"ascribe.example/finding"
)

// Columns of an answers file, in the order that [WriteCSV] gives them. A file may have them in any order, leave out all but
// scenario, and have others, which are passed over.
var Columns = []string{
	"scenario", "events", "time", "action", "method", "path", "source_path", "items", "files", "actor_pid", "actor_pidversion", "actor_path",
	"responsible_pid", "responsible_pidversion", "responsible_path", "initiator_class", "initiator_uid",
	"action_certainty", "actor_certainty", "responsible_certainty", "initiator_certainty",
}

// WriteCSV writes the answers of each scenario; the names come in the order given.
func WriteCSV(w io.Writer, names []string, of func(name string) []Answer) error {
	out := csv.NewWriter(w)
	if err := out.Write(Columns); err != nil {
		return fmt.Errorf("write answers: %w", err)
	}
	for _, name := range names {
		answers := of(name)
		for i := range answers {
			if err := out.Write(row(name, &answers[i])); err != nil {
				return fmt.Errorf("write answers: %w", err)
			}
		}
	}
	out.Flush()
	return out.Error()
}

func row(name string, a *Answer) []string {
	l := make([]string, 0, len(Columns))
	l = append(l, name, rangesText(a.Events), "", a.Action, a.Method, a.Path, a.Source, "", strings.Join(a.Files, "\n"))
	if !a.Time.IsZero() {
		l[2] = a.Time.UTC().Format(time.RFC3339Nano)
	}
	if a.Items > 0 {
		l[7] = strconv.Itoa(a.Items)
	}
	for _, p := range []*Process{a.Actor, a.Responsible} {
		if p == nil {
			l = append(l, "", "", "")
			continue
		}
		l = append(l, strconv.FormatInt(int64(p.PID), 10), strconv.FormatUint(uint64(p.PIDVersion), 10), p.Path)
	}
	if a.Initiator != nil {
		l = append(l, a.Initiator.Class, strconv.FormatUint(uint64(a.Initiator.UID), 10))
	} else {
		l = append(l, "", "")
	}
	for _, r := range finding.Roles {
		if a.Leveled {
			l = append(l, a.Levels.Of(r).String())
		} else {
			l = append(l, "")
		}
	}
	return l
}

func rangesText(ranges []Range) string {
	var b strings.Builder
	for i, g := range ranges {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatUint(g[0], 10))
		if g[1] != g[0] {
			b.WriteByte('-')
			b.WriteString(strconv.FormatUint(g[1], 10))
		}
	}
	return b.String()
}

// ReadCSV reads answers, by scenario. Errors name the line and the column.
func ReadCSV(r io.Reader) (map[string][]Answer, error) {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("read the first line of an answers file, which names its columns: %w", err)
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.TrimSpace(strings.TrimPrefix(h, "\ufeff"))] = i
	}
	if _, ok := at["scenario"]; !ok {
		return nil, fmt.Errorf("read an answers file: no column %q among %s", "scenario", strings.Join(slices.Clone(head), ", "))
	}
	answers := map[string][]Answer{}
	for {
		record, err := in.Read()
		if err == io.EOF {
			return answers, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read an answers file: %w", err)
		}
		line, _ := in.FieldPos(0)
		f := &fields{record: record, at: at, line: line}
		a := f.answer()
		if f.err != nil {
			return nil, f.err
		}
		name := strings.Clone(f.text("scenario"))
		answers[name] = append(answers[name], a)
	}
}

// fields reads one line; the first mistake stays in err.
type fields struct {
	record []string
	at     map[string]int
	line   int
	err    error
}

func (f *fields) answer() Answer {
	a := Answer{
		Action: f.text("action"), Method: f.text("method"), Path: f.text("path"), Source: f.text("source_path"),
		Items: int(f.number("items", 31)), Actor: f.process("actor"), Responsible: f.process("responsible"), Events: f.ranges(),
	}
	if t := f.text("files"); t != "" {
		a.Files = strings.Split(t, "\n")
	}
	if class, uid := f.text("initiator_class"), f.text("initiator_uid"); class != "" || uid != "" {
		a.Initiator = &Initiator{Class: class, UID: uint32(f.number("initiator_uid", 32))}
	}
	if t := f.text("time"); t != "" {
		var err error
		if a.Time, err = time.Parse(time.RFC3339Nano, t); err != nil {
			f.wrong("time", "a time such as 2026-03-01T10:00:00.5Z")
		}
	}
	for i, to := range []*finding.Certainty{&a.Levels.Action, &a.Levels.Actor, &a.Levels.Responsible, &a.Levels.Initiator} {
		*to = f.level(string(finding.Roles[i])+"_certainty", &a.Leveled)
	}
	return a
}

func (f *fields) text(column string) string {
	if i, ok := f.at[column]; ok && i < len(f.record) {
		return strings.Clone(f.record[i])
	}
	return ""
}

func (f *fields) wrong(column, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("read an answers file: line %d, column %s: %q: expected %s", f.line, column, f.text(column), want)
	}
}

func (f *fields) number(column string, bits int) uint64 {
	t := f.text(column)
	if t == "" {
		return 0
	}
	n, err := strconv.ParseUint(t, 10, bits)
	if err != nil {
		f.wrong(column, "a number")
	}
	return n
}

func (f *fields) process(role string) *Process {
	if f.text(role+"_pid") == "" {
		return nil
	}
	return &Process{PID: int32(f.number(role+"_pid", 31)), PIDVersion: uint32(f.number(role+"_pidversion", 32)), Path: f.text(role + "_path")}
}

func (f *fields) ranges() []Range {
	var l []Range
	for _, w := range strings.Fields(f.text("events")) {
		from, to, pair := strings.Cut(w, "-")
		if !pair {
			to = from
		}
		lo, err := strconv.ParseUint(from, 10, 64)
		hi, err2 := strconv.ParseUint(to, 10, 64)
		if err != nil || err2 != nil || hi < lo || hi-lo > 1<<32 {
			f.wrong("events", "global_seq_nums and ranges of them, as in 410-413 420")
			return nil
		}
		l = append(l, Range{lo, hi})
	}
	return l
}

func (f *fields) level(column string, leveled *bool) finding.Certainty {
	t := f.text(column)
	if t == "" {
		return finding.Unknown
	}
	*leveled = true
	for _, c := range finding.Certainties {
		if c.String() == t {
			return c
		}
	}
	f.wrong(column, "unknown, possible, likely or certain")
	return finding.Unknown
}
