package recording

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// got is a piece as tests compare it.
type got struct {
	Text   string
	Offset int64
	Line   int64
	Reason string
}

// chunks is a reader that returns at most size bytes a call.
type chunks struct {
	r    io.Reader
	size int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.size)]) }

// split collects the pieces of a stream as a consumer of [Splitter] sees them: what is no value is divided, and the parts
// of a run are joined.
func split(t interface{ Fatalf(string, ...any) }, r io.Reader, limit, block int) []got {
	var (
		out   []got
		w     walker
		b     Block
		joins bool
	)
	s := NewSplitter(r, limit, block)
	for {
		err := s.Fill(&b)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("fill: %v", err)
		}
		for _, p := range b.Pieces {
			if cap(p.Raw)-len(p.Raw) < Padding {
				t.Fatalf("piece at %d has %d bytes of padding", p.Offset, cap(p.Raw)-len(p.Raw))
			}
			ps := []Piece{p}
			if !p.Unreadable() && !w.whole(p.Raw) {
				ps = Divide(p)
			}
			for _, p := range ps {
				if joins {
					out[len(out)-1].Text += string(p.Raw)
				} else {
					out = append(out, got{string(p.Raw), p.Offset, p.Line, p.Reason})
				}
				joins = p.More
			}
		}
	}
	if joins {
		t.Fatalf("the last part of a run is missing")
	}
	for i := range out {
		if out[i].Reason != "" {
			out[i].Text = strings.TrimRight(out[i].Text, " \t\r\n")
		}
	}
	return out
}

func TestSplit(t *testing.T) {
	value := func(text string, offset, line int64) got { return got{text, offset, line, ""} }
	for _, c := range []struct {
		name, in string
		want     []got
	}{
		{"nothing", "", nil},
		{"white space", " \n\n\t\r\n", nil},
		{"lines", "{\"a\":1}\n{\"b\":2}\n", []got{value(`{"a":1}`, 0, 1), value(`{"b":2}`, 8, 2)}},
		{"no newline at the end", "{\"a\":1}\n{\"b\":2}", []got{value(`{"a":1}`, 0, 1), value(`{"b":2}`, 8, 2)}},
		{"carriage returns", "{\"a\":1}\r\n\r\n{\"b\":2}\r\n", []got{value(`{"a":1}`, 0, 1), value(`{"b":2}`, 11, 3)}},
		{"pretty", "{\n  \"a\": {\n    \"b\": []\n  }\n}\n{\n}\n", []got{
			value("{\n  \"a\": {\n    \"b\": []\n  }\n}", 0, 1), value("{\n}", 29, 6),
		}},
		{"one line", `{"a":1}{"b":2} {"c":"}{"}` + "\n{}\n", []got{
			value(`{"a":1}`, 0, 1), value(`{"b":2}`, 7, 1), value(`{"c":"}{"}`, 15, 1), value(`{}`, 26, 2),
		}},
		{"a value that looks whole too early", "{\"a\":{}\n,\"b\":[\n{},\n{}]}\n{}\n", []got{
			value("{\"a\":{}\n,\"b\":[\n{},\n{}]}", 0, 1), value("{}", 24, 5),
		}},
		{"an array of values", "[\n  {\"a\":1},\n  {\"b\":2}\n]\n", []got{value(`{"a":1}`, 4, 2), value(`{"b":2}`, 15, 3)}},
		{"marks", "\xef\xbb\xbf{\"a\":1}\n\xef\xbb\xbf{\"b\":2}\n\x1e{\"c\":3}\n", []got{
			value(`{"a":1}`, 3, 1), value(`{"b":2}`, 14, 2), value(`{"c":3}`, 23, 3),
		}},
		{"text", "Starting.\nReady\n{\"a\":1}\nbye\n\n\nreally\n{\"b\":2}\n", []got{
			{"Starting.\nReady", 0, 1, ReasonText},
			value(`{"a":1}`, 16, 3),
			{"bye\n\n\nreally", 24, 4, ReasonText},
			value(`{"b":2}`, 37, 8),
		}},
		{"text behind a value", "{\"a\":1} oops\n{\"b\":2}", []got{
			value(`{"a":1}`, 0, 1), {"oops", 8, 1, ReasonText}, value(`{"b":2}`, 13, 2),
		}},
		{"a log prefix", "2026-03-01 10:00:00 eslogger[7] {\"a\":{\"b\":1}}\n{\"b\":2}\n", []got{
			{"2026-03-01 10:00:00 eslogger[7]", 0, 1, ReasonText}, value(`{"a":{"b":1}}`, 32, 1), value(`{"b":2}`, 46, 2),
		}},
		{"NUL bytes", "{\"a\":1}\n\x00\x00\x00{\"b\":2}\n\x00\x00\n", []got{
			value(`{"a":1}`, 0, 1), {"\x00\x00\x00", 8, 2, ReasonNUL}, value(`{"b":2}`, 11, 2), {"\x00\x00", 19, 3, ReasonNUL},
		}},
		{"truncated before a line", "{\"a\":1,\"b\n{\"c\":2}\n{\"d\":3}\n", []got{
			{`{"a":1,"b`, 0, 1, ReasonBroken}, value(`{"c":2}`, 10, 2), value(`{"d":3}`, 18, 3),
		}},
		{"truncated where a value may follow", "{\"a\":\n{\"c\":2}\n{\"d\":3}\n", []got{
			{`{"a":`, 0, 1, ReasonBroken}, value(`{"c":2}`, 6, 2), value(`{"d":3}`, 14, 3),
		}},
		{"truncated and appended to", "{\"p\":\"/Users/al{\"c\":2}\n{\"d\":3}\n", []got{
			{`{"p":"/Users/al`, 0, 1, ReasonBroken}, value(`{"c":2}`, 15, 1), value(`{"d":3}`, 23, 2),
		}},
		{"truncated pretty", "{\n \"a\": {\n  \"c\": {\"x\": 1}\n{\n \"a\": 2\n}\n", []got{
			{"{\n \"a\": {\n  \"c\": {\"x\": 1}", 0, 1, ReasonBroken}, value("{\n \"a\": 2\n}", 26, 4),
		}},
		{"cut at the end", "{\"a\":1}\n{\"b\":", []got{value(`{"a":1}`, 0, 1), {`{"b":`, 8, 2, ReasonCut}}},
		{"the tail of a value", "\"x\":1}}\n{\"a\":1}\n", []got{{`"x":1}}`, 0, 1, ReasonText}, value(`{"a":1}`, 8, 2)}},
		{"broken lines are one piece each", "{\"a\" 1}\n{\"b\" 2}\n{\"c\":3}\n", []got{
			{`{"a" 1}`, 0, 1, ReasonBroken}, {`{"b" 2}`, 8, 2, ReasonBroken}, value(`{"c":3}`, 16, 3),
		}},
		{"too deep", `{"a":` + strings.Repeat("[", 10001) + "\n{}\n", []got{
			{`{"a":` + strings.Repeat("[", 10001), 0, 1, ReasonBroken}, value("{}", 10007, 2),
		}},
	} {
		for _, size := range []int{1, 2, 3, 5, 1 << 20} {
			if diff := cmp.Diff(c.want, split(t, chunks{strings.NewReader(c.in), size}, 0, 64)); diff != "" {
				t.Errorf("%s, %d bytes at a time: (-want +got)\n%s", c.name, size, diff)
			}
		}
	}
}

