package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"ascribe.example/es"
	"github.com/google/go-cmp/cmp"
)

// files is where a rotating writer writes in tests.
type files struct {
	list []*bytes.Buffer
	fail bool
}

type file1 struct {
	*bytes.Buffer
	closed *int
}

func (f file1) Close() error { *f.closed++; return nil }

func (f *files) create(closed *int) func(int) (io.WriteCloser, error) {
	return func(part int) (io.WriteCloser, error) {
		if part != len(f.list)+1 {
			return nil, fmt.Errorf("part %d after %d", part, len(f.list))
		}
		if f.fail {
			return nil, errors.New("no space")
		}
		f.list = append(f.list, &bytes.Buffer{})
		return file1{f.list[part-1], closed}, nil
	}
}

// outline is what a file holds, in short; every control line is validated.
func outline(t *testing.T, in []byte) string {
	t.Helper()
	text, _, err := unpack(t, bytes.NewReader(in))
	out := []string{}
	if err != nil {
		out = append(out, err.Error())
	}
	s := NewScanner(strings.NewReader(text))
	for {
		p, err := s.Next()
		if err == io.EOF {
			return strings.Join(out, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		switch c, err := ParseControl(p.Raw); {
		case p.Unreadable():
			out = append(out, "unreadable "+string(p.Raw))
		case errors.Is(err, ErrNotControl):
			out = append(out, string(p.Raw))
		case err != nil:
			t.Fatal(err)
		default:
			if err := validate(p.Raw); err != nil {
				t.Errorf("%s\n%v", p.Raw, err)
			}
			line := string(c.Kind)
			switch {
			case c.Header != nil:
				line += fmt.Sprint(" ", c.Header.Host, c.Header.Time, c.Header.Redaction)
			case c.End != nil:
				line += fmt.Sprint(" ", *c.End)
			}
			out = append(out, line)
		}
	}
}

func TestWriter(t *testing.T) {
	for _, c := range []Compression{Plain, Gzip, Zstd} {
		var b bytes.Buffer
		w, err := NewWriter(&b, Options{Compression: c, Redact: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write([]byte("{}"), 1); err != errNoBegin {
			t.Errorf("a message before the begin line: %v", err)
		}
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		check(w.Begin(&es.Header{Host: "mac", Time: 5}))
		check(w.Snapshot(&es.Snapshot{Time: 6, Processes: []es.SnapshotProcess{{Args: []string{"x", "--token=y"}}}}))
		check(w.Write([]byte(`{"env":["A_TOKEN=x"]}`), 7))
		check(w.Write([]byte("{\n \"a\": 1\n}"), 8))
		check(w.Write([]byte("{\n broken"), 8))
		check(w.Gap(&es.Gap{From: 7, To: 8, Why: "lost"}))
		check(w.Fact(&es.Fact{Time: 9, Path: "/x", Name: "quarantine", Value: "0081"}))
		check(w.Watermark(9))
		check(w.Flush())
		want := "begin mac5 [ascribe.redaction/1]\nsnapshot\n" + `{"env":["A_TOKEN=<redacted>"]}` + "\n{\"a\":1}\nunreadable {\n broken\ngap\nfact\nwatermark"
		cut := ""
		if c != Plain {
			cut = "the " + c.String() + " data is cut: unexpected EOF\n"
		}
		// Readable while it is written.
		if diff := cmp.Diff(cut+want, outline(t, b.Bytes())); diff != "" {
			t.Errorf("%s, flushed: %s", c, diff)
		}
		check(w.Begin(&es.Header{Host: "mac", Boot: "b2", Time: 10}))
		check(w.Write([]byte("{}"), 11))
		check(w.End(12))
		check(w.Close())
		if diff := cmp.Diff(want+"\nbegin mac10 [ascribe.redaction/1]\n{}\nend {12 1 false}", outline(t, b.Bytes())); diff != "" {
			t.Errorf("%s: %s", c, diff)
		}
		if err := w.Write([]byte("{}"), 12); err == nil {
			t.Errorf("%s: a message after the end was taken", c)
		}
		if strings.Contains(b.String(), "--token=y") {
			t.Error("the snapshot was not redacted")
		}
	}
}

func TestWriterRotates(t *testing.T) {
	for _, c := range []Compression{Plain, Zstd} {
		closed := 0
		var f files
		w := NewRotatingWriter(f.create(&closed), Options{Compression: c, MaxAge: 10 * time.Second})
		sec := func(n int) es.Time { return es.Time(n) * es.Time(time.Second) }
		if err := w.Begin(&es.Header{Host: "mac", Time: sec(1)}); err != nil {
			t.Fatal(err)
		}
		for _, at := range []int{2, 10, 11, 0, 12, 30} {
			if err := w.Write([]byte(fmt.Sprintf(`{"at":%d}`, at)), sec(at)); err != nil {
				t.Fatal(err)
			}
		}
		f.fail = true
		if err := w.Watermark(sec(50)); err == nil {
			t.Error("a file that could not be made was not told")
		}
		f.fail = false
		if err := w.Watermark(sec(51)); err != nil {
			t.Error(err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		got := ""
		for _, b := range f.list {
			got += outline(t, b.Bytes()) + "\n---\n"
		}
		want := `begin mac1000000000 []
{"at":2}
{"at":10}
end {11000000000 2 true}
---
begin mac11000000000 []
{"at":11}
{"at":0}
{"at":12}
end {30000000000 3 true}
---
begin mac30000000000 []
{"at":30}
end {50000000000 1 true}
---
begin mac51000000000 []
watermark
---
`
		if diff := cmp.Diff(want, got); diff != "" || closed != 4 {
			t.Errorf("%s, %d closed: %s", c, closed, diff)
		}
	}
}

func TestWriterRotatesBySize(t *testing.T) {
	closed := 0
	var f files
	w := NewRotatingWriter(f.create(&closed), Options{MaxBytes: 1000})
	if err := w.Begin(&es.Header{Host: "mac", Time: 1}); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := w.Write([]byte(fmt.Sprintf(`{"n":%d,"x":"%s"}`, i, strings.Repeat("x", 100))), es.Time(i+1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(200); err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, b := range f.list {
		n += strings.Count(b.String(), `"n":`)
		if b.Len() > 1000+120+120 || b.Len() < 1000 && i < len(f.list)-1 {
			t.Errorf("part %d has %d bytes", i+1, b.Len())
		}
	}
	if n != 100 || closed != len(f.list) || len(f.list) < 10 {
		t.Errorf("%d messages in %d files, %d closed", n, len(f.list), closed)
	}
}

// BenchmarkWrite is what recording costs a host, a line.
func BenchmarkWrite(b *testing.B) {
	line, _ := json.Marshal(map[string]string{"x": strings.Repeat(`{"path":"/Users/alice/Documents","uid":501}`, 50)})
	for _, c := range []Compression{Plain, Gzip, Zstd} {
		b.Run(c.String(), func(b *testing.B) {
			w, err := NewWriter(io.Discard, Options{Compression: c, Redact: true})
			if err != nil {
				b.Fatal(err)
			}
			if err := w.Begin(&es.Header{}); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Write(line, 1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
