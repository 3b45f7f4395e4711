package recording

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"ascribe.example/es"
	"ascribe.example/es/eslogger"
	"ascribe.example/es/redact"
)

const page = "../../docs/recording.md"

// TestPageExample: the example of the page is a recording, and its control lines are as they are written here.
func TestPageExample(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	kinds := map[Kind]int{}
	messages := uint64(0)
	d := eslogger.NewDecoder()
	for _, line := range strings.Split(strings.TrimSpace(example), "\n") {
		if !IsControl([]byte(line)) {
			var m es.Message
			if err := d.Decode([]byte(line), &m); err != nil || m.Version != 9 || m.GlobalSeqNum == es.NoSeq {
				t.Errorf("%.100s: %v", line, err)
			}
			messages++
			continue
		}
		if err := validate([]byte(line)); err != nil {
			t.Errorf("%.100s: %v", line, err)
		}
		c, err := ParseControl([]byte(line))
		if err != nil {
			t.Fatalf("%.100s: %v", line, err)
		}
		kinds[c.Kind]++
		var again []byte
		switch c.Kind {
		case KindBegin:
			again = AppendBegin(nil, c.Header)
		case KindSnapshot:
			again = AppendSnapshot(nil, c.Snapshot)
		case KindWatermark:
			again = AppendWatermark(nil, c.Watermark)
		case KindGap:
			again = AppendGap(nil, c.Gap)
		case KindFact:
			again = AppendFact(nil, c.Fact)
		case KindEnd:
			again = AppendEnd(nil, c.End)
			if c.End.Messages != messages {
				t.Errorf("the end line counts %d messages of %d", c.End.Messages, messages)
			}
		}
		if string(again) != line {
			t.Errorf("written here it is\n%s\nthe page has\n%s", again, line)
		}
	}
	if len(kinds) != 6 {
		t.Errorf("the example has %v", kinds)
	}
	if !bytes.Contains(text, []byte(fmt.Sprintf("here %d MiB", DefaultLimit>>20))) {
		t.Error("the page has another limit")
	}
}

// TestPageRedaction: the page holds the published list. UPDATE=1 writes it.
func TestPageRedaction(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "<!-- redaction list: begin -->\n", "<!-- redaction list: end -->"
	before, rest, _ := strings.Cut(string(text), from)
	have, after, ok := strings.Cut(rest, to)
	if !ok {
		t.Fatal("the page has no place for the list")
	}
	want := "| rule | finds | words |\n|---|---|---|\n"
	for _, r := range redact.List() {
		words := make([]string, 0, len(r.Words))
		for _, w := range r.Words {
			words = append(words, "`"+w+"`")
		}
		want += fmt.Sprintf("| %s | %s | %s |\n", r.Name, r.Finds, strings.Join(words, ", "))
	}
	if have == want {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatal("the page's list is another: run the test with UPDATE=1 and read the difference")
	}
	if err := os.WriteFile(page, []byte(before+from+want+to+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