func TestSplitLimit(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", 300_000) + `"}`
	in := "{}\n" + long + "\n{\"b\":1}\n{\n\"a\": [1,\n" + strings.Repeat("{},\n", 60_000) + "2]\n}\n{\"c\":1}\n" + long[:200_000]
	var names []string
	for _, size := range []int{1000, 1 << 20} {
		var b Block
		s := NewSplitter(chunks{strings.NewReader(in), size}, 100_000, 4096)
		names = names[:0]
		for {
			err := s.Fill(&b)
			if err == io.EOF {
				break
			}
			if b.Size() > 300_000 {
				t.Fatalf("a block of %d bytes for a limit of 100,000", b.Size())
			}
			for _, p := range b.Pieces {
				if p.More {
					continue
				}
				name := string(p.Raw)
				if p.Unreadable() {
					name = p.Reason
				}
				names = append(names, fmt.Sprint(p.Line, " ", name))
			}
		}
		want := []string{
			"1 {}", "2 a JSON value of more than 100000 bytes", `3 {"b":1}`,
			"", `60008 {"c":1}`, "60009 a JSON value of more than 100000 bytes",
		}
		// The line of an overlong value is that of its last part.
		if len(names) == len(want) {
			want[3] = names[3]
		}
		if diff := cmp.Diff(want, names); diff != "" || !strings.HasSuffix(names[3], want[1][2:]) {
			t.Errorf("%d bytes at a time: (-want +got)\n%s", size, diff)
		}
	}
}

func TestSplitLongJunk(t *testing.T) {
	junk := strings.Repeat("\x00", 3<<20) + strings.Repeat("no value here\n", 10_000)
	want := []got{{"{}", 0, 1, ""}, {strings.TrimRight(junk, "\n"), 3, 2, ReasonNUL}, {"{}", 3 + int64(len(junk)), 10_002, ""}}
	for _, size := range []int{999, 1 << 20} {
		if diff := cmp.Diff(want, split(t, chunks{strings.NewReader("{}\n" + junk + "{}\n"), size}, 0, 0)); diff != "" {
			t.Errorf("%d bytes at a time: (-want +got)\n%.300s", size, diff)
		}
	}
}

func TestSplitDoesNotHoldBack(t *testing.T) {
	// A live stream: each value must come before the next one is read.
	r, w := io.Pipe()
	s := NewSplitter(r, 0, 0)
	var b Block
	for i := range 5 {
		go fmt.Fprintf(w, "{\"a\":%d}\n", i)
		if err := s.Fill(&b); err != nil || len(b.Pieces) != 1 {
			t.Fatalf("fill: %v, %d pieces", err, len(b.Pieces))
		}
	}
}

func TestSplitReadError(t *testing.T) {
	bad := errors.New("the disk is on fire")
	s := NewSplitter(io.MultiReader(strings.NewReader("{}\n{\"a\":"), iotest.ErrReader(bad)), 0, 0)
	var b Block
	var text []string
	for {
		if err := s.Fill(&b); err != nil {
			if err != bad {
				t.Fatalf("got %v", err)
			}
			break
		}
		for _, p := range b.Pieces {
			text = append(text, string(p.Raw)+p.Reason)
		}
	}
	if diff := cmp.Diff([]string{"{}", `{"a":` + ReasonCut}, text); diff != "" {
		t.Error(diff)
	}
	if err := NewSplitter(idle{}, 0, 0).Fill(&b); err != io.ErrNoProgress {
		t.Errorf("a source that never returns anything: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestSplitHostile: text made to be tried again and again costs work in proportion to its length.
func TestSplitHostile(t *testing.T) {
	for _, in := range []string{
		strings.Repeat("{\"a\":[\n{},\n", 9000) + strings.Repeat("{},\n", 1<<20) + "!",
		strings.Repeat("{\"a\":\n", 1<<19),
		strings.Repeat("{\"", 1<<20) + "}",
		strings.Repeat("x {\"a\":{\"", 1<<17) + "}\n{}\n",
		strings.Repeat("{", 1<<22),
		strings.Repeat("\x00{\"a\":[", 1<<19),
	} {
		s := NewSplitter(strings.NewReader(in), 0, 0)
		var b Block
		for s.Fill(&b) == nil {
			for _, p := range b.Pieces {
				Divide(p)
			}
		}
		if s.vain > 9*int64(len(in))+8<<20 {
			t.Errorf("%.20q…: %d bytes walked in vain for %d", in, s.vain, len(in))
		}
	}
}

// object draws a JSON object, compact or pretty.
func object(t *rapid.T) string {
	var draw func(depth int) any
	draw = func(depth int) any {
		kinds := 5
		if depth > 3 {
			kinds = 3
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.StringOf(rapid.RuneFrom([]rune("ab\"\\{}[],:\n\t é\U0001F600"))).Draw(t, "string")
		case 1:
			return rapid.Int64().Draw(t, "number")
		case 2:
			return nil
		case 3:
			var l []any
			for range rapid.IntRange(0, 3).Draw(t, "length") {
				l = append(l, draw(depth+1))
			}
			return l
		default:
			m := map[string]any{}
			for range rapid.IntRange(0, 3).Draw(t, "keys") {
				m[rapid.StringOf(rapid.RuneFrom([]rune("ab\"\\{}"))).Draw(t, "key")] = draw(depth + 1)
			}
			return m
		}
	}
	m := map[string]any{}
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		m[rapid.StringMatching(`[a-c{}"]{0,4}`).Draw(t, "key")] = draw(0)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	switch rapid.IntRange(0, 2).Draw(t, "layout") {
	case 1:
		var b bytes.Buffer
		_ = json.Indent(&b, text, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		return b.String()
	default:
		return string(text)
	}
}

func TestSplitProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var (
			in   strings.Builder
			want []got
		)
		add := func(text, reason string) {
			want = append(want, got{text, int64(in.Len()), 1 + int64(strings.Count(in.String(), "\n")), reason})
			in.WriteString(text)
		}
		space := rapid.SampledFrom([]string{"\n", "\r\n", "\n\n", " \n\t\n"})
		for range rapid.IntRange(0, 8).Draw(t, "pieces") {
			switch rapid.IntRange(0, 5).Draw(t, "piece") {
			case 0: // text, one piece a run
				text := rapid.SampledFrom([]string{"text", "a } b", "10:00 ready {", "{}} x", "\x00\x00x", "-", "é\nü {\n é"}).Draw(t, "text")
				if strings.HasPrefix(text, "{}") {
					add("{}", "")
					text = text[2:]
				}
				add(text, ReasonText)
				in.WriteString("\n")
				if n := len(want); n > 1 && want[n-2].Reason != "" {
					want[n-2].Text = in.String()[want[n-2].Offset : in.Len()-1]
					want = want[:n-1]
				}
			case 1:
				add(object(t), "")
				in.WriteString(rapid.SampledFrom([]string{"", " ", ",", "\x1e", "\xef\xbb\xbf"}).Draw(t, "separator"))
				add(object(t), "")
				in.WriteString(space.Draw(t, "space"))
			case 2: // cut inside a string, before the next line
				add(`{"a":{"b":"cut`, ReasonBroken)
				in.WriteString("\n")
				add(object(t), "")
				in.WriteString(space.Draw(t, "space"))
			default:
				add(object(t), "")
				in.WriteString(space.Draw(t, "space"))
			}
		}
		size := rapid.IntRange(1, 200).Draw(t, "chunk")
		block := rapid.IntRange(1, 300).Draw(t, "block")
		if diff := cmp.Diff(want, split(t, chunks{strings.NewReader(in.String()), size}, 0, block)); diff != "" {
			t.Fatalf("%q, (-want +got)\n%s", in.String(), diff)
		}
	})
}

// FuzzSplitValid: on valid input the pieces are what encoding/json's stream decoder finds.
func FuzzSplitValid(f *testing.F) {
	f.Add([]byte("{\"a\":1}\n{\"b\":[{},\n{}]}\n"), 7)
	f.Add([]byte(`{"a":"\u0022}{"}{}`), 1)
	f.Add([]byte("{\"a\":{}\n}\n{\"b\":-1.5e+3, \"c\":true}"), 3)
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		var want []string
		d := json.NewDecoder(bytes.NewReader(in))
		for {
			var raw json.RawMessage
			err := d.Decode(&raw)
			if err == io.EOF {
				break
			}
			if err != nil || raw[0] != '{' {
				return
			}
			want = append(want, string(raw))
		}
		for _, size := range []int{max(1, size&0xff), 1 << 20} {
			var got []string
			for _, p := range split(t, chunks{bytes.NewReader(in), size}, 0, 0) {
				got = append(got, p.Text+p.Reason)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%d bytes at a time: (-want +got)\n%s", size, diff)
			}
		}
	})
}

// FuzzSplit: any bytes give the same pieces however they arrive, and all but separators is in a piece.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("{\"a\":1 {\"b\":2}\n{}\nx {\"c\":3}\n\x00{\"d\":\n{}"), 3, 1)
	f.Add([]byte("[{},\n{\"a\":[}\n{}]\n\xef\xbb{}"), 1, 9)
	f.Fuzz(func(t *testing.T, in []byte, size, block int) {
		want := split(t, bytes.NewReader(in), 500, 1<<16)
		at := 0
		for _, p := range want {
			for _, c := range in[at:p.Offset] {
				if !strings.ContainsRune(" \t\r\n\x1e[],", rune(c)) && bytes.IndexByte(mark, c) < 0 {
					t.Fatalf("%q before offset %d is in no piece", c, p.Offset)
				}
			}
			if string(in[p.Offset:int(p.Offset)+len(p.Text)]) != p.Text {
				t.Fatalf("piece at %d is %q", p.Offset, p.Text)
			}
			if line := int64(bytes.Count(in[:p.Offset], newline)) + 1; line != p.Line {
				t.Fatalf("piece at %d is told at line %d, is at %d", p.Offset, p.Line, line)
			}
			at = int(p.Offset) + len(p.Text)
		}
		got := split(t, chunks{bytes.NewReader(in), max(1, size&0xff)}, 500, max(1, block&0xfff))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%d bytes at a time: (-at once +got)\n%s", size&0xff, diff)
		}
	})
}

// line is a compact line of an ordinary length.
var benchLine = `{"event":{"open":{"file":{"path":"\/Users\/alice\/Documents\/report.pdf"` + strings.Repeat(`,"st_size":90210,"x":{"y":"\/z"}`, 70) + "}}}}\n"

func BenchmarkSplit(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"compact", strings.Repeat(benchLine, 10_000)},
		{"pretty", strings.Repeat(pretty(benchLine), 2_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			var block Block
			for b.Loop() {
				s := NewSplitter(strings.NewReader(c.text), 0, 0)
				n := 0
				for s.Fill(&block) == nil {
					n += len(block.Pieces)
				}
				if n != 10_000 && n != 2_000 {
					b.Fatalf("%d values", n)
				}
			}
		})
	}
}

func pretty(line string) string {
	var out bytes.Buffer
	_ = json.Indent(&out, []byte(line), "", "  ")
	return out.String()
}
